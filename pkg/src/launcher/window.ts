import type { CloseReason, Emit } from "./cashier.js";
import { on } from "./http.js";

/** What a popup and a frame have in common: the cashier's address, and who hears of it. */
export interface Stage {
  readonly url: string;
  readonly emit: Emit;
  /** Called once, when the popup or frame is gone. */
  readonly over: (reason: CloseReason) => void;
}

/** How often a popup is looked at: nothing tells a page that a window of another origin was closed. */
const LOOK_EVERY_MS = 250;

/** Opens a popup, or null when the browser refuses. Without an address it shows `waiting` until it gets one. */
export function openPopup(url: string, waiting?: string, theme = "light dark"): Window | null {
  const popup = window.open(url, "_blank", "popup,width=480,height=760");
  // Some blockers hand out a window that is closed already.
  if (!popup || popup.closed) return null;
  if (waiting) {
    const page = popup.document;
    page.title = page.body.textContent = waiting;
    // By script: a strict policy forbids style attributes, not this.
    page.body.style.cssText = "font:1rem system-ui;margin:3rem";
    page.documentElement.style.colorScheme = theme;
  }
  return popup;
}

/**
 * Follows a popup until it is closed or back at this origin; gives the way to close it.
 *
 * A cashier that sends `Cross-Origin-Opener-Policy` cuts the tie, and its popup then looks closed while it still stands:
 * one more reason why `closed` means nothing for the payment.
 */
export function followPopup(popup: Window, stage: Stage): () => void {
  let ready = false;
  const end = follow(popup, stage, () => {
    clearInterval(timer);
    popup.close();
  });
  const timer = setInterval(() => {
    const at = placeOf(popup);
    if (popup.closed) end("user");
    else if (isBack(at, stage.url)) end("returned");
    else if (!ready && !at) {
      ready = true;
      stage.emit("ready");
    }
  }, LOOK_EVERY_MS);
  return () => end("caller");
}

/** Shows the frame; gives the way to remove it, or why it does not stand (it is removed again). */
export function showFrame(
  container: Element,
  stage: Stage,
  theme: string | undefined,
  readiness: "load" | "message" | undefined,
  timeoutMs: number,
): Promise<(() => void) | "blocked" | "timeout"> {
  return new Promise((done) => {
    const frame = document.createElement("iframe");
    frame.title = "Cashier";
    frame.allow = "payment; publickey-credentials-get";
    frame.style.cssText = `border:0;width:100%;height:100%;display:block;color-scheme:${theme}`;
    frame.src = stage.url;
    container.append(frame);

    let standing = false;
    const stand = () => {
      if (standing || !frame.isConnected) return;
      standing = true;
      clearTimeout(timer);
      stage.emit("ready");
      done(() => end("caller"));
    };
    const fail = (reason: "blocked" | "timeout") => {
      if (standing || !frame.isConnected) return;
      done(reason);
      end();
    };
    const violated = ({ effectiveDirective, blockedURI }: SecurityPolicyViolationEvent) => {
      if (/frame|child/.test(effectiveDirective) && stage.url.startsWith(blockedURI)) fail("blocked");
    };
    const end = follow(
      frame.contentWindow,
      stage,
      () => {
        clearTimeout(timer);
        deafen();
        frame.remove();
        done(() => {});
      },
      stand,
    );
    const timer = setTimeout(fail, timeoutMs, "timeout");
    const deafen = on(document, "securitypolicyviolation", violated);
    frame.onload = () => {
      if (isBack(placeOf(frame.contentWindow), stage.url)) end("returned");
      // A refusal by this page's own policy is told after the load of its error page: let it come first.
      else if (readiness !== "message") setTimeout(stand, 50);
    };
  });
}

/** Passes on what this very window says from the cashier's very origin, and nothing else; gives the one way to end it. */
function follow(page: Window | null, stage: Stage, dispose: () => void, heard?: () => void) {
  const { origin } = new URL(stage.url);
  const hear = (event: MessageEvent<unknown>) => {
    if (event.source !== page || event.origin !== origin) return;
    heard?.();
    stage.emit("message", { data: event.data });
  };
  const deafen = on(window, "message", hear);
  let over = false;
  return (reason?: CloseReason) => {
    if (over) return;
    over = true;
    deafen();
    if (reason) stage.over(reason);
    dispose();
  };
}

/** Where a window is, or nothing when that is another origin's. */
function placeOf(page: Window | null): string {
  try {
    return page?.location.href ?? "";
  } catch {
    return "";
  }
}

/** Whether the cashier has sent the customer back to this origin. A cashier of this very origin cannot be told apart. */
const isBack = (at: string, url: string) => {
  const home = `${location.origin}/`;
  return at.startsWith(home) && !url.startsWith(home);
};
