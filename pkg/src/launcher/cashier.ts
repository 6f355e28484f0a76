import { check } from "./check.js";
import { LauncherError } from "./error.js";
import type { BlockReason, CashierEvent, CashierMode, CloseReason, Emit } from "./events.js";
import { LOOK_EVERY_MS, type Shown } from "./follow.js";
import { showFrame } from "./frame.js";
import { type Access, ask, pause, tell } from "./http.js";
import { type OpenCashierOptions, RULES } from "./options.js";
import { followPopup, openPopup } from "./popup.js";
import { type AwaitResultOptions, awaitOutcome, type PaymentResult } from "./result.js";

/** What {@link Cashier.result} may be given. */
export type ResultOptions = Omit<AwaitResultOptions, keyof Access | "tracking_id">;

/** An opened cashier. */
export interface Cashier {
  /** The mode after all fallbacks. */
  readonly mode: CashierMode;
  /** The merchant's id of the payment: what {@link awaitResult} wants. */
  readonly tracking_id: string;
  /** `hosted_deposit`, `hosted_withdrawal` or `direct_payment`. */
  readonly operation: string;
  /** Address of the cashier, for a link of one's own ("nothing to see? open it in a tab"). */
  readonly url: string;
  /** Why the popup or frame is gone; for a redirect it never resolves, since the page is left. */
  readonly closed: Promise<CloseReason>;
  /** Closes the popup or removes the frame; nothing for a redirect. */
  close(): void;
  /**
   * {@link awaitResult} for this payment, and the event `settled` when the Worker says that it is. A declined card does not end it
   * while the popup or frame is open: the customer may try another one. When that is closed, the Worker is asked once more.
   */
  result(options?: ResultOptions): Promise<PaymentResult>;
}

/** The frame's share of the waiting time. */
const FRAME_TIMEOUT_MS = 10_000;

const underWay = new Map<OpenCashierOptions["ticket"], Promise<Cashier>>();

/**
 * Opens the hosted cashier for a launch ticket.
 *
 * Call it inside the click for `popup`: the window is opened before anything is awaited, or the browser blocks it. A
 * blocked popup falls back to `redirect`; a frame that is not shown falls back to a popup if the customer has just
 * clicked, else to `redirect`. Called again with the same ticket while the first call is under way, or while its popup or
 * frame is open, it gives the first call's promise and opens nothing.
 *
 * A popup or frame that comes back to this page's origin (the return address of the cashier) is closed.
 *
 * @throws {LauncherError} as a rejection: the Worker's problem, or one of the launcher's own codes
 */
export function openCashier(options: OpenCashierOptions): Promise<Cashier> {
  try {
    check(options, RULES);
  } catch (error) {
    return Promise.reject(error);
  }
  const { ticket } = options;
  const known = underWay.get(ticket);
  if (known) return known;
  const forget = () => underWay.delete(ticket);
  const promise = start(options, forget);
  underWay.set(ticket, promise);
  // The caller has the same rejection; this branch only forgets the ticket, so that it can be tried again.
  promise.catch(forget);
  return promise;
}

async function start(options: OpenCashierOptions, forget: () => void): Promise<Cashier> {
  const { endpoint, timeoutMs = 20_000, onEvent, waitingText = "Opening the secure cashier…" } = options;
  let { mode = "redirect" } = options;
  const emit: Emit = (type, ...more: object[]) => tell(onEvent, { type, mode, ...more[0] } as CashierEvent);
  const fallBack = (to: CashierMode, reason: BlockReason) => {
    emit("blocked", { reason });
    emit("fallback", { to, reason });
    mode = to;
  };
  /** Takes the mode `popup`, or falls back to `redirect`. */
  const popUp = () => {
    const popup = openPopup(waitingText, options.theme);
    if (!popup) fallBack("redirect", "popup");
    return popup;
  };

  // Before the first await, or the browser no longer sees the click behind it.
  emit("opening");
  let popup = mode === "popup" ? popUp() : null;
  let ticket: string;
  let session: Session;
  const opening = new AbortController();
  const timer = setInterval(() => {
    if (popup?.closed) opening.abort();
  }, LOOK_EVERY_MS);
  try {
    ticket = await fetchTicket(options.ticket, pause(timeoutMs, opening.signal));
    session = await openSession({ endpoint, ticket }, timeoutMs, opening.signal, options.turnstileToken);
  } catch (error) {
    if (opening.signal.aborted) {
      emit("closed", { reason: "user" });
      throw new LauncherError("closed", "closed by the customer");
    }
    popup?.close();
    emit("failed", { error: error as LauncherError });
    throw error;
  } finally {
    clearInterval(timer);
    opening.abort();
  }
  let resolve: (reason: CloseReason) => void;
  const closed = new Promise<CloseReason>((done) => {
    resolve = done;
  });
  const onClosed = (reason: CloseReason) => {
    forget();
    emit("closed", { reason });
    resolve(reason);
  };
  const stage = { url: session.url, emit, onClosed };
  const opened = () => emit("opened", session);
  const cashier = (shown?: Shown): Cashier => ({
    ...session,
    mode,
    closed,
    close: () => shown?.end("caller"),
    async result(more) {
      const question = { ...more, endpoint, ticket, tracking_id: session.tracking_id };
      const result = await awaitOutcome(question, shown?.signal);
      if (result.settled) emit("settled", { result });
      return result;
    },
  });

  if (mode === "iframe") {
    opened();
    const frame = await showFrame(stage, Math.min(timeoutMs, FRAME_TIMEOUT_MS), options);
    if (typeof frame === "object") return cashier(frame);
    const mayPopUp = navigator.userActivation?.isActive;
    fallBack(mayPopUp ? "popup" : "redirect", frame);
    popup = mayPopUp ? popUp() : null;
  }
  if (popup) {
    if (!popup.closed) {
      popup.location.replace(session.url);
      opened();
    }
    return cashier(followPopup(popup, stage));
  }
  opened();
  location.assign(session.url);
  // A second click before the page is left opens nothing. But it may come back as it was, and the customer may stop the loading.
  window.addEventListener("pagehide", forget);
  void pause(timeoutMs).then(forget);
  return cashier();
}

async function fetchTicket(ticket: OpenCashierOptions["ticket"], late: Promise<void>): Promise<string> {
  let cause: unknown;
  try {
    const fetched: unknown = await Promise.race([typeof ticket === "function" ? ticket() : ticket, late]);
    if (fetched && typeof fetched === "string") return fetched;
  } catch (error) {
    cause = error;
  }
  throw new LauncherError("no_ticket", "the ticket could not be fetched", { cause });
}

interface Session {
  readonly tracking_id: string;
  readonly operation: string;
  readonly url: string;
}

/** `POST /v1/sessions`. Not tried again by itself: the customer waits, and the same ticket always gives the same session. */
async function openSession(
  access: Access,
  timeoutMs: number,
  signal: AbortSignal,
  turnstile_token?: string,
): Promise<Session> {
  const { tracking_id, operation, cashier_url, redirect_url } = await ask(
    access,
    { path: "/v1/sessions", timeoutMs, signal, body: JSON.stringify({ turnstile_token }) },
    (fields) => typeof fields.tracking_id === "string",
  );
  const url = `${cashier_url ?? redirect_url}`;
  // A `javascript:` address would run in the merchant's page.
  if (!/^https?:\/\/\w/.test(url))
    throw new LauncherError(
      "unsafe_address",
      "the session has no http(s) address: check the Worker's CASHIER_URL",
    );
  return { tracking_id: tracking_id as string, operation: operation as string, url };
}
