// openCashier where a browser, this page's policy or the cashier refuses the first way.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { arrives, inEachBrowser, nextPopup, until } from "./browsers.mjs";
import { heard, html, press, problem, READY, startStand, types } from "./stand.mjs";

const told = (events) =>
  events.map(({ type, mode, reason, to }) => [type, mode, reason, to].filter(Boolean).join(" "));

inEachBrowser((browser) => {
  let stand;
  before(async () => {
    stand = await startStand(browser);
  });
  after(() => stand.stop());
  beforeEach(() => stand.reset());
  afterEach(() => stand.closeTabs());

  test("a popup that the browser blocks falls back to redirect", async () => {
    const { tab, told: events } = await stand.visitWithoutClick(stand.options({ mode: "popup" }));
    await arrives(tab, stand.session().cashier_url);
    assert.deepEqual(told(events), [
      "opening popup",
      "blocked popup popup",
      "fallback popup popup redirect",
      "opened redirect",
    ]);
  });

  const refusing = (headers) => (_request, response) => html(response, `<h1>Cashier</h1>${READY}`, headers);

  test("a frame that the cashier refuses by X-Frame-Options falls back to a popup after a click", async () => {
    stand.cashierPage = refusing({ "x-frame-options": "DENY" });
    const tab = await stand.visit();
    const appears = nextPopup(tab);
    await press(tab, stand.options({ mode: "iframe", closeText: "Close" }));
    await arrives(await appears, stand.session().cashier_url);
    const events = await heard(tab, "message");
    assert.deepEqual(told(events), [
      "opening iframe",
      "opened iframe",
      "blocked iframe silent",
      "fallback iframe silent popup",
      "opened popup",
      "ready popup",
      "message popup",
    ]);
    assert.equal(await tab.$("iframe, dialog"), null);
    assert.equal(await tab.evaluate(() => window.cashier.mode), "popup");
  });

  test("a frame that the cashier refuses by its policy falls back to redirect when nobody has clicked", async () => {
    stand.cashierPage = refusing({ "content-security-policy": "frame-ancestors 'none'" });
    const { tab, told: events } = await stand.visitWithoutClick(stand.options({ mode: "iframe" }));
    await arrives(tab, stand.session().cashier_url);
    assert.deepEqual(told(events), [
      "opening iframe",
      "opened iframe",
      "blocked iframe silent",
      "fallback iframe silent redirect",
      "opened redirect",
    ]);
  });

  test("a silent cashier stands where the shop says that it is one", async () => {
    stand.cashierPage = (_request, response) => html(response, "<h1>Cashier</h1>");
    const tab = await stand.visit();
    await press(tab, stand.options({ mode: "iframe", frameReady: "load" }));
    await until(tab, () => window.cashier?.mode === "iframe");
    assert.deepEqual(types(await heard(tab, "ready")), ["opening", "opened", "ready"]);
  });

  test("a silent cashier that the customer is using already is not taken away", async () => {
    stand.cashierPage = (_request, response) => html(response, "<input autofocus>");
    const tab = await stand.visit();
    await press(tab, stand.options({ mode: "iframe" }));
    await until(tab, () => document.querySelector("iframe")?.clientHeight);
    await tab.click("iframe");
    await until(tab, () => window.cashier?.mode === "iframe");
    assert.deepEqual(types(await heard(tab, "ready")), ["opening", "opened", "ready"]);
  });

  for (const frameReady of ["load", "message"]) {
    test(`a frame that the page's own policy refuses falls back (frameReady: ${frameReady})`, async () => {
      stand.frameSource = "'none'";
      const tab = await stand.visit();
      const appears = nextPopup(tab);
      await press(tab, stand.options({ mode: "iframe", frameReady }));
      await arrives(await appears, stand.session().cashier_url);
      const events = await heard(tab, "ready");
      assert.deepEqual(told(events).slice(2, 5), [
        "blocked iframe policy",
        "fallback iframe policy popup",
        "opened popup",
      ]);
      assert.equal(await tab.$("iframe, dialog"), null);
      await stand.expectViolation("frame-src");
    });
  }

  for (const [refusal, block] of Object.entries({
    "is missing": () => {
      stand.framePart = (response) => response.writeHead(404).end();
    },
    "cannot be reached": () => {
      stand.framePart = (response) => response.destroy();
    },
    "is forbidden by the page's policy": () => {
      stand.scriptSource = ["page", "launcher"].map((name) => `${stand.shop}/${name}.js`).join(" ");
    },
  })) {
    test(`where the launcher's second file ${refusal}, a frame falls back to a popup after a click`, async () => {
      block();
      const tab = await stand.visit();
      const appears = nextPopup(tab);
      await press(tab, stand.options({ mode: "iframe" }));
      await arrives(await appears, stand.session().cashier_url);
      assert.deepEqual(told(await heard(tab, "message")), [
        "opening iframe",
        "opened iframe",
        "blocked iframe script",
        "fallback iframe script popup",
        "opened popup",
        "ready popup",
        "message popup",
      ]);
      assert.equal(await tab.evaluate(() => window.cashier.mode), "popup");
      assert.deepEqual(await tab.evaluate(() => window.unhandled), []);
      if (stand.scriptSource) await stand.expectViolation("script-src-elem");
    });
  }

  test("where the launcher's second file does not come in time, a frame falls back", async () => {
    stand.framePart = () => {};
    const { tab, told: events } = await stand.visitWithoutClick(
      stand.options({ mode: "iframe", timeoutMs: 1000 }),
    );
    await arrives(tab, stand.session().cashier_url);
    assert.deepEqual(told(events).slice(2), [
      "blocked iframe script",
      "fallback iframe script redirect",
      "opened redirect",
    ]);
  });

  test("where the session is refused too, a file that cannot be loaded is no unhandled rejection", async () => {
    stand.framePart = (response) => response.destroy();
    stand.answer = (_request, response) => problem(response, 409, { code: "ticket_reused" });
    const tab = await stand.visit();
    await press(tab, stand.options({ mode: "iframe" }));
    await heard(tab, "failed");
    // The page's own request for the same file fails after the launcher's; what nobody handles is reported then, in a task.
    await tab.evaluate(async () => {
      await import("/launcher-frame.js").catch(() => {});
      await new Promise((done) => setTimeout(done));
    });
    assert.deepEqual(await tab.evaluate(() => window.unhandled), []);
  });

  test("a policy that only reports takes no frame away", async () => {
    stand.reportOnly = "frame-src 'none'";
    const tab = await stand.visit();
    await press(tab, stand.options({ mode: "iframe" }));
    await until(tab, () => window.cashier);
    assert.deepEqual(types(await heard(tab, "message")), ["opening", "opened", "ready", "message"]);
    assert.equal(await tab.evaluate(() => window.cashier.mode), "iframe");
    await stand.expectViolation("frame-src");
  });

  test("a frame that does not load in time falls back", async () => {
    stand.cashierPage = (request, response) => {
      if (request.headers["sec-fetch-dest"] !== "iframe") html(response, "<h1>Cashier</h1>");
    };
    const { tab, told: events } = await stand.visitWithoutClick(
      stand.options({ mode: "iframe", timeoutMs: 1000 }),
    );
    await arrives(tab, stand.session().cashier_url);
    assert.deepEqual(told(events).slice(2), [
      "blocked iframe timeout",
      "fallback iframe timeout redirect",
      "opened redirect",
    ]);
  });
});
