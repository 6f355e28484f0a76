// openCashier: the three modes, from the click to the end.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { arrives, closing, inEachBrowser, nextPopup, until } from "./browsers.mjs";
import { follow, heard, html, json, press, READY, startStand, TICKET, types } from "./stand.mjs";

inEachBrowser((browser) => {
  let stand;
  before(async () => {
    stand = await startStand(browser);
  });
  after(() => stand.stop());
  beforeEach(() => stand.reset());
  afterEach(() => stand.closeTabs());

  test("redirect is the default: one request with the ticket and nothing else, then the cashier", async () => {
    const tab = await stand.visit();
    const told = follow(tab);
    await press(tab, stand.options({ endpoint: `${stand.api}/` }));
    await arrives(tab, `${stand.cashier}/cashier/tok`);
    assert.equal(stand.requests.length, 1);
    const [request] = stand.requests;
    assert.equal(`${request.method} ${request.url}`, "POST /v1/sessions");
    assert.equal(request.headers.authorization, `Bearer ${TICKET}`);
    assert.equal(request.headers.cookie, undefined);
    assert.equal(request.body, "{}");
    const { cashier_url: url, tracking_id, operation } = stand.session();
    assert.deepEqual(told, [
      { type: "opening", mode: "redirect" },
      { type: "opened", mode: "redirect", tracking_id, operation, url },
    ]);
  });

  test("a popup opens inside the click, before the Worker answers, and closes when it comes back", async () => {
    const { promise: released, resolve: release } = Promise.withResolvers();
    stand.answer = async (_request, response) => {
      await released;
      json(response, 201, stand.session());
    };
    stand.cashierPage = (_request, response) =>
      html(
        response,
        `<script>opener.postMessage({ type: "paid" }, "*"); onmessage = () => { location = "${stand.shop}/return"; };</script>`,
      );
    const tab = await stand.visit();
    const appears = nextPopup(tab);
    await press(tab, stand.options({ mode: "popup", theme: "dark", waitingText: "One moment" }));
    const popup = await appears;
    await until(popup, () => document.title === "One moment");
    assert.equal(popup.url(), "about:blank");
    assert.deepEqual(types(await tab.evaluate(() => window.events)), ["opening"]);
    release();
    await heard(tab, "message");
    const gone = closing(popup);
    await arrives(popup, stand.cashier);
    await popup.evaluate(() => window.postMessage("go back", "*"));
    const events = await heard(tab, "closed");
    await gone;
    assert.deepEqual(types(events), ["opening", "opened", "ready", "message", "closed"]);
    assert.deepEqual(events.at(-1), { type: "closed", mode: "popup", reason: "returned" });
    assert.equal(await tab.evaluate(() => window.cashier.closed), "returned");
    assert.equal(tab.url(), `${stand.shop}/`);
  });

  test("a popup whose cashier is silent is ready when it shows that page", async () => {
    stand.cashierPage = (_request, response) => html(response, "<h1>Cashier</h1>");
    const tab = await stand.visit();
    await press(tab, stand.options({ mode: "popup" }));
    assert.deepEqual(types(await heard(tab, "ready")), ["opening", "opened", "ready"]);
  });

  test("a popup that the customer closes is closed by the user; close() is the caller", async () => {
    const tab = await stand.visit();
    let appears = nextPopup(tab);
    await press(tab, stand.options({ mode: "popup" }));
    const first = await appears;
    await arrives(first, stand.cashier);
    await first.close();
    assert.equal((await heard(tab, "closed")).at(-1).reason, "user");

    await tab.evaluate(() => window.events.splice(0));
    appears = nextPopup(tab);
    await press(tab, stand.options({ mode: "popup" }));
    const popup = await appears;
    await heard(tab, "message");
    const gone = closing(popup);
    await tab.evaluate(() => {
      window.cashier.close();
      window.cashier.close();
    });
    await gone;
    const events = await heard(tab, "closed");
    assert.deepEqual(types(events), ["opening", "opened", "ready", "message", "closed"]);
    assert.equal(events.at(-1).reason, "caller");
  });

  test("a frame fills its container, is ready, and goes when it is closed", async () => {
    const tab = await stand.visit();
    await press(tab, stand.options({ mode: "iframe", theme: "dark" }));
    await heard(tab, "ready");
    assert.equal(await tab.$eval("#container iframe", ({ src }) => src), stand.session().cashier_url);
    await until(tab, () => window.cashier.mode === "iframe");
    await tab.evaluate(() => window.cashier.close());
    const events = await heard(tab, "closed");
    assert.deepEqual(types(events), ["opening", "opened", "ready", "message", "closed"]);
    assert.equal(events.at(-1).reason, "caller");
    assert.equal(await tab.$("iframe, dialog"), null);
  });

  test("a frame that comes back to the shop is removed", async () => {
    stand.cashierPage = (_request, response) =>
      html(response, `${READY}<script>onmessage = () => { location = "${stand.shop}/return"; };</script>`);
    const tab = await stand.visit();
    await press(tab, stand.options({ mode: "iframe" }));
    await heard(tab, "ready");
    await tab.$eval("iframe", ({ contentWindow }) => contentWindow.postMessage("go back", "*"));
    assert.equal((await heard(tab, "closed")).at(-1).reason, "returned");
    assert.equal(await tab.$("iframe"), null);
  });

  test("a frame that the cashier sends straight back is closed, and the promise is kept", async () => {
    stand.cashierPage = (_request, response) =>
      response.writeHead(303, { location: `${stand.shop}/return` }).end();
    const tab = await stand.visit();
    await press(tab, stand.options({ mode: "iframe" }));
    await until(tab, () => window.cashier);
    assert.deepEqual(types(await heard(tab, "closed")), ["opening", "opened", "closed"]);
  });

  test("a frame that the shop itself takes off the page is closed", async () => {
    const tab = await stand.visit();
    await press(tab, stand.options({ mode: "iframe" }));
    await heard(tab, "ready");
    await tab.evaluate(() => document.getElementById("container").replaceChildren());
    assert.equal((await heard(tab, "closed")).at(-1).reason, "user");
  });
});
