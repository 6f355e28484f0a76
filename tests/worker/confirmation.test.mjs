// With CONFIRM_WITH_GATEWAY, the default, the merchant hears of a success only after the gateway itself has said so.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { ends, logged, of, replay, send, types } from "../support/deliveries.mjs";
import { opens, startGateway } from "../support/gateway.mjs";
import { DELIVERY_SECRET, startMerchant } from "../support/merchant.mjs";
import { ADMIN_TOKEN, attemptIsKnown, eventually, opened } from "../support/payments.mjs";
import { startWorker } from "../support/workerd.mjs";

/** What the gateway lists. */
const listed = [];

/** What the gateway says when it is asked for a payment's state, by tracking id: a list, of which each question takes one. */
const gatewaySays = new Map();
/** Lets so many minutes pass for a payment's first message once the gateway has been asked about it, and lets it be asked again. */
async function asksAgain({ tracking_id }, minutes) {
  const [{ tries }] = await eventually(
    () => worker.sql(tracking_id, "SELECT tries FROM delivery ORDER BY seq LIMIT 1"),
    ([row]) => row?.tries > 0,
  );
  await worker.sql(
    tracking_id,
    "UPDATE delivery SET created_at = created_at - ? WHERE seq = 1",
    minutes * 60_000,
  );
  await worker.hurry(tracking_id);
  await eventually(
    () => worker.sql(tracking_id, "SELECT tries FROM delivery ORDER BY seq LIMIT 1"),
    ([row]) => row.tries > tries,
  );
}

const asked = (tracking_id) => gateway.requests.filter(({ path }) => path === `/transactions/${tracking_id}`);

let gateway;
let merchant;
let worker;
/** Gives the gateway up soon: for the test that waits for that. */
let impatient;

before(async () => {
  gateway = await startGateway((count) => {
    const [, tracking_id] = gateway.requests[count - 1].path.match(/^\/transactions\/(.+)$/) ?? [];
    if (gateway.requests[count - 1].path.startsWith("/transactions?")) return { status: 200, json: listed };
    if (!tracking_id) return opens();
    const word = gatewaySays.get(tracking_id)?.shift() ?? "successful";
    return typeof word === "string" ? { status: 200, json: { transaction_status: word } } : word.answer;
  });
  merchant = await startMerchant();
  const vars = {
    GATEWAY_BASE_URL: gateway.url,
    MERCHANT_WEBHOOK_URL: merchant.url,
    DELIVERY_SECRET,
    ADMIN_TOKEN,
  };
  worker = await startWorker({ vars, inspect: true });
  impatient = await startWorker({ vars: { ...vars, GATEWAY_TIMEOUT_MS: "700" }, inspect: true });
});

after(async () => {
  await worker?.stop();
  await impatient?.stop();
  await Promise.all([merchant?.stop(), gateway?.stop()]);
});

describe("a success", { concurrency: true }, () => {
  it("is delivered when the gateway agrees, which is asked about nothing else", async () => {
    const payment = await opened(worker);
    await send(worker, of(payment, "first", "pending"), of(payment, "first", "rejected"));
    await merchant.got(payment.tracking_id, 2);
    assert.equal(asked(payment.tracking_id).length, 0);
    await send(worker, of(payment, "second", "successful"));
    await merchant.got(payment.tracking_id, 3);
    assert.equal(asked(payment.tracking_id).length, 1);
  });

  for (const [what, word] of [
    ["has not decided", "pending"],
    ["has a word that nobody knows", "processing"],
    ["fails", { answer: { status: 500 } }],
    ["breaks off", { answer: "reset" }],
    ["refuses", { answer: { status: 404, json: {} } }],
    ["does not answer", { answer: "hang" }],
    ["talks nonsense", { answer: { status: 200, text: "<html>" } }],
  ]) {
    it(`waits while the gateway ${what}`, async () => {
      const at = word.answer === "hang" ? impatient : worker;
      const payment = await opened(at);
      gatewaySays.set(payment.tracking_id, [word]);
      await send(at, of(payment, "first", "successful"));
      await eventually(() => asked(payment.tracking_id).length, Boolean);
      await at.hurry(payment.tracking_id);
      const messages = await merchant.got(payment.tracking_id, 1);
      assert.deepEqual(types(messages), ["payment.successful"]);
      assert.ok(asked(payment.tracking_id).length >= 2, "it was asked again before the delivery");
    });
  }

  for (const [when, attempts] of [
    ["for a moment", []],
    ["because of a declined card", ["declined"]],
  ])
    it(`that the gateway denies ${when} is asked about again`, async () => {
      const payment = await opened(worker);
      gatewaySays.set(payment.tracking_id, ["rejected"]);
      await send(worker, ...attempts.map((attempt) => of(payment, attempt, "rejected")));
      await send(worker, of(payment, "first", "successful"));
      await eventually(() => asked(payment.tracking_id).length, Boolean);
      await worker.hurry(payment.tracking_id);
      const messages = await merchant.got(payment.tracking_id, attempts.length + 1);
      assert.equal(messages.at(-1).type, "payment.successful");
      assert.equal(asked(payment.tracking_id).length, 2);
    });

  it("that the gateway goes on denying is withheld, which the log tells; a replay asks anew", async () => {
    const payment = await opened(worker);
    gatewaySays.set(payment.tracking_id, ["rejected", "rejected"]);
    await send(worker, of(payment, "first", "successful"));
    await asksAgain(payment, 10);
    const [row] = await ends(worker, payment.tracking_id);
    assert.equal(row.state, "withheld");
    assert.deepEqual(await logged(worker, "withheld", row.id), [
      { event: "withheld", delivery_id: row.id, answer: "the gateway says rejected" },
    ]);
    assert.deepEqual(merchant.of(payment.tracking_id), []);
    assert.equal((await replay(worker, row.id)).status, 202);
    const [message] = await merchant.got(payment.tracking_id, 1);
    assert.deepEqual([message.id, message.type], [row.id, "payment.successful"]);
    assert.equal(asked(payment.tracking_id).length, 3);
  });

  it("that the gateway denies is in no message: a refund of it and a conflict with it wait too", async () => {
    const payment = await opened(worker);
    gatewaySays.set(payment.tracking_id, Array(99).fill("rejected"));
    await send(worker, ...["successful", "refunded"].map((status) => of(payment, "first", status)));
    await send(worker, of(payment, "second", "successful"));
    await asksAgain(payment, 180);
    const rows = await eventually(
      () => worker.sql(payment.tracking_id, "SELECT id, state, tries FROM delivery ORDER BY seq"),
      ([, next]) => next.tries > 0,
    );
    assert.deepEqual(
      rows.map(({ state }) => state),
      ["withheld", "waiting", "waiting"],
    );
    assert.deepEqual(merchant.of(payment.tracking_id), []);
    gatewaySays.delete(payment.tracking_id);
    assert.equal((await replay(worker, rows[0].id)).status, 202);
    const messages = await merchant.got(payment.tracking_id, 3);
    assert.deepEqual(types(messages), ["payment.successful", "payment.updated", "payment.conflict"]);
    assert.ok(messages.every(({ data }) => data.state === "successful"));
    const questions = asked(payment.tracking_id).length;
    // Once confirmed, it is asked about no more.
    await send(worker, of(payment, "first", "settled"));
    await merchant.got(payment.tracking_id, 4);
    assert.equal(asked(payment.tracking_id).length, questions);
  });

  it("that the gateway denies is delivered when its list has it", async () => {
    const payment = await opened(worker);
    const success = of(payment, "first", "successful");
    gatewaySays.set(payment.tracking_id, Array(9).fill("rejected"));
    await send(worker, success);
    await asksAgain(payment, 10);
    assert.equal((await ends(worker, payment.tracking_id))[0].state, "withheld");
    const { transaction_id } = success;
    // The object of the attempt is told of it by the same alarm, perhaps after this.
    await attemptIsKnown(worker, success);
    listed.push({ transaction_id, status: "successful", amount: 10.05, currency: "EUR" });
    assert.equal(await worker.scheduled(), "ok");
    const [message] = await merchant.got(payment.tracking_id, 1);
    assert.equal(message.type, "payment.successful");
  });

  it("that was confirmed is not sent anew because the list has it, nor is what came after it", async () => {
    const payment = await opened(worker);
    merchant.plan(payment.tracking_id, [{ status: 204 }, { status: 204 }, { status: 410 }]);
    const success = of(payment, "first", "successful");
    await send(worker, success);
    await merchant.got(payment.tracking_id, 1);
    for (const status of ["settled", "refunded"]) await send(worker, of(payment, "first", status));
    await merchant.got(payment.tracking_id, 3);
    const rows = () =>
      worker.sql(payment.tracking_id, "SELECT state, created_at, tries FROM delivery ORDER BY seq");
    const before = await eventually(rows, ([, , last]) => last.state === "parked");
    await attemptIsKnown(worker, success);
    const { transaction_id } = success;
    listed.push({ transaction_id, status: "successful", amount: 10.05, currency: "EUR" });
    assert.equal(await worker.scheduled(), "ok");
    assert.deepEqual(await rows(), before);
  });

  it("is asked about once, however often its delivery fails", async () => {
    const payment = await opened(worker);
    merchant.plan(payment.tracking_id, [{ status: 500 }]);
    await send(worker, of(payment, "first", "successful"));
    await merchant.got(payment.tracking_id, 1);
    await worker.hurry(payment.tracking_id);
    await merchant.got(payment.tracking_id, 2);
    assert.equal(asked(payment.tracking_id).length, 1);
  });
});
