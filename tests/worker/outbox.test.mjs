// What waits to be delivered outlives a restart, a change of the schema, a lost alarm and the retention time.

import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { after, before, it } from "node:test";
import { ends, replay } from "../support/deliveries.mjs";
import { startGateway } from "../support/gateway.mjs";
import { DELIVERY_SECRET, startMerchant } from "../support/merchant.mjs";
import {
  ADMIN_TOKEN,
  asMerchant,
  event,
  eventually,
  lineWith,
  opened,
  openSession,
  readSession,
  sendWebhook,
} from "../support/payments.mjs";
import { startWorker, storageDirectory } from "../support/workerd.mjs";

const DAY = 24 * 60 * 60 * 1000;

/** The first schema as it was released, without any table that came later. It is history: it never changes. */
const FIRST_SCHEMA = [
  "CREATE TABLE migration (id INTEGER PRIMARY KEY)",
  "INSERT INTO migration (id) VALUES (0)",
  "CREATE TABLE payment (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL)",
  "INSERT INTO payment (id, version) VALUES (1, 0)",
  `CREATE TABLE session (
     id INTEGER PRIMARY KEY CHECK (id = 1), tracking_id TEXT NOT NULL, user_id TEXT NOT NULL, operation TEXT NOT NULL, digest TEXT NOT NULL,
     amount TEXT NOT NULL, expected TEXT NOT NULL, status TEXT NOT NULL CHECK (status IN ('opening', 'opened', 'unknown')),
     request_id TEXT NOT NULL, ticket_at INTEGER NOT NULL, opened_at INTEGER, reply TEXT)`,
  `CREATE TABLE webhook (
     seq INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL, body TEXT NOT NULL, signature TEXT NOT NULL, matched TEXT NOT NULL, password_id TEXT,
     outcome TEXT NOT NULL, request_id TEXT NOT NULL, received_at INTEGER NOT NULL, copies INTEGER NOT NULL DEFAULT 1, last_received_at INTEGER NOT NULL)`,
];

let gateway;
let merchant;
const directories = [];

before(async () => {
  gateway = await startGateway();
  merchant = await startMerchant();
});

after(async () => {
  await Promise.all([merchant?.stop(), gateway?.stop()]);
  await Promise.all(directories.map((path) => rm(path, { recursive: true, force: true })));
});

async function directory() {
  const path = await storageDirectory();
  directories.push(path);
  return path;
}

const start = ({ persist, vars = {} } = {}) =>
  startWorker({
    vars: {
      GATEWAY_BASE_URL: gateway.url,
      GATEWAY_TIMEOUT_MS: "20000",
      MERCHANT_WEBHOOK_URL: merchant.url,
      DELIVERY_SECRET,
      CONFIRM_WITH_GATEWAY: "false",
      ...vars,
    },
    persist,
    inspect: true,
  });

/** A payment with an open session and a webhook of each status. */
async function paid(worker, ...statuses) {
  const payment = await opened(worker);
  for (const status of statuses) {
    assert.equal((await sendWebhook(worker, event(payment, { status }))).status, 204);
  }
  return payment;
}

/** Every column of every table and what makes it up, and how many migrations were applied. */
async function tables(worker, { tracking_id }) {
  const columns = await worker.sql(
    tracking_id,
    `SELECT tables.name AS "table", wr, columns.* FROM pragma_table_list AS tables, pragma_table_info(tables.name) AS columns
     WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite!_%' ESCAPE '!' AND tables.name NOT LIKE '!_cf!_%' ESCAPE '!' ORDER BY tables.name, cid`,
  );
  return [columns, await worker.sql(tracking_id, "SELECT * FROM migration ORDER BY id")];
}

const types = (messages) => messages.map(({ type }) => type);

it("is delivered after the Worker was stopped and started again, without anybody asking for it", async () => {
  const persist = await directory();
  let worker = await start({ persist });
  let payment;
  try {
    payment = await opened(worker);
    merchant.plan(payment.tracking_id, [{ status: 500 }]);
    for (const status of ["pending", "successful"]) {
      assert.equal((await sendWebhook(worker, event(payment, { status }))).status, 204);
    }
    await merchant.got(payment.tracking_id, 1);
  } finally {
    await worker.stop();
  }
  assert.equal(merchant.of(payment.tracking_id).length, 1);
  worker = await start({ persist });
  try {
    const messages = await merchant.got(payment.tracking_id, 3);
    assert.deepEqual(types(messages), ["payment.pending", "payment.pending", "payment.successful"]);
    assert.equal(messages[0].id, messages[1].id);
    assert.equal(messages[0].body, messages[1].body);
  } finally {
    await worker.stop();
  }
});

it("outlives an alarm that fails: it comes again a minute later", async () => {
  const persist = await directory();
  let worker = await start({ persist });
  let id;
  try {
    const payment = await opened(worker);
    id = payment.tracking_id;
    merchant.plan(id, [{ status: 500 }]);
    assert.equal((await sendWebhook(worker, event(payment))).status, 204);
    await merchant.got(id, 1);
  } finally {
    await worker.stop();
  }
  worker = await start({ persist, vars: { GATEWAY_API_KEY: null } });
  try {
    const hurried = Date.now();
    await worker.hurry(id);
    await lineWith(worker, '"alarm"', '"step":"delivery"');
    const again = await eventually(
      () => worker.alarmAt(id),
      (at) => at > hurried + 30_000,
    );
    assert.ok(Math.abs(again - Date.now() - 60_000) < 20_000, `${again - Date.now()} ms`);
  } finally {
    await worker.stop();
  }
  assert.equal(merchant.of(id).length, 1);
  worker = await start({ persist });
  try {
    await worker.hurry(id);
    const [first, second] = await merchant.got(id, 2);
    assert.deepEqual([second.id, second.body], [first.id, first.body]);
  } finally {
    await worker.stop();
  }
});

it("of a Worker that dies while the merchant answers is delivered again under the same id", async () => {
  const persist = await directory();
  let worker = await start({ persist });
  let payment;
  try {
    payment = await opened(worker);
    merchant.plan(payment.tracking_id, ["hang"]);
    assert.equal((await sendWebhook(worker, event(payment))).status, 204);
    await merchant.got(payment.tracking_id, 1);
  } finally {
    await worker.stop();
  }
  worker = await start({ persist });
  try {
    const messages = await merchant.got(payment.tracking_id, 2);
    assert.deepEqual([messages[0].id, messages[0].body], [messages[1].id, messages[1].body]);
  } finally {
    await worker.stop();
  }
});

it("a payment of the first schema keeps its session and webhooks, and is delivered from then on", async () => {
  // The rows, by a Worker that delivers nothing: what they hold has not changed since the first schema.
  let worker = await start({ vars: { MERCHANT_WEBHOOK_URL: null, DELIVERY_SECRET: null } });
  let payment;
  let view;
  let session;
  let webhooks;
  let attempts_due;
  try {
    payment = await paid(worker, "pending", "pending");
    view = await (await readSession(worker, payment)).json();
    [{ attempts_due, ...session }] = await worker.sql(payment.tracking_id, "SELECT * FROM session");
    assert.equal(attempts_due, 1);
    webhooks = await worker.sql(payment.tracking_id, "SELECT * FROM webhook");
    assert.equal(webhooks.length, 1);
  } finally {
    await worker.stop();
  }

  const persist = await directory();
  const id = payment.tracking_id;
  worker = await start({ persist });
  try {
    for (const statement of FIRST_SCHEMA) await worker.sql(id, statement);
    await worker.sql(id, "UPDATE payment SET version = ?", view.version);
    for (const [table, row] of [["session", session], ...webhooks.map((webhook) => ["webhook", webhook])]) {
      const places = Object.keys(row).map(() => "?");
      const insert = `INSERT INTO ${table} (${Object.keys(row)}) VALUES (${places})`;
      await worker.sql(id, insert, ...Object.values(row));
    }
  } finally {
    await worker.stop();
  }

  worker = await start({ persist });
  try {
    assert.deepEqual(await (await readSession(worker, payment)).json(), view);
    // Known already: no change, nothing to deliver. But it is what brings the tables up to date.
    assert.equal((await sendWebhook(worker, event(payment, { status: "pending" }))).status, 204);
    const [{ tracking_id, touched_at }] = await worker.sql(id, "SELECT * FROM payment");
    assert.equal(tracking_id, id);
    assert.equal(touched_at, webhooks[0].received_at);
    assert.equal((await sendWebhook(worker, event(payment))).status, 204);
    assert.deepEqual(types(await merchant.got(id, 1)), ["payment.successful"]);
    const again = await openSession(worker, payment.jwt);
    assert.equal(again.status, 200, "the session is still open");
    assert.deepEqual(await again.json(), JSON.parse(session.reply));
    assert.deepEqual(await worker.sql(id, "SELECT * FROM session"), [{ ...session, attempts_due: 2 }]);
    const [kept, added] = await worker.sql(id, "SELECT * FROM webhook ORDER BY seq");
    assert.deepEqual([kept.body, kept.signature, kept.copies], [webhooks[0].body, webhooks[0].signature, 3]);
    assert.equal(added.outcome, "first");
    assert.equal((await (await readSession(worker, payment)).json()).state, "successful");

    // It is as a new payment is, which is made in one go.
    const anew = await paid(worker, "pending");
    assert.deepEqual(await tables(worker, payment), await tables(worker, anew));
  } finally {
    await worker.stop();
  }
});

it("is delivered when the gateway sends the webhook again, if its alarm was lost", async () => {
  const worker = await start();
  try {
    const payment = await paid(worker, "successful");
    await merchant.got(payment.tracking_id, 1);
    assert.equal((await ends(worker, payment.tracking_id))[0].state, "delivered");
    // As if the alarm had failed after the rows were written.
    await worker.sql(payment.tracking_id, "UPDATE delivery SET state = 'waiting', delivered_at = NULL");
    assert.equal((await sendWebhook(worker, event(payment))).status, 204);
    const messages = await merchant.got(payment.tracking_id, 2, 10_000);
    assert.equal(messages[0].id, messages[1].id);
  } finally {
    await worker.stop();
  }
});

it("is delivered before the payment is deleted, however short the retention", async () => {
  const worker = await start({ vars: { RETENTION_DAYS: "10" } });
  try {
    const payment = await opened(worker);
    merchant.plan(payment.tracking_id, [{ status: 500 }, { status: 500 }]);
    assert.equal((await sendWebhook(worker, event(payment))).status, 204);
    await merchant.got(payment.tracking_id, 1);
    await worker.sql(payment.tracking_id, "UPDATE payment SET touched_at = touched_at - ?", 11 * DAY);
    for (const count of [2, 3]) {
      await worker.hurry(payment.tracking_id);
      await merchant.got(payment.tracking_id, count);
    }
    const messages = merchant.of(payment.tracking_id);
    assert.deepEqual([...new Set(types(messages))], ["payment.successful"]);
    // Then the time is over for the rest.
    await eventually(
      () => readSession(worker, payment),
      ({ status }) => status === 404,
      { withinMs: 60_000 },
    );
    assert.deepEqual(
      await worker.sql(payment.tracking_id, "SELECT name FROM sqlite_master WHERE name = 'session'"),
      [],
    );
  } finally {
    await worker.stop();
  }
});

it("that was parked is kept with its payment for as long again, and from a replay on anew", async () => {
  const worker = await start({ vars: { RETENTION_DAYS: "10", ADMIN_TOKEN } });
  try {
    const payment = await opened(worker);
    merchant.plan(payment.tracking_id, [{ status: 500 }, { status: 410 }]);
    assert.equal((await sendWebhook(worker, event(payment, { status: "pending" }))).status, 204);
    const [{ id }] = await merchant.got(payment.tracking_id, 1);
    await worker.sql(payment.tracking_id, "UPDATE payment SET touched_at = touched_at - ?", 11 * DAY);
    await worker.hurry(payment.tracking_id);
    assert.equal((await ends(worker, payment.tracking_id))[0].state, "parked");
    const parked = async () =>
      (await (await asMerchant(worker, "/v1/deliveries")).json()).items.filter(
        ({ tracking_id }) => tracking_id === payment.tracking_id,
      );
    await eventually(parked, ([item]) => item?.state === "parked");
    assert.equal((await replay(worker, id)).status, 202);
    await merchant.got(payment.tracking_id, 3);
    assert.deepEqual(await eventually(parked, ({ length }) => length === 0), []);
    const record = await asMerchant(worker, `/v1/deliveries/${id}`);
    assert.deepEqual([record.status, (await record.json()).state], [200, "delivered"]);
    await worker.sql(payment.tracking_id, "UPDATE payment SET touched_at = touched_at - ?", 11 * DAY);
    await worker.hurry(payment.tracking_id);
    await eventually(
      () => readSession(worker, payment),
      ({ status }) => status === 404,
    );
  } finally {
    await worker.stop();
  }
});

it("that stays parked goes with its payment in the end, and leaves the list", async () => {
  const worker = await start({ vars: { RETENTION_DAYS: "10", ADMIN_TOKEN } });
  try {
    const payment = await opened(worker);
    const id = payment.tracking_id;
    merchant.plan(id, [{ status: 410 }]);
    assert.equal((await sendWebhook(worker, event(payment, { status: "pending" }))).status, 204);
    await merchant.got(id, 1);
    const listed = async () =>
      (await (await asMerchant(worker, "/v1/deliveries")).json()).items.filter(
        (item) => item.tracking_id === id,
      );
    await eventually(listed, ({ length }) => length === 1);
    await worker.sql(id, "UPDATE payment SET touched_at = touched_at - ?", 21 * DAY);
    await worker.hurry(id);
    await eventually(
      () => readSession(worker, payment),
      ({ status }) => status === 404,
    );
    assert.deepEqual(await listed(), []);
  } finally {
    await worker.stop();
  }
});
