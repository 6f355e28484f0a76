/** `edge-cashier/webhook` for Node, Deno, Bun, browsers and every bundler: verification alone, without the classes for the gateway. */
import { fromBase64 } from "./base64.js";
import { initSync } from "./webhook-core.js";
import base64 from "./webhook-inline.js";

initSync(fromBase64(base64));

export {
  canonicalize,
  EdgeCashierError,
  ValidationError,
  version,
  Webhook,
  WebhookVerificationError,
} from "./webhook-core.js";
export type {
  ErrorCode,
  JsonObject,
  JsonValue,
  TransactionStatus,
  TransactionType,
  Violation,
  WebhookErrorCode,
} from "./webhook-core.js";
export type * from "./webhook-types.js";
