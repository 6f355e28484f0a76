import type { LauncherError } from "./error.js";
import type { PaymentState } from "./result.js";

/** How the cashier is shown. `redirect` keeps the cashier out of the merchant's page: the lightest PCI duty. */
export type CashierMode = "redirect" | "popup" | "iframe";

/**
 * Why a popup or frame is gone: `returned` (the cashier sent the customer back to this origin), `user` (closed by the
 * customer) or `caller` ({@link Cashier.close}). None of them says that anything was paid.
 */
export type CloseReason = "returned" | "user" | "caller";

/**
 * Why a mode did not work: the browser refused the `popup`; the `script` that shows the frame could not be loaded, or not in
 * time; this page's `policy` (its Content-Security-Policy) refused the frame; the frame did not load in time (`timeout`); or it loaded, but the cashier said nothing (`silent`), which is what a
 * frame that the cashier's own headers refuse looks like.
 */
export type BlockReason = "popup" | "script" | "policy" | "timeout" | "silent";

/** What happened. All but `settled` are about windows, never about money. */
export type CashierEvent =
  /** The call was accepted: the popup is open, if it may be, and the ticket and the Worker are asked. */
  | { readonly type: "opening"; readonly mode: CashierMode }
  /** The session is open, and the page, popup or frame goes to its address now. Comes again, in the new mode, after a frame's fallback. */
  | {
      readonly type: "opened";
      readonly mode: CashierMode;
      readonly tracking_id: string;
      readonly operation: string;
      readonly url: string;
    }
  /** The popup shows another origin's page; the frame's cashier has spoken. */
  | { readonly type: "ready"; readonly mode: CashierMode }
  /** The frame was given the height that its page asked for, within the bounds. */
  | { readonly type: "resized"; readonly mode: CashierMode; readonly height: number }
  /** The cashier's own message, from its exact origin and window. Untrusted: never proof of payment. */
  | { readonly type: "message"; readonly mode: CashierMode; readonly data: unknown }
  /** `mode` did not work. */
  | { readonly type: "blocked"; readonly mode: CashierMode; readonly reason: BlockReason }
  /** Follows `blocked`: `to` is taken instead of `mode`. */
  | {
      readonly type: "fallback";
      readonly mode: CashierMode;
      readonly reason: BlockReason;
      readonly to: CashierMode;
    }
  /** The popup or frame is gone. */
  | { readonly type: "closed"; readonly mode: CashierMode; readonly reason: CloseReason }
  /** The cashier could not be opened; the promise is rejected with this error. A popup that the customer closed first is `closed`. */
  | { readonly type: "failed"; readonly mode: CashierMode; readonly error: LauncherError }
  /**
   * The Worker says that the payment is settled; `rejected` is reported when the popup or frame is closed. Heard only by who has
   * called {@link Cashier.result}.
   */
  | { readonly type: "settled"; readonly mode: CashierMode; readonly result: PaymentState };

type EventFields<T> = Omit<Extract<CashierEvent, { type: T }>, "type" | "mode">;

/** Reports one event of the current mode. @internal */
export type Emit = <T extends CashierEvent["type"]>(
  type: T,
  ...more: keyof EventFields<T> extends never ? [] : [EventFields<T>]
) => void;
