// Decisions on payouts: carried out at most once, whatever comes at the same instant and whatever the gateway answers or does not.

import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { after, before, beforeEach, describe, it } from "node:test";
import { answered, refused, SECRET_BODY } from "../support/answers.mjs";
import { opens, startGateway } from "../support/gateway.mjs";
import {
  ADMIN_TOKEN,
  asMerchant,
  decidePayout,
  event,
  openSession,
  pendingPayout,
  readSession,
  sendWebhook,
  ticket,
} from "../support/payments.mjs";
import { startWorker, storageDirectory, WORKER_VARS } from "../support/workerd.mjs";

// Short enough for a test to wait for, long enough for a busy machine to answer within.
const TIMEOUT_MS = 2000;
const APPROVED = {
  json: {
    message: "Transaction Withdrawal has been approved successfully",
    transaction_status: "pending",
  },
};
const REJECTED = { json: {} };
const state = (transaction_status) => ({ json: { transaction_status } });

let gateway;
let worker;
/** How the gateway behaves at each address. */
let at;

before(async () => {
  gateway = await startGateway();
  gateway.behave = () => {
    const { path } = gateway.requests.at(-1);
    if (path === "/payouts/approve") return at.approve();
    if (path === "/payouts/reject") return at.reject();
    return path.startsWith("/transactions/") ? at.status() : opens();
  };
  worker = await startWorker({
    vars: { GATEWAY_BASE_URL: gateway.url, GATEWAY_TIMEOUT_MS: String(TIMEOUT_MS), ADMIN_TOKEN },
  });
});

beforeEach(() => {
  at = { approve: () => APPROVED, reject: () => REJECTED, status: () => state("pending") };
});

after(async () => {
  await worker?.stop();
  await gateway?.stop();
});

/** What the gateway was asked since the payment was opened: `approve`, `reject` and `state`, in order. */
function asked(payment) {
  const about = gateway.requests.filter(
    ({ path, body }) =>
      path === `/transactions/${payment.tracking_id}` ||
      (path.startsWith("/payouts/") && body.includes(payment.tracking_id)),
  );
  return about.map(({ path }) => path.match(/^\/payouts\/(\w+)$/)?.[1] ?? "state");
}

const other = { approve: "reject", reject: "approve" };
const DECISIONS = Object.keys(other);
const past = { approve: "approved", reject: "rejected" };

describe("a decision", () => {
  it("to approve names the payout by the merchant's id", async () => {
    const payment = await pendingPayout(worker);
    const decided = await answered(await decidePayout(worker, payment, "approve"), 200);
    assert.deepEqual(decided, {
      tracking_id: payment.tracking_id,
      decision: "approved",
      transaction_id: `tx-${payment.tracking_id}`,
      ...APPROVED.json,
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
    assert.deepEqual(asked(payment), ["reject"]);
  });

  it("to approve is possible before the first webhook", async () => {
    const payment = await ticket({ operation: "hosted_withdrawal", amount: "200.00" });
    await openSession(worker, payment.jwt);
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
    assert.deepEqual(asked(payment), []);
    const decided = await answered(await decidePayout(worker, payment, "approve"), 200);
    assert.equal(decided.transaction_id, undefined);
    assert.deepEqual(asked(payment), ["approve"]);
  });

  for (const decision of DECISIONS) {
    it(`to ${decision} is sent once; repeated it has the same answer, also after the final webhook`, async () => {
      const payment = await pendingPayout(worker);
      const first = await answered(await decidePayout(worker, payment, decision), 200);
      assert.deepEqual(await answered(await decidePayout(worker, payment, decision), 200), first);
      const status = decision === "approve" ? "successful" : "rejected";
      await sendWebhook(worker, event(payment, { status, amount: "200.00" }));
      assert.deepEqual(await answered(await decidePayout(worker, payment, decision), 200), first);
      await refused(await decidePayout(worker, payment, other[decision]), 409, "payout_decided");
      assert.deepEqual(asked(payment), [decision]);
    });

    it(`to ${decision} is not about a later attempt when it is repeated`, async () => {
      const payment = await pendingPayout(worker);
      const first = await answered(await decidePayout(worker, payment, decision), 200);
      const report = (changes) => sendWebhook(worker, event(payment, { amount: "200.00", ...changes }));
      await report({ status: "rejected" });
      await report({ status: "pending", transaction_id: "later" });
      assert.deepEqual(await answered(await decidePayout(worker, payment, decision), 200), first);
      assert.deepEqual(asked(payment), [decision]);
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
    assert.deepEqual(asked(payment), []);
  };

  it("about a tracking id that nobody knows", async () => {
    const payment = await ticket({ operation: "hosted_withdrawal" });
    await untouched(payment, 404, "payout_not_found");
    assert.equal((await readSession(worker, payment)).status, 404);
  });

  it("about a deposit", async () => {
    const payment = await ticket();
    await openSession(worker, payment.jwt);
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
    assert.deepEqual(asked(payment), []);
    const right = { expected_amount: "200", expected_currency: "EUR" };
    await answered(await decidePayout(worker, payment, "approve", right), 200);
    await answered(await decidePayout(worker, payment, "approve", '{"expected_amount": 200.0}'), 200);
    await refused(
      await decidePayout(worker, payment, "approve", { expected_amount: "201" }),
      409,
      "amount_mismatch",
    );
    assert.deepEqual(asked(payment), ["approve"]);
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
    assert.deepEqual(asked(payment), []);
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
    assert.deepEqual(asked(payment), []);
    assert.equal((await decidePayout(worker, payment, "approve")).status, 200);
  });
});

describe("at the same instant", () => {
  for (const decision of DECISIONS)
    it(`twenty requests to ${decision} are one call and one answer`, async () => {
      at[decision] = () => ({ delayMs: 100, json: { message: `once: ${gateway.requests.length}` } });
      const payment = await pendingPayout(worker);
      const responses = await Promise.all(
        Array.from({ length: 20 }, () => decidePayout(worker, payment, decision)),
      );
      const answers = await Promise.all(responses.map((response) => answered(response, 200)));
      for (const answer of answers) assert.deepEqual(answer, answers[0]);
      assert.deepEqual(asked(payment), [decision]);
    });

  it("twenty of each: the gateway sees one, and one kind wins", async () => {
    const won = { approve: 0, reject: 0 };
    for (let round = 0; round < 10; round++) {
      at.approve = () => ({ delayMs: 20, ...APPROVED });
      at.reject = () => ({ delayMs: 20, ...REJECTED });
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
      const [winner, ...more] = asked(payment);
      assert.deepEqual(more, []);
      for (const { decision, status, answer } of all) {
        if (decision === winner) assert.deepEqual([status, answer.decision], [200, past[winner]]);
        else assert.deepEqual([status, answer.code], [409, "payout_decided"]);
      }
      won[winner]++;
    }
    console.log(`# of 10 rounds, approving won ${won.approve} and rejecting ${won.reject}`);
  });
});

// None of these says that nothing was done.
const UNCLEAR = {
  "does not answer": "hang",
  "closes the connection": "reset",
  "breaks off": "cut",
  "answers 500": { status: 500, json: { error: SECRET_BODY } },
  "answers 503": { status: 503, text: SECRET_BODY, headers: { "retry-after": "7" } },
  "answers 408": { status: 408, json: {} },
  "answers 409": { status: 409, json: { error: SECRET_BODY } },
  "answers with HTML": { status: 200, text: `<html>${SECRET_BODY}</html>` },
};

for (const decision of DECISIONS) {
  const agreeing = decision === "approve" ? "successful" : "rejected";
  const contradicting = decision === "approve" ? "rejected" : "successful";
  const again = decision === "approve" ? { resend: true } : undefined;
  const resending = again ? "with resend" : "";

  describe(`when the gateway is told to ${decision} and`, () => {
    for (const [what, behaviour] of Object.entries(UNCLEAR)) {
      it(`${what}: the state says what became of it`, async () => {
        at[decision] = () => behaviour;
        at.status = () => state(agreeing);
        const payment = await pendingPayout(worker);
        const decided = await answered(await decidePayout(worker, payment, decision), 200);
        assert.deepEqual(decided, {
          tracking_id: payment.tracking_id,
          decision: past[decision],
          transaction_id: `tx-${payment.tracking_id}`,
          transaction_status: agreeing,
        });
        assert.deepEqual(await answered(await decidePayout(worker, payment, decision), 200), decided);
        assert.deepEqual(asked(payment), [decision, "state"]);
      });
    }

    it(`the state is pending: unknown, and only the next request ${resending} sends it again`, async () => {
      at[decision] = () => UNCLEAR["closes the connection"];
      const payment = await pendingPayout(worker);
      const problem = await refused(await decidePayout(worker, payment, decision), 504, "payout_unknown");
      assert.match(problem.detail, /same request again/);
      assert.deepEqual(asked(payment), [decision, "state"]);
      const view = await (await readSession(worker, payment)).json();
      assert.equal(view.payout, "unknown");
      await refused(await decidePayout(worker, payment, other[decision]), 409, "payout_decided");
      at[decision] = () => (decision === "approve" ? APPROVED : REJECTED);
      // A rejection pays nothing however often it is sent; an approval that was taken is pending, too.
      const refusals = decision === "approve" ? [undefined, { resend: false }] : [];
      for (const body of refusals) {
        const unsent = await refused(
          await decidePayout(worker, payment, decision, body),
          409,
          "payout_unconfirmed",
        );
        assert.match(unsent.detail, /merchant portal.*"resend": true/);
      }
      await answered(await decidePayout(worker, payment, decision, again), 200);
      assert.deepEqual(asked(payment), [
        decision,
        "state",
        ...refusals.map(() => "state"),
        "state",
        decision,
      ]);
      const known = await (await readSession(worker, payment)).json();
      assert.equal(known.payout, past[decision]);
      assert.ok(known.version > view.version);
    });

    for (const [what, behaviour] of Object.entries({ ...UNCLEAR, "says another word": state("on_hold") })) {
      it(`the state cannot be read since the gateway ${what}: nothing is sent until it can`, async () => {
        at[decision] = () => "reset";
        at.status = () => behaviour;
        const payment = await pendingPayout(worker);
        await refused(await decidePayout(worker, payment, decision), 504, "payout_unknown");
        await refused(await decidePayout(worker, payment, decision), 504, "payout_unknown");
        assert.deepEqual(asked(payment), [decision, "state", "state"]);
        at.status = () => state(agreeing);
        const { transaction_status } = await answered(await decidePayout(worker, payment, decision), 200);
        assert.equal(transaction_status, agreeing);
        assert.deepEqual(asked(payment), [decision, "state", "state", "state"]);
      });
    }

    it("the payout was decided otherwise elsewhere: 409 with the state, for good", async () => {
      at[decision] = () => UNCLEAR["answers 409"];
      at.status = () => state(contradicting);
      const payment = await pendingPayout(worker);
      const problem = await refused(await decidePayout(worker, payment, decision), 409, "payout_not_pending");
      assert.ok(problem.detail.includes(contradicting), problem.detail);
      await refused(await decidePayout(worker, payment, decision), 409, "payout_not_pending");
      assert.deepEqual(asked(payment), [decision, "state"]);
      assert.equal((await (await readSession(worker, payment)).json()).payout, undefined);
    });

    it("the state is final, which of several attempts says nothing: the webhook of its own tells", async () => {
      at[decision] = () => "reset";
      at.status = () => state(agreeing);
      const payment = await pendingPayout(worker, { transaction_id: `first-${decision}` });
      const report = (transaction_id, status) =>
        sendWebhook(worker, event(payment, { transaction_id, status, amount: "200.00" }));
      await report(`first-${decision}`, "rejected");
      await report(`second-${decision}`, "pending");
      await refused(await decidePayout(worker, payment, decision), 504, "payout_unknown");
      await refused(await decidePayout(worker, payment, decision, again), 504, "payout_unknown");
      await report(`second-${decision}`, agreeing);
      const { transaction_id } = await answered(await decidePayout(worker, payment, decision), 200);
      assert.equal(transaction_id, `second-${decision}`);
    });

    for (const status of [400, 401, 404, 422, 429]) {
      it(`it is refused with ${status}: nothing was decided, and either decision may come`, async () => {
        at[decision] = () => ({ status, json: { error: SECRET_BODY } });
        const payment = await pendingPayout(worker);
        await refused(await decidePayout(worker, payment, decision), 502, "gateway_refused");
        assert.equal((await (await readSession(worker, payment)).json()).payout, undefined);
        await answered(await decidePayout(worker, payment, other[decision]), 200);
        assert.deepEqual(asked(payment), [decision, other[decision]]);
      });
    }

    it("it is refused after an unknown outcome: the refusal says nothing about the first call", async () => {
      at[decision] = () => "reset";
      const payment = await pendingPayout(worker);
      await refused(await decidePayout(worker, payment, decision), 504, "payout_unknown");
      at[decision] = () => ({ status: 422, json: {} });
      await refused(await decidePayout(worker, payment, decision, again), 502, "gateway_refused");
      await refused(await decidePayout(worker, payment, other[decision]), 409, "payout_decided");
      at.status = () => state(agreeing);
      await answered(await decidePayout(worker, payment, decision), 200);
      assert.deepEqual(asked(payment), [decision, "state", "state", decision, "state"]);
    });
  });
}

it("an approval is not sent again when another attempt is the one that waits", async () => {
  at.approve = () => "reset";
  const payment = await pendingPayout(worker, { transaction_id: "first" });
  await refused(await decidePayout(worker, payment, "approve"), 504, "payout_unknown");
  await sendWebhook(
    worker,
    event(payment, { transaction_id: "second", status: "pending", amount: "200.00" }),
  );
  await refused(await decidePayout(worker, payment, "approve", { resend: true }), 409, "payout_not_pending");
  assert.deepEqual(asked(payment), ["approve", "state", "state"]);
});

it("the gateway's wish to wait is passed on", async () => {
  at.approve = () => UNCLEAR["answers 503"];
  const response = await decidePayout(worker, await pendingPayout(worker), "approve");
  assert.equal(response.headers.get("retry-after"), "7");
  await refused(response, 504, "payout_unknown");
});

it("the log names failures by request and tracking id, and tells nothing of the gateway's bodies", async () => {
  at.approve = () => ({ status: 422, json: { error: SECRET_BODY } });
  const payment = await pendingPayout(worker);
  const problem = await refused(await decidePayout(worker, payment, "approve"), 502, "gateway_refused");
  const lines = worker.logs.map(({ message }) => message);
  const line = lines.find((text) => text.includes("gateway_failure") && text.includes(problem.request_id));
  const { operation, status, tracking_id } = JSON.parse(line);
  assert.deepEqual([operation, status, tracking_id], ["approve_payout", 422, payment.tracking_id]);
  for (const secret of [SECRET_BODY, ADMIN_TOKEN]) assert.ok(!lines.some((text) => text.includes(secret)));
});

it("without ADMIN_TOKEN the addresses are closed", async () => {
  const closed = await startWorker({ vars: { GATEWAY_BASE_URL: gateway.url } });
  try {
    const payment = await pendingPayout(closed);
    for (const decision of DECISIONS)
      await refused(await decidePayout(closed, payment, decision), 503, "configuration");
    assert.equal((await asMerchant(closed, "/v1/transactions")).status, 503);
    assert.deepEqual(asked(payment), []);
  } finally {
    await closed.stop();
  }
});

describe("a Worker that dies during the call", () => {
  let persist;
  const start = () =>
    startWorker({
      vars: { GATEWAY_BASE_URL: gateway.url, GATEWAY_TIMEOUT_MS: "20000", ADMIN_TOKEN },
      persist,
    });

  before(async () => {
    persist = await storageDirectory();
  });

  after(() => rm(persist, { recursive: true, force: true }));

  /** Begins a decision, and stops the Worker while the gateway has not answered. */
  async function interrupted(decision) {
    let arrived;
    const call = new Promise((resolve) => {
      arrived = resolve;
    });
    at[decision] = () => {
      arrived();
      return "hang";
    };
    const dying = await start();
    const payment = await pendingPayout(dying);
    const lost = decidePayout(dying, payment, decision).then(
      (response) => assert.notEqual(response.status, 200),
      () => {},
    );
    await call;
    await dying.stop();
    await lost;
    at[decision] = () => (decision === "approve" ? APPROVED : REJECTED);
    return payment;
  }

  for (const decision of DECISIONS) {
    it(`to ${decision} reads the state first, and sends it again when that is pending and it may`, async () => {
      const payment = await interrupted(decision);
      const again = await start();
      try {
        await refused(await decidePayout(again, payment, other[decision]), 409, "payout_decided");
        assert.deepEqual(asked(payment), [decision]);
        if (decision === "approve") {
          await refused(await decidePayout(again, payment, decision), 409, "payout_unconfirmed");
          assert.equal((await (await readSession(again, payment)).json()).payout, "unknown");
          assert.deepEqual(asked(payment).splice(1), ["state"]);
        }
        const decided = await answered(await decidePayout(again, payment, decision, { resend: true }), 200);
        assert.equal(decided.decision, past[decision]);
        assert.deepEqual(asked(payment).slice(-2), ["state", decision]);
        assert.deepEqual(await answered(await decidePayout(again, payment, decision), 200), decided);
      } finally {
        await again.stop();
      }
    });

    it(`to ${decision} does not send it again when it was carried out`, async () => {
      const payment = await interrupted(decision);
      at.status = () => state(decision === "approve" ? "successful" : "rejected");
      const again = await start();
      try {
        const decided = await answered(await decidePayout(again, payment, decision), 200);
        assert.equal(decided.decision, past[decision]);
        assert.deepEqual(asked(payment), [decision, "state"]);
      } finally {
        await again.stop();
      }
      const later = await start();
      try {
        assert.equal((await decidePayout(later, payment, decision)).status, 200);
        assert.equal((await (await readSession(later, payment)).json()).payout, past[decision]);
        assert.deepEqual(asked(payment), [decision, "state"]);
      } finally {
        await later.stop();
      }
    });
  }
});
