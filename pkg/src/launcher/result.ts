import { check, type Rules } from "./check.js";
import { LauncherError } from "./error.js";
import { type Access, ask, type Interrupts, NO_ANSWER, pause, tell } from "./http.js";

/** One step of a payment, as the Worker recorded it. */
export interface TimelineEntry {
  /** When: RFC 3339, UTC. */
  readonly at: string;
  /** What: `ticket`, `session`, `webhook`, …; further kinds may come. */
  readonly event: string;
  /** The gateway's id of the attempt that a webhook is about. */
  readonly transaction_id?: string;
  /** The status that a webhook told. */
  readonly status?: string;
  /** What the Worker made of it: `first`, `duplicate`, `stale`, `conflict`. */
  readonly outcome?: string;
  /** More for people. */
  readonly detail?: string;
}

/** What the Worker knows of a payment. */
export interface PaymentState {
  /** The merchant's id of the payment (the ticket's `jti`). */
  readonly tracking_id: string;
  /** `hosted_deposit`, `hosted_withdrawal` or `direct_payment`. */
  readonly operation: string;
  /**
   * `opened`: no webhook yet. `pending`: the provider is still at it. `successful`: final. `rejected`: no attempt has succeeded; it
   * changes if the customer tries again. `conflict`: the gateway contradicted itself, and a person must look. Any other string is the
   * gateway's own word.
   */
  readonly state: "opened" | "pending" | "successful" | "rejected" | "conflict" | (string & {});
  /** Whether no webhook is awaited: successful, rejected or in conflict. Only `successful` is for ever: see `state`. */
  readonly settled: boolean;
  /** Exact decimal, for example `"10.05"`. */
  readonly amount: string;
  /** ISO 4217, for example `"EUR"`. */
  readonly currency: string;
  /** The gateway's id of the attempt that the state rests on, once it is known. */
  readonly transaction_id?: string;
  /** Every attempt at the payment, when there is more than one: a declined card, then another. `state` is the attempt's own. */
  readonly attempts?: readonly { readonly transaction_id: string; readonly state: string }[];
  /** What the merchant decided on a payout; `unknown`: the gateway's answer did not say what it did. */
  readonly payout?: "approved" | "rejected" | "unknown";
  /** Grows with every change. */
  readonly version: number;
  /** Whether a webhook contradicted the session (another amount, currency or user) or the success of the payment: kept, and never counted as paid. */
  readonly has_conflict: boolean;
  /** Every step so far, oldest first. */
  readonly timeline: readonly TimelineEntry[];
}

/** The outcome: settled, or the last known state when the time was over. `settled` tells which. */
export type PaymentResult =
  | (PaymentState & { readonly settled: true; readonly timed_out: false })
  | (PaymentState & { readonly settled: false; readonly timed_out: true });

/** Options of {@link awaitResult}. */
export interface AwaitResultOptions extends Access {
  /** The payment to wait for: the ticket's `jti`. */
  readonly tracking_id: string;
  /** How long to wait in all, in ms. Default 10 minutes. */
  readonly timeoutMs?: number | undefined;
  /** Ends the wait with a {@link LauncherError} `aborted`. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the first state and with every later version. */
  readonly onState?: ((state: PaymentState) => void) | undefined;
  /** Called when the Worker could not be asked; it is asked again after `pauseMs`. */
  readonly onRetry?:
    ((retry: { readonly error: LauncherError; readonly pauseMs: number }) => void) | undefined;
}

const RULES: Rules<AwaitResultOptions> = {
  endpoint: "string empty",
  ticket: "string",
  tracking_id: "string",
  timeoutMs: "number undefined",
  signal: "object undefined",
  onState: "function undefined",
  onRetry: "function undefined",
};

/** First pause after a failure, and the longest. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** Seconds that one request may wait at the Worker, its own limit. */
const LONGEST_WAIT_S = 25;
/** When the connection counts as dead: well after the longest wait. */
const DEAD_AFTER_MS = 35_000;
/** An end that is noticed so late was slept over; and how long the wait then goes on, since the network may come back later. */
const SLEPT_MS = 1000;
const AWAKE_MS = 60_000;
/** Pause after an answer that told nothing new: something on the way may not wait, and must not be hammered. */
const IDLE_PAUSE_MS = 1000;

/**
 * Waits until the payment is settled, by asking the Worker and by nothing else.
 *
 * `rejected` ends the wait too, since nobody here knows whether the customer will try another card. While the cashier is still
 * shown, use {@link Cashier.result}, which goes on; or call this again, with `onState` for what comes.
 *
 * Network errors, 408, 429 and 5xx are tried again with growing pauses until the time is over (`Retry-After` is honoured);
 * every other refusal ends the wait. When the page is seen again, or the network is back, it asks at once, unless the Worker has
 * named a pause. A machine that slept over the end goes on for a minute when it wakes.
 *
 * @returns the settled state, or at the timeout the last state with `settled: false, timed_out: true`
 * @throws {LauncherError} `timeout` if no state at all could be read in time, with the last error as its `cause`;
 *   `aborted`; or the Worker's refusal, for example of an expired ticket
 */
export function awaitResult(options: AwaitResultOptions): Promise<PaymentResult>;
/** The same, but `rejected` ends the wait only when the window of the cashier is closed. @internal */
export function awaitResult(options: AwaitResultOptions, windowClosed?: AbortSignal): Promise<PaymentResult>;
export async function awaitResult(
  options: AwaitResultOptions,
  windowClosed?: AbortSignal,
): Promise<PaymentResult> {
  const { tracking_id, timeoutMs = 600_000, signal, onState, onRetry } = options;
  check(options, RULES);
  const path = `/v1/sessions/${encodeURIComponent(tracking_id)}`;
  let deadline = Date.now() + timeoutMs;
  let last: PaymentState | undefined;
  let cause: LauncherError | undefined;
  let failures = 0;
  let settled = false;
  for (let slept = false; ;) {
    if (signal?.aborted)
      throw new LauncherError("aborted", "aborted by the caller", { cause: signal.reason });
    let left = deadline - Date.now();
    if (left <= 0) {
      if (slept || left > -SLEPT_MS) break;
      // The machine slept over the end, and the payment went on meanwhile.
      slept = true;
      left = AWAKE_MS;
      deadline = Date.now() + left;
    }
    let rest = 0;
    // While the window is open the customer may try another card; when it closes, the Worker is asked at once.
    const isOpen = windowClosed?.aborted === false;
    let interrupts: Interrupts = { signal, cut: windowClosed, wakes: true };
    try {
      // The first question is answered at once; the later ones when there is something to tell.
      const wait = Math.min(LONGEST_WAIT_S, Math.ceil(left / 1000));
      const state = (await ask(
        options,
        {
          path: last && (isOpen || !last.settled) ? `${path}?wait=${wait}&version=${last.version}` : path,
          timeoutMs: Math.min(left, DEAD_AFTER_MS),
        },
        interrupts,
        // Another payment's state, or none at all, is never taken for this one's.
        (fields) => fields.tracking_id === tracking_id && typeof fields.settled === "boolean",
      )) as unknown as PaymentState;
      failures = 0;
      if (state.version === last?.version) rest = IDLE_PAUSE_MS;
      else tell(onState, state);
      last = state;
      settled = state.settled && !(isOpen && state.state === "rejected");
      if (settled) break;
    } catch (thrown) {
      const error = thrown as LauncherError;
      // It was interrupted, which is no failure.
      if (error.cause instanceof Event) continue;
      // The same question is answered a little later, but for one that the Worker refuses.
      if (/^4(?!08|29)/.test(`${error.status}`)) throw error;
      cause = error;
      // Nothing shortens the pause that the Worker asks for.
      if (error.retry_after) interrupts = { signal };
      // Doubled each time, and spread so that browsers do not return as one.
      rest = Math.max(
        Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures++) * (0.5 + Math.random() / 2),
        Math.min(error.retry_after ?? 0, 60) * 1000,
      );
      // The end of the whole time is no failure worth telling.
      if (Date.now() < deadline) tell(onRetry, { error, pauseMs: rest });
    }
    await pause(Math.min(rest, deadline - Date.now()), interrupts);
  }
  if (last) return { ...last, settled, timed_out: !settled } as PaymentResult;
  throw new LauncherError("timeout", NO_ANSWER, { cause });
}
