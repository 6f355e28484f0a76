/** What the reference does not know about a reply goes under `extra`, where it cannot be taken for a known field. */
import type { JsonObject, OperationName } from "./types.js";

const PAYMENT = ["url", "token", "transaction_status", "error"];
const KNOWN: Record<OperationName, readonly string[]> = {
  hosted_deposit: ["token", "cashier_url"],
  hosted_withdrawal: ["token", "cashier_url"],
  direct_payment: PAYMENT,
  card_payment: ["url", "transaction_status", "error"],
  reject_payout: [],
  approve_payout: ["message", "transaction_status"],
  transaction_status: ["transaction_status", "rejected_reason"],
  list_transactions: [
    "transaction_id",
    "gateway_transaction_id",
    "provider_transaction_id",
    "transaction_type",
    "transaction_date",
    "status",
    "payment_provider",
    "customer_id",
    "amount",
    "currency",
    "user_amount",
    "user_currency",
    "fx_amount",
  ],
};

/** The reply, or each row of it, with its unknown fields under `extra`. */
export function splitExtra(operation: OperationName, reply: unknown): unknown {
  const known = KNOWN[operation];
  return Array.isArray(reply)
    ? reply.map((row: JsonObject) => split(row, known))
    : split(reply as JsonObject, known);
}

export function split(fields: JsonObject, known: readonly string[]): JsonObject {
  const extra: JsonObject = {};
  const result: JsonObject = {};
  for (const [name, value] of Object.entries(fields)) {
    // `__proto__` as a plain assignment would set the prototype.
    Object.defineProperty(known.includes(name) ? result : extra, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  if (Object.keys(extra).length > 0) result["extra"] = extra;
  return result;
}
