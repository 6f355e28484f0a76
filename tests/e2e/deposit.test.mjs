// A deposit from the sign-in to the verified webhook, in a real browser through real workerd.
import assert from "node:assert/strict";
import { test } from "node:test";
import { orderWithoutPress } from "./customer.mjs";
import { SECRETS } from "./servers.mjs";
import { setUp } from "./setup.mjs";

const { servers, visit } = setUp();

test("sign in, 10.05 EUR, cashier, approve, back: successful; and no secret reaches the browser", async () => {
  const customer = await visit({ open: false });
  const seen = await customer.collectEverything();
  await customer.tab.goto(servers.shop);
  await customer.signIn("EUR");
  await customer.orderDeposit("10.05");
  await customer.decide("approve");
  await customer.sees("successful");
  const tracking_id = customer.trackingId();
  assert.equal(await customer.tab.locator("#payment-title").textContent(), "Deposit successful");
  assert.equal(await customer.tab.locator("#payment-amount").textContent(), "€10.05");
  assert.deepEqual((await customer.timeline()).slice(0, 3), [
    "Ticket accepted",
    "Cashier opened at the edge",
    "You went to the cashier",
  ]);
  // Which of them is first is the gateway's affair.
  await customer.sees("successful", "Delivered to the shop");
  assert.deepEqual((await customer.timeline()).slice(3).toSorted(), [
    "Delivered to the shop",
    "Webhook verified",
    "You came back",
  ]);

  const requests = await servers.control(`requests?tracking_id=${tracking_id}`);
  // The second one is the Worker's own: it asks the gateway before it reports a success to the shop.
  assert.deepEqual(
    requests.map(({ method, path }) => `${method} ${path}`),
    ["POST /cashier/deposit", `GET /transactions/${tracking_id}`],
  );
  const [request] = requests;
  assert.equal(request.headers["x-api-key"], SECRETS["the gateway's API key"]);
  const { request: sent } = JSON.parse(request.body);
  assert.deepEqual(
    [sent.user_id, sent.tracking_id, sent.currency],
    [customer.user.user_id, tracking_id, "EUR"],
  );
  // Digit for digit, in the text itself: a parsed number could not tell 10.05 from 10.050000000000001.
  assert.match(request.body, /"amount":10\.05[,}]/);
  const [webhook] = await servers.control(`webhooks?tracking_id=${tracking_id}`);
  assert.deepEqual([webhook.status, webhook.answers.at(-1).status], ["successful", 204]);

  const material = await seen();
  // The search finds what is there: the ticket in the shop's answer, our own words in the page and in its script.
  const ticket = await customer.tab.evaluate(
    () => JSON.parse(sessionStorage.getItem("marram.payments"))[0].ticket,
  );
  for (const known of [ticket, "Welcome back", "marram.payments", tracking_id]) {
    assert.ok(
      material.some(({ text }) => text.includes(known)),
      `the search does not find ${known.slice(0, 20)}`,
    );
  }
  for (const part of [
    "/app.js",
    "/style.css",
    "/config.json",
    "/shop/tickets",
    "/shop/deliveries",
    "/shop/faults",
    "/v1/sessions",
    "/cashier/",
  ]) {
    assert.ok(
      material.some(({ from }) => from.includes(part)),
      `${part} was not collected`,
    );
  }
  for (const [name, secret] of Object.entries(SECRETS)) {
    const leaks = material.filter(({ text }) => text.includes(secret)).map(({ from }) => from);
    assert.deepEqual(leaks, [], `${name} reached the browser`);
  }
});

test("declined in the cashier: rejected", async () => {
  const customer = await visit();
  await customer.signIn("EUR");
  await customer.orderDeposit("25");
  await customer.decide("decline");
  await customer.sees("rejected");
  assert.equal(await customer.tab.locator("#payment-title").textContent(), "Deposit rejected");
});

test("left pending, then settled by a webhook: the page changes by itself, without a reload", async () => {
  const customer = await visit();
  await customer.signIn("EUR");
  await customer.orderDeposit("50");
  await customer.decide("pending");
  await customer.sees("pending");
  await customer.tab.evaluate(() => {
    window.sameDocument = true;
  });
  await servers.control("webhooks", "POST", { tracking_id: customer.trackingId(), status: "successful" });
  await customer.sees("successful");
  assert.equal(await customer.tab.evaluate(() => window.sameDocument), true);
  assert.match(await customer.tab.locator("#announcer").textContent(), /Deposit successful/);
  assert.match(await customer.tab.title(), /^Deposit successful/);
  // What a screen reader hears and what the list shows is the same.
  assert.equal(await customer.tab.locator(".recent .badge").first().textContent(), "Successful");
});

test("the address cannot say what became of a payment, and a reload finds it again", async () => {
  const customer = await visit();
  await customer.signIn("EUR");
  await customer.orderDeposit("10.05");
  await customer.tab.waitForSelector("[data-testid=cashier-approve]");
  const cashier = customer.tab.url();
  const payment = await customer.lastGatewayRequest();
  await customer.tab.goto(
    `${servers.shop}/?tracking_id=${payment.tracking_id}&result=successful&status=successful`,
  );
  await customer.sees("opened");
  assert.equal(customer.tab.url(), `${servers.shop}/?tracking_id=${payment.tracking_id}`);
  await customer.tab.reload();
  await customer.sees("opened");
  // Back to the very same session, with no second request to the gateway.
  await customer.tab.click("#payment-reopen");
  await customer.tab.waitForURL(cashier);
  assert.equal((await servers.control("requests")).length, 1);
  await customer.decide("approve");
  await customer.sees("successful");

  const stranger = await visit();
  await stranger.tab.goto(`${servers.shop}/?tracking_id=${payment.tracking_id}`);
  await stranger.tab.waitForSelector("#problem:not([hidden])");
  assert.match(await stranger.problem(), /belongs to another tab/);
});

test("a genuine webhook over another amount is shown as a warning, not as paid", async () => {
  const customer = await visit();
  await customer.signIn("EUR");
  await customer.orderDeposit("10.05");
  await customer.decide("pending");
  await customer.sees("pending");
  await servers.control("webhooks", "POST", {
    tracking_id: customer.trackingId(),
    status: "successful",
    amount: "9999.00",
  });
  await customer.tab.waitForSelector("#payment-warning:not([hidden])");
  assert.equal(await customer.tab.locator("#payment").getAttribute("data-state"), "pending");
  assert.equal(await customer.tab.locator("#payment-amount").textContent(), "€10.05");
  assert.ok((await customer.timeline()).includes("Webhook contradicts"));
});

test("in a window: the page stays, follows the payment, and the window goes by itself", async () => {
  const customer = await visit();
  await customer.signIn("GBP");
  const appears = customer.tab.waitForEvent("popup");
  await customer.orderDeposit("25", "popup");
  const popup = await appears;
  await popup.waitForSelector("[data-testid=cashier-approve]");
  await customer.sees("opened");
  const gone = popup.waitForEvent("close");
  await popup.click("[data-testid=cashier-approve]");
  await gone;
  await customer.sees("successful");
  assert.equal(await customer.tab.locator("#payment-amount").textContent(), "£25.00");
});

test("inside the page: the frame goes when the cashier is done, and the payment is followed", async () => {
  const customer = await visit();
  await customer.signIn("EUR");
  await customer.orderDeposit("25", "iframe");
  await customer.tab.frameLocator("#cashier-frame iframe").locator("[data-testid=cashier-approve]").click();
  await customer.sees("successful");
  await customer.tab.waitForSelector("#cashier", { state: "hidden" });
  assert.equal(await customer.tab.locator("#cashier-frame iframe").count(), 0);
});

test("a cashier that refuses frames opens in a window or on its own page", async () => {
  const customer = await visit();
  customer.provoked = /frame-ancestors/;
  await customer.signIn("EUR");
  await servers.control("settings", "PUT", { frame_ancestors: "none" });
  const { tab } = customer;
  const appears = tab.waitForEvent("popup");
  await customer.orderDeposit("25", "iframe");
  // In a window while the press of the button is recent enough for the popup blocker.
  const arrives = tab.waitForURL(({ origin }) => origin === servers.gateway);
  const cashier = await Promise.race([appears, arrives.then(() => tab)]);
  await cashier.click("[data-testid=cashier-approve]");
  await customer.sees("successful");
  assert.equal(await tab.locator("#cashier-frame iframe").count(), 0);
});

test("a window that the popup blocker stops: the cashier opens on its own page", async () => {
  const customer = await visit();
  await customer.signIn("EUR");
  await customer.tab.addInitScript(orderWithoutPress);
  await customer.tab.reload();
  // Nothing is run in the page meanwhile: a script of the tool counts as a press.
  await customer.tab.waitForURL(({ origin }) => origin === servers.gateway);
  await customer.decide("approve");
  await customer.sees("successful");
});

test("amounts stay decimal text: a comma is a point, and what does not fit is refused before anything is sent", async () => {
  const customer = await visit();
  await customer.signIn("EUR");
  for (const [typed, words] of [
    ["", /Enter an amount/],
    ["ten", /Use digits/],
    ["1e3", /Use digits/],
    ["-5", /Use digits/],
    ["10.005", /EUR has at most 2 decimals/],
    ["0.00", /more than zero/],
  ]) {
    await customer.tab.fill("#amount", typed);
    await customer.tab.press("#amount", "Enter");
    assert.match(await customer.tab.locator("#amount-error").textContent(), words, `typed: ${typed}`);
    assert.equal(await customer.tab.locator("#amount").getAttribute("aria-invalid"), "true");
  }
  assert.deepEqual(await servers.control("requests"), []);
  await customer.orderDeposit(" 010,10 ");
  await customer.decide("approve");
  await customer.sees("successful");
  assert.match((await servers.control("requests"))[0].body, /"amount":10\.10?[,}]/);

  const other = await visit();
  await other.signIn("JPY");
  await other.tab.fill("#amount", "1000.5");
  await other.tab.press("#amount", "Enter");
  assert.match(await other.tab.locator("#amount-error").textContent(), /JPY has no decimals/);
});
