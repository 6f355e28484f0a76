// Every screen, light and dark: no violation that axe knows of, nothing wider than a phone, and all of it by keyboard.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertFits, assertLargeTargets, assertNoViolation, focused, tabTo } from "../support/accessible.mjs";
import { setUp } from "./setup.mjs";

const PHONE = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

const { servers, visit } = setUp();

/** Walks through every screen, and calls `look` on each. */
async function walk(options, look) {
  const customer = await visit(options);
  const { tab } = customer;
  await tab.waitForSelector(".user");
  await look(customer, "sign-in");
  await customer.signIn("EUR");
  await customer.causes();
  await look(customer, "deposit");
  await tab.press("#amount", "Enter");
  await look(customer, "deposit-refused");
  for (const [decision, state] of Object.entries({
    approve: "successful",
    decline: "rejected",
    pending: "pending",
  })) {
    await customer.orderDeposit("10.05");
    await customer.decide(decision);
    await customer.sees(state, "Delivered to the shop");
    await customer.counts("good");
    await look(customer, state);
    if (state === "pending") {
      const wrong = { tracking_id: customer.trackingId(), status: "successful", amount: "11.00" };
      await servers.control("webhooks", "POST", wrong);
      await tab.waitForSelector("#payment-warning:not([hidden])");
      await look(customer, "contradicted");
    }
    await tab.click("#payment-again");
  }
  await customer.orderDeposit("10.05");
  await tab.click("[data-testid=cashier-decline-retry]");
  await tab.waitForSelector("[data-testid=cashier-declined]");
  await customer.decide("approve");
  await customer.sees("successful");
  await customer.sawDelivered("payment.rejected", "payment.successful");
  await look(customer, "attempts");
  await tab.click("#payment-again");
  await servers.control("settings", "PUT", { fault: { kind: "status", status: 503, times: 1 } });
  await customer.orderDeposit("10.05");
  await tab.waitForSelector("#problem:not([hidden])");
  await look(customer, "problem");
  await customer.orderDeposit("10.05", "iframe");
  await tab.frameLocator("#cashier-frame iframe").locator("[data-testid=cashier-approve]").waitFor();
  await customer.sees("opened");
  await look(customer, "frame");
  await tab.click("#cashier-close");
  await tab.click("#payment-again");
  await walkBehindTheScenes(customer, look);
}

/** The merchant's view and the panel of faults, in each of their states. */
async function walkBehindTheScenes(customer, look) {
  const { tab } = customer;
  await customer.causes("endpoint_fails", "duplicate");
  await customer.orderWithdrawal("200");
  await customer.decide("approve");
  await customer.sees("pending", "The shop's endpoint failed");
  await tab.waitForSelector("#payout:not([hidden])");
  await customer.causes();
  await look(customer, "payout");
  await tab.route("**/shop/payouts/**", (route) => route.abort());
  await tab.click("#payout-approve");
  await tab.waitForSelector("#merchant-problem:not([hidden])");
  await look(customer, "payout-problem");
  await tab.unroute("**/shop/payouts/**");
  await tab.click("#payout-approve");
  await customer.sees("successful");
  await customer.sawDelivered("payment.pending", "payment.successful");
  await customer.counts("good");
  await look(customer, "paid");
  for (const [fault, tone, name] of [
    ["wrong_password", "bad", "refused"],
    ["lose", "warn", "lost"],
  ]) {
    await tab.click("#payment-again");
    await customer.causes(fault);
    if (fault === "lose") await servers.control("settings", "PUT", { webhook_fault: { drop_percent: 100 } });
    await customer.orderDeposit("10.05");
    await customer.decide("approve");
    await customer.counts(tone);
    await look(customer, name);
  }
  await servers.control("settings", "PUT", { webhook_fault: null });
}

const SCREENS = [
  "sign-in",
  "deposit",
  "deposit-refused",
  "successful",
  "rejected",
  "pending",
  "contradicted",
  "attempts",
  "problem",
  "frame",
  "payout",
  "payout-problem",
  "paid",
  "refused",
  "lost",
];

test("axe finds no violation on any screen, light and dark", async () => {
  const seen = [];
  // Without motion no colour is on its way to another.
  await walk({ viewport: { width: 1200, height: 900 }, reducedMotion: "reduce" }, async ({ tab }, name) => {
    seen.push(name);
    const papers = new Set();
    for (const colorScheme of ["light", "dark"]) {
      await tab.emulateMedia({ colorScheme });
      papers.add(await tab.evaluate(() => getComputedStyle(document.body).backgroundColor));
      // The frame's content is the cashier's own page, and not the storefront's to answer for.
      await assertNoViolation(tab, `${name} (${colorScheme})`, { exclude: "#cashier-frame iframe" });
    }
    assert.equal(papers.size, 2, name);
  });
  assert.deepEqual(seen, SCREENS);
});

test("on a phone nothing is wider than the screen, and what is pressed is large enough", async () => {
  const seen = [];
  await walk(PHONE, async ({ tab }, name) => {
    seen.push(name);
    await assertFits(tab, name);
    await assertLargeTargets(tab, name);
  });
  assert.deepEqual(seen, SCREENS);
});

test("a deposit by keyboard alone; focus is where each screen begins", async () => {
  const customer = await visit();
  const { tab } = customer;
  await tab.waitForSelector(".user");
  assert.equal(await focused(tab), "sign-in-title");
  await tabTo(tab, "user");
  await tab.keyboard.press("Enter");
  await tab.waitForSelector("#order:not([hidden])");
  assert.equal(await focused(tab), "order-title");
  await tabTo(tab, "amount");
  await tab.keyboard.type("10.05");
  await tabTo(tab, "order-button");
  await tab.keyboard.press("Enter");
  await tab.waitForSelector("[data-testid=cashier-approve]");
  await tab.focus("[data-testid=cashier-approve]");
  await tab.keyboard.press("Enter");
  await customer.sees("successful");
  assert.equal(await focused(tab), "payment-title");
});

test("the merchant's side by keyboard alone: a fault, a withdrawal, its approval", async () => {
  const customer = await visit();
  const { tab } = customer;
  await customer.signIn("EUR");
  await tab.focus("#faults-details summary");
  await tab.keyboard.press("Enter");
  await tab.keyboard.press("Tab");
  await tab.keyboard.press("Space");
  await tab.waitForFunction(() => document.getElementById("faults-on").textContent === "1 on");
  await tab.focus("[name=kind][value=deposit]");
  await tab.keyboard.press("ArrowRight");
  assert.equal(await tab.locator("#order-title").textContent(), "Withdraw money");
  await tab.focus("#amount");
  await tab.keyboard.type("200");
  await tab.keyboard.press("Enter");
  await tab.waitForSelector("[data-testid=cashier-approve]");
  await tab.focus("[data-testid=cashier-approve]");
  await tab.keyboard.press("Enter");
  await customer.sees("pending");
  await tab.locator("#payout-approve").waitFor();
  // From the payment's title on, by Tab alone.
  await tabTo(tab, "payout-approve");
  await tab.keyboard.press("Enter");
  // The buttons go; the focus stays beside what they did.
  await tab.waitForFunction(() => document.activeElement.id === "payout-result");
  await customer.sees("successful");
});

test("the theme button beats the device, and lasts over a reload", async () => {
  const customer = await visit({ colorScheme: "light" });
  const { tab } = customer;
  const paper = () => tab.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await paper();
  const button = tab.getByRole("button", { name: "Dark colours" });
  assert.equal(await button.getAttribute("aria-pressed"), "false");
  await button.click();
  assert.equal(await button.getAttribute("aria-pressed"), "true");
  const dark = await paper();
  assert.notEqual(dark, light);
  await tab.reload();
  await tab.waitForSelector(".user");
  assert.equal(await paper(), dark);
});

test("what waits moves, but not for who asked for less motion", async () => {
  const customer = await visit({ reducedMotion: "no-preference" });
  const { tab } = customer;
  await customer.signIn("EUR");
  await customer.orderDeposit("10.05");
  await customer.decide("pending");
  await customer.sees("pending");
  await tab.waitForSelector("#timeline li.next");
  const moving = () => tab.evaluate(() => document.getAnimations().length);
  assert.notEqual(await moving(), 0);
  await tab.emulateMedia({ reducedMotion: "reduce" });
  assert.equal(await moving(), 0);
});
