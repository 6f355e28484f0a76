/**
 * What has to do with time and the network for one call: one deadline over all tries and over reading the answers, the caller's abort signal,
 * and `fetch`. What is sent, what an answer means and whether to send again, is decided elsewhere.
 */
import type { Fetch, FetchedResponse, FetchInit } from "./gateway-types.js";
import type { BuiltRequest } from "./types.js";

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
  | { readonly kind: "received"; readonly received: Received }
  | { readonly kind: "timeout" | "aborted" }
  | { readonly kind: "transport"; readonly detail: string };

export interface TransportOptions {
  readonly timeoutMs: number;
  readonly fetch: Fetch | undefined;
  readonly signal: AbortSignal | undefined;
  /** The API key, and a card's number: an error that mentions one is not passed on. */
  readonly secrets: readonly string[];
}

/** A week of transactions is some megabytes; an answer that never ends must end here. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/** Why the call was stopped. */
type Stop = "timeout" | "aborted";

/** One call. Its methods never reject. */
export class Transport {
  readonly #fetch: Fetch | undefined;
  readonly #secrets: readonly string[];
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

  constructor({ timeoutMs, fetch, signal, secrets }: TransportOptions) {
    this.#secrets = secrets;
    this.#fetch = fetch;
    this.#outer = signal;
    this.#deadline = Date.now() + timeoutMs;
    this.#stopped = new Promise((resolve) => {
      this.#release = resolve;
    });
    if (signal?.aborted) this.#stop("aborted");
    else signal?.addEventListener("abort", this.#onAbort, { once: true });
    // Last, so that nothing keeps running when a signal that is none of the platform's has thrown.
    this.#timer = setTimeout(() => this.#stop("timeout"), timeoutMs);
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
    if (this.#why !== undefined) return { kind: this.#why };
    const exchange = this.#exchange(request);
    // A replaced fetch may pay no attention to the signal; then its answer is left alone, and its failure must not go unhandled.
    const answer = await Promise.race([
      exchange,
      this.#stopped.then((): Answer => ({ kind: this.#why ?? "aborted" })),
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
        body,
      };
      const response = await (this.#fetch ?? fetch)(url, init);
      const found: [string, string][] = [];
      response.headers.forEach((value: unknown, name) => {
        if (typeof value === "string") found.push([name.toLowerCase(), value]);
      });
      const decoded = decode(await this.#read(response));
      // A replaced fetch may answer with anything: what is no status is no success.
      const status = Number.isInteger(response.status) ? response.status : 0;
      return {
        kind: "received",
        received: { status, headers: Object.fromEntries(found), ...decoded },
      };
    } catch (error) {
      if (this.#why !== undefined) return { kind: this.#why };
      this.#cause = mentions(error, this.#secrets) ? undefined : error;
      return { kind: "transport", detail: describe(error) };
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
function mentions(error: unknown, secrets: readonly string[], depth = 0): boolean {
  if (depth > 8) return true;
  try {
    if (typeof error !== "object" || error === null) {
      const text = String(error);
      return secrets.some((secret) => text.includes(secret));
    }
    const own = Reflect.ownKeys(error).map((name) => Reflect.get(error, name));
    const held = error instanceof Map || error instanceof Set ? [...error.entries()].flat() : [];
    return [...own, ...held].some((value) => mentions(value, secrets, depth + 1));
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
