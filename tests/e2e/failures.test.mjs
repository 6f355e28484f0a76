// What the customer sees when the gateway, the shop or the network fails, and how it goes on.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setUp } from "./setup.mjs";

const { servers, visit } = setUp();

/** From now on keeps every text that is written into a live region; the returned function gives them. */
async function announcements({ tab }, id) {
  await tab.evaluate((region) => {
    window.announced = [];
    const element = document.getElementById(region);
    new MutationObserver(() => window.announced.push(element.textContent)).observe(element, {
      childList: true,
    });
  }, id);
  return () => tab.evaluate(() => window.announced);
}

/** Cuts these requests off; the promise in the result ends when so many of them were. */
async function failing({ tab }, url, times) {
  const { promise, resolve } = Promise.withResolvers();
  let failed = 0;
  await tab.route(url, async (route) => {
    await route.abort("internetdisconnected");
    failed += 1;
    if (failed === times) resolve();
  });
  return { failed: promise };
}

for (const [name, fault, code] of [
  ["answers 503", { kind: "status", status: 503, times: 1 }, /503/],
  ["answers with HTML", { kind: "html", times: 1 }, /gateway/],
  ["does not answer", { kind: "hang", times: 1 }, /gateway/],
]) {
  test(`the gateway ${name}: a clear message with the request's id, and trying again opens the same payment`, async () => {
    const customer = await visit();
    await customer.signIn("EUR");
    await servers.control("settings", "PUT", { fault });
    await customer.orderDeposit("10.05");
    await customer.tab.waitForSelector("#problem:not([hidden])", { timeout: 10_000 });
    const told = await customer.problem();
    assert.match(told, code);
    assert.match(told, /name the request [0-9a-f-]{8,}/);
    assert.equal(await customer.tab.locator("#order-button").getAttribute("aria-disabled"), "false");
    assert.equal(await customer.tab.evaluate(() => document.activeElement.id), "problem-title");
    await customer.tab.getByRole("button", { name: "Try again" }).click();
    await customer.decide("approve");
    await customer.sees("successful");
    const tried = (await servers.control("requests")).map(({ tracking_id }) => tracking_id);
    assert.deepEqual([...new Set(tried)], [customer.trackingId()]);
  });
}

test("the shop's backend is away: a clear message, and trying again works", async () => {
  const customer = await visit({ open: false });
  await customer.tab.route("**/shop/**", (route) => route.abort());
  await customer.tab.goto(servers.shop);
  await customer.tab.waitForSelector("#problem:not([hidden])");
  assert.match(await customer.problem(), /cannot be reached/);
  await customer.tab.unroute("**/shop/**");
  await customer.tab.getByRole("button", { name: "Try again" }).click();
  await customer.signIn("EUR");
});

test("a shop session that is over leads to the sign-in, and keeps the payments", async () => {
  const customer = await visit();
  await customer.signIn("EUR");
  await customer.orderDeposit("10.05");
  await customer.decide("approve");
  await customer.sees("successful");
  await customer.tab.evaluate(() => {
    const known = JSON.parse(sessionStorage.getItem("marram.signed-in"));
    sessionStorage.setItem("marram.signed-in", JSON.stringify({ ...known, session: `${known.session}x` }));
  });
  await customer.tab.click("#payment-again");
  await customer.orderDeposit("25");
  await customer.tab.waitForSelector("#problem:not([hidden])");
  assert.match(await customer.problem(), /sign in again/);
  await customer.tab.getByRole("button", { name: "Sign in" }).click();
  await customer.signIn("EUR");
  await customer.orderDeposit("25");
  await customer.decide("approve");
  await customer.sees("successful");
  assert.equal(await customer.tab.locator(".recent li").count(), 2);
});

test("a lost connection while waiting is told, and the page catches up by itself", async () => {
  const customer = await visit();
  await customer.signIn("EUR");
  await customer.orderDeposit("10.05");
  await customer.decide("pending");
  await customer.sees("pending");
  const announced = await announcements(customer, "payment-connection");
  const { failed } = await failing(customer, "**/v1/sessions/*", 3);
  // The question that was under way is answered with the next change; the one after it finds no network.
  await servers.control("webhooks", "POST", {
    tracking_id: customer.trackingId(),
    status: "pending",
    amount: "1.00",
  });
  await customer.tab.waitForSelector("#payment-warning:not([hidden])");
  await failed;
  assert.deepEqual(await announced(), ["The connection was lost. Trying again…"]);
  await servers.control("webhooks", "POST", { tracking_id: customer.trackingId(), status: "successful" });
  await customer.tab.unroute("**/v1/sessions/*");
  await customer.sees("successful");
  assert.equal(await customer.tab.locator("#payment-connection").textContent(), "");
});

test("the state cannot be asked for after the cashier: not to be paid again, and asking again finds it", async () => {
  const customer = await visit();
  await customer.signIn("EUR");
  await customer.orderDeposit("10.05");
  await customer.tab.route("**/v1/sessions/*", (route) =>
    route.fulfill({ status: 403, contentType: "text/html", body: "<h1>Forbidden</h1>" }),
  );
  await customer.decide("approve");
  await customer.tab.waitForSelector("#problem:not([hidden])");
  const told = await customer.problem();
  assert.match(told, /Do not pay again/);
  assert.ok(told.includes(customer.trackingId()));
  assert.doesNotMatch(told, /othing was charged/);
  assert.equal(await customer.tab.getByRole("button", { name: "New payment" }).count(), 0);
  await customer.tab.unroute("**/v1/sessions/*");
  await customer.tab.getByRole("button", { name: "Ask again" }).click();
  await customer.sees("successful");
  assert.ok(await customer.tab.locator("#payment-again").isVisible());
});

test("no network on the way back to the cashier: trying again is the same payment", async () => {
  const customer = await visit();
  const tickets = [];
  customer.tab.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/shop/tickets")) tickets.push(request);
  });
  await customer.signIn("EUR");
  await customer.orderDeposit("10.05");
  await customer.tab.waitForSelector("[data-testid=cashier-approve]");
  const cashier = customer.tab.url();
  await customer.tab.goBack();
  await customer.sees("opened");
  await customer.tab.route("**/v1/sessions", (route) => route.abort("internetdisconnected"));
  await customer.tab.click("#payment-reopen");
  await customer.tab.waitForSelector("#problem:not([hidden])");
  assert.doesNotMatch(await customer.problem(), /othing was charged/);
  await customer.tab.unroute("**/v1/sessions");
  await customer.tab.getByRole("button", { name: "Try again" }).click();
  await customer.tab.waitForURL(cashier);
  assert.equal(tickets.length, 1);
});

/** A customer whose deposit was paid and delivered. */
async function paid() {
  const customer = await visit();
  await customer.signIn("EUR");
  await customer.orderDeposit("10.05");
  await customer.decide("approve");
  await customer.sees("successful");
  await customer.sawDelivered("payment.successful");
  return customer;
}

test("the shop's session ends while a payment is shown: the merchant's view says to sign in", async () => {
  const customer = await paid();
  await customer.tab.route("**/shop/deliveries*", (route) =>
    route.fulfill({ status: 401, json: { error: "sign in first" } }),
  );
  await customer.tab.locator("#merchant-note").filter({ hasText: "Sign in" }).waitFor();
});

test("a shop's backend that stays away is announced once", async () => {
  const customer = await paid();
  const announced = await announcements(customer, "merchant-note");
  const { failed } = await failing(customer, "**/shop/deliveries*", 3);
  await failed;
  assert.deepEqual(await announced(), ["The shop's backend cannot be reached. Trying again…"]);
});

test("a success that is known stays, when the next question is refused", async () => {
  const customer = await paid();
  await customer.tab.route("**/v1/sessions/*", (route) =>
    route.fulfill({ status: 401, json: { title: "The ticket has expired" } }),
  );
  await customer.tab.getByRole("button", { name: "Deliver again" }).click();
  await customer.tab.locator("#payment-refresh").waitFor();
  assert.ok(await customer.tab.locator("#problem").isHidden());
  assert.ok(await customer.tab.locator("#payment-again").isVisible());
});

test("a webhook in a currency that is none is shown as it came", async () => {
  const customer = await visit();
  await customer.signIn("EUR");
  await customer.orderDeposit("10.05");
  await customer.decide("pending");
  await customer.sees("pending");
  await servers.control("webhooks", "POST", {
    tracking_id: customer.trackingId(),
    status: "successful",
    currency: "E1",
  });
  await customer.tab.locator(".delivery-about", { hasText: "10.05 E1" }).waitFor();
});
