/** `Webhook` of the full package: the same, and `explain`, which `edge-cashier/webhook` leaves out. */
import { readBody, readSignature } from "./body.js";
import { enter, writeBody } from "./engine.js";
import type { Explanation, WebhookBody, WebhookPassword, WebhookSignature } from "./webhook-types.js";
import { copyOf, wasmWebhookOf, Webhook as Verifying } from "./webhook-class.js";

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
   * Explains why a webhook does not verify: it tries the usual mistakes, such as a body that was parsed and written again, white
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
    const digits = readSignature(signature);
    const [own] = copyOf([options], "options") as [{ candidates?: unknown } | undefined];
    if (own?.candidates !== undefined) own.candidates = copyOf(own.candidates, "candidates");
    return enter(() => wasmWebhookOf(this).explain(writeBody(given), digits, own));
  }
}
