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

/**
 * Follows a popup or frame until it is closed or back at this origin, which disposes of it. Passes on what this very window
 * says from the cashier's very origin, and nothing else.
 *
 * @param look is called with the window's address, empty for one of another origin
 * @param heard is called with each message
 */
export function follow(
  page: Window | null,
  { url, emit, over }: Stage,
  dispose: () => void,
  look: (at: string) => void,
  heard: (data: unknown) => void,
) {
  const home = `${location.origin}/`;
  const { origin } = new URL(url);
  const gone = new AbortController();
  const end = (reason?: CloseReason) => {
    if (gone.signal.aborted) return;
    gone.abort();
    if (reason) over(reason);
    dispose();
  };
  window.addEventListener(
    "message",
    (event: MessageEvent<unknown>) => {
      if (event.source !== page || event.origin !== origin) return;
      heard(event.data);
      emit("message", { data: event.data });
    },
    gone,
  );
  const timer = setInterval(() => {
    const at = placeOf(page);
    if (page?.closed) end("user");
    // A cashier of this very origin cannot be told apart from a return.
    else if (at.startsWith(home) && !url.startsWith(home)) end("returned");
    else look(at);
  }, LOOK_EVERY_MS);
  gone.signal.addEventListener("abort", () => clearInterval(timer));
  return { end, gone };
}

/** Where a window is, or nothing when that is another origin's. */
function placeOf(page: Window | null): string {
  try {
    return page?.location.href ?? "";
  } catch {
    return "";
  }
}

/** A function that does something the first time. */
export const once = (act: () => void): (() => void) => {
  let left: (() => void) | undefined = act;
  return () => {
    const now = left;
    left = undefined;
    now?.();
  };
};
