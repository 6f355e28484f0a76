// What a gateway and a network do wrong, done to every operation: each fault has its typed error, what may not be sent
// twice was sent once, and what may was sent again. Counted on the other side.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { withEachClient } from "./clients.mjs";
import { API_KEY, CARD, payment } from "./gateway.mjs";

const RETRIES = 1;

/** Every operation's call, and whether a second one is harmless. */
const OPERATIONS = [
  ["hosted_deposit", "hostedDeposit", () => [payment()], true],
  ["hosted_withdrawal", "hostedWithdrawal", () => [payment()], true],
  ["direct_payment", "directPayment", () => [payment({ provider_id: 210 })], false],
  [
    "card_payment",
    "cardPayment",
    () => [{ request: payment({ routing_id: 210 }), card_details: CARD }],
    false,
  ],
  ["reject_payout", "rejectPayout", () => [{ transaction_id: "r21nmrtpcmrcava" }], false],
  ["approve_payout", "approvePayout", () => [{ transaction_id: "order-1" }], false],
  ["transaction_status", "transactionStatus", () => ["order-1"], true],
  ["list_transactions", "listTransactions", () => [{}], true],
];

/** An operation that is harmless twice, and one that is not. */
const ONE_OF_EACH = ["transaction_status", "approve_payout"];

/**
 * The faults; what the error says of each; and whether it is one of those after which a harmless call is sent again.
 * A reply that never ends takes the whole call's time, so nothing is left for a second try.
 */
const FAULTS = [
  ["400", { kind: "status", status: 400 }, { code: "gateway_refused", class: "caller", status: 400 }, false],
  ["404", { kind: "status", status: 404 }, { code: "gateway_refused", class: "caller", status: 404 }, false],
  ["422", { kind: "status", status: 422 }, { code: "gateway_refused", class: "caller", status: 422 }, false],
  [
    "429 with Retry-After: 1",
    { kind: "status", status: 429, retry_after: 1 },
    { code: "gateway_refused", class: "caller", status: 429, retryAfterMs: 1000 },
    true,
  ],
  ["500", { kind: "status", status: 500 }, { code: "gateway_failed", class: "gateway", status: 500 }, true],
  ["503", { kind: "status", status: 503 }, { code: "gateway_failed", class: "gateway", status: 503 }, true],
  ["HTML of a proxy, 502", { kind: "html" }, { code: "gateway_failed", class: "gateway", status: 502 }, true],
  [
    "HTML as if it were the reply, 200",
    { kind: "html", status: 200 },
    { code: "unreadable_reply", class: "unreadable", status: 200 },
    true,
  ],
  [
    "a redirect, 302",
    { kind: "status", status: 302 },
    { code: "unreadable_reply", class: "unreadable", status: 302 },
    false,
  ],
  ["a connection cut in the reply", { kind: "cut" }, { code: "transport_failed", class: "transport" }, true],
  ["a reply that never ends", { kind: "hang" }, { code: "timeout", class: "timeout" }, false],
];

withEachClient(({ at, call, isNode }) => {
  // What differs between the two sides is how a fault arrives, and not which operation it is.
  const operations = isNode ? OPERATIONS : OPERATIONS.filter(([name]) => ONE_OF_EACH.includes(name));
  const countOf = async (operation) =>
    (await at().requests()).filter((request) => request.operation === operation).length;

  for (const [name, fault, expected, isSentAgain] of FAULTS) {
    describe(name, () => {
      for (const [operation, method, args, mayBeSentTwice] of operations) {
        const times = isSentAgain && mayBeSentTwice ? 1 + RETRIES : 1;
        test(`${operation} is sent ${times === 1 ? "once" : "again"}`, async () => {
          await at().fault({ ...fault, operation });
          const { reply, error } = await call(method, args(), {
            maxRetries: RETRIES,
            timeoutMs: fault.kind === "hang" ? 300 : 10_000,
          });
          assert.equal(reply, undefined);
          assert.equal(error.type, "GatewayError", JSON.stringify(error));
          assert.ok(error.isError);
          assert.equal(error.operation, operation);
          for (const [fact, value] of Object.entries(expected)) assert.equal(error[fact], value, fact);
          if (expected.status === undefined) assert.equal(error.status, undefined);
          assert.equal(await countOf(operation), times);
          assert.equal(error.attempts, times);
          // Only a call that is harmless twice is offered to be made again by the caller.
          const mayTryAgain = mayBeSentTwice && (isSentAgain || expected.class === "timeout");
          assert.equal(error.retryable, mayTryAgain, "retryable");
          for (const told of [error.message, error.report, error.json]) {
            assert.ok(
              !told.includes(API_KEY) && !told.includes(CARD.card_number),
              "a secret is in the error",
            );
          }
          assert.match(error.report, new RegExp(`operation: ${operation}`));
        });
      }
    });
  }

  describe("an empty body is no reply of any operation", () => {
    for (const [operation, method, args, mayBeSentTwice] of OPERATIONS) {
      const times = mayBeSentTwice ? 1 + RETRIES : 1;
      test(`${operation} is sent ${times === 1 ? "once" : "again"}`, async () => {
        await at().fault({ kind: "empty", operation });
        const { reply, error } = await call(method, args(), { maxRetries: RETRIES });
        assert.equal(error?.code, "unreadable_reply", JSON.stringify({ reply, error }));
        assert.equal(error.class, "unreadable");
        assert.equal(error.status, 200);
        assert.equal(await countOf(operation), times);
      });
    }
  });

  test("a call that is harmless twice gets over a fault that passes", async () => {
    await at().fault({ kind: "status", status: 503, times: 2 });
    const args = [payment({ tracking_id: "patient" })];
    const { reply, error } = await call("hostedDeposit", args, { maxRetries: 2 });
    assert.equal(error, undefined, JSON.stringify(error));
    assert.ok(reply.token);
    const requests = await at().requests("patient");
    assert.deepEqual(
      requests.map(({ status }) => status),
      [503, 503, 200],
    );
    assert.equal(new Set(requests.map(({ body }) => body)).size, 1, "the same request, byte for byte");
  });

  test("Retry-After is waited for", async () => {
    await at().fault({ kind: "status", status: 429, retry_after: 1, times: 1 });
    const args = [payment({ tracking_id: "polite" })];
    const { reply } = await call("hostedDeposit", args, { maxRetries: 1 });
    assert.ok(reply.token);
    const [first, second] = (await at().requests("polite")).map(({ at }) =>
      typeof at === "number" ? at : Date.parse(at),
    );
    assert.ok(second - first >= 1000, `sent again after ${second - first} ms`);
  });

  test("a slow reply within the time is a reply", async () => {
    await at().fault({ kind: "slow", delay_ms: 300 });
    const args = [payment({ tracking_id: "slow" })];
    const { reply, error } = await call("hostedDeposit", args);
    assert.equal(error, undefined, JSON.stringify(error));
    assert.ok(reply.token);
  });

  test("a payout whose approval was not answered was approved once, and its state tells", async () => {
    const opened = await call("hostedWithdrawal", [payment({ tracking_id: "payout" })]);
    await at().decide(opened.reply.cashier_url, "approve");
    await at().webhook("payout", "pending");
    await at().fault({ kind: "hang", operation: "approve_payout" });
    const args = [{ transaction_id: "payout" }];
    const { error } = await call("approvePayout", args, { timeoutMs: 1000 });
    assert.equal(error.code, "timeout");
    assert.equal(error.retryable, false);
    assert.match(error.report, /Read the transaction's state first/);
    assert.equal(await countOf("approve_payout"), 1);
    const status = await call("transactionStatus", ["payout"]);
    assert.deepEqual(status.reply, { transaction_status: "successful" });
  });

  test("maxRetries: 0 sends nothing twice", async () => {
    await at().fault({ kind: "status", status: 500 });
    const { error } = await call("transactionStatus", ["order-1"], { maxRetries: 0 });
    assert.equal(error.status, 500);
    assert.equal(await countOf("transaction_status"), 1);
  });

  test("one deadline is over all tries", async () => {
    await at().fault({ kind: "slow", delay_ms: 400, status: 500 });
    const started = performance.now();
    const { error } = await call("transactionStatus", ["order-1"], { maxRetries: 10, timeoutMs: 1000 });
    assert.ok(["timeout", "gateway"].includes(error.class), error.class);
    assert.ok(performance.now() - started < 5000, "the deadline did not hold");
    assert.ok((await countOf("transaction_status")) <= 3);
  });

  test("an AbortSignal ends a call that waits, and nothing is sent again", async () => {
    await at().fault({ kind: "hang" });
    const { error } = await call("hostedDeposit", [payment()], {}, { abortAfterMs: 1000 });
    assert.equal(error.type, "GatewayError", JSON.stringify(error));
    assert.equal(error.code, "aborted");
    assert.equal(error.class, "aborted");
    assert.equal(await countOf("hosted_deposit"), 1);
  });

  test("a wrong API key is the caller's, and is not repeated", async () => {
    const { error } = await call("listTransactions", [], { apiKey: "another_key_example" });
    assert.equal(error.class, "caller");
    assert.equal(error.status, 401);
    assert.equal(error.retryable, false);
    assert.equal(await countOf("list_transactions"), 1);
    assert.ok(
      ![error.message, error.report, error.json].some((told) => told.includes("another_key_example")),
    );
  });

  test("nothing listens: transport, and what acts at once was not tried again", async () => {
    const probe = createServer();
    await new Promise((done) => probe.listen(0, "127.0.0.1", done));
    const baseUrl = `http://127.0.0.1:${probe.address().port}`;
    await new Promise((done) => probe.close(done));
    const options = { baseUrl, maxRetries: 1 };
    const read = await call("transactionStatus", ["order-1"], options);
    assert.equal(read.error.code, "transport_failed");
    assert.equal(read.error.class, "transport");
    assert.equal(read.error.attempts, 2);
    const act = await call("approvePayout", [{ transaction_id: "order-1" }], options);
    assert.equal(act.error.code, "transport_failed");
    assert.equal(act.error.attempts, 1);
    assert.equal(act.error.retryable, false);
  });
});
