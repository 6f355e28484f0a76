// Anything in any place gives a typed error, and the same instance goes on: after each run of nonsense it verifies a good webhook.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import * as full from "edge-cashier";
import * as small from "edge-cashier/webhook";
import fc from "fast-check";
import { API_KEY, BODY, DEPOSIT, PASSWORD, PUBLISHED, signed } from "./support/fixtures.mjs";

const RUNS = 400;

/** Values that break code: also ones that throw when they are looked at. */
const trap = fc.constantFrom(
  new Proxy(
    {},
    {
      get() {
        throw new Error("get");
      },
      ownKeys() {
        throw new Error("ownKeys");
      },
      getPrototypeOf() {
        throw new Error("getPrototypeOf");
      },
    },
  ),
  new Proxy([], {
    get() {
      throw new Error("get");
    },
  }),
  Object.defineProperty({}, "amount", {
    enumerable: true,
    get() {
      throw undefined;
    },
  }),
  {
    toJSON() {
      throw new Error("toJSON");
    },
  },
  { toJSON: () => () => {} },
  {
    valueOf() {
      throw new Error("valueOf");
    },
    toString() {
      throw new Error("toString");
    },
  },
  Object.create(null),
  Symbol("s"),
  10n ** 400n,
  Number.NaN,
  -0,
  "\ud800",
  "\0",
  new Date(Number.NaN),
  new Map([["x-signature", 5]]),
  new Uint8Array(3).subarray(1),
  new DataView(new ArrayBuffer(4)),
  new SharedArrayBuffer(4),
  Promise.resolve(1),
  () => {
    throw new Error("called");
  },
  class {},
  globalThis,
);
const deep = fc.integer({ min: 1, max: 20_000 }).map((levels) => {
  let value = 1;
  for (let n = 0; n < levels; n++) value = n % 2 ? [value] : { a: value };
  return value;
});
const anything = fc.oneof(
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
    withBoxedValues: true,
    withNullPrototype: true,
  }),
  trap,
  deep,
  fc.string({ unit: "binary" }),
  fc.uint8Array(),
  fc.constantFrom(BODY, PUBLISHED, { ...DEPOSIT }),
);

/** Keeps a value from fast-check, which would trip over it when it prints a counterexample. */
class Box {
  #value;
  constructor(value) {
    this.#value = value;
  }
  get value() {
    return this.#value;
  }
  [Symbol.for("fast-check/toStringMethod")]() {
    return inspect(this.#value, { depth: 3 }).slice(0, 500);
  }
}
const box = (arbitrary) => arbitrary.map((value) => new Box(value));

/** A valid request with something else in one place. */
const spoiled = fc
  .tuple(
    fc.constantFrom(
      "user_id",
      "amount",
      "currency",
      "customer",
      "settings",
      "extra",
      "mode",
      "amount_restricted",
      "other",
    ),
    anything,
  )
  .map(([name, value]) => ({ ...DEPOSIT, [name]: value }));

function typed(entry, run) {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof entry.EdgeCashierError, `not a typed error: ${inspect(error)}`);
    assert.notEqual(error.code, "internal_error", inspect(error));
    assert.ok(!inspect(error).includes(PASSWORD));
  }
}

for (const [name, entry] of Object.entries({ "edge-cashier": full, "edge-cashier/webhook": small })) {
  describe(name, () => {
    const webhook = new entry.Webhook(PASSWORD);
    const stillWorks = () => assert.equal(webhook.verify(BODY, PUBLISHED).status, "rejected");
    const check = (property) => {
      fc.assert(property, { numRuns: RUNS });
      stillWorks();
    };

    test("verify, sign, canonicalize, explain", () => {
      check(
        fc.property(box(anything), box(anything), ({ value: body }, { value: signature }) => {
          typed(entry, () => webhook.verify(body, signature));
          typed(entry, () => webhook.verify(body, PUBLISHED));
          typed(entry, () => webhook.verify(BODY, signature));
          typed(entry, () => webhook.sign(body));
          typed(entry, () => entry.canonicalize(body));
          if (webhook.explain) typed(entry, () => webhook.explain(body, signature));
          stillWorks();
        }),
      );
    });

    test("the end of the stack", () => {
      // A call that runs out of stack anywhere, also inside the wasm, leaves the package usable.
      const codes = new Set();
      const dive = () => {
        try {
          dive();
        } catch {
          try {
            webhook.verify(BODY.replace("{", "{ "), PUBLISHED);
          } catch (error) {
            codes.add(error.code ?? error.name);
          }
        }
      };
      for (let n = 0; n < 20; n++) dive();
      assert.ok(
        [...codes].every((code) => ["internal_error", "RangeError"].includes(code)),
        [...codes].join(),
      );
      stillWorks();
    });

    test("a proxy that was revoked", () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      for (const run of [
        () => webhook.verify(proxy, PUBLISHED),
        () => webhook.verify(BODY, proxy),
        () => webhook.sign(proxy),
        () => entry.canonicalize(proxy),
        () => new entry.Webhook(proxy),
        () => new entry.Webhook([proxy]),
      ]) {
        assert.throws(run, entry.ValidationError);
        stillWorks();
      }
    });

    test("any JSON is verified as the reference would, or is no webhook", () => {
      check(
        fc.property(fc.json({ maxDepth: 6 }), fc.boolean(), (text, asBytes) => {
          const body = asBytes ? Buffer.from(text) : text;
          assert.equal(entry.canonicalize(body), JSON.stringify(JSON.parse(text)));
          assert.equal(webhook.sign(body), signed(text));
          assert.throws(() => webhook.verify(body, signed(text)), { code: "not_a_webhook" });
        }),
      );
    });

    test("any further fields come back as JSON has them", () => {
      check(
        fc.property(
          fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 12 }),
          fc.boolean(),
          fc.nat(7),
          (further, asBytes, place) => {
            const entries = Object.entries(JSON.parse(BODY));
            entries.splice(
              place,
              0,
              ...Object.entries(further).filter(([name]) => !(name in JSON.parse(BODY))),
            );
            const text = JSON.stringify(Object.fromEntries(entries));
            const {
              extra = {},
              matched,
              ...fields
            } = webhook.verify(asBytes ? Buffer.from(text) : text, signed(text));
            assert.equal(matched, "canonical");
            const all = JSON.parse(text);
            for (const [name, value] of Object.entries(fields)) assert.equal(value, all[name]);
            for (const name of Object.keys(fields)) delete all[name];
            assert.deepEqual(extra, all);
          },
        ),
      );
    });

    test("the constructor", () => {
      check(
        fc.property(
          box(
            fc.oneof(
              anything,
              fc.array(
                fc.oneof(
                  anything,
                  fc.record({ id: anything, password: anything, notAfter: anything }, { requiredKeys: [] }),
                ),
              ),
            ),
          ),
          ({ value: passwords }) => typed(entry, () => new entry.Webhook(passwords)),
        ),
      );
    });
  });
}

describe("Gateway", () => {
  const options = { apiKey: API_KEY, baseUrl: "https://gateway.example.com", maxRetries: 0 };
  const gateway = new full.Gateway({
    ...options,
    fetch: async () => new Response('{"token":"t","transaction_status":"x","message":"m"}'),
  });

  test("options", () => {
    const option = fc.record(
      {
        apiKey: anything,
        baseUrl: anything,
        cashierUrl: anything,
        routes: anything,
        timeoutMs: anything,
        maxRetries: anything,
        userAgent: anything,
        fetch: anything,
      },
      { requiredKeys: [] },
    );
    const one = fc
      .tuple(
        fc.constantFrom(
          "apiKey",
          "baseUrl",
          "cashierUrl",
          "routes",
          "timeoutMs",
          "maxRetries",
          "userAgent",
          "fetch",
        ),
        anything,
      )
      .map(([name, value]) => ({ ...options, [name]: value }));
    fc.assert(
      fc.property(box(fc.oneof(anything, option, one)), ({ value: given }) =>
        typed(full, () => new full.Gateway(given)),
      ),
      { numRuns: RUNS },
    );
    assert.equal(gateway.request("hosted_deposit", DEPOSIT).method, "POST");
  });

  test("request", () => {
    fc.assert(
      fc.property(
        fc
          .oneof(
            fc.constantFrom(
              "hosted_deposit",
              "hosted_withdrawal",
              "direct_payment",
              "card_payment",
              "reject_payout",
              "approve_payout",
              "transaction_status",
              "list_transactions",
            ),
            anything,
          )
          .map((value) => new Box(value)),
        box(fc.oneof(spoiled, anything)),
        ({ value: operation }, { value: request }) => typed(full, () => gateway.request(operation, request)),
      ),
      { numRuns: RUNS },
    );
    assert.equal(gateway.request("hosted_deposit", DEPOSIT).method, "POST");
  });

  test("every method", async () => {
    const methods = [
      "hostedDeposit",
      "hostedWithdrawal",
      "directPayment",
      "cardPayment",
      "rejectPayout",
      "approvePayout",
      "transactionStatus",
      "listTransactions",
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...methods),
        box(fc.oneof(spoiled, anything)),
        box(anything),
        async (method, { value: request }, { value: callOptions }) => {
          const error = await gateway[method](request, callOptions).then(
            () => undefined,
            (error) => error,
          );
          typed(full, () => {
            if (error !== undefined) throw error;
          });
          const rows = await gateway
            .transactions(request)
            .next()
            .then(
              () => undefined,
              (error) => error,
            );
          typed(full, () => {
            if (rows !== undefined) throw rows;
          });
        },
      ),
      { numRuns: RUNS },
    );
    assert.equal((await gateway.hostedDeposit(DEPOSIT)).token, "t");
  });

  test("any answer", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.json(), fc.string(), fc.uint8Array()),
        fc.integer({ min: 200, max: 599 }),
        fc.dictionary(fc.stringMatching(/^[a-z-]{1,8}$/), fc.stringMatching(/^[ -~]{0,12}$/)),
        async (body, status, headers) => {
          const empty = [204, 205, 304].includes(status);
          const answering = new full.Gateway({
            ...options,
            fetch: async () => new Response(empty ? null : body, { status, headers }),
          });
          for (const call of [
            answering.hostedDeposit(DEPOSIT),
            answering.listTransactions(),
            answering.approvePayout({ transaction_id: "1" }),
            answering.transactionStatus("1"),
          ]) {
            const error = await call.then(
              () => undefined,
              (error) => error,
            );
            typed(full, () => {
              if (error !== undefined) throw error;
            });
          }
        },
      ),
      { numRuns: RUNS },
    );
  });
});
