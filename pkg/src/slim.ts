/**
 * `edge-cashier/slim`: the same without the WebAssembly, for those who stream it from a URL of their own. Load `edge-cashier/core.wasm` first:
 *
 * ```ts
 * import { init, Webhook } from "edge-cashier/slim";
 * import url from "edge-cashier/core.wasm?url";
 * await init(url);
 * ```
 */
export {
  init,
  initSync,
  canonicalize,
  EdgeCashierError,
  Gateway,
  GatewayError,
  ValidationError,
  version,
  Webhook,
  WebhookVerificationError,
} from "./core.js";
export type { WasmSource } from "./core.js";
export type {
  CallOptions,
  ErrorClass,
  ErrorCode,
  GatewayErrorFacts,
  GatewayOptions,
  Routes,
  TransactionsOptions,
  Violation,
  WebhookErrorCode,
} from "./core.js";
export type * from "./types.js";
export type * from "./webhook-types.js";
