// Decisions on payouts: who may decide what, and that each decision is carried out at most once, whatever comes at the same instant.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { answered, refused } from "../support/answers.mjs";
import {
  ADMIN_TOKEN,
  asMerchant,
  decidePayout,
  event,
  opened,
  pendingPayout,
  readSession,
  sendWebhook,
  ticket,
} from "../support/payments.mjs";
import { DECISIONS, OTHER, PAST, startPayoutGateway, TAKEN } from "../support/payouts.mjs";
import { startWorker, WORKER_VARS } from "../support/workerd.mjs";

let gateway;
let worker;

before(async () => {
  gateway = await startPayoutGateway();
  worker = await startWorker({
    // A busy machine may be slow.
    vars: { GATEWAY_BASE_URL: gateway.url, GATEWAY_TIMEOUT_MS: "20000", ADMIN_TOKEN },
  });
});

beforeEach(() => gateway.reset());

after(async () => {
  await worker?.stop();
  await gateway?.stop();
});

describe("a decision", () => {
  it("to approve names the payout by the merchant's id", async () => {
    const payment = await pendingPayout(worker);
    const decided = await answered(await decidePayout(worker, payment, "approve"), 200);
    assert.deepEqual(decided, {
      tracking_id: payment.tracking_id,
      decision: "approved",
      transaction_id: `tx-${payment.tracking_id}`,
      ...TAKEN.approve.json,
    });
    const { method, path, headers, body } = gateway.requests.at(-1);
    assert.deepEqual([method, path], ["POST", "/payouts/approve"]);
    assert.equal(headers["x-api-key"], WORKER_VARS.GATEWAY_API_KEY);
    assert.deepEqual(JSON.parse(body), { transaction_id: payment.tracking_id });
  });

  it("to reject names it by the gateway's id", async () => {
    const payment = await pendingPayout(worker);
    const decided = await answered(await decidePayout(worker, payment, "reject"), 200);
    const transaction_id = `tx-${payment.tracking_id}`;
    assert.deepEqual(decided, { tracking_id: payment.tracking_id, decision: "rejected", transaction_id });
    const { path, body } = gateway.requests.at(-1);
    assert.equal(path, "/payouts/reject");
    assert.deepEqual(JSON.parse(body), { transaction_id });
  });

  it("to reject is about the attempt that is pending", async () => {
    const payment = await pendingPayout(worker, { transaction_id: "first-attempt" });
    const report = (transaction_id, status) =>
      sendWebhook(worker, event(payment, { transaction_id, status, amount: "200.00" }));
    await report("first-attempt", "rejected");
    await report("second-attempt", "pending");
    const { transaction_id } = await answered(await decidePayout(worker, payment, "reject"), 200);
    assert.equal(transaction_id, "second-attempt");
    assert.deepEqual(JSON.parse(gateway.requests.at(-1).body), { transaction_id: "second-attempt" });
  });

  it("is possible for a payout that only a webhook has told of", async () => {
    const payment = await ticket({ operation: "hosted_withdrawal" });
    await sendWebhook(worker, event(payment, { status: "pending" }));
    await answered(await decidePayout(worker, payment, "reject"), 200);
    assert.deepEqual(gateway.asked(payment), ["reject"]);
  });

  it("to approve is possible before the first webhook", async () => {
    const payment = await opened(worker, { operation: "hosted_withdrawal", amount: "200.00" });
    await refused(await decidePayout(worker, payment, "reject"), 409, "payout_not_pending");
    // There is no amount to compare with: the ticket's is not what the user asked for in the cashier.
    for (const expected of [{ expected_amount: "200.00" }, { expected_currency: "EUR" }]) {
      const problem = await refused(
        await decidePayout(worker, payment, "approve", expected),
        409,
        "payout_not_pending",
      );
      assert.match(problem.detail, /No webhook has reported/);
    }
    assert.deepEqual(gateway.asked(payment), []);
    const decided = await answered(await decidePayout(worker, payment, "approve"), 200);
    assert.equal(decided.transaction_id, undefined);
    assert.deepEqual(gateway.asked(payment), ["approve"]);
  });

  for (const decision of DECISIONS) {
    it(`to ${decision} is sent once; repeated it has the same answer, also after the final webhook`, async () => {
      const payment = await pendingPayout(worker);
      const first = await answered(await decidePayout(worker, payment, decision), 200);
      assert.deepEqual(await answered(await decidePayout(worker, payment, decision), 200), first);
      const status = decision === "approve" ? "successful" : "rejected";
      await sendWebhook(worker, event(payment, { status, amount: "200.00" }));
      assert.deepEqual(await answered(await decidePayout(worker, payment, decision), 200), first);
      await refused(await decidePayout(worker, payment, OTHER[decision]), 409, "payout_decided");
      assert.deepEqual(gateway.asked(payment), [decision]);
    });

    it(`to ${decision} is not about a later attempt when it is repeated`, async () => {
      const payment = await pendingPayout(worker);
      const first = await answered(await decidePayout(worker, payment, decision), 200);
      const report = (changes) => sendWebhook(worker, event(payment, { amount: "200.00", ...changes }));
      await report({ status: "rejected" });
      await report({ status: "pending", transaction_id: "later" });
      assert.deepEqual(await answered(await decidePayout(worker, payment, decision), 200), first);
      assert.deepEqual(gateway.asked(payment), [decision]);
    });
  }

  it("wakes those who wait for a change, and is in the payment's state", async () => {
    const payment = await pendingPayout(worker);
    const { version, payout } = await (await readSession(worker, payment)).json();
    assert.equal(payout, undefined);
    const waiting = readSession(worker, payment, `?wait=25&version=${version}`);
    const started = performance.now();
    await answered(await decidePayout(worker, payment, "approve"), 200);
    const view = await (await waiting).json();
    assert.ok(performance.now() - started < 20_000);
    assert.deepEqual([view.payout, view.state], ["approved", "pending"]);
    assert.ok(view.version > version);
  });
});

describe("nothing is sent", () => {
  const untouched = async (payment, status, code, decisions = DECISIONS) => {
    for (const decision of decisions)
      await refused(await decidePayout(worker, payment, decision), status, code);
    assert.deepEqual(gateway.asked(payment), []);
  };

  it("about a tracking id that nobody knows", async () => {
    const payment = await ticket({ operation: "hosted_withdrawal" });
    await untouched(payment, 404, "payout_not_found");
    assert.equal((await readSession(worker, payment)).status, 404);
  });

  it("about a deposit", async () => {
    const payment = await opened(worker);
    await untouched(payment, 404, "payout_not_found");
    await sendWebhook(worker, event(payment, { status: "pending" }));
    await untouched(payment, 404, "payout_not_found");
  });

  for (const status of ["successful", "rejected"])
    it(`about a payout that is ${status}`, async () => {
      const payment = await pendingPayout(worker);
      await sendWebhook(worker, event(payment, { status, amount: "200.00" }));
      await untouched(payment, 409, "payout_not_pending");
    });

  it("when several attempts are pending", async () => {
    const payment = await pendingPayout(worker);
    await sendWebhook(
      worker,
      event(payment, { status: "pending", amount: "200.00", transaction_id: "other" }),
    );
    const problem = await refused(await decidePayout(worker, payment, "reject"), 409, "payout_not_pending");
    assert.match(problem.detail, /Several/);
    await untouched(payment, 409, "payout_not_pending");
  });

  it("to approve what a webhook contradicts", async () => {
    const payment = await pendingPayout(worker, { amount: "2000.00" });
    await untouched(payment, 409, "payout_not_pending");
  });

  it("of another amount or currency than expected, and the mended request goes on", async () => {
    const payment = await pendingPayout(worker);
    for (const wrong of [
      { expected_amount: "200.01" },
      { expected_amount: "200.00", expected_currency: "USD" },
      { expected_currency: "GBP" },
      '{"expected_amount": 200.00000000000001}',
    ])
      for (const decision of DECISIONS)
        await refused(await decidePayout(worker, payment, decision, wrong), 409, "amount_mismatch");
    assert.deepEqual(gateway.asked(payment), []);
    const right = { expected_amount: "200", expected_currency: "EUR" };
    await answered(await decidePayout(worker, payment, "approve", right), 200);
    await answered(await decidePayout(worker, payment, "approve", '{"expected_amount": 200.0}'), 200);
    const late = await refused(
      await decidePayout(worker, payment, "approve", { expected_amount: "201" }),
      409,
      "amount_mismatch",
    );
    assert.match(
      late.detail,
      /earlier request decided on this payout \(approved\).*This request sent nothing/,
    );
    assert.deepEqual(gateway.asked(payment), ["approve"]);
  });

  it("for a body that is not the one that is described", async () => {
    const payment = await pendingPayout(worker);
    const violations = async (body) => {
      const problem = await refused(
        await decidePayout(worker, payment, "approve", body),
        422,
        "invalid_request",
      );
      return problem.violations.map(({ path, code, message }) => [path, code, message]);
    };
    assert.deepEqual(await violations({ expected_amuont: "200.00" }), [
      ["expected_amuont", "unknown_field", 'unknown field; did you mean "expected_amount"?'],
    ]);
    const codes = (found) => found.map(([path, code]) => [path, code]);
    assert.deepEqual(codes(await violations({ expected_amount: "1e3", expected_currency: "eur" })), [
      ["expected_amount", "format"],
      ["expected_currency", "format"],
    ]);
    assert.deepEqual(codes(await violations("[]")), [["", "type"]]);
    await refused(await decidePayout(worker, payment, "approve", "{"), 400, "invalid_body");
    await refused(
      await decidePayout(worker, payment, "approve", "{}", { headers: { "content-type": "text/plain" } }),
      400,
      "invalid_body",
    );
    await refused(await decidePayout(worker, payment, "approve", " ".repeat(4097)), 413, "payload_too_large");
    assert.deepEqual(gateway.asked(payment), []);
    const padded = `{}${" ".repeat(4094)}`;
    const headers = { "content-type": "Application/JSON; charset=utf-8" };
    await answered(await decidePayout(worker, payment, "approve", padded, { headers }), 200);
  });

  it("without the right token", async () => {
    const payment = await pendingPayout(worker);
    const off = `${ADMIN_TOKEN.slice(0, -1)}X`;
    for (const decision of DECISIONS) {
      const code = (token) => [401, token === null ? "missing_admin_token" : "invalid_admin_token"];
      for (const token of [null, off, `${ADMIN_TOKEN}X`, ADMIN_TOKEN.slice(1), "", payment.jwt]) {
        const response = await decidePayout(worker, payment, decision, undefined, { token });
        const [status, expected] = code(token === "" ? null : token);
        await refused(response, status, expected);
        assert.match(response.headers.get("www-authenticate"), /^Bearer/);
      }
    }
    assert.deepEqual(gateway.asked(payment), []);
    assert.equal((await decidePayout(worker, payment, "approve")).status, 200);
  });
});

describe("at the same instant", () => {
  for (const decision of DECISIONS)
    it(`twenty requests to ${decision} are one call and one answer`, async () => {
      gateway.at[decision] = () => ({ delayMs: 100, json: { message: `once: ${gateway.requests.length}` } });
      const payment = await pendingPayout(worker);
      const responses = await Promise.all(
        Array.from({ length: 20 }, () => decidePayout(worker, payment, decision)),
      );
      const answers = await Promise.all(responses.map((response) => answered(response, 200)));
      for (const answer of answers) assert.deepEqual(answer, answers[0]);
      assert.deepEqual(gateway.asked(payment), [decision]);
    });

  it("twenty of each: the gateway sees one, and one kind wins", async () => {
    const won = { approve: 0, reject: 0 };
    for (let round = 0; round < 10; round++) {
      gateway.at.approve = () => ({ delayMs: 20, ...TAKEN.approve });
      gateway.at.reject = () => ({ delayMs: 20, ...TAKEN.reject });
      const payment = await pendingPayout(worker);
      // Every second round begins with the other decision.
      const order = round % 2 ? DECISIONS : DECISIONS.toReversed();
      const all = await Promise.all(
        Array.from({ length: 40 }, async (_, index) => {
          const decision = order[index % 2];
          const response = await decidePayout(worker, payment, decision);
          return { decision, status: response.status, answer: await response.json() };
        }),
      );
      const [winner, ...more] = gateway.asked(payment);
      assert.deepEqual(more, []);
      for (const { decision, status, answer } of all) {
        if (decision === winner) assert.deepEqual([status, answer.decision], [200, PAST[winner]]);
        else assert.deepEqual([status, answer.code], [409, "payout_decided"]);
      }
      won[winner]++;
    }
    console.log(`# of 10 rounds, approving won ${won.approve} and rejecting ${won.reject}`);
  });
});

it("without ADMIN_TOKEN the addresses are closed", async () => {
  const closed = await startWorker({ vars: { GATEWAY_BASE_URL: gateway.url } });
  try {
    const payment = await pendingPayout(closed);
    for (const decision of DECISIONS)
      await refused(await decidePayout(closed, payment, decision), 503, "configuration");
    assert.equal((await asMerchant(closed, "/v1/transactions")).status, 503);
    assert.deepEqual(gateway.asked(payment), []);
  } finally {
    await closed.stop();
  }
});
