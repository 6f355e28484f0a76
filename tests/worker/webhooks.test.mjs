// Webhooks: verified before anything is believed, recorded exactly once, and one state whatever their order.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { request as httpRequest } from "node:http";
import { after, before, describe, it } from "node:test";
import { refused } from "../support/answers.mjs";
import { startGateway } from "../support/gateway.mjs";
import {
  event,
  opened,
  openSession,
  readSession,
  sendWebhook,
  signature,
  ticket,
} from "../support/payments.mjs";
import { startWorker, WORKER_VARS } from "../support/workerd.mjs";

let gateway;
let worker;

before(async () => {
  gateway = await startGateway();
  worker = await startWorker({ vars: { GATEWAY_BASE_URL: gateway.url } });
});

after(async () => {
  await worker?.stop();
  await gateway?.stop();
});

async function state(payment) {
  const response = await readSession(worker, payment);
  assert.equal(response.status, 200);
  return response.json();
}

const webhooks = (view) => view.timeline.filter((entry) => entry.event === "webhook");

async function recorded(response) {
  assert.equal(response.status, 204, await response.text());
}

describe("a signature", () => {
  it("is accepted as the reference publishes it", async () => {
    // Body, password and signature of the gateway's own example.
    const example = await startWorker({
      vars: { WEBHOOK_PASSWORDS: "spg_test_companyxxxxQyGAheyMqcHVmp8ZMQtkYcev27sCu7RF" },
    });
    try {
      const body =
        '{"transaction_id":"r21nmrtpcmrcava","user_id":"1111222","tracking_id":"b8f04416-116a-11ed-861d-0242ac120002","status":"rejected","currency":"GBP","amount":"200.00","transaction_type":"withdrawal"}';
      const sign = "5FDDA8F46411C132DCFBEE53C39BA06298CB48BC";
      await recorded(await sendWebhook(example, null, { body, sign }));
      await recorded(await sendWebhook(example, null, { body, sign: sign.toLowerCase() }));
      await recorded(await sendWebhook(example, null, { body: body.replaceAll(",", ", "), sign }));
      await refused(
        await sendWebhook(example, null, { body: body.replace("rejected", "successful"), sign }),
        401,
        "signature_mismatch",
      );
    } finally {
      await example.stop();
    }
  });

  it("with one bit changed, in it or in the body, is 401 and nothing is recorded", async () => {
    const payment = await opened(worker);
    const data = event(payment);
    const body = Buffer.from(JSON.stringify(data));
    const sign = signature(data);
    const before = await state(payment);
    for (let at = 0; at < body.length; at += 3) {
      const changed = Buffer.from(body);
      changed[at] ^= 1 << (at % 7);
      const response = await sendWebhook(worker, data, { body: changed, sign });
      // Some changes make it no JSON at all, which is found first.
      assert.ok([400, 401].includes(response.status), `${response.status} at byte ${at}`);
      const { code } = await response.json();
      assert.equal(code, response.status === 401 ? "signature_mismatch" : "not_json");
    }
    for (let at = 0; at < sign.length; at++) {
      const changed =
        sign.slice(0, at) + (Number.parseInt(sign[at], 16) ^ 1).toString(16) + sign.slice(at + 1);
      await refused(await sendWebhook(worker, data, { sign: changed }), 401, "signature_mismatch");
    }
    assert.deepEqual(await state(payment), before);
    await recorded(await sendWebhook(worker, data));
    assert.equal((await state(payment)).state, "successful");
  });

  it("is that of the canonical form, however the body is spelled", async () => {
    const payment = await opened(worker);
    const fields = event(payment);
    const data = { 7: [1, null], café: 1e21, ...fields };
    const escaped = (key) => `"\\u00${key.charCodeAt(0).toString(16)}${key.slice(1)}"`;
    const members = Object.entries(fields).map(
      ([key, value]) => `${escaped(key)} :\t${JSON.stringify(value)}`,
    );
    const spelled = (number) =>
      `{ "caf\\u00e9": 0, ${members.join(" ,\n")}, "café": ${number}, "7": [1.0, null] }`;
    const sign = signature(data);
    const other = spelled("1000000000000000000001e1");
    await refused(await sendWebhook(worker, data, { body: other, sign }), 401, "signature_mismatch");
    await recorded(await sendWebhook(worker, data, { body: spelled("1000000000000000000000"), sign }));
    assert.equal((await state(payment)).state, "successful");
  });

  it("that is missing, malformed or of another password is 401", async () => {
    const payment = await opened(worker);
    const data = event(payment);
    await refused(await sendWebhook(worker, data, { sign: null }), 401, "no_signature");
    await refused(await sendWebhook(worker, data, { sign: "not hex" }), 401, "signature_not_hex");
    await refused(
      await sendWebhook(worker, data, { sign: signature(data).slice(2) }),
      401,
      "signature_not_hex",
    );
    const other = signature(data, `${WORKER_VARS.WEBHOOK_PASSWORDS} `);
    await refused(await sendWebhook(worker, data, { sign: other }), 401, "signature_mismatch");
    assert.deepEqual(webhooks(await state(payment)), []);
  });

  it("may be of an older password until its end", async () => {
    const passwords = [
      { id: "new", password: "obviously-fake-new" },
      { id: "old", password: "obviously-fake-old", not_after: new Date(Date.now() + 60_000).toISOString() },
      {
        id: "older",
        password: "obviously-fake-older",
        not_after: new Date(Date.now() - 60_000).toISOString(),
      },
    ];
    const rotating = await startWorker({ vars: { WEBHOOK_PASSWORDS: JSON.stringify(passwords) } });
    try {
      const data = event(await ticket());
      for (const { password } of passwords.slice(0, 2))
        await recorded(await sendWebhook(rotating, data, { sign: signature(data, password) }));
      const sign = signature(data, "obviously-fake-older");
      await refused(await sendWebhook(rotating, data, { sign }), 401, "password_expired");
    } finally {
      await rotating.stop();
    }
  });
});

describe("a body", () => {
  it("that is not JSON, or signed but no webhook, is 400", async () => {
    await refused(await sendWebhook(worker, null, { body: "{", sign: "A".repeat(40) }), 400, "not_json");
    await refused(await sendWebhook(worker, null, { body: "", sign: "A".repeat(40) }), 400, "not_json");
    const incomplete = { tracking_id: randomUUID(), status: "successful" };
    await refused(await sendWebhook(worker, incomplete), 400, "not_a_webhook");
    await refused(await sendWebhook(worker, []), 400, "not_a_webhook");
  });

  it("of more than 64 KiB is 413, announced or not", async () => {
    const data = { ...event(await ticket()), padding: "x".repeat(64 * 1024) };
    await refused(await sendWebhook(worker, data), 413, "payload_too_large");
    // In one write, so that all of it is sent before the answer closes the connection.
    const response = await new Promise((resolve, reject) => {
      const headers = { "x-signature": "A".repeat(40), "transfer-encoding": "chunked" };
      const request = httpRequest(
        `${worker.url}/v1/webhooks`,
        { method: "POST", headers },
        async (incoming) => {
          const body = Buffer.concat(await incoming.toArray());
          resolve(new Response(body, { status: incoming.statusCode, headers: incoming.headers }));
        },
      );
      request.on("error", reject).end(Buffer.alloc(64 * 1024 + 1, " "));
    });
    await refused(response, 413, "payload_too_large");
  });

  it("of just 64 KiB is taken, with Content-Length or in chunks", async () => {
    const payment = await opened(worker);
    const data = event(payment, { padding: "" });
    data.padding = "x".repeat(64 * 1024 - JSON.stringify(data).length);
    const text = JSON.stringify(data);
    assert.equal(text.length, 64 * 1024);
    await recorded(await sendWebhook(worker, data));
    const response = await fetch(`${worker.url}/v1/webhooks`, {
      method: "POST",
      body: new Blob([text]).stream(),
      duplex: "half",
      headers: { "x-signature": signature(data) },
    });
    await recorded(response);
    assert.equal((await state(payment)).state, "successful");
  });

  it("in another form of the same JSON verifies, and is the same event", async () => {
    const payment = await opened(worker);
    const data = event(payment);
    const spaced = JSON.stringify(data, null, "\t").replaceAll("10.05", "10\\u002e05");
    await recorded(await sendWebhook(worker, data, { body: spaced }));
    await recorded(await sendWebhook(worker, data));
    const view = await state(payment);
    assert.equal(view.state, "successful");
    assert.equal(webhooks(view).length, 1);
  });
});

describe("the record", () => {
  it("is made of whatever verifies, also where a field that nobody knows is as deep as JSON is read or looks like the parser's own number", async () => {
    const deepest = JSON.parse("[".repeat(126) + "]".repeat(126));
    for (const extra of [deepest, { "$serde_json::private::Number": "y" }]) {
      const payment = await opened(worker);
      const data = event(payment, { extra });
      await recorded(await sendWebhook(worker, data));
      await recorded(await sendWebhook(worker, data));
      const view = await state(payment);
      assert.equal(view.state, "successful");
      assert.equal(webhooks(view).length, 1);
    }
    const deeper = event(await ticket(), { extra: [deepest] });
    await refused(await sendWebhook(worker, deeper), 400, "not_a_webhook");
  });

  it("is one for twenty equal webhooks at once: twenty times 204, one change of state", async () => {
    const payment = await opened(worker);
    const { version } = await state(payment);
    const data = event(payment);
    const responses = await Promise.all(Array.from({ length: 20 }, () => sendWebhook(worker, data)));
    assert.deepEqual(
      responses.map(({ status }) => status),
      Array(20).fill(204),
    );
    const view = await state(payment);
    assert.equal(view.version, version + 1);
    assert.equal(view.state, "successful");
    assert.deepEqual(
      webhooks(view).map(({ at: _at, ...entry }) => entry),
      [
        {
          event: "webhook",
          transaction_id: data.transaction_id,
          status: "successful",
          outcome: "first",
          detail: "received 20 times",
        },
      ],
    );
  });

  it("keeps successful when pending comes late", async () => {
    const payment = await opened(worker);
    await recorded(await sendWebhook(worker, event(payment)));
    await recorded(await sendWebhook(worker, event(payment, { status: "pending" })));
    const view = await state(payment);
    assert.equal(view.state, "successful");
    assert.equal(view.settled, true);
    assert.equal(view.has_conflict, false);
    assert.deepEqual(
      webhooks(view).map(({ status, outcome }) => `${status} ${outcome}`),
      ["successful first", "pending stale"],
    );
  });

  it("goes from pending to rejected", async () => {
    const payment = await opened(worker);
    await recorded(await sendWebhook(worker, event(payment, { status: "pending" })));
    let view = await state(payment);
    assert.deepEqual([view.state, view.settled], ["pending", false]);
    await recorded(await sendWebhook(worker, event(payment, { status: "rejected" })));
    view = await state(payment);
    assert.deepEqual([view.state, view.settled], ["rejected", true]);
  });

  it("is the same whatever the order of the same webhooks", async () => {
    const payments = [await opened(worker), await opened(worker)];
    for (const [index, payment] of payments.entries()) {
      const all = ["pending", "in_review", "successful"].map((status) => event(payment, { status }));
      for (const data of index === 0 ? all : all.toReversed())
        await recorded(await sendWebhook(worker, data));
    }
    const [a, b] = await Promise.all(payments.map(state));
    assert.deepEqual([a.state, a.settled, a.has_conflict], ["successful", true, false]);
    assert.deepEqual([a.state, a.settled, a.has_conflict], [b.state, b.settled, b.has_conflict]);
  });

  it("of two different final states of one attempt is a conflict, and a success is not taken back", async () => {
    const final = async (...statuses) => {
      const payment = await opened(worker);
      for (const status of statuses) await recorded(await sendWebhook(worker, event(payment, { status })));
      const view = await state(payment);
      assert.deepEqual(
        webhooks(view).map(({ outcome }) => outcome),
        ["first", "conflict"],
      );
      return [view.state, view.settled, view.has_conflict];
    };
    assert.deepEqual(await final("successful", "rejected"), ["successful", true, true]);
    assert.deepEqual(await final("rejected", "successful"), ["conflict", true, true]);
  });

  it("of a declined attempt and a successful one is a success, in either order", async () => {
    for (const order of [
      ["declined", "paid"],
      ["paid", "declined"],
    ]) {
      const payment = await opened(worker);
      const data = {
        declined: event(payment, { transaction_id: "tx-declined", status: "rejected" }),
        paid: event(payment, { transaction_id: "tx-paid" }),
      };
      await recorded(await sendWebhook(worker, data[order[0]]));
      const early = await state(payment);
      assert.deepEqual([early.state, early.settled], [order[0] === "paid" ? "successful" : "rejected", true]);
      assert.equal(early.attempts, undefined);
      await recorded(await sendWebhook(worker, data[order[1]]));
      const view = await state(payment);
      assert.deepEqual([view.state, view.settled, view.has_conflict], ["successful", true, false]);
      assert.equal(view.transaction_id, "tx-paid");
      const attempts = {
        declined: { transaction_id: "tx-declined", state: "rejected" },
        paid: { transaction_id: "tx-paid", state: "successful" },
      };
      assert.deepEqual(
        view.attempts,
        order.map((name) => attempts[name]),
      );
      assert.deepEqual(
        webhooks(view).map(({ outcome }) => outcome),
        ["first", order[1] === "declined" ? "stale" : "first"],
      );
    }
  });

  it("is pending again when another attempt begins, and shows the attempt that the state rests on", async () => {
    const payment = await opened(worker);
    const send = async (transaction_id, status) => {
      await recorded(await sendWebhook(worker, event(payment, { transaction_id, status })));
      const view = await state(payment);
      return [view.state, view.settled, view.transaction_id];
    };
    assert.deepEqual(await send("tx-1", "rejected"), ["rejected", true, "tx-1"]);
    assert.deepEqual(await send("tx-2", "pending"), ["pending", false, "tx-2"]);
    assert.deepEqual(await send("tx-3", "rejected"), ["pending", false, "tx-2"]);
    assert.deepEqual(await send("tx-2", "successful"), ["successful", true, "tx-2"]);
    // A second success is never shown as the payment's.
    assert.deepEqual(await send("tx-4", "successful"), ["successful", true, "tx-2"]);
    assert.equal((await state(payment)).has_conflict, true);
  });

  for (const [name, change] of Object.entries({
    "another amount": { amount: "10.06" },
    "another currency": { currency: "USD" },
    "another user": { user_id: "129" },
    "another direction": { transaction_type: "withdrawal" },
  })) {
    it(`keeps a webhook with ${name} than the session's as a conflict, not as paid`, async () => {
      const payment = await opened(worker);
      await recorded(await sendWebhook(worker, event(payment, change)));
      let view = await state(payment);
      assert.deepEqual([view.state, view.settled, view.has_conflict], ["opened", false, true]);
      assert.equal(view.transaction_id, undefined);
      assert.equal(view.amount, "10.05");
      assert.deepEqual(
        webhooks(view).map(({ outcome }) => outcome),
        ["conflict"],
      );
      await recorded(await sendWebhook(worker, event(payment)));
      view = await state(payment);
      assert.deepEqual([view.state, view.settled, view.has_conflict], ["successful", true, true]);
    });
  }

  it("compares amounts by value", async () => {
    const payment = await opened(worker, { amount: 10.5 });
    await recorded(await sendWebhook(worker, event(payment, { amount: "10.50" })));
    const view = await state(payment);
    assert.deepEqual([view.state, view.amount], ["successful", "10.50"]);
  });

  it("takes another amount when the ticket lets the user choose it", async () => {
    const payment = await opened(worker, { amount_restricted: false });
    await recorded(await sendWebhook(worker, event(payment, { amount: "25.00" })));
    const view = await state(payment);
    assert.deepEqual([view.state, view.amount, view.has_conflict], ["successful", "25.00", false]);
  });

  it("is kept before any session is known, and judged when it is", async () => {
    const [right, wrong] = [await ticket(), await ticket()];
    await recorded(await sendWebhook(worker, event(right)));
    await recorded(await sendWebhook(worker, event(wrong, { amount: "99.00" })));
    assert.equal((await readSession(worker, right)).status, 404);
    for (const { jwt } of [right, wrong]) assert.equal((await openSession(worker, jwt)).status, 201);
    assert.equal((await state(right)).state, "successful");
    const view = await state(wrong);
    assert.deepEqual([view.state, view.has_conflict], ["opened", true]);
  });

  it("that cannot be written is 503 with Retry-After, never 2xx", async () => {
    const broken = await startWorker({ vars: { GATEWAY_BASE_URL: gateway.url }, without: ["PAYMENT"] });
    try {
      const payment = await ticket();
      const response = await sendWebhook(broken, event(payment));
      assert.equal(response.headers.get("retry-after"), "5");
      await refused(response, 503, "not_recorded");
      gateway.requests.length = 0;
      await refused(await openSession(broken, payment.jwt), 500, "internal");
      assert.equal(gateway.requests.length, 0);
    } finally {
      await broken.stop();
    }
  });
});
