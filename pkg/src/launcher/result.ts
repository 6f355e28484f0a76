import { LauncherError } from "./error.js";
import { type Access, aborted, ask, type Fields, isTransient, pause, pauseAfter, tell } from "./http.js";
import { check, type Rules } from "./options.js";

/** One step of a payment, as the Worker recorded it. */
export interface TimelineEntry {
  /** When: RFC 3339, UTC. */
  readonly at: string;
  /** What: `ticket`, `session`, `webhook`, …; further kinds may come. */
  readonly event: string;
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
  /** Whether no webhook is awaited: successful, rejected or in conflict. Only `successful` is for ever. */
  readonly settled: boolean;
  /** Exact decimal, for example `"10.05"`. */
  readonly amount: string;
  /** ISO 4217, for example `"EUR"`. */
  readonly currency: string;
  /** The gateway's id of the attempt that the state rests on, once it is known. */
  readonly transaction_id?: string;
  /** Every attempt at the payment, when there is more than one: a declined card, then another. `state` is the attempt's own. */
  readonly attempts?: readonly { readonly transaction_id: string; readonly state: string }[];
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
  endpoint: "string",
  ticket: "string",
  tracking_id: "string",
  timeoutMs: "number",
  signal: "object",
  onState: "function",
  onRetry: "function",
};

/** Seconds that one request may wait at the Worker, its own limit. */
const LONGEST_WAIT_S = 25;
/** When the connection counts as dead: well after the longest wait. */
const DEAD_AFTER_MS = 35_000;
/** An end that is noticed so late was slept over; and how long the one further question may take. */
const SLEPT_MS = 1000;
const LAST_MS = 5000;
/** Pause after an answer that told nothing new: something on the way may not wait, and must not be hammered. */
const IDLE_PAUSE_MS = 1000;

/**
 * Waits until the payment is settled, by asking the Worker and by nothing else.
 *
 * Network errors, 408, 429 and 5xx are tried again with growing pauses until the time is over (`Retry-After` is honoured);
 * every other refusal ends the wait.
 *
 * @returns the settled state, or at the timeout the last state with `settled: false, timed_out: true`
 * @throws {LauncherError} `timeout` if no state at all could be read in time, with the last error as its `cause`;
 *   `aborted`; or the Worker's refusal, for example of an expired ticket
 */
export async function awaitResult(options: AwaitResultOptions): Promise<PaymentResult> {
  const { tracking_id, timeoutMs = 600_000, signal, onState, onRetry } = options;
  check(options, RULES, "endpoint", "ticket", "tracking_id");
  const path = `/v1/sessions/${encodeURIComponent(tracking_id)}`;
  const deadline = Date.now() + timeoutMs;
  let last: PaymentState | undefined;
  let lastError: LauncherError | undefined;
  let failures = 0;
  for (let slept = false; ;) {
    if (signal?.aborted) throw aborted(signal);
    const left = deadline - Date.now();
    if (left <= 0) {
      // A machine that slept over the end asks once more when it wakes: the payment went on meanwhile.
      if (slept || left > -SLEPT_MS) break;
      slept = true;
    }
    let rest = 0;
    try {
      // The first question is answered at once; the later ones when there is something to tell.
      const wait = Math.min(LONGEST_WAIT_S, Math.ceil(left / 1000));
      const query = last && !slept ? `?wait=${wait}&version=${last.version}` : "";
      const state = read(
        await ask(options, path + query, slept ? LAST_MS : Math.min(left, DEAD_AFTER_MS), { signal }),
        tracking_id,
      );
      failures = 0;
      if (state.version === last?.version) rest = IDLE_PAUSE_MS;
      else tell(onState, state);
      last = state;
      if (state.settled) return { ...state, settled: true, timed_out: false };
    } catch (error) {
      if (!isTransient(error)) throw error;
      lastError = error;
      rest = pauseAfter(error, ++failures);
      // The end of the whole time is no failure worth telling.
      if (Date.now() < deadline) tell(onRetry, { error, pauseMs: rest });
    }
    if (rest) await pause(Math.min(rest, deadline - Date.now()), signal);
  }
  if (last) return { ...last, settled: false, timed_out: true };
  throw new LauncherError("timeout", "the payment service did not answer in time", { cause: lastError });
}

/** Another payment's state, or none at all, is never taken for this one's. */
function read(fields: Fields, tracking_id: string): PaymentState {
  const { state, settled, version, timeline } = fields;
  const sound = typeof state === "string" && typeof settled === "boolean" && typeof version === "number";
  if (sound && Array.isArray(timeline) && fields.tracking_id === tracking_id)
    return fields as unknown as PaymentState;
  throw new LauncherError("unreadable_reply", "the answer does not describe this payment", { status: 200 });
}
