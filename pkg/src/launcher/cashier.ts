import { check } from "./check.js";
import { LauncherError } from "./error.js";
import type { BlockReason, CashierEvent, CashierMode, CloseReason, Emit } from "./events.js";
import { follow, type Shown } from "./follow.js";
import { type Access, ask, type Interrupts, pause, tell } from "./http.js";
import { type OpenCashierOptions, RULES } from "./options.js";
import { openPopup } from "./popup.js";
import { type AwaitResultOptions, awaitResult, type PaymentResult } from "./result.js";

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
  const { endpoint, timeoutMs = 20_000 } = options;
  let { mode = "redirect" } = options;
  const emit: Emit = (type, ...more: object[]) =>
    tell(options.onEvent, { type, mode, ...more[0] } as CashierEvent);
  const fallBack = (to: CashierMode, reason: BlockReason) => {
    emit("blocked", { reason });
    emit("fallback", { to, reason });
    mode = to;
  };
  let resolve: (reason: CloseReason) => void;
  const closed = new Promise<CloseReason>((done) => {
    resolve = done;
  });
  const stage = {
    url: "",
    emit,
    onClosed(reason: CloseReason) {
      forget();
      emit("closed", { reason });
      resolve(reason);
    },
  };
  /** Opens the popup if that is the mode now, or falls back to `redirect`. */
  const popUp = () => {
    if (mode !== "popup") return undefined;
    const popup = openPopup(stage, options);
    if (!popup) fallBack("redirect", "popup");
    return popup;
  };

  // Before the first await, or the browser no longer sees the click behind it.
  emit("opening");
  let popup = popUp();
  const late = pause(timeoutMs, popup);
  // A file of its own, since only a frame needs it. It loads while the ticket and the session are asked for.
  const framePart = mode === "iframe" && Promise.race([import("./frame.js"), late]).catch(() => {});
  let ticket: string;
  let session: Session;
  try {
    ticket = await fetchTicket(options.ticket, late);
    session = await openSession({ endpoint, ticket }, timeoutMs, popup, options.turnstileToken);
  } catch (error) {
    if (popup?.signal.aborted) throw new LauncherError("closed", "closed by the customer");
    popup?.end();
    emit("failed", { error: error as LauncherError });
    throw error;
  }
  stage.url = session.url;
  const cashier = (shown?: Shown): Cashier => ({
    ...session,
    mode,
    closed,
    close: () => shown?.end("caller"),
    async result(more) {
      const question = { ...more, endpoint, ticket, tracking_id: session.tracking_id };
      const result = await awaitResult(question, shown?.signal);
      if (result.settled) emit("settled", { result });
      return result;
    },
  });

  if (framePart) {
    emit("opened", session);
    const part = await framePart;
    const frame = part ? await part.showFrame(follow, stage, timeoutMs, options) : "script";
    if (typeof frame === "object") return cashier(frame);
    fallBack(navigator.userActivation?.isActive ? "popup" : "redirect", frame);
    popup = popUp();
  }
  emit("opened", session);
  if (popup) {
    popup.go();
    return cashier(popup);
  }
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
  throw new LauncherError("no_ticket", "no ticket came", { cause });
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
  interrupts: Interrupts | undefined,
  turnstile_token?: string,
): Promise<Session> {
  const { tracking_id, operation, cashier_url, redirect_url } = await ask(
    access,
    { path: "/v1/sessions", timeoutMs, body: JSON.stringify({ turnstile_token }) },
    interrupts,
    (fields) => typeof fields.tracking_id === "string",
  );
  const url = `${cashier_url ?? redirect_url}`;
  // A `javascript:` address would run in the merchant's page.
  if (!/^https?:\/\/\w/.test(url))
    throw new LauncherError("unsafe_address", "no http(s) address: check CASHIER_URL");
  return { tracking_id: tracking_id as string, operation: operation as string, url };
}
