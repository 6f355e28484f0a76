// The two browsers of these suites, Chromium and Firefox, driven by one tool; with their popup blockers on, as customers have them.
import { describe, test } from "node:test";
import puppeteer from "puppeteer-core";

const launches = {
  Chromium: {
    browser: "chrome",
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    ignoreDefaultArgs: ["--disable-popup-blocking"],
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  },
  Firefox: {
    browser: "firefox",
    executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
    extraPrefsFirefox: { "dom.disable_open_during_load": true },
  },
};

/** Describes a suite for each browser; it is called with the browser's name. */
export function inEachBrowser(suite) {
  for (const name of Object.keys(launches)) describe(name, () => suite(name));
}

/** `test` in one browser of the two: for what is decided by the launcher's own code and by nothing that browsers do in their own ways. */
export const inOneBrowser = (browser) => (name, run) => {
  if (browser === "Chromium") test(name, run);
};

export const launch = (name) => puppeteer.launch(launches[name]);

/** Looks often, and by a timer: frames are not drawn in a window behind another. */
const POLLING = { polling: 25, timeout: 20_000 };

/** Waits until a function of the page gives something true. */
export const until = (tab, condition, ...given) => tab.waitForFunction(condition, POLLING, ...given);

/**
 * Waits until a window shows an address that begins so. It runs nothing in the page: a script of the tool counts as a click
 * of the customer.
 */
export const arrives = (tab, address) =>
  new Promise((arrived, failed) => {
    const late = setTimeout(() => failed(new Error(`${tab.url()} instead of ${address}`)), POLLING.timeout);
    const look = () => {
      if (!tab.url().startsWith(address)) return;
      clearTimeout(late);
      tab.off("framenavigated", look);
      arrived();
    };
    tab.on("framenavigated", look);
    look();
  });

/** Goes back as the browser's button does, to a page that may be kept as it was: then nothing is loaded. */
export async function goBack(tab, address) {
  await tab.evaluate(() => void setTimeout(() => history.back()));
  await until(tab, (start) => location.href.startsWith(start), address);
}

/** The next window that a page opens; to be called before it does. */
export const nextPopup = (tab) => new Promise((opened) => tab.once("popup", opened));

/** To be called before the window is closed. */
export const closing = (tab) => new Promise((gone) => (tab.isClosed() ? gone() : tab.once("close", gone)));
