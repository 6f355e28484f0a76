/** What a `Gateway` and its methods are given, apart from the requests. */
import type { OperationName } from "./types.js";

/** Paths of the operations, as the merchant portal shows them: `/path`, or `METHOD /path`. */
export type Routes = { readonly [operation in OperationName]?: string };

/** How to reach the gateway. */
export interface GatewayOptions {
  /** The API key: merchant portal, Settings, Credentials. Keep it on the server. */
  apiKey: string | undefined;
  /** The gateway's address, as the merchant portal shows it. HTTPS, but for this machine. Must be given, like the API key: `undefined` is only what an unset variable has. */
  baseUrl: string | undefined;
  /** The hosted cashier's address with `{token}` where its token goes; replies then carry `cashier_url`. */
  cashierUrl?: string | undefined;
  /** Paths that differ from the defaults, which are placeholders for what the merchant portal shows. */
  routes?: Routes | undefined;
  /** Milliseconds for a whole call, all tries and reading the answer included. 30000 by default. */
  timeoutMs?: number | undefined;
  /** How often a call that may be sent twice is sent again after it failed. 2 by default; payments and payouts never are. */
  maxRetries?: number | undefined;
  /** Your program's name for the user agent, for example `my-shop/1.4`. */
  userAgent?: string | undefined;
  /**
   * `true` accepts `http://` for hosts other than this machine, for example one in Docker's network. The API key and all payments then cross that network in the
   * clear, for everybody on it to read: never for a gateway that moves real money.
   */
  allowInsecure?: boolean | undefined;
  /** Stands in for the platform's `fetch`, for example one with a proxy; it is called with the URL and plain options. */
  fetch?: Fetch | undefined;
}

/** For a single call. */
export interface CallOptions {
  /** Aborts the call: waiting, sending and reading. */
  signal?: AbortSignal | undefined;
}

/** Which days to list, both inclusive and at most 20 years apart. */
export interface TransactionsOptions extends CallOptions {
  /** First day as `DD-MM-YYYY`; the last day when left out. */
  from?: string | undefined;
  /** Last day as `DD-MM-YYYY`; today (UTC) when left out. */
  to?: string | undefined;
}

/** `fetch` as the platform has it, or anything that is called like it. */
export type Fetch = (input: string, init: FetchInit) => Promise<FetchedResponse>;

/** What a replaced `fetch` is called with. */
export interface FetchInit {
  method: string;
  headers: Record<string, string>;
  body: string | null;
  redirect: "manual";
  signal: AbortSignal;
}

/** What of a `Response` is used: its status, its headers by name, and its body by one of three ways. */
export interface FetchedResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null | undefined };
  /** Read as a stream when it has `getReader`, so that an answer without end is cut off; otherwise by `arrayBuffer()` or `text()`. */
  readonly body?: unknown;
  arrayBuffer?(): Promise<ArrayBuffer | ArrayBufferView>;
  text?(): Promise<string>;
}
