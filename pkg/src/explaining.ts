/** `Webhook` of the full package: the same, and `explain`, which `edge-cashier/webhook` leaves out. */
import { readBody, readSignature } from "./body.js";
import { EdgeCashierError } from "./errors.js";
import { explain } from "./explain.js";
import type { Explanation, WebhookBody, WebhookPassword, WebhookSignature } from "./webhook-types.js";
import { canonicalize, passwordsOf, sha1, Webhook as Verifying } from "./webhook-class.js";

/**
 * Verifies webhooks of the gateway, and explains why one does not verify.
 *
 * ```ts
 * const webhook = new Webhook(process.env.WEBHOOK_PASSWORD);
 * const event = webhook.verify(await request.text(), request.headers);
 * ```
 */
export class Webhook extends Verifying {
  /**
   * Why a webhook does not verify, as far as it can be told: it tries the usual mistakes, such as a body that was parsed and written again, white
   * space around the password, or another algorithm. For development and tools; do not offer it to strangers.
   *
   * @param options `candidates`: the passwords of your other environments, named or one alone, to see whether one of them signed
   * @throws ValidationError when an argument is not what it must be
   */
  explain(
    body: WebhookBody,
    signature: WebhookSignature,
    options?: { candidates?: string | readonly WebhookPassword[] },
  ): Explanation {
    const given = readBody(body);
    const digits = readSignature(signature) ?? "";
    const candidates = options?.candidates;
    const others =
      candidates === undefined || candidates.length === 0 ? undefined : new Verifying(candidates);
    const bytes = typeof given === "string" ? new TextEncoder().encode(given) : given;
    const outcome = (digits: string): string => {
      try {
        return this.verify(bytes, digits).matched;
      } catch (error) {
        return codeOf(error);
      }
    };
    return explain({
      passwords: passwordsOf(this).map(({ password }) => password),
      candidates: others === undefined ? [] : passwordsOf(others),
      body: bytes,
      signature: digits,
      outcome: outcome(digits),
      verifies: (digits) => /^(canonical|raw|not_a_webhook)$/.test(outcome(digits)),
      canonicalize: (body) => {
        try {
          return canonicalize(body);
        } catch (error) {
          codeOf(error);
          return undefined;
        }
      },
      sha1,
    });
  }
}

/** The code of an error of this package; whatever else was thrown is thrown on. */
function codeOf(error: unknown): string {
  if (error instanceof EdgeCashierError && error.code !== "internal_error") return error.code;
  throw error;
}
