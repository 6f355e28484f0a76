import { follow, type Shown, type Stage } from "./follow.js";
import type { OpenCashierOptions } from "./options.js";

/** A popup that is open. */
interface Popup extends Shown {
  /** Sends it to the cashier. */
  readonly go: () => void;
}

/**
 * Opens a popup and follows it; or gives nothing when the browser refuses. It shows the `waitingText` until it goes to the cashier.
 *
 * A cashier that sends `Cross-Origin-Opener-Policy` cuts the tie, and its popup then looks closed while it is still open:
 * one more reason why `closed` means nothing for the payment.
 */
export function openPopup(
  stage: Stage,
  { theme, waitingText = "Opening the secure cashier…" }: OpenCashierOptions,
): Popup | undefined {
  const popup = window.open("", "_blank", "popup,width=480,height=760");
  // Some blockers hand out a window that is closed already.
  if (!popup || popup.closed) return undefined;
  const page = popup.document;
  page.title = page.body.textContent = waitingText;
  // By script: a strict policy forbids style attributes, not this.
  page.body.style.cssText = `font:1rem system-ui;margin:3rem;color-scheme:${theme ?? "light dark"}`;
  return { ...follow(popup, stage, () => popup.close()), go: () => popup.location.replace(stage.url) };
}
