// openCashier's ticket: given, promised or fetched; and two calls that are one.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { arrives, closing, inEachBrowser, nextPopup, until } from "./browsers.mjs";
import { heard, json, press, problem, startStand, TICKET } from "./stand.mjs";

inEachBrowser((browser) => {
  let stand;
  before(async () => {
    stand = await startStand(browser);
  });
  after(() => stand.stop());
  beforeEach(() => stand.reset());
  afterEach(() => stand.closeTabs());

  /** Has the button take its ticket from a function, a new promise at each click or one and the same; `give` and `refuse` of the window decide about it, `asked` counts. */
  const wire = (tab, kind, options) =>
    tab.evaluate(
      (how, given) => {
        window.asked = 0;
        const fetchTicket = () => {
          window.asked += 1;
          window.popupAtAsking = window.lastPopup !== undefined;
          return new Promise((give, refuse) => Object.assign(window, { give, refuse }));
        };
        const shared = how === "shared promise" && fetchTicket();
        const open = window.open.bind(window);
        window.open = (...arguments_) => (window.lastPopup = open(...arguments_));
        document.getElementById("go").addEventListener(
          "click",
          (event) => {
            event.stopImmediatePropagation();
            window.run({ ...given, ticket: shared || (how === "function" ? fetchTicket : fetchTicket()) });
          },
          { capture: true },
        );
      },
      kind,
      options,
    );

  for (const kind of ["promise", "function"]) {
    test(`a ${kind}: the popup waits for the ticket, and is closed when there is none`, async () => {
      const tab = await stand.visit();
      await wire(tab, kind, stand.options({ mode: "popup" }));
      let appears = nextPopup(tab);
      await tab.click("#go");
      let popup = await appears;
      assert.equal(stand.requests.length, 0);
      assert.deepEqual(await tab.evaluate(() => [window.asked, window.popupAtAsking]), [
        1,
        kind === "function",
      ]);
      await tab.evaluate((ticket) => window.give(ticket), TICKET);
      await arrives(popup, stand.session().cashier_url);
      assert.equal(stand.requests[0].headers.authorization, `Bearer ${TICKET}`);
      await popup.close();
      await heard(tab, "closed");

      appears = nextPopup(tab);
      await tab.click("#go");
      popup = await appears;
      const gone = closing(popup);
      await tab.evaluate(() => window.refuse(new Error("the shop is closed")));
      await gone;
      await until(tab, () => window.failure);
      const failure = await tab.evaluate(() => window.failure);
      assert.deepEqual([failure.code, failure.cause], ["no_ticket", "Error: the shop is closed"]);
      assert.equal(stand.requests.length, 1);
    });
  }

  for (const kind of ["function", "shared promise"]) {
    test(`two clicks while the ticket of a ${kind} is pending fetch one, and open one popup and one session`, async () => {
      const tab = await stand.visit();
      await wire(tab, kind, stand.options({ mode: "popup" }));
      const pages = () => tab.browserContext().pages();
      const appears = nextPopup(tab);
      await tab.click("#go");
      const popup = await appears;
      await tab.evaluate(() => {
        window.first = window.opened;
      });
      await tab.bringToFront();
      await tab.click("#go");
      assert.deepEqual(await tab.evaluate(() => [window.asked, window.first === window.opened]), [1, true]);
      await tab.evaluate((ticket) => window.give(ticket), TICKET);
      await arrives(popup, stand.session().cashier_url);
      // While it stands, too.
      await tab.bringToFront();
      await tab.click("#go");
      assert.deepEqual(await tab.evaluate(() => [window.asked, window.first === window.opened]), [1, true]);
      assert.equal(stand.requests.length, 1);
      assert.equal((await pages()).length, 2);
    });
  }

  test("redirect: a second click before the page is left opens nothing", async () => {
    stand.cashierPage = () => {};
    const tab = await stand.visit();
    await wire(tab, "function", stand.options());
    await tab.click("#go");
    const told = new Promise((hear) =>
      tab.on("console", (message) => message.text().startsWith("asked") && hear(message.text())),
    );
    await tab.evaluate((ticket) => {
      // By the page itself: a browser that waits for the next page answers its tool no more.
      void window.opened.then(() => {
        document.getElementById("go").click();
        console.log(`asked ${window.asked}`);
      });
      window.give(ticket);
    }, TICKET);
    assert.equal(await told, "asked 1");
  });

  test("a ticket that never comes is no_ticket in time, and the next click asks again", async () => {
    const tab = await stand.visit();
    await wire(tab, "function", stand.options({ timeoutMs: 300 }));
    await tab.click("#go");
    await until(tab, () => window.failure);
    assert.equal(await tab.evaluate(() => window.failure.code), "no_ticket");
    await tab.click("#go");
    assert.equal(await tab.evaluate(() => window.asked), 2);
  });

  test("a popup that is closed before there is a ticket is closed by the user, and the next click opens another", async () => {
    const tab = await stand.visit();
    await wire(tab, "function", stand.options({ mode: "popup" }));
    let appears = nextPopup(tab);
    await tab.click("#go");
    await (await appears).close();
    const events = await heard(tab, "closed");
    assert.deepEqual(
      events.map(({ type, reason }) => [type, reason]),
      [
        ["opening", undefined],
        ["closed", "user"],
      ],
    );
    await until(tab, () => window.failure);
    assert.equal(await tab.evaluate(() => window.failure.code), "closed");
    appears = nextPopup(tab);
    await tab.click("#go");
    const popup = await appears;
    await tab.evaluate((ticket) => window.give(ticket), TICKET);
    await arrives(popup, stand.session().cashier_url);
    assert.equal(stand.requests.length, 1);
  });

  test("what a function gives that is no ticket, or throws at once, is the error no_ticket", async () => {
    const tab = await stand.visit();
    const failures = await tab.evaluate(async (given) => {
      const thrower = () => {
        throw new Error("no backend");
      };
      const outcomes = [];
      for (const ticket of [thrower, () => undefined, () => ({ ticket: "in an object" })]) {
        const [{ reason }] = await Promise.allSettled([window.launcher.openCashier({ ...given, ticket })]);
        outcomes.push(`${reason.code} ${reason.cause ?? ""}`);
      }
      return outcomes;
    }, stand.options());
    assert.deepEqual(failures, ["no_ticket Error: no backend", "no_ticket ", "no_ticket "]);
    assert.equal(stand.requests.length, 0);
  });

  test("the same ticket twice is one promise and one request; after a failure it may be tried again", async () => {
    const waiting = [];
    stand.answer = (_request, response) => waiting.push(response);
    const tab = await stand.visit();
    await tab.evaluate((given) => {
      window.first = window.launcher.openCashier(given);
      window.second = window.launcher.openCashier(given);
      window.other = window.launcher.openCashier({ ...given, ticket: "another" });
      window.codes = Promise.allSettled([window.first, window.second, window.other]).then((all) =>
        all.map(({ reason }) => reason.code),
      );
    }, stand.options());
    await until(tab, () => window.first === window.second && window.first !== window.other);
    const tickets = () => stand.requests.map(({ headers }) => headers.authorization).toSorted();
    while (waiting.length < 2) await once(stand.arrivals, "request");
    for (const response of waiting) problem(response, 502, { code: "gateway_unreachable" });
    assert.deepEqual(await tab.evaluate(() => window.codes), Array(3).fill("gateway_unreachable"));
    // A second request for the same ticket would have come before its refusal was read.
    assert.deepEqual(tickets(), ["Bearer another", `Bearer ${TICKET}`]);

    stand.answer = (_request, response) => json(response, 201, stand.session());
    await press(tab, stand.options());
    await arrives(tab, stand.session().cashier_url);
  });

  test("Turnstile's token is the body of the request", async () => {
    const tab = await stand.visit();
    await press(tab, stand.options({ turnstileToken: "obviously-fake-turnstile-token" }));
    await arrives(tab, stand.session().cashier_url);
    const [{ body, headers }] = stand.requests;
    assert.deepEqual(JSON.parse(body), { turnstile_token: "obviously-fake-turnstile-token" });
    assert.match(headers["content-type"], /^application\/json/);
  });
});
