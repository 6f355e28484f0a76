import url from "edge-cashier/core.wasm?url";
import { init, Webhook, WebhookVerificationError } from "edge-cashier/slim";
import { body, password, signature } from "./checks.mjs";

// The module is fetched as a file and compiled while it arrives, in place of being inside the JavaScript.
async function run() {
  let early;
  try {
    early = new Webhook(password);
  } catch (error) {
    early = error.code;
  }
  await init(url);
  const webhook = new Webhook(password);
  let refused;
  try {
    webhook.verify(body.replace("200.00", "900.00"), signature);
  } catch (error) {
    refused = error instanceof WebhookVerificationError && error.code;
  }
  return { early, verified: webhook.verify(body, signature).amount, refused };
}

run().then((result) => {
  globalThis.checks = result;
});
