// The transport against a real HTTP server: each way to fail has its typed error, and what may not be sent twice is sent once.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { Gateway, GatewayError, ValidationError } from "edge-cashier";
import { API_KEY, DEPOSIT, rejected, violationsOf } from "./support/fixtures.mjs";
import { json, startGateway } from "./support/gateway.mjs";

const PAYOUT = { transaction_id: "order-1" };

/** A gateway that answers with `answer`, closed when the test ends. */
async function stage(context, answer, options = {}) {
  const server = await startGateway(answer);
  context.after(() => server.close());
  return {
    server,
    gateway: new Gateway({ apiKey: API_KEY, baseUrl: server.url, timeoutMs: 5_000, ...options }),
  };
}

async function fails(promise, facts) {
  const error = await rejected(promise);
  assert.ok(error instanceof GatewayError, inspect(error));
  for (const [name, value] of Object.entries(facts))
    assert.equal(error[name], value, `${name} of ${inspect(error)}`);
  for (const shown of [
    inspect(error, { depth: 9 }),
    JSON.stringify(error),
    String(error),
    error.supportReport(),
  ])
    assert.ok(!shown.includes(API_KEY), shown);
  return error;
}

describe("a reply", () => {
  test("comes back with the cashier's address and what the reference does not know", async (context) => {
    const { server, gateway } = await stage(
      context,
      (_, response) => json(response, 200, { token: "a b/c", brand_new: { a: [1] } }),
      { cashierUrl: "https://cashier.example.com/?t={token}" },
    );
    assert.deepEqual(await gateway.hostedDeposit(DEPOSIT), {
      token: "a b/c",
      cashier_url: "https://cashier.example.com/?t=a%20b%2Fc",
      extra: { brand_new: { a: [1] } },
    });
    const [{ method, url, headers, body }] = server.requests;
    const built = gateway.request("hosted_deposit", DEPOSIT);
    assert.deepEqual([method, `${server.url}${url}`, body], [built.method, built.url, built.body]);
    for (const [name, value] of Object.entries(built.headers)) assert.equal(headers[name], value);
  });

  test("calls each unknown field by its name, whatever the engine has read before", async (context) => {
    // Objects of the shapes that the reply and its unknown fields have, with another key.
    for (const key of ['"x\\\\n"', '"__proto__\\\\"'])
      JSON.parse(
        `[{"transaction_status":"approved",${key}:1},{${key}:1},{"transaction_status":"approved","extra":{${key}:1}}]`,
      );
    const { gateway } = await stage(context, (_, response) =>
      json(response, 200, { transaction_status: "approved", "x\ny": 1 }),
    );
    assert.deepEqual(await gateway.transactionStatus("order-1"), {
      transaction_status: "approved",
      extra: { "x\ny": 1 },
    });
  });
});

describe("a failure", () => {
  test("4xx is the caller's, once", async (context) => {
    const { server, gateway } = await stage(context, (_, response) =>
      json(response, 422, { error: `bad ${API_KEY}` }, { "x-request-id": "req-1" }),
    );
    const error = await fails(gateway.hostedDeposit(DEPOSIT), {
      code: "gateway_refused",
      class: "caller",
      status: 422,
      operation: "hosted_deposit",
      retryable: false,
      requestId: "req-1",
      attempts: 1,
      // What the gateway did not accept, which the message refers to.
      body: '{"error":"bad [REDACTED]"}',
    });
    assert.equal(JSON.parse(JSON.stringify(error)).body, error.body);
    const report = error.supportReport();
    assert.match(report, /422[\s\S]*req-1/);
    assert.match(report, new RegExp(`^payment: ${DEPOSIT.tracking_id}$`, "m"));
    assert.match(report, /^request: POST [/\w]*\/cashier\/deposit$/m);
    assert.match(report, /^attempts: 1$/m);
    const [, time] = /^time: (.*)$/m.exec(report);
    assert.equal(new Date(time).toISOString(), time);
    assert.ok(Math.abs(Date.now() - Date.parse(time)) < 60_000, time);
    assert.equal(server.requests.length, 1);
  });

  test("in words that are no Unicode is reported like any other", async (context) => {
    const { gateway } = await stage(context, () => {}, {
      maxRetries: 0,
      fetch: () => Promise.reject(new Error("half a pair: \ud800")),
    });
    const error = await fails(gateway.hostedDeposit(DEPOSIT), {
      code: "transport_failed",
      operation: "hosted_deposit",
      retryable: true,
    });
    assert.match(error.message, /half a pair: \ufffd/);
    const evil = Object.defineProperty(new Error(), "message", {
      get() {
        throw new Error(API_KEY);
      },
    });
    const { gateway: other } = await stage(context, () => {}, {
      maxRetries: 0,
      fetch: () => Promise.reject(evil),
    });
    await fails(other.hostedDeposit(DEPOSIT), { code: "transport_failed", attempts: 1 });
    const { gateway: odd } = await stage(context, () => {}, {
      maxRetries: 0,
      fetch: () => Promise.reject(Object.assign(new Error(), { message: 5n })),
    });
    await fails(odd.hostedDeposit(DEPOSIT), { code: "transport_failed", attempts: 1 });
  });

  test("in a header's value that is no Unicode does not hide the reply", async (context) => {
    const { gateway } = await stage(context, () => {}, {
      fetch: async () => ({
        status: 200,
        headers: new Map([
          ["x-note", "\ud800"],
          ["x-\ud800", "note"],
        ]),
        body: null,
        arrayBuffer: async () =>
          new TextEncoder().encode('{"message":"done","transaction_status":"pending"}').buffer,
      }),
    });
    assert.deepEqual(await gateway.approvePayout(PAYOUT), { message: "done", transaction_status: "pending" });
  });

  test("by a signal that was aborted before the call sends nothing", async (context) => {
    const { server, gateway } = await stage(context, (_, response) => json(response, 200, { token: "t" }));
    const error = await fails(gateway.hostedDeposit(DEPOSIT, { signal: AbortSignal.abort() }), {
      code: "aborted",
      attempts: 0,
    });
    assert.match(error.message, /Nothing was sent/);
    assert.match(error.supportReport(), /^class: aborted$/m);
    assert.match(error.supportReport(), /^what to do: Nothing was sent\.$/m);
    const payout = gateway.approvePayout(PAYOUT, { signal: AbortSignal.abort() });
    // Even what must not be sent twice may be called again when it was not sent.
    await fails(payout, { code: "aborted", attempts: 0, retryable: true });
    assert.equal(server.requests.length, 0);
  });

  test("keeps what had failed before when the signal ends the wait", async (context) => {
    const controller = new AbortController();
    const { server, gateway } = await stage(context, (_, response) => {
      json(response, 503, { reason: "maintenance" }, { "retry-after": "5", "x-request-id": "r-1" });
    });
    // The dice are thrown for the wait, which begins at once.
    context.mock.method(Math, "random", () => {
      queueMicrotask(() => controller.abort());
      return 0;
    });
    const error = await fails(gateway.hostedDeposit(DEPOSIT, { signal: controller.signal }), {
      code: "aborted",
      status: 503,
      requestId: "r-1",
      attempts: 1,
      retryable: true,
    });
    assert.match(error.message, /aborted by your signal\. It may be called again\.$/);
    assert.match(error.supportReport(), /^body: .*maintenance/m);
    assert.equal(server.requests.length, 1);
  });

  test("429 is reported at once when the wait would pass the deadline", async (context) => {
    const { server, gateway } = await stage(context, (_, response) =>
      json(response, 429, {}, { "retry-after": "3600" }),
    );
    await fails(gateway.transactionStatus("order-1"), {
      code: "gateway_refused",
      status: 429,
      retryable: true,
      retryAfterMs: 3_600_000,
    });
    assert.equal(server.requests.length, 1);
  });

  // More faults, of every operation: tests/operations/faults.test.mjs.
  for (const [what, answer, facts] of [
    ["429", (_, response) => json(response, 429, {}), { code: "gateway_refused", status: 429 }],
    [
      "a cut connection",
      (_, response) => response.socket.destroy(),
      { code: "transport_failed", status: undefined },
    ],
    ["another JSON", (_, response) => json(response, 200, [1]), { code: "unreadable_reply", status: 200 }],
  ]) {
    test(`${what}: what acts at once is sent once`, async (context) => {
      const { server, gateway } = await stage(context, answer, { maxRetries: 5 });
      await fails(gateway.approvePayout(PAYOUT), {
        ...facts,
        operation: "approve_payout",
        retryable: false,
        attempts: 1,
      });
      assert.equal(server.requests.length, 1);
      const again = await stage(context, answer, { maxRetries: 1 });
      await fails(again.gateway.listTransactions(), { ...facts, operation: "list_transactions" });
      assert.equal(again.server.requests.length, 2);
    });
  }

  test("a redirect is not followed: it would carry the key elsewhere", async (context) => {
    const elsewhere = await stage(context, (_, response) => json(response, 200, { token: "stolen" }));
    const { gateway } = await stage(context, (_, response) => {
      response.writeHead(307, { location: elsewhere.server.url });
      response.end();
    });
    await fails(gateway.hostedDeposit(DEPOSIT), { code: "unreadable_reply", status: 307, retryable: false });
    assert.equal(elsewhere.server.requests.length, 0);
  });

  test("nobody answers", async () => {
    const { url, close } = await startGateway(() => {});
    await close();
    const gateway = new Gateway({ apiKey: API_KEY, baseUrl: url, maxRetries: 0 });
    const error = await fails(gateway.hostedDeposit(DEPOSIT), {
      code: "transport_failed",
      class: "transport",
      retryable: true,
      attempts: 1,
    });
    assert.match(error.message, /ECONNREFUSED/);
    assert.equal(error.body, undefined);
    assert.ok(error.cause instanceof Error);
  });

  test("a violation sends nothing", async (context) => {
    const { server, gateway } = await stage(context, (_, response) => json(response, 200, { token: "t" }));
    assert.ok(
      (await rejected(gateway.hostedDeposit({ ...DEPOSIT, amount: "x" }))) instanceof ValidationError,
    );
    assert.ok((await rejected(gateway.hostedDeposit(DEPOSIT, { signal: 5 }))) instanceof ValidationError);
    assert.equal(server.requests.length, 0);
  });
});

describe("time", () => {
  for (const [what, answer] of [
    ["no answer", () => {}],
    [
      "a body that never ends",
      (_, response) => {
        response.writeHead(200);
        response.write("{");
      },
    ],
  ]) {
    test(`${what} ends at the deadline, and is not sent again`, async (context) => {
      const { server, gateway } = await stage(context, answer, { timeoutMs: 300, maxRetries: 5 });
      const error = await fails(gateway.hostedDeposit(DEPOSIT), {
        code: "timeout",
        class: "timeout",
        retryable: true,
      });
      assert.match(error.message, /300 ms/);
      assert.equal(server.requests.length, 1);
      await fails(gateway.rejectPayout(PAYOUT), { code: "timeout", retryable: false });
    });
    test(`${what} ends when the caller aborts`, async (context) => {
      let started;
      const arrived = new Promise((resolve) => {
        started = resolve;
      });
      const { server, gateway } = await stage(context, (request, response) => {
        answer(request, response);
        started();
      });
      const controller = new AbortController();
      const call = rejected(gateway.approvePayout(PAYOUT, { signal: controller.signal }));
      await arrived;
      const reason = new Error("the user left");
      controller.abort(reason);
      const error = await call;
      assert.deepEqual(
        [error.name, error.code, error.class, error.retryable, error.cause],
        ["GatewayError", "aborted", "aborted", false, reason],
      );
      assert.match(error.supportReport(), /^what to do: Whether the gateway acted is not known/m);
      assert.equal(server.requests.length, 1);
    });
  }

  test("an answer without end is cut off", async (context) => {
    const chunk = Buffer.alloc(1 << 20, 0x20);
    const { gateway } = await stage(
      context,
      (_, response) => {
        response.writeHead(200);
        const pour = () => {
          while (!response.destroyed && response.write(chunk));
        };
        response.on("drain", pour);
        pour();
      },
      { maxRetries: 0, timeoutMs: 30_000 },
    );
    await fails(gateway.listTransactions(), { code: "transport_failed" });
  });

  test("a signal that outlives calls gathers no listeners", async (context) => {
    const { gateway } = await stage(context, (_, response) =>
      json(response, 200, { transaction_status: "pending" }),
    );
    const controller = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = controller.signal;
    controller.signal.addEventListener = function (...args) {
      listeners++;
      return addEventListener.apply(this, args);
    };
    controller.signal.removeEventListener = function (...args) {
      listeners--;
      return removeEventListener.apply(this, args);
    };
    for (let n = 0; n < 5; n++) await gateway.transactionStatus("order-1", { signal: controller.signal });
    assert.equal(listeners, 0);
  });
});

describe("fetch", () => {
  test("can be replaced", async () => {
    const calls = [];
    const fetch = async (url, init) => {
      calls.push([url, init]);
      return new Response('{"token":"t"}');
    };
    const gateway = new Gateway({ apiKey: API_KEY, baseUrl: "https://gateway.example.com", fetch });
    assert.deepEqual(await gateway.hostedDeposit(DEPOSIT), { token: "t" });
    const [[url, init]] = calls;
    assert.deepEqual(
      [url, init.method, init.redirect, init.headers["x-api-key"]],
      ["https://gateway.example.com/cashier/deposit", "POST", "manual", API_KEY],
    );
    assert.equal(init.body, gateway.request("hosted_deposit", DEPOSIT).body);
  });

  test("that throws the key does not bring it into the error", async () => {
    const fetch = () => {
      throw new TypeError(`no ${API_KEY}`);
    };
    const gateway = new Gateway({
      apiKey: API_KEY,
      baseUrl: "https://gateway.example.com",
      fetch,
      maxRetries: 0,
    });
    await fails(gateway.hostedDeposit(DEPOSIT), { code: "transport_failed" });
  });
});

describe("transactions()", () => {
  test("splits a range into windows that share no day and gives no row twice", async (context) => {
    const { server, gateway } = await stage(context, ({ n }, response) =>
      json(response, 200, [
        { transaction_id: "same", status: "pending" },
        { transaction_id: `t${n}`, status: "pending" },
      ]),
    );
    const seen = [];
    for await (const { transaction_id } of gateway.transactions({ from: "01-07-2024", to: "20-07-2024" }))
      seen.push(transaction_id);
    assert.deepEqual(seen, ["same", "t0", "t1", "t2"]);
    assert.deepEqual(
      server.requests.map(({ url }) => url),
      [
        "/transactions?from=01-07-2024&to=07-07-2024",
        "/transactions?from=08-07-2024&to=14-07-2024",
        "/transactions?from=15-07-2024&to=20-07-2024",
      ],
    );
  });

  test("asks no further than it is read, and refuses a range that cannot be", async (context) => {
    const { server, gateway } = await stage(context, (_, response) =>
      json(response, 200, [{ transaction_id: "t", status: "pending" }]),
    );
    for await (const _ of gateway.transactions({ from: "01-01-2024", to: "31-12-2024" })) break;
    assert.equal(server.requests.length, 1);
    for (const [range, violation] of [
      [{ from: "2024-01-01" }, "from format"],
      [{ from: "02-01-2024", to: "01-01-2024" }, "to range"],
      [{ from: "01-01-1990", to: "01-01-2024" }, "to range"],
      [{ form: "01-01-2024" }, "form unknown_field"],
      [{ to: 5 }, "to type"],
      [{ signal: 5 }, "signal type"],
      [{ signal: new AbortController() }, "signal type"],
      [{ singal: AbortSignal.abort() }, "singal unknown_field"],
      [AbortSignal.abort(), "options type"],
      [5, "options type"],
    ])
      assert.deepEqual(violationsOf(await rejected(gateway.transactions(range).next())), [violation]);
    assert.equal(server.requests.length, 1);
  });
});
