// Webhooks: signed as the reference shows, sent until they are answered, once if they are answered, and wrong on demand.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { eventually } from "../support/payments.mjs";
import { processOfWorkerd } from "../support/workerd.mjs";
import { deposit, PASSWORD, signatureOf, start } from "./support.mjs";

let house;
before(async () => {
  house = await start();
});
after(() => house?.stop());
beforeEach(() => house.reset());

/** A deposit that was approved; gives its tracking id. */
async function paid(more = {}) {
  const body = deposit(more);
  const token = await house.open("/cashier/deposit", body);
  const reply = await house.decide(token, { decision: "approve" });
  assert.equal(reply.status, 303);
  return body.request.tracking_id;
}

/** The webhooks of a tracking id, once each has the state. */
const settled = (id, state = "delivered") =>
  eventually(
    () => house.webhooks(id),
    (webhooks) => webhooks.length > 0 && webhooks.every((webhook) => webhook.state === state),
  );

test("signed over JSON.stringify of the body and the password, in capitals", async () => {
  await paid();
  const [{ method, path, headers, body }] = await house.receiver.until(1);
  assert.equal(method, "POST");
  assert.equal(path, "/v1/webhooks");
  assert.equal(headers["content-type"], "application/json");
  assert.equal(headers["x-signature"], signatureOf(body));
  assert.equal(body, JSON.stringify(JSON.parse(body)));
  assert.deepEqual(Object.keys(JSON.parse(body)), [
    "transaction_id",
    "user_id",
    "tracking_id",
    "status",
    "currency",
    "amount",
    "transaction_type",
  ]);
});

test("sent again until it is answered 2xx, the same bytes each time, with growing waits", async () => {
  house.receiver.answer = (n) => (n <= 2 ? 500 : 204);
  const id = await paid();
  const [first, second, third] = await house.receiver.until(3);
  assert.equal(second.body, first.body);
  assert.equal(third.body, first.body);
  assert.equal(third.headers["x-signature"], first.headers["x-signature"]);
  assert.ok(second.at - first.at >= 450, `${second.at - first.at} ms`);
  assert.ok(third.at - second.at >= 950, `${third.at - second.at} ms`);
  const [webhook] = await settled(id);
  assert.equal(webhook.attempts, 3);
  assert.equal(webhook.answers.at(-1).status, 204);
  assert.equal(webhook.next_at, null);
});

test("a redirect, a 4xx and a closed connection are no answer", async () => {
  house.receiver.answer = (n) => [302, 400, 204][n - 1];
  const id = await paid();
  await house.receiver.until(3);
  assert.equal((await settled(id))[0].attempts, 3);
});

test("answered, it is sent exactly once, while others are sent again", async () => {
  const answered = await paid();
  await settled(answered);
  house.receiver.answer = (n) => (n <= 3 ? 503 : 200);
  const other = await paid();
  await settled(other);
  const of = (id) => house.receiver.received.filter(({ body }) => JSON.parse(body).tracking_id === id).length;
  assert.equal(of(other), 3);
  assert.equal(of(answered), 1);
});

test("many at once are each sent once", async () => {
  const id = await paid();
  await house.receiver.until(1);
  const reply = await house.send({ tracking_id: id, times: 50 });
  assert.equal(reply.status, 202);
  await house.receiver.until(51);
  const webhooks = await settled(id);
  assert.equal(webhooks.length, 51);
  assert.ok(webhooks.every(({ attempts }) => attempts === 1));
  assert.equal(house.receiver.received.length, 51);
});

test("on demand: another status, amount, currency and user, each signed", async () => {
  const id = await paid();
  await house.receiver.until(1);
  await house.send({
    tracking_id: id,
    status: "pending",
    amount: "9999.90",
    currency: "USD",
    user_id: "other",
  });
  const [, { body, headers }] = await house.receiver.until(2);
  const event = JSON.parse(body);
  assert.deepEqual(
    [event.status, event.amount, event.currency, event.user_id],
    ["pending", "9999.90", "USD", "other"],
  );
  assert.equal(headers["x-signature"], signatureOf(body));
  assert.equal((await house.transactions(id))[0].status, "successful", "a final status stays");
});

test("on demand: a status for a payment that no user has touched becomes its status", async () => {
  const body = deposit();
  const id = body.request.tracking_id;
  await house.open("/cashier/deposit", body);
  await house.send({ tracking_id: id, status: "rejected" });
  await house.receiver.until(1);
  const status = await (await house.api(`/transactions/${id}`)).json();
  assert.deepEqual(status, { transaction_status: "rejected", rejected_reason: "Rejected by the provider" });
  await house.send({ tracking_id: id, status: "successful", update: true });
  const later = await (await house.api(`/transactions/${id}`)).json();
  assert.deepEqual(later, { transaction_status: "successful" }, "the reason is gone with the rejection");
  assert.equal((await house.send({ tracking_id: "unknown" })).status, 404);
  assert.equal((await house.send({ tracking_id: id, times: 0 })).status, 422);
  assert.equal((await house.send({ tracking_id: id, amount: "a lot" })).status, 422);
  assert.equal((await house.send({ tracking_id: id, colour: "red" })).status, 422);
});

test("pending_webhook: a pending one arrives first, also where it is answered late", async () => {
  await house.settings({ pending_webhook: true });
  house.receiver.answer = async (n) => {
    if (n === 1) await delay(200);
    return 204;
  };
  await paid();
  const webhooks = await house.receiver.until(2);
  assert.deepEqual(
    webhooks.map(({ body }) => JSON.parse(body).status),
    ["pending", "successful"],
  );
  assert.ok(webhooks[1].at - webhooks[0].at >= 190, "it is sent when the one before is answered");
});

test("one that is tried again lets the next ones of its payment pass", async () => {
  await house.settings({ pending_webhook: true });
  house.receiver.answer = (n) => (n === 1 ? 503 : 204);
  await paid();
  const webhooks = await house.receiver.until(3);
  assert.deepEqual(
    webhooks.map(({ body }) => JSON.parse(body).status),
    ["pending", "successful", "pending"],
  );
});

test("a simulator that stood still sends nothing twice: an answer that came meanwhile counts", async () => {
  const arrived = Promise.withResolvers();
  const answered = Promise.withResolvers();
  house.receiver.answer = () => {
    arrived.resolve();
    return answered.promise;
  };
  const id = await paid();
  await arrived.promise;
  const workerd = processOfWorkerd();
  process.kill(workerd, "SIGSTOP");
  answered.resolve(204);
  // Longer than an attempt may take.
  await delay(11_000);
  process.kill(workerd, "SIGCONT");
  const [{ attempts }] = await settled(id);
  assert.equal(attempts, 1);
  assert.equal(house.receiver.received.length, 1);
});

test("fault duplicate: as many copies as asked for, all the same", async () => {
  await house.settings({ webhook_fault: { duplicate: 2 } });
  const id = await paid();
  const received = await house.receiver.until(3);
  assert.equal(new Set(received.map(({ body }) => body)).size, 1);
  assert.equal((await settled(id)).length, 3);
});

test("fault delay_ms: late by at least so much", async () => {
  await house.settings({ webhook_fault: { delay_ms: 700 } });
  const before = Date.now();
  await paid();
  const [{ at }] = await house.receiver.until(1);
  assert.ok(at - before >= 700, `${at - before} ms`);
});

test("fault reorder: in another order, the same one for the same seed", async () => {
  const order = async () => {
    await house.settings({ webhook_fault: { reorder: 3, seed: 7 } });
    const body = deposit();
    await house.open("/cashier/deposit", body);
    for (const status of ["pending", "processing", "successful"]) {
      assert.equal((await house.send({ tracking_id: body.request.tracking_id, status })).status, 202);
    }
    const received = await house.receiver.until(3);
    await settled(body.request.tracking_id);
    return received.map((webhook) => JSON.parse(webhook.body).status);
  };
  const first = await order();
  assert.notDeepEqual(first, ["pending", "processing", "successful"]);
  assert.deepEqual([...first].sort(), ["pending", "processing", "successful"]);
  await house.reset();
  assert.deepEqual(await order(), first);
});

test("fault reorder with duplicate: copies are no other events, and the order changes all the same", async () => {
  await house.settings({ webhook_fault: { reorder: 2, duplicate: 4 } });
  const body = deposit();
  await house.open("/cashier/deposit", body);
  for (const status of ["pending", "successful"])
    await house.send({ tracking_id: body.request.tracking_id, status });
  const received = await house.receiver.until(10);
  const statuses = received.map((webhook) => JSON.parse(webhook.body).status);
  assert.deepEqual(statuses, [...Array(5).fill("successful"), ...Array(5).fill("pending")]);
});

test("fault reorder with delay_ms: late once no more are awaited", async () => {
  await house.settings({ webhook_fault: { reorder: 2, delay_ms: 700 } });
  const body = deposit();
  await house.open("/cashier/deposit", body);
  const before = Date.now();
  for (const status of ["pending", "successful"])
    await house.send({ tracking_id: body.request.tracking_id, status });
  const received = await house.receiver.until(2);
  assert.deepEqual(
    received.map((webhook) => JSON.parse(webhook.body).status),
    ["successful", "pending"],
  );
  assert.ok(received[0].at - before >= 700, `${received[0].at - before} ms`);
});

test("fault reorder: what waits for others that never come is sent all the same", async () => {
  await house.settings({ webhook_fault: { reorder: 10 } });
  await paid();
  const [{ body }] = await house.receiver.until(1);
  assert.equal(JSON.parse(body).status, "successful");
});

test("fault drop: the first are lost, the next arrives", async () => {
  await house.settings({ webhook_fault: { drop: 1 } });
  const lost = await paid();
  const next = await paid();
  const [{ body }] = await house.receiver.until(1);
  assert.equal(JSON.parse(body).tracking_id, next);
  assert.equal((await house.webhooks(lost))[0].state, "dropped");
  const status = await (await house.api(`/transactions/${lost}`)).json();
  assert.equal(status.transaction_status, "successful", "the payment is made although nobody was told");
});

test("fault drop_percent: a seed loses the same ones again", async () => {
  const losses = async () => {
    await house.settings({ seed: 11, webhook_fault: { drop_percent: 50 } });
    const body = deposit({ tracking_id: "seeded" });
    await house.open("/cashier/deposit", body);
    await house.send({ tracking_id: "seeded", times: 20 });
    return (await house.webhooks("seeded")).map(({ state }) => state === "dropped");
  };
  const first = await losses();
  assert.ok(first.includes(true) && first.includes(false), String(first));
  await house.reset();
  assert.deepEqual(await losses(), first);
});

test("fault wrong_password: signed with another password", async () => {
  await house.settings({ webhook_fault: { wrong_password: true } });
  await paid();
  const [{ body, headers }] = await house.receiver.until(1);
  assert.match(headers["x-signature"], /^[0-9A-F]{40}$/);
  assert.notEqual(headers["x-signature"], signatureOf(body));
  assert.equal(headers["x-signature"], signatureOf(body, `${PASSWORD}-wrong`));
});

for (const [wire, form] of [
  ["pretty", /\n {2}"user_id": "128",\n/],
  ["spaces", /", "user_id": "128", "/],
  ["float", /"amount":200\.00,/],
  ["escape_slash", /SIMULATOR\\\/PAYMENTS/],
  ["escape_unicode", /Caf\\u00e9/],
  ["key_order", /^\{"transaction_type".*"2":"two","1":"one"\}$/],
  ["duplicate_key", /^\{"status":"superseded",.*"status":"successful"/],
]) {
  test(`fault wire ${wire}: other bytes, the same signature as JavaScript's`, async () => {
    await house.settings({ webhook_fault: { wire } });
    const id = await paid({ amount: 200 });
    const [{ body, headers }] = await house.receiver.until(1);
    assert.match(body, form);
    assert.notEqual(body, JSON.stringify(JSON.parse(body)));
    assert.equal(headers["x-signature"], signatureOf(body));
    const event = JSON.parse(body);
    assert.equal(event.tracking_id, id);
    assert.equal(event.status, "successful");
    assert.equal(Number(event.amount), 200);
  });
}

test("fault wire bom: JavaScript refuses the body, and without the mark its signature holds", async () => {
  await house.settings({ webhook_fault: { wire: "bom" } });
  await paid();
  const [{ body, headers }] = await house.receiver.until(1);
  assert.throws(() => JSON.parse(body), SyntaxError);
  assert.equal(body[0], "\ufeff");
  assert.equal(headers["x-signature"], signatureOf(body.slice(1)));
});

test("fault drop with pending_webhook: one is lost, and not the next of the same decision", async () => {
  await house.settings({ pending_webhook: true, webhook_fault: { drop: 1 } });
  const id = await paid();
  const [{ body }] = await house.receiver.until(1);
  assert.equal(JSON.parse(body).status, "successful");
  const states = (await house.webhooks(id)).map(({ state }) => state);
  assert.equal(states[0], "dropped");
  assert.notEqual(states[1], "dropped");
});

test("an address that nobody answers at is tried again when it is mended", async () => {
  const { url } = house.receiver;
  await house.settings({ webhook_url: "http://127.0.0.1:9/" });
  const id = await paid();
  const [webhook] = await eventually(
    () => house.webhooks(id),
    ([{ attempts }]) => attempts > 0,
  );
  assert.equal(webhook.state, "queued");
  assert.deepEqual(Object.keys(webhook.answers[0]), ["at", "error"]);
  assert.ok(webhook.answers[0].error);
  await house.settings({ webhook_url: url });
  await house.receiver.until(1);
});
