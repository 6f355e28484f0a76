import type { Rules } from "./check.js";
import type { CashierEvent, CashierMode } from "./events.js";
import type { Access } from "./http.js";

/** How a frame looks and when it counts as shown. */
export interface FrameOptions {
  /** Where the frame goes, which fills it. Without one the frame is shown over the page, in a modal dialog. */
  readonly container?: Element | undefined;
  /** Colours of the waiting popup and behind the frame. The cashier's own theme is in the ticket. */
  readonly theme?: "light" | "dark" | undefined;
  /**
   * What counts as a frame that is shown. No browser tells a page that a frame was refused by the other side
   * (`X-Frame-Options`, `frame-ancestors`): the browser's error page "loads" too. So with `message`, the default, the cashier
   * has to say something (`{ "type": "ready" }`) within 3 seconds of the load, or the customer has to be in the frame already;
   * else the next mode is taken, with the same session. Use `load` for a cashier that is known to be silent.
   */
  readonly frameReady?: "load" | "message" | undefined;
  /** Accessible name of the frame. Default "Cashier". */
  readonly title?: string | undefined;
  /** Text of the button that closes the frame, none if empty. Default "Close". */
  readonly closeText?: string | undefined;
  /** Least height of the frame, in CSS pixels, whatever its page asks for. Default 320. */
  readonly minHeight?: number | undefined;
  /** Most height that the frame's page may ask for. Default 2000. */
  readonly maxHeight?: number | undefined;
}

/** Options of {@link openCashier}. An unknown one is refused. */
export interface OpenCashierOptions extends Omit<Access, "ticket">, FrameOptions {
  /**
   * The launch ticket; or the promise of one, or a function that fetches one, which is called inside the click after the
   * popup was opened.
   *
   * It is also what makes two calls one: give the same function or promise (not a new one each time) and two clicks open one session.
   */
  readonly ticket: string | PromiseLike<string> | (() => string | PromiseLike<string>);
  /** Default `redirect`. */
  readonly mode?: CashierMode | undefined;
  /** What the Turnstile widget gave to the page, where the Worker asks for it. */
  readonly turnstileToken?: string | undefined;
  /** How long the ticket may take, then the Worker's session, then the frame's load (at most 10 s), in ms. Default 20 000. */
  readonly timeoutMs?: number | undefined;
  /** What the popup shows until the cashier's address is known. Default "Opening the secure cashier…". */
  readonly waitingText?: string | undefined;
  /** Hears every {@link CashierEvent}. */
  readonly onEvent?: ((event: CashierEvent) => void) | undefined;
}

export const RULES: Rules<OpenCashierOptions> = {
  endpoint: "string empty",
  ticket: "string object function",
  mode: "redirect popup iframe undefined",
  container: "element undefined",
  theme: "light dark undefined",
  frameReady: "load message undefined",
  title: "string undefined",
  closeText: "string empty undefined",
  minHeight: "number undefined",
  maxHeight: "number undefined",
  turnstileToken: "string undefined",
  timeoutMs: "number undefined",
  waitingText: "string undefined",
  onEvent: "function undefined",
};
