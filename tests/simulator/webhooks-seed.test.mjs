// The same seed gives the same run: ids, tokens, losses, and the order in which webhooks arrive. Nothing but times differs.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { deposit, start } from "./support.mjs";

const SEED = 20_261_127;

let houses;
before(async () => {
  houses = [];
  // Two simulators that know nothing of each other.
  for (const seed of [SEED, SEED]) {
    const house = await start();
    houses.push(house);
    await house.settings({ seed });
  }
});
after(() => Promise.all(houses.map((house) => house.stop())));

/** Payments of every kind, under faults that draw; gives what can be seen of them. */
async function run(house, seed = SEED) {
  await house.reset();
  await house.settings({
    seed,
    pending_webhook: true,
    webhook_fault: { drop_percent: 20, duplicate: 1, reorder: 4 },
  });
  const tokens = [];
  for (const name of ["a", "b", "c", "d"]) {
    const token = await house.open("/cashier/deposit", deposit({ tracking_id: `${name}-deposit` }));
    tokens.push(token);
    assert.equal((await house.decide(token, { decision: "retry" })).status, 303);
    assert.equal((await house.decide(token, { decision: "approve" })).status, 303);
  }
  const token = await house.open("/cashier/deposit", deposit({ tracking_id: "challenged" }));
  const challenge = (await house.decide(token, { decision: "challenge" })).headers.get("location");
  await house.decide(new URL(challenge, house.url).href, { decision: "decline" });
  tokens.push(token, challenge);
  const body = deposit({ tracking_id: "withdrawal" });
  const payout = await house.open("/cashier/withdrawal", body);
  await house.decide(payout, { decision: "approve" });
  assert.equal((await house.api("/payouts/approve", { transaction_id: "withdrawal" })).status, 200);

  const sent = (webhook) => webhook.state !== "dropped";
  const webhooks = await house.webhooks();
  const arrived = await house.receiver.until(webhooks.filter(sent).length);
  const rows = await (await house.api("/transactions")).json();
  return {
    tokens,
    rows: rows.map((row) => ({ ...row, transaction_date: undefined })),
    states: webhooks.map((webhook) => [webhook.body, webhook.signature, sent(webhook)]),
    arrived: arrived.map((webhook) => [webhook.body, webhook.headers["x-signature"]]),
  };
}

test("two simulators with one seed give the same run, and so does one after a reset", async () => {
  const [one, other] = await Promise.all(houses.map((house) => run(house)));
  assert.equal(one.rows.length, 10);
  const isSent = one.states.map(([, , sent]) => sent);
  assert.ok(isSent.includes(true) && isSent.includes(false), "some are lost, and not all");
  assert.notDeepEqual(
    one.arrived,
    one.states.filter(([, , sent]) => sent).map(([body, signature]) => [body, signature]),
    "they arrive in another order",
  );
  assert.deepEqual(other, one);
  assert.deepEqual(await run(houses[0]), one);
  assert.notDeepEqual((await run(houses[0], SEED + 1)).tokens, one.tokens);
});
