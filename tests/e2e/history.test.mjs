// The browser's own buttons, reloads, and cashiers that are not used: the payment and its timeline are found again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setUp } from "./setup.mjs";

const { servers, visit } = setUp();

async function arrive() {
  const customer = await visit();
  await customer.signIn("EUR");
  return customer;
}

test("back from the cashier by the browser's button: the payment waits, and its cashier is one press away", async () => {
  const customer = await arrive();
  await customer.orderDeposit("10.05");
  await customer.tab.waitForSelector("[data-testid=cashier-approve]");
  const cashier = customer.tab.url();
  await customer.tab.goBack();
  await customer.sees("opened", "You came back");
  const tracking_id = customer.trackingId();
  await customer.tab.click("#payment-reopen");
  await customer.tab.waitForURL(cashier);
  await customer.decide("approve");
  await customer.sees("successful", "Delivered to the shop");
  assert.equal(customer.trackingId(), tracking_id);
  assert.equal((await servers.control("requests")).filter(({ method }) => method === "POST").length, 1);
});

test("a payment that was left by the back button is as it was, and forward finds it again", async () => {
  const customer = await arrive();
  await customer.orderDeposit("10.05");
  await customer.decide("approve");
  await customer.sees("successful", "Delivered to the shop");
  const timeline = await customer.timeline();
  await customer.tab.click("#payment-again");
  await customer.tab.waitForSelector("#order:not([hidden])");
  assert.ok(await customer.tab.locator("#merchant").isHidden());
  await customer.tab.goBack();
  await customer.sees("successful", "Delivered to the shop");
  assert.deepEqual((await customer.timeline()).toSorted(), timeline.toSorted());
  await customer.tab.goForward();
  await customer.tab.waitForSelector("#order:not([hidden])");
});

test("a reload in the middle: the timeline, the shop's deliveries and the figures are there again", async () => {
  const customer = await arrive();
  await customer.orderWithdrawal("25");
  await customer.decide("approve");
  await customer.sees("pending");
  await customer.sawDelivered("payment.pending");
  const timeline = await customer.timeline();
  await customer.tab.reload();
  await customer.sees("pending", "Delivered to the shop");
  assert.deepEqual((await customer.timeline()).toSorted(), timeline.toSorted());
  await customer.sawDelivered("payment.pending");
  assert.deepEqual(await customer.counts("good"), [1, 1, 1, 1]);
  await customer.tab.click("#payout-approve");
  await customer.sees("successful");
});

test("a reload while the frame stands: the cashier is gone, and the same session opens again", async () => {
  const customer = await arrive();
  await customer.orderDeposit("25", "iframe");
  await customer.tab.frameLocator("#cashier-frame iframe").locator("[data-testid=cashier-approve]").waitFor();
  await customer.sees("opened");
  await customer.tab.reload();
  await customer.sees("opened", "You came back");
  assert.equal(await customer.tab.locator("#cashier-frame iframe").count(), 0);
  await customer.tab.click("#payment-reopen");
  await customer.decide("approve");
  await customer.sees("successful");
});

test("the frame is closed by its button, and goes with the payment that is left", async () => {
  const customer = await arrive();
  const frame = customer.tab.locator("#cashier-frame iframe");
  await customer.orderDeposit("25", "iframe");
  await customer.sees("opened");
  await frame.waitFor();
  await customer.tab.click("#cashier-close");
  await customer.sees("opened", "You came back");
  assert.equal(await frame.count(), 0);
  await customer.tab.click("#payment-again");
  await customer.orderDeposit("30", "iframe");
  await frame.waitFor();
  await customer.sees("opened");
  await customer.tab.goBack();
  await customer.tab.waitForSelector("#order:not([hidden])");
  assert.equal(await frame.count(), 0);
  assert.ok(await customer.tab.locator("#cashier").isHidden());
});

test("a window that the customer closes: nothing is paid, and the page says what it waits for", async () => {
  const customer = await arrive();
  const appears = customer.tab.waitForEvent("popup");
  await customer.orderDeposit("25", "popup");
  const popup = await appears;
  await popup.waitForSelector("[data-testid=cashier-approve]");
  await customer.sees("opened");
  await popup.close();
  await customer.sees("opened", "You came back");
  assert.ok((await customer.timeline()).includes("Waiting for the gateway's webhook"));
});

test("a cashier that has expired says so, and the payment stays open for the gateway's word", async () => {
  const customer = await arrive();
  await servers.control("settings", "PUT", { token_seconds: 0 });
  await customer.orderDeposit("25");
  await customer.tab.getByText("Link expired").waitFor();
  await customer.tab.getByRole("link", { name: /Back to/ }).click();
  await customer.sees("opened", "You came back");
  assert.deepEqual(await customer.counts("plain"), [0, 0, 0, 0]);
});

/** Orders, lets the Worker open the session, and holds its answer; gives what lets that come. */
async function opening(customer, mode) {
  const asked = Promise.withResolvers();
  await customer.tab.route("**/v1/sessions", (route) => asked.resolve(route), { times: 1 });
  await customer.orderDeposit("25", mode);
  const route = await asked.promise;
  const response = await route.fetch();
  return async () => {
    await route.fulfill({ response });
    // None when the page has given the request up meanwhile.
    await (await route.request().response())?.finished();
  };
}

/** The same with the popup. */
async function openingWindow(customer) {
  const appears = customer.tab.waitForEvent("popup");
  const answer = await opening(customer, "popup");
  return { popup: await appears, answer };
}

test("a window that is closed before it was at the cashier: the page says so, and the next press opens the same payment", async () => {
  const customer = await arrive();
  const { popup } = await openingWindow(customer);
  await popup.close();
  await customer.tab.waitForSelector("#problem:not([hidden])");
  assert.match(await customer.problem(), /closed before it could open/);
  await customer.orderDeposit("25");
  await customer.decide("approve");
  await customer.sees("successful");
  // The Worker had opened the session: the same ticket gives it again.
  assert.equal((await servers.control("requests")).filter(({ method }) => method === "POST").length, 1);
});

test("signed out while the cashier is being opened: the window goes, and nothing of the payment stays", async () => {
  const customer = await arrive();
  const { popup, answer } = await openingWindow(customer);
  await customer.tab.click("#sign-out");
  await customer.tab.waitForSelector("#sign-in:not([hidden])");
  const gone = popup.isClosed() || popup.waitForEvent("close");
  await answer();
  await gone;
  assert.equal(await customer.tab.evaluate(() => sessionStorage.getItem("marram.payments")), null);
  assert.equal(customer.trackingId(), null);
});

test("signed out while the page is being sent to the cashier: the next customer stays at the shop", async () => {
  const customer = await arrive();
  const answer = await opening(customer, "redirect");
  await customer.tab.click("#sign-out");
  await customer.signIn("GBP");
  const left = [];
  customer.tab.on("framenavigated", (frame) => left.push(frame.url()));
  const loaded = customer.tab.waitForEvent("load");
  await answer();
  await loaded;
  await customer.tab.waitForSelector("#order:not([hidden])");
  assert.equal(await customer.tab.locator("#account-name").textContent(), customer.user.name);
  assert.deepEqual(left, [`${servers.shop}/`]);
});

test("a payment that is chosen while the customers are being listed stays on the screen", async () => {
  const customer = await arrive();
  await customer.orderDeposit("10.05");
  await customer.decide("approve");
  await customer.sees("successful");
  await customer.tab.evaluate(() => sessionStorage.removeItem("marram.signed-in"));
  const asked = Promise.withResolvers();
  await customer.tab.route("**/shop/users", (route) => asked.resolve(route), { times: 1 });
  await customer.tab.click("#payment-again");
  const route = await asked.promise;
  await customer.tab.click(".recent a");
  await customer.sees("successful");
  const answered = customer.tab.waitForResponse((reply) => reply.url().endsWith("/shop/users"));
  await route.continue();
  await (await answered).finished();
  await customer.tab.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
  assert.ok(await customer.tab.locator("#payment").isVisible());
  assert.ok(await customer.tab.locator("#sign-in").isHidden());
});

test("a change of the payment leaves the focus on the link to it", async () => {
  const customer = await arrive();
  await customer.orderDeposit("10.05");
  await customer.decide("pending");
  await customer.sees("pending");
  await customer.tab.focus(".recent a");
  await servers.control("webhooks", "POST", { tracking_id: customer.trackingId(), status: "successful" });
  await customer.sees("successful");
  assert.equal(
    await customer.tab.evaluate(() => document.activeElement.getAttribute("aria-current")),
    "page",
  );
});

test("the link to the content keeps what was typed", async () => {
  const customer = await arrive();
  await customer.tab.fill("#amount", "12.34");
  await customer.tab.focus("#skip");
  await customer.tab.keyboard.press("Enter");
  await customer.tab.waitForFunction(() => document.activeElement.id !== "skip");
  assert.equal(await customer.tab.evaluate(() => document.activeElement.id), "main");
  assert.equal(await customer.tab.inputValue("#amount"), "12.34");
});

test("a page that is left open stops asking, and looks again when it is told to", async () => {
  const customer = await arrive();
  await customer.tab.clock.install();
  await customer.orderDeposit("25");
  await customer.decide("approve");
  await customer.sees("successful");
  await customer.counts("good");
  assert.ok(await customer.tab.locator("#payment-refresh").isHidden());
  await customer.tab.clock.fastForward(11 * 60_000);
  await customer.tab.locator("#payment-refresh").waitFor();
  const asked = [];
  customer.tab.on("request", (request) => asked.push(request.url()));
  await customer.tab.clock.runFor(60_000);
  assert.deepEqual(asked, []);
  await customer.tab.click("#payment-refresh");
  await customer.sees("successful");
  assert.notEqual(asked.length, 0);
});
