// Every screen, light and dark: no violation that axe knows of, nothing wider than a phone, and all of it by keyboard.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { AxeBuilder } from "@axe-core/playwright";
import { Customer } from "./customer.mjs";
import { startBrowser, startServers } from "./servers.mjs";

/** Pictures for people to look at; nothing compares them. */
const PICTURES = join(import.meta.dirname, "../../target/e2e");
const PHONE = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

let servers;
let browser;

before(async () => {
  mkdirSync(PICTURES, { recursive: true });
  // One after the other: what has started is known to `after`, should the other fail.
  servers = await startServers();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await servers?.stop();
});

/** Walks through every screen, and calls `look` on each. */
async function walk(options, look) {
  const customer = await Customer.visit(browser, servers, options);
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
  await customer.leaves();
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

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds no violation on any screen (${colorScheme})`, async () => {
    const seen = [];
    await walk({ colorScheme, viewport: { width: 1200, height: 900 } }, async ({ tab }, name) => {
      seen.push(name);
      await tab.screenshot({ path: join(PICTURES, `${colorScheme}-${name}.png`), fullPage: true });
      // The frame's content is the cashier's own page, and not the storefront's to answer for.
      const { violations, passes } = await new AxeBuilder({ page: tab })
        .exclude("#cashier-frame iframe")
        .analyze();
      assert.ok(
        passes.some(({ id }) => id === "color-contrast"),
        "axe did not look at contrast",
      );
      const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
      assert.deepEqual(told, [], `${name} (${colorScheme})`);
    });
    assert.deepEqual(seen, SCREENS);
  });
}

test("on a phone nothing is wider than the screen, and what is pressed is large enough", async () => {
  const seen = [];
  await walk(PHONE, async ({ tab }, name) => {
    seen.push(name);
    await tab.screenshot({ path: join(PICTURES, `phone-${name}.png`), fullPage: true });
    const { wide, small } = await tab.evaluate(() => ({
      wide: document.documentElement.scrollWidth - innerWidth,
      // 24 by 24 CSS pixels: the least that WCAG 2.2 asks for (2.5.8).
      small: [...document.querySelectorAll("button, a, .modes label")]
        .filter((element) => element.checkVisibility() && !element.matches(".skip"))
        .map((element) => ({ box: element.getBoundingClientRect(), html: element.outerHTML.slice(0, 80) }))
        .filter(({ box }) => box.width < 24 || box.height < 24)
        .map(({ html }) => html),
    }));
    assert.ok(wide <= 0, `${name} is ${wide} px wider than the phone`);
    assert.deepEqual(small, [], name);
  });
  assert.deepEqual(seen, SCREENS);
});

test("a deposit by keyboard alone; focus is where each screen begins", async () => {
  const customer = await Customer.visit(browser, servers);
  const { tab } = customer;
  await tab.waitForSelector(".user");
  const focused = () => tab.evaluate(() => document.activeElement.id || document.activeElement.className);
  /** Presses Tab until the focus is there: what cannot be reached fails. */
  const reach = async (wanted) => {
    for (let presses = 0; presses < 20; presses += 1) {
      if ((await focused()) === wanted) return;
      await tab.keyboard.press("Tab");
    }
    assert.fail(`${wanted} cannot be reached by keyboard; the focus is on ${await focused()}`);
  };
  assert.equal(await focused(), "sign-in-title");
  await reach("user");
  await tab.keyboard.press("Enter");
  await tab.waitForSelector("#order:not([hidden])");
  assert.equal(await focused(), "order-title");
  await reach("amount");
  await tab.keyboard.type("10.05");
  await reach("order-button");
  await tab.keyboard.press("Enter");
  await tab.waitForSelector("[data-testid=cashier-approve]");
  await tab.focus("[data-testid=cashier-approve]");
  await tab.keyboard.press("Enter");
  await customer.sees("successful");
  assert.equal(await focused(), "payment-title");
  await customer.leaves();
});

test("the merchant's side by keyboard alone: a fault, a withdrawal, its approval", async () => {
  const customer = await Customer.visit(browser, servers);
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
  for (let presses = 0; presses < 10; presses += 1) {
    if ((await tab.evaluate(() => document.activeElement.id)) === "payout-approve") break;
    await tab.keyboard.press("Tab");
  }
  await tab.keyboard.press("Enter");
  // The buttons go; the focus stays beside what they did.
  await tab.waitForFunction(() => document.activeElement.id === "payout-result");
  await customer.sees("successful");
  await servers.control("state", "DELETE");
  await customer.leaves();
});

test("the theme button beats the device, and lasts over a reload", async () => {
  const customer = await Customer.visit(browser, servers, { colorScheme: "light" });
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
  await customer.leaves();
});
