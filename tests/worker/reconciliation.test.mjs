// The hourly comparison of the gateway's list with what its webhooks told.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, beforeEach, describe, it } from "node:test";
import { ends } from "../support/deliveries.mjs";
import { opens, startGateway } from "../support/gateway.mjs";
import { DELIVERY_SECRET, startMerchant } from "../support/merchant.mjs";
import {
  ADMIN_TOKEN,
  asMerchant,
  attemptIsKnown,
  event,
  eventually,
  opened,
  openSession,
  sendWebhook,
  ticket,
} from "../support/payments.mjs";
import { startWorker } from "../support/workerd.mjs";

/** A row as the gateway's reference shows it. */
const row = (changes = {}) => ({
  transaction_id: randomUUID(),
  gateway_transaction_id: randomUUID(),
  provider_transaction_id: randomUUID(),
  transaction_type: "deposit",
  transaction_date: "2026-11-26 11:53:25",
  status: "successful",
  payment_provider: "some_provider",
  customer_id: 4711004711,
  amount: 10.05,
  currency: "EUR",
  user_amount: 10.05,
  user_currency: "EUR",
  fx_amount: 0,
  ...changes,
});

let gateway;
let merchant;
let worker;
/** The one that most tests share, once one of them has started it: its totals of webhooks are asked of many objects, and each start makes those anew. */
let shared;
/** What the gateway lists: rows for each day, today first; a day may also be a behaviour of the gateway. */
let windows;
/** The queries that the gateway got. */
let asked;

before(async () => {
  gateway = await startGateway();
  merchant = await startMerchant();
});
after(async () => {
  await stopOwn();
  await shared?.stop();
  await Promise.all([gateway?.stop(), merchant?.stop()]);
});
beforeEach(async () => {
  await stopOwn();
  windows = [[]];
  asked = [];
  gateway.behave = () => {
    const { pathname, searchParams } = new URL(gateway.requests.at(-1).path, gateway.url);
    if (pathname !== "/transactions") return opens();
    asked.push(Object.fromEntries(searchParams));
    const window = windows[asked.length - 1] ?? [];
    return Array.isArray(window) ? { json: window } : window;
  };
});

async function stopOwn() {
  if (worker !== shared) await worker?.stop();
  worker = undefined;
}

/** With an endpoint to deliver to: the alarm that does it tells of the attempt too, and at once. Who changes something has a Worker of its own. */
const start = async (changes, options = {}) => {
  if (!changes && shared) {
    worker = shared;
    const database = await worker.miniflare.getD1Database("DB");
    for (const table of ["exception", "reconciliation"]) await database.exec(`DELETE FROM ${table}`);
    return;
  }
  worker = await startWorker({
    vars: {
      ADMIN_TOKEN,
      GATEWAY_BASE_URL: gateway.url,
      MERCHANT_WEBHOOK_URL: merchant.url,
      DELIVERY_SECRET,
      CONFIRM_WITH_GATEWAY: "false",
      ...changes,
    },
    ...options,
  });
  if (!changes) shared = worker;
};
/** The day that is so many days ago, as ISO 8601 has it. */
const daysAgo = (days) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
/** As if the first run had been so many days ago. */
async function ranFirst(days) {
  await run();
  const database = await worker.miniflare.getD1Database("DB");
  await database
    .prepare("UPDATE reconciliation SET summary = json_set(summary, '$.since', ?)")
    .bind(daysAgo(days))
    .run();
}
const dismiss = (id) =>
  asMerchant(worker, `/v1/exceptions/${encodeURIComponent(id)}/resolve`, { method: "POST" });
const exceptions = async () => (await (await asMerchant(worker, "/v1/exceptions")).json()).items;
const stats = async () => (await asMerchant(worker, "/v1/stats")).json();

/** Runs the cron over these windows, and gives the summary without its times. */
async function run(...listed) {
  windows = listed;
  asked = [];
  assert.equal(await worker.scheduled(), "ok");
  const { at, from, to, since, ...counts } = (await stats()).last_reconciliation;
  assert.ok(Math.abs(Date.now() - Date.parse(at)) < 60_000, at);
  assert.ok(since <= from && from <= to && to <= at, `${since} ${from} ${to}`);
  return counts;
}

const counts = (changes) => ({
  rows: 0,
  matched: 0,
  missed: 0,
  mismatch: 0,
  undecided: 0,
  incomplete: 0,
  failed: 0,
  skipped: 0,
  failed_windows: 0,
  ...changes,
});

/** A payment with a webhook, whose attempt has been made known, and the row that the gateway lists for it. */
async function told(changes = {}) {
  const payment = await opened(worker);
  const data = event(payment, changes);
  assert.equal((await sendWebhook(worker, data)).status, 204);
  await attemptIsKnown(worker, data);
  const { transaction_id, status, currency } = data;
  return { payment, data, row: row({ transaction_id, status, currency, amount: Number(data.amount) }) };
}

describe("a listed transaction", () => {
  it("that was told the same makes nothing", async () => {
    await start();
    const one = await told();
    const other = await told({ status: "rejected" });
    const abroad = await told({ amount: "10.05" });
    Object.assign(abroad.row, { amount: 8.56, currency: "GBP", user_amount: 10.05, user_currency: "EUR" });
    assert.deepEqual(await run([one.row, other.row, abroad.row]), counts({ rows: 3, matched: 3 }));
    assert.deepEqual(await exceptions(), []);
  });

  it("is known a few seconds after its webhook where nothing is delivered", async () => {
    await start({ MERCHANT_WEBHOOK_URL: null, DELIVERY_SECRET: null });
    const one = await told();
    assert.deepEqual(await run([one.row]), counts({ rows: 1, matched: 1 }));
  });

  it("has a message whose alarm never came: it is sent", async () => {
    await start({}, { inspect: true });
    const { payment, row } = await told();
    await merchant.got(payment.tracking_id, 1);
    await ends(worker, payment.tracking_id);
    await worker.sql(payment.tracking_id, "UPDATE delivery SET state = 'waiting', next_at = 1");
    await run([row]);
    assert.equal((await merchant.got(payment.tracking_id, 2)).length, 2);
  });

  it("that no webhook told is missed, and two runs are as good as one", async () => {
    await start();
    const missed = row();
    const summary = counts({ rows: 1, missed: 1 });
    assert.deepEqual(await run([missed]), summary);
    const [first] = await exceptions();
    const { id, at, ...rest } = first;
    assert.ok(id.includes(missed.transaction_id) && Math.abs(Date.now() - Date.parse(at)) < 60_000);
    assert.deepEqual(rest, {
      kind: "missed",
      tracking_id: null,
      transaction_id: missed.transaction_id,
      detail: {
        listed: { status: "successful", amount: "10.05", currency: "EUR", provider: "some_provider" },
        told: null,
      },
    });
    assert.ok(!JSON.stringify(first).includes("4711004711"), "the customer's id is personal");
    assert.deepEqual(await run([missed]), summary);
    assert.deepEqual(await exceptions(), [first]);
    assert.equal((await stats()).exceptions.missed, 1);
  });

  it("that was missed and dealt with by a person stays off the list, until the list says something else", async () => {
    await start();
    const missed = row();
    await run([missed]);
    const [{ id, at }] = await exceptions();
    assert.equal((await dismiss(id)).status, 204);
    await run([missed]);
    assert.deepEqual(await exceptions(), []);
    await run([{ ...missed, status: "rejected" }]);
    const [again, ...rest] = await exceptions();
    assert.deepEqual([again.id, again.detail.listed.status, rest], [id, "rejected", []]);
    assert.ok(again.at > at, "it is as old as what it says now");
  });

  it("that was missed is resolved by its webhook, without another run", async () => {
    await start();
    const payment = await ticket();
    const data = event(payment);
    await run([row({ transaction_id: data.transaction_id })]);
    assert.equal((await exceptions()).length, 1);
    await sendWebhook(worker, data);
    await eventually(exceptions, (found) => found.length === 0);
    assert.deepEqual(
      await run([row({ transaction_id: data.transaction_id })]),
      counts({ rows: 1, matched: 1 }),
    );
    assert.deepEqual(await exceptions(), []);
  });

  it("that names its payment is compared with it, and missed when its webhook never came", async () => {
    await start();
    const payment = await ticket();
    await openSession(worker, payment.jwt);
    const data = event(payment);
    const listed = row({ transaction_id: data.transaction_id, tracking_id: payment.tracking_id });
    assert.deepEqual(await run([listed]), counts({ rows: 1, missed: 1 }));
    const [missed] = await eventually(exceptions, (found) => found.length === 1);
    assert.deepEqual([missed.kind, missed.tracking_id], ["missed", payment.tracking_id]);
    await sendWebhook(worker, data);
    await eventually(exceptions, (found) => found.length === 0);
    // A payment of this name that was never here.
    const foreign = row({ tracking_id: randomUUID() });
    assert.deepEqual(await run([listed, foreign]), counts({ rows: 2, matched: 1, missed: 1 }));
  });

  it("whose final state came in no webhook is missed, although it was reported as pending", async () => {
    await start();
    const { row: listed, payment } = await told({ status: "pending" });
    assert.deepEqual(await run([listed]), counts({ rows: 1, undecided: 1 }));
    assert.deepEqual(await run([{ ...listed, status: "successful" }]), counts({ rows: 1, missed: 1 }));
    const [missed] = await eventually(exceptions, (found) => found.length === 1);
    assert.deepEqual([missed.kind, missed.tracking_id], ["missed", payment.tracking_id]);
    assert.equal(missed.detail.told.status, "pending");
  });

  for (const [what, changes] of [
    ["state", { status: "rejected" }],
    ["amount", { amount: 10.06, user_amount: 10.06 }],
    ["amount in the user's currency, and none in the merchant's,", { amount: undefined, user_amount: 99 }],
    ["currency", { currency: "GBP", user_currency: "GBP" }],
  ])
    it(`with another ${what} than the webhook's is a mismatch, until a run agrees`, async () => {
      await start({}, { inspect: true });
      const { row: listed, payment } = await told();
      const wrong = { ...listed, ...changes };
      assert.deepEqual(await run([wrong]), counts({ rows: 1, mismatch: 1 }));
      const found = await eventually(exceptions, (found) => found.length === 1);
      assert.deepEqual([found[0].kind, found[0].tracking_id], ["mismatch", payment.tracking_id]);
      assert.deepEqual(found[0].detail, {
        listed: {
          status: wrong.status,
          amount: wrong.amount === undefined ? null : String(wrong.amount),
          currency: wrong.currency,
          provider: "some_provider",
        },
        told: { status: "successful", amount: "10.05", currency: "EUR" },
      });
      assert.deepEqual(await run([wrong]), counts({ rows: 1, mismatch: 1 }));
      assert.deepEqual(await exceptions(), found);
      assert.deepEqual(await run([listed]), counts({ rows: 1, matched: 1 }));
      await eventually(exceptions, (found) => found.length === 0);
      // What a person has dealt with comes up again when it was right in between. The payment has seen to that, too, before the next run.
      const isSettled = () =>
        eventually(
          () => worker.sql(payment.tracking_id, "SELECT id FROM told"),
          (rows) => rows.length === 0,
        );
      await isSettled();
      await run([wrong]);
      const [{ id }] = await eventually(exceptions, (found) => found.length === 1);
      assert.equal((await dismiss(id)).status, 204);
      await run([wrong]);
      await run([listed]);
      await isSettled();
      await run([wrong]);
      await eventually(exceptions, (found) => found.length === 1);
    });

  it("that cannot be compared is counted and stops nothing", async () => {
    await start();
    const { row: good } = await told();
    const odd = [
      {},
      row({ transaction_id: null }),
      row({ status: undefined }),
      row({ status: 7 }),
      row({ status: "pending" }),
      row({ amount: null, currency: null, user_amount: "?", customer_id: null, transaction_date: null }),
    ];
    assert.deepEqual(
      await run([...odd, good, { ...good, amount: null, currency: null, user_amount: null }]),
      counts({ rows: 8, matched: 2, missed: 1, undecided: 1, incomplete: 4 }),
    );
  });
});

describe("a run", () => {
  it("covers RECONCILIATION_DAYS, each day once and today first, and no day before the first run's", async () => {
    await start({ RECONCILIATION_DAYS: "16" });
    const day = (back) => daysAgo(back).split("-").reverse().join("-");
    const covers = async (days) => {
      await run();
      assert.deepEqual(
        asked,
        Array.from({ length: days }, (_, back) => ({ from: day(back), to: day(back) })),
      );
      const { from, to } = (await stats()).last_reconciliation;
      assert.deepEqual([from, to], [daysAgo(days - 1), daysAgo(0)]);
    };
    await covers(1);
    await covers(1);
    await ranFirst(3);
    await covers(4);
    await covers(4);
    await ranFirst(20);
    await covers(16);
  });

  for (const [what, behaviour] of [
    ["answers 500", { status: 500, json: {} }],
    ["breaks off", "cut"],
    ["is no list", { json: { transactions: [] } }],
    ["takes too long", "hang"],
    ["is too long", { large: 9 * 1024 * 1024 }],
  ])
    it(`goes on after a day whose list ${what}`, async () => {
      await start(behaviour === "hang" ? { GATEWAY_TIMEOUT_MS: "700" } : undefined);
      await ranFirst(3);
      const missed = row();
      assert.deepEqual(await run([], behaviour, [missed]), counts({ rows: 1, missed: 1, failed_windows: 1 }));
      assert.equal((await exceptions())[0].transaction_id, missed.transaction_id);
    });

  it("goes on after a day that cannot be written, and writes it next time", async () => {
    await start();
    await ranFirst(3);
    const [refused, taken] = [row(), row()];
    const database = await worker.miniflare.getD1Database("DB");
    const stored = (statement) => database.prepare(statement).run();
    await stored(
      `CREATE TRIGGER refuse BEFORE INSERT ON exception WHEN NEW.transaction_id = '${refused.transaction_id}' BEGIN SELECT RAISE(ABORT, 'refused'); END`,
    );
    const summary = counts({ rows: 2, missed: 2, failed_windows: 1 });
    assert.deepEqual(await run([refused], [taken]), summary);
    const ids = async () => (await exceptions()).map(({ transaction_id }) => transaction_id);
    assert.deepEqual(await ids(), [taken.transaction_id]);
    await stored("DROP TRIGGER refuse");
    assert.deepEqual(await run([refused], [taken]), { ...summary, failed_windows: 0 });
    assert.deepEqual(await ids(), [taken.transaction_id, refused.transaction_id]);
  });

  it("lists what comes up again behind all others, also when it is several", async () => {
    await start();
    const rows = [row(), row(), row()];
    await run(rows);
    const ids = async () => (await exceptions()).map(({ transaction_id }) => transaction_id);
    const [, ...again] = await exceptions();
    for (const { id } of again) assert.equal((await dismiss(id)).status, 204);
    const changed = rows.map((listed) => ({ ...listed, status: "rejected" }));
    assert.deepEqual(await run(changed), counts({ rows: 3, missed: 3 }));
    const found = await ids();
    assert.equal(found.length, 3);
    assert.ok(!again.some(({ transaction_id }) => transaction_id === found[0]));
  });

  it("compares many rows, each once", async () => {
    await start();
    const missed = Array.from({ length: 250 }, () => row());
    const started = performance.now();
    assert.deepEqual(await run(missed), counts({ rows: 250, missed: 250 }));
    console.log(`250 rows were compared in ${Math.round(performance.now() - started)} ms`);
    assert.equal((await stats()).exceptions.missed, 250);
    assert.deepEqual(await run(missed), counts({ rows: 250, missed: 250 }));
    assert.equal((await stats()).exceptions.missed, 250);
  });

  it("forgets what came up before RETENTION_DAYS", async () => {
    await start({ RETENTION_DAYS: "30" });
    const [old, recent] = [row(), row()];
    await run([old, recent]);
    const database = await worker.miniflare.getD1Database("DB");
    const days = (count) => new Date(Date.now() - count * 86_400_000).toISOString();
    for (const [{ transaction_id }, at] of [
      [old, days(31)],
      [recent, days(29)],
    ])
      await database
        .prepare("UPDATE exception SET at = ? WHERE transaction_id = ?")
        .bind(at, transaction_id)
        .run();
    await run([]);
    assert.deepEqual(
      (await exceptions()).map(({ transaction_id }) => transaction_id),
      [recent.transaction_id],
    );
  });

  it("counts what its objects could not compare, and goes on", async () => {
    await start({}, { without: ["ATTEMPTS"] });
    assert.deepEqual(await run([row(), row()]), counts({ rows: 2, failed: 2 }));
    assert.deepEqual(await exceptions(), []);
    assert.equal((await stats()).webhooks, null);
  });
});

it("before the first run there is none", async () => {
  await start();
  const { last_reconciliation, exceptions: kinds, version } = await stats();
  assert.equal(last_reconciliation, null);
  assert.deepEqual(kinds, { retrying: 0, parked: 0, withheld: 0, conflict: 0, missed: 0, mismatch: 0 });
  assert.match(version, /^\d+\.\d+\.\d+$/);
});
