/**
 * What goes to the gateway and comes from it, as the core's structs define it: `core-types.d.ts` is generated from them. Names of fields are the gateway's own,
 * in its snake_case, so that its reference and your code read the same. Enumerations are open: the known values complete in an editor, any other string is
 * carried through unchanged.
 */
import type * as Core from "./core-types.js";

export type {
  Amount,
  CardDetails,
  CardPaymentFields,
  Customer,
  DepositCustomer,
  JsonObject,
  JsonValue,
  KycStatus,
  Mode,
  Payment as PaymentFields,
  Phone,
  Theme,
  Transaction,
  TransactionStatus,
  TransactionType,
  HostedDeposit as HostedDepositRequest,
  HostedWithdrawal as HostedWithdrawalRequest,
  DirectPayment as DirectPaymentRequest,
  CardPayment as CardPaymentRequest,
  RejectPayout as RejectPayoutRequest,
  ApprovePayout as ApprovePayoutRequest,
  TransactionStatusQuery as TransactionStatusRequest,
  ListTransactions as ListTransactionsRequest,
  DirectReply as DirectPaymentReply,
  CardReply as CardPaymentReply,
  RejectReply as RejectPayoutReply,
  ApproveReply as ApprovePayoutReply,
  StatusReply as TransactionStatusReply,
} from "./core-types.js";

/** The gateway opened a cashier. */
export interface HostedReply extends Core.HostedReply {
  /** Where to send the user: your `cashierUrl` with the token in it. Absent when no `cashierUrl` was configured. */
  cashier_url?: string;
}

/** The eight operations and what each takes. */
export interface OperationRequests {
  hosted_deposit: Core.HostedDeposit;
  hosted_withdrawal: Core.HostedWithdrawal;
  direct_payment: Core.DirectPayment;
  card_payment: Core.CardPayment;
  reject_payout: Core.RejectPayout;
  approve_payout: Core.ApprovePayout;
  transaction_status: Core.TransactionStatusQuery;
  list_transactions: Core.ListTransactions;
}

/** The eight operations and what each gives. */
export interface OperationReplies {
  hosted_deposit: HostedReply;
  hosted_withdrawal: HostedReply;
  direct_payment: Core.DirectReply;
  card_payment: Core.CardReply;
  reject_payout: Core.RejectReply;
  approve_payout: Core.ApproveReply;
  transaction_status: Core.StatusReply;
  list_transactions: Core.Transaction[];
}

/** The name of an operation. */
export type OperationName = keyof OperationRequests;

/** A request as it would be sent. */
export interface BuiltRequest {
  method: string;
  url: string;
  /** Names in lower case. Holds your API key: do not log it. */
  headers: Record<string, string>;
  /** The body's exact text; `null` for a request without one, so that the whole can be given to `fetch(url, request)`. */
  body: string | null;
}
