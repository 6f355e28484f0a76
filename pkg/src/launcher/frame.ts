import type { BlockReason } from "./events.js";
import type { follow as Follow, Shown, Stage } from "./follow.js";
import type { FrameOptions } from "./options.js";

/** The frame's share of the waiting time. */
const LONGEST_LOAD_MS = 10_000;
/** From the load of a frame to the first word of its cashier. With the load, well within the 5 s that a click allows a popup. */
const SILENCE_MS = 3000;
/** A refusal by this page's own policy is reported after the load of its error page. */
const POLICY_MS = 50;
/** Until the cashier has said how high it is. */
const FIRST_HEIGHT = 640;

/**
 * Shows the frame; gives the way to remove it, or why it is not shown (it is removed again).
 *
 * This file is loaded when it is needed, and imports nothing: what it shares with popups (`follow`) is handed over.
 */
export const showFrame = (
  follow: typeof Follow,
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
): Promise<Shown | BlockReason> =>
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
    button.style.cssText = "font:inherit;align-self:end;padding:.75em;border:0;background:none";
    fit(FIRST_HEIGHT);
    frame.title = title;
    dialog.setAttribute("aria-label", title);
    dialog.tabIndex = -1;
    frame.allow = "payment *;publickey-credentials-get *;publickey-credentials-create *";
    frame.src = stage.url;
    button.textContent = closeText;
    const focused = () => (dialog.getRootNode() as Document).activeElement;
    dialog.append(...(closeText ? [button] : []), frame);
    (container ?? document.body).append(dialog);
    if (container) dialog.show();
    else dialog.showModal();
    // Not into the frame, where Chromium puts it if there is no button: Escape is not heard from there, and only a customer's focus counts.
    dialog.focus();

    const user = () => end("user");
    const fail = (reason: BlockReason) => {
      done(reason);
      end();
    };
    let timer = setTimeout(fail, Math.min(timeoutMs, LONGEST_LOAD_MS), "timeout");
    const shown = follow(
      frame.contentWindow,
      stage,
      () => {
        done(shown);
        // Gives the focus back to where it was.
        dialog.close();
        dialog.remove();
      },
      (data) => {
        keep();
        const { type, height } = Object(data);
        // The cashier's way to pass on Escape.
        if (type === "close") user();
        if (type === "resize" && height > 0) stage.emit("resized", { height: fit(height) });
      },
    );
    const { ready, end, signal } = shown;
    /** The frame is shown, and stays. */
    const keep = () => {
      if (!frame.onload) return;
      clearTimeout(timer);
      frame.onload = null;
      ready();
      done(shown);
    };
    button.onclick = dialog.onclose = user;
    dialog.onkeydown = ({ key }) => {
      if (key === "Escape") user();
    };
    document.addEventListener(
      "securitypolicyviolation",
      ({ disposition, effectiveDirective, blockedURI }) => {
        // A policy that only reports has refused nothing, and a frame that is ready (without `onload`) stays.
        if (
          frame.onload &&
          disposition === "enforce" &&
          /frame|child/.test(effectiveDirective) &&
          stage.url.startsWith(blockedURI)
        )
          fail("policy");
      },
      { signal },
    );
    frame.onload = () => {
      clearTimeout(timer);
      timer =
        frameReady === "load"
          ? setTimeout(keep, POLICY_MS)
          : setTimeout(() => (focused() === frame ? keep() : fail("silent")), SILENCE_MS);
    };
  });
