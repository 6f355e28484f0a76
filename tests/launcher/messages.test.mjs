// Whose messages openCashier takes: those of the cashier's exact origin and window. And what they may say.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { inEachBrowser, nextPopup, until } from "./browsers.mjs";
import { heard, html, press, READY, startStand } from "./stand.mjs";

const SPEAKER = `${READY}<script>onmessage = ({ data: { say, go } }) => {
  if (go) location = go; else (window.opener ?? parent).postMessage(say, "*");
};</script>`;

inEachBrowser((browser) => {
  let stand;
  before(async () => {
    stand = await startStand(browser);
  });
  after(() => stand.stop());
  beforeEach(() => {
    stand.reset();
    stand.cashierPage = (request, response) =>
      html(
        response,
        request.url === "/twin"
          ? `<script>parent.postMessage({ type: "resize", height: 999 }, "*"); parent.postMessage("twin done", "*")</script>`
          : SPEAKER,
      );
  });
  afterEach(() => stand.closeTabs());

  const messages = (events) => events.filter(({ type }) => type === "message").map(({ data }) => data);

  /** A page whose cashier has said that it is ready. `all` of its window collects every message from anybody. */
  async function ready(mode) {
    const tab = await stand.visit();
    await tab.evaluate(() => {
      window.all = [];
      window.addEventListener("message", ({ data }) => window.all.push(data));
    });
    const appears = mode === "popup" ? nextPopup(tab) : undefined;
    await press(tab, stand.options({ mode }));
    await heard(tab, "message");
    await until(tab, () => window.cashier);
    const popup = await appears;
    return {
      tab,
      /** Has the cashier's window do something, as a page that holds it would. */
      order: (what) =>
        popup
          ? popup.evaluate((order) => window.postMessage(order, "*"), what)
          : tab.$eval(
              "#container iframe",
              ({ contentWindow }, order) => contentWindow.postMessage(order, "*"),
              what,
            ),
    };
  }

  for (const mode of ["iframe", "popup"]) {
    test(`${mode}: another origin, another window of the cashier's origin, and the page itself are not heard`, async () => {
      const { tab, order } = await ready(mode);
      await tab.evaluate(
        ([twin, stranger]) => {
          window.postMessage({ type: "resize", height: 999 }, "*");
          for (const address of [twin, stranger]) {
            const frame = document.createElement("iframe");
            frame.src = address;
            document.body.append(frame);
          }
        },
        [`${stand.cashier}/twin`, `${stand.stranger}/`],
      );
      await until(tab, () => window.all.includes("twin done") && window.all.includes("from a stranger"));
      await order({ say: "from the cashier" });
      await until(tab, () => window.all.includes("from the cashier"));
      // The cashier's very window, but no longer its origin.
      await tab.evaluate(() => window.all.splice(0));
      await order({ go: `${stand.stranger}/` });
      await until(tab, () => window.all.includes("from a stranger"));
      const events = await tab.evaluate(() => window.events);
      assert.deepEqual(messages(events), [{ type: "ready" }, "from the cashier"]);
      assert.deepEqual(
        events.filter(({ type }) => type === "resized"),
        [],
      );
    });
  }

  test("the cashier's page sets the height of its frame, within bounds, and with numbers alone", async () => {
    const { tab, order } = await ready("iframe");
    const heights = [700, 90000, 1, 900, 0, -5, "12px", null, { px: 3 }];
    for (const height of heights) await order({ say: { type: "resize", height } });
    await order({ say: null });
    await order({ say: "done" });
    await until(tab, () => window.all.includes("done"));
    const events = await tab.evaluate(() => window.events);
    assert.deepEqual(
      events.filter(({ type }) => type === "resized"),
      [700, 2000, 320, 900].map((height) => ({ type: "resized", mode: "iframe", height })),
    );
    assert.equal(await tab.$eval("iframe", ({ clientHeight }) => clientHeight), 900);
  });

  test("the cashier's page closes its frame, for whoever presses Escape in there", async () => {
    const { tab, order } = await ready("iframe");
    await order({ say: { type: "close" } });
    const events = await heard(tab, "closed");
    assert.deepEqual(
      events.map(({ type, reason }) => reason ?? type),
      ["opening", "opened", "ready", "message", "message", "user"],
    );
    assert.equal(await tab.$("iframe, dialog"), null);
  });

  test("a message that says paid settles nothing", async () => {
    const { tab, order } = await ready("iframe");
    await order({ say: { type: "settled", state: "successful", settled: true } });
    await order({ say: { type: "closed", reason: "returned" } });
    await order({ say: "done" });
    await until(tab, () => window.all.includes("done"));
    const events = await tab.evaluate(() => window.events);
    assert.deepEqual(
      events.map(({ type }) => type),
      ["opening", "opened", "ready", "message", "message", "message", "message"],
    );
  });
});
