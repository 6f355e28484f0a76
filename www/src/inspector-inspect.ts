// What the core finds out about one webhook. Every word of a verdict, a hint or an error is the core's own.
import type { Explanation, Violation, WebhookEvent, WebhookVerificationError } from "edge-cashier";

/** The package, once its WebAssembly runs. */
export type Core = typeof import("edge-cashier");

export interface Given {
  /** Text, or the bytes of a file. */
  readonly body: string | Uint8Array;
  readonly signature: string;
  readonly password: string;
  /** The password of another environment; empty when there is none. */
  readonly candidate: string;
}

export interface Inspection {
  /** The text that is signed, or why there is none. */
  readonly canonical: string | WebhookVerificationError;
  /** What cannot be used; then there is no verdict. */
  readonly violations: readonly Violation[];
  readonly verdict?: Verdict;
}

export interface Verdict {
  readonly explanation: Explanation;
  /** The event, or what `verify` throws. */
  readonly event: WebhookEvent | WebhookVerificationError;
  /** The signature that the password gives; none when the body is not JSON. */
  readonly expected: string | undefined;
}

export function inspect(core: Core, given: Given): Inspection {
  const { body, signature, password, candidate } = given;
  const attempt = <T>(act: () => T): T | WebhookVerificationError => {
    try {
      return act();
    } catch (error) {
      if (error instanceof core.WebhookVerificationError) return error;
      throw error;
    }
  };
  const canonical = attempt(() => core.canonicalize(body));
  try {
    const webhook = new core.Webhook(password);
    const explanation = webhook.explain(body, signature, candidate === "" ? {} : { candidates: candidate });
    const event = attempt(() => webhook.verify(body, signature));
    const expected = attempt(() => webhook.sign(body));
    const verdict = { explanation, event, expected: typeof expected === "string" ? expected : undefined };
    return { canonical, violations: [], verdict };
  } catch (error) {
    if (error instanceof core.ValidationError) return { canonical, violations: error.violations };
    // A body that is not even looked at, such as one that is too large.
    if (!(error instanceof core.WebhookVerificationError)) throw error;
    const { code, message } = error;
    return { canonical, violations: [{ path: "body", code, message }] };
  }
}
