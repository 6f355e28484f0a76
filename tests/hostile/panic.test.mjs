// What a panic costs: the request that met it, and nothing else. The Worker is built with the feature `panic-route` for this (target/panicking-worker, by
// `cargo xtask test hostile`); the build that is deployed has no such address.

import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import { after, before, it } from "node:test";
import { fileURLToPath } from "node:url";
import { startGateway } from "../support/gateway.mjs";
import { event, lineWith, opened, openSession, readSession, sendWebhook } from "../support/payments.mjs";
import { startWorker, storageDirectory } from "../support/workerd.mjs";

const ROOT = new URL("../../", import.meta.url);
const PANICKING = fileURLToPath(new URL("target/panicking-worker", ROOT));

let gateway;
let worker;
let persist;

const start = () => startWorker({ vars: { GATEWAY_BASE_URL: gateway.url }, build: PANICKING, persist });
const stateOf = async (payment) => (await readSession(worker, payment)).json();

before(async () => {
  gateway = await startGateway();
  persist = await storageDirectory();
  worker = await start();
});

after(async () => {
  await worker?.stop();
  await gateway?.stop();
  if (persist) await rm(persist, { recursive: true });
});

/** Sends a request that panics and gives it up as soon as the log has the panic: the runtime may leave such a request without an answer. */
async function panicked(path, words) {
  const gaveUp = new AbortController();
  const sent = fetch(worker.url + path, { method: "POST", signal: gaveUp.signal }).catch((error) => error);
  await lineWith(worker, words);
  gaveUp.abort();
  const answer = await sent;
  assert.ok(answer instanceof Error || answer.status === 500, `${answer.status}`);
}

/** Everything that one payment needs still works. */
async function aPaymentWorks() {
  const payment = await opened(worker);
  assert.equal((await sendWebhook(worker, event(payment))).status, 204);
  assert.equal((await stateOf(payment)).state, "successful");
}

it("a panic in the isolate costs its own request alone: the module is made anew for the next", async () => {
  await aPaymentWorks();
  await panicked("/v1/panic", "on purpose, in the isolate");
  await aPaymentWorks();
  assert.ok(worker.logs.some(({ message }) => message === "Reinitializing Wasm application"));
});

it("a panic in a payment's object, in the middle of a transaction, leaves the payment as it was", async () => {
  const payment = await opened(worker);
  assert.equal((await sendWebhook(worker, event(payment, { status: "pending" }))).status, 204);
  const known = await stateOf(payment);
  assert.equal(known.state, "pending");
  const asked = gateway.requests.length;

  await panicked(`/v1/panic/${payment.tracking_id}`, "on purpose, in the middle of a transaction");
  assert.deepEqual(await stateOf(payment), known);
  // It goes on: the session is not opened twice, and the next webhook counts.
  assert.equal((await openSession(worker, payment.jwt)).status, 200);
  assert.equal(gateway.requests.length, asked);
  assert.equal((await sendWebhook(worker, event(payment))).status, 204);
  const settled = await stateOf(payment);
  assert.equal(settled.state, "successful");
  assert.equal(settled.version, known.version + 1);

  // And it is on disk.
  await worker.stop();
  worker = await start();
  assert.deepEqual(await stateOf(payment), settled);
});

it("the build that is deployed has no address that panics", async () => {
  const deployed = await startWorker();
  try {
    for (const path of ["/v1/panic", "/v1/panic/x"]) {
      const response = await fetch(deployed.url + path, { method: "POST" });
      assert.equal(response.status, 404);
      assert.equal((await response.json()).code, "not_found");
    }
  } finally {
    await deployed.stop();
  }
  const has = async (path) => (await readFile(new URL(path, ROOT))).includes("on purpose, in the");
  assert.equal(await has("target/panicking-worker/index_bg.wasm"), true);
  assert.equal(await has("worker/build/index_bg.wasm"), false);
});
