/** `edge-cashier` for Next.js' edge runtime, where `?module` gives the compiled module. */
import { initSync } from "./core.js";
import { ownModule } from "./own-module.js";
import module from "./core_bg.wasm?module";

initSync(ownModule(module));

export {
  canonicalize,
  EdgeCashierError,
  Gateway,
  GatewayError,
  ValidationError,
  version,
  Webhook,
  WebhookVerificationError,
} from "./core.js";
