// Decisions on payouts whose outcome the gateway does not say: none is carried out twice, and the state is read before anything is sent again.

import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { after, before, beforeEach, describe, it } from "node:test";
import { answered, refused, SECRET_BODY } from "../support/answers.mjs";
import {
  ADMIN_TOKEN,
  decidePayout,
  event,
  pendingPayout,
  readSession,
  sendWebhook,
} from "../support/payments.mjs";
import { DECISIONS, OTHER, PAST, startPayoutGateway, state, TAKEN } from "../support/payouts.mjs";
import { startWorker, storageDirectory } from "../support/workerd.mjs";

let gateway;
let worker;
/** Gives the gateway up soon: for the tests that wait for that, and not so soon that a busy machine fails what comes after it. */
let impatient;

before(async () => {
  gateway = await startPayoutGateway();
  const vars = { GATEWAY_BASE_URL: gateway.url, ADMIN_TOKEN };
  worker = await startWorker({ vars });
  impatient = await startWorker({ vars: { ...vars, GATEWAY_TIMEOUT_MS: "700" } });
});

const facing = (behaviour) => (behaviour === "hang" ? impatient : worker);

beforeEach(() => gateway.reset());

after(async () => {
  await worker?.stop();
  await impatient?.stop();
  await gateway?.stop();
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
        gateway.at[decision] = () => behaviour;
        gateway.at.status = () => state(agreeing);
        const at = facing(behaviour);
        const payment = await pendingPayout(at);
        const decided = await answered(await decidePayout(at, payment, decision), 200);
        assert.deepEqual(decided, {
          tracking_id: payment.tracking_id,
          decision: PAST[decision],
          transaction_id: `tx-${payment.tracking_id}`,
          transaction_status: agreeing,
        });
        assert.deepEqual(await answered(await decidePayout(at, payment, decision), 200), decided);
        assert.deepEqual(gateway.asked(payment), [decision, "state"]);
      });
    }

    it(`the state is pending: unknown, and only the next request ${resending} sends it again`, async () => {
      gateway.at[decision] = () => UNCLEAR["closes the connection"];
      const payment = await pendingPayout(worker);
      const problem = await refused(await decidePayout(worker, payment, decision), 504, "payout_unknown");
      assert.match(problem.detail, /same request again/);
      assert.deepEqual(gateway.asked(payment), [decision, "state"]);
      const view = await (await readSession(worker, payment)).json();
      assert.equal(view.payout, "unknown");
      await refused(await decidePayout(worker, payment, OTHER[decision]), 409, "payout_decided");
      gateway.at[decision] = () => TAKEN[decision];
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
      assert.deepEqual(gateway.asked(payment), [
        decision,
        "state",
        ...refusals.map(() => "state"),
        "state",
        decision,
      ]);
      const known = await (await readSession(worker, payment)).json();
      assert.equal(known.payout, PAST[decision]);
      assert.ok(known.version > view.version);
    });

    for (const [what, behaviour] of Object.entries({ ...UNCLEAR, "says another word": state("on_hold") })) {
      it(`the state cannot be read since the gateway ${what}: nothing is sent until it can`, async () => {
        gateway.at[decision] = () => "reset";
        gateway.at.status = () => behaviour;
        const at = facing(behaviour);
        const payment = await pendingPayout(at);
        await refused(await decidePayout(at, payment, decision), 504, "payout_unknown");
        await refused(await decidePayout(at, payment, decision), 504, "payout_unknown");
        assert.deepEqual(gateway.asked(payment), [decision, "state", "state"]);
        gateway.at.status = () => state(agreeing);
        const { transaction_status } = await answered(await decidePayout(at, payment, decision), 200);
        assert.equal(transaction_status, agreeing);
        assert.deepEqual(gateway.asked(payment), [decision, "state", "state", "state"]);
      });
    }

    it("the payout was decided otherwise elsewhere: 409 with the state, for good", async () => {
      gateway.at[decision] = () => UNCLEAR["answers 409"];
      gateway.at.status = () => state(contradicting);
      const payment = await pendingPayout(worker);
      const problem = await refused(await decidePayout(worker, payment, decision), 409, "payout_not_pending");
      assert.ok(problem.detail.includes(contradicting), problem.detail);
      for (const either of ["approve", "reject"]) {
        const { detail } = await refused(
          await decidePayout(worker, payment, either),
          409,
          "payout_not_pending",
        );
        assert.equal(detail, problem.detail, either);
      }
      assert.deepEqual(gateway.asked(payment), [decision, "state"]);
      assert.equal((await (await readSession(worker, payment)).json()).payout, undefined);
    });

    it("the state is final, which of several attempts says nothing: the webhook of its own tells", async () => {
      gateway.at[decision] = () => "reset";
      gateway.at.status = () => state(agreeing);
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
        gateway.at[decision] = () => ({ status, json: { error: SECRET_BODY } });
        const payment = await pendingPayout(worker);
        await refused(await decidePayout(worker, payment, decision), 502, "gateway_refused");
        assert.equal((await (await readSession(worker, payment)).json()).payout, undefined);
        await answered(await decidePayout(worker, payment, OTHER[decision]), 200);
        assert.deepEqual(gateway.asked(payment), [decision, OTHER[decision]]);
      });
    }

    it("it is refused after an unknown outcome: the refusal says nothing about the first call", async () => {
      gateway.at[decision] = () => "reset";
      const payment = await pendingPayout(worker);
      await refused(await decidePayout(worker, payment, decision), 504, "payout_unknown");
      gateway.at[decision] = () => ({ status: 422, json: {} });
      if (again) await refused(await decidePayout(worker, payment, decision), 409, "payout_unconfirmed");
      await refused(await decidePayout(worker, payment, decision, again), 502, "gateway_refused");
      await refused(await decidePayout(worker, payment, OTHER[decision]), 409, "payout_decided");
      gateway.at.status = () => state(agreeing);
      await answered(await decidePayout(worker, payment, decision), 200);
      const unconfirmed = again ? ["state"] : [];
      assert.deepEqual(gateway.asked(payment), [
        decision,
        "state",
        ...unconfirmed,
        "state",
        decision,
        "state",
      ]);
    });
  });
}

it("an approval is sent again once for each answer that it is unconfirmed, however often that is asked for", async () => {
  gateway.at.approve = () => "reset";
  const payment = await pendingPayout(worker);
  const approve = async (status, code) =>
    refused(await decidePayout(worker, payment, "approve", { resend: true }), status, code);
  const { detail } = await approve(504, "payout_unknown");
  // As an HTTP client does by itself with a 504: nobody has looked the payout up since.
  await approve(409, "payout_unconfirmed");
  assert.match(detail, /payout_unconfirmed/);
  assert.deepEqual(gateway.asked(payment), ["approve", "state", "state"]);
  await approve(504, "payout_unknown");
  await approve(409, "payout_unconfirmed");
  assert.deepEqual(gateway.asked(payment).slice(3), ["state", "approve", "state", "state"]);
});

it("an approval is not sent again when another attempt is the one that waits", async () => {
  gateway.at.approve = () => "reset";
  const payment = await pendingPayout(worker, { transaction_id: "first" });
  await refused(await decidePayout(worker, payment, "approve"), 504, "payout_unknown");
  await refused(await decidePayout(worker, payment, "approve"), 409, "payout_unconfirmed");
  await sendWebhook(
    worker,
    event(payment, { transaction_id: "second", status: "pending", amount: "200.00" }),
  );
  await refused(await decidePayout(worker, payment, "approve", { resend: true }), 409, "payout_not_pending");
  assert.deepEqual(gateway.asked(payment), ["approve", "state", "state", "state"]);
});

it("the gateway's wish to wait is passed on", async () => {
  gateway.at.approve = () => UNCLEAR["answers 503"];
  const response = await decidePayout(worker, await pendingPayout(worker), "approve");
  assert.equal(response.headers.get("retry-after"), "7");
  await refused(response, 504, "payout_unknown");
});

it("the log names failures by request and tracking id, and tells nothing of the gateway's bodies", async () => {
  gateway.at.approve = () => ({ status: 422, json: { error: SECRET_BODY } });
  const payment = await pendingPayout(worker);
  const problem = await refused(await decidePayout(worker, payment, "approve"), 502, "gateway_refused");
  const lines = worker.logs.map(({ message }) => message);
  const line = lines.find((text) => text.includes("gateway_failure") && text.includes(problem.request_id));
  const { operation, status, tracking_id } = JSON.parse(line);
  assert.deepEqual([operation, status, tracking_id], ["approve_payout", 422, payment.tracking_id]);
  for (const secret of [SECRET_BODY, ADMIN_TOKEN]) assert.ok(!lines.some((text) => text.includes(secret)));
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
    const call = Promise.withResolvers();
    gateway.at[decision] = () => {
      call.resolve();
      return "hang";
    };
    const dying = await start();
    const payment = await pendingPayout(dying);
    const lost = decidePayout(dying, payment, decision).then(
      (response) => assert.notEqual(response.status, 200),
      () => {},
    );
    await call.promise;
    await dying.stop();
    await lost;
    gateway.at[decision] = () => TAKEN[decision];
    return payment;
  }

  for (const decision of DECISIONS) {
    it(`to ${decision} reads the state first, and sends it again when that is pending and it may`, async () => {
      const payment = await interrupted(decision);
      const again = await start();
      try {
        await refused(await decidePayout(again, payment, OTHER[decision]), 409, "payout_decided");
        assert.deepEqual(gateway.asked(payment), [decision]);
        if (decision === "approve") {
          await refused(await decidePayout(again, payment, decision), 409, "payout_unconfirmed");
          assert.equal((await (await readSession(again, payment)).json()).payout, "unknown");
          assert.deepEqual(gateway.asked(payment).splice(1), ["state"]);
        }
        const decided = await answered(await decidePayout(again, payment, decision, { resend: true }), 200);
        assert.equal(decided.decision, PAST[decision]);
        assert.deepEqual(gateway.asked(payment).slice(-2), ["state", decision]);
        assert.deepEqual(await answered(await decidePayout(again, payment, decision), 200), decided);
      } finally {
        await again.stop();
      }
    });

    it(`to ${decision} does not send it again when it was carried out`, async () => {
      const payment = await interrupted(decision);
      gateway.at.status = () => state(decision === "approve" ? "successful" : "rejected");
      const again = await start();
      try {
        const decided = await answered(await decidePayout(again, payment, decision), 200);
        assert.equal(decided.decision, PAST[decision]);
        assert.deepEqual(gateway.asked(payment), [decision, "state"]);
      } finally {
        await again.stop();
      }
      const later = await start();
      try {
        assert.equal((await decidePayout(later, payment, decision)).status, 200);
        assert.equal((await (await readSession(later, payment)).json()).payout, PAST[decision]);
        assert.deepEqual(gateway.asked(payment), [decision, "state"]);
      } finally {
        await later.stop();
      }
    });
  }
});
