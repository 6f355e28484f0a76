// awaitResult: asks the Worker, patiently, and believes nobody else.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, afterEach, before, test } from "node:test";
import { inEachBrowser, inOneBrowser, until } from "./browsers.mjs";
import { json, problem, startStand, TICKET } from "./stand.mjs";

inEachBrowser((browser) => {
  const logic = inOneBrowser(browser);
  let stand;
  before(async () => {
    stand = await startStand(browser);
  });
  after(() => stand.stop());
  afterEach(() => stand.closeTabs());

  const state = (version, changes = {}) => ({
    tracking_id: "order 1/ü",
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
  const paid = (version) => state(version, { state: "successful", settled: true, transaction_id: "tx-1" });

  /** Starts the wait in a page; `states`, `retries` and `outcome` of the window tell what came of it. */
  async function wait({ shortPauses = false, ...changes } = {}) {
    const tab = await stand.visit();
    await tab.evaluate(
      (given, shortPauses) => {
        Object.assign(window, { states: [], retries: [], stopper: new AbortController() });
        // Chance makes a pause longer, up to twice its least.
        if (shortPauses) Math.random = () => 0;
        window.launcher
          .awaitResult({
            ...given,
            signal: window.stopper.signal,
            onState: ({ version }) => window.states.push(version),
            onRetry: ({ error, pauseMs }) => window.retries.push({ code: error.code, pauseMs }),
          })
          .then(
            (result) => Object.assign(window, { outcome: { result } }),
            (error) => Object.assign(window, { outcome: { failure: window.plain(error) } }),
          );
      },
      { endpoint: stand.api, ticket: TICKET, tracking_id: "order 1/ü", ...changes },
      shortPauses,
    );
    return tab;
  }

  async function outcomeOf(tab) {
    await until(tab, () => window.outcome);
    const told = await tab.evaluate(() => ({
      ...window.outcome,
      states: window.states,
      retries: window.retries,
    }));
    return told;
  }

  const urls = () => stand.requests.map(({ url }) => url);

  test("asks at once, then waits for each next version, until it is settled", async () => {
    const answers = [state(1), state(4), paid(5)];
    stand.answer = (_request, response) => json(response, 200, answers.shift());
    const { result, states, retries } = await outcomeOf(await wait());
    assert.deepEqual(result, { ...paid(5), timed_out: false });
    assert.deepEqual(states, [1, 4, 5]);
    assert.deepEqual(retries, []);
    const path = "/v1/sessions/order%201%2F%C3%BC";
    assert.deepEqual(urls(), [path, `${path}?wait=25&version=1`, `${path}?wait=25&version=4`]);
    for (const { method, headers } of stand.requests) {
      assert.deepEqual([method, headers.authorization], ["GET", `Bearer ${TICKET}`]);
    }
  });

  test("no connection, HTML and 503 are tried again, with pauses that grow", async () => {
    const answers = [
      (response) => {
        // Chromium repeats a GET whose connection breaks by itself; an answer that CORS forbids fails once.
        response.removeHeader("access-control-allow-origin");
        json(response, 200, paid(1));
      },
      (response) =>
        response.writeHead(200, { "content-type": "text/html" }).end("<p>Sign in to this network"),
      (response) => problem(response, 503, { code: "unavailable", title: "Busy" }),
      (response) => json(response, 200, paid(2)),
    ];
    stand.answer = (_request, response) => answers.shift()(response);
    const { result, retries } = await outcomeOf(await wait());
    assert.equal(result.state, "successful");
    assert.deepEqual(
      retries.map(({ code }) => code),
      ["network", "unreadable_reply", "unavailable"],
    );
    retries.forEach(({ pauseMs }, place) => {
      const longest = 500 * 2 ** place;
      assert.ok(pauseMs >= longest / 2 && pauseMs <= longest, `pause ${place} is ${pauseMs} ms`);
    });
    const gaps = stand.requests.slice(1).map(({ at }, place) => at - stand.requests[place].at);
    gaps.forEach((gap, place) => {
      assert.ok(
        gap >= retries[place].pauseMs - 5,
        `asked again after ${gap} ms instead of ${retries[place].pauseMs}`,
      );
    });
  });

  logic("Retry-After is honoured", async () => {
    const answers = [
      (response) => problem(response, 429, { code: "too_many_requests" }, { "retry-after": "2" }),
      (response) => json(response, 200, paid(2)),
    ];
    stand.answer = (_request, response) => answers.shift()(response);
    const { retries } = await outcomeOf(await wait());
    assert.deepEqual(retries, [{ code: "too_many_requests", pauseMs: 2000 }]);
    assert.ok(stand.requests[1].at - stand.requests[0].at >= 1995);
  });

  logic("a refusal ends the wait at once, with the Worker's words", async () => {
    stand.answer = (_request, response) =>
      problem(response, 401, {
        code: "ticket_expired",
        title: "Ticket expired",
        detail: "Sign a new one.",
        request_id: "req-9",
      });
    const { failure } = await outcomeOf(await wait());
    assert.deepEqual(
      [failure.isLauncherError, failure.code, failure.status, failure.request_id, failure.message],
      [true, "ticket_expired", 401, "req-9", "Sign a new one."],
    );
    assert.equal(stand.requests.length, 1);
  });

  logic("another payment's state is not this one's", async () => {
    const answers = [{ ...paid(9), tracking_id: "order-2" }, { ...paid(9), settled: "yes" }, paid(3)];
    stand.answer = (_request, response) => json(response, 200, answers.shift());
    const { result, states, retries } = await outcomeOf(await wait());
    assert.equal(result.version, 3);
    assert.deepEqual(states, [3]);
    assert.deepEqual(
      retries.map(({ code }) => code),
      ["unreadable_reply", "unreadable_reply"],
    );
  });

  /** A wait whose first request is answered, and the response that its second one waits for. */
  async function secondRequest() {
    const { promise, resolve } = Promise.withResolvers();
    stand.answer = (_request, response) => {
      if (stand.requests.length === 1) json(response, 200, state(1));
      else resolve(response);
    };
    return { tab: await wait(), response: await promise };
  }

  test("abort ends the wait and the request that is under way", async () => {
    const { tab, response } = await secondRequest();
    const dropped = once(response, "close");
    await tab.evaluate(() => window.stopper.abort(new Error("the customer left")));
    await dropped;
    const { failure, states } = await outcomeOf(tab);
    assert.deepEqual([failure.code, failure.cause], ["aborted", "Error: the customer left"]);
    assert.deepEqual(states, [1]);
  });

  test("abort ends a pause too", async () => {
    stand.answer = (_request, response) =>
      problem(response, 503, { code: "unavailable" }, { "retry-after": "60" });
    const tab = await wait();
    await until(tab, () => window.retries.length === 1);
    await tab.evaluate(() => window.stopper.abort());
    assert.equal((await outcomeOf(tab)).failure.code, "aborted");
    assert.equal(stand.requests.length, 1);
  });

  logic(
    "when the time is over it resolves with the last state, and says that it is not settled",
    async () => {
      stand.answer = (_request, response) => {
        if (stand.requests.length === 1) json(response, 200, state(1));
      };
      const { result, retries } = await outcomeOf(await wait({ timeoutMs: 1500 }));
      assert.deepEqual(result, { ...state(1), timed_out: true });
      assert.deepEqual(retries, []);
      // It asked the Worker to wait no longer than it would itself.
      assert.match(urls()[1], /\?wait=2&version=1$/);
    },
  );

  logic("when no state could be read in time it is a timeout, with the last error as its cause", async () => {
    stand.answer = (_request, response) => problem(response, 503, { code: "unavailable", title: "Busy" });
    const { failure } = await outcomeOf(await wait({ timeoutMs: 1200, shortPauses: true }));
    assert.deepEqual([failure.code, failure.cause], ["timeout", "LauncherError: Busy"]);
  });

  logic("answers that come at once and tell nothing new are not asked for in a storm", async () => {
    stand.answer = (_request, response) => json(response, 200, state(1));
    const { result } = await outcomeOf(await wait({ timeoutMs: 2500 }));
    assert.equal(result.timed_out, true);
    assert.ok(stand.requests.length <= 4, `${stand.requests.length} requests in 2.5 s`);
  });

  logic("a message that says paid changes nothing", async () => {
    const { tab, response } = await secondRequest();
    await tab.evaluate(() => {
      window.postMessage({ type: "successful", state: "successful", settled: true }, "*");
      return new Promise((done) =>
        window.addEventListener("message", () => setTimeout(done), { once: true }),
      );
    });
    assert.equal(await tab.evaluate(() => window.outcome), undefined);
    json(response, 200, state(2, { state: "rejected", settled: true }));
    assert.equal((await outcomeOf(tab)).result.state, "rejected");
  });
});
