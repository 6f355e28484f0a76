// Mistakes that callers make, and hosts that are not as the platform's: each is refused before anything is sent, or changes nothing.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { createContext, runInContext } from "node:vm";
import { EdgeCashierError, Gateway, GatewayError, Webhook } from "edge-cashier";
import {
  API_KEY,
  BODY,
  CARD,
  DEPOSIT,
  PASSWORD,
  PUBLISHED,
  rejected,
  thrown,
  violationsOf,
} from "./support/fixtures.mjs";
import { json, startGateway } from "./support/gateway.mjs";

const OPTIONS = { apiKey: API_KEY, baseUrl: "https://gateway.example", maxRetries: 0 };
const PAYOUT = { transaction_id: "order-1" };
const hosts = (fetch, more = {}) => new Gateway({ ...OPTIONS, ...more, fetch });

describe("an option that is not known", () => {
  test("of the constructor is refused, with the one that is meant", () => {
    for (const [given, meant] of [
      [{ timeout_ms: 5 }, "timeoutMs"],
      [{ apikey: "x" }, "apiKey"],
      [{ max_retries: 5 }, "maxRetries"],
      [{ cashierurl: "x" }, "cashierUrl"],
      [{ allow_insecure: true }, "allowInsecure"],
      [{ Fetch: () => {} }, "fetch"],
    ]) {
      const error = thrown(() => new Gateway({ ...OPTIONS, ...given }));
      const [name] = Object.keys(given);
      assert.equal(error.violations[0].path, name);
      assert.match(error.message, new RegExp(`did you mean "${meant}"`));
    }
    assert.deepEqual(violationsOf(thrown(() => new Gateway({ ...OPTIONS, allowInsecure: "yes" }))), [
      "allowInsecure type",
    ]);
  });

  test("http:// takes a word of its own for other hosts than this machine", () => {
    const baseUrl = "http://gateway.internal:8080/api";
    assert.deepEqual(violationsOf(thrown(() => new Gateway({ ...OPTIONS, baseUrl }))), ["baseUrl insecure"]);
    assert.deepEqual(violationsOf(thrown(() => new Gateway({ ...OPTIONS, baseUrl, allowInsecure: false }))), [
      "baseUrl insecure",
    ]);
    const insecure = { ...OPTIONS, baseUrl, cashierUrl: "http://cashier.internal/{token}" };
    const error = thrown(() => new Gateway(insecure));
    assert.deepEqual(violationsOf(error), ["baseUrl insecure", "cashierUrl insecure"]);
    assert.match(error.message, /set the option allowInsecure/);
    const gateway = new Gateway({ ...insecure, allowInsecure: true });
    assert.equal(gateway.request("hosted_deposit", DEPOSIT).url, `${baseUrl}/cashier/deposit`);
  });

  test("an API key from an unset variable is refused", () => {
    for (const [apiKey, code] of [
      [undefined, "required"],
      ["", "required"],
      [" \n", "required"],
      ["\ufeff", "required"],
      ["undefined", "format"],
      ["null\n", "format"],
      [`${API_KEY}\n`, "format"],
    ])
      assert.deepEqual(
        violationsOf(thrown(() => new Gateway({ ...OPTIONS, apiKey }))),
        [`apiKey ${code}`],
        apiKey,
      );
  });

  test("a template for the cashier's address has `{token}` and no other braces", () => {
    for (const rest of [
      "",
      "{token}{token}",
      "{token}&user={user_id}",
      "{{token}}",
      "${token}",
      "{Token}",
      "{token",
    ])
      assert.deepEqual(
        violationsOf(
          thrown(() => new Gateway({ ...OPTIONS, cashierUrl: `https://cashier.example/?t=${rest}` })),
        ),
        ["cashierUrl format"],
        rest,
      );
  });

  test("or of the wrong kind, of a call, is refused before anything is sent", async () => {
    const gateway = hosts(() => assert.fail("sent"));
    const aborted = AbortSignal.abort();
    const controller = new AbortController();
    for (const [options, violation, remedy] of [
      [aborted, "options type", /\{ signal \}/],
      [controller, "options type", /\{ signal \}/],
      [{ signal: controller }, "signal type", /AbortSignal/],
      [{ Signal: aborted }, "Signal unknown_field", /did you mean "signal"/],
      [{ signal: 5 }, "signal type", /AbortSignal/],
      [{ singal: aborted }, "singal unknown_field", /did you mean "signal"/],
      [{ Signal: () => {} }, "Signal unknown_field", /did you mean "signal"/],
      [{ timeoutMs: 100 }, "timeoutMs unknown_field", /known: signal/],
      [5, "options type", /object/],
      [[], "options type", /object/],
      [[aborted], "options type", /object/],
    ]) {
      const error = await rejected(gateway.hostedDeposit(DEPOSIT, options));
      assert.deepEqual(violationsOf(error), [violation], inspect(options));
      assert.match(error.message, remedy);
      assert.deepEqual(violationsOf(await rejected(gateway.approvePayout(PAYOUT, options))), [violation]);
    }
    const both = await rejected(gateway.approvePayout({}, { signal: 5 }));
    assert.deepEqual(violationsOf(both), ["transaction_id required", "signal type"]);
    const listed = gateway.transactions({ from: "01-07-2024", to: "02-07-2024", signal: aborted });
    assert.equal((await rejected(listed.next())).code, "aborted");
  });
});

describe("an answer", () => {
  const whole = '{"message":"done","transaction_status":"pending"}';
  const bytes = () => new TextEncoder().encode(whole);
  const answers = {
    "without a stream": { arrayBuffer: async () => bytes().buffer },
    "with text alone": { text: async () => whole },
    "with a stream of Node": { body: process.stdin, arrayBuffer: async () => bytes().buffer },
    "with a Buffer": { arrayBuffer: async () => Buffer.from(whole) },
    "with bytes of another realm": {
      arrayBuffer: async () =>
        runInContext(`new Uint8Array([${bytes()}]).buffer`, createContext({ Uint8Array: undefined })),
    },
  };
  for (const [what, answer] of Object.entries(answers)) {
    test(`${what} is not lost`, async () => {
      if (what.includes("realm"))
        answer.arrayBuffer = async () => runInContext(`new Uint8Array([${bytes()}]).buffer`, createContext());
      let sent = 0;
      const gateway = hosts(async () => (sent++, { status: 200, headers: { get: () => null }, ...answer }), {
        maxRetries: 3,
      });
      assert.deepEqual(await gateway.approvePayout(PAYOUT), JSON.parse(whole));
      assert.equal(sent, 1);
    });
  }

  test("keeps what its headers say, read by name", async () => {
    const headers = { get: (name) => ({ "retry-after": "7", "x-request-id": "r-7" })[name] ?? null };
    const gateway = hosts(async () => ({ status: 429, headers, text: async () => "{}" }));
    const error = await rejected(gateway.approvePayout(PAYOUT));
    assert.deepEqual([error.status, error.retryAfterMs, error.requestId], [429, 7000, "r-7"]);
  });

  test("that cannot be read opens no second cashier", async () => {
    const headers = new Headers();
    for (const answer of [
      { status: 200, headers, json: async () => ({ token: "t" }) },
      { headers, text: async () => '{"token":"t"}' },
      undefined,
    ]) {
      let sent = 0;
      const gateway = hosts(async () => (sent++, answer), { maxRetries: 3 });
      const error = await rejected(gateway.hostedDeposit(DEPOSIT));
      assert.ok(error instanceof GatewayError, inspect(error));
      assert.deepEqual([sent, error.attempts, error.retryable], [1, 1, false], inspect(answer));
      assert.match(error.message, /would fail again: correct what this says first\.$/);
    }
  });

  test("of 409 to what acts at once says to read the state, not to send it again", async () => {
    const gateway = hosts(async () => new Response("{}", { status: 409 }), { maxRetries: 3 });
    for (const call of [gateway.approvePayout(PAYOUT), gateway.rejectPayout(PAYOUT)]) {
      const error = await rejected(call);
      assert.deepEqual([error.status, error.retryable, error.attempts], [409, false, 1]);
      assert.match(error.message, /do not send it again, read the transaction's state/);
    }
  });

  test("that is too long ends with an error, as text too", async () => {
    const long = "x".repeat(33 * 1024 * 1024);
    for (const answer of [{ text: async () => long }, { arrayBuffer: async () => Buffer.from(long) }]) {
      const gateway = hosts(async () => ({ status: 200, headers: new Headers(), ...answer }));
      const error = await rejected(gateway.listTransactions());
      assert.equal(error.code, "transport_failed");
      assert.match(error.message, /longer than 33554432 bytes/);
    }
  });

  test("with money beyond a JavaScript number has its digits", async () => {
    const row = `{"transaction_id":"t","status":"pending","amount":12345678901234.567,"user_amount":8.5,"fx_amount":"9007199254740993.01"}`;
    const gateway = hosts(async () => new Response(`[${row},${row.replace('"t"', "9007199254740993")}]`));
    const [first, second] = await gateway.listTransactions();
    assert.deepEqual(
      [first.amount, first.user_amount, first.fx_amount],
      ["12345678901234.567", 8.5, "9007199254740993.01"],
    );
    assert.equal(second.transaction_id, "9007199254740993");
  });
});

describe("a request", () => {
  const gateway = new Gateway(OPTIONS);

  test("is read when the call is made, not later", async () => {
    const bodies = [];
    const request = { ...DEPOSIT };
    const call = hosts(
      async (_, { body }) => (bodies.push(body), new Response('{"token":"t"}')),
    ).hostedDeposit(request);
    request.amount = 1000;
    await call;
    assert.match(bodies[0], /"amount":10\.05,/);
  });

  test("of another realm is read like any other, and refused like it", () => {
    const realm = createContext();
    const own = (code) => runInContext(`(${code})`, realm);
    const given = own(JSON.stringify(DEPOSIT));
    assert.equal(
      gateway.request("hosted_deposit", given).body,
      gateway.request("hosted_deposit", DEPOSIT).body,
    );
    for (const value of [
      "new Date()",
      "new Map()",
      "Promise.resolve()",
      "new Uint8Array(2)",
      "new String('x')",
    ])
      assert.deepEqual(
        violationsOf(
          thrown(() => gateway.request("hosted_deposit", { ...DEPOSIT, settings: { x: own(value) } })),
        ),
        ["request.settings.x type"],
      );
  });

  test("has no text with control characters and no birth in the future", () => {
    const day = (date) => [2, 1, 0].map((part) => date.toISOString().slice(0, 10).split("-")[part]).join("/");
    const [today, later] = [0, 2].map((days) => day(new Date(Date.now() + days * 24 * 3600 * 1000)));
    const customer = (fields) => ({ ...DEPOSIT, customer: fields });
    for (const [request, violation] of [
      [{ ...DEPOSIT, user_id: "1\n2" }, "user_id format"],
      [{ ...DEPOSIT, tracking_id: "\u0000" }, "tracking_id format"],
      [{ ...DEPOSIT, theme: "dark\t" }, "theme format"],
      [customer({ first_name: "Ada\r\nLovelace" }), "customer.first_name format"],
      [customer({ city: "\u0085London" }), "customer.city format"],
      [customer({ zip_code: "\u007f" }), "customer.zip_code format"],
      [customer({ dob: later }), "customer.dob range"],
    ])
      assert.deepEqual(violationsOf(thrown(() => gateway.request("hosted_deposit", request))), [
        `request.${violation}`,
      ]);
    assert.match(
      gateway.request("hosted_deposit", customer({ dob: today })).body,
      new RegExp(`"dob":"${today}"`),
    );
    const card = {
      request: { ...DEPOSIT, routing_id: 210 },
      card_details: { ...CARD, holder_name: "Ada\tL" },
    };
    assert.deepEqual(violationsOf(thrown(() => gateway.request("card_payment", card))), [
      "card_details.holder_name format",
    ]);
  });

  test("has nothing that has no JSON form", () => {
    const deep = Array.from({ length: 200 }).reduce((inner) => [inner], 1);
    for (const [value, violation] of [
      ...[new Headers({ a: "b" }), new URLSearchParams("a=b"), /a/, new Error("a"), new FormData()].map(
        (value) => [value, " type"],
      ),
      ...[new Date(0), new Map(), new Set(), new Uint8Array(1), new ArrayBuffer(1), Promise.resolve(1)].map(
        (value) => [value, " type"],
      ),
      [() => 1, " type"],
      [Symbol("x"), " type"],
      [new Number(1), " type"],
      ["\ud800", " format"],
      [[undefined], "[0] type"],
      ["x".repeat(1_000_001), " range"],
      [Array(10_001).fill(0), "[9993] range"],
      [deep, `${"[0]".repeat(62)} range`],
    ])
      assert.deepEqual(
        violationsOf(thrown(() => gateway.request("hosted_deposit", { ...DEPOSIT, settings: { a: value } }))),
        [`request.settings.a${violation}`],
        inspect(value, { maxArrayLength: 2, maxStringLength: 9 }),
      );
    assert.match(gateway.request("hosted_deposit", { ...DEPOSIT, settings: {} }).body, /"settings":\{\}/);
  });

  test("with more digits than a number keeps is refused, with a remedy that holds", () => {
    const refusal = (fields) => thrown(() => gateway.request("hosted_deposit", { ...DEPOSIT, ...fields }));
    const phone = (number) => ({ customer: { phone: { country: "GB", number } } });
    for (const [fields, violation, remedy] of [
      [{ amount: 123456789012345.67 }, "amount decimals", /an amount as a string of its digits/],
      ...[2 ** 53, 2 ** 53 + 2, 1e21].map((amount) => [
        { amount },
        "amount range",
        /an amount as a string of its digits/,
      ]),
      // What the same digits would be refused for as a string.
      [{ amount: 0.1 + 0.2 }, "amount decimals", /has 17 decimals and EUR has 2; round it/],
      [{ currency: "JPY", amount: 0.5 }, "amount decimals", /has 1 decimal and JPY has 0; round it/],
      // What no string is taken for, and what only a string is taken for.
      [
        phone(1234567890123456),
        "customer.phone.number range",
        /must be a whole number from 1 to 999999999999999,/,
      ],
      [{ user_id: Number("1234567890123456789") }, "user_id type", /put it in quotes/],
      ...[Number.NaN, -Infinity].map((amount) => [{ amount }, "amount type", /give a finite number/]),
      [{ amount: 2n ** 300n }, "amount range", /larger than any number/],
    ]) {
      const error = refusal(fields);
      assert.deepEqual(violationsOf(error), [`request.${violation}`], inspect(fields));
      assert.match(error.message, remedy, inspect(fields));
    }
  });

  test("that is missing is called by its name", async () => {
    for (const call of [gateway.rejectPayout(), gateway.cardPayment(), gateway.hostedDeposit()]) {
      const error = await rejected(call);
      assert.deepEqual(violationsOf(error), ["request required"]);
      assert.match(error.message, /is missing; give an object with the fields of \w+/);
    }
  });

  test("that fills the memory is refused", () => {
    const text = "x".repeat(900_000);
    const settings = Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`n${n}`, text]));
    assert.match(
      thrown(() => gateway.request("hosted_deposit", { ...DEPOSIT, settings })).message,
      /too much text/,
    );
    assert.equal(gateway.request("hosted_deposit", DEPOSIT).method, "POST");
  });
});

describe("a platform's fetch", () => {
  test("gets no header that is none", () => {
    for (const userAgent of ["a\r\nx: y", "é", "\0"])
      assert.deepEqual(violationsOf(thrown(() => new Gateway({ ...OPTIONS, userAgent }))), [
        "userAgent format",
      ]);
    for (const apiKey of ["a b", "a\nb", "é"])
      assert.deepEqual(violationsOf(thrown(() => new Gateway({ ...OPTIONS, apiKey }))), ["apiKey format"]);
  });

  test("does not get what a route cannot send", () => {
    for (const operation of ["hosted_deposit", "card_payment", "reject_payout", "approve_payout"]) {
      const error = thrown(() => new Gateway({ ...OPTIONS, routes: { [operation]: "GET /x" } }));
      assert.deepEqual(violationsOf(error), [`routes.${operation} format`]);
      assert.match(error.message, /a GET request has no body/);
    }
    new Gateway({ ...OPTIONS, routes: { list_transactions: "GET /x", transaction_status: "POST /x/{id}" } });
  });

  test("that is missing sends nothing, and the error says so", async (context) => {
    const { fetch } = globalThis;
    context.after(() => {
      globalThis.fetch = fetch;
    });
    const gateway = new Gateway({ ...OPTIONS, maxRetries: 3 });
    globalThis.fetch = undefined;
    for (const call of [gateway.approvePayout(PAYOUT), gateway.hostedDeposit(DEPOSIT)]) {
      const error = await rejected(call);
      assert.deepEqual(
        [error.code, error.attempts, error.retryable],
        ["transport_failed", 0, false],
        inspect(error),
      );
      assert.match(error.message, /no `fetch`; give a fetch by the option `fetch`\. Nothing was sent/);
      assert.match(error.supportReport(), /^attempts: 0$/m);
    }
  });

  test("leaves no timer that keeps the process alive", async (context) => {
    const server = await startGateway((_, response) => json(response, 200, { token: "t" }));
    context.after(() => server.close());
    const script = `const { Gateway } = await import("edge-cashier"); await new Gateway({ apiKey: "x", baseUrl: ${JSON.stringify(server.url)}, timeoutMs: 600000 }).hostedDeposit(${JSON.stringify(DEPOSIT)}, { signal: new AbortController().signal }); console.log(process.getActiveResourcesInfo().filter((name) => name === "Timeout").length)`;
    const { execFile } = await import("node:child_process");
    const { promisify } = await import("node:util");
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
      cwd: import.meta.dirname,
    });
    assert.equal(stdout, "0\n");
  });
});

test("a call that waits while the module's instance is replaced rejects, and the process goes on", () => {
  const script = `
    const { Gateway, Webhook } = await import("edge-cashier");
    const webhook = new Webhook(${JSON.stringify(PASSWORD)});
    const answers = [];
    const gateway = new Gateway({ apiKey: "x", baseUrl: "https://gateway.example", timeoutMs: 200, fetch: () => new Promise((resolve) => answers.push(resolve)) });
    const outcome = (promise) => promise.then(() => "done", (error) => error.code);
    const early = outcome(gateway.approvePayout({ transaction_id: "order-1" }));
    while (answers.length === 0) await null;
    const late = outcome(gateway.approvePayout({ transaction_id: "order-2" }));
    // The module's own code does not expect that of a clock, which is as good as a trap.
    const { now } = Date;
    Date.now = () => { throw new Error("no clock") };
    const broken = await outcome(gateway.approvePayout({ transaction_id: "order-3" }));
    Date.now = now;
    const outcomes = await Promise.all([early, late]);
    for (const answer of answers) answer(new Response("{}"));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { method } = gateway.request("hosted_deposit", ${JSON.stringify(DEPOSIT)});
    console.log(broken, outcomes.join(), method, webhook.verify(${JSON.stringify(BODY)}, ${JSON.stringify(PUBLISHED)}).status);
  `;
  const shown = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd: import.meta.dirname,
    encoding: "utf8",
  });
  assert.equal(shown, "internal_error internal_error,internal_error POST rejected\n");
});

test("a gateway keeps the options it was made with, in a fresh instance of the module too", (context) => {
  const options = { ...OPTIONS, routes: { hosted_deposit: "/first" } };
  const gateway = new Gateway(options);
  options.routes.hosted_deposit = "/second";
  options.apiKey = "other";
  const expected = gateway.request("hosted_deposit", DEPOSIT);
  assert.equal(expected.url, "https://gateway.example/first");
  // A clock that throws ends the instance.
  const { mock } = context.mock.method(Date, "now", () => {
    throw new Error("no clock");
  });
  assert.equal(thrown(() => gateway.request("hosted_deposit", DEPOSIT)).code, "internal_error");
  mock.restore();
  assert.deepEqual(gateway.request("hosted_deposit", DEPOSIT), expected);
});

test("a getter that runs out of stack inside the module leaves it sound", () => {
  const gateway = new Gateway(OPTIONS);
  const expected = gateway.request("hosted_deposit", DEPOSIT);
  const request = {
    ...DEPOSIT,
    get ip() {
      gateway.request("hosted_deposit", request);
      return "127.0.0.1";
    },
  };
  const error = thrown(() => gateway.request("hosted_deposit", request));
  assert.ok(error instanceof EdgeCashierError || error instanceof RangeError, inspect(error));
  assert.deepEqual(gateway.request("hosted_deposit", DEPOSIT), expected);
  assert.equal(new Webhook(PASSWORD).verify(BODY, PUBLISHED).status, "rejected");
});
