// Reading a payment's state: for its holder only, at once or as soon as it changes.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { refused } from "../support/answers.mjs";
import { startGateway } from "../support/gateway.mjs";
import { event, opened, openSession, readSession, sendWebhook, sign, ticket } from "../support/payments.mjs";
import { startWorker } from "../support/workerd.mjs";

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

describe("the holder", () => {
  it("sees the payment from the ticket to the webhook, with times in UTC", async () => {
    const payment = await opened(worker);
    await sendWebhook(worker, event(payment, { status: "pending" }));
    const view = await (await readSession(worker, payment)).json();
    const { timeline, ...rest } = view;
    assert.deepEqual(rest, {
      tracking_id: payment.tracking_id,
      operation: "hosted_deposit",
      state: "pending",
      settled: false,
      amount: "10.05",
      currency: "EUR",
      version: 2,
      has_conflict: false,
      transaction_id: `tx-${payment.tracking_id}`,
    });
    assert.deepEqual(
      timeline.map((entry) => entry.event),
      ["ticket", "session", "webhook"],
    );
    const times = timeline.map(({ at }) => at);
    for (const at of times) {
      assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      assert.ok(Math.abs(Date.now() - Date.parse(at)) < 60_000, at);
    }
    assert.deepEqual(times, times.toSorted());
  });

  it("may read for a day after exp, and no longer", async () => {
    const payment = await opened(worker);
    const late = (seconds) => {
      const exp = Math.floor(Date.now() / 1000) - seconds;
      return sign({ ...payment.claims, iat: exp - 600, exp });
    };
    const read = async (seconds) => readSession(worker, { ...payment, jwt: await late(seconds) });
    assert.equal((await read(23 * 3600)).status, 200);
    await refused(await read(24 * 3600 + 5), 401, "expired_ticket");
    await refused(await openSession(worker, await late(65)), 401, "expired_ticket");
  });

  it("is asked for a ticket like everybody", async () => {
    const payment = await opened(worker);
    await refused(await fetch(`${worker.url}/v1/sessions/${payment.tracking_id}`), 401, "missing_ticket");
  });
});

describe("anybody else", () => {
  it("sees nothing of the payment, nor whether it exists", async () => {
    const mine = await opened(worker);
    const other = await ticket({ sub: "129" });
    for (const tracking_id of [mine.tracking_id, "no-such-payment"])
      await refused(await readSession(worker, { jwt: other.jwt, tracking_id }), 403, "ticket_mismatch");
  });

  it("is refused with a ticket for the payment but another user", async () => {
    const mine = await opened(worker);
    const jwt = await sign({ ...mine.claims, sub: "129" });
    await refused(await readSession(worker, { ...mine, jwt }), 403, "ticket_mismatch");
  });
});

it("a payment that was never opened is 404", async () => {
  const { detail } = await refused(await readSession(worker, await ticket()), 404, "session_not_found");
  assert.match(detail, /POST \/v1\/sessions.+POST \/v1\/card-payments/);
});

describe("waiting", () => {
  const within = (ms, promise) => {
    let timer;
    const limit = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`nothing within ${ms} ms`)), ms);
    });
    return Promise.race([promise, limit]).finally(() => clearTimeout(timer));
  };
  const view = async (response) => {
    assert.equal((await response).status, 200);
    return (await response).json();
  };

  it("ends for everybody as soon as a webhook changes the state", async () => {
    const payment = await opened(worker);
    // The object lets 16 wait and answers the next one at once: so when one is answered, 16 are waiting.
    const polls = Array.from({ length: 17 }, () => view(readSession(worker, payment, "?wait=25&version=1")));
    const early = await within(10_000, Promise.race(polls));
    assert.equal(early.state, "opened");
    await sendWebhook(worker, event(payment));
    const views = await within(10_000, Promise.all(polls));
    assert.deepEqual(views.map(({ state }) => state).sort(), ["opened", ...Array(16).fill("successful")]);
  });

  it("is not needed when the version is not the asker's, or the payment is successful", async () => {
    const payment = await opened(worker);
    const old = await within(10_000, view(readSession(worker, payment, "?wait=25&version=0")));
    assert.equal(old.version, 1);
    await sendWebhook(worker, event(payment));
    const settled = await within(10_000, view(readSession(worker, payment, "?wait=25&version=2")));
    assert.deepEqual([settled.state, settled.version], ["successful", 2]);
  });

  it("goes on for a rejected payment, until another attempt is reported", async () => {
    const payment = await opened(worker);
    await sendWebhook(worker, event(payment, { status: "rejected" }));
    const rejected = await within(10_000, view(readSession(worker, payment)));
    assert.deepEqual([rejected.state, rejected.settled], ["rejected", true]);
    const started = performance.now();
    const same = await within(
      10_000,
      view(readSession(worker, payment, `?wait=1&version=${rejected.version}`)),
    );
    assert.ok(performance.now() - started >= 900);
    assert.equal(same.version, rejected.version);
    const poll = view(readSession(worker, payment, `?wait=25&version=${rejected.version}`));
    await sendWebhook(worker, event(payment, { transaction_id: "second-card" }));
    assert.equal((await within(10_000, poll)).state, "successful");
  });

  it("ends when its time is over, with the state as it is", async () => {
    const payment = await opened(worker);
    const started = performance.now();
    const unchanged = await within(10_000, view(readSession(worker, payment, "?wait=1")));
    assert.ok(performance.now() - started >= 900);
    assert.deepEqual([unchanged.state, unchanged.version], ["opened", 1]);
  });

  it("holds nothing else up", async () => {
    const payment = await opened(worker);
    const poll = view(readSession(worker, payment, "?wait=25&version=1"));
    await within(10_000, view(readSession(worker, payment)));
    assert.equal((await within(10_000, openSession(worker, payment.jwt))).status, 200);
    await sendWebhook(worker, event(payment, { status: "pending" }));
    assert.equal((await within(10_000, poll)).state, "pending");
  });

  it("takes whole numbers only", async () => {
    const payment = await opened(worker);
    for (const query of ["?wait=soon", "?wait=-1", "?version=x"])
      await refused(await readSession(worker, payment, query), 400, "invalid_query");
    assert.equal((await readSession(worker, payment, "?utm_source=shop")).status, 200);
  });
});
