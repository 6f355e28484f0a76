/** The gateway's operations: where each is found, and which may be sent twice. */
import { ValidationError } from "../errors.js";
import type { OperationName } from "../types.js";

interface Operation {
  /** Method and path, as they are until the merchant says otherwise: placeholders for what the merchant portal shows. */
  readonly route: string;
  /** Sending it again does nothing further: it only reads, or opens a cashier in which nobody has paid yet. */
  readonly repeatable: boolean;
  /** Its reply's token opens the hosted cashier. */
  readonly hosted: boolean;
}

export const OPERATIONS: Readonly<Record<OperationName, Operation>> = {
  hosted_deposit: { route: "POST /cashier/deposit", repeatable: true, hosted: true },
  hosted_withdrawal: { route: "POST /cashier/withdrawal", repeatable: true, hosted: true },
  direct_payment: { route: "POST /payments/direct", repeatable: false, hosted: false },
  card_payment: { route: "POST /payments/card", repeatable: false, hosted: false },
  reject_payout: { route: "POST /payouts/reject", repeatable: false, hosted: false },
  approve_payout: { route: "POST /payouts/approve", repeatable: false, hosted: false },
  transaction_status: { route: "GET /transactions/{id}", repeatable: true, hosted: false },
  list_transactions: { route: "GET /transactions", repeatable: true, hosted: false },
};

export const OPERATION_NAMES = Object.keys(OPERATIONS) as readonly OperationName[];

/** The operation of that name. @throws ValidationError */
export function operationOf(name: unknown): OperationName {
  const found = OPERATION_NAMES.find((operation) => operation === name);
  if (found !== undefined) return found;
  const [code, message] =
    typeof name === "string"
      ? ["unknown_operation", `not an operation of the gateway; give one of ${OPERATION_NAMES.join(", ")}`]
      : ["type", 'must be the name of an operation, for example "hosted_deposit"'];
  throw new ValidationError([{ path: "operation", code, message }]);
}
