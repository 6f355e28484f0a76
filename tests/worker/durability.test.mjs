// What was answered stays: the Worker is stopped and started again on the same storage.

import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { after, before, it } from "node:test";
import { refused } from "../support/answers.mjs";
import { opens, startGateway } from "../support/gateway.mjs";
import { event, openSession, readSession, sendWebhook, ticket } from "../support/payments.mjs";
import { startWorker, storageDirectory } from "../support/workerd.mjs";

let gateway;
let persist;

before(async () => {
  gateway = await startGateway();
  persist = await storageDirectory();
});

after(async () => {
  await gateway?.stop();
  await rm(persist, { recursive: true, force: true });
});

const start = (options) =>
  startWorker({ vars: { GATEWAY_BASE_URL: gateway.url, GATEWAY_TIMEOUT_MS: "20000" }, persist, ...options });

it("sessions, webhooks and versions are there after a restart", async () => {
  const payment = await ticket();
  let worker = await start();
  let session;
  let view;
  try {
    session = await (await openSession(worker, payment.jwt)).json();
    assert.equal((await sendWebhook(worker, event(payment))).status, 204);
    view = await (await readSession(worker, payment)).json();
    assert.equal(view.state, "successful");
  } finally {
    await worker.stop();
  }
  worker = await start();
  try {
    assert.deepEqual(await (await readSession(worker, payment)).json(), view);
    gateway.requests.length = 0;
    const again = await openSession(worker, payment.jwt);
    assert.equal(again.status, 200);
    assert.deepEqual(await again.json(), session);
    assert.equal(gateway.requests.length, 0);
    assert.equal((await sendWebhook(worker, event(payment))).status, 204);
    assert.equal((await (await readSession(worker, payment)).json()).version, view.version);
  } finally {
    await worker.stop();
  }
});

/** Starts an opening, and stops the Worker while the gateway has not answered. */
async function interrupted(payment) {
  const call = Promise.withResolvers();
  gateway.behave = () => {
    call.resolve();
    return "hang";
  };
  const worker = await start();
  const lost = openSession(worker, payment.jwt).then(
    (response) => assert.notEqual(response.status, 201),
    () => {},
  );
  await call.promise;
  await worker.stop();
  await lost;
  gateway.behave = opens;
  gateway.requests.length = 0;
}

it("a Worker that dies during the gateway call opens the session at the next try", async () => {
  const payment = await ticket();
  await interrupted(payment);
  const worker = await start();
  try {
    assert.equal((await readSession(worker, payment)).status, 404);
    const response = await openSession(worker, payment.jwt);
    assert.equal(response.status, 201);
    assert.equal(gateway.requests.length, 1);
    assert.equal((await readSession(worker, payment)).status, 200);
  } finally {
    await worker.stop();
  }
});

it("a direct payment that was interrupted is not sent again", async () => {
  const payment = await ticket({ operation: "direct_payment", provider_id: 210 });
  await interrupted(payment);
  const worker = await start();
  try {
    const response = await openSession(worker, payment.jwt);
    assert.equal(response.status, 409);
    assert.equal((await response.json()).code, "outcome_unknown");
    assert.equal(gateway.requests.length, 0);
    // What the gateway did then comes by webhook.
    assert.equal((await sendWebhook(worker, event(payment))).status, 204);
    assert.equal((await (await readSession(worker, payment)).json()).state, "successful");
  } finally {
    await worker.stop();
  }
});

it("a direct payment whose object's version is misconfigured was not sent, and may be sent later", async () => {
  const payment = await ticket({ operation: "direct_payment", provider_id: 210 });
  gateway.behave = { json: { url: "https://provider.example.com/1" } };
  gateway.requests.length = 0;
  let worker = await start({ objects: { GATEWAY_BASE_URL: null } });
  try {
    for (let request = 0; request < 2; request++)
      await refused(await openSession(worker, payment.jwt), 503, "configuration");
    assert.equal(gateway.requests.length, 0);
  } finally {
    await worker.stop();
  }
  worker = await start();
  try {
    assert.equal((await openSession(worker, payment.jwt)).status, 201);
  } finally {
    await worker.stop();
  }
});
