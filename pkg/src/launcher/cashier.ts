import { LauncherError } from "./error.js";
import { type Access, ask, check, tell, text } from "./http.js";
import { followPopup, openPopup, showFrame } from "./window.js";

/** How the cashier is shown. `redirect` keeps the cashier out of the merchant's page: the lightest PCI duty. */
export type CashierMode = "redirect" | "popup" | "iframe";

/**
 * Why a popup or frame is gone: `returned` (the cashier sent the customer back to this origin), `user` (closed by the
 * customer) or `caller` ({@link Cashier.close}). None of them says that anything was paid.
 */
export type CloseReason = "returned" | "user" | "caller";

/** What happened to the window. Events describe windows, never money. */
export type CashierEvent =
  /** The session stands and the window was given the cashier's address. */
  | {
      readonly type: "opened";
      readonly mode: CashierMode;
      readonly tracking_id: string;
      readonly operation: string;
      readonly url: string;
    }
  /** The window shows another origin's page, or the cashier spoke. */
  | { readonly type: "ready"; readonly mode: CashierMode }
  /** The cashier's own message, from its exact origin and window. Untrusted: never proof of payment. */
  | { readonly type: "message"; readonly mode: CashierMode; readonly data: unknown }
  /** The browser refused the popup, or this page's policy refused the frame. */
  | { readonly type: "blocked"; readonly mode: CashierMode }
  /** The frame did not load in time. */
  | { readonly type: "timeout"; readonly mode: CashierMode }
  /** `mode` did not work; `to` is taken. */
  | { readonly type: "fallback"; readonly mode: CashierMode; readonly to: CashierMode }
  /** The popup or frame is gone. */
  | { readonly type: "closed"; readonly mode: CashierMode; readonly reason: CloseReason }
  /** The cashier could not be opened; the promise is rejected with the same error. */
  | { readonly type: "error"; readonly mode: CashierMode; readonly error: LauncherError };

type EventFields<T> = Omit<Extract<CashierEvent, { type: T }>, "type" | "mode">;

/** Tells one event of the current mode. @internal */
export type Emit = <T extends CashierEvent["type"]>(
  type: T,
  ...more: keyof EventFields<T> extends never ? [] : [EventFields<T>]
) => void;

/** Options of {@link openCashier}. */
export interface OpenCashierOptions extends Omit<Access, "ticket"> {
  /**
   * The launch ticket, or the promise of one: `ticket: fetchTicket()` lets a popup be opened inside the click while the
   * backend still signs.
   */
  readonly ticket: string | PromiseLike<string>;
  /** Default `redirect`. */
  readonly mode?: CashierMode | undefined;
  /** Where the frame goes; required for `iframe`. The frame fills it. */
  readonly container?: Element | null | undefined;
  /** Colours of the waiting popup and behind the frame. The cashier's own theme is in the ticket. */
  readonly theme?: "light" | "dark" | undefined;
  /** How long the Worker may take to open the session, and then the frame to load (at most 10 s), in ms. Default 20 000. */
  readonly timeoutMs?: number | undefined;
  /**
   * What counts as a frame that stands. A browser does not tell a page that a frame was refused by the other side
   * (`X-Frame-Options`): its error page "loads" too. With `message`, the frame has to speak within `timeoutMs`, else the
   * next mode is taken. Default `load`.
   */
  readonly frameReady?: "load" | "message" | undefined;
  /** What the popup shows until the cashier's address is known. Default "Opening the secure cashier…". */
  readonly waitingText?: string | undefined;
  /** Hears every {@link CashierEvent}. */
  readonly onEvent?: ((event: CashierEvent) => void) | undefined;
}

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
}

/** The frame's share of the waiting time. */
const FRAME_TIMEOUT_MS = 10_000;

const opening = new Map<OpenCashierOptions["ticket"], Promise<Cashier>>();

/**
 * Opens the hosted cashier for a launch ticket.
 *
 * Call it inside the click for `popup`: the window is opened before anything is awaited, or the browser blocks it. A
 * blocked popup falls back to `redirect`; a frame that does not load falls back to a popup if the customer has just
 * clicked, else to `redirect`. Called again with the same ticket while the first call is under way, or while its popup or
 * frame stands, it gives the first call's promise and opens nothing.
 *
 * A popup or frame that comes back to this page's origin (the return address of the cashier) is closed.
 *
 * @throws {LauncherError} as a rejection: the Worker's problem, or one of the launcher's own codes
 */
export function openCashier(options: OpenCashierOptions): Promise<Cashier> {
  try {
    check(options, options.mode === "iframe" && !options.container && "container");
  } catch (error) {
    return Promise.reject(error);
  }
  const { ticket } = options;
  const known = opening.get(ticket);
  if (known) return known;
  const forget = () => opening.delete(ticket);
  const promise = start(options, forget);
  opening.set(ticket, promise);
  // The caller has the same rejection; this branch only forgets the ticket, so that it can be tried again.
  promise.catch(forget);
  return promise;
}

async function start(options: OpenCashierOptions, forget: () => void): Promise<Cashier> {
  const { endpoint, theme, timeoutMs = 20_000, container, onEvent } = options;
  let mode = options.mode ?? "redirect";
  const emit: Emit = (type, ...more: object[]) => tell(onEvent, { type, mode, ...more[0] } as CashierEvent);
  const fallBack = (to: CashierMode, why?: "blocked" | "timeout") => {
    if (why) emit(why);
    emit("fallback", { to });
    mode = to;
  };

  // Before the first await, or the browser no longer sees the click behind it.
  let popup =
    mode === "popup" ? openPopup("", options.waitingText ?? "Opening the secure cashier…", theme) : null;
  if (mode === "popup" && !popup) fallBack("redirect", "blocked");

  let session: Session;
  try {
    const ticket = await Promise.resolve(options.ticket).catch((cause) => {
      throw new LauncherError("no_ticket", "the ticket could not be fetched", { cause });
    });
    session = await openSession({ endpoint, ticket }, timeoutMs);
  } catch (error) {
    popup?.close();
    emit("error", { error: error as LauncherError });
    throw error;
  }
  let resolve: (reason: CloseReason) => void;
  const closed = new Promise<CloseReason>((done) => {
    resolve = done;
  });
  const over = (reason: CloseReason) => {
    forget();
    emit("closed", { reason });
    resolve(reason);
  };
  const stage = { url: session.url, emit, over };
  const opened = () => emit("opened", session);
  const cashier = (close: () => void): Cashier => ({ ...session, mode, closed, close });

  if (mode === "iframe" && container) {
    opened();
    const frame = await showFrame(
      container,
      stage,
      theme,
      options.frameReady,
      Math.min(timeoutMs, FRAME_TIMEOUT_MS),
    );
    if (typeof frame !== "string") return cashier(frame);
    fallBack(navigator.userActivation?.isActive ? "popup" : "redirect", frame);
    // `mode` was changed by fallBack, which the compiler does not follow.
    if ((mode as CashierMode) === "popup") {
      popup = openPopup("about:blank");
      if (!popup) fallBack("redirect", "blocked");
    }
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
  forget();
  return cashier(() => {});
}

interface Session {
  readonly tracking_id: string;
  readonly operation: string;
  readonly url: string;
}

/** `POST /v1/sessions`. Not tried again by itself: the customer waits, and the same ticket always gives the same session. */
async function openSession(access: Access, timeoutMs: number): Promise<Session> {
  const fields = await ask(access, "POST", "/v1/sessions", timeoutMs);
  return {
    tracking_id: text(fields.tracking_id) ?? "",
    operation: text(fields.operation) ?? "",
    url: safeAddress(text(fields.cashier_url) ?? text(fields.redirect_url)),
  };
}

/** A `javascript:` address would run in the merchant's page. */
function safeAddress(address = ""): string {
  try {
    if (/^https?:/.test(new URL(address).protocol)) return address;
  } catch {
    // No address at all: the same refusal.
  }
  throw new LauncherError(
    "unsafe_address",
    "the session has no http(s) address: check the Worker's CASHIER_URL",
  );
}
