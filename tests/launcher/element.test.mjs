// <cashier-button>: the launcher for a page without a build step, under a strict policy.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { buttonIntegrity } from "../size/measure.mjs";
import { arrives, goBack, inEachBrowser, nextPopup, until } from "./browsers.mjs";
import { heard, json, problem, startStand, TICKET, types } from "./stand.mjs";

inEachBrowser((browser) => {
  let stand;
  before(async () => {
    stand = await startStand(browser);
  });
  after(() => stand.stop());
  beforeEach(() => stand.reset());
  afterEach(() => stand.closeTabs());

  const state = (changes) => ({
    tracking_id: "order-1",
    operation: "hosted_deposit",
    state: "opened",
    settled: false,
    amount: "10.05",
    currency: "EUR",
    version: 1,
    has_conflict: false,
    timeline: [],
    ...changes,
  });
  /** The session, then a payment that is `opened` until `stand.settle` is called. */
  const worker = () => {
    const waiting = [];
    let isSettled = false;
    stand.known = state();
    const paid = (response) => json(response, 200, state({ version: 2, state: "successful", settled: true }));
    stand.settle = () => {
      isSettled = true;
      waiting.splice(0).forEach(paid);
    };
    stand.answer = (request, response) => {
      if (request.method === "POST") json(response, 201, stand.session());
      else if (isSettled) paid(response);
      else if (request.url.includes("wait=")) waiting.push(response);
      else json(response, 200, stand.known);
    };
  };
  const element = (attributes, contents = "Pay € 10.05") => {
    stand.element = `<cashier-button id="pay" endpoint="${stand.api}" ${attributes}>${contents}</cashier-button>`;
  };
  const busy = (tab) =>
    tab.$eval("#pay", (pay) => {
      const button = pay.shadowRoot.querySelector("button");
      return [pay.hasAttribute("busy"), button.ariaBusy, button.ariaDisabled, button.disabled];
    });

  test("is a button with its contents as its name, pressed by keyboard, and shows the frame over the page", async () => {
    worker();
    element('ticket-url="/ticket" mode="iframe" theme="dark" close-text="Cancel" min-height="400"');
    const tab = await stand.visit("/element");
    // Firefox shows its tool no accessibility tree of a shadow root.
    if (browser === "Chromium") await tab.waitForSelector("aria/Pay € 10.05[role='button']");
    assert.deepEqual(await busy(tab), [false, null, null, false]);
    await tab.keyboard.press("Tab");
    await tab.keyboard.press("Enter");
    await heard(tab, "ready");
    await heard(tab, "state");
    assert.deepEqual(await busy(tab), [true, "true", "true", false]);
    assert.deepEqual(stand.ticketRequests, [{ method: "POST", cookie: "shop=session" }]);
    assert.equal(stand.requests[0].headers.authorization, `Bearer ${TICKET}`);
    const button = await tab.waitForSelector("aria/Cancel[role='button']");
    await button.focus();
    await tab.keyboard.press("Enter");
    const events = await heard(tab, "closed");
    assert.deepEqual(
      types(events).filter((type) => type !== "state"),
      ["opening", "opened", "ready", "message", "closed"],
    );
    assert.ok(events.every(({ by }) => by === "pay"));
    await until(tab, () => !document.getElementById("pay").hasAttribute("busy"));
    assert.deepEqual(await busy(tab), [false, null, null, false]);
    assert.equal(await tab.evaluate(() => document.activeElement.id), "pay");
    // Closed is not settled: the Worker has the last word, and may take its time.
    stand.settle();
    const { detail } = (await heard(tab, "settled")).at(-1);
    assert.deepEqual(
      [detail.result.state, detail.result.tracking_id, detail.mode],
      ["successful", "order-1", "iframe"],
    );
    assert.equal(await tab.evaluate(() => sessionStorage.length), 0);
  });

  test("loads with the integrity hash that `cargo xtask size` prints, and with no other", async () => {
    worker();
    element('ticket-url="/ticket"');
    const defined = async (integrity) => {
      stand.elementScript = `<script type="module" src="/dist/button.js" integrity="${integrity}"></script>`;
      const tab = await stand.visit("/element");
      return { tab, isDefined: await tab.evaluate(() => customElements.get("cashier-button") !== undefined) };
    };
    const other = `sha384-${Buffer.alloc(48).toString("base64")}`;
    assert.equal((await defined(other)).isDefined, false);
    const { tab, isDefined } = await defined(buttonIntegrity());
    assert.equal(isDefined, true);
    await tab.click("#pay");
    await arrives(tab, stand.session().cashier_url);
  });

  test("opens the popup inside the click, before the shop has signed; a second press opens nothing", async () => {
    worker();
    const { promise: released, resolve: release } = Promise.withResolvers();
    stand.ticketAnswer = (response) => released.then(() => response.end(`${TICKET}\n`));
    element('ticket-url="/ticket" ticket-method="GET" mode="popup"');
    const tab = await stand.visit("/element");
    const appears = nextPopup(tab);
    await tab.click("#pay");
    const popup = await appears;
    await tab.bringToFront();
    await tab.click("#pay");
    release();
    await arrives(popup, stand.session().cashier_url);
    assert.deepEqual(stand.ticketRequests, [{ method: "GET", cookie: "shop=session" }]);
    assert.equal(stand.requests.filter(({ method }) => method === "POST").length, 1);
    await heard(tab, "message");
    await popup.close();
    await heard(tab, "closed");
  });

  test("after a redirect, the first element of the page that the customer comes back to waits for the outcome", async () => {
    worker();
    element('ticket-url="/ticket"');
    const tab = await stand.visit("/element");
    await tab.click("#pay");
    await arrives(tab, stand.session().cashier_url);
    stand.element =
      '<cashier-button id="thanks" hidden></cashier-button><cashier-button id="other"></cashier-button>';
    await tab.goto(`${stand.shop}/element?result=paid`);
    await heard(tab, "state");
    // A reload in the middle.
    await tab.reload();
    await heard(tab, "state");
    assert.deepEqual(types(await tab.evaluate(() => window.events)), ["state"]);
    stand.settle();
    const { detail, by } = (await heard(tab, "settled")).at(-1);
    assert.deepEqual([detail.result.state, detail.mode, by], ["successful", "redirect", "thanks"]);
    await tab.reload();
    await until(tab, () => window.loaded);
    assert.deepEqual(await tab.evaluate(() => [window.events, sessionStorage.length]), [[], 0]);
  });

  test("a declined card is no outcome while the frame is open: another one may be paid", async () => {
    worker();
    stand.known = state({ state: "rejected", settled: true });
    element('ticket-url="/ticket" mode="iframe"');
    const tab = await stand.visit("/element");
    const polled = new Promise((done) =>
      stand.arrivals.on("request", () => stand.requests.at(-1).url.includes("wait=") && done()),
    );
    await tab.click("#pay");
    await polled;
    assert.deepEqual(
      await tab.evaluate(() => [
        window.events.filter(({ type }) => type === "settled").length,
        sessionStorage.length,
      ]),
      [0, 1],
    );
    stand.settle();
    assert.equal((await heard(tab, "settled")).at(-1).detail.result.state, "successful");
  });

  test("taken off the page it waits no longer and forgets nothing: the next element goes on", async () => {
    worker();
    element('ticket-url="/ticket" mode="iframe"');
    const tab = await stand.visit("/element");
    await tab.click("#pay");
    await heard(tab, "state");
    await tab.evaluate(() => {
      window.removed = document.getElementById("pay");
      window.removed.addEventListener("cashier-settled", () => (window.firedDetached = true));
      const next = document.createElement("cashier-button");
      next.id = "next";
      window.events.length = 0;
      window.removed.replaceWith(next);
    });
    await heard(tab, "state");
    stand.settle();
    const { by } = (await heard(tab, "settled")).at(-1);
    assert.deepEqual([by, await tab.evaluate(() => window.firedDetached)], ["next", undefined]);
  });

  test("a page that the browser kept as it was goes on waiting", async () => {
    worker();
    element('ticket-url="/ticket"');
    const tab = await stand.visit("/element");
    await tab.evaluate(
      (payment) => {
        sessionStorage.setItem("edge-cashier", JSON.stringify(payment));
        window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
      },
      { endpoint: stand.api, ticket: TICKET, tracking_id: "order-1", mode: "redirect" },
    );
    await heard(tab, "state");
    stand.settle();
    await heard(tab, "settled");
  });

  test("back by the browser's button: it can be pressed again", async () => {
    worker();
    element('ticket-url="/ticket"');
    const tab = await stand.visit("/element");
    await tab.click("#pay");
    await arrives(tab, stand.session().cashier_url);
    await goBack(tab, `${stand.shop}/element`);
    await until(tab, () => window.loaded && !document.getElementById("pay").hasAttribute("busy"));
    await tab.click("#pay");
    await arrives(tab, stand.session().cashier_url);
  });

  test("what goes wrong is one event, and the button can be pressed again", async () => {
    const failure = async (attributes) => {
      element(attributes);
      const tab = await stand.visit("/element");
      await tab.click("#pay");
      const events = await heard(tab, "failed");
      await until(tab, () => !document.getElementById("pay").hasAttribute("busy"));
      assert.equal(types(events).filter((type) => type === "failed").length, 1);
      return events.at(-1).detail.error;
    };
    assert.equal(await failure('mode="modal" ticket="t"'), "invalid_options");
    assert.equal(await failure('mode="iframe" ticket="t" min-height="tall"'), "invalid_options");
    assert.equal(await failure('mode="iframe" ticket="t" container="#nowhere"'), "invalid_options");
    assert.equal(await failure(""), "no_ticket");
    stand.ticketAnswer = (response) => json(response, 401, {});
    assert.equal(await failure('ticket-url="/ticket"'), "no_ticket");
    stand.ticketAnswer = (response) => json(response, 200, { jwt: TICKET });
    assert.equal(await failure('ticket-url="/ticket"'), "no_ticket");
    stand.answer = (_request, response) => problem(response, 403, { code: "turnstile_failed" });
    assert.equal(await failure(`ticket="${TICKET}" turnstile-token="x"`), "turnstile_failed");
    assert.deepEqual(JSON.parse(stand.requests[0].body), { turnstile_token: "x" });
  });

  test("disabled, it does nothing", async () => {
    element('ticket-url="/ticket" disabled');
    const tab = await stand.visit("/element");
    await tab.click("#pay");
    await tab.keyboard.press("Tab");
    await tab.keyboard.press("Enter");
    assert.deepEqual(await busy(tab), [false, null, null, true]);
    assert.deepEqual(await tab.evaluate(() => window.events), []);
    await tab.$eval("#pay", (pay) => pay.removeAttribute("disabled"));
    await tab.click("#pay");
    await arrives(tab, stand.session().cashier_url);
  });
});
