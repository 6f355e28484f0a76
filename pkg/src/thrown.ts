/** What the core throws, as instances of this package's error classes. The core decides about code and message; here they only get their class. */
import { EdgeCashierError, ValidationError, WebhookVerificationError, type Violation } from "./errors.js";

/** The plain objects of `src/js/error.rs`. */
type Thrown =
  | { readonly kind: "validation"; readonly violations: readonly Violation[] }
  | { readonly kind: "verification"; readonly code: string; readonly message: string };

/** The error that the core means; `undefined` for anything that it does not throw on purpose. */
export function errorOf(thrown: unknown): EdgeCashierError | undefined {
  if (typeof thrown !== "object" || thrown === null || !Object.hasOwn(thrown, "kind")) return undefined;
  const known = thrown as Thrown;
  switch (known.kind) {
    case "validation":
      return new ValidationError(known.violations);
    case "verification":
      return new WebhookVerificationError(known.code, known.message);
  }
}
