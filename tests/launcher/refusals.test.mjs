// What openCashier refuses or reports: each failure one typed error, and nothing left open.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { arrives, closing, inEachBrowser, inOneBrowser, nextPopup, until } from "./browsers.mjs";
import { heard, json, press, problem, startStand, TICKET, types } from "./stand.mjs";

inEachBrowser((browser) => {
  const logic = inOneBrowser(browser);
  let stand;
  before(async () => {
    stand = await startStand(browser);
  });
  after(() => stand.stop());
  beforeEach(() => stand.reset());
  afterEach(() => stand.closeTabs());

  logic("a refusal is a typed error with the Worker's own fields, and the popup is closed", async () => {
    stand.answer = (_request, response) =>
      problem(response, 409, {
        type: "https://edge-cashier.dev/problems/ticket_reused",
        code: "ticket_reused",
        title: "Ticket used before",
        detail: "Sign a ticket with a new jti.",
        request_id: "req-7",
        violations: [{ path: "jti", code: "reused", message: "choose another" }],
      });
    const tab = await stand.visit();
    const appears = nextPopup(tab);
    await press(tab, stand.options({ mode: "popup" }));
    await closing(await appears);
    const events = await heard(tab, "failed");
    assert.deepEqual(types(events), ["opening", "failed"]);
    const failure = await tab.evaluate(() => window.failure);
    assert.deepEqual(events[1].error, failure);
    assert.deepEqual(JSON.parse(JSON.stringify(failure)), {
      name: "LauncherError",
      code: "ticket_reused",
      type: "https://edge-cashier.dev/problems/ticket_reused",
      title: "Ticket used before",
      status: 409,
      detail: "Sign a ticket with a new jti.",
      request_id: "req-7",
      violations: [{ path: "jti", code: "reused", message: "choose another" }],
      message: "Sign a ticket with a new jti.",
      isLauncherError: true,
    });
    assert.ok(!JSON.stringify(failure).includes(TICKET));
  });

  /** Presses the button and returns the error that comes of it. */
  async function failureOf(tab, changes) {
    await tab.evaluate(() => {
      window.failure = undefined;
    });
    await press(tab, stand.options(changes));
    await until(tab, () => window.failure);
    return tab.evaluate(() => window.failure);
  }

  test("HTML from a proxy, silence and no connection are three different errors", async () => {
    const tab = await stand.visit();
    stand.answer = (_request, response) => {
      response.writeHead(502, { "content-type": "text/html" });
      response.end("<h1>Bad gateway</h1>");
    };
    const proxy = await failureOf(tab);
    assert.deepEqual([proxy.code, proxy.status], ["unreadable_reply", 502]);
    stand.answer = () => {};
    const silence = await failureOf(tab, { timeoutMs: 200 });
    assert.deepEqual([silence.code, silence.status], ["timeout", undefined]);
    stand.answer = (_request, response) => response.destroy();
    const broken = await failureOf(tab);
    assert.equal(broken.code, "network");
    assert.match(broken.cause, /^TypeError: /);
    for (const answer of [{ token: "tok" }, null, "text", [1]]) {
      stand.answer = (_request, response) => json(response, 201, answer);
      assert.equal((await failureOf(tab)).code, "unreadable_reply", JSON.stringify(answer));
    }
  });

  logic("an address that is not http(s) is never opened", async () => {
    const tab = await stand.visit();
    for (const cashier_url of [
      "javascript:document.title='run'",
      "data:text/html,hello",
      "/relative",
      "",
      undefined,
    ]) {
      stand.answer = (_request, response) => json(response, 201, { ...stand.session(), cashier_url });
      assert.equal((await failureOf(tab)).code, "unsafe_address", `${cashier_url}`);
    }
    assert.equal(await tab.title(), "Page");
  });

  logic("what a listener throws is reported and does not stop the payment", async () => {
    const tab = await stand.visit();
    const reported = new Promise((hear) => tab.once("pageerror", hear));
    await tab.evaluate((given) => {
      window.launcher.openCashier({
        ...given,
        onEvent: () => {
          throw new Error("the listener's own mistake");
        },
      });
    }, stand.options());
    assert.match((await reported).message, /the listener's own mistake/);
    await arrives(tab, stand.session().cashier_url);
  });

  logic("a time that no timer can measure is a long time", async () => {
    const tab = await stand.visit();
    await tab.evaluate(
      (given) => void window.launcher.openCashier({ ...given, timeoutMs: Number.POSITIVE_INFINITY }),
      stand.options(),
    );
    await arrives(tab, stand.session().cashier_url);
  });

  logic(
    "a call that cannot work is refused before anything is opened or sent, with everything that is wrong",
    async () => {
      const tab = await stand.visit();
      const refusalsOf = (name, calls) =>
        tab.evaluate(
          async (call, given) => {
            const all = await Promise.allSettled(given.map((options) => window.launcher[call](options)));
            return all.map(({ reason }) => `${reason.code}: ${reason.message}`);
          },
          name,
          calls,
        );
      const options = stand.options();
      const [missing, ...refusals] = await refusalsOf("openCashier", [
        {},
        { ...options, ticket: "" },
        { ...options, mode: "modal", theme: "blue", timeoutMs: "1000" },
        { ...options, tickets: "x", onevent: 1 },
        { ...options, container: null, minHeight: null },
        { ...options, container: {} },
      ]);
      assert.match(missing, /^invalid_options: .*endpoint.*ticket/);
      assert.match(refusals[0], /^invalid_options: .*\bticket\b/);
      assert.match(refusals[1], /^invalid_options: .*\bmode\b.*\btheme\b.*\btimeoutMs\b/);
      assert.match(refusals[2], /^invalid_options: .*\btickets\b.*\bonevent\b/);
      assert.match(refusals[3], /^invalid_options: .*\bcontainer\b.*\bminHeight\b/);
      assert.match(refusals[4], /^invalid_options: container must be: element/);
      const [result] = await refusalsOf("awaitResult", [{ ...options, trackingId: "order-1", wait: 3 }]);
      assert.match(result, /^invalid_options: (?=.*\btracking_id\b)(?=.*\btrackingId\b)(?=.*\bwait\b)/);
      assert.equal(stand.requests.length, 0);
      assert.equal((await tab.browserContext().pages()).length, 1);
    },
  );
});
