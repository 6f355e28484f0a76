import { LauncherError } from "./error.js";

/** Where the Worker is and what speaks for the customer. */
export interface Access {
  /**
   * Address of the Worker without `/v1`: `"https://pay.example.com"`, or `""` for the page's own origin.
   * A path in front is kept (`"/payments"`).
   */
  readonly endpoint: string;
  /** The launch ticket: the JWT that the merchant's backend signed for this payment. */
  readonly ticket: string;
}

/** An answer that is a JSON object; its fields are still unproven. */
export type Fields = Readonly<Record<string, unknown>>;

/** What is asked, and how long an answer may take. */
interface Question {
  readonly path: string;
  readonly timeoutMs: number;
  /** Makes it a `POST`. */
  readonly body?: string;
}

/** What ends a request or a pause before its time. */
export interface Interrupts {
  /** One that has fired before ends it at once. */
  readonly signal?: AbortSignal | undefined;
  /** One that has fired before counts no more. */
  readonly cut?: AbortSignal | undefined;
  /** Whether the page that is seen again ends it, or the network that is back: a machine that slept stops timers and breaks connections. */
  readonly wakes?: boolean;
}

/**
 * One request to the Worker: its JSON object, if it is `sound`, or a {@link LauncherError}; the `cause` of that is an `Event` when
 * the request was interrupted.
 */
export async function ask(
  { endpoint, ticket }: Access,
  { path, timeoutMs, body }: Question,
  interrupts: Interrupts | undefined,
  sound: (fields: Fields) => boolean,
): Promise<Fields> {
  const control = alarm(timeoutMs, interrupts);
  let response: Response | undefined;
  let fields: Fields = {};
  try {
    response = await fetch(endpoint.replace(/\/+$/, "") + path, {
      ...(body && { method: "POST", body }),
      headers: { authorization: `Bearer ${ticket}`, "content-type": "application/json" },
      credentials: "omit",
      // The ticket goes to the endpoint that the merchant named and to nobody else.
      redirect: "error",
      signal: control.signal,
    });
    fields = Object(await response.json());
  } catch (cause) {
    // An answer that breaks off, or is not JSON, is refused below, with its status.
    if (!response || control.signal.aborted)
      throw new LauncherError(control.signal.aborted ? "timeout" : "network", NO_ANSWER, {
        cause: control.signal.reason ?? cause,
      });
  }
  control.abort();
  if (response.ok && sound(fields)) return fields;
  const { status, headers } = response;
  // A proxy's error page has no code of its own.
  const {
    code = "unreadable_reply",
    type,
    title,
    detail,
    request_id,
    violations,
  } = fields as Partial<LauncherError>;
  throw new LauncherError(code, detail ?? title ?? `unexpected answer (${status})`, {
    type,
    title,
    status,
    detail,
    request_id,
    violations,
    retry_after: Number(headers.get("retry-after")) || undefined,
  });
}

export const NO_ANSWER = "the payment service did not answer";

/** The longest time that a timer takes; a longer one would be over at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Aborts after a time; or before, with the event that interrupts as its reason. */
function alarm(ms: number, { signal, cut, wakes }: Interrupts = {}): AbortController {
  const control = new AbortController();
  const until = { signal: control.signal };
  const fire = (event?: Event) => control.abort(event);
  const wake = (event: Event) => {
    if (!document.hidden) fire(event);
  };
  const timer = setTimeout(fire, signal?.aborted ? 0 : Math.min(ms, LONGEST_TIMER_MS));
  for (const one of [signal, cut]) one?.addEventListener("abort", fire, until);
  if (wakes) {
    document.addEventListener("visibilitychange", wake, until);
    window.addEventListener("online", wake, until);
  }
  control.signal.addEventListener("abort", () => clearTimeout(timer));
  return control;
}

/** Waits, and returns quietly, also when it is interrupted. */
export const pause = (ms: number, interrupts?: Interrupts): Promise<void> =>
  new Promise((done) => {
    alarm(ms, interrupts).signal.addEventListener("abort", () => done());
  });

/** Calls a listener; what it throws is reported like any uncaught error and does not stop the payment. */
export function tell<T>(listener: ((value: T) => void) | undefined, value: T): void {
  try {
    listener?.(value);
  } catch (error) {
    reportError(error);
  }
}
