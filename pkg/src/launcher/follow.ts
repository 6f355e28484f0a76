import type { CloseReason, Emit } from "./events.js";

/** What a popup and a frame have in common: the cashier's address, and who hears of it. */
export interface Stage {
  /** Empty until the session is open. */
  readonly url: string;
  readonly emit: Emit;
  /** Called once, when the popup or frame is gone. */
  readonly onClosed: (reason: CloseReason) => void;
}

/** A popup or frame that is open. */
export interface Shown {
  /** Closes it; without a reason nobody hears of it. */
  readonly end: (reason?: CloseReason) => void;
  /** Fires when it is closed, whoever has closed it. */
  readonly signal: AbortSignal;
}

/** How often a window is looked at: nothing reports to a page that one of another origin was closed. */
const LOOK_EVERY_MS = 250;

/**
 * Follows a popup or frame until it is closed or back at this origin, which disposes of it. Passes on what this very window
 * says from the cashier's very origin, and nothing else.
 *
 * With its first message the cashier is ready; in a popup (which has no `onMessage`) also when that shows another origin's page.
 */
export function follow(
  page: Window | null,
  stage: Stage,
  dispose: () => void,
  onMessage?: (data: unknown) => void,
) {
  /** The cashier's origin: that of nobody until the session is open. */
  const cashier = () => stage.url && new URL(stage.url).origin;
  const ended = new AbortController();
  const { signal } = ended;
  let isReady = false;
  const ready = () => {
    if (isReady) return;
    isReady = true;
    stage.emit("ready");
  };
  const end = (reason?: CloseReason) => {
    if (signal.aborted) return;
    isReady = true;
    ended.abort();
    clearInterval(timer);
    dispose();
    if (reason) stage.onClosed(reason);
  };
  window.addEventListener(
    "message",
    ({ source, origin: from, data }: MessageEvent<unknown>) => {
      if (source !== page || from !== cashier()) return;
      ready();
      stage.emit("message", { data });
      onMessage?.(data);
    },
    { signal },
  );
  const timer = setInterval(() => {
    const at = originOf(page);
    if (page?.closed) end("user");
    // A cashier of this very origin cannot be told apart from a return.
    else if (at === location.origin && at !== cashier()) end("returned");
    else if (!at && !onMessage) ready();
  }, LOOK_EVERY_MS);
  return { ready, end, signal };
}

/** The origin of a window's page, or nothing when that is another one than this page's. */
function originOf(page: Window | null): string {
  try {
    return page?.location.origin ?? "";
  } catch {
    return "";
  }
}
