/**
 * What goes to the gateway and comes from it. Names are the gateway's own, in its snake_case, so that its reference and your code read the same.
 * Enumerations are open: the known values complete in an editor, any other string is carried through unchanged.
 */

/** Any value that JSON can hold. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [name: string]: JsonValue };

/** Any object that JSON can hold. */
export interface JsonObject {
  [name: string]: JsonValue;
}

/**
 * An amount: a number (`10.05`) or, better where it comes from a calculation, a decimal string (`"10.05"`). It is written to the wire digit for digit.
 * More decimals than the currency has (JPY 0, EUR 2, KWD 3) are refused before anything is sent.
 */
export type Amount = number | string;

/** `test` runs against the gateway's simulator; other values as the merchant portal names them. */
export type Mode = "test" | (string & {});

/** Look of the hosted cashier. */
export type Theme = "dark" | (string & {});

/** How far the user's identity was checked. */
export type KycStatus = "passed" | (string & {});

/** State of a transaction; `successful` and `rejected` are final. */
export type TransactionStatus = "pending" | "successful" | "rejected" | (string & {});

/** Direction of a transaction. */
export type TransactionType = "deposit" | "withdrawal" | (string & {});

/** A telephone number in its parts. */
export interface Phone {
  /** ISO 3166 country code, for example `GB`. */
  country?: string;
  /** The national number, without its prefix and without leading zeros. */
  number: number;
  /** The international prefix without `+`, for example 44. Either this or `country` is needed. */
  prefix?: number;
}

/** Who pays or is paid. */
export interface Customer {
  first_name?: string;
  last_name?: string;
  kyc_status?: KycStatus;
  email?: string;
  zip_code?: string;
  address?: string;
  city?: string;
  /** Date of birth as `DD/MM/YYYY`, day first. */
  dob?: string;
  /** ISO 3166-1 alpha-2 country code, for example `GB`. */
  country_code?: string;
  phone?: Phone;
  /** Fields that the reference does not know; they are merged into the customer as they stand. */
  extra?: JsonObject;
}

/** A customer who deposits. */
export interface DepositCustomer extends Customer {
  /** The most that this user may deposit, in the request's currency. */
  max_deposit_limit?: Amount;
}

/** What the four payment requests share. */
export interface PaymentFields {
  mode?: Mode;
  /** Free settings of the gateway. */
  settings?: JsonObject;
  /** The user's id in your system. */
  user_id: string;
  /** The payment's id in your system, new for each payment, for example a UUID. Webhooks carry it back. */
  tracking_id: string;
  /** The user's IP address. */
  ip?: string;
  amount: Amount;
  /** ISO 4217 code, for example `EUR`. */
  currency: string;
  /** Fields that the reference does not know; they are merged into the request as they stand. */
  extra?: JsonObject;
}

/** Opens the hosted cashier for a deposit. */
export interface HostedDepositRequest extends PaymentFields {
  theme?: Theme;
  /** `true` locks the amount in the cashier. */
  amount_restricted?: boolean;
  customer?: DepositCustomer;
}

/** Opens the hosted cashier for a payout. */
export interface HostedWithdrawalRequest extends PaymentFields {
  theme?: Theme;
  customer?: Customer;
}

/** Sends the user straight to one provider. */
export interface DirectPaymentRequest extends PaymentFields {
  /** The provider's id: merchant portal, Settings, Providers. */
  provider_id: number;
  customer?: DepositCustomer;
}

/** The payment part of a server-to-server card payment. */
export interface CardPaymentFields extends PaymentFields {
  /** The routing's id as the merchant portal shows it. Without one the gateway chooses. */
  routing_id?: number;
  customer?: DepositCustomer;
}

/** A card. It appears in no error, log or `toString` of this package. */
export interface CardDetails {
  holder_name: string;
  card_number: string;
  cvc: string;
  /** Two digits, for example `05`. */
  exp_month: string;
  /** Four digits. */
  exp_year: string;
}

/** A server-to-server card payment. Your servers see the card, so you must be PCI certified. */
export interface CardPaymentRequest {
  request: CardPaymentFields;
  card_details: CardDetails;
}

/** Rejects a pending payout. */
export interface RejectPayoutRequest {
  /** The **gateway's** transaction id, as the webhook gave it. */
  transaction_id: string;
  /** Fields that the reference does not know; they are merged into the body as they stand. */
  extra?: JsonObject;
}

/** Approves a pending payout. */
export interface ApprovePayoutRequest {
  /** The transaction's id in **your** system: the tracking id. */
  transaction_id: string;
  /** Fields that the reference does not know; they are merged into the body as they stand. */
  extra?: JsonObject;
}

/** Which transaction to look up; what `transactionStatus` puts together from its argument. */
export interface TransactionStatusRequest {
  /** The transaction's id in **your** system: the tracking id. */
  id: string;
}

/** Which days to list, both inclusive; today when left out. */
export interface ListTransactionsRequest {
  /** First day as `DD-MM-YYYY`. */
  from?: string;
  /** Last day as `DD-MM-YYYY`. */
  to?: string;
}

/**
 * What every reply may have beyond the reference. A field that may be absent and comes in another type than the reference shows is passed on as it came: the
 * gateway may change, and a payment that went through is no error.
 */
export interface Reply {
  /** Fields of the answer that the reference does not know, unchanged. Absent when there are none. */
  extra?: JsonObject;
}

/** The hosted cashier is open. */
export interface HostedReply extends Reply {
  /** The cashier session's token. */
  token: string;
  /** Where to send the user: your `cashierUrl` with the token in it. Absent when no `cashierUrl` was configured. */
  cashier_url?: string;
}

/** Where to send the user. The reference shows no reply, so every field may be absent. */
export interface DirectPaymentReply extends Reply {
  url?: string;
  token?: string;
  transaction_status?: TransactionStatus;
  error?: JsonValue;
}

/** What became of a card payment. */
export interface CardPaymentReply extends Reply {
  /** Not empty: redirect the user there for 3-D Secure. */
  url?: string;
  transaction_status: TransactionStatus;
  /** Comes with `rejected`. */
  error?: JsonValue;
}

/** The payout is rejected. */
export interface RejectPayoutReply extends Reply {}

/** The payout is approved. At least one of the two fields is there. */
export interface ApprovePayoutReply extends Reply {
  /** A sentence for people. */
  message?: string;
  /** `pending` until the provider has paid. */
  transaction_status?: TransactionStatus;
}

/** The latest state of one transaction. */
export interface TransactionStatusReply extends Reply {
  transaction_status: TransactionStatus;
  rejected_reason?: string;
}

/**
 * A row of the list of transactions. The id and the status are always there; the reference shows the others too. An amount is a number,
 * or a string of its digits where a JavaScript number would round them.
 */
export interface Transaction {
  transaction_id: string;
  gateway_transaction_id?: string;
  provider_transaction_id?: string;
  transaction_type?: TransactionType;
  /** `YYYY-MM-DD HH:MM:SS`, the gateway's clock. */
  transaction_date?: string;
  status: TransactionStatus;
  payment_provider?: string;
  customer_id?: number | string;
  amount?: Amount;
  currency?: string;
  user_amount?: Amount;
  user_currency?: string;
  fx_amount?: Amount;
  /** Fields that the reference does not know. Absent when there are none. */
  extra?: JsonObject;
}

/** The eight operations and what each takes. */
export interface OperationRequests {
  hosted_deposit: HostedDepositRequest;
  hosted_withdrawal: HostedWithdrawalRequest;
  direct_payment: DirectPaymentRequest;
  card_payment: CardPaymentRequest;
  reject_payout: RejectPayoutRequest;
  approve_payout: ApprovePayoutRequest;
  transaction_status: TransactionStatusRequest;
  list_transactions: ListTransactionsRequest;
}

/** The eight operations and what each gives. */
export interface OperationReplies {
  hosted_deposit: HostedReply;
  hosted_withdrawal: HostedReply;
  direct_payment: DirectPaymentReply;
  card_payment: CardPaymentReply;
  reject_payout: RejectPayoutReply;
  approve_payout: ApprovePayoutReply;
  transaction_status: TransactionStatusReply;
  list_transactions: Transaction[];
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
