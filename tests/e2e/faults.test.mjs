// The faults panel: whatever goes wrong on the way, each event is recorded once and delivered once, and the figures show it.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { setUp } from "./setup.mjs";

const { servers, visit } = setUp();
let customer;

beforeEach(async () => {
  customer = await visit();
  await customer.signIn("EUR");
});

/** A deposit that is approved in the cashier, with these faults. */
async function deposit(...faults) {
  await customer.causes(...faults);
  await customer.orderDeposit("10.05");
  await customer.decide("approve");
}

test("five of each webhook, and a shop that fails at every second try: recorded once, delivered once", async () => {
  await deposit("duplicate", "endpoint_fails");
  await customer.sees("successful");
  assert.deepEqual(await customer.counts("good"), [5, 5, 1, 1]);
  assert.match(await customer.verdict(), /Nothing lost, nothing twice: 1 change recorded once/);
  assert.match(await customer.tab.locator("[data-station=delivered]").textContent(), /in 2 tries/);
  await customer.sawDelivered("payment.successful");
  const [delivery] = await customer.tab
    .locator("#deliveries li")
    .evaluateAll((rows) => rows.map(({ dataset }) => [dataset.tries, dataset.refused]));
  assert.deepEqual(delivery, ["2", "1"]);
  assert.match(await customer.tab.locator("#timeline").textContent(), /received 5 times/);
});

test("in disorder and over several lines: the payment ends as it should", async () => {
  await deposit("reorder", "pretty");
  await customer.sees("successful");
  const [sent, answered, recorded] = await customer.counts("good");
  assert.deepEqual([sent, answered, recorded], [2, 2, 2]);
  const webhooks = await servers.control(`webhooks?tracking_id=${customer.trackingId()}`);
  assert.ok(webhooks.every(({ body }) => body.includes("\n")));
  assert.equal((await customer.timeline()).filter((title) => title.startsWith("Webhook")).length, 2);
});

test("lost on the way: the panel says so, and once it is sent again nothing is missing", async () => {
  // With this seed the first webhook is lost.
  await customer.causes("lose");
  const { webhook_fault } = await servers.control("settings");
  await servers.control("settings", "PUT", { webhook_fault: { ...webhook_fault, drop_percent: 100 } });
  await customer.orderDeposit("10.05");
  await customer.decide("approve");
  assert.deepEqual(await customer.counts("warn"), [0, 0, 0, 0]);
  assert.match(await customer.verdict(), /1 event got lost/);
  await customer.sees("opened");
  await customer.tab.click("#resend");
  await customer.sees("successful");
  assert.deepEqual(await customer.counts("good"), [1, 1, 1, 1]);
  assert.ok(await customer.tab.locator("#resend").isHidden());
  // The button goes; the focus stays beside what it did.
  assert.equal(await customer.tab.evaluate(() => document.activeElement.id), "verdict");
});

test("signed with another password: refused and not recorded; the genuine one counts", async () => {
  await deposit("wrong_password");
  const [, answered, recorded, delivered] = await customer.counts("bad");
  assert.deepEqual([answered, recorded, delivered], [0, 0, 0]);
  await customer.sees("opened");
  await customer.tab.click("#resend");
  await customer.sees("successful");
  const [, ...counted] = await customer.counts("good");
  assert.deepEqual(counted, [1, 1, 1]);
});

test("the panel keeps what is switched on over a reload, and switches it off again", async () => {
  await customer.causes("duplicate", "pretty");
  await customer.tab.reload();
  await customer.tab.waitForSelector("#fault-duplicate:checked");
  assert.equal(await customer.tab.locator("#faults-on").textContent(), "2 on");
  await customer.causes();
  const { webhook_fault } = await servers.control("settings");
  assert.deepEqual([webhook_fault.duplicate, webhook_fault.wire], [0, null]);
  assert.equal(await customer.tab.locator("#faults-on").textContent(), "All off");
});

test("a switch that could not be switched goes back, with the reason", async () => {
  await customer.tab.locator("#faults-details summary").click();
  await customer.tab.route("**/shop/faults", (route) =>
    route.request().method() === "PUT" ? route.abort() : route.continue(),
  );
  await customer.tab.click("#fault-duplicate");
  await customer.tab.waitForSelector("#faults-problem:not([hidden])");
  await customer.tab.waitForSelector("#fault-duplicate:not(:checked)");
  assert.equal(await customer.tab.locator("#faults-on").textContent(), "All off");
});

test("signed out while the faults are being asked for: the panel stays away", async () => {
  const asked = Promise.withResolvers();
  await customer.tab.route("**/shop/faults", (route) => asked.resolve(route), { times: 1 });
  await customer.tab.click("#home");
  const route = await asked.promise;
  await customer.tab.click("#sign-out");
  await customer.tab.waitForSelector("#sign-in:not([hidden])");
  const answered = customer.tab.waitForResponse((reply) => reply.url().endsWith("/shop/faults"));
  await route.continue();
  await (await answered).finished();
  await customer.tab.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
  assert.ok(await customer.tab.locator("#faults").isHidden());
});
