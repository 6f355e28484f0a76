// The gateway down, slow, or answering nonsense: a clear problem in bounded time, nothing half-done, and the same ticket may try again.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { refused, SECRET_BODY } from "../support/answers.mjs";
import { deadAddress, opens, startGateway } from "../support/gateway.mjs";
import { claims, openSession, readSession, sign, ticket } from "../support/payments.mjs";
import { startWorker } from "../support/workerd.mjs";

// Short enough for a test to wait for, long enough for a busy machine to answer within what comes after it.
const TIMEOUT_MS = 700;

let gateway;
let worker;
/** Gives the gateway up soon: for the tests that wait for that. */
let impatient;

before(async () => {
  gateway = await startGateway();
  const vars = { GATEWAY_BASE_URL: gateway.url, CASHIER_URL: `${gateway.url}/cashier/{token}` };
  worker = await startWorker({ vars });
  impatient = await startWorker({ vars: { ...vars, GATEWAY_TIMEOUT_MS: String(TIMEOUT_MS) } });
});

after(async () => {
  await worker?.stop();
  await impatient?.stop();
  await gateway?.stop();
});

const failures = {
  401: [{ status: 401, json: { error: SECRET_BODY } }, 502, "gateway_refused"],
  "422 that repeats the request": [
    { status: 422, json: { error: SECRET_BODY, name: SECRET_BODY } },
    502,
    "gateway_refused",
  ],
  500: [{ status: 500, json: { error: SECRET_BODY } }, 502, "gateway_error"],
  "502 of a proxy": [{ status: 502, text: `<html>${SECRET_BODY}</html>` }, 502, "gateway_error"],
  "200 with HTML": [{ status: 200, text: `<html>${SECRET_BODY}</html>` }, 502, "gateway_error"],
  "200 with nothing": [{ status: 200, text: "" }, 502, "gateway_error"],
  "200 without a token": [{ status: 200, json: { message: SECRET_BODY } }, 502, "gateway_error"],
  "200 with an empty token": [{ status: 200, json: { token: "" } }, 502, "gateway_error"],
  204: [{ status: 204 }, 502, "gateway_error"],
  "a redirect": [
    { status: 307, text: "", headers: { location: "http://127.0.0.1:9/" } },
    502,
    "gateway_error",
  ],
  "a reply that breaks off": ["cut", 502, "gateway_error"],
  "a connection that is closed": ["reset", 502, "gateway_error"],
  "a reply over 1 MiB": [{ large: 1_100_000 }, 502, "gateway_error"],
  "no reply": ["hang", 504, "gateway_timeout"],
  "a slow reply": [{ delayMs: TIMEOUT_MS * 3, json: { token: "late" } }, 504, "gateway_timeout"],
  "a reply that never ends": ["drip", 504, "gateway_timeout"],
};

for (const [name, [behaviour, status, code]] of Object.entries(failures)) {
  it(`${name}: ${status} ${code}, then the same ticket opens the session`, async () => {
    gateway.behave = behaviour;
    gateway.requests.length = 0;
    // Of the customer a problem must say as little as of the gateway's answer.
    const payment = await ticket({ customer: { first_name: SECRET_BODY } });
    // Far above the time limit and far below "hangs".
    const signal = AbortSignal.timeout(20_000);
    const at = status === 504 ? impatient : worker;
    const response = await fetch(`${at.url}/v1/sessions`, {
      method: "POST",
      headers: { authorization: `Bearer ${payment.jwt}` },
      signal,
    });
    await refused(response, status, code);
    assert.equal(gateway.requests.length, 1);
    await refused(await readSession(at, payment), 404, "session_not_found");

    gateway.behave = opens;
    assert.equal((await openSession(at, payment.jwt)).status, 201);
    assert.equal((await readSession(at, payment)).status, 200);
  });
}

it("a gateway that is not there: 502 gateway_error", async () => {
  const dead = await startWorker({ vars: { GATEWAY_BASE_URL: await deadAddress() } });
  try {
    const { jwt } = await ticket();
    await refused(await openSession(dead, jwt), 502, "gateway_error");
  } finally {
    await dead.stop();
  }
});

it("Retry-After of the gateway is passed on", async () => {
  gateway.behave = { status: 503, json: {}, headers: { "retry-after": "7" } };
  const response = await openSession(worker, (await ticket()).jwt);
  assert.equal(response.headers.get("retry-after"), "7");
  await refused(response, 502, "gateway_error");
});

it("everybody who waits for one failing call hears the same, and the gateway was called once", async () => {
  gateway.behave = { status: 500, json: {}, delayMs: 100 };
  gateway.requests.length = 0;
  const { jwt } = await ticket();
  const responses = await Promise.all(Array.from({ length: 10 }, () => openSession(worker, jwt)));
  for (const response of responses) await refused(response, 502, "gateway_error");
  assert.equal(gateway.requests.length, 1);
});

it("after a failure the tracking id is free for mended contents", async () => {
  gateway.behave = { status: 422, json: {} };
  const contents = claims();
  await refused(await openSession(worker, await sign(contents)), 502, "gateway_refused");
  gateway.behave = opens;
  assert.equal((await openSession(worker, await sign({ ...contents, amount: "11" }))).status, 201);
});

describe("a direct payment, which must not be sent twice,", () => {
  // Another ticket could pay a second time.
  const FRESH_TICKET = "only if the gateway has not acted, sign a ticket with a fresh jti";

  for (const status of [408, 409])
    it(`is not sent again after ${status}, which does not say that nothing was done`, async () => {
      gateway.behave = { status, json: {} };
      gateway.requests.length = 0;
      const payment = await ticket({ operation: "direct_payment", provider_id: 210 });
      const first = await refused(await openSession(worker, payment.jwt), 502, "gateway_refused");
      assert.match(first.detail, new RegExp(`status ${status}.* ${FRESH_TICKET}`));
      gateway.behave = opens;
      const again = await refused(await openSession(worker, payment.jwt), 409, "outcome_unknown");
      assert.match(again.detail, new RegExp(FRESH_TICKET));
      assert.doesNotMatch(again.detail, /never came/);
      assert.equal(gateway.requests.length, 1);
    });

  it("is not sent again when nobody knows how the first try ended", async () => {
    gateway.behave = "hang";
    gateway.requests.length = 0;
    const payment = await ticket({ operation: "direct_payment", provider_id: 210 });
    const problem = await refused(await openSession(impatient, payment.jwt), 504, "gateway_timeout");
    assert.ok(!problem.detail.includes("may try again"), problem.detail);
    gateway.behave = opens;
    await refused(await openSession(impatient, payment.jwt), 409, "outcome_unknown");
    assert.equal(gateway.requests.length, 1);
    const state = await (await readSession(impatient, payment)).json();
    assert.equal(state.state, "unknown");
    assert.equal(state.settled, false);
  });

  it("may be sent again when the gateway refused it", async () => {
    gateway.behave = { status: 400, json: {} };
    const payment = await ticket({ operation: "direct_payment", provider_id: 210 });
    await refused(await openSession(worker, payment.jwt), 502, "gateway_refused");
    gateway.behave = { json: { url: "https://provider.example.com/1" } };
    assert.equal((await openSession(worker, payment.jwt)).status, 201);
  });
});

it("the log names the failure by the request id and the tracking id, and tells nothing else", async () => {
  gateway.behave = { status: 422, json: { error: SECRET_BODY }, headers: { "x-request-id": "gateway-7" } };
  const { jwt, tracking_id } = await ticket();
  const problem = await refused(await openSession(worker, jwt), 502, "gateway_refused");
  const line = worker.logs
    .map(({ message }) => message)
    .find((message) => message.includes("gateway_failure") && message.includes(problem.request_id));
  assert.ok(line, "no line for the failure");
  const { what_to_do, ...rest } = JSON.parse(line);
  assert.ok(what_to_do.length > 20);
  assert.deepEqual(rest, {
    event: "gateway_failure",
    request_id: problem.request_id,
    tracking_id,
    operation: "hosted_deposit",
    class: "caller",
    status: 422,
    gateway_request_id: "gateway-7",
  });
  assert.ok(!worker.logs.some(({ message }) => message.includes(SECRET_BODY)));
});
