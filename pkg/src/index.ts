/**
 * `edge-cashier` for Node, Deno, Bun, browsers and every bundler: the WebAssembly is inside this package's JavaScript and compiled at once, so there
 * is no file to find, no plugin to add and nothing to await.
 */
import { fromBase64 } from "./base64.js";
import { initSync } from "./core.js";
import base64 from "./core-inline.js";

initSync(fromBase64(base64));

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
