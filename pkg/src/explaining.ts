/** `Webhook` of the full package: the same, and `explain`, which the small module of `edge-cashier/webhook` leaves out. */
import { readSignature } from "./body.js";
import * as wasm from "#wasm";
import { askAbout, configured, nameAt, Webhook as Verifying } from "./webhook-class.js";
import type { Explanation, WebhookBody, WebhookPassword, WebhookSignature } from "./webhook-types.js";

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
    const digits = readSignature(signature) ?? "";
    const candidates = options?.candidates;
    const others =
      candidates === undefined || candidates.length === 0 ? undefined : new Verifying(candidates);
    const explanation = JSON.parse(
      askAbout(this, body, (number, length) =>
        // Told again at each try: the module keeps only the webhooks that were used last.
        wasm.explain(number, length, digits, Date.now(), others === undefined ? 0 : configured(others)),
      ),
    ) as Explanation;
    if (others === undefined || explanation.reason !== "password_of_another_environment") return explanation;
    const hint = explanation.hint.replace(/ It is the one named "(\d+)"\.$/, (_, place) => {
      const name = nameAt(others, Number(place));
      return name === undefined ? "" : ` It is the one named ${JSON.stringify(name)}.`;
    });
    return { ...explanation, hint };
  }
}
