/** `edge-cashier/webhook` for Next.js' edge runtime. */
import { ownModule } from "./own-module.js";
import { initSync } from "./webhook-core.js";
import module from "./webhook_bg.wasm?module";

initSync(ownModule(module));

export {
  canonicalize,
  EdgeCashierError,
  ValidationError,
  version,
  Webhook,
  WebhookVerificationError,
} from "./webhook-core.js";
