// Each change of a payment reaches the merchant's endpoint: signed, in order, once. The tests run at the same time, since most of them wait for a second try.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, describe, it } from "node:test";
import { Webhook } from "standardwebhooks";
import { distinct, ends, logged, of, replay, send, types } from "../support/deliveries.mjs";
import { startGateway } from "../support/gateway.mjs";
import { anotherSecret, DELIVERY_SECRET, startMerchant } from "../support/merchant.mjs";
import { ADMIN_TOKEN, opened, ticket } from "../support/payments.mjs";
import { startWorker, WORKER_VARS } from "../support/workerd.mjs";

let gateway;
let merchant;
let worker;

const asked = (tracking_id) => gateway.requests.filter(({ path }) => path === `/transactions/${tracking_id}`);

before(async () => {
  gateway = await startGateway();
  merchant = await startMerchant();
  worker = await startWorker({
    vars: {
      GATEWAY_BASE_URL: gateway.url,
      // A busy machine may be slow.
      GATEWAY_TIMEOUT_MS: "20000",
      MERCHANT_WEBHOOK_URL: merchant.url,
      DELIVERY_SECRET,
      ADMIN_TOKEN,
      CONFIRM_WITH_GATEWAY: "false",
    },
    inspect: true,
  });
});

after(async () => {
  await worker?.stop();
  await Promise.all([merchant?.stop(), gateway?.stop()]);
});

describe("a delivery", { concurrency: true }, () => {
  it("is made for each change, with its type and what a merchant needs", async () => {
    const before = Date.now();
    const payment = await opened(worker);
    const events = [
      of(payment, "first", "pending"),
      of(payment, "first", "rejected"),
      of(payment, "second", "successful"),
      of(payment, "third", "successful"),
    ];
    await send(worker, ...events);
    const messages = await merchant.got(payment.tracking_id, 4);
    assert.deepEqual(types(messages), [
      "payment.pending",
      "payment.rejected",
      "payment.successful",
      "payment.conflict",
    ]);
    const states = ["pending", "rejected", "successful", "successful"];
    for (const [index, { data, at, method, path, headers, timestamp }] of messages.entries()) {
      assert.deepEqual(data, {
        tracking_id: payment.tracking_id,
        transaction_id: events[index].transaction_id,
        user_id: payment.claims.sub,
        operation: "hosted_deposit",
        transaction_type: "deposit",
        status: events[index].status,
        state: states[index],
        amount: "10.05",
        currency: "EUR",
      });
      assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
      assert.ok(Date.parse(at) >= before - 1000 && Date.parse(at) <= Date.now());
      assert.ok(Math.abs(Number(timestamp) * 1000 - Date.now()) < 60_000);
      assert.deepEqual([method, path, headers["content-type"]], ["POST", "/payments", "application/json"]);
    }
    assert.equal(distinct(messages).length, 4);
    assert.ok(messages.every(({ id }) => /^[\w-]+$/.test(id)));
    assert.equal(asked(payment.tracking_id).length, 0, "CONFIRM_WITH_GATEWAY is false");
  });

  it("of a status that nobody knows is an update in the gateway's word", async () => {
    const payment = await opened(worker, { operation: "hosted_withdrawal" });
    await send(worker, of(payment, "first", "processing"));
    const [message] = await merchant.got(payment.tracking_id, 1);
    assert.equal(message.type, "payment.updated");
    assert.deepEqual([message.data.status, message.data.state], ["processing", "processing"]);
    assert.deepEqual(
      [message.data.operation, message.data.transaction_type],
      ["hosted_withdrawal", "withdrawal"],
    );
  });

  for (const [end, status] of [
    ["successful", "refunded"],
    ["rejected", "chargeback"],
  ])
    it(`of a status that nobody knows is an update after ${end}, too`, async () => {
      const payment = await opened(worker);
      await send(worker, of(payment, "first", end), of(payment, "first", status));
      const [, message] = await merchant.got(payment.tracking_id, 2);
      assert.deepEqual(
        [message.type, message.data.status, message.data.state],
        ["payment.updated", status, end],
      );
    });

  it("is made for a payment that the Worker did not open, whose operation it does not know", async () => {
    const payment = await ticket();
    await send(worker, of(payment, "first", "pending"));
    const [message] = await merchant.got(payment.tracking_id, 1);
    assert.deepEqual([message.type, message.data.operation], ["payment.pending", null]);
  });

  it("is not made for what came before or comes too late", async () => {
    const payment = await opened(worker);
    const pending = of(payment, "first", "pending");
    const successful = of(payment, "first", "successful");
    await send(worker, pending, pending, successful, successful, pending);
    // Too late: undecided after the success of another attempt, and the failure of one.
    await send(worker, of(payment, "other", "pending"), of(payment, "other", "rejected"));
    // Messages come in order, so whatever came of these is there when the next one is.
    await send(worker, of(payment, "third", "successful"));
    await merchant.until(
      () => merchant.of(payment.tracking_id).some(({ type }) => type === "payment.conflict"),
      "the conflict",
    );
    assert.deepEqual(types(merchant.of(payment.tracking_id)), [
      "payment.pending",
      "payment.successful",
      "payment.conflict",
    ]);
  });

  it("of twenty equal webhooks at once is one", async () => {
    const payment = await opened(worker);
    const successful = of(payment, "first", "successful");
    await Promise.all(Array.from({ length: 20 }, () => send(worker, successful)));
    await send(worker, of(payment, "other", "successful"));
    await merchant.got(payment.tracking_id, 2);
    assert.deepEqual(types(merchant.of(payment.tracking_id)), ["payment.successful", "payment.conflict"]);
  });

  for (const [what, changes] of [
    ["amount", { amount: "99.00" }],
    ["currency", { currency: "USD" }],
    ["user", { user_id: "somebody-else" }],
    ["type", { transaction_type: "withdrawal" }],
  ]) {
    it(`of a success with another ${what} is a conflict and never a success`, async () => {
      const payment = await opened(worker);
      await send(worker, of(payment, "first", "successful", changes), of(payment, "second", "pending"));
      const messages = await merchant.got(payment.tracking_id, 2);
      assert.deepEqual(types(messages), ["payment.conflict", "payment.pending"]);
      assert.equal(messages[0].data.state, "opened");
    });
  }

  it("of a success after its own rejection is a conflict, and so is what follows in that state", async () => {
    const payment = await opened(worker);
    await send(worker, of(payment, "first", "rejected"), of(payment, "first", "successful"));
    await send(worker, of(payment, "second", "successful"));
    const messages = await merchant.got(payment.tracking_id, 3);
    assert.deepEqual(types(messages), ["payment.rejected", "payment.conflict", "payment.successful"]);
    assert.equal(messages[1].data.state, "conflict");
  });

  it("holds no secret", async () => {
    const payment = await opened(worker);
    await send(worker, of(payment, "first", "successful"));
    const [{ body, headers }] = await merchant.got(payment.tracking_id, 1);
    const secrets = [
      ...["GATEWAY_API_KEY", "WEBHOOK_PASSWORDS", "TICKET_SECRET"].map((name) => WORKER_VARS[name]),
      DELIVERY_SECRET,
      DELIVERY_SECRET.slice(6),
      ADMIN_TOKEN,
      payment.jwt,
    ];
    const sent = JSON.stringify(headers) + body;
    assert.deepEqual(
      secrets.filter((secret) => sent.includes(secret)),
      [],
    );
    assert.ok(!("x-api-key" in headers) && !("authorization" in headers) && !("x-signature" in headers));
  });

  it("is signed with both secrets while they are being exchanged", async () => {
    const [next, last] = [anotherSecret(), anotherSecret()];
    const endpoint = await startMerchant({ secret: last });
    const rotating = await startWorker({
      vars: {
        GATEWAY_BASE_URL: gateway.url,
        GATEWAY_TIMEOUT_MS: "8000",
        MERCHANT_WEBHOOK_URL: endpoint.url,
        DELIVERY_SECRET: JSON.stringify([next, last]),
        CONFIRM_WITH_GATEWAY: "false",
      },
    });
    try {
      const payment = await opened(rotating);
      await send(rotating, of(payment, "first", "successful"));
      const [{ fault, body, headers }] = await endpoint.got(payment.tracking_id, 1);
      assert.equal(fault, undefined);
      assert.equal(new Webhook(next).verify(body, headers).data.tracking_id, payment.tracking_id);
      assert.throws(() => new Webhook(anotherSecret()).verify(body, headers));
      assert.throws(() => new Webhook(last).verify(body.replace("10.05", "99.05"), headers));
    } finally {
      await rotating.stop();
      await endpoint.stop();
    }
  });

  it("is neither made nor asked about without an endpoint", async () => {
    const quiet = await startWorker({
      vars: { GATEWAY_BASE_URL: gateway.url, GATEWAY_TIMEOUT_MS: "8000" },
      inspect: true,
    });
    try {
      const payment = await opened(quiet);
      await send(quiet, of(payment, "first", "pending"), of(payment, "first", "successful"));
      const [{ count }] = await quiet.sql(payment.tracking_id, "SELECT count(*) AS count FROM webhook");
      assert.equal(count, 2);
      assert.deepEqual(await quiet.sql(payment.tracking_id, "SELECT * FROM delivery"), []);
      assert.equal(asked(payment.tracking_id).length, 0);
    } finally {
      await quiet.stop();
    }
  });
});

describe("a delivery that fails", { concurrency: true }, () => {
  for (const [what, answer, words] of [
    ["500", { status: 500 }, "answered 500"],
    ["400", { status: 400 }, "answered 400"],
    ["a closed connection", "reset", "could not be reached"],
    // The Worker's time limit and then the first wait: some 20 s.
    ["silence", "hang", "did not answer within 15 s"],
  ]) {
    it(`by ${what} is tried again, the same under the same id`, async () => {
      const payment = await opened(worker);
      merchant.plan(payment.tracking_id, [answer]);
      await send(worker, of(payment, "first", "successful"));
      await merchant.got(payment.tracking_id, 1);
      const first = Date.now();
      // Of one of them the wait is lived through.
      if (what !== "500") await worker.hurry(payment.tracking_id);
      const messages = await merchant.got(payment.tracking_id, 2);
      if (what === "500") assert.ok(Date.now() - first >= 2400, "the next try came too soon");
      assert.equal(distinct(messages).length, 1);
      assert.equal(messages[0].body, messages[1].body);
      const [row] = await ends(worker, payment.tracking_id);
      assert.deepEqual([row.state, row.tries], ["delivered", 2]);
      assert.deepEqual(await logged(worker, "undelivered", messages[0].id), [
        { event: "undelivered", delivery_id: messages[0].id, answer: words },
      ]);
    });
  }

  it("by a redirect is tried again, and the redirect's target gets nothing", async () => {
    let reached = 0;
    const target = createServer((_, response) => {
      reached += 1;
      response.end();
    }).listen(0, "127.0.0.1");
    await once(target, "listening");
    const location = `http://127.0.0.1:${target.address().port}/`;
    try {
      const payment = await opened(worker);
      merchant.plan(payment.tracking_id, [
        { status: 302, headers: { location } },
        { status: 307, headers: { location } },
      ]);
      await send(worker, of(payment, "first", "successful"));
      for (const count of [1, 2]) {
        await merchant.got(payment.tracking_id, count);
        await worker.hurry(payment.tracking_id);
      }
      const messages = await merchant.got(payment.tracking_id, 3);
      assert.equal(distinct(messages).length, 1);
      assert.equal(reached, 0);
    } finally {
      target.close();
    }
  });

  it("holds back what comes after it, and no other payment", async () => {
    const payment = await opened(worker);
    const other = await opened(worker);
    merchant.plan(payment.tracking_id, [{ status: 503 }]);
    await send(worker, of(payment, "first", "pending"));
    await merchant.got(payment.tracking_id, 1);
    await send(worker, of(payment, "first", "rejected"), of(payment, "second", "successful"));
    await send(worker, of(other, "first", "successful"));
    await merchant.got(other.tracking_id, 1);
    assert.equal(merchant.of(payment.tracking_id).length, 1, "the others wait for the first");
    await worker.hurry(payment.tracking_id);
    const messages = await merchant.got(payment.tracking_id, 4);
    assert.deepEqual(types(messages), [
      "payment.pending",
      "payment.pending",
      "payment.rejected",
      "payment.successful",
    ]);
    assert.equal(distinct(messages).length, 3);
  });

  it("holds back more than one alarm sends, and all of it comes in order", async () => {
    const payment = await opened(worker);
    merchant.plan(payment.tracking_id, [{ status: 503 }]);
    const attempts = Array.from({ length: 20 }, (_, place) => of(payment, `number-${place}`, "pending"));
    const [first, ...others] = attempts;
    await send(worker, first);
    await merchant.got(payment.tracking_id, 1);
    await send(worker, ...others);
    assert.equal(merchant.of(payment.tracking_id).length, 1, "the others wait for the first");
    await worker.hurry(payment.tracking_id);
    const messages = await merchant.got(payment.tracking_id, 21);
    assert.deepEqual(
      messages.map(({ data }) => data.transaction_id),
      [first, ...attempts].map(({ transaction_id }) => transaction_id),
    );
  });

  it("by 410 is parked at once, without holding back what comes after it, and a replay delivers it", async () => {
    const payment = await opened(worker);
    merchant.plan(payment.tracking_id, [{ status: 410 }]);
    await send(worker, of(payment, "first", "pending"), of(payment, "first", "successful"));
    const [gone] = await merchant.got(payment.tracking_id, 2);
    const rows = await ends(worker, payment.tracking_id);
    assert.deepEqual(
      rows.map(({ state }) => state),
      ["parked", "delivered"],
    );
    assert.equal((await replay(worker, gone.id)).status, 202);
    const messages = await merchant.got(payment.tracking_id, 3);
    assert.deepEqual([messages[2].id, messages[2].body], [gone.id, gone.body]);
    assert.equal((await ends(worker, payment.tracking_id))[0].state, "delivered");
  });

  it("for three days is parked", async () => {
    const payment = await opened(worker);
    merchant.plan(payment.tracking_id, [{ status: 500 }, { status: 500 }]);
    await send(worker, of(payment, "first", "pending"));
    await merchant.got(payment.tracking_id, 1);
    const days = 3 * 24 * 60 * 60 * 1000;
    await worker.sql(payment.tracking_id, "UPDATE delivery SET created_at = created_at - ?", days);
    await worker.hurry(payment.tracking_id);
    await merchant.got(payment.tracking_id, 2);
    assert.equal((await ends(worker, payment.tracking_id))[0].state, "parked");
    await send(worker, of(payment, "first", "successful"));
    const messages = await merchant.got(payment.tracking_id, 3);
    assert.deepEqual(types(messages), ["payment.pending", "payment.pending", "payment.successful"]);
  });
});

describe("a replay", { concurrency: true }, () => {
  it("delivers again what was delivered, under the same id", async () => {
    const payment = await opened(worker);
    await send(worker, of(payment, "first", "successful"));
    const [first] = await merchant.got(payment.tracking_id, 1);
    await ends(worker, payment.tracking_id);
    assert.equal((await replay(worker, first.id)).status, 202);
    const [, second] = await merchant.got(payment.tracking_id, 2);
    assert.deepEqual([second.id, second.body], [first.id, first.body]);
    await ends(worker, payment.tracking_id);
    assert.equal(merchant.of(payment.tracking_id).length, 2);
  });

  it("while it is being sent counts, whatever becomes of that try", async () => {
    const payment = await opened(worker);
    merchant.plan(payment.tracking_id, [{ status: 500 }, { status: 500, delayMs: 1500 }]);
    await send(worker, of(payment, "first", "successful"));
    await merchant.got(payment.tracking_id, 1);
    // The next try is the last one.
    const days = 3 * 24 * 60 * 60 * 1000;
    await worker.sql(payment.tracking_id, "UPDATE delivery SET created_at = created_at - ?", days);
    await worker.hurry(payment.tracking_id);
    const [, { id }] = await merchant.got(payment.tracking_id, 2);
    assert.equal((await replay(worker, id)).status, 202);
    await merchant.got(payment.tracking_id, 3, 10_000);
    assert.equal((await ends(worker, payment.tracking_id))[0].state, "delivered");
  });

  it("of an id that names no message is 404 and makes nothing", async () => {
    const payment = await opened(worker);
    const unknown = (await ticket()).tracking_id;
    const id = (tracking_id) => `msg_${Buffer.from(tracking_id).toString("hex")}_${"0".repeat(40)}`;
    const rows = () => worker.sql(payment.tracking_id, "SELECT * FROM payment");
    const before = await rows();
    for (const wrong of [id(payment.tracking_id), id(unknown), "msg_zz_1", "nonsense"]) {
      const response = await replay(worker, wrong);
      assert.equal(response.status, 404, wrong);
      assert.equal((await response.json()).code, "delivery_not_found");
    }
    assert.deepEqual(await rows(), before);
    assert.deepEqual(await worker.sql(unknown, "SELECT name FROM sqlite_master WHERE name = 'payment'"), []);
  });

  it("is for those who know the token", async () => {
    const payment = await opened(worker);
    await send(worker, of(payment, "first", "pending"));
    const [{ id }] = await merchant.got(payment.tracking_id, 1);
    for (const token of [null, "obviously-wrong-admin-token-of-32-bytes-or-more"]) {
      assert.equal((await replay(worker, id, token)).status, 401);
    }
    await send(worker, of(payment, "first", "successful"));
    assert.deepEqual(types(await merchant.got(payment.tracking_id, 2)), [
      "payment.pending",
      "payment.successful",
    ]);
  });
});
