// What other programs, a replaced fetch or a caller may do to a Gateway: nothing of it changes what is sent, where to, or what an answer means.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { EdgeCashierError, Gateway, GatewayError, Webhook } from "edge-cashier";
import {
  API_KEY,
  BODY,
  CARD,
  DEPOSIT,
  EVENT,
  PASSWORD,
  rejected,
  signed,
  thrown,
  violationsOf,
} from "./support/fixtures.mjs";

const SPACED = { ...CARD, card_number: "4111 1111 1111 1111" };
const CARD_PAYMENT = { request: DEPOSIT, card_details: SPACED };
const OPTIONS = { apiKey: API_KEY, baseUrl: "https://gateway.example", maxRetries: 2 };

/** An answer that is as good as a Response. */
const answer = (status, body, headers = {}) => ({
  status,
  headers: new Map(Object.entries(headers)),
  body: null,
  arrayBuffer: async () => new TextEncoder().encode(JSON.stringify(body)).buffer,
});

const PASSWORD_LIST = [{ id: "now", password: PASSWORD }];
/** As the gateway writes them, and as they take the slower way: with a field more, other fields first, a field missing. */
const BODIES = [
  BODY,
  BODY.replace("{", '{"more":[1],'),
  BODY.replace('"200.00"', "1e2").replace("{", '{ "nested" : {"a":1} ,'),
  JSON.stringify({ ...EVENT, user_id: undefined, amount: undefined }),
];

/** What of an error or an event stands in itself. */
const shown = (value) => Object.entries({ ...value, extra: own(value, "extra") });
const own = (of, name) => (Object.hasOwn(of, name) ? of[name] : undefined);

function webhooks() {
  const webhook = new Webhook(PASSWORD_LIST);
  return BODIES.map((body) => {
    try {
      return shown(webhook.verify(body, signed(body)));
    } catch (error) {
      return [error.name, error.message, ...shown(error)];
    }
  });
}

/** Each call of a gateway with what came of it: what was sent, and its reply or error. */
async function everything() {
  const seen = [];
  const replies = {
    "/cashier/deposit": answer(200, { token: "t" }),
    "/payments/card": answer(200, { url: "", transaction_status: "pending" }),
    "/payouts/approve": answer(200, {}),
    "/payouts/reject": answer(503, { reason: "maintenance" }),
    "/transactions/order-1": answer(404, {}),
    "/transactions": answer(200, []),
  };
  const gateway = new Gateway({
    ...OPTIONS,
    fetch: async (url, { method, headers, body }) => {
      seen.push([method, url, Object.entries(headers), body]);
      return replies[new URL(url).pathname];
    },
  });
  const calls = [
    () => gateway.hostedDeposit({ ...DEPOSIT, customer: { first_name: "Ada" } }),
    () => gateway.cardPayment(CARD_PAYMENT),
    () => gateway.approvePayout({ transaction_id: "order-1" }),
    () => gateway.rejectPayout({ transaction_id: "r21nmrtpcmrcava" }),
    () => gateway.transactionStatus("order-1"),
    () => gateway.listTransactions(),
    async () => gateway.request("direct_payment", { ...DEPOSIT, provider_id: "7" }),
  ];
  for (const call of calls) {
    try {
      seen.push(Object.entries(await call()));
    } catch (error) {
      // What an error of ours does not have itself, it may have from the prototype.
      seen.push([error.name, error.code, error.message, ...Object.entries({ ...error })]);
    }
  }
  return [...seen, ...webhooks()];
}

describe("Object.prototype, as another program left it", () => {
  /** Names of options, of fields, and of whatever the package itself keeps in objects. */
  const names =
    "apiKey baseUrl cashierUrl routes timeoutMs maxRetries userAgent fetch signal request card_details user_id tracking_id transaction_id amount currency customer extra settings mode theme ip from to id token cashier_url url error message transaction_status status rejected_reason hosted_deposit hosted_withdrawal direct_payment card_payment reject_payout approve_payout transaction_status list_transactions kind class problem detail received reply failure body query path method headers otherwise check write takes hint needed also inner shape fields rule name report wanted hosted repeatable route cause code violations retryable retryAfterMs requestId attempts supportReport negative isZero whole fraction get set value enumerable writable configurable notAfter passwordId matched text wrong digits toJSON length 0".split(
      " ",
    );
  const values = ["x", ".evil.example/x", '{},"amount":0.01', 503, true, [["a", "b"]], { 0: "y" }];

  test("changes nothing", async () => {
    const expected = await everything();
    assert.equal(expected.length, 17, inspect(expected));
    for (const name of names) {
      for (const value of values) {
        const seen = await polluted(name, value, everything);
        assert.deepEqual(seen, expected, `${name} = ${inspect(value)}`);
      }
    }
  });

  async function polluted(name, value, run) {
    Object.defineProperty(Object.prototype, name, {
      __proto__: null,
      value,
      configurable: true,
      writable: true,
      enumerable: false,
    });
    try {
      return await run();
    } finally {
      delete Object.prototype[name];
    }
  }
});

describe("a fetch that answers with anything", () => {
  const call = (given) =>
    new Gateway({ ...OPTIONS, maxRetries: 0, fetch: async () => given }).approvePayout({
      transaction_id: "order-1",
    });

  for (const status of [
    undefined,
    null,
    Number.NaN,
    "200",
    "4111111111111111",
    200.5,
    0,
    1e9,
    {},
    [200],
    200n,
    Symbol("200"),
  ]) {
    test(`status ${inspect(status)} is no success`, async () => {
      const error = await rejected(call(answer(status, { message: "done" })));
      assert.ok(error instanceof GatewayError, inspect(error));
      assert.deepEqual([error.code, error.retryable], ["unreadable_reply", false]);
      assert.doesNotMatch(error.message + error.supportReport(), /4111/);
    });
  }

  for (const value of [
    5,
    5n,
    ["5"],
    {},
    null,
    undefined,
    Symbol("5"),
    {
      toString: () => {
        throw new Error("no");
      },
    },
  ]) {
    test(`a header that is ${inspect(value)} is none`, async () => {
      const names = ["retry-after", "date", "x-request-id", "location"];
      for (const status of [503, 302]) {
        const error = await rejected(
          call(answer(status, {}, Object.fromEntries(names.map((name) => [name, value])))),
        );
        assert.ok(error instanceof GatewayError, inspect(error));
        assert.deepEqual([error.requestId, error.retryAfterMs], [undefined, undefined]);
      }
    });
  }

  test("a redirect is what was checked", async () => {
    const location = { toString: () => "https://provider.example/pay" };
    const gateway = new Gateway({ ...OPTIONS, fetch: async () => answer(302, {}, { location }) });
    const error = await rejected(gateway.directPayment({ ...DEPOSIT, provider_id: 7 }));
    assert.equal(error.code, "unreadable_reply");
  });
});

describe("an error of fetch", () => {
  const leaks = {
    "with the request": (url, init) => Object.assign(new Error("no route"), { url, init }),
    "with the body alone": (_, { body }) => Object.assign(new Error("no route"), { body }),
    "with the headers in a Map": (_, { headers }) =>
      Object.assign(new Error("no route"), { headers: new Map(Object.entries(headers)) }),
    "with the request under a symbol": (_, init) =>
      Object.assign(new Error("no route"), { [Symbol("init")]: init }),
  };
  for (const [what, make] of Object.entries(leaks)) {
    test(`${what} is not passed on`, async () => {
      const gateway = new Gateway({
        ...OPTIONS,
        fetch: async (url, init) => {
          throw make(url, init);
        },
      });
      const error = await rejected(gateway.cardPayment(CARD_PAYMENT));
      assert.equal(error.code, "transport_failed");
      const shown = inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true });
      assert.doesNotMatch(shown, /4111|1111 1111|example_key/);
    });
  }

  test("that tells nothing is its cause", async () => {
    const cause = new Error("no route");
    const gateway = new Gateway({ ...OPTIONS, maxRetries: 0, fetch: () => Promise.reject(cause) });
    assert.equal((await rejected(gateway.cardPayment(CARD_PAYMENT))).cause, cause);
  });
});

test("a text that is longer than any is refused before anything looks through it", () => {
  const long = `4${"0".repeat(8_500_000)}`;
  const error = thrown(() =>
    new Gateway(OPTIONS).request("card_payment", {
      request: DEPOSIT,
      card_details: { ...CARD, card_number: long, holder_name: "\u2003".repeat(8_500_000) },
    }),
  );
  assert.deepEqual(violationsOf(error), ["card_details.holder_name range", "card_details.card_number range"]);
});

test("a card's number in the wrong place is not shown", () => {
  const gateway = new Gateway(OPTIONS);
  const card = "4111111111111111";
  for (const run of [
    () => gateway.request("hosted_deposit", { ...DEPOSIT, amount: `${card}.999` }),
    () => gateway.request("hosted_deposit", { ...DEPOSIT, [card]: 1 }),
    () => gateway.request("hosted_deposit", { ...DEPOSIT, [card]: () => {} }),
    () => gateway.request("hosted_deposit", { ...DEPOSIT, "ada@example.com": Number.NaN }),
    () => new Gateway({ ...OPTIONS, [card]: 1 }),
  ])
    assert.doesNotMatch(inspect(thrown(run), { depth: 9 }), /4111|ada@/);
});

test("a signal that is half of one is refused, and one that throws gives an error of ours", async () => {
  const gateway = new Gateway({ ...OPTIONS, fetch: async () => answer(200, { token: "t" }) });
  const half = { aborted: false, addEventListener: () => {} };
  const wrong = await rejected(gateway.hostedDeposit(DEPOSIT, { signal: half }));
  assert.deepEqual([wrong.code, wrong.violations[0].path], ["validation_failed", "signal"]);
  const throws = {
    ...half,
    removeEventListener: () => {},
    addEventListener: () => {
      throw new Error("no");
    },
  };
  const broken = await rejected(gateway.hostedDeposit(DEPOSIT, { signal: throws }));
  assert.ok(broken instanceof EdgeCashierError, inspect(broken));
});
