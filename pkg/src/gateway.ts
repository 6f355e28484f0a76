/** The class `Gateway`: requests are checked and written, sent, and their answers read. What each of that means stands in `gateway/`. */
import { EdgeCashierError, GatewayError, ValidationError, type GatewayErrorFacts } from "./errors.js";
import { disconnected, factsOf, refused, timedOut, waitBefore, type Failure } from "./gateway/failure.js";
import { readOptions, requestOf, withAddress, type Settings } from "./gateway/options.js";
import { replyIn, Unexpected } from "./gateway/replies.js";
import { idIn, operationOf, rootOf, violationsOf, wireOf } from "./gateway/requests.js";
import { windowsOf } from "./gateway/windows.js";
import { copy, type Json } from "./json.js";
import { plain } from "./plain.js";
import { isBrowserPage } from "./runtime.js";
import { Transport, type Answer, type Fetch } from "./transport.js";
import type * as Types from "./types.js";

/** Paths of the operations, as the merchant portal shows them: `/path`, or `METHOD /path`. */
export type Routes = { readonly [operation in Types.OperationName]?: string };

/** How to reach the gateway. */
export interface GatewayOptions {
  /** The API key: merchant portal, Settings, Credentials. Keep it on the server. */
  apiKey: string;
  /** The gateway's address, as the merchant portal shows it. HTTPS, but for this machine. */
  baseUrl: string;
  /** The hosted cashier's address with `{token}` where its token goes; replies then carry `cashier_url`. */
  cashierUrl?: string;
  /** Paths that differ from the defaults, which are placeholders for what the merchant portal shows. */
  routes?: Routes;
  /** Milliseconds for a whole call, all tries and reading the answer included. 30000 by default. */
  timeoutMs?: number;
  /** How often a call that may be sent twice is sent again after it failed. 2 by default; payments and payouts never are. */
  maxRetries?: number;
  /** Your program's name for the user agent, for example `my-shop/1.4`. */
  userAgent?: string;
  /** Stands in for the platform's `fetch`, for example one with a proxy; it is called with the URL and plain options. */
  fetch?: Fetch;
}

/** For a single call. */
export interface CallOptions {
  /** Aborts the call: waiting, sending and reading. */
  signal?: AbortSignal;
}

/** Which days to list, both inclusive and as far apart as you like. */
export interface TransactionsOptions extends CallOptions {
  /** First day as `DD-MM-YYYY`; the last day when left out. */
  from?: string;
  /** Last day as `DD-MM-YYYY`; today (UTC) when left out. */
  to?: string;
}

/**
 * The gateway's eight operations.
 *
 * ```ts
 * const gateway = new Gateway({ apiKey, baseUrl, cashierUrl: "https://cashier.example.com/?token={token}" });
 * const { cashier_url } = await gateway.hostedDeposit({ user_id: "128", tracking_id: crypto.randomUUID(), amount: "10.05", currency: "EUR" });
 * ```
 *
 * Every method rejects with {@link ValidationError} (nothing was sent) or {@link GatewayError}.
 */
export class Gateway {
  /** Holds the API key. */
  readonly #settings: Settings;

  /**
   * @throws ValidationError with everything that is wrong with the options
   * @throws EdgeCashierError `api_key_in_browser` in a page: whoever opens it could take the API key
   */
  constructor(options: GatewayOptions) {
    if (isBrowserPage()) {
      throw new EdgeCashierError(
        "api_key_in_browser",
        "a Gateway needs your API key, and a page in a browser shows it to everyone. Call the gateway from your server or Worker and let the page use edge-cashier/launcher.",
      );
    }
    this.#settings = readOptions(options);
  }

  /** Opens the hosted cashier for a deposit. */
  hostedDeposit(request: Types.HostedDepositRequest, options?: CallOptions): Promise<Types.HostedReply> {
    return this.#call("hosted_deposit", request, options);
  }

  /** Opens the hosted cashier for a payout. */
  hostedWithdrawal(
    request: Types.HostedWithdrawalRequest,
    options?: CallOptions,
  ): Promise<Types.HostedReply> {
    return this.#call("hosted_withdrawal", request, options);
  }

  /** Sends the user straight to one provider. It acts at once, so it is never sent twice. */
  directPayment(
    request: Types.DirectPaymentRequest,
    options?: CallOptions,
  ): Promise<Types.DirectPaymentReply> {
    return this.#call("direct_payment", request, options);
  }

  /**
   * Pays by card from your own form. Your servers see the card: you must be PCI certified. It acts at once, so it is never sent twice.
   * A reply with a `url` that is not empty asks for 3-D Secure: redirect the user there.
   */
  cardPayment(request: Types.CardPaymentRequest, options?: CallOptions): Promise<Types.CardPaymentReply> {
    return this.#call("card_payment", request, options);
  }

  /** Rejects a pending payout. It takes the **gateway's** id, as the webhook gave it. Never sent twice. */
  rejectPayout(request: Types.RejectPayoutRequest, options?: CallOptions): Promise<Types.RejectPayoutReply> {
    return this.#call("reject_payout", request, options);
  }

  /** Approves a pending payout. It takes the id in **your** system. Never sent twice: after a timeout read `transactionStatus`. */
  approvePayout(
    request: Types.ApprovePayoutRequest,
    options?: CallOptions,
  ): Promise<Types.ApprovePayoutReply> {
    return this.#call("approve_payout", request, options);
  }

  /** The latest state of a transaction. @param id the transaction's id in **your** system */
  transactionStatus(id: string, options?: CallOptions): Promise<Types.TransactionStatusReply> {
    return this.#call("transaction_status", { id }, options);
  }

  /** The transactions of at most 7 days, today's without dates. Any range: {@link Gateway.transactions}. */
  listTransactions(
    request: Types.ListTransactionsRequest = {},
    options?: CallOptions,
  ): Promise<Types.Transaction[]> {
    return this.#call("list_transactions", request, options);
  }

  /**
   * All transactions of a range of any length, in as many calls as it needs. No transaction comes twice.
   *
   * ```ts
   * for await (const transaction of gateway.transactions({ from: "01-07-2024", to: "31-07-2024" })) { … }
   * ```
   */
  async *transactions(options: TransactionsOptions = {}): AsyncGenerator<Types.Transaction, void, undefined> {
    const { signal, ...range } = plain<TransactionsOptions>(options, "options");
    const seen = new Set<string>();
    for (const window of windowsOf(range)) {
      for (const transaction of await this.listTransactions(window, signal === undefined ? {} : { signal })) {
        // Two windows share no day, but a transaction may change its date between two calls.
        if (seen.has(transaction.transaction_id)) continue;
        seen.add(transaction.transaction_id);
        yield transaction;
      }
    }
  }

  /**
   * The HTTP request of an operation, checked and complete but not sent. It holds your API key, and for `card_payment` the card.
   *
   * @throws ValidationError with everything that is wrong with the request
   */
  request<Name extends Types.OperationName>(
    operation: Name,
    request: Types.OperationRequests[Name],
  ): Types.BuiltRequest {
    const name = operationOf(operation);
    return requestOf(this.#settings, name, wireOf(name, checked(name, request)));
  }

  /** Says nothing: the API key stays inside. */
  toJSON(): Record<string, never> {
    return {};
  }

  /** What `console.log` shows in Node, Deno and Bun. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "Gateway { [REDACTED] }";
  }

  async #call<Name extends Types.OperationName>(
    operation: Name,
    request: unknown,
    options: CallOptions | undefined,
  ): Promise<Types.OperationReplies[Name]> {
    const settings = this.#settings;
    const data = checked(operation, request);
    const built = requestOf(settings, operation, wireOf(operation, data));
    const transport = new Transport({
      timeoutMs: settings.timeoutMs,
      fetch: settings.fetch,
      signal: readSignal(options),
      secret: settings.apiKey,
    });
    try {
      for (;;) {
        const meaning = understand(settings, operation, await transport.send(built));
        if (!("class" in meaning)) return meaning.reply as unknown as Types.OperationReplies[Name];
        const wait = waitBefore(operation, meaning, transport.sent, settings.maxRetries, Math.random());
        if (wait !== undefined && (await transport.wait(wait))) continue;
        const call = { operation, id: idIn(data), method: built.method, url: built.url };
        throw gatewayError(factsOf(call, meaning, transport.sent), transport);
      }
    } finally {
      transport.close();
    }
  }
}

/** The request as plain data. What has no exact JSON form is reported together with whatever else is wrong. @throws ValidationError */
function checked(operation: Types.OperationName, request: unknown): Json {
  const { data, violations, cause } = copy(request, rootOf(operation, request));
  const places = new Set(violations.map(({ path }) => path));
  const all = [...violations, ...violationsOf(operation, data).filter(({ path }) => !places.has(path))];
  if (all.length === 0) return data;
  throw new ValidationError(all, cause === undefined ? undefined : { cause });
}

/** What an answer means. */
function understand(
  settings: Settings,
  operation: Types.OperationName,
  answer: Answer,
): { readonly reply: Types.JsonObject | Types.JsonObject[] } | Failure {
  if ("problem" in answer) {
    return answer.problem === "timeout"
      ? timedOut(settings.timeoutMs)
      : disconnected(answer.detail ?? "no answer", settings.apiKey);
  }
  try {
    const reply = replyIn(operation, answer, settings.baseUrl);
    return { reply: Array.isArray(reply) ? reply : withAddress(settings, operation, reply) };
  } catch (unexpected) {
    if (!(unexpected instanceof Unexpected)) throw unexpected;
    return refused(answer, unexpected.why, settings.apiKey);
  }
}

function gatewayError(facts: GatewayErrorFacts, transport: Transport): GatewayError {
  const { cause } = transport;
  const options = cause === undefined ? undefined : { cause };
  if (transport.why !== "aborted") return new GatewayError(facts, options);
  const after =
    transport.sent === 0
      ? "Nothing was sent."
      : facts.retryable
        ? "It may be called again."
        : "Whether the gateway acted is not known: read the transaction's state first.";
  return new GatewayError(
    {
      ...facts,
      code: "aborted",
      class: "aborted",
      message: `${facts.operation}: aborted by your signal. ${after}`,
    },
    options,
  );
}

function readSignal(options: unknown): AbortSignal | undefined {
  if (options === undefined || options === null) return undefined;
  const { signal } = plain<{ signal?: unknown }>(options, "options");
  if (signal === undefined || signal === null) return undefined;
  // Signals of other realms and of polyfills count too.
  const like = signal as Partial<AbortSignal>;
  if (
    typeof signal === "object" &&
    typeof like.aborted === "boolean" &&
    typeof like.addEventListener === "function"
  )
    return signal as AbortSignal;
  throw new ValidationError([{ path: "signal", code: "type", message: "must be an AbortSignal" }]);
}
