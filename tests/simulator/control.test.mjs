// The control API, its page, the variables and the object's storage.

import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { after, before, beforeEach, test } from "node:test";
import { eventually } from "../support/payments.mjs";
import { startSimulator, storageDirectory } from "../support/workerd.mjs";
import { API_KEY, deposit, PASSWORD, RETURN_URL, signatureOf, STOREFRONT, start } from "./support.mjs";

let house;
before(async () => {
  house = await start();
});
after(() => house?.stop());
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
    [{ webhook_password: "undefined" }, /webhook_password/],
    [{ webhook_fault: { drop_percent: 101 } }, /webhook_fault.drop_percent/],
    [{ webhook_fault: { duplicate: 1001 } }, /webhook_fault.duplicate/],
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
  const many = await house.settings({ return_url: "/relative", fault: { kind: "slow", times: 0 } });
  const { fields } = await many.json();
  assert.deepEqual(
    fields.map(({ field }) => field),
    ["return_url", "fault.delay_ms", "fault.times"],
  );
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

test("each answer is shown: in the control API, and in the page's row", async () => {
  house.receiver.answer = (n) => [500, 500, 204][n - 1];
  await house.decide(await house.open("/cashier/deposit", deposit({ tracking_id: "answered" })), {
    decision: "approve",
  });
  const [{ answers }] = await eventually(
    () => house.webhooks("answered"),
    ([{ state }]) => state === "delivered",
  );
  assert.deepEqual(
    answers.map(({ status }) => status),
    [500, 500, 204],
  );
  const times = answers.map(({ at }) => Date.parse(at));
  assert.ok(times[0] < times[1] && times[1] < times[2], String(times));
  const html = await (await fetch(`${house.url}/control`)).text();
  const shown = [...html.matchAll(/<li>[\d:]{8} <span class="(?:good|bad)">(\d+)<\/span><\/li>/g)];
  assert.deepEqual(
    shown.map(([, status]) => status),
    ["500", "500", "204"],
  );
});

const post = (path, form, headers = {}) =>
  fetch(`${house.url}${path}`, {
    method: "POST",
    body: new URLSearchParams(form),
    headers,
    redirect: "manual",
  });
const act = (form, headers) => post("/control/act", form, headers);

test("the control page's buttons work, and say what they did", async () => {
  const body = deposit();
  await house.open("/cashier/deposit", body);
  const [{ transaction_id }] = await house.transactions();
  const reply = await act({ action: "successful", of: transaction_id });
  assert.equal(reply.status, 303);
  assert.match(
    await (await fetch(new URL(reply.headers.get("location"), house.url))).text(),
    /role="status"/,
  );
  const [webhook] = await house.receiver.until(1);
  assert.equal(JSON.parse(webhook.body).status, "successful");
  await act({ action: "fault", of: "html" });
  assert.equal((await house.api("/transactions")).status, 502);
  await act({ action: "fault", of: "none" });
  assert.equal((await house.api("/transactions")).status, 200);
  await act({ action: "scenario", of: "duplicate-webhooks" });
  assert.equal((await settings()).webhook_fault.duplicate, 2);
  await act({ action: "reset", of: "" });
  assert.deepEqual(await house.transactions(), []);
  for (const [action, of] of [
    ["fault", "unknown"],
    ["scenario", "unknown"],
    ["again", "unknown"],
    ["resend", "77"],
    ["unknown", ""],
  ])
    assert.ok((await act({ action, of })).status >= 400, action);
});

test("a webhook is sent again in the present form, whatever its own", async () => {
  for (const wire of [null, "float", "duplicate_key", "key_order"]) {
    await house.reset();
    await house.settings({ webhook_fault: { wire, drop: 1 } });
    await house.decide(await house.open("/cashier/deposit", deposit({ tracking_id: "lost" })), {
      decision: "approve",
    });
    const [lost] = await house.webhooks();
    assert.equal(lost.state, "dropped");
    await house.settings({ webhook_fault: null });
    await act({ action: "resend", of: String(lost.id) });
    const [{ body, headers }] = await house.receiver.until(1);
    const { tracking_id, status, amount, currency, user_id } = JSON.parse(body);
    assert.deepEqual(
      { tracking_id, status, amount, currency, user_id },
      { tracking_id: "lost", status: "successful", amount: "10.05", currency: "EUR", user_id: "128" },
      wire,
    );
    assert.equal(headers["x-signature"], signatureOf(body));
  }
});

test("no other site's page presses a button, saves the form or changes a setting", async () => {
  await house.open("/cashier/deposit", deposit());
  for (const headers of [
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { origin: "http://localhost:9999" },
    { origin: "null" },
  ]) {
    for (const path of ["/control/act", "/control/form"]) {
      const reply = await post(path, { action: "reset", of: "" }, headers);
      assert.equal(reply.status, 403, `${path} ${JSON.stringify(headers)}`);
    }
    const put = await fetch(`${house.url}/control/settings`, { method: "PUT", body: "{}", headers });
    assert.equal(put.status, 403);
  }
  assert.equal((await house.transactions()).length, 1);
  const own = await act({ action: "reset" }, { "sec-fetch-site": "same-origin", origin: "null" });
  assert.equal(own.status, 303);
});

test("the page shows one payment alone when it is asked to", async () => {
  await house.open("/cashier/deposit", deposit({ tracking_id: "one" }));
  await house.open("/cashier/deposit", deposit({ tracking_id: "another" }));
  const html = await (await fetch(`${house.url}/control?tracking_id=one`)).text();
  assert.ok(html.includes("<code>one</code>") && !html.includes("<code>another</code>"));
});

/** The paths of all settings: what is within a fault by its own name, a list as a whole. */
const paths = (object, before = "") =>
  Object.entries(object).flatMap(([name, value]) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? paths(value, `${before}${name}.`)
      : [`${before}${name}`],
  );

test("the form has a control for every setting", async () => {
  const fault = {
    operation: "hosted_deposit",
    kind: "status",
    status: 500,
    body: "body",
    delay_ms: 1,
    retry_after: 1,
    times: 1,
    executed: true,
  };
  await house.settings({ fault, webhook_fault: {} });
  const html = await (await fetch(`${house.url}/control`)).text();
  const form = html.slice(html.indexOf('action="/control/form"'));
  const names = [...form.matchAll(/ name="([^"]+)"/g)].map(([, name]) =>
    name.replace(/^providers\..*/, "providers"),
  );
  assert.deepEqual([...new Set(names)].sort(), paths(await settings()).sort());
});

test("a fault of which nothing is set is none", async () => {
  await house.settings({ webhook_fault: {} });
  const page = async () => (await fetch(`${house.url}/control`)).text();
  assert.match(await page(), /None: all is well/);
  await house.settings({ webhook_fault: { wrong_password: true } });
  assert.match(await page(), /Webhooks: wrong password</);
});

test("the form names every problem at its field, keeps what was entered, and changes nothing", async () => {
  const first = await settings();
  const reply = await post("/control/form", [
    ["webhook_url", "not an address"],
    ["return_url", first.return_url],
    ["merchant_name", "Entered & kept"],
    ["token_seconds", "half an hour"],
    ["frame_ancestors", "*; script-src *"],
    ["providers.id", "card"],
    ["providers.name", "Card"],
    ["providers.description", ""],
    ["auto_approve", "on"],
    ["fault.kind", "slow"],
    ["fault.status", "700"],
    ["fault.times", "0"],
    ["webhook_fault.drop", "many"],
  ]);
  assert.equal(reply.status, 422);
  const html = await reply.text();
  const problems = [...html.matchAll(/class="problem" id="([^"]+)-problem"/g)].map(([, name]) => name);
  assert.deepEqual(problems, [
    "webhook_url",
    "token_seconds",
    "frame_ancestors",
    "providers",
    "fault.times",
    "fault.status",
    "fault.delay_ms",
    "webhook_fault.drop",
  ]);
  for (const name of problems)
    assert.ok(html.includes(`href="#${name}"`), `${name} is in the list at the top`);
  for (const text of ["not an address", "Entered &amp; kept", "half an hour"])
    assert.ok(html.includes(text), text);
  assert.match(html, /id="auto_approve" name="auto_approve" value="on" checked/);
  assert.match(html, /value="slow" selected/);
  assert.deepEqual(await settings(), first);

  const incomplete = await post("/control/form", [["fault.status", "500"]]);
  assert.match(await incomplete.text(), /id="fault.kind-problem"/);
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
