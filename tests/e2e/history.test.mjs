// The browser's own buttons, reloads, and cashiers that are not used: the payment and its timeline are found again.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { Customer } from "./customer.mjs";
import { startBrowser, startServers } from "./servers.mjs";

let servers;
let browser;

before(async () => {
  // One after the other: what has started is known to `after`, should the other fail.
  servers = await startServers();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await servers?.stop();
});
beforeEach(() => servers.control("state", "DELETE"));

async function arrive() {
  const customer = await Customer.visit(browser, servers);
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
  await customer.leaves();
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
  await customer.leaves();
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
  await customer.leaves();
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
  await customer.leaves();
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
  await customer.leaves();
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
  await customer.leaves();
});

test("a cashier that has expired says so, and the payment stays open for the gateway's word", async () => {
  const customer = await arrive();
  await servers.control("settings", "PUT", { token_seconds: 0 });
  await customer.orderDeposit("25");
  await customer.tab.getByText("Link expired").waitFor();
  await customer.tab.getByRole("link", { name: /Back to/ }).click();
  await customer.sees("opened", "You came back");
  assert.deepEqual(await customer.counts("plain"), [0, 0, 0, 0]);
  await customer.leaves();
});
