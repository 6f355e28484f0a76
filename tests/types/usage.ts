// The types as a user meets them. Compiled, never run: a line that should be refused carries @ts-expect-error, so accepting it is the failure.
import {
  type BuiltRequest,
  type canonicalize,
  EdgeCashierError,
  type ExplanationVerdict,
  Gateway,
  GatewayError,
  type HostedDepositRequest,
  type Transaction,
  type TransactionStatus,
  ValidationError,
  type Violation,
  type version,
  Webhook,
  type WebhookEvent,
  WebhookVerificationError,
} from "edge-cashier";
import type { init, Webhook as SlimWebhook } from "edge-cashier/slim";
import {
  WebhookVerificationError as SmallVerificationError,
  type Webhook as SmallWebhook,
} from "edge-cashier/webhook";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Fails to compile unless both types are one and the same; `any` is the same as nothing but itself. */
declare function same<A, B>(...proof: Equal<A, B> extends true ? [] : ["these types differ"]): void;

same<typeof version, string>();

// --- the gateway
const gateway = new Gateway({ apiKey: "key", baseUrl: "https://gateway.example.com" });
new Gateway({
  apiKey: "key",
  baseUrl: "https://gateway.example.com",
  cashierUrl: "https://cashier.example.com/{token}",
  timeoutMs: 1000,
  maxRetries: 0,
  userAgent: "shop/1",
});
// What an unset variable gives is refused when it runs, with a remedy.
declare const variable: string | undefined;
new Gateway({ apiKey: variable, baseUrl: variable, cashierUrl: variable, allowInsecure: true });
// The platform's fetch, and the least that one of your own needs.
new Gateway({ apiKey: "key", baseUrl: "https://gateway.example.com", fetch });
new Gateway({
  apiKey: "key",
  baseUrl: "https://gateway.example.com",
  fetch: async (url: string, { method, body, headers }) => ({
    status: [url, method, body, headers].length,
    headers: { get: () => null },
    text: async () => "{}",
  }),
});
new Gateway({
  apiKey: "key",
  baseUrl: "https://gateway.example.com",
  // @ts-expect-error an answer without a status
  fetch: async () => ({ headers: new Map() }),
});
// @ts-expect-error the base URL is published nowhere, so it has no default
new Gateway({ apiKey: "key" });
// @ts-expect-error a misspelled option
new Gateway({ apiKey: "key", baseUrl: "https://gateway.example.com", timeout: 1000 });
// @ts-expect-error a key is text
new Gateway({ apiKey: 42, baseUrl: "https://gateway.example.com" });

const deposit: HostedDepositRequest = {
  mode: "test",
  theme: "dark",
  user_id: "128",
  tracking_id: "order-1",
  amount: 10.05,
  currency: "EUR",
  amount_restricted: true,
  settings: { free: ["form", { of: null }] },
  customer: {
    first_name: "Ada",
    dob: "05/03/2000",
    phone: { country: "GB", number: 7700900000, prefix: 44 },
    max_deposit_limit: "500",
  },
  extra: { unknown_to_us: { yet: "sent" } },
};
// Open enumerations take any text, and still complete the known ones.
const open: HostedDepositRequest = {
  ...deposit,
  mode: "a mode of tomorrow",
  theme: "sepia",
  customer: { kyc_status: "half-way" },
};
const status: TransactionStatus = "a status of tomorrow";
// @ts-expect-error open, but still text
const notText: TransactionStatus = 7;

async function calls(signal: AbortSignal): Promise<void> {
  const opened = await gateway.hostedDeposit(deposit, { signal });
  same<typeof opened.token, string>();
  same<typeof opened.cashier_url, string | undefined>();
  await gateway.hostedDeposit({ ...deposit, amount: "10.05" });
  await gateway.hostedDeposit(deposit, { signal: undefined });
  // @ts-expect-error the signal belongs into an object
  await gateway.hostedDeposit(deposit, new AbortController().signal);
  // @ts-expect-error no option of a call
  await gateway.hostedDeposit(deposit, { timeoutMs: 5 });
  const { amount: _, ...withoutAmount } = deposit;
  // @ts-expect-error a payment has an amount
  await gateway.hostedDeposit(withoutAmount);
  // @ts-expect-error a misspelled field
  await gateway.hostedDeposit({ ...deposit, amuont: 1 });
  // @ts-expect-error an amount is a number or a decimal text
  await gateway.hostedDeposit({ ...deposit, amount: true });
  // @ts-expect-error an amount is no BigInt: it would be in which unit?
  await gateway.hostedDeposit({ ...deposit, amount: 10n });

  const payment = { user_id: "1", tracking_id: "2", amount: 1, currency: "EUR" };
  await gateway.hostedWithdrawal(payment);
  // @ts-expect-error the reference has no amount_restricted for a withdrawal
  await gateway.hostedWithdrawal({ ...payment, amount_restricted: true });
  // @ts-expect-error a direct payment names its provider
  await gateway.directPayment(payment);
  // @ts-expect-error the portal numbers providers, and a text is refused
  await gateway.directPayment({ ...payment, provider_id: "7" });
  // @ts-expect-error parts of a telephone number are numbers, as the reference has them
  await gateway.hostedWithdrawal({ ...payment, customer: { phone: { number: "7700900000", prefix: 44 } } });
  // @ts-expect-error a telephone number is one
  await gateway.hostedWithdrawal({ ...payment, customer: { phone: { prefix: 44 } } });
  // @ts-expect-error nothing further is sent of a telephone number
  await gateway.hostedWithdrawal({ ...payment, customer: { phone: { number: 1, extra: {} } } });
  const direct = await gateway.directPayment({ ...payment, provider_id: 7 });
  same<typeof direct.url, string | undefined>();
  const request = { ...payment, routing_id: 7 };
  const card_details = {
    holder_name: "A",
    card_number: "4111111111111111",
    cvc: "000",
    exp_month: "01",
    exp_year: "2030",
  };
  const card = await gateway.cardPayment({ request, card_details });
  same<typeof card.transaction_status, TransactionStatus>();
  // Without a routing the gateway chooses.
  await gateway.cardPayment({ request: payment, card_details });
  // @ts-expect-error a card is needed
  await gateway.cardPayment({ request });
  await gateway.rejectPayout({ transaction_id: "gateway's" });
  // @ts-expect-error the id is in an object: which of the two ids it is must be said
  await gateway.rejectPayout("gateway's");
  const approved = await gateway.approvePayout({ transaction_id: "ours" });
  // The gateway may leave out either.
  same<typeof approved.message, string | undefined>();
  same<typeof approved.transaction_status, TransactionStatus | undefined>();
  await gateway.approvePayout({ transaction_id: "ours", extra: { unknown_to_us: 1 } });
  const state = await gateway.transactionStatus("ours");
  same<typeof state.rejected_reason, string | undefined>();
  const rows = await gateway.listTransactions({ from: "01-01-2026", to: "05-01-2026" });
  same<typeof rows, Transaction[]>();
  // @ts-expect-error days are texts
  await gateway.listTransactions({ from: new Date() });
  for await (const row of gateway.transactions({ from: "01-01-2026", to: "05-03-2026" }))
    same<typeof row, Transaction>();
}

const built = gateway.request("hosted_deposit", deposit);
same<typeof built, BuiltRequest>();
same<typeof built.headers, Record<string, string>>();
// @ts-expect-error no such operation
gateway.request("hosted_refund", deposit);
// @ts-expect-error another operation's request
gateway.request("reject_payout", deposit);

// --- webhooks
const webhook = new Webhook("password");
new Webhook([
  { id: "2026", password: "new" },
  { id: "2025", password: "old", notAfter: new Date(0) },
]);
// What process.env gives may be undefined: it compiles, and is refused with its remedy when it runs.
declare const unset: string | undefined;
new Webhook(unset);
new Gateway({ apiKey: unset, baseUrl: unset, cashierUrl: unset, userAgent: unset });
new Webhook([{ id: "2026", password: unset }]);
// @ts-expect-error a password of a rotation has a name
new Webhook([{ password: "new" }]);
const event = webhook.verify("{}", "signature");
same<typeof event, WebhookEvent>();
same<typeof event.amount, string>();
same<typeof event.matched, "canonical" | "raw">();
same<typeof event.passwordId, string | undefined>();
webhook.verify(new Uint8Array(), new Headers());
webhook.verify(new ArrayBuffer(0), {
  "x-signature": "node's headers",
  host: undefined,
  "set-cookie": ["a", "b"],
});
webhook.verify("{}", new Headers().get("x-signature"));
webhook.verify("{}", new Request("http://localhost"));
webhook.verify("{}", new Map([["X-Signature", "signature"]]));
webhook.verify("{}", [["x-signature", "signature"]]);
webhook.verify("{}", { headers: { "x-signature": "signature" }, body: "" });
webhook.verify("{}", { req: { header: (name: string) => name } });
// @ts-expect-error headers that are not there yet
webhook.verify("{}", Promise.resolve(new Headers()));
// @ts-expect-error a parsed body has lost the spelling that was signed
webhook.verify({ transaction_id: "1" }, "signature");
// @ts-expect-error the signature is no option
webhook.verify("{}");
same<ReturnType<typeof webhook.sign>, string>();
const explanation = webhook.explain("{}", "signature");
same<typeof explanation.hint, string>();
// Open like every enumeration, and still complete the known ones.
same<Extract<typeof explanation.reason, "password_white_space">, "password_white_space">();
same<Extract<typeof explanation.verdict, ExplanationVerdict>, "verified" | "refused">();
same<ReturnType<typeof canonicalize>, string>();
same<ReturnType<SmallWebhook["verify"]>, WebhookEvent>();
same<ReturnType<SlimWebhook["verify"]>, WebhookEvent>();
same<ReturnType<typeof init>, Promise<void>>();

// --- errors
export function handle(error: unknown): string {
  if (error instanceof ValidationError) {
    same<typeof error.violations, readonly Violation[]>();
    return error.violations.map(({ path, code, message }) => `${path} ${code} ${message}`).join();
  }
  if (error instanceof GatewayError) {
    same<typeof error.status, number | undefined>();
    same<typeof error.retryable, boolean>();
    same<typeof error.body, string | undefined>();
    return error.supportReport();
  }
  if (error instanceof WebhookVerificationError || error instanceof SmallVerificationError) {
    switch (error.code) {
      case "signature_mismatch":
        return "not genuine";
      default:
        return error.code;
    }
  }
  // @ts-expect-error not narrowed: only some of them have violations
  if (error instanceof EdgeCashierError) return error.violations;
  if (error instanceof Error) return error.message;
  return "";
}

export { calls, notText, open, status };

// Errors can be extended and named like any other.
export class PaymentError extends GatewayError {
  override name = "PaymentError";
}
export function renamed(error: ValidationError): ValidationError {
  error.name = "Renamed";
  return error;
}
