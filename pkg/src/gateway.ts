/** The class `Gateway` over the core's: it names the methods, and keeps the API key out of pages and prints. */
import { Gateway as WasmGateway, operations, splitRange } from "#wasm";
import { enter, pending, resident } from "./engine.js";
import { EdgeCashierError } from "./errors.js";
import type { CallOptions, GatewayOptions, TransactionsOptions } from "./gateway-types.js";
import { isBrowserPage, runtime } from "./runtime.js";
import type * as Types from "./types.js";

/**
 * Builds a request out of JSON text, whose numbers keep all their digits. For the command line.
 * @internal
 */
export let requestOfText: (gateway: Gateway, operation: string, json: string) => Types.BuiltRequest;

/**
 * Lists the names of the operations. For the command line.
 * @internal
 */
export function operationNames(): Types.OperationName[] {
  return enter(operations);
}

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
  readonly #wasm: () => WasmGateway;

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
    let given: object = options;
    this.#wasm = resident(() => {
      const wasm = new WasmGateway(given, runtime());
      // A fresh instance of the module gets what was read, whatever the caller does with the options later.
      given = wasm.options();
      return wasm;
    });
    enter(this.#wasm);
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

  /** Reads the latest state of a transaction. @param id the transaction's id in **your** system */
  transactionStatus(id: string, options?: CallOptions): Promise<Types.TransactionStatusReply> {
    return this.#call("transaction_status", { id }, options);
  }

  /** Lists the transactions of at most 7 days, today's without dates. Up to 20 years: {@link Gateway.transactions}. */
  listTransactions(
    request: Types.ListTransactionsRequest = {},
    options?: CallOptions,
  ): Promise<Types.Transaction[]> {
    return this.#call("list_transactions", request, options);
  }

  /**
   * Iterates over all transactions of a range of up to 20 years, in as many calls as it needs. No transaction comes twice.
   *
   * ```ts
   * for await (const transaction of gateway.transactions({ from: "01-07-2024", to: "31-07-2024" })) { … }
   * ```
   */
  async *transactions(options: TransactionsOptions = {}): AsyncGenerator<Types.Transaction, void, undefined> {
    const { windows, signal } = enter(() => splitRange(options));
    const seen = new Set<string>();
    for (const window of windows) yield* await this.#call("list_transactions", window, { signal }, seen);
  }

  /**
   * Builds the HTTP request of an operation, checked and complete but not sent. It holds your API key, and for `card_payment` the card.
   *
   * @throws ValidationError with everything that is wrong with the request
   */
  request<Name extends Types.OperationName>(
    operation: Name,
    request: Types.OperationRequests[Name],
  ): Types.BuiltRequest {
    return enter(() => this.#wasm().request(operation, request));
  }

  /** Returns `{}`: the API key stays inside. */
  toJSON(): Record<string, never> {
    return {};
  }

  /** Returns what `console.log` shows in Node, Deno and Bun. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "Gateway { [REDACTED] }";
  }

  async #call<Name extends Types.OperationName>(
    operation: Name,
    request: unknown,
    options: CallOptions | undefined,
    seen?: Set<string>,
  ): Promise<Types.OperationReplies[Name]> {
    const send = enter(() => this.#wasm().prepare(operation, request, options, seen));
    return pending(send as () => Promise<Types.OperationReplies[Name]>);
  }

  static {
    requestOfText = (gateway, operation, json) => enter(() => gateway.#wasm().requestOfText(operation, json));
  }
}
