/** What the core throws, as instances of this package's error classes. The core decides about code and message; here they only get their class. */
import {
  EdgeCashierError,
  GatewayError,
  ValidationError,
  WebhookVerificationError,
  type GatewayErrorFacts,
  type Violation,
} from "./errors.js";

/** The plain objects of `src/js/error.rs`. */
type Thrown =
  | { readonly kind: "validation"; readonly violations: readonly Violation[]; readonly cause?: unknown }
  | ({ readonly kind: "gateway"; readonly cause?: unknown } & GatewayErrorFacts)
  | { readonly kind: "verification"; readonly code: string; readonly message: string };

/** Makes the error that the core means; `undefined` for anything that it does not throw on purpose. */
export function errorOf(thrown: unknown): EdgeCashierError | undefined {
  if (typeof thrown !== "object" || thrown === null || !Object.hasOwn(thrown, "kind")) return undefined;
  const known = thrown as Thrown;
  switch (known.kind) {
    case "validation":
      return new ValidationError(known.violations, causeOf(known));
    case "gateway":
      return new GatewayError(known, causeOf(known));
    case "verification":
      return new WebhookVerificationError(known.code, known.message);
  }
}

/** Returns what JavaScript code threw, if it did: one of the object's own, not of a prototype that another program has changed. */
function causeOf(thrown: { readonly cause?: unknown }): { cause?: unknown } {
  return Object.hasOwn(thrown, "cause") ? { cause: thrown.cause } : {};
}
