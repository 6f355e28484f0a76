import type { BlockReason } from "./events.js";
import { follow, type Stage } from "./follow.js";

/** How a frame looks and when it stands. */
export interface FrameOptions {
  /** Where the frame goes, which fills it. Without one the frame is shown over the page, in a modal dialog. */
  readonly container?: Element | undefined;
  /** Colours of the waiting popup and behind the frame. The cashier's own theme is in the ticket. */
  readonly theme?: "light" | "dark" | undefined;
  /**
   * What counts as a frame that stands. No browser tells a page that a frame was refused by the other side
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

/** From the load of a frame to the first word of its cashier. With the load, well within the 5 s that a click allows a popup. */
const SILENCE_MS = 3000;
/** A refusal by this page's own policy is reported after the load of its error page. */
const POLICY_MS = 50;
/** Until the cashier has said how high it is. */
const FIRST_HEIGHT = 640;

/** Shows the frame; gives the way to remove it, or why it does not stand (it is removed again). */
export const showFrame = (
  stage: Stage,
  timeoutMs: number,
  {
    container,
    theme,
    frameReady,
    title = "Cashier",
    closeText = "Close",
    minHeight = 320,
    maxHeight = 2000,
  }: FrameOptions,
): Promise<(() => void) | BlockReason> =>
  new Promise((done) => {
    // A dialog gives the focus back, and over the page keeps it inside and hears Escape.
    const dialog = document.createElement("dialog");
    const frame = document.createElement("iframe");
    const button = document.createElement("button");
    const fit = (height: number) => {
      const fitting = Math.max(minHeight, Math.min(maxHeight, height));
      frame.style.flexBasis = `${fitting}px`;
      return fitting;
    };
    // By script: a strict policy forbids style attributes, not this.
    dialog.style.cssText = `${container ? "all:unset;height:100%" : "padding:0;border:0;width:30rem;box-shadow:0 0 0 99in #0008"};display:flex;flex-flow:column;color-scheme:${theme ?? "inherit"}`;
    frame.style.cssText = `border:0;flex:1;min-height:${minHeight}px`;
    button.style.cssText = "font:inherit;align-self:end;padding:.75em";
    fit(FIRST_HEIGHT);
    dialog.ariaLabel = frame.title = title;
    dialog.tabIndex = -1;
    dialog.autofocus = true;
    frame.allow = "payment *;publickey-credentials-get *;publickey-credentials-create *";
    frame.src = stage.url;
    button.textContent = closeText;
    const isFocused = () => (dialog.getRootNode() as Document).activeElement === frame;
    dialog.append(...(closeText ? [button] : []), frame);
    (container ?? document.body).append(dialog);
    if (container) dialog.show();
    else dialog.showModal();

    let isReady = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const wait = (ms: number, then: () => void) => {
      clearTimeout(timer);
      timer = setTimeout(then, ms);
    };
    const close = () => end("caller");
    const ready = () => {
      if (isReady) return;
      isReady = true;
      if (dialog.contains(document.activeElement)) frame.focus();
      stage.emit("ready");
      done(close);
    };
    const fail = (reason: BlockReason) => {
      if (isReady) return;
      done(reason);
      end();
    };
    const { end, gone } = follow(
      frame.contentWindow,
      stage,
      () => {
        isReady = true;
        done(close);
        // Gives the focus back to where it was.
        dialog.close();
        dialog.remove();
      },
      () => {},
      (data) => {
        ready();
        const { type, height } = Object(data);
        if (type === "resize" && height > 0) stage.emit("resized", { height: fit(height) });
      },
    );
    const user = () => end("user");
    button.onclick = dialog.onclose = user;
    dialog.onkeydown = ({ key }) => key === "Escape" && user();
    document.addEventListener(
      "securitypolicyviolation",
      ({ effectiveDirective, blockedURI }) => {
        if (/frame|child/.test(effectiveDirective) && stage.url.startsWith(blockedURI)) fail("policy");
      },
      gone,
    );
    wait(timeoutMs, () => fail("timeout"));
    frame.onload = () =>
      frameReady === "load"
        ? wait(POLICY_MS, ready)
        : wait(SILENCE_MS, () => (isFocused() ? ready() : fail("silent")));
  });
