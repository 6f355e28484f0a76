// What a customer meets in the cashier, in Firefox: the other suites here drive Chromium.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { launch } from "../launcher/browsers.mjs";
import { startServers } from "./servers.mjs";

let servers;
let browser;
let tab;

before(async () => {
  servers = await startServers();
  browser = await launch("Firefox");
});
after(async () => {
  await browser?.close();
  await servers?.stop();
});
beforeEach(async () => {
  await servers.control("state", "DELETE");
  await tab?.close();
  tab = await (await browser.createBrowserContext()).newPage();
});

/** Waits for an element and presses it. */
const press = async (selector) => (await tab.waitForSelector(selector, { visible: true })).click();

/** Signs in and orders a deposit, up to the page of the cashier. */
async function toCashier() {
  await tab.goto(servers.shop);
  await press(".user");
  await tab.waitForSelector("#order-button", { visible: true });
  await tab.$eval("#amount", (field) => (field.value = "10.05"));
  await press("#order-button");
  await tab.waitForFunction((gateway) => location.origin === gateway, {}, servers.gateway);
}

const sees = (state) => tab.waitForSelector(`#payment[data-state="${state}"]`, { timeout: 15_000 });

test("a declined card, then another, is a successful payment of two attempts", async () => {
  await toCashier();
  await press("[data-testid=cashier-decline-retry]");
  await tab.waitForSelector("[data-testid=cashier-declined]");
  await press("[data-testid=cashier-approve]");
  await sees("successful");
  const badges = await tab.$$eval("#attempt-list li .badge", (found) => found.map((one) => one.textContent));
  assert.deepEqual(badges, ["Rejected", "Successful"]);
});

test("3-D Secure from the cashier: confirmed, it is paid", async () => {
  await toCashier();
  await press("[data-testid=cashier-challenge]");
  await tab.waitForFunction(() => /Confirm it is you/.test(document.body.textContent));
  await press("[data-testid=cashier-approve]");
  await sees("successful");
});

test("a payment that stays pending is shown so", async () => {
  await toCashier();
  await press("[data-testid=cashier-pending]");
  const payment = await sees("pending");
  assert.match(await payment.evaluate((element) => element.textContent), /pending/i);
});

test("an expired link says so, and nothing was paid", async () => {
  await servers.control("settings", "PUT", { token_seconds: 0 });
  await toCashier();
  const main = await tab.waitForSelector("main");
  assert.match(await main.evaluate(({ textContent }) => textContent), /expired.*Nothing was paid/);
});
