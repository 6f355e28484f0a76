// The index of exceptions in D1: that its tables become today's, that one which is away or fails loses nothing and holds nothing up, and when it is written.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { get, hasFailed, items, of, paid, startSides } from "../support/exceptions.mjs";
import {
  asMerchant,
  attemptIsKnown,
  event,
  eventually,
  opened,
  readSession,
  sendWebhook,
} from "../support/payments.mjs";
import { startWorker, storageDirectory } from "../support/workerd.mjs";

let sides;
let merchant;
let vars;

before(async () => {
  sides = await startSides();
  ({ merchant, vars } = sides);
});
after(() => sides?.stop());

describe("with its binding", () => {
  let worker;
  before(async () => {
    worker = await startWorker({ vars, inspect: true });
  });
  after(() => worker?.stop());

  it("tables of before the schema had a version become those of today, with what is in them", async () => {
    const old = await startWorker({ vars });
    try {
      const database = await old.miniflare.getD1Database("DB");
      await database.batch(
        [
          `CREATE TABLE exception (seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, tracking_id TEXT, transaction_id TEXT,
            at TEXT NOT NULL, detail TEXT NOT NULL, resolved_at TEXT)`,
          "CREATE INDEX exception_stands ON exception (kind, seq) WHERE resolved_at IS NULL",
          "CREATE TABLE reconciliation (id INTEGER PRIMARY KEY CHECK (id = 1), summary TEXT NOT NULL)",
          `INSERT INTO exception (id, kind, tracking_id, at, detail) VALUES ('conflict:old:1', 'conflict', 'old', '2026-11-20T00:00:00.000Z', '{}')`,
        ].map((statement) => database.prepare(statement)),
      );
      assert.equal((await items(old, "/v1/exceptions"))[0].id, "conflict:old:1");
      const resolved = await asMerchant(old, "/v1/exceptions/conflict%3Aold%3A1/resolve", { method: "POST" });
      assert.equal(resolved.status, 204);
      assert.deepEqual(await items(old, "/v1/exceptions"), []);
    } finally {
      await old.stop();
    }
  });

  it("an index that fails holds nothing up, and is told as soon as it works", async () => {
    await get(worker, "/v1/stats");
    const database = await worker.miniflare.getD1Database("DB");
    const rename = (from, to) => database.prepare(`ALTER TABLE ${from} RENAME TO ${to}`).run();
    merchant.behave = { status: 410, json: {} };
    await rename("exception", "away");
    let refused;
    try {
      refused = await paid(worker);
      const failures = async () =>
        worker.logs.filter(({ message }) => /"alarm","step":"index"/.test(message));
      await eventually(failures, (found) => found.length > 0);
      assert.equal((await asMerchant(worker, "/v1/deliveries")).status, 500);
      assert.equal(await worker.scheduled(), "ok");
      merchant.behave = { json: {} };
      const payment = await paid(worker);
      await eventually(
        async () => merchant.requests,
        (requests) => requests.some(({ body }) => body.includes(payment.tracking_id)),
      );
      assert.equal((await (await readSession(worker, payment)).json()).state, "successful");
    } finally {
      await rename("away", "exception");
    }
    await worker.hurry(refused.tracking_id);
    await eventually(
      () => items(worker, "/v1/deliveries?state=parked"),
      (found) => found.some(of(refused)),
    );
    assert.equal(await worker.scheduled(), "ok");
    assert.ok((await get(worker, "/v1/stats")).last_reconciliation);
  });

  it("an entry whose write was not answered is taken off as soon as the message is delivered", async () => {
    await get(worker, "/v1/stats");
    const database = await worker.miniflare.getD1Database("DB");
    const rename = (from, to) => database.prepare(`ALTER TABLE ${from} RENAME TO ${to}`).run();
    const failures = () => worker.logs.filter(({ message }) => /"alarm","step":"index"/.test(message)).length;
    const before = failures();
    merchant.behave = { status: 500, json: {} };
    await rename("exception", "away");
    let payment;
    try {
      payment = await paid(worker);
      await hasFailed(worker, payment, 1);
      await worker.hurry(payment.tracking_id);
      await eventually(failures, (count) => count > before);
    } finally {
      await rename("away", "exception");
    }
    // The database has the entry all the same, as when only its answer is lost.
    const [{ id }] = await worker.sql(payment.tracking_id, "SELECT id FROM delivery");
    await database
      .prepare(
        `INSERT OR REPLACE INTO exception (id, kind, tracking_id, at, detail) VALUES (?, 'retrying', ?, '2026-11-20T00:00:00Z', '{"last_answer":"answered 500"}')`,
      )
      .bind(id, payment.tracking_id)
      .run();
    const list = () => items(worker, "/v1/deliveries?state=retrying");
    assert.ok((await list()).some(of(payment)));
    merchant.behave = { json: {} };
    await worker.hurry(payment.tracking_id);
    await eventually(list, (found) => !found.some(of(payment)));
  });

  it("a webhook that comes while its payment reports is reported in its own time, and a conflict at once", async () => {
    merchant.behave = { json: {} };
    const payment = await opened(worker);
    const data = event(payment, { transaction_id: `held-${payment.tracking_id}` });
    const shard = createHash("sha256").update(data.transaction_id).digest("hex").slice(0, 2);
    const attempts = await worker.miniflare.getDurableObjectNamespace("ATTEMPTS");
    const stub = attempts.get(attempts.idFromName(shard));
    const row = async () => (await worker.sql(payment.tracking_id, "SELECT * FROM payment"))[0];
    await stub.hold();
    try {
      await sendWebhook(worker, data);
      // The alarm delivers, and then reports.
      await eventually(
        () => worker.sql(payment.tracking_id, "SELECT state FROM delivery"),
        ([message]) => message?.state === "delivered",
      );
      const sent = Date.now();
      await sendWebhook(worker, data);
      const { index_at } = await row();
      assert.ok(index_at >= sent + 5000, `${index_at - sent} ms`);
      await sendWebhook(worker, { ...data, amount: "9.99" });
      assert.ok((await row()).index_at <= Date.now());
    } finally {
      await stub.release();
    }
    await eventually(row, ({ changes, seen }) => changes === seen);
    assert.ok((await items(worker, "/v1/exceptions?kind=conflict")).some(of(payment)));
  });
});

describe("without its binding", () => {
  it("payments go on, and the lists name what is missing", async () => {
    merchant.behave = { json: {} };
    const worker = await startWorker({ vars, without: ["DB", "EVENTS"] });
    try {
      for (const path of ["/v1/deliveries", "/v1/exceptions", "/v1/stats"]) {
        const response = await asMerchant(worker, path);
        const { code, detail } = await response.json();
        assert.deepEqual([response.status, code], [503, "configuration"], path);
        assert.match(detail, /^DB: is missing/);
      }
      const payment = await paid(worker);
      await eventually(
        async () => merchant.requests,
        (requests) => requests.some(({ body }) => body.includes(payment.tracking_id)),
      );
      assert.equal((await (await readSession(worker, payment)).json()).state, "successful");
      assert.equal(await worker.scheduled(), "ok");
    } finally {
      await worker.stop();
    }
  });

  it("for a while, what came up meanwhile is listed when it is there again", async () => {
    const persist = await storageDirectory();
    merchant.behave = { status: 410, json: {} };
    let worker = await startWorker({ vars, persist, without: ["DB"] });
    try {
      const before = merchant.requests.length;
      const payment = await paid(worker);
      await sendWebhook(worker, event(payment, { currency: "GBP" }));
      await eventually(
        async () => merchant.requests.length,
        (count) => count >= before + 2,
      );
      await attemptIsKnown(worker, event(payment));
      await worker.stop();
      worker = await startWorker({ vars, persist });
      const kinds = async () => {
        const found = [
          ...(await items(worker, "/v1/deliveries")),
          ...(await items(worker, "/v1/exceptions")),
        ];
        return found.map(({ kind, state, tracking_id }) => [kind ?? state, tracking_id]).sort();
      };
      const id = payment.tracking_id;
      const expected = [
        ["conflict", id],
        ["parked", id],
        ["parked", id],
      ];
      await eventually(kinds, (found) => JSON.stringify(found) === JSON.stringify(expected));
    } finally {
      await worker.stop();
      await rm(persist, { recursive: true, force: true });
    }
  });
});
