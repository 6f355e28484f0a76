/** Everything of `edge-cashier/webhook` but the WebAssembly: what its entries share. */
export { init, initSync, type WasmSource } from "./engine.js";
export { EdgeCashierError, ValidationError, WebhookVerificationError } from "./errors.js";
export type { ErrorCode, Violation, WebhookErrorCode } from "./errors.js";
export { canonicalize, Webhook } from "./webhook-class.js";
export { version } from "./version.js";
export type { JsonObject, JsonValue, TransactionStatus, TransactionType } from "./types.js";
export type * from "./webhook-types.js";
