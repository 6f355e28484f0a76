// The demo shop's endpoint for deliveries and its console: what is verified, who may press, and that no token leaves.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { startGateway } from "../support/gateway.mjs";
import { DELIVERY_SECRET } from "../support/merchant.mjs";
import { ADMIN_TOKEN, eventually } from "../support/payments.mjs";
import { deposit, STOREFRONT, start } from "./support.mjs";

let worker;
let house;
let session;
before(async () => {
  worker = await startGateway();
  house = await start({
    vars: {
      SHOP_WORKER_URL: worker.url,
      SHOP_ADMIN_TOKEN: ADMIN_TOKEN,
      SHOP_DELIVERY_SECRET: DELIVERY_SECRET,
    },
  });
});
after(async () => {
  await house.stop();
  await worker.stop();
});
beforeEach(async () => {
  await house.reset();
  worker.requests.length = 0;
  const signedIn = await ask("POST", "sign-in", { user_id: "demo-1001" }, "");
  session = (await signedIn.json()).shop_session;
});

function ask(method, path, body, token = session) {
  const headers = { origin: STOREFRONT, ...(token && { authorization: `Bearer ${token}` }) };
  const contents = body === undefined ? {} : { body: JSON.stringify(body) };
  return fetch(`${house.url}/shop/${path}`, { method, headers, ...contents });
}

const DATA = {
  tracking_id: "order-1",
  transaction_id: "tx-1",
  user_id: "demo-1001",
  operation: "hosted_deposit",
  transaction_type: "deposit",
  status: "successful",
  state: "successful",
  amount: "10.05",
  currency: "EUR",
};

/** Delivers as the Worker does, signed by the public library. */
function deliver(id, { data = DATA, at = new Date(), secret = DELIVERY_SECRET, body } = {}) {
  const text =
    body ?? JSON.stringify({ type: "payment.successful", timestamp: "2026-11-27T03:00:00Z", data });
  return fetch(`${house.url}/shop/webhooks`, {
    method: "POST",
    headers: {
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": new Webhook(secret).sign(id, at, text),
    },
    body: text,
  });
}

const deliveries = async (query = "") => (await ask("GET", `deliveries${query}`)).json();

test("a delivery is taken once, however often it comes", async () => {
  for (const id of ["msg_1", "msg_1", "msg_2"]) assert.equal((await deliver(id)).status, 204);
  const [first, second] = await deliveries("?tracking_id=order-1");
  const { accepted_at, first_at, ...rest } = first;
  assert.deepEqual(rest, {
    id: "msg_1",
    type: "payment.successful",
    tracking_id: "order-1",
    transaction_id: "tx-1",
    status: "successful",
    state: "successful",
    amount: "10.05",
    currency: "EUR",
    tries: 2,
    refused: 0,
  });
  assert.equal(accepted_at, first_at);
  assert.equal(second.id, "msg_2");
  assert.deepEqual(await deliveries("?tracking_id=order-2"), []);
});

test("another signature, another body and an old message are refused, and nothing is kept", async () => {
  const text = JSON.stringify({ type: "payment.successful", data: DATA });
  const signed = new Webhook(DELIVERY_SECRET).sign("msg_1", new Date(), text);
  for (const [name, reply] of Object.entries({
    "another secret": await deliver("msg_1", { secret: `whsec_${"A".repeat(32)}` }),
    "an old one": await deliver("msg_1", { at: new Date(Date.now() - 6 * 60_000) }),
    "no signature": await fetch(`${house.url}/shop/webhooks`, { method: "POST", body: text }),
    "another body": await fetch(`${house.url}/shop/webhooks`, {
      method: "POST",
      headers: {
        "webhook-id": "msg_1",
        "webhook-timestamp": String(Math.floor(Date.now() / 1000)),
        "webhook-signature": signed,
      },
      body: text.replace("10.05", "9999.00"),
    }),
  })) {
    assert.equal(reply.status, 401, name);
  }
  assert.equal((await deliver("msg_1", { body: '{"type":"payment.successful"}' })).status, 422);
  assert.deepEqual(await deliveries(), []);
});

test("asked to fail, the endpoint fails at every second try of a message", async () => {
  const { faults } = await (await ask("GET", "faults")).json();
  assert.equal((await ask("PUT", "faults", { ...faults, endpoint_fails: true })).status, 200);
  const statuses = [];
  for (const id of ["a", "b", "a", "b", "a"]) statuses.push((await deliver(id)).status);
  assert.deepEqual(statuses, [503, 503, 204, 204, 503]);
  const [first] = await deliveries();
  assert.deepEqual([first.tries, first.refused], [3, 2]);
});

test("without a session nobody sees or presses anything", async () => {
  for (const [method, path] of [
    ["GET", "deliveries"],
    ["GET", "faults"],
    ["PUT", "faults"],
    ["POST", "faults/resend"],
    ["POST", "payouts/order-1/approve"],
    ["POST", "payouts/order-1/reject"],
    ["POST", "deliveries/msg_1/replay"],
  ]) {
    const body = method === "GET" ? undefined : {};
    for (const token of ["", "a.b.c", ADMIN_TOKEN])
      assert.equal((await ask(method, path, body, token)).status, 401, `${method} ${path}`);
  }
  assert.deepEqual(worker.requests, []);
});

test("the console asks the Worker with its token and passes on what it answers, without the token", async () => {
  const problem = { title: "The payout was decided the other way", code: "payout_decided", status: 409 };
  worker.behave = { status: 409, json: problem };
  const seen = { expected_amount: "200.00", expected_currency: "EUR" };
  const replies = [
    await ask("POST", "payouts/order%2F1/approve", seen),
    await ask("POST", "payouts/order%2F1/reject"),
    await ask("POST", "deliveries/msg_1/replay"),
  ];
  for (const reply of replies) {
    assert.equal(reply.status, 409);
    assert.equal(reply.headers.get("access-control-allow-origin"), STOREFRONT);
    const text = JSON.stringify([...reply.headers]) + (await reply.text());
    assert.ok(text.includes("payout_decided") && !text.includes(ADMIN_TOKEN));
  }
  assert.deepEqual(
    worker.requests.map(({ method, path, headers, body }) => [method, path, headers.authorization, body]),
    [
      ["POST", "/v1/payouts/order%2F1/approve", `Bearer ${ADMIN_TOKEN}`, JSON.stringify(seen)],
      ["POST", "/v1/payouts/order%2F1/reject", `Bearer ${ADMIN_TOKEN}`, "{}"],
      ["POST", "/v1/deliveries/msg_1/replay", `Bearer ${ADMIN_TOKEN}`, ""],
    ],
  );
});

test("a Worker that does not answer is a 502 that says to look before repeating", async () => {
  worker.behave = "reset";
  const reply = await ask("POST", "payouts/order-1/approve", {});
  assert.equal(reply.status, 502);
  assert.match((await reply.json()).error, /look again before you repeat/);
});

test("what was lost is sent again without the fault, and each event counts once", async () => {
  const { faults } = await (await ask("GET", "faults")).json();
  await ask("PUT", "faults", { ...faults, wrong_password: true, duplicate: true });
  await house.settings({ webhook_fault: { ...(await settings()).webhook_fault, drop_percent: 100 } });
  const order = deposit();
  const { tracking_id } = order.request;
  const token = await house.open("/cashier/deposit", order);
  await house.decide(token, { decision: "approve" });
  const counted = async () => (await (await ask("GET", `faults?tracking_id=${tracking_id}`)).json()).webhooks;
  assert.deepEqual(await counted(), {
    events: 1,
    sends: 0,
    answered: 0,
    waiting: 0,
    refused: 0,
    lost: 1,
    unanswered: 1,
  });
  assert.equal((await ask("POST", "faults/resend", { tracking_id })).status, 202);
  await house.receiver.until(1);
  const found = await eventually(
    () => house.webhooks(tracking_id),
    (webhooks) => webhooks.every(({ state }) => state !== "queued"),
  );
  assert.deepEqual(
    found.map(({ state }) => state),
    ["dropped", "delivered"],
  );
  assert.equal((await counted()).unanswered, 0);
  // What was answered is not sent once more.
  await ask("POST", "faults/resend", { tracking_id });
  assert.equal((await house.webhooks(tracking_id)).length, 2);
  assert.equal((await ask("PUT", "faults", { duplicate: true })).status, 422);
});

test("several attempts that were lost are sent again in their order", async () => {
  await house.settings({ webhook_fault: { drop_percent: 100 } });
  const order = deposit();
  const { tracking_id } = order.request;
  const token = await house.open("/cashier/deposit", order);
  for (const decision of ["retry", "retry", "retry", "retry", "approve"])
    await house.decide(token, { decision });
  const lost = await house.webhooks(tracking_id);
  assert.equal((await ask("POST", "faults/resend", { tracking_id })).status, 202);
  const arrived = await house.receiver.until(5);
  assert.deepEqual(
    arrived.map(({ body }) => body),
    lost.map(({ body }) => body),
  );
});

const settings = async () => (await fetch(`${house.url}/control/settings`)).json();
