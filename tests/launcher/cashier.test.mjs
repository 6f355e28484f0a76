// openCashier in a real browser: the three modes, what happens when a browser refuses one, and whom it listens to.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { follow, heard, html, json, press, problem, startStand, types } from "./stand.mjs";

let stand;
const TICKET = "header.obviously-fake-ticket.signature";

before(async () => {
  stand = await startStand();
});
after(() => stand.stop());
afterEach(() => stand.closeTabs());

beforeEach(() => {
  stand.frameSource = "";
  stand.answer = (_request, response) => json(response, 201, session());
  stand.cashierPage = (_request, response) => html(response, "<h1>Cashier</h1>");
});

const session = () => ({
  tracking_id: "order-1",
  operation: "hosted_deposit",
  token: "tok",
  cashier_url: `${stand.cashier}/cashier/tok`,
});
const options = (changes = {}) => ({ endpoint: stand.api, ticket: TICKET, ...changes });

test("redirect is the default: one request with the ticket and nothing else, then the cashier", async () => {
  const tab = await stand.visit();
  const told = follow(tab);
  await press(tab, options({ endpoint: `${stand.api}/` }));
  await tab.waitForURL(`${stand.cashier}/cashier/tok`);
  assert.equal(stand.requests.length, 1);
  const [request] = stand.requests;
  assert.equal(`${request.method} ${request.url}`, "POST /v1/sessions");
  assert.equal(request.headers.authorization, `Bearer ${TICKET}`);
  assert.equal(request.headers.cookie, undefined);
  assert.equal(request.body, "");
  const { cashier_url: url, tracking_id, operation } = session();
  assert.deepEqual(told, [{ type: "opened", mode: "redirect", tracking_id, operation, url }]);
});

test("a popup opens inside the click, before the Worker answers, and closes when it comes back", async () => {
  let release;
  const released = new Promise((done) => {
    release = done;
  });
  stand.answer = async (_request, response) => {
    await released;
    json(response, 201, session());
  };
  stand.cashierPage = (_request, response) =>
    html(
      response,
      `<script>opener.postMessage({ type: "paid" }, "*"); onmessage = () => { location = "${stand.shop}/return"; };</script>`,
    );
  const tab = await stand.visit();
  const appears = tab.waitForEvent("popup");
  await press(tab, options({ mode: "popup", theme: "dark", waitingText: "One moment" }));
  const popup = await appears;
  assert.equal(popup.url(), "about:blank");
  assert.equal(await popup.title(), "One moment");
  assert.deepEqual(await tab.evaluate(() => window.events), []);
  release();
  await heard(tab, "message");
  await heard(tab, "ready");
  const gone = popup.waitForEvent("close");
  await popup.evaluate(() => window.postMessage("go back", "*"));
  const events = await heard(tab, "closed");
  await gone;
  assert.deepEqual(types(events).toSorted(), ["closed", "message", "opened", "ready"]);
  assert.equal(events[0].type, "opened");
  assert.deepEqual(events.at(-1), { type: "closed", mode: "popup", reason: "returned" });
  assert.equal(await tab.evaluate(() => window.cashier.closed), "returned");
  assert.equal(tab.url(), `${stand.shop}/`);
});

test("a popup that the customer closes is told as closed by the user; close() as closed by the caller", async () => {
  const tab = await stand.visit();
  let appears = tab.waitForEvent("popup");
  await press(tab, options({ mode: "popup" }));
  await (await appears).waitForURL(`${stand.cashier}/**`);
  await (await appears).close();
  assert.equal((await heard(tab, "closed")).at(-1).reason, "user");

  await tab.evaluate(() => window.events.splice(0));
  appears = tab.waitForEvent("popup");
  await press(tab, options({ mode: "popup" }));
  const popup = await appears;
  await heard(tab, "ready");
  const gone = popup.waitForEvent("close");
  await tab.evaluate(() => {
    window.cashier.close();
    window.cashier.close();
  });
  await gone;
  assert.deepEqual(types(await heard(tab, "closed")), ["opened", "ready", "closed"]);
  assert.equal((await heard(tab, "closed")).at(-1).reason, "caller");
});

test("a blocked popup falls back to redirect", async () => {
  const tab = await stand.browser.newPage();
  const told = follow(tab);
  // The page starts it by itself: no click, so Chromium blocks the popup.
  await tab.goto(`${stand.shop}/#${encodeURIComponent(JSON.stringify(options({ mode: "popup" })))}`);
  await tab.waitForURL(`${stand.cashier}/cashier/tok`);
  assert.deepEqual(
    told.map(({ type, mode, to }) => [type, mode, to]),
    [
      ["blocked", "popup", undefined],
      ["fallback", "popup", "redirect"],
      ["opened", "redirect", undefined],
    ],
  );
});

test("a refusal is a typed error with the Worker's own fields, and the popup is closed", async () => {
  stand.answer = (_request, response) =>
    problem(
      response,
      409,
      {
        type: "https://edge-cashier.dev/problems/ticket_reused",
        code: "ticket_reused",
        title: "Ticket used before",
        detail: "Sign a ticket with a new jti.",
        violations: [{ path: "jti", code: "reused", message: "choose another" }],
      },
      { "x-request-id": "req-7" },
    );
  const tab = await stand.visit();
  const appears = tab.waitForEvent("popup");
  await press(tab, options({ mode: "popup" }));
  const popup = await appears;
  if (!popup.isClosed()) await popup.waitForEvent("close");
  const events = await heard(tab, "error");
  assert.deepEqual(types(events), ["error"]);
  const failure = await tab.evaluate(() => window.failure);
  assert.deepEqual(events[0].error, failure);
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
  await press(tab, options(changes));
  await tab.waitForFunction(() => window.failure);
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
  assert.deepEqual([broken.code, broken.cause], ["network", "TypeError: Failed to fetch"]);
  stand.answer = (_request, response) => json(response, 201, { token: "tok" });
  assert.equal((await failureOf(tab)).code, "unreadable_reply");
});

test("an address that is not http(s) is never opened", async () => {
  const tab = await stand.visit();
  for (const cashier_url of [
    "javascript:document.title='run'",
    "data:text/html,hello",
    "/relative",
    "",
    undefined,
  ]) {
    stand.answer = (_request, response) => json(response, 201, { ...session(), cashier_url });
    assert.equal((await failureOf(tab)).code, "unsafe_address", `${cashier_url}`);
  }
  assert.equal(await tab.title(), "Page");
});

test("a frame fills its container, is ready, and goes when it is closed", async () => {
  const tab = await stand.visit();
  await press(tab, options({ mode: "iframe", theme: "dark" }));
  await heard(tab, "ready");
  assert.equal(await tab.locator("#container iframe").getAttribute("src"), session().cashier_url);
  assert.equal(await tab.locator("#container iframe").getAttribute("title"), "Cashier");
  assert.equal(await tab.frameLocator("#container iframe").locator("h1").textContent(), "Cashier");
  assert.equal(await tab.evaluate(() => window.cashier.mode), "iframe");
  await tab.evaluate(() => window.cashier.close());
  const events = await heard(tab, "closed");
  assert.deepEqual(types(events), ["opened", "ready", "closed"]);
  assert.equal(events.at(-1).reason, "caller");
  assert.equal(await tab.locator("#container iframe").count(), 0);
});

test("a frame that comes back to the shop is removed", async () => {
  stand.cashierPage = (_request, response) =>
    html(response, `<a id="done" href="${stand.shop}/return">Done</a>`);
  const tab = await stand.visit();
  await press(tab, options({ mode: "iframe" }));
  await heard(tab, "ready");
  await tab.frameLocator("#container iframe").locator("#done").click();
  assert.equal((await heard(tab, "closed")).at(-1).reason, "returned");
  assert.equal(await tab.locator("#container iframe").count(), 0);
});

test("a frame that the cashier sends straight back is told as closed, and the promise is kept", async () => {
  stand.cashierPage = (_request, response) =>
    response.writeHead(303, { location: `${stand.shop}/return` }).end();
  const tab = await stand.visit();
  await press(tab, options({ mode: "iframe" }));
  await tab.waitForFunction(() => window.cashier);
  assert.deepEqual(types(await heard(tab, "closed")), ["opened", "closed"]);
});

test("a frame that the page's own policy refuses falls back", async () => {
  stand.frameSource = "'none'";
  const tab = await stand.visit();
  const appears = tab.waitForEvent("popup");
  await press(tab, options({ mode: "iframe" }));
  // The customer has just clicked, so a popup may open.
  await (await appears).waitForURL(session().cashier_url);
  const events = await heard(tab, "ready");
  assert.deepEqual(types(events), ["opened", "blocked", "fallback", "opened", "ready"]);
  assert.deepEqual(events[2], { type: "fallback", mode: "iframe", to: "popup" });
  assert.equal(await tab.locator("#container iframe").count(), 0);
  assert.equal(await tab.evaluate(() => window.cashier.mode), "popup");
});

test("a frame that does not load in time falls back, by redirect when nobody has clicked", async () => {
  stand.cashierPage = (request, response) => {
    if (request.headers["sec-fetch-dest"] !== "iframe") html(response, "<h1>Cashier</h1>");
  };
  const tab = await stand.browser.newPage();
  const told = follow(tab);
  await tab.goto(
    `${stand.shop}/#${encodeURIComponent(JSON.stringify(options({ mode: "iframe", timeoutMs: 400 })))}`,
  );
  await tab.waitForURL(session().cashier_url);
  assert.deepEqual(types(told), ["opened", "timeout", "fallback", "opened"]);
  assert.deepEqual(told[2], { type: "fallback", mode: "iframe", to: "redirect" });
});

test("with frameReady: message, a frame that the cashier refuses falls back, and one that speaks stands", async () => {
  // Chromium "loads" its error page for a refused frame: only the cashier's word tells the two apart.
  stand.cashierPage = (_request, response) =>
    html(response, "<h1>Cashier</h1>", { "x-frame-options": "DENY" });
  const tab = await stand.visit();
  const appears = tab.waitForEvent("popup");
  await press(tab, options({ mode: "iframe", frameReady: "message", timeoutMs: 600 }));
  await (await appears).waitForURL(session().cashier_url);
  assert.deepEqual(types(await heard(tab, "ready")), ["opened", "timeout", "fallback", "opened", "ready"]);

  stand.cashierPage = (_request, response) =>
    html(response, `<script>parent.postMessage("here", "*")</script>`);
  const other = await stand.visit();
  await press(other, options({ mode: "iframe", frameReady: "message", timeoutMs: 5000 }));
  await other.waitForFunction(() => window.cashier);
  assert.deepEqual(types(await heard(other, "message")), ["opened", "ready", "message"]);
});

test("messages count from the cashier's exact origin and window only", async () => {
  stand.cashierPage = (request, response) =>
    html(
      response,
      request.url === "/twin"
        ? `<script>parent.postMessage("from another window of the cashier's origin", "*"); parent.postMessage("twin done", "*")</script>`
        : `<script>onmessage = ({ data }) => {
             if (data === "speak") parent.postMessage("from the cashier", "*");
             if (data === "leave") location = "${stand.stranger}/";
           };</script>`,
    );
  const tab = await stand.visit();
  await tab.evaluate(() => {
    window.all = [];
    window.addEventListener("message", ({ data }) => window.all.push(data));
  });
  await press(tab, options({ mode: "iframe" }));
  await heard(tab, "ready");
  // The shop's own window, a second window of the cashier's origin, and a stranger's frame.
  await tab.evaluate(
    ([twin, stranger]) => {
      window.postMessage("from the page itself", "*");
      for (const address of [twin, stranger]) {
        const frame = document.createElement("iframe");
        frame.src = address;
        document.body.append(frame);
      }
    },
    [`${stand.cashier}/twin`, `${stand.stranger}/`],
  );
  await tab.waitForFunction(() => window.all.includes("twin done") && window.all.includes("from a stranger"));
  await tab.evaluate(() =>
    document.querySelector("#container iframe").contentWindow.postMessage("speak", "*"),
  );
  await heard(tab, "message");
  // The cashier's very window, but no longer its origin.
  await tab.evaluate(() => {
    window.all = [];
    document.querySelector("#container iframe").contentWindow.postMessage("leave", "*");
  });
  await tab.waitForFunction(() => window.all.includes("from a stranger"));
  const messages = (await tab.evaluate(() => window.events)).filter(({ type }) => type === "message");
  assert.deepEqual(messages, [{ type: "message", mode: "iframe", data: "from the cashier" }]);
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
  }, options());
  await tab.waitForFunction(() => window.first === window.second && window.first !== window.other);
  const both = () => stand.requests.map(({ headers }) => headers.authorization).toSorted();
  while (waiting.length < 2) await once(stand.arrivals, "request");
  for (const response of waiting) problem(response, 502, { code: "gateway_unreachable" });
  assert.deepEqual(await tab.evaluate(() => window.codes), Array(3).fill("gateway_unreachable"));
  // A second request for the same ticket would have come before its refusal was read.
  assert.deepEqual(both(), ["Bearer another", `Bearer ${TICKET}`]);

  stand.answer = (_request, response) => json(response, 201, session());
  await press(tab, options());
  await tab.waitForURL(session().cashier_url);
});

test("while its popup stands, the same ticket opens no second one", async () => {
  const tab = await stand.visit();
  const appears = tab.waitForEvent("popup");
  await press(tab, options({ mode: "popup" }));
  await (await appears).waitForURL(session().cashier_url);
  await heard(tab, "ready");
  await tab.evaluate(() => {
    window.before = window.opened;
  });
  await press(tab, options({ mode: "popup" }));
  await tab.waitForFunction(() => window.opened === window.before);
  assert.equal(stand.requests.length, 1);
  assert.equal(tab.context().pages().length, 2);
});

test("a promise of a ticket: the popup waits for it, and is closed when there is none", async () => {
  const tab = await stand.visit();
  await tab.evaluate(
    (given) => {
      document.getElementById("go").addEventListener(
        "click",
        (event) => {
          event.stopImmediatePropagation();
          const ticket = new Promise((give, refuse) => Object.assign(window, { give, refuse }));
          window.run({ ...given, ticket });
        },
        { capture: true },
      );
    },
    options({ mode: "popup" }),
  );
  let appears = tab.waitForEvent("popup");
  await tab.click("#go");
  let popup = await appears;
  assert.equal(stand.requests.length, 0);
  await tab.evaluate((ticket) => window.give(ticket), TICKET);
  await popup.waitForURL(session().cashier_url);
  assert.equal(stand.requests[0].headers.authorization, `Bearer ${TICKET}`);
  await popup.close();

  appears = tab.waitForEvent("popup");
  await tab.click("#go");
  popup = await appears;
  const gone = popup.waitForEvent("close");
  await tab.evaluate(() => window.refuse(new Error("the shop is closed")));
  await gone;
  await tab.waitForFunction(() => window.failure);
  const failure = await tab.evaluate(() => window.failure);
  assert.deepEqual([failure.code, failure.cause], ["no_ticket", "Error: the shop is closed"]);
  assert.equal(stand.requests.length, 1);
});

test("what a listener throws is reported and does not stop the payment", async () => {
  const tab = await stand.visit();
  const reported = tab.waitForEvent("pageerror");
  await tab.evaluate((given) => {
    window.launcher.openCashier({
      ...given,
      onEvent: () => {
        throw new Error("the listener's own mistake");
      },
    });
  }, options());
  assert.match((await reported).message, /the listener's own mistake/);
  await tab.waitForURL(session().cashier_url);
});

test("a call that lacks something is refused before anything is opened or sent", async () => {
  const tab = await stand.visit();
  const codes = await tab.evaluate(async (given) => {
    const calls = [
      { ...given, endpoint: undefined },
      { ...given, ticket: "" },
      { ...given, mode: "iframe" },
    ];
    const refusals = await Promise.allSettled(calls.map((call) => window.launcher.openCashier(call)));
    return refusals.map(({ reason }) => `${reason.code}: ${reason.message}`);
  }, options());
  assert.deepEqual(codes, [
    "invalid_options: the option endpoint is missing",
    "invalid_options: the option ticket is missing",
    "invalid_options: the option container is missing",
  ]);
  assert.equal(stand.requests.length, 0);
});
