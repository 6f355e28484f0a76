/** `edge-cashier/webhook` for Cloudflare Workers. */
import { initSync } from "./webhook-core.js";
import module from "./webhook_bg.wasm";

initSync(module);

export {
  canonicalize,
  EdgeCashierError,
  ValidationError,
  version,
  Webhook,
  WebhookVerificationError,
} from "./webhook-core.js";
