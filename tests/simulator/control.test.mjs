// The control API, its page, the variables and the object's storage.

import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { after, before, beforeEach, test } from "node:test";
import { startSimulator, storageDirectory } from "../support/workerd.mjs";
import { API_KEY, deposit, PASSWORD, RETURN_URL, STOREFRONT, start } from "./support.mjs";

let house;
before(async () => {
  house = await start();
});
after(() => house.stop());
beforeEach(() => house.reset());

const settings = async () => (await fetch(`${house.url}/control/settings`)).json();

test("every request is recorded as it came: path, headers, body digit for digit, and the answer", async () => {
  const text = `{ "request": ${JSON.stringify(deposit({ tracking_id: "exact" }).request).replace("10.05", "10.050")} }`;
  await house.api("/cashier/deposit", text, { "x-test": "one" });
  await house.api("/transactions?from=01-01-2024&to=01-01-2024");
  await house.api("/transactions/exact", undefined, { "x-api-key": "wrong" });
  const [opened] = await house.requests("exact");
  assert.equal(opened.operation, "hosted_deposit");
  assert.equal(opened.method, "POST");
  assert.equal(opened.path, "/cashier/deposit");
  assert.equal(opened.headers["x-api-key"], API_KEY);
  assert.equal(opened.headers["x-test"], "one");
  assert.equal(opened.body, text);
  assert.equal(opened.status, 200);
  assert.ok(Math.abs(Date.parse(opened.at) - Date.now()) < 60_000);
  assert.deepEqual(
    (await house.requests()).map(({ operation, path, status }) => [operation, path, status]),
    [
      ["hosted_deposit", "/cashier/deposit", 200],
      ["list_transactions", "/transactions?from=01-01-2024&to=01-01-2024", 200],
      ["transaction_status", "/transactions/exact", 401],
    ],
  );
});

test("settings change one by one, and null brings the first value back", async () => {
  const first = await settings();
  assert.equal(first.return_url, RETURN_URL);
  assert.equal(first.webhook_password, PASSWORD);
  const reply = await house.settings({ api_keys: ["another-key"], merchant_name: "Other Shop" });
  assert.equal(reply.status, 200);
  assert.equal((await reply.json()).merchant_name, "Other Shop");
  assert.equal((await house.api("/transactions")).status, 401);
  assert.equal((await house.api("/transactions", undefined, { "x-api-key": "another-key" })).status, 200);
  await house.settings({ api_keys: null });
  assert.equal((await house.api("/transactions")).status, 200);
  assert.equal((await settings()).merchant_name, "Other Shop");
});

test("settings that cannot be are refused whole, with the reason", async () => {
  const first = await settings();
  for (const [patch, reason] of [
    [{ merchant_name: "New", return_url: "/relative" }, /return_url/],
    [{ webhook_url: "ftp://example.com" }, /webhook_url/],
    [{ webhook_password: "" }, /webhook_password/],
    [{ api_keys: [] }, /api_keys/],
    [{ providers: [] }, /providers/],
    [{ frame_ancestors: "*; script-src *" }, /frame_ancestors/],
    [{ webhok_url: "http://example.com" }, /webhok_url/],
    [{ seed: -1 }, /seed|u64/],
  ]) {
    const reply = await house.settings(patch);
    assert.equal(reply.status, 422, JSON.stringify(patch));
    assert.match((await reply.json()).error, reason);
  }
  assert.equal((await fetch(`${house.url}/control/settings`, { method: "PUT", body: "[1]" })).status, 422);
  assert.deepEqual(await settings(), first);
});

test("reset forgets everything, and brings the first settings back", async () => {
  house.receiver.answer = () => 500;
  const token = await house.open("/cashier/deposit", deposit());
  await house.decide(token, { decision: "approve" });
  await house.settings({ merchant_name: "Other Shop", fault: { kind: "html" } });
  await house.receiver.until(1);
  await house.reset();
  assert.deepEqual(await house.requests(), []);
  assert.deepEqual(await house.transactions(), []);
  assert.deepEqual(await house.webhooks(), []);
  assert.equal((await settings()).fault, null);
  assert.equal((await settings()).merchant_name, "Example Shop");
  assert.equal((await fetch(`${house.url}/cashier/${token}`)).status, 404);

  // A webhook that was still waiting to be sent again is not sent again: the next run's is the only one.
  const next = await house.open("/cashier/deposit", deposit({ tracking_id: "next" }));
  house.receiver.answer = (n) => (n < 3 ? 500 : 204);
  await house.decide(next, { decision: "approve" });
  const received = await house.receiver.until(3);
  assert.deepEqual(new Set(received.map(({ body }) => JSON.parse(body).tracking_id)), new Set(["next"]));
});

test("a seed makes a run repeat exactly", async () => {
  const run = async () => {
    await house.settings({ seed: 42 });
    const body = deposit({ tracking_id: "seeded" });
    const token = await house.open("/cashier/deposit", body);
    await house.decide(token, { decision: "approve" });
    const [webhook] = await house.receiver.until(1);
    return [token, webhook.body];
  };
  const first = await run();
  await house.reset();
  assert.deepEqual(await run(), first);
  await house.reset();
  assert.notEqual(
    await house.open("/cashier/deposit", deposit()),
    first[0],
    "without a seed nothing can be foretold",
  );
});

test("the control page shows what happened, but neither the key nor the password", async () => {
  const body = deposit();
  const token = await house.open("/cashier/deposit", body);
  await house.decide(token, { decision: "decline", reason: "Suspected fraud" });
  await house.receiver.until(1);
  const reply = await fetch(`${house.url}/control`);
  const html = await reply.text();
  assert.match(reply.headers.get("content-security-policy"), /default-src 'none'/);
  assert.ok(html.includes(body.request.tracking_id));
  assert.match(html, /Suspected fraud/);
  assert.match(html, /hosted_deposit/);
  assert.ok(!html.includes(PASSWORD));
  assert.ok(!html.includes(API_KEY));
});

test("the control page's buttons work, and not from another site's page", async () => {
  const act = (form, headers = {}) =>
    fetch(`${house.url}/control/act`, {
      method: "POST",
      body: new URLSearchParams(form),
      headers,
      redirect: "manual",
    });
  const body = deposit();
  await house.open("/cashier/deposit", body);
  const [{ transaction_id }] = await house.transactions();
  const foreign = await act({ action: "reset" }, { "sec-fetch-site": "cross-site" });
  assert.equal(foreign.status, 403);
  assert.equal((await house.transactions()).length, 1);

  const reply = await act({ action: "successful", of: transaction_id });
  assert.equal(reply.status, 303);
  assert.equal(reply.headers.get("location"), "/control");
  const [webhook] = await house.receiver.until(1);
  assert.equal(JSON.parse(webhook.body).status, "successful");
  await act({ action: "fault", of: "html" });
  assert.equal((await house.api("/transactions")).status, 502);
  await act({ action: "fault", of: "none" });
  assert.equal((await house.api("/transactions")).status, 200);
  await act({ action: "reset", of: "" });
  assert.deepEqual(await house.transactions(), []);
});

test("unknown addresses and methods below /control say so", async () => {
  assert.equal((await fetch(`${house.url}/control/nothing`)).status, 404);
  assert.equal((await fetch(`${house.url}/control/state`)).status, 405);
});

test("a missing variable is named by every address, and its neighbours' values are not", async () => {
  const simulator = await startSimulator({
    vars: { RETURN_URL, WEBHOOK_URL: null, SHOP_ORIGIN: `${STOREFRONT}/` },
  });
  try {
    for (const path of ["/healthz", "/cashier/deposit", "/shop/users"]) {
      const reply = await fetch(simulator.url + path);
      assert.equal(reply.status, 503, path);
      const text = await reply.text();
      assert.match(text, /WEBHOOK_URL is missing/);
      assert.match(text, /SHOP_ORIGIN/);
      assert.ok(!text.includes(PASSWORD));
    }
  } finally {
    await simulator.stop();
  }
});

test("healthz says that all is well", async () => {
  const reply = await fetch(`${house.url}/healthz`);
  assert.equal(reply.status, 200);
  assert.equal((await reply.json()).status, "ok");
});

test("state outlives the process: a webhook that was not answered is sent after a restart", async () => {
  const persist = await storageDirectory();
  house.receiver.answer = () => 500;
  const vars = { WEBHOOK_URL: house.receiver.url, RETURN_URL, SHOP_ORIGIN: STOREFRONT };
  try {
    const first = await startSimulator({ vars, persist });
    const headers = { "x-api-key": API_KEY };
    const body = JSON.stringify(deposit({ tracking_id: "lasting" }));
    const { token } = await (
      await fetch(`${first.url}/cashier/deposit`, { method: "POST", headers, body })
    ).json();
    const form = new URLSearchParams({ decision: "approve" });
    await fetch(`${first.url}/cashier/${token}/decision`, { method: "POST", body: form, redirect: "manual" });
    await house.receiver.until(1);
    await first.stop();
    const before = house.receiver.received.length;
    house.receiver.answer = () => 204;
    const second = await startSimulator({ vars, persist });
    try {
      const [transaction] = await (await fetch(`${second.url}/control/transactions`)).json();
      assert.equal(transaction.status, "successful");
      const received = await house.receiver.until(before + 1);
      assert.equal(JSON.parse(received.at(-1).body).tracking_id, "lasting");
    } finally {
      await second.stop();
    }
  } finally {
    await rm(persist, { recursive: true, force: true });
  }
});
