// What crosses payments: deliveries that fail, conflicts, and their counts.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { get, hasFailed, items, of, paid, startSides } from "../support/exceptions.mjs";
import { opens } from "../support/gateway.mjs";
import {
  asMerchant,
  event,
  eventually,
  opened,
  openSession,
  sendWebhook,
  ticket,
} from "../support/payments.mjs";
import { startWorker } from "../support/workerd.mjs";

let sides;
let gateway;
let merchant;
let vars;

before(async () => {
  sides = await startSides();
  ({ gateway, merchant, vars } = sides);
});
after(() => sides?.stop());

describe("with the index", () => {
  let worker;
  before(async () => {
    worker = await startWorker({ vars, inspect: true });
  });
  after(() => worker?.stop());

  it("a message that fails twice is listed with its answer, and no more as soon as it is delivered", async () => {
    merchant.behave = { status: 500, json: {} };
    const payment = await paid(worker);
    const list = () => items(worker, "/v1/deliveries?state=retrying");
    // Once is ordinary: a gateway may be behind its own webhook.
    await hasFailed(worker, payment, 1);
    await eventually(
      () => worker.sql(payment.tracking_id, "SELECT changes = seen AS known FROM payment"),
      ([{ known }]) => known === 1,
    );
    assert.ok(!(await list()).some(of(payment)));
    await worker.hurry(payment.tracking_id);
    const [failed] = (await eventually(list, (found) => found.some(of(payment)))).filter(of(payment));
    const { id, at, ...rest } = failed;
    assert.match(id, /^msg_/);
    assert.ok(Math.abs(Date.now() - Date.parse(at)) < 60_000, at);
    assert.deepEqual(rest, {
      state: "retrying",
      tracking_id: payment.tracking_id,
      transaction_id: `tx-${payment.tracking_id}`,
      last_answer: "answered 500",
    });
    const stats = await get(worker, "/v1/stats");
    assert.equal(stats.exceptions.retrying, 1);
    assert.equal(stats.oldest_undelivered, at);
    assert.ok(stats.oldest_undelivered_age_s >= 0 && stats.oldest_undelivered_age_s < 60);
    merchant.behave = { json: {} };
    await worker.hurry(payment.tracking_id);
    await eventually(list, (found) => !found.some(of(payment)));
    assert.equal((await get(worker, "/v1/stats")).oldest_undelivered, null);
  });

  it("a parked message is listed, and resolved by a replay that is delivered", async () => {
    merchant.behave = { status: 410, json: {} };
    const payment = await paid(worker);
    const list = () => items(worker, "/v1/deliveries?state=parked");
    const [parked] = (await eventually(list, (found) => found.some(of(payment)))).filter(of(payment));
    assert.deepEqual([parked.state, parked.last_answer], ["parked", "answered 410"]);
    // A replay that fails again leaves it listed.
    const replay = () => asMerchant(worker, `/v1/deliveries/${parked.id}/replay`, { method: "POST" });
    merchant.behave = { status: 500, json: {} };
    assert.equal((await replay()).status, 202);
    const all = async () => (await items(worker, "/v1/deliveries")).find(of(payment));
    await eventually(all, (found) => found?.last_answer !== "answered 410");
    const { state, last_answer } = (await all()) ?? {};
    assert.deepEqual([state, last_answer], ["retrying", "answered 500"]);
    merchant.behave = { json: {} };
    assert.equal((await replay()).status, 202);
    await eventually(all, (found) => found === undefined);
  });

  it("the record of a message says what became of it, delivered or not", async () => {
    merchant.behave = { status: 500, json: {} };
    const payment = await paid(worker);
    await hasFailed(worker, payment, 1);
    await worker.hurry(payment.tracking_id);
    const failed = (found) => found.find(of(payment));
    const { id } = failed(await eventually(() => items(worker, "/v1/deliveries?state=retrying"), failed));
    const record = () => get(worker, `/v1/deliveries/${id}`);
    const waiting = await record();
    assert.deepEqual(
      [waiting.state, waiting.tracking_id, waiting.last_answer, waiting.delivered_at],
      ["waiting", payment.tracking_id, "answered 500", null],
    );
    assert.ok(waiting.tries >= 1);
    assert.ok(Date.parse(waiting.next_at) > Date.parse(waiting.at));
    merchant.behave = { json: {} };
    await worker.hurry(payment.tracking_id);
    const delivered = await eventually(record, ({ state }) => state === "delivered");
    assert.ok(delivered.tries > waiting.tries);
    assert.ok(Date.parse(delivered.delivered_at) >= Date.parse(waiting.at));
    assert.equal(delivered.next_at, null);
    const unknown = await asMerchant(worker, `/v1/deliveries/${id}x`);
    assert.deepEqual([unknown.status, (await unknown.json()).code], [404, "delivery_not_found"]);
  });

  it("a conflict that a person has dealt with leaves the list, and stays away however often it comes", async () => {
    const payment = await paid(worker);
    const other = (name) =>
      event(payment, { amount: "9.99", transaction_id: `${name}-${payment.tracking_id}` });
    const list = async () => (await items(worker, "/v1/exceptions?kind=conflict")).filter(of(payment));
    await sendWebhook(worker, other("first"));
    const [{ id }] = await eventually(list, (found) => found.length === 1);
    const resolve = (id) =>
      asMerchant(worker, `/v1/exceptions/${encodeURIComponent(id)}/resolve`, { method: "POST" });
    for (let time = 0; time < 2; time++) assert.equal((await resolve(id)).status, 204);
    assert.deepEqual(await list(), []);
    // The same again, and another one behind it, whose arrival shows that the payment has reported.
    await sendWebhook(worker, other("first"));
    await sendWebhook(worker, other("second"));
    const [second, ...rest] = await eventually(list, (found) => found.length > 0);
    assert.deepEqual([second.transaction_id, rest], [other("second").transaction_id, []]);
    const unknown = await resolve(`${id}0`);
    assert.deepEqual([unknown.status, (await unknown.json()).code], [404, "exception_not_found"]);
  });

  it("a success that the gateway goes on denying is listed as withheld", async () => {
    const strict = await startWorker({ vars: { ...vars, CONFIRM_WITH_GATEWAY: "true" }, inspect: true });
    try {
      const payment = await opened(strict);
      gateway.behave = { json: { transaction_status: "rejected" } };
      await sendWebhook(strict, event(payment));
      await hasFailed(strict, payment, 1);
      await strict.hurry(payment.tracking_id);
      await eventually(
        () => items(strict, "/v1/deliveries?state=retrying"),
        ([found]) => found?.last_answer === "the gateway says rejected",
      );
      await strict.sql(payment.tracking_id, "UPDATE delivery SET created_at = created_at - 600000");
      await strict.hurry(payment.tracking_id);
      const list = () => items(strict, "/v1/deliveries?state=withheld");
      const [withheld] = await eventually(list, (found) => found.length > 0);
      assert.deepEqual(
        [withheld.tracking_id, withheld.last_answer],
        [payment.tracking_id, "the gateway says rejected"],
      );
      const { exceptions, oldest_undelivered } = await get(strict, "/v1/stats");
      assert.deepEqual([exceptions.withheld, oldest_undelivered], [1, null]);
    } finally {
      gateway.behave = opens;
      await strict.stop();
    }
  });

  it("a conflict is listed with what it contradicts, once, however often it comes", async () => {
    const payment = await paid(worker);
    const other = event(payment, { amount: "9.99", transaction_id: `other-${payment.tracking_id}` });
    for (let time = 0; time < 3; time++) await sendWebhook(worker, other);
    const list = () => items(worker, "/v1/exceptions?kind=conflict");
    const found = (await eventually(list, (found) => found.some(of(payment)))).filter(of(payment));
    assert.equal(found.length, 1);
    assert.equal(found[0].transaction_id, other.transaction_id);
    assert.deepEqual(found[0].detail.contradictions, ["amount"]);
    assert.equal(found[0].detail.amount, "9.99");
    assert.ok(!JSON.stringify(found).includes(`"${payment.claims.sub}"`), "a customer's id");
  });

  it("a webhook that came before its session is a conflict as soon as the session contradicts it", async () => {
    const payment = await ticket();
    await sendWebhook(worker, event(payment, { amount: "1.00" }));
    const list = () => items(worker, "/v1/exceptions?kind=conflict");
    assert.ok(!(await list()).some(of(payment)));
    assert.equal((await openSession(worker, payment.jwt)).status, 201);
    const [conflict] = (await eventually(list, (found) => found.some(of(payment)))).filter(of(payment));
    assert.deepEqual(conflict.detail.contradictions, ["amount"]);
  });

  it("an ordinary payment is in no table of the index", async () => {
    const payment = await paid(worker);
    await eventually(
      async () => merchant.requests,
      (requests) => requests.some(({ body }) => body.includes(payment.tracking_id)),
    );
    // A later exception of another payment is written after it.
    merchant.behave = { status: 410, json: {} };
    const other = await paid(worker);
    await eventually(
      () => items(worker, "/v1/deliveries"),
      (found) => found.some(of(other)),
    );
    merchant.behave = { json: {} };
    const database = await worker.miniflare.getD1Database("DB");
    const { results } = await database.prepare("SELECT * FROM exception").all();
    assert.ok(results.length > 0);
    assert.ok(!results.some(of(payment)));
  });

  it("lists page by page, none left out and none twice", async () => {
    merchant.behave = { status: 410, json: {} };
    const payments = await Promise.all([1, 2, 3].map(() => paid(worker)));
    const ours = (found) => payments.every((payment) => found.some(of(payment)));
    const all = await eventually(() => items(worker, "/v1/deliveries?state=parked"), ours);
    merchant.behave = { json: {} };
    const pages = [];
    let cursor = "";
    do {
      const page = await get(worker, `/v1/deliveries?state=parked&limit=2${cursor}`);
      assert.ok(page.items.length <= 2);
      pages.push(...page.items);
      cursor = page.next_cursor === null ? null : `&cursor=${page.next_cursor}`;
    } while (cursor !== null);
    assert.ok(all.length > 2);
    assert.deepEqual(pages, all);
  });

  it("a query that means nothing is refused, and nobody without the token is answered", async () => {
    for (const path of [
      "/v1/deliveries?state=delivered",
      "/v1/exceptions?kind=parked",
      "/v1/exceptions?cursor=x",
      "/v1/deliveries?limit=-1",
      "/v1/deliveries?limit=0",
    ]) {
      const response = await asMerchant(worker, path);
      assert.deepEqual([response.status, (await response.json()).code], [400, "invalid_query"], path);
    }
    for (const path of ["/v1/deliveries", "/v1/exceptions", "/v1/stats"]) {
      const response = await fetch(worker.url + path);
      assert.deepEqual([response.status, (await response.json()).code], [401, "missing_admin_token"], path);
    }
  });
});

it("each recorded webhook and each try of a delivery is counted, and nobody's data with it", async () => {
  const worker = await startWorker({ vars, logEvents: true, inspect: true });
  try {
    merchant.behave = (() => {
      const first = merchant.requests.length + 1;
      return (count) => (count === first ? { status: 500, json: {} } : { json: {} });
    })();
    const payment = await paid(worker);
    await sendWebhook(worker, event(payment));
    await eventually(() => merchant.requests.some(({ body }) => body.includes(payment.tracking_id)), Boolean);
    await worker.hurry(payment.tracking_id);
    const points = () =>
      worker.logs.flatMap(({ message }) =>
        message.startsWith('{"point"') ? [JSON.parse(message).point] : [],
      );
    const found = await eventually(points, (found) => found.length >= 4);
    const webhook = (outcome) => ({
      indexes: ["webhook"],
      blobs: [outcome, "successful", "deposit", "EUR"],
      doubles: [1],
    });
    const counted = found.map(({ indexes, blobs, doubles }) =>
      indexes[0] === "delivery"
        ? `${blobs} ${doubles[0] >= 0 && doubles[0] < 60}`
        : { indexes, blobs, doubles },
    );
    for (const expected of [webhook("first"), webhook("duplicate")])
      assert.equal(counted.filter((point) => JSON.stringify(point) === JSON.stringify(expected)).length, 1);
    assert.deepEqual(
      counted.filter((point) => typeof point === "string"),
      ["failed true", "delivered true"],
    );
  } finally {
    merchant.behave = { json: {} };
    await worker.stop();
  }
});
