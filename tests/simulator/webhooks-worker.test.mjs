// The simulator's webhooks at the real Worker. Each passes through a server of the test, which verifies what arrived by Node's own JSON and crypto and hands the same
// bytes on.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { eventually, openSession, readSession, ticket } from "../support/payments.mjs";
import { startWorker } from "../support/workerd.mjs";
import { PASSWORD, RETURN_URL, signatureOf, start } from "./support.mjs";

const NEXT_PASSWORD = "obviously-fake-next-webhook-password";

let house;
let worker;
before(async () => {
  house = await start();
  worker = await startWorker({
    vars: {
      GATEWAY_BASE_URL: house.url,
      CASHIER_URL: `${house.url}/cashier/{token}`,
      GATEWAY_TIMEOUT_MS: "5000",
      CARD_PAYMENTS: "enabled",
      // As in the days of a rotation.
      WEBHOOK_PASSWORDS: JSON.stringify([
        { id: "next", password: NEXT_PASSWORD },
        { id: "current", password: PASSWORD },
      ]),
    },
  });
});
after(async () => {
  await worker?.stop();
  await house?.stop();
});
beforeEach(async () => {
  await house.reset();
  house.receiver.answer = forward;
});

/** Hands the n-th webhook on to the Worker, and its answer back. */
async function forward(n) {
  const { body, headers } = house.receiver.received[n - 1];
  const reply = await fetch(`${worker.url}/v1/webhooks`, {
    method: "POST",
    headers: { "content-type": headers["content-type"], "x-signature": headers["x-signature"] },
    body,
  });
  house.receiver.received[n - 1].reply = [reply.status, await reply.text()];
  return reply.status;
}

/** A payment with its cashier opened by the Worker; gives its ticket and token. */
async function opened(changes) {
  const payment = await ticket(changes);
  const reply = await openSession(worker, payment.jwt);
  assert.equal(reply.status, 201, await reply.clone().text());
  return { ...payment, token: (await reply.json()).token };
}

const session = async (payment) => (await readSession(worker, payment)).json();
const reaches = (payment, state) =>
  eventually(
    () => session(payment),
    (found) => found.state === state,
  );

for (const wire of [
  "pretty",
  "spaces",
  "float",
  "escape_slash",
  "escape_unicode",
  "key_order",
  "duplicate_key",
]) {
  test(`wire ${wire}: verified by the Worker and by Node, and recorded as the payment's`, async () => {
    await house.settings({ webhook_fault: { wire } });
    const payment = await opened({ amount: "200.00" });
    await house.decide(payment.token, { decision: "approve" });
    const [{ body, headers, reply }] = await house.receiver.until(1);
    assert.notEqual(body, JSON.stringify(JSON.parse(body)));
    assert.equal(headers["x-signature"], signatureOf(body));
    assert.deepEqual(reply, [204, ""]);
    const { amount } = await reaches(payment, "successful");
    assert.equal(amount, wire === "float" ? "200" : "200.00");
  });
}

test("wire bom: refused as no JSON, as JavaScript refuses it, and taken once the gateway writes JSON again", async () => {
  await house.settings({ webhook_fault: { wire: "bom" } });
  const payment = await opened();
  await house.decide(payment.token, { decision: "approve" });
  const [{ body, reply }] = await house.receiver.until(1);
  assert.throws(() => JSON.parse(body), SyntaxError);
  assert.equal(reply[0], 400);
  assert.equal(JSON.parse(reply[1]).code, "not_json");
  assert.equal((await session(payment)).state, "opened");

  await house.settings({ webhook_fault: null });
  await house.send({ tracking_id: payment.tracking_id });
  await reaches(payment, "successful");
});

test("a password rotated while a webhook waits: the old one's and the new one's are both taken", async () => {
  const waits = await opened();
  house.receiver.answer = () => 503;
  await house.decide(waits.token, { decision: "approve" });
  await house.receiver.until(1);
  house.receiver.answer = forward;
  await house.settings({ webhook_password: NEXT_PASSWORD });
  const next = await opened();
  await house.decide(next.token, { decision: "approve" });
  await Promise.all([reaches(waits, "successful"), reaches(next, "successful")]);
  const taken = house.receiver.received.filter(({ reply }) => reply?.[0] === 204);
  const signed = taken.map(({ body, headers }) => {
    const passwords = [PASSWORD, NEXT_PASSWORD];
    return passwords.find((password) => headers["x-signature"] === signatureOf(body, password));
  });
  assert.deepEqual(new Set(signed), new Set([PASSWORD, NEXT_PASSWORD]));

  await house.settings({ webhook_password: "obviously-fake-password-of-nobody" });
  await house.send({ tracking_id: next.tracking_id, status: "rejected", update: false });
  const [{ reply }] = await house.receiver.until(1, ({ reply }) => reply?.[0] === 401);
  assert.equal(JSON.parse(reply[1]).code, "signature_mismatch");
  assert.equal((await session(next)).state, "successful");
});

test("a declined card, then another: one payment with two attempts, also when their webhooks swap", async () => {
  await house.settings({ webhook_fault: { reorder: 2 } });
  const payment = await opened();
  await house.decide(payment.token, { decision: "retry", reason: "Do not honour" });
  const back = await house.decide(payment.token, { decision: "approve" });
  assert.ok(back.headers.get("location").startsWith(RETURN_URL));
  await house.receiver.until(2);
  assert.deepEqual(
    house.receiver.received.map(({ body, reply }) => [JSON.parse(body).status, reply[0]]),
    [
      ["successful", 204],
      ["rejected", 204],
    ],
  );
  const { has_conflict, timeline } = await reaches(payment, "successful");
  assert.equal(has_conflict, false);
  assert.deepEqual(
    timeline.filter(({ event }) => event === "webhook").map(({ status, outcome }) => [status, outcome]),
    [
      ["successful", "first"],
      ["rejected", "stale"],
    ],
  );
});

test("a withdrawal's amount that the user lowered is a conflict at the Worker: the ticket's amount binds", async () => {
  await house.settings({ withdrawal_amount_editable: true });
  const payment = await opened({ operation: "hosted_withdrawal", amount: "200.00" });
  await house.decide(payment.token, { decision: "approve", amount: "150.00" });
  const [{ body, reply }] = await house.receiver.until(1);
  assert.equal(JSON.parse(body).amount, "150.00");
  assert.equal(reply[0], 204, "it is kept");
  const { state, amount, has_conflict } = await session(payment);
  assert.deepEqual([state, amount, has_conflict], ["opened", "200.00", true]);
});

test("card_payment, timeout: the Worker gives up waiting, and the webhook tells that it was paid", async () => {
  const payment = await ticket({ operation: "card_payment", routing_id: 210 });
  const card_details = {
    holder_name: "John Doe",
    card_number: "4000000000000119",
    cvc: "444",
    exp_month: "05",
    exp_year: "2031",
  };
  const reply = await fetch(`${worker.url}/v1/card-payments`, {
    method: "POST",
    headers: { authorization: `Bearer ${payment.jwt}`, "content-type": "application/json" },
    body: JSON.stringify({ card_details }),
  });
  assert.ok(reply.status >= 500, `${reply.status} ${await reply.clone().text()}`);
  await reaches(payment, "successful");
  assert.equal((await house.transactions(payment.tracking_id)).length, 1);
});
