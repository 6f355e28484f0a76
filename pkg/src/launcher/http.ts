import { LauncherError, type Violation } from "./error.js";

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

/** First pause after a failure; each further one is twice as long, up to {@link LONGEST_PAUSE_MS}. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

/** An answer that is a JSON object; its fields are still unproven. */
export type Fields = Readonly<Record<string, unknown>>;

export const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

interface Question {
  readonly method?: string;
  readonly body?: string | null;
  readonly signal?: AbortSignal | undefined;
}

/** One request to the Worker: its JSON object, or a {@link LauncherError}. */
export async function ask(
  { endpoint, ticket }: Access,
  path: string,
  timeoutMs: number,
  { signal, ...init }: Question,
): Promise<Fields> {
  const deadline = alarm(timeoutMs, signal);
  let response: Response | undefined;
  let body: unknown;
  try {
    response = await fetch(endpoint.replace(/\/+$/, "") + path, {
      ...init,
      headers: {
        authorization: `Bearer ${ticket}`,
        ...(init.body && { "content-type": "application/json" }),
      },
      cache: "no-store",
      credentials: "omit",
      // The ticket goes to the endpoint that the merchant named and to nobody else.
      redirect: "error",
      signal: deadline.signal,
    });
    body = JSON.parse(await response.text());
  } catch (cause) {
    if (signal?.aborted) throw aborted(signal);
    if (deadline.signal.aborted)
      throw new LauncherError("timeout", "the payment service did not answer in time");
    // An answer that breaks off, or is not JSON, is judged below, with its status.
    if (!response) throw new LauncherError("network", "the payment service could not be reached", { cause });
  }
  deadline.abort();
  const fields = Object(body) as Fields;
  if (response.ok && text(fields.tracking_id)) return fields;
  throw refused(response, fields);
}

export const aborted = ({ reason }: AbortSignal) =>
  new LauncherError("aborted", "ended by the caller", { cause: reason });

function refused({ status, headers }: Response, fields: Fields): LauncherError {
  const detail = text(fields.detail);
  const title = text(fields.title);
  // A proxy's error page has no code of its own.
  return new LauncherError(
    text(fields.code) ?? "unreadable_reply",
    detail ?? title ?? `unexpected answer (${status})`,
    {
      type: text(fields.type),
      title,
      status,
      detail,
      request_id: text(fields.request_id) ?? text(headers.get("x-request-id")),
      violations: Array.isArray(fields.violations) ? (fields.violations as Violation[]) : undefined,
      retry_after: Number(headers.get("retry-after")) || undefined,
    },
  );
}

/** Whether the same question may be answered a little later: no answer, a broken one, 408, 429 or 5xx. */
export const isTransient = (error: unknown): error is LauncherError =>
  error instanceof LauncherError &&
  (error.status ? /^(200|408|429|5..)$/.test(`${error.status}`) : /^(network|timeout)$/.test(error.code));

/** How long to wait after the nth failure: doubled each time, and spread so that browsers do not return as one. */
export const pauseAfter = ({ retry_after = 0 }: LauncherError, failures: number): number =>
  Math.max(
    Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1)) * (0.5 + Math.random() / 2),
    Math.min(retry_after, 60) * 1000,
  );

/** Aborts after a time, or when the caller's signal does. */
function alarm(ms: number, signal: AbortSignal | undefined): AbortController {
  const control = new AbortController();
  const fire = () => control.abort();
  const timer = setTimeout(fire, signal?.aborted ? 0 : ms);
  signal?.addEventListener("abort", fire, control);
  control.signal.addEventListener("abort", () => clearTimeout(timer));
  return control;
}

/**
 * Waits; returns early, and quietly, when the signal fires, and where there is news when the page is seen again or the
 * network is back: a timer may have slept with the machine.
 */
export const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((done) => {
    const control = alarm(ms, signal);
    const wake = () => document.hidden || control.abort();
    document.addEventListener("visibilitychange", wake, control);
    window.addEventListener("online", wake, control);
    control.signal.addEventListener("abort", () => done());
  });

/** Calls a listener; what it throws is reported like any uncaught error and does not stop the payment. */
export function tell<T>(listener: ((value: T) => void) | undefined, value: T): void {
  try {
    listener?.(value);
  } catch (error) {
    reportError(error);
  }
}
