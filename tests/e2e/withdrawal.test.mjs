// A withdrawal, and the merchant's side of it: the decision on the payout, deliveries, and one of them again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setUp } from "./setup.mjs";

const { servers, visit } = setUp();

/** A customer whose withdrawal of 200 EUR waits for the shop. */
async function requested() {
  const customer = await visit();
  await customer.signIn("EUR");
  await customer.orderWithdrawal("200");
  await customer.decide("approve");
  await customer.sees("pending", "Waiting for the shop's decision");
  await customer.tab.waitForSelector("#payout:not([hidden])");
  return customer;
}

/** What the gateway was asked to do with the payout. */
const asked = async (path) => (await servers.control("requests")).filter((request) => request.path === path);

test("approved by the merchant: paid, each change delivered once", async () => {
  const customer = await requested();
  assert.match(await customer.tab.locator("#payout").textContent(), /payout of €200.00 waits/);
  assert.equal(await customer.tab.locator("#payment-title").textContent(), "Withdrawal requested");
  await customer.tab.click("#payout-approve");
  await customer.sees("successful");
  assert.equal(await customer.tab.locator("#payment-title").textContent(), "Withdrawal paid");
  await customer.sawDelivered("payment.pending", "payment.successful");
  assert.ok(await customer.tab.locator("#payout").isHidden());
  assert.equal((await asked("/payouts/approve")).length, 1);
});

test("rejected by the merchant: nothing is paid", async () => {
  const customer = await requested();
  await customer.tab.click("#payout-reject");
  await customer.sees("rejected");
  assert.equal(await customer.tab.locator("#payment-title").textContent(), "Withdrawal rejected");
  await customer.sawDelivered("payment.pending", "payment.rejected");
  assert.equal((await asked("/payouts/reject")).length, 1);
});

test("decided by somebody else a moment before: refused in words, and the gateway was asked once", async () => {
  const customer = await requested();
  await customer.tab.route("**/shop/payouts/*/reject", async (route) => {
    const { authorization } = route.request().headers();
    const approve = route
      .request()
      .url()
      .replace(/reject$/, "approve");
    const reply = await fetch(approve, { method: "POST", headers: { authorization } });
    assert.equal(reply.status, 200);
    await route.continue();
  });
  await customer.tab.click("#payout-reject");
  await customer.tab.waitForSelector("#merchant-problem:not([hidden])");
  assert.match(await customer.tab.locator("#merchant-problem").textContent(), /decided the other way/);
  await customer.sees("successful");
  assert.equal((await asked("/payouts/approve")).length, 1);
  assert.deepEqual(await asked("/payouts/reject"), []);
});

test("a payout of another amount than the page shows is not approved", async () => {
  const customer = await requested();
  await customer.tab.route("**/shop/payouts/**", async (route) => {
    const { expected_currency } = route.request().postDataJSON();
    await route.continue({ postData: JSON.stringify({ expected_amount: "2.00", expected_currency }) });
  });
  await customer.tab.click("#payout-approve");
  await customer.tab.waitForSelector("#merchant-problem:not([hidden])");
  assert.match(await customer.tab.locator("#merchant-problem").textContent(), /another amount/);
  assert.deepEqual(await asked("/payouts/approve"), []);
  assert.ok(await customer.tab.locator("#payout").isVisible());
});

test("cancelled in the cashier: rejected, with nothing for the merchant to decide", async () => {
  const customer = await visit();
  await customer.signIn("GBP");
  await customer.orderWithdrawal("25");
  await customer.decide("decline");
  await customer.sees("rejected");
  await customer.sawDelivered("payment.rejected");
  assert.ok(await customer.tab.locator("#payout").isHidden());
});

test("a delivery is sent again under the same id, and the shop takes it once", async () => {
  const customer = await visit();
  await customer.signIn("EUR");
  await customer.orderDeposit("10.05");
  await customer.decide("approve");
  await customer.sawDelivered("payment.successful");
  await customer.tab.getByRole("button", { name: "Deliver again" }).click();
  await customer.tab.locator(".delivery-counts", { hasText: "repeated once, ignored" }).waitFor();
  assert.equal(await customer.tab.locator("#deliveries li").count(), 1);
  // Sent, answered, recorded, delivered: the repetition is a try and no second delivery.
  assert.deepEqual(await customer.counts("good"), [1, 1, 1, 1]);
  assert.match(await customer.tab.locator("[data-station=delivered]").textContent(), /in 2 tries/);
});

for (const mode of ["popup", "iframe"]) {
  test(`in mode ${mode}: the page stays, and the merchant approves beside it`, async () => {
    const customer = await visit();
    await customer.signIn("EUR");
    const appears = mode === "popup" && customer.tab.waitForEvent("popup");
    await customer.orderWithdrawal("50", mode);
    const cashier = appears ? await appears : customer.tab.frameLocator("#cashier-frame iframe");
    await cashier.locator("[data-testid=cashier-approve]").click();
    await customer.sees("pending");
    await customer.tab.click("#payout-approve");
    await customer.sees("successful");
    await customer.sawDelivered("payment.pending", "payment.successful");
  });
}

test("signed out, the payment is gone from the tab and with it the merchant's view", async () => {
  const customer = await requested();
  await customer.tab.click("#sign-out");
  await customer.tab.waitForSelector("#sign-in:not([hidden])");
  assert.ok(await customer.tab.locator("#merchant").isHidden());
  assert.ok(await customer.tab.locator("#faults").isHidden());
});

test("an approval whose outcome is not known is sent again only by the button that says so", async () => {
  const customer = await requested();
  await servers.control("settings", "PUT", {
    fault: { kind: "hang", operation: "approve_payout", executed: false, times: 1 },
  });
  await customer.tab.click("#payout-approve");
  const problem = customer.tab.locator("#merchant-problem");
  await problem.filter({ hasText: "may have carried" }).waitFor();
  assert.ok(await customer.tab.locator("#payout-resend").isHidden());
  await customer.sees("pending", "Waiting for the shop's decision");
  await customer.tab.click("#payout-approve");
  await problem.filter({ hasText: "merchant portal" }).waitFor();
  await customer.tab.click("#payout-resend");
  await customer.sees("successful");
  assert.equal((await asked("/payouts/approve")).length, 2);
});

test("a decision that is answered after another payment is shown is not written there", async () => {
  const customer = await requested();
  const held = Promise.withResolvers();
  await customer.tab.route("**/shop/payouts/**", (route) => held.resolve(route));
  await customer.tab.click("#payout-approve");
  const route = await held.promise;
  await customer.tab.click("#payment-again");
  await customer.orderWithdrawal("30", "popup");
  await customer.sees("opened");
  const answered = customer.tab.waitForResponse((reply) => reply.url().includes("/shop/payouts/"));
  await route.fulfill({ status: 409, json: { title: "Refused", detail: "of the other payment" } });
  await (await answered).finished();
  await customer.tab.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
  assert.ok(await customer.tab.locator("#merchant-problem").isHidden());
});

test("a payout that was paid after all takes back what its decision failed with", async () => {
  const customer = await requested();
  await servers.control("settings", "PUT", {
    fault: { kind: "hang", operation: "approve_payout", executed: false, times: 1 },
  });
  await customer.tab.click("#payout-approve");
  const problem = customer.tab.locator("#merchant-problem");
  await problem.filter({ hasText: "may have carried" }).waitFor();
  await customer.tab.click("#payout-approve");
  await customer.tab.locator("#payout-resend").waitFor();
  await servers.control("webhooks", "POST", { tracking_id: customer.trackingId(), status: "successful" });
  await customer.sees("successful");
  await customer.sawDelivered("payment.pending", "payment.successful");
  assert.ok(await customer.tab.locator("#payout-resend").isHidden());
  assert.ok(await problem.isHidden());
});
