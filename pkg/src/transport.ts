/**
 * What has to do with time and the network for one call: one deadline over all tries and over reading the answers, the caller's abort signal,
 * and `fetch`. What is sent, what an answer means and whether to send again, is decided elsewhere.
 */
import { wellFormed } from "./canonical.js";
import type { BuiltRequest } from "./types.js";

/** `fetch` as the platform has it, or anything that is called like it. */
export type Fetch = (input: string, init: FetchInit) => Promise<FetchedResponse>;

/** What a replaced `fetch` is called with. */
export interface FetchInit {
  method: string;
  headers: Record<string, string>;
  body?: string;
  redirect: "manual";
  signal: AbortSignal;
}

/** What of a `Response` is used. */
export interface FetchedResponse {
  readonly status: number;
  readonly headers: { forEach(callback: (value: string, name: string) => void): void };
  readonly body: ReadableStream<Uint8Array> | null;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** An answer as it came. */
export interface Received {
  readonly status: number;
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** All of it, as far as it is UTF-8. */
  readonly body: string;
  /** The body is no UTF-8. */
  readonly damaged: boolean;
}

/** An answer, or why no whole one came. */
export type Answer =
  Received | { readonly problem: "timeout" | "aborted" | "transport"; readonly detail?: string };

export interface TransportOptions {
  readonly timeoutMs: number;
  readonly fetch: Fetch | undefined;
  readonly signal: AbortSignal | undefined;
  /** The API key: an error that mentions it is not passed on. */
  readonly secret: string;
}

/** A week of transactions is some megabytes; an answer that never ends must end here. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/** Why the call was stopped. */
type Stop = "timeout" | "aborted";

/** One call. Its methods never reject. */
export class Transport {
  readonly #fetch: Fetch | undefined;
  readonly #secret: string;
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #deadline: number;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #onAbort = (): void => this.#stop("aborted");
  readonly #stopped: Promise<void>;
  #release: () => void = () => {};
  #why: Stop | undefined;
  #sent = 0;
  #cause: unknown;

  constructor({ timeoutMs, fetch, signal, secret }: TransportOptions) {
    this.#secret = secret;
    this.#fetch = fetch;
    this.#outer = signal;
    this.#deadline = Date.now() + timeoutMs;
    this.#stopped = new Promise((resolve) => {
      this.#release = resolve;
    });
    this.#timer = setTimeout(() => this.#stop("timeout"), timeoutMs);
    if (signal?.aborted) this.#stop("aborted");
    else signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Why the call was stopped, if it was. */
  get why(): Stop | undefined {
    return this.#why;
  }

  /** How often the request was sent. */
  get sent(): number {
    return this.#sent;
  }

  /** What went wrong last, for the error's `cause`. */
  get cause(): unknown {
    return this.#why === "aborted" ? this.#outer?.reason : this.#cause;
  }

  /** Ends what belongs to the call; nothing of it keeps the process alive. */
  close(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#onAbort);
    this.#release();
  }

  /** Waits; false at once when the deadline would come first, or the caller has aborted. */
  async wait(milliseconds: number): Promise<boolean> {
    if (this.#why !== undefined || Date.now() + milliseconds >= this.#deadline) return false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const pause = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, milliseconds);
    });
    await Promise.race([pause, this.#stopped]);
    clearTimeout(timer);
    return this.#why === undefined;
  }

  /** Sends a request and reads its answer. */
  async send(request: BuiltRequest): Promise<Answer> {
    if (this.#why !== undefined) return { problem: this.#why };
    const exchange = this.#exchange(request);
    // A replaced fetch may pay no attention to the signal; then its answer is left alone, and its failure must not go unhandled.
    const answer = await Promise.race([
      exchange,
      this.#stopped.then((): Answer => ({ problem: this.#why ?? "aborted" })),
    ]);
    exchange.catch(() => {});
    return answer;
  }

  async #exchange({ method, url, headers, body }: BuiltRequest): Promise<Answer> {
    this.#sent++;
    try {
      const init: FetchInit = {
        method,
        headers: { ...headers },
        // A redirect would carry the API key to wherever it points: fetch takes only `authorization` off.
        redirect: "manual",
        signal: this.#controller.signal,
        ...(body === null ? {} : { body }),
      };
      const response = await (this.#fetch ?? fetch)(url, init);
      const found: [string, string][] = [];
      response.headers.forEach((value, name) => found.push([wellFormed(name.toLowerCase()), value]));
      const decoded = decode(await this.#read(response));
      return { status: response.status, headers: Object.fromEntries(found), ...decoded };
    } catch (error) {
      if (this.#why !== undefined) return { problem: this.#why };
      this.#cause = mentions(error, this.#secret) ? undefined : error;
      return { problem: "transport", detail: describe(error) };
    }
  }

  async #read(response: FetchedResponse): Promise<Uint8Array> {
    if (!response.body) return new Uint8Array(await response.arrayBuffer());
    const reader = response.body.getReader();
    const chunks: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
      length += value.length;
      if (length > MAX_ANSWER_BYTES) {
        // What is there is enough to tell what kind of answer it was; cancelling may itself never end.
        reader.cancel().catch(() => {});
        throw new Error(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`);
      }
    }
    return concat(chunks, length);
  }

  #stop(why: Stop): void {
    this.#why ??= why;
    this.#release();
    this.#controller.abort();
  }
}

/** The text of an answer, which may begin with a byte order mark; and whether it was no UTF-8. */
function decode(bytes: Uint8Array): { body: string; damaged: boolean } {
  try {
    return {
      body: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
      damaged: false,
    };
  } catch {
    return { body: new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes), damaged: true };
  }
}

function concat(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = chunks;
  if (chunks.length === 1 && only !== undefined) return only;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** Whether what an error shows holds a secret: a replaced fetch may put its whole request into it. */
function mentions(error: unknown, secret: string, depth = 0): boolean {
  if (depth > 8) return true;
  try {
    if (typeof error !== "object" || error === null) return String(error).includes(secret);
    const own = Object.getOwnPropertyNames(error).map((name) => (error as Record<string, unknown>)[name]);
    return own.some((value) => mentions(value, secret, depth + 1));
  } catch {
    return true;
  }
}

/** `fetch failed` alone tells nothing: Node has the reason one level deeper. */
function describe(error: unknown): string {
  try {
    if (!(error instanceof Error)) return typeof error === "string" ? error : `fetch threw ${typeof error}`;
    const { cause } = error;
    const deeper = cause instanceof Error ? ((cause as { code?: string }).code ?? cause.message) : "";
    return deeper === "" ? `${error.message}` : `${error.message} (${deeper})`;
  } catch {
    return "fetch threw what cannot be read";
  }
}
