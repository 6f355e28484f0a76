// The cashier in real Chromium: it works without a script, by keyboard, at every width, light and dark, for every reader.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { startBrowser } from "../e2e/servers.mjs";
import { assertFits, assertLargeTargets, assertNoViolation } from "../support/accessible.mjs";
import { card, deposit, start } from "./support.mjs";

let house;
let browser;
before(async () => {
  // One after the other: what has started is known to `after`, should the other fail.
  house = await start();
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await house?.stop();
});
beforeEach(async () => {
  await house.reset();
  // The merchant's server shows the page that the user comes back to.
  house.receiver.answer = () => 200;
  await house.settings({ return_url: new URL("/return", house.receiver.url).href });
});

const returned = ({ method, path }) => method === "GET" && path.startsWith("/return");
const notified = ({ method }) => method === "POST";

for (const [decision, status] of [
  ["approve", "successful"],
  ["decline", "rejected"],
  ["pending", "pending"],
]) {
  test(`${decision}: the button leads back through the page's own policy, without a script`, async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const tab = await context.newPage();
    const token = await house.open("/cashier/deposit", deposit({ tracking_id: "from-chromium" }));
    await tab.goto(`${house.url}/cashier/${token}`);
    await tab.getByTestId(`cashier-${decision}`).click();
    await tab.waitForURL(/\/return\?/);
    const [{ path }] = await house.receiver.until(1, returned);
    assert.equal(path, `/return?tracking_id=from-chromium&result=${status}`);
    const [webhook] = await house.receiver.until(1, notified);
    assert.equal(JSON.parse(webhook.body).status, status);
    await context.close();
  });
}

test("by keyboard alone: another provider, then the payment", async () => {
  const tab = await browser.newPage();
  const body = deposit();
  const token = await house.open("/cashier/deposit", body);
  await tab.goto(`${house.url}/cashier/${token}`);
  await tab.keyboard.press("Tab");
  await tab.keyboard.press("Tab");
  await tab.keyboard.press("ArrowDown");
  await tab.keyboard.press("Tab");
  assert.equal(await tab.evaluate(() => document.activeElement.dataset.testid), "cashier-approve");
  await tab.keyboard.press("Enter");
  await tab.waitForURL(/result=successful/);
  const [transaction] = await house.transactions(body.request.tracking_id);
  assert.equal(transaction.payment_provider, "Bank transfer");
  await tab.close();
});

test("control page: settings saved by its form, without a script; what was shown is what is kept", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const tab = await context.newPage();
  const settings = async () => (await fetch(`${house.url}/control/settings`)).json();
  const before = await settings();
  await tab.goto(`${house.url}/control`);
  await tab.getByRole("button", { name: "Save settings" }).click();
  await tab.getByText("The settings are saved.").waitFor();
  assert.deepEqual(await settings(), before);

  await tab.getByLabel("Seed", { exact: true }).fill("42");
  await tab.getByLabel("What goes wrong").selectOption("html");
  await tab.getByLabel("Calls that meet it").fill("1");
  await tab.getByLabel("Form of the body").selectOption("float");
  await tab.getByLabel("Number of provider 4").fill("213");
  await tab.getByLabel("Name of provider 4").fill("Vouchers");
  await tab.getByLabel("Token good for, seconds").fill("a while");
  await tab.getByRole("button", { name: "Save settings" }).click();
  await tab.getByRole("alert").getByRole("link", { name: "Token good for, seconds" }).click();
  const wrong = tab.getByLabel("Token good for, seconds");
  assert.equal(await wrong.getAttribute("aria-invalid"), "true");
  assert.equal(await wrong.inputValue(), "a while");
  await wrong.fill("60");
  await tab.getByRole("button", { name: "Save settings" }).click();
  await tab.getByText("The settings are saved.").waitFor();
  const after = await settings();
  assert.equal(after.seed, 42);
  assert.equal(after.token_seconds, 60);
  assert.deepEqual(after.fault, { kind: "html", times: 1 });
  assert.equal(after.webhook_fault.wire, "float");
  assert.deepEqual(after.providers.at(-1), { id: 213, name: "Vouchers", description: "" });
  assert.equal(after.webhook_password, before.webhook_password, "an empty password keeps the old one");
  await context.close();
});

test("control page: a scenario is applied, and its steps are shown", async () => {
  const tab = await browser.newPage();
  await tab.goto(`${house.url}/control`);
  await tab.getByText(/All \d+ scenarios/).click();
  const row = tab.getByRole("listitem").filter({ hasText: "duplicate-webhooks" });
  await row.getByRole("button", { name: "Apply" }).click();
  await tab.getByText("Applied: Every webhook comes three times").waitFor();
  assert.equal(await row.getByText("The user pays.").isVisible(), true);
  await tab.close();
});

test("control page: what happens appears by itself, but not under somebody who reads", async () => {
  const tab = await browser.newPage();
  const refused = [];
  tab.on("console", (message) => refused.push(message.text()));
  await tab.goto(`${house.url}/control`);
  await house.open("/cashier/deposit", deposit({ tracking_id: "appears" }));
  const requests = tab.locator("#requests");
  await requests.getByText("appears", { exact: true }).waitFor();
  await requests.getByText("Headers and body").click();
  await house.open("/cashier/deposit", deposit({ tracking_id: "waits" }));
  await tab.locator("#transactions").getByText("waits", { exact: true }).waitFor();
  assert.equal(await requests.getByText("waits", { exact: true }).count(), 0);
  await requests.locator("details[open] summary").click();
  await tab.getByRole("heading", { level: 1 }).click();
  await tab.evaluate(() => document.activeElement?.blur());
  await requests.getByText("waits", { exact: true }).waitFor();
  assert.deepEqual(refused, []);
  await tab.close();
});

test("control page on a phone: targets are large, fields do not zoom, and a finger gets its work done", async () => {
  const context = await browser.newContext({
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
    reducedMotion: "reduce",
  });
  const tab = await context.newPage();
  await house.decide(await house.open("/cashier/deposit", deposit({ tracking_id: "by-phone" })), {
    decision: "approve",
  });
  await house.receiver.until(1, notified);
  await tab.goto(`${house.url}/control`);
  await assertLargeTargets(tab, "control");
  const small = await tab
    .locator("input:not([type=checkbox], [type=hidden]), select, textarea")
    .evaluateAll(
      (fields) => fields.filter((field) => Number.parseFloat(getComputedStyle(field).fontSize) < 16).length,
    );
  assert.equal(small, 0, "iOS zooms into a field whose text is smaller than 16 px");

  await tab.getByRole("link", { name: "Settings", exact: true }).tap();
  const settings = tab.locator("#settings");
  await tab.waitForFunction(
    () => document.querySelector("#settings").getBoundingClientRect().top < innerHeight,
  );
  await settings.getByLabel("Merchant", { exact: true }).fill("By phone");
  await settings.getByRole("button", { name: "Save settings" }).tap();
  await tab.getByText("The settings are saved.").waitFor();
  assert.equal((await (await fetch(`${house.url}/control/settings`)).json()).merchant_name, "By phone");

  await tab.locator("#webhooks").getByRole("button", { name: "Send again" }).tap();
  await tab.getByText("The webhook is sent again.").waitFor();
  const [, again] = await house.receiver.until(2, notified);
  assert.equal(JSON.parse(again.body).tracking_id, "by-phone");
  await assertLargeTargets(tab, "control, after a button");
  await context.close();
});

test("no violation that axe knows of, and nothing wider than the screen, light and dark", async () => {
  const locked = await house.open("/cashier/deposit", deposit());
  const open = await house.open("/cashier/deposit", deposit({ amount_restricted: false }));
  const withdrawal = await house.open("/cashier/withdrawal", deposit({ amount: 1234567.5 }));
  const { url: challenge } = await (await house.api("/payments/card", card("4000000000003220"))).json();
  const declined = await house.open("/cashier/deposit", deposit());
  await house.decide(declined, { decision: "retry" });
  await house.settings({ token_seconds: 0 });
  const expired = await house.open("/cashier/withdrawal", deposit());
  const pages = {
    locked: `/cashier/${locked}`,
    open: `/cashier/${open}`,
    withdrawal: `/cashier/${withdrawal}`,
    challenge: new URL(challenge).pathname,
    declined: `/cashier/${declined}`,
    expired: `/cashier/${expired}`,
    unknown: "/cashier/unknown",
    returned: "/return?tracking_id=order-1&result=successful",
    control: "/control?applied=duplicate-webhooks",
    "control-refused": "/control",
  };
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [320, 390, 1280]) {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 844 } });
      const tab = await context.newPage();
      for (const [name, path] of Object.entries(pages)) {
        const place = `${name} ${colorScheme} ${width}`;
        const theme = name.startsWith("control") ? "" : `?theme=${colorScheme}`;
        await tab.goto(house.url + path + theme);
        if (name === "control-refused") {
          await tab.getByLabel("Token good for, seconds").fill("a while");
          await tab.getByRole("button", { name: "Save settings" }).click();
          await tab.getByRole("alert").waitFor();
        }
        await assertFits(tab, place);
        const hidden = await tab.evaluate(() => {
          const amount = document.querySelector("#amount");
          return amount ? amount.scrollWidth - amount.clientWidth : 0;
        });
        assert.ok(hidden <= 0, `${place}: ${hidden} px of the amount cannot be seen`);
        // The width changes what fits, and not what a reader is told.
        if (width === 390) await assertNoViolation(tab, place);
      }
      await context.close();
    }
  }
});
