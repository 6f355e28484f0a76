/** `edge-cashier` for Cloudflare Workers, which compile WebAssembly at deployment and refuse to compile bytes. */
import { initSync } from "./core.js";
import module from "./core_bg.wasm";

initSync(module);

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
