// More than one decision in the cashier: a declined card and then another, and the card issuer's 3-D Secure challenge.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { setUp } from "./setup.mjs";

const { servers, visit } = setUp();
let customer;

beforeEach(async () => {
  customer = await visit();
  await customer.signIn("EUR");
});

/** The attempts that the page shows: each one's place and outcome. */
const attempts = () =>
  customer.tab
    .locator("#attempt-list li")
    .evaluateAll((rows) =>
      rows.map((row) =>
        [".attempt-place", ".badge"].map((part) => row.querySelector(part).textContent).join(": "),
      ),
    );

/** Orders, and gives the window or frame that the cashier opens in. */
async function beside(amount, mode) {
  const appears = mode === "popup" && customer.tab.waitForEvent("popup");
  await customer.orderDeposit(amount, mode);
  return appears ? await appears : customer.tab.frameLocator("#cashier-frame iframe");
}

test("a declined card, then another in the same cashier: successful, with both attempts in the timeline", async () => {
  await customer.orderDeposit("10.05");
  await customer.tab.click("[data-testid=cashier-decline-retry]");
  await customer.tab.waitForSelector("[data-testid=cashier-declined]");
  await customer.decide("approve");
  await customer.sees("successful");
  await customer.sawDelivered("payment.rejected", "payment.successful");
  assert.deepEqual(await attempts(), ["Attempt 1: Rejected", "Attempt 2: Successful"]);
  assert.equal((await customer.timeline()).filter((title) => title === "Webhook verified").length, 2);
  const details = await customer.tab.locator("#timeline .step-detail").allTextContents();
  assert.deepEqual(
    details.filter((detail) => /gateway says/.test(detail)).map((detail) => detail.split(". ", 2).join(". ")),
    ["Attempt 1. The gateway says rejected", "Attempt 2. The gateway says successful"],
  );
  assert.deepEqual(await customer.counts("good"), [2, 2, 2, 2]);
  const transactions = await servers.control(`transactions?tracking_id=${customer.trackingId()}`);
  assert.equal(new Set(transactions.map(({ transaction_id }) => transaction_id)).size, 2);
});

for (const mode of ["popup", "iframe"]) {
  test(`in mode ${mode}: the page shows the decline, and then the success of the second attempt`, async () => {
    const cashier = await beside("25", mode);
    await cashier.locator("[data-testid=cashier-decline-retry]").click();
    await customer.sees("rejected");
    await cashier.locator("[data-testid=cashier-declined]").waitFor();
    await cashier.locator("[data-testid=cashier-approve]").click();
    await customer.sees("successful");
    assert.deepEqual(await attempts(), ["Attempt 1: Rejected", "Attempt 2: Successful"]);
  });
}

test("declined and given up: the second attempt is declined too, and nothing is paid", async () => {
  await customer.orderDeposit("10.05");
  await customer.tab.click("[data-testid=cashier-decline-retry]");
  await customer.tab.waitForSelector("[data-testid=cashier-declined]");
  await customer.decide("decline");
  await customer.sees("rejected");
  await customer.sawDelivered("payment.rejected", "payment.rejected");
  assert.deepEqual(await attempts(), ["Attempt 1: Rejected", "Attempt 2: Rejected"]);
});

for (const [decision, state] of [
  ["approve", "successful"],
  ["decline", "rejected"],
]) {
  test(`3-D Secure, ${decision}d: ${state}`, async () => {
    await customer.orderDeposit("50");
    await customer.tab.click("[data-testid=cashier-challenge]");
    await customer.tab.waitForURL(/\/challenge\//);
    await customer.decide(decision);
    await customer.sees(state);
    await customer.sawDelivered(`payment.${state}`);
  });
}

for (const mode of ["popup", "iframe"]) {
  test(`3-D Secure in mode ${mode}: the challenge stays where the cashier is, which goes when it is done`, async () => {
    const cashier = await beside("50", mode);
    await cashier.locator("[data-testid=cashier-challenge]").click();
    await cashier.locator("[data-testid=cashier-challenge]").waitFor({ state: "detached" });
    await cashier.locator("[data-testid=cashier-approve]").click();
    await customer.sees("successful", "You came back");
    assert.equal(await customer.tab.locator("#cashier-frame iframe").count(), 0);
    assert.equal(customer.tab.context().pages().length, 1);
  });
}
