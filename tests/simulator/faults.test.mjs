// Replies that go wrong, each as a real network or gateway does it.

import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { after, before, beforeEach, test } from "node:test";
import { deposit, start } from "./support.mjs";

let house;
before(async () => {
  house = await start();
});
after(() => house?.stop());
beforeEach(() => house.reset());

const fault = async (settings) => {
  const reply = await house.settings({ fault: settings });
  assert.equal(reply.status, 200, await reply.text());
};

test("status: with Retry-After, so many times, and then all is well", async () => {
  await fault({ kind: "status", status: 429, retry_after: 3, times: 2 });
  for (let call = 0; call < 2; call += 1) {
    const reply = await house.api("/cashier/deposit", deposit());
    assert.equal(reply.status, 429);
    assert.equal(reply.headers.get("retry-after"), "3");
    assert.equal((await reply.json()).error, "simulated fault");
  }
  assert.equal((await house.api("/cashier/deposit", deposit())).status, 200);
  assert.equal((await house.transactions()).length, 1, "what was refused was not carried out");
  const recorded = await house.requests();
  assert.deepEqual(
    recorded.map(({ status, fault }) => [status, fault]),
    [
      [429, "status"],
      [429, "status"],
      [200, null],
    ],
  );
});

test("status: any status, with any body, with Retry-After as a date", async () => {
  const date = "Fri, 31 Dec 2027 23:59:59 GMT";
  await fault({ kind: "status", status: 503, body: "try later", retry_after: date });
  const reply = await house.api("/transactions");
  assert.equal(reply.status, 503);
  assert.equal(reply.headers.get("retry-after"), date);
  assert.equal(await reply.text(), "try later");
});

test("status: an operation that is carried out although its reply says otherwise", async () => {
  await fault({ kind: "status", status: 500, executed: true, times: 1 });
  const body = deposit();
  assert.equal((await house.api("/cashier/deposit", body)).status, 500);
  assert.equal((await house.transactions(body.request.tracking_id)).length, 1);
});

test("one operation alone", async () => {
  await fault({ kind: "status", operation: "transaction_status" });
  assert.equal((await house.api("/cashier/deposit", deposit())).status, 200);
  assert.equal((await house.api("/transactions/some-id")).status, 500);
});

test("html: a proxy's page", async () => {
  await fault({ kind: "html" });
  const reply = await house.api("/cashier/deposit", deposit());
  assert.equal(reply.status, 502);
  assert.match(reply.headers.get("content-type"), /^text\/html/);
  assert.match(await reply.text(), /<h1>Bad Gateway/);
});

test("empty: 200 without a body, the operation carried out", async () => {
  await fault({ kind: "empty" });
  const body = deposit();
  const reply = await house.api("/cashier/deposit", body);
  assert.equal(reply.status, 200);
  assert.equal(await reply.text(), "");
  assert.equal((await house.transactions(body.request.tracking_id)).length, 1);
});

test("slow: the right reply, late, while others are answered at once", async () => {
  await fault({ kind: "slow", delay_ms: 800, operation: "hosted_deposit" });
  const start = performance.now();
  let isAnswered = false;
  const slow = house.api("/cashier/deposit", deposit()).then((reply) => {
    isAnswered = true;
    return reply.json();
  });
  const others = await Promise.all([
    house.api("/transactions"),
    house.requests(),
    house.api("/transactions/x"),
  ]);
  assert.equal(others[0].status, 200);
  assert.equal(isAnswered, false);
  assert.match((await slow).token, /^[0-9A-Za-z]{50}$/);
  assert.ok(performance.now() - start >= 790);
});

test("hang: the headers at once, and a body that goes on until the client gives up", async () => {
  await fault({ kind: "hang" });
  const abort = new AbortController();
  const reply = await house.api("/cashier/deposit", deposit(), {}, { signal: abort.signal });
  assert.equal(reply.status, 200);
  const reader = reply.body.getReader();
  let text = "";
  for (let chunk = 0; chunk < 4; chunk += 1) {
    const { done, value } = await reader.read();
    assert.equal(done, false);
    text += new TextDecoder().decode(value);
  }
  assert.match(text, /^\{\s+$/);
  const end = assert.rejects(
    async () => {
      while (!(await reader.read()).done);
    },
    { name: "AbortError" },
  );
  abort.abort();
  await end;
  await house.settings({ fault: null });
  assert.equal(
    (await house.api("/cashier/deposit", deposit())).status,
    200,
    "the simulator is none the worse for it",
  );
});

test("cut: the connection ends in the middle of the body, the operation carried out", async () => {
  await fault({ kind: "cut" });
  const body = deposit();
  const { text, error } = await new Promise((done, fail) => {
    const headers = { "x-api-key": "obviously-fake-api-key-4711", "content-type": "application/json" };
    const call = httpRequest(
      `${house.url}/cashier/deposit`,
      { method: "POST", headers, agent: false },
      (reply) => {
        let text = "";
        reply.on("data", (chunk) => {
          text += chunk;
        });
        reply.on("error", (error) => done({ text, error }));
        reply.on("end", () => done({ text, error: null }));
      },
    );
    call.on("error", fail);
    call.end(JSON.stringify(body));
  });
  assert.ok(error, "the body must not end as if it were whole");
  assert.match(text, /^\{"token":"[0-9A-Za-z]+$/);
  assert.equal((await house.transactions(body.request.tracking_id)).length, 1);
});

test("who has no key meets no fault", async () => {
  await fault({ kind: "status", status: 500 });
  assert.equal((await house.api("/transactions", undefined, { "x-api-key": "wrong" })).status, 401);
});

test("a call that meets no fault uses none of its times", async () => {
  await fault({ kind: "status", status: 500, times: 1 });
  assert.equal((await house.api("/transactions", undefined, { "x-api-key": "wrong" })).status, 401);
  assert.equal((await house.api("/transactions", {})).status, 405);
  assert.equal((await house.api("/transactions")).status, 500);
  assert.equal((await house.api("/transactions")).status, 200);
});

test("a fault that cannot be is refused, and the one before stays", async () => {
  await fault({ kind: "html" });
  for (const wrong of [
    { kind: "explode" },
    { kind: "status", status: 99 },
    { kind: "slow" },
    { kind: "html", times: 0 },
    { kind: "html", operation: "refund" },
    { kind: "html", colour: "red" },
    { kind: "hang", status: 204 },
    { kind: "cut", status: 304 },
    { kind: "status", retry_after: "3\n4" },
    { kind: "status", retry_after: [3] },
  ]) {
    assert.equal((await house.settings({ fault: wrong })).status, 422, JSON.stringify(wrong));
  }
  assert.equal((await house.api("/transactions")).status, 502);
});
