/** `Webhook` of the full package: the same, and `explain`, which the small module of `edge-cashier/webhook` leaves out. */
import { readSignature } from "./body.js";
import * as wasm from "#wasm";
import { askAbout, Webhook as Verifying } from "./webhook-class.js";
import type { Explanation, WebhookBody, WebhookSignature } from "./webhook-types.js";

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
   */
  explain(body: WebhookBody, signature: WebhookSignature): Explanation {
    const digits = readSignature(signature) ?? "";
    return JSON.parse(
      askAbout(this, body, (number, length) => wasm.explain(number, length, digits, Date.now())),
    ) as Explanation;
  }
}
