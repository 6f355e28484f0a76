/** The class `Gateway`: requests are checked and written, sent, and their answers read. What each of that means stands in `gateway/`. */
import { EdgeCashierError, GatewayError, ValidationError } from "./errors.js";
import type { CallOptions, GatewayOptions, TransactionsOptions } from "./gateway-types.js";
import { aborted, disconnected, factsOf, refused, timedOut, type Failure } from "./gateway/failure.js";
import { requestOf, withAddress } from "./gateway/http.js";
import { plain } from "./gateway/options-object.js";
import { operationOf } from "./gateway/operations.js";
import { readOptions, type Settings } from "./gateway/options.js";
import { replyIn, Unexpected } from "./gateway/replies.js";
import { cardIn, checkedRequest, idIn, wireOf } from "./gateway/requests.js";
import { waitBefore } from "./gateway/retry.js";
import { windowsOf } from "./gateway/windows.js";
import { isBrowserPage } from "./runtime.js";
import { Transport, type Answer } from "./transport.js";
import type * as Types from "./types.js";

/**
 * The gateway's eight operations.
 *
 * ```ts
 * const gateway = new Gateway({ apiKey, baseUrl, cashierUrl: "https://cashier.example.com/?token={token}" });
 * const { cashier_url } = await gateway.hostedDeposit({ user_id: "128", tracking_id: crypto.randomUUID(), amount: "10.05", currency: "EUR" });
 * ```
 *
 * Every method rejects with {@link ValidationError} (nothing was sent) or {@link GatewayError}; with an {@link EdgeCashierError} `internal_error` should the
 * package itself fail.
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
    this.#settings = guarded(() => readOptions(options));
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

  /** The transactions of at most 7 days, today's without dates. Up to 20 years: {@link Gateway.transactions}. */
  listTransactions(
    request: Types.ListTransactionsRequest = {},
    options?: CallOptions,
  ): Promise<Types.Transaction[]> {
    return this.#call("list_transactions", request, options);
  }

  /**
   * All transactions of a range of up to 20 years, in as many calls as it needs. No transaction comes twice.
   *
   * ```ts
   * for await (const transaction of gateway.transactions({ from: "01-07-2024", to: "31-07-2024" })) { … }
   * ```
   */
  async *transactions(options: TransactionsOptions = {}): AsyncGenerator<Types.Transaction, void, undefined> {
    const { signal, ...range } = plain<TransactionsOptions>(options, "options");
    const seen = new Set<string>();
    for (const window of guarded(() => windowsOf(range))) {
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
    return guarded(() => requestOf(this.#settings, name, wireOf(name, checkedRequest(name, request))));
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
    const data = guarded(() => checkedRequest(operation, request));
    const built = guarded(() => requestOf(settings, operation, wireOf(operation, data)));
    const signal = readSignal(options);
    const transport = guarded(
      () =>
        new Transport({
          timeoutMs: settings.timeoutMs,
          fetch: settings.fetch,
          signal,
          secrets: [settings.apiKey, ...cardIn(data)],
        }),
    );
    try {
      for (;;) {
        const answer = await transport.send(built);
        const { reply, failure } = guarded(() => understand(settings, operation, answer));
        if (failure === undefined) return reply as unknown as Types.OperationReplies[Name];
        const wait = waitBefore(operation, failure, transport.sent, settings.maxRetries, Math.random());
        if (wait !== undefined && (await transport.wait(wait))) continue;
        const call = { operation, id: idIn(data), method: built.method, url: built.url };
        const last = transport.why === "aborted" ? aborted(failure) : failure;
        const facts = guarded(() => factsOf(call, last, transport.sent));
        throw new GatewayError(facts, { cause: transport.cause });
      }
    } finally {
      transport.close();
    }
  }
}

/** A reply, or why there is none. */
interface Meaning {
  readonly reply: Types.JsonObject | Types.JsonObject[] | undefined;
  readonly failure: Failure | undefined;
}

/** What an answer means. */
function understand(settings: Settings, operation: Types.OperationName, answer: Answer): Meaning {
  const failed = (failure: Failure): Meaning => ({ reply: undefined, failure });
  switch (answer.kind) {
    case "timeout":
      return failed(timedOut(settings.timeoutMs));
    case "aborted":
      return failed(aborted());
    case "transport":
      return failed(disconnected(answer.detail, settings.apiKey));
  }
  try {
    const reply = replyIn(operation, answer.received, settings.baseUrl);
    return {
      reply: Array.isArray(reply) ? reply : withAddress(settings, operation, reply),
      failure: undefined,
    };
  } catch (unexpected) {
    if (!(unexpected instanceof Unexpected)) throw unexpected;
    return failed(refused(answer.received, unexpected.why, settings.apiKey));
  }
}

/** Nothing that input can reach throws anything but our errors here; if something did all the same, a caller still gets one of them. */
function guarded<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof EdgeCashierError) throw error;
    // Not as the cause: it may quote what it failed on.
    throw new EdgeCashierError(
      "internal_error",
      "edge-cashier failed inside. Whether a request was sent is not known: read the transaction's state before you send it again. Please report it.",
    );
  }
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
    typeof like.addEventListener === "function" &&
    typeof like.removeEventListener === "function"
  )
    return signal as AbortSignal;
  throw new ValidationError([{ path: "signal", code: "type", message: "must be an AbortSignal" }]);
}
