import { follow, type Shown, type Stage } from "./follow.js";

/** Opens a popup, or null when the browser refuses. It shows `waiting` until it gets an address. */
export function openPopup(waiting: string, theme = "light dark"): Window | null {
  const popup = window.open("", "_blank", "popup,width=480,height=760");
  // Some blockers hand out a window that is closed already.
  if (!popup || popup.closed) return null;
  const page = popup.document;
  page.title = page.body.textContent = waiting;
  // By script: a strict policy forbids style attributes, not this.
  page.body.style.cssText = `font:1rem system-ui;margin:3rem;color-scheme:${theme}`;
  return popup;
}

/**
 * Follows a popup until it is closed or back at this origin; gives the way to close it, and the signal of its end.
 *
 * A cashier that sends `Cross-Origin-Opener-Policy` cuts the tie, and its popup then looks closed while it is still open:
 * one more reason why `closed` means nothing for the payment.
 */
export function followPopup(popup: Window, stage: Stage): Shown {
  return follow(popup, stage, () => popup.close());
}
