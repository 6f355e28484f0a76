import type { CloseReason, Emit } from "./events.js";

/** What a popup and a frame have in common: the cashier's address, and who hears of it. */
export interface Stage {
  readonly url: string;
  readonly emit: Emit;
  /** Called once, when the popup or frame is gone. */
  readonly over: (reason: CloseReason) => void;
}

/** How often a window is looked at: nothing reports to a page that one of another origin was closed. */
const LOOK_EVERY_MS = 250;

/** What a frame does more than a popup. */
interface FrameParts {
  /** Called once, when the cashier stands there. */
  readonly stood: () => void;
  /** Called with each message of the cashier. */
  readonly heard: (data: unknown) => void;
}

/**
 * Follows a popup or frame until it is closed or back at this origin, which disposes of it. Passes on what this very window
 * says from the cashier's very origin, and nothing else.
 *
 * With its first message the cashier stands there; in a popup also when that shows another origin's page.
 */
export function follow(
  page: Window | null,
  { url, emit, over }: Stage,
  dispose: () => void,
  frame?: FrameParts,
) {
  const home = `${location.origin}/`;
  const { origin } = new URL(url);
  const gone = new AbortController();
  let isStanding = false;
  const stand = () => {
    if (isStanding) return;
    isStanding = true;
    emit("ready");
    frame?.stood();
  };
  const end = (reason?: CloseReason) => {
    if (gone.signal.aborted) return;
    isStanding = true;
    gone.abort();
    clearInterval(timer);
    dispose();
    if (reason) over(reason);
  };
  window.addEventListener(
    "message",
    ({ source, origin: from, data }: MessageEvent<unknown>) => {
      if (source !== page || from !== origin) return;
      stand();
      frame?.heard(data);
      emit("message", { data });
    },
    gone,
  );
  const timer = setInterval(() => {
    const at = placeOf(page);
    if (page?.closed) end("user");
    // A cashier of this very origin cannot be told apart from a return.
    else if (at.startsWith(home) && !url.startsWith(home)) end("returned");
    else if (!at && !frame) stand();
  }, LOOK_EVERY_MS);
  return { stand, end, gone };
}

/** Where a window is, or nothing when that is another origin's. */
function placeOf(page: Window | null): string {
  try {
    return page?.location.href ?? "";
  } catch {
    return "";
  }
}
