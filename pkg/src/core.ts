/** Everything of `edge-cashier` but the WebAssembly: what its entries share. */
export { init, initSync, type WasmSource } from "./engine.js";
export { EdgeCashierError, GatewayError, ValidationError, WebhookVerificationError } from "./errors.js";
export type { ErrorClass, ErrorCode, GatewayErrorFacts, Violation, WebhookErrorCode } from "./errors.js";
export { Gateway } from "./gateway.js";
/** For the command line. @internal */
export { operationNames, requestOfText } from "./gateway.js";
export type { CallOptions, GatewayOptions, Routes, TransactionsOptions } from "./gateway-types.js";
export { Webhook } from "./explaining.js";
export { canonicalize } from "./webhook-class.js";
export { version } from "./version.js";
export type * from "./types.js";
export type * from "./webhook-types.js";
