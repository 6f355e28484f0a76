// GET /v1/stats counts the recorded webhooks by what they were when they came.

import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { startGateway } from "../support/gateway.mjs";
import {
  ADMIN_TOKEN,
  asMerchant,
  event,
  eventually,
  openSession,
  sendWebhook,
  ticket,
} from "../support/payments.mjs";
import { startWorker } from "../support/workerd.mjs";

let gateway;
let worker;

before(async () => {
  gateway = await startGateway();
  worker = await startWorker({ vars: { ADMIN_TOKEN, GATEWAY_BASE_URL: gateway.url }, inspect: true });
});
after(async () => {
  await worker?.stop();
  await gateway?.stop();
});

const counted = async () => (await (await asMerchant(worker, "/v1/stats")).json()).webhooks;
const recorded = async (data) => assert.equal((await sendWebhook(worker, data)).status, 204);
const sum = (counts) => Object.values(counts).reduce((one, other) => one + other, 0);

it("webhooks are counted once each, over payments and attempts, also when more come after the first count", async () => {
  assert.deepEqual(await counted(), { first: 0, duplicate: 0, stale: 0, conflict: 0 });
  const payment = await ticket();
  assert.equal((await openSession(worker, payment.jwt)).status, 201);
  const second = { transaction_id: `second-${payment.tracking_id}` };
  await recorded(event(payment, { ...second, status: "rejected" }));
  await recorded(event(payment));
  await recorded(event(payment));
  await recorded(event(payment, { status: "pending" }));
  await recorded(event(payment, { amount: "9999.00" }));
  await worker.hurry(payment.tracking_id);
  const isCounted = (number) => (counts) => sum(counts) === number;
  assert.deepEqual(await eventually(counted, isCounted(5)), {
    first: 2,
    duplicate: 1,
    stale: 1,
    conflict: 1,
  });

  // The attempt's count is reported anew and whole.
  await recorded(event(payment));
  const other = await ticket();
  await recorded(event(other, { status: "pending" }));
  for (const { tracking_id } of [payment, other]) await worker.hurry(tracking_id);
  assert.deepEqual(await eventually(counted, isCounted(7)), {
    first: 3,
    duplicate: 2,
    stale: 1,
    conflict: 1,
  });
});

it("no total falls when a payment that was deleted is named again", async () => {
  const before = await counted();
  const payment = await ticket();
  for (const status of ["pending", "successful"]) await recorded(event(payment, { status }));
  await worker.hurry(payment.tracking_id);
  const now = await eventually(counted, (counts) => sum(counts) === sum(before) + 2);
  await worker.sql(payment.tracking_id, "DELETE FROM webhook");
  await recorded(event(payment));
  await worker.hurry(payment.tracking_id);
  const reported = "SELECT changes = seen AS known FROM payment";
  await eventually(
    () => worker.sql(payment.tracking_id, reported),
    ([{ known }]) => known === 1,
  );
  assert.deepEqual(await counted(), now);
});

it("what was refused is not counted", async () => {
  const before = await counted();
  const forged = await sendWebhook(worker, event(await ticket()), { sign: "A".repeat(40) });
  assert.equal(forged.status, 401);
  // A true one that comes later is counted when its time has come, so the forged one would be.
  await recorded(event(await ticket()));
  const now = await eventually(counted, (counts) => sum(counts) > sum(before));
  assert.deepEqual(now, { ...before, first: before.first + 1 });
});
