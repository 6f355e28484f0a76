// awaitResult over what happens to a page: a machine that sleeps, a network that goes, a tab that is reloaded; and what it settles.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { arrives, goBack, inEachBrowser, nextPopup, until } from "./browsers.mjs";
import { heard, html, json, press, problem, READY, startStand, TICKET, types } from "./stand.mjs";

inEachBrowser((browser) => {
  let stand;
  before(async () => {
    stand = await startStand(browser);
  });
  after(() => stand.stop());
  beforeEach(() => stand.reset());
  afterEach(() => stand.closeTabs());

  const state = (version, changes = {}) => ({
    tracking_id: "order-1",
    operation: "hosted_deposit",
    state: "pending",
    settled: false,
    amount: "10.05",
    currency: "EUR",
    version,
    has_conflict: false,
    timeline: [],
    ...changes,
  });
  const paid = state(2, { state: "successful", settled: true });

  const wait = (tab, changes = {}) =>
    tab.evaluate(
      (options) => {
        window.retries = 0;
        window.launcher.awaitResult({ ...options, onRetry: () => (window.retries += 1) }).then(
          (result) => (window.outcome = result),
          (error) => (window.outcome = window.plain(error)),
        );
      },
      { endpoint: stand.api, ticket: TICKET, tracking_id: "order-1", ...changes },
    );
  const outcome = async (tab) => {
    await until(tab, () => window.outcome);
    return tab.evaluate(() => window.outcome);
  };
  /** The clock of the page as it is when the machine wakes after an hour. */
  const sleep = (tab) =>
    tab.evaluate(() => {
      const { now } = Date;
      Date.now = () => now() + 3_600_000;
    });

  test("a machine that slept over the end goes on for a minute, in which the network comes back", async () => {
    const held = Promise.withResolvers();
    const answers = [
      (response) => json(response, 200, state(1)),
      held.resolve,
      (response) => {
        // An answer that CORS forbids is no connection to the page, and no browser repeats the request by itself.
        response.removeHeader("access-control-allow-origin");
        json(response, 200, paid);
      },
      (response) => json(response, 200, paid),
    ];
    stand.answer = (_request, response) => answers.shift()(response);
    const tab = await stand.visit();
    await wait(tab);
    const response = await held.promise;
    await sleep(tab);
    problem(response, 504, { code: "unavailable" });
    const { state: word, timed_out } = await outcome(tab);
    assert.deepEqual([word, timed_out], ["successful", false]);
    assert.equal(stand.requests.length, 4);
  });

  test("a machine that sleeps over that minute too ends with what is known", async () => {
    const waiting = [];
    stand.answer = (request, response) => {
      if (request.url.includes("wait=")) waiting.push(response);
      else json(response, 200, state(1));
    };
    const asked = async (count) => {
      while (waiting.length < count) await once(stand.arrivals, "request");
      return waiting[count - 1];
    };
    const tab = await stand.visit();
    await wait(tab);
    for (const night of [1, 2]) {
      const response = await asked(night);
      await sleep(tab);
      problem(response, 504, { code: "unavailable" });
    }
    const { state: word, timed_out } = await outcome(tab);
    assert.deepEqual([word, timed_out, stand.requests.length], ["pending", true, 3]);
  });

  for (const wake of ["online", "visibilitychange"]) {
    const signal = (tab) =>
      tab.evaluate((type) => {
        (type === "online" ? window : document).dispatchEvent(new Event(type));
      }, wake);

    test(`at ${wake} a request that is under way is asked again, unless nobody sees the page`, async () => {
      const held = Promise.withResolvers();
      const answers = [
        (response) => json(response, 200, state(1)),
        held.resolve,
        (response) => json(response, 200, paid),
      ];
      stand.answer = (_request, response) => answers.shift()(response);
      const tab = await stand.visit();
      await tab.evaluate(() => {
        window.asked = 0;
        const { fetch } = window;
        window.fetch = (...given) => {
          window.asked += 1;
          return fetch(...given);
        };
      });
      await wait(tab);
      const response = await held.promise;
      const dropped = once(response, "close");
      await tab.evaluate(() =>
        Object.defineProperty(document, "hidden", { value: true, configurable: true }),
      );
      await signal(tab);
      await tab.evaluate(() => delete document.hidden);
      await signal(tab);
      await dropped;
      assert.equal((await outcome(tab)).state, "successful");
      assert.deepEqual(await tab.evaluate(() => [window.asked, window.retries]), [3, 0]);
    });

    test(`a pause ends at ${wake}, but not one that the Worker asked for`, async () => {
      const tab = await stand.visit();
      // A pause of minutes, whatever the dice say.
      await tab.evaluate(() => {
        Math.random = () => 1000;
      });
      const answers = [
        (response) => problem(response, 503, { code: "unavailable" }),
        (response) => problem(response, 503, { code: "unavailable" }, { "retry-after": "1" }),
        (response) => json(response, 200, paid),
      ];
      stand.answer = (_request, response) => answers.shift()(response);
      await wait(tab);
      await until(tab, () => window.retries === 1);
      assert.equal(stand.requests.length, 1);
      await tab.evaluate(() => {
        Math.random = () => 0;
      });
      const asked = once(stand.arrivals, "request");
      await signal(tab);
      await asked;
      await until(tab, () => window.retries === 2);
      await signal(tab);
      assert.equal((await outcome(tab)).state, "successful");
      assert.ok(stand.requests[2].at - stand.requests[1].at >= 990, "Retry-After was not kept");
    });
  }

  test("a reload in the middle: the tracking id of the return address and the kept ticket are enough", async () => {
    let isPaid = false;
    stand.answer = (request, response) => {
      if (request.method === "POST") json(response, 201, stand.session());
      else if (isPaid) json(response, 200, paid);
      else if (!request.url.includes("wait=")) json(response, 200, state(1));
    };
    stand.cashierPage = (_request, response) =>
      html(response, `<a href="${stand.shop}/return?tracking_id=order-1">Back</a>`);
    const tab = await stand.visit();
    await tab.evaluate((ticket) => sessionStorage.setItem("order-1", ticket), TICKET);
    await press(tab, stand.options());
    await arrives(tab, stand.session().cashier_url);
    await tab.click("a");
    for (const round of [1, 2]) {
      await until(tab, () => window.loaded);
      const { ticket, tracking_id } = await tab.evaluate(() => {
        const id = new URLSearchParams(location.search).get("tracking_id");
        return { tracking_id: id, ticket: sessionStorage.getItem(id) };
      });
      const asked = once(stand.arrivals, "request");
      await wait(tab, { ticket, tracking_id });
      await asked;
      if (round === 1) await tab.reload();
      else isPaid = true;
      if (round === 2 && (await tab.evaluate(() => !window.outcome))) stand.dropConnections();
    }
    assert.equal((await outcome(tab)).state, "successful");
  });

  test("back from the cashier by the browser's button, the same ticket opens the same session again", async () => {
    const tab = await stand.visit();
    await press(tab, stand.options());
    await arrives(tab, stand.session().cashier_url);
    await goBack(tab, `${stand.shop}/`);
    await until(tab, () => window.loaded);
    await press(tab, stand.options());
    await arrives(tab, stand.session().cashier_url);
    assert.equal(stand.requests.length, 2);
  });

  for (const mode of ["iframe", "popup"]) {
    test(`${mode}: result() waits for this payment, and only the Worker's word is the event settled`, async () => {
      const waiting = [];
      stand.answer = (request, response) => {
        if (request.method === "POST") json(response, 201, stand.session());
        else if (request.url.includes("wait=")) waiting.push(response);
        else json(response, 200, state(1));
      };
      stand.cashierPage = (_request, response) =>
        html(
          response,
          `${READY}<script>(window.opener ?? parent).postMessage({ type: "settled", settled: true, state: "successful" }, "*")</script>`,
        );
      const tab = await stand.visit();
      const appears = mode === "popup" ? nextPopup(tab) : undefined;
      await press(tab, stand.options({ mode }));
      await until(tab, () => window.cashier);
      await appears;
      await tab.evaluate(() => {
        window.states = [];
        window.result = window.cashier.result({ onState: ({ version }) => window.states.push(version) });
      });
      while (!waiting[0]) await once(stand.arrivals, "request");
      await tab.evaluate(() => window.cashier.close());
      const before = await heard(tab, "closed");
      assert.equal(types(before).includes("settled"), false);
      // At once again.
      while (!waiting[1]) await once(stand.arrivals, "request");
      json(waiting[1], 200, paid);
      const event = (await heard(tab, "settled")).at(-1);
      assert.deepEqual(event, { type: "settled", mode, result: { ...paid, timed_out: false } });
      assert.deepEqual(await tab.evaluate(() => window.states), [1, 2]);
    });
  }

  for (const [mode, end] of [
    ["iframe", "another card"],
    ["popup", "the popup is closed"],
  ]) {
    test(`${mode}: a declined card does not end result(), but ${end} does`, async () => {
      const declined = state(2, { state: "rejected", settled: true });
      const paidLater = { ...paid, version: 3 };
      const held = Promise.withResolvers();
      stand.answer = (request, response) => {
        if (request.method === "POST") json(response, 201, stand.session());
        else if (request.url.includes("wait=")) held.resolve(response);
        else json(response, 200, declined);
      };
      const tab = await stand.visit();
      const appears = mode === "popup" ? nextPopup(tab) : undefined;
      await press(tab, stand.options({ mode }));
      await until(tab, () => window.cashier);
      await tab.evaluate(() => void window.cashier.result());
      const response = await held.promise;
      assert.equal(types(await tab.evaluate(() => window.events)).includes("settled"), false);
      const dropped = once(response, "close");
      if (mode === "iframe") json(response, 200, paidLater);
      else await (await appears).close();
      await dropped;
      const { result } = (await heard(tab, "settled")).at(-1);
      assert.deepEqual(result, { ...(mode === "iframe" ? paidLater : declined), timed_out: false });
      const asked = ["", "?wait=25&version=2", ...(mode === "popup" ? [""] : [])];
      assert.deepEqual(
        stand.requests.slice(1).map(({ url }) => url),
        asked.map((query) => `/v1/sessions/order-1${query}`),
      );
    });
  }
});
