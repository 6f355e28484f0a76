/** The class `Gateway` over the module's functions: nothing of it lives in WebAssembly, so there is nothing to free. */
import { parse, wellFormed } from "./canonical.js";
import { enter } from "./engine.js";
import {
  EdgeCashierError,
  GatewayError,
  ValidationError,
  type GatewayErrorFacts,
  type Violation,
} from "./errors.js";
import { asJson, toJson } from "./json.js";
import { splitExtra } from "./replies.js";
import { isBrowserPage, runtime } from "./runtime.js";
import { Transport, type Fetch } from "./transport.js";
import type * as Types from "./types.js";
import { version } from "./version.js";
import * as wasm from "#wasm";

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

const MS_OF_A_DAY = 86_400_000;
const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_RETRIES = 2;
/** `setTimeout` takes no more. */
const MAX_TIMEOUT_MS = 2_147_483_647;
const MAX_RETRIES = 10;

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
  /** The options as the module takes them. Holds the API key. */
  readonly #options: string;
  readonly #apiKey: string;
  readonly #timeoutMs: number;
  readonly #maxRetries: number;
  readonly #fetch: Fetch | undefined;

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
    const read = readOptions(options);
    this.#timeoutMs = read.timeoutMs;
    this.#maxRetries = read.maxRetries;
    this.#fetch = read.fetch;
    this.#options = read.json;
    this.#apiKey = read.apiKey;
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
    const windows = enter(() =>
      unwrap(wasm.windows(toJson(range, "options"), Math.floor(Date.now() / MS_OF_A_DAY))),
    ) as Types.ListTransactionsRequest[];
    const seen = new Set<string>();
    for (const window of windows) {
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
    const { id: _, ...built } = this.#build(
      operationName(operation),
      this.#write(operationName(operation), request),
    );
    return built;
  }

  /** Says nothing: the API key stays inside. */
  toJSON(): Record<string, never> {
    return {};
  }

  /** What `console.log` shows in Node, Deno and Bun. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "Gateway { [REDACTED] }";
  }

  #build(operation: Types.OperationName, text: string): PreparedRequest {
    return enter(() => unwrap(wasm.request(this.#options, operation, text))) as PreparedRequest;
  }

  /** The request as JSON text. What has no JSON form is reported together with what the core finds wrong with the rest. */
  #write(operation: Types.OperationName, request: unknown): string {
    const { text, violations, cause } = asJson(request, rootOf(operation, request));
    if (violations.length === 0) return text;
    const all = [...violations];
    try {
      this.#build(operation, text);
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      // Half of a surrogate pair has been reported, and is the reason why the text is none that the core reads.
      all.push(
        ...error.violations.filter(
          ({ path, code }) => code !== "json" && !violations.some((known) => known.path === path),
        ),
      );
    }
    throw new ValidationError(all, cause === undefined ? undefined : { cause });
  }

  async #call<Name extends Types.OperationName>(
    operation: Name,
    request: unknown,
    options: CallOptions | undefined,
  ): Promise<Types.OperationReplies[Name]> {
    const { id, ...built } = this.#build(operation, this.#write(operation, request));
    const signal = readSignal(options);
    const transport = new Transport({
      timeoutMs: this.#timeoutMs,
      fetch: this.#fetch,
      signal,
      secret: this.#apiKey,
    });
    try {
      for (;;) {
        const { facts, body } = await transport.send(built);
        const about = {
          operation,
          id,
          method: built.method,
          url: built.url,
          attempt: transport.sent,
          maxRetries: this.#maxRetries,
          timeoutMs: this.#timeoutMs,
          time: new Date().toISOString(),
          // In millionths.
          random: Math.floor(Math.random() * 1e6),
          ...facts,
        };
        const meaning = (last?: true): Meaning =>
          enter(() =>
            parse(wasm.received(this.#options, JSON.stringify({ ...about, last }, readable), body ?? "")),
          ) as Meaning;
        let { retry, ...answer } = meaning();
        if (retry !== undefined) {
          if (await transport.wait(retry)) continue;
          answer = meaning(true);
        }
        return splitExtra(operation, valueOf(answer, transport)) as Types.OperationReplies[Name];
      }
    } finally {
      transport.close();
    }
  }
}

/** A request, and by which id the gateway's support finds its payment. */
type PreparedRequest = Types.BuiltRequest & { readonly id: string };

/** What violations call the whole request: a payment is the gateway's whole body, or the object in it alone. */
function rootOf(operation: Types.OperationName, request: unknown): string {
  const payment =
    operation.endsWith("_deposit") || operation.endsWith("_withdrawal") || operation === "direct_payment";
  try {
    return payment && (request as { request?: unknown } | null)?.request === undefined ? "request" : "";
  } catch {
    return "request";
  }
}

/** Half of a surrogate pair is no JSON that the core reads. */
function readable(_: string, value: unknown): unknown {
  return typeof value === "string" ? wellFormed(value) : value;
}

function operationName(operation: unknown): Types.OperationName {
  if (typeof operation === "string") return operation as Types.OperationName;
  throw new ValidationError([
    {
      path: "operation",
      code: "type",
      message: 'must be the name of an operation, for example "hosted_deposit"',
    },
  ]);
}

/** The module's answer: a value, an error, or so many milliseconds to wait before the request is sent again. */
interface Meaning {
  readonly value?: unknown;
  readonly error?: { readonly violations?: readonly Violation[]; readonly gateway?: GatewayErrorFacts };
  readonly retry?: number;
}

/** The value in the module's answer, or its error thrown. */
function unwrap(answer: string): unknown {
  return valueOf(parse(answer) as Meaning);
}

function valueOf({ value, error }: Meaning, transport?: Transport): unknown {
  if (error?.violations !== undefined) throw new ValidationError(error.violations);
  if (error?.gateway !== undefined) throw gatewayError(error.gateway, transport);
  return value;
}

function gatewayError(facts: GatewayErrorFacts, transport: Transport | undefined): GatewayError {
  const cause = transport?.cause;
  const options = cause === undefined ? undefined : { cause };
  if (transport?.why !== "aborted") return new GatewayError(facts, options);
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

const OPTION_NAMES: readonly string[] = [
  "apiKey",
  "baseUrl",
  "cashierUrl",
  "routes",
  "timeoutMs",
  "maxRetries",
  "userAgent",
  "fetch",
];

interface ReadOptions {
  readonly json: string;
  readonly apiKey: string;
  readonly timeoutMs: number;
  readonly maxRetries: number;
  readonly fetch: Fetch | undefined;
}

/** Everything that is wrong with the options, in one error. */
function readOptions(given: GatewayOptions): ReadOptions {
  const options = plain<{ [name: string]: unknown }>(given, "options");
  const violations: Violation[] = [];
  const wrong = (path: string, code: string, message: string): void => {
    violations.push({ path, code, message });
  };
  for (const name of Object.keys(options)) {
    if (!OPTION_NAMES.includes(name))
      wrong(name, "unknown_option", `is no option; the options are ${OPTION_NAMES.join(", ")}`);
  }
  const text = (name: string): string | undefined => {
    const value = options[name];
    if (value === undefined || value === null) return undefined;
    if (typeof value === "string") return value;
    wrong(name, "type", `must be text, not ${Array.isArray(value) ? "an array" : typeof value}`);
    return undefined;
  };
  const integer = (name: string, otherwise: number, least: number, most: number): number => {
    const value = options[name];
    if (value === undefined || value === null) return otherwise;
    if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) return value;
    wrong(name, "range", `must be a whole number from ${least} to ${most}`);
    return otherwise;
  };
  const timeoutMs = integer("timeoutMs", DEFAULT_TIMEOUT_MS, 1, MAX_TIMEOUT_MS);
  const maxRetries = integer("maxRetries", DEFAULT_MAX_RETRIES, 0, MAX_RETRIES);
  const fetch = options["fetch"] ?? undefined;
  if (fetch !== undefined && typeof fetch !== "function")
    wrong("fetch", "type", "must be a function that is called like fetch");
  const product = text("userAgent");
  const facts: Record<string, unknown> = {
    apiKey: text("apiKey"),
    baseUrl: text("baseUrl"),
    cashierUrl: text("cashierUrl"),
    userAgent: userAgent(product),
  };
  try {
    facts["routes"] = options["routes"] ?? undefined;
    const json = toJson(facts, "");
    enter(() => unwrap(wasm.check(json)));
    if (violations.length === 0)
      return {
        json,
        apiKey: String(facts["apiKey"]),
        timeoutMs,
        maxRetries,
        fetch: fetch as Fetch | undefined,
      };
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    const known = new Set(violations.map(({ path }) => path));
    violations.push(...error.violations.filter(({ path }) => !known.has(path)));
  }
  throw new ValidationError(violations);
}

/** `edge-cashier/0.1.0 (node/24.9.0) my-shop/1.4`. */
function userAgent(product: string | undefined): string {
  const where = runtime();
  return [`edge-cashier/${version}`, where && `(${where})`, product].filter(Boolean).join(" ");
}

/** A copy of an options object whose getters have run. */
function plain<T>(given: unknown, path: string): T {
  let problem: unknown;
  try {
    if (typeof given === "object" && given !== null && !Array.isArray(given)) return { ...given } as T;
  } catch (error) {
    problem = error;
  }
  throw new ValidationError(
    [{ path, code: "type", message: "must be an object" }],
    problem === undefined ? undefined : { cause: problem },
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
