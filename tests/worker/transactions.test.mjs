// Looking payments up at the gateway, for the merchant's backend alone.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { answered, refused, SECRET_BODY } from "../support/answers.mjs";
import { startGateway } from "../support/gateway.mjs";
import { ADMIN_TOKEN, asMerchant, openSession, ticket } from "../support/payments.mjs";
import { startSimulator, startWorker, WORKER_VARS } from "../support/workerd.mjs";

let gateway;
let worker;
/** Gives the gateway up soon: for the tests that wait for that. */
let impatient;

before(async () => {
  gateway = await startGateway();
  const vars = { GATEWAY_BASE_URL: gateway.url, ADMIN_TOKEN };
  worker = await startWorker({ vars });
  impatient = await startWorker({ vars: { ...vars, GATEWAY_TIMEOUT_MS: "300" } });
});

beforeEach(() => {
  gateway.requests.length = 0;
});

after(async () => {
  await worker?.stop();
  await impatient?.stop();
  await gateway?.stop();
});

const get = (path, options) => asMerchant(worker, path, options);

describe("one transaction", () => {
  it("is asked for by the merchant's id", async () => {
    gateway.behave = {
      json: { transaction_status: "rejected", rejected_reason: "Insufficient funds", internal: SECRET_BODY },
    };
    const id = "order/1: ü";
    assert.deepEqual(await answered(await get(`/v1/transactions/${encodeURIComponent(id)}`)), {
      id,
      transaction_status: "rejected",
      rejected_reason: "Insufficient funds",
    });
    const [{ method, path, headers }] = gateway.requests;
    assert.deepEqual([method, decodeURIComponent(path)], ["GET", `/transactions/${id}`]);
    assert.equal(headers["x-api-key"], WORKER_VARS.GATEWAY_API_KEY);
  });

  it("may have a status that nobody knows, and no reason", async () => {
    gateway.behave = { json: { transaction_status: "on_hold" } };
    assert.deepEqual(await answered(await get("/v1/transactions/order-1")), {
      id: "order-1",
      transaction_status: "on_hold",
    });
  });

  it("whose id cannot be one is not asked for", async () => {
    const problem = await refused(await get(`/v1/transactions/${"x".repeat(256)}`), 422, "invalid_request");
    assert.deepEqual(
      problem.violations.map(({ path, code }) => [path, code]),
      [["tracking_id", "range"]],
    );
    assert.equal(gateway.requests.length, 0);
  });
});

describe("an id that the gateway does not know", () => {
  // The reference says no more about it than that 4xx is a problem with the request.
  it("is 404 transaction_not_found, and no list is", async () => {
    gateway.behave = { status: 404, json: { error: SECRET_BODY } };
    const problem = await refused(await get("/v1/transactions/order-1"), 404, "transaction_not_found");
    assert.match(problem.detail, /GATEWAY_BASE_URL/);
    await refused(await get("/v1/transactions"), 502, "gateway_refused");
  });

  it("is 404 with the simulator behind the Worker, until the payment is known", async () => {
    const simulator = await startSimulator();
    const vars = {
      GATEWAY_BASE_URL: simulator.url,
      CASHIER_URL: `${simulator.url}/cashier/{token}`,
      GATEWAY_TIMEOUT_MS: "20000",
      ADMIN_TOKEN,
    };
    const behind = await startWorker({ vars });
    try {
      const payment = await ticket();
      const status = () => asMerchant(behind, `/v1/transactions/${payment.tracking_id}`);
      await refused(await status(), 404, "transaction_not_found");
      const { cashier_url } = await answered(await openSession(behind, payment.jwt), 201);
      const form = new URLSearchParams({ decision: "approve" });
      await fetch(`${cashier_url}/decision`, { method: "POST", body: form, redirect: "manual" });
      assert.equal((await answered(await status())).transaction_status, "successful");
    } finally {
      await behind.stop();
      await simulator.stop();
    }
  });
});

const FAILURES = {
  401: [{ status: 401, json: { error: SECRET_BODY } }, 502, "gateway_refused"],
  403: [{ status: 403, json: { error: SECRET_BODY } }, 502, "gateway_refused"],
  500: [{ status: 500, text: SECRET_BODY }, 502, "gateway_error"],
  "200 with HTML": [{ text: `<html>${SECRET_BODY}</html>` }, 502, "gateway_error"],
  "200 with something else": [{ json: { message: SECRET_BODY } }, 502, "gateway_error"],
  "a connection that is closed": ["reset", 502, "gateway_error"],
  "no reply": ["hang", 504, "gateway_timeout"],
};

for (const [name, [behaviour, status, code]] of Object.entries(FAILURES))
  for (const path of ["/v1/transactions/order-1", "/v1/transactions"])
    it(`${name} to GET ${path}: ${status} ${code}`, async () => {
      gateway.behave = behaviour;
      await refused(await asMerchant(status === 504 ? impatient : worker, path), status, code);
    });

describe("a range", () => {
  /** The list of the reference, with other ids, as text: every digit is the gateway's. */
  const row = (id, amount = "8.56") =>
    `{"transaction_id": ${JSON.stringify(id)}, "gateway_transaction_id": "sh7gv8knfxpktgh", "transaction_type": "deposit", "transaction_date": "2024-07-05 11:53:25", "status": "rejected", "customer_id": 123, "amount": ${amount}, "currency": "GBP", "user_amount": 10, "user_currency": "EUR", "fx_amount": 0, "new_field": 1.50}`;
  const rows = (...texts) => ({ text: `[${texts.join(",")}]`, type: "application/json" });
  const windows = () =>
    gateway.requests.map(({ path }) => {
      const query = new URL(path, gateway.url).searchParams;
      return [query.get("from"), query.get("to")];
    });
  const ids = ({ transactions }) => transactions.map(({ transaction_id }) => transaction_id);

  it("of today is the default", async () => {
    gateway.behave = rows(row("one"));
    const day = () => new Date().toISOString().slice(0, 10).split("-").toReversed().join("-");
    const before = day();
    const list = await answered(await get("/v1/transactions"));
    assert.deepEqual(ids(list), ["one"]);
    const [[from, to]] = windows();
    assert.equal(from, to);
    // It may be midnight.
    assert.ok([before, day()].includes(from), from);
  });

  it("has rows in the gateway's form, with every digit of an amount", async () => {
    const digits = ["8.56", "8.50", "1000000000000.01", "0.1234567890123456789012345678", "-3.00"];
    gateway.behave = rows(...digits.map((amount, index) => row(`tx-${index}`, amount)));
    const { transactions } = await answered(await get("/v1/transactions?from=01-08-2024&to=02-08-2024"));
    assert.deepEqual(
      transactions.map(({ amount }) => amount),
      digits,
    );
    assert.deepEqual(transactions[0], {
      transaction_id: "tx-0",
      gateway_transaction_id: "sh7gv8knfxpktgh",
      transaction_type: "deposit",
      transaction_date: "2024-07-05 11:53:25",
      status: "rejected",
      customer_id: 123,
      amount: "8.56",
      currency: "GBP",
      user_amount: "10",
      user_currency: "EUR",
      fx_amount: "0",
      new_field: 1.5,
    });
  });

  it("over several windows is asked for one after the other, and has no row twice", async () => {
    let open = 0;
    let most = 0;
    gateway.behave = async (count) => {
      most = Math.max(most, ++open);
      await new Promise(setImmediate);
      open--;
      // The last row of a window comes again as the first one of the next.
      return rows(row(`tx-${count - 1}`), row(`tx-${count}`), row("in all of them"));
    };
    const list = await answered(await get("/v1/transactions?from=25-02-2024&to=11-03-2024"));
    assert.deepEqual(windows(), [
      ["25-02-2024", "02-03-2024"],
      ["03-03-2024", "09-03-2024"],
      ["10-03-2024", "11-03-2024"],
    ]);
    assert.deepEqual(ids(list), ["tx-0", "tx-1", "in all of them", "tx-2", "tx-3"]);
    assert.equal(most, 1, "two calls at once");
  });

  it("keeps rows that have no id, and takes a number as an id's digits", async () => {
    gateway.behave = rows('{"amount": 1}', '{"amount": 1}', row(7), row("7"), '{"transaction_id": null}');
    const { transactions } = await answered(await get("/v1/transactions"));
    assert.equal(transactions.length, 4);
    assert.equal(transactions[2].transaction_id, "7");
  });

  it("of a leap year is 53 calls, and has every day once", async () => {
    gateway.behave = rows();
    assert.deepEqual(await answered(await get("/v1/transactions?from=01-01-2024&to=31-12-2024")), {
      transactions: [],
    });
    const time = (day) => Date.parse(day.split("-").toReversed().join("-"));
    const DAY = 86_400_000;
    let next = time("01-01-2024");
    for (const [from, to] of windows()) {
      assert.equal(time(from), next);
      assert.ok(time(to) - time(from) <= 6 * DAY);
      next = time(to) + DAY;
    }
    assert.equal(next, time("01-01-2025"));
    assert.equal(gateway.requests.length, 53);
  });

  it("is asked for once more, in each window, when the gateway is busy", async () => {
    // Each window is refused at first.
    gateway.behave = (count) => (count % 2 ? { status: 429, json: {} } : rows(row(`tx-${count}`)));
    const list = await answered(await get("/v1/transactions?from=01-01-2024&to=14-01-2024"));
    assert.deepEqual(ids(list), ["tx-2", "tx-4"]);
    assert.deepEqual(windows(), [
      ["01-01-2024", "07-01-2024"],
      ["01-01-2024", "07-01-2024"],
      ["08-01-2024", "14-01-2024"],
      ["08-01-2024", "14-01-2024"],
    ]);
  });

  it("is not asked for a third time, and not again when the gateway refused it", async () => {
    gateway.behave = { status: 503, json: {} };
    await refused(await get("/v1/transactions?from=01-01-2024&to=14-01-2024"), 502, "gateway_error");
    assert.equal(gateway.requests.length, 2);
    gateway.requests.length = 0;
    gateway.behave = { status: 403, json: {} };
    await refused(await get("/v1/transactions?from=01-01-2024&to=14-01-2024"), 502, "gateway_refused");
    assert.equal(gateway.requests.length, 1);
  });

  it("that fails half-way is a problem and no half of a list", async () => {
    gateway.behave = (count) => (count === 1 ? rows(row("one")) : { status: 400, json: {} });
    await refused(await get("/v1/transactions?from=01-01-2024&to=14-01-2024"), 502, "gateway_refused");
  });

  /** Rows of some 1 MiB each, so that a list of them is long. */
  const mebibytes = (count, name) =>
    rows(
      ...Array.from(
        { length: count },
        (_, index) =>
          `{"transaction_id": "${name}-${index}", "amount": 1, "note": "${"x".repeat(1024 * 1024 - 100)}"}`,
      ),
    );

  it("is answered up to 16 MiB; a longer one is a problem that names a range which fits", async () => {
    gateway.behave = (count) => mebibytes(count < 3 ? 7 : 1, `tx-${count}`);
    const list = await answered(await get("/v1/transactions?from=01-01-2024&to=15-01-2024"));
    assert.equal(list.transactions.length, 15);
    assert.equal(list.transactions[14].amount, "1");

    gateway.requests.length = 0;
    gateway.behave = (count) => mebibytes(7, `tx-${count}`);
    const problem = await refused(
      await get("/v1/transactions?from=01-01-2024&to=31-12-2024"),
      422,
      "too_many_transactions",
    );
    assert.match(problem.detail, /\?from=01-01-2024&to=14-01-2024 fits/);
    assert.equal(gateway.requests.length, 3, "the rest of the year was not asked for");
  });

  it("has a window that is longer than a reply may be day by day, and names a day that is", async () => {
    const longDays = new Set();
    gateway.behave = () => {
      const [from, to] = windows().at(-1);
      return from === to && !longDays.has(from) ? rows(row(from)) : mebibytes(9, from);
    };
    const list = await answered(await get("/v1/transactions?from=28-02-2024&to=01-03-2024"));
    assert.deepEqual(windows(), [
      ["28-02-2024", "01-03-2024"],
      ["28-02-2024", "28-02-2024"],
      ["29-02-2024", "29-02-2024"],
      ["01-03-2024", "01-03-2024"],
    ]);
    assert.deepEqual(ids(list), ["28-02-2024", "29-02-2024", "01-03-2024"]);

    longDays.add("29-02-2024");
    const problem = await refused(
      await get("/v1/transactions?from=28-02-2024&to=01-03-2024"),
      422,
      "too_many_transactions",
    );
    assert.match(problem.detail, /^29-02-2024 alone/);
  });

  for (const [query, named] of [
    ["from=2024-01-01", "from"],
    ["from=01-13-2024", "from"],
    ["from=30-02-2024&to=01-03-2024", "from"],
    ["to=1-1-2024", "to"],
    ["to=", "to"],
    ["from=02-01-2024&to=01-01-2024", "to"],
    ["from=01-01-2024&to=01-01-2025", "from"],
    ["from=01-01-2024&from=01-01-2024", "from"],
  ])
    it(`?${query} is invalid_query, which names ${named}`, async () => {
      const problem = await refused(await get(`/v1/transactions?${query}`), 400, "invalid_query");
      assert.match(problem.detail, new RegExp(`\\b${named}\\b`));
      assert.equal(gateway.requests.length, 0);
    });
});

it("without the right token nothing is asked", async () => {
  const off = `${ADMIN_TOKEN.slice(0, -1)}X`;
  for (const path of ["/v1/transactions", "/v1/transactions/order-1", "/v1/transactions?from=nonsense"]) {
    await refused(await get(path, { token: null }), 401, "missing_admin_token");
    for (const token of [off, `${ADMIN_TOKEN}X`, ADMIN_TOKEN.slice(1)]) {
      const response = await get(path, { token });
      assert.equal(response.headers.get("www-authenticate"), 'Bearer error="invalid_token"');
      await refused(response, 401, "invalid_admin_token");
    }
  }
  assert.equal(gateway.requests.length, 0);
});
