import type { CloseReason, Emit } from "./events.js";

/** What a popup and a frame have in common: the cashier's address, and who hears of it. */
export interface Stage {
  readonly url: string;
  readonly emit: Emit;
  /** Called once, when the popup or frame is gone. */
  readonly onClosed: (reason: CloseReason) => void;
}

/** A popup or frame that is open. */
export interface Shown {
  /** Closes it. */
  readonly end: (reason: CloseReason) => void;
  /** Fires when it is closed, whoever has closed it. */
  readonly signal: AbortSignal;
}

/** How often a window is looked at: nothing reports to a page that one of another origin was closed. */
export const LOOK_EVERY_MS = 250;

/** What a frame does more than a popup. */
interface FrameParts {
  /** Called once, when the cashier is shown there. */
  readonly onReady: () => void;
  /** Called with each message of the cashier. */
  readonly onMessage: (data: unknown) => void;
}

/**
 * Follows a popup or frame until it is closed or back at this origin, which disposes of it. Passes on what this very window
 * says from the cashier's very origin, and nothing else.
 *
 * With its first message the cashier is ready; in a popup also when that shows another origin's page.
 */
export function follow(
  page: Window | null,
  { url, emit, onClosed }: Stage,
  dispose: () => void,
  frame?: FrameParts,
) {
  const home = `${location.origin}/`;
  const { origin } = new URL(url);
  const ended = new AbortController();
  const { signal } = ended;
  let isReady = false;
  const ready = () => {
    if (isReady) return;
    isReady = true;
    emit("ready");
    frame?.onReady();
  };
  const end = (reason?: CloseReason) => {
    if (signal.aborted) return;
    isReady = true;
    ended.abort();
    clearInterval(timer);
    dispose();
    if (reason) onClosed(reason);
  };
  window.addEventListener(
    "message",
    ({ source, origin: from, data }: MessageEvent<unknown>) => {
      if (source !== page || from !== origin) return;
      ready();
      frame?.onMessage(data);
      emit("message", { data });
    },
    { signal },
  );
  const timer = setInterval(() => {
    const at = placeOf(page);
    if (page?.closed) end("user");
    // A cashier of this very origin cannot be told apart from a return.
    else if (at.startsWith(home) && !url.startsWith(home)) end("returned");
    else if (!at && !frame) ready();
  }, LOOK_EVERY_MS);
  return { ready, end, signal };
}

/** Where a window is, or nothing when that is another origin's. */
function placeOf(page: Window | null): string {
  try {
    return page?.location.href ?? "";
  } catch {
    return "";
  }
}
