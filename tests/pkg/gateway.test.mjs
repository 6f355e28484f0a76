// Options, requests and typed errors: nothing is sent here.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { EdgeCashierError, Gateway, GatewayError, ValidationError, version } from "edge-cashier";
import { API_KEY, CARD, DEPOSIT, rejected, thrown, violationsOf } from "./support/fixtures.mjs";

const gateway = new Gateway({
  apiKey: API_KEY,
  baseUrl: "https://gateway.example.com/api/",
  cashierUrl: "https://cashier.example.com/?t={token}",
});
const body = (operation, request) => gateway.request(operation, request).body;
const paths = (run) => violationsOf(thrown(run));
const refused = (request) => paths(() => body("hosted_deposit", request));

describe("requests", () => {
  test("are the reference's, digit for digit", () => {
    const built = gateway.request("hosted_deposit", {
      ...DEPOSIT,
      mode: "test",
      theme: "dark",
      settings: {},
      ip: "127.34.125.54",
      amount_restricted: true,
      customer: {
        first_name: "John",
        dob: "05/03/2000",
        phone: { country: "GB", number: 783433252, prefix: 44 },
      },
    });
    assert.equal(built.method, "POST");
    assert.equal(built.url, "https://gateway.example.com/api/cashier/deposit");
    assert.deepEqual(built.headers, {
      "x-api-key": API_KEY,
      accept: "application/json",
      "content-type": "application/json",
      "user-agent": `edge-cashier/${version} (node/${process.versions.node})`,
    });
    assert.deepEqual(JSON.parse(built.body), {
      request: {
        mode: "test",
        theme: "dark",
        settings: {},
        user_id: "128",
        tracking_id: DEPOSIT.tracking_id,
        ip: "127.34.125.54",
        amount: 10.05,
        currency: "EUR",
        amount_restricted: true,
        customer: {
          first_name: "John",
          dob: "05/03/2000",
          phone: { country: "GB", number: 783433252, prefix: 44 },
        },
      },
    });
  });

  test("write amounts as they were given", () => {
    for (const [amount, currency, written] of [
      [10.05, "EUR", "10.05"],
      ["10.05", "EUR", "10.05"],
      ["10.50", "EUR", "10.50"],
      [1e3, "JPY", "1000"],
      ["9007199254740993.01", "EUR", "9007199254740993.01"],
      [0.1 + 0.7, "KWD", undefined],
      [{ toJSON: () => "3.20" }, "EUR", "3.20"],
      [12n, "EUR", "12"],
    ]) {
      const request = () => body("hosted_deposit", { ...DEPOSIT, amount, currency });
      if (written === undefined) assert.deepEqual(paths(request), ["request.amount decimals"]);
      else assert.match(request(), new RegExp(`"amount":${written.replaceAll(".", "\\.")}[,}]`));
    }
  });

  test("exist for all eight operations", () => {
    const requests = {
      hosted_deposit: [DEPOSIT, "POST /cashier/deposit"],
      hosted_withdrawal: [DEPOSIT, "POST /cashier/withdrawal"],
      direct_payment: [{ ...DEPOSIT, provider_id: 210 }, "POST /payments/direct"],
      card_payment: [{ request: { ...DEPOSIT, routing_id: 210 }, card_details: CARD }, "POST /payments/card"],
      reject_payout: [{ transaction_id: "r21" }, "POST /payouts/reject"],
      approve_payout: [{ transaction_id: "order-1" }, "POST /payouts/approve"],
      transaction_status: [{ id: "a/b?c" }, "GET /transactions/a%2Fb%3Fc"],
      list_transactions: [
        { from: "01-08-2024", to: "07-08-2024" },
        "GET /transactions?from=01-08-2024&to=07-08-2024",
      ],
    };
    for (const [operation, [request, expected]] of Object.entries(requests)) {
      const built = gateway.request(operation, request);
      assert.equal(`${built.method} ${built.url.replace("https://gateway.example.com/api", "")}`, expected);
      assert.equal(built.body === null, expected.startsWith("GET"));
      assert.equal(new Request(built.url, built).method, built.method);
    }
  });

  test("name everything that is wrong at once", () => {
    const circle = { ...DEPOSIT };
    circle.settings = { circle };
    assert.deepEqual(
      refused({
        user_id: "128",
        amuont: 1,
        amount: Number.NaN,
        currency: "EURO",
        customer: { dob: new Date(0), email: () => {} },
      }),
      [
        "request.amount type",
        "request.customer.dob type",
        "request.customer.email type",
        "request.amuont unknown_field",
        "request.tracking_id required",
        "request.currency format",
      ],
    );
    assert.deepEqual(refused(circle), ["request.settings.circle type"]);
    assert.deepEqual(refused(undefined).slice(0, 1), ["request required"]);
    for (const [name, code] of [
      ["deposit", "unknown_operation"],
      [Symbol("x"), "type"],
    ])
      assert.deepEqual(
        paths(() => gateway.request(name, {})),
        [`operation ${code}`],
      );
    const thrower = {
      ...DEPOSIT,
      get ip() {
        throw new Error("no");
      },
    };
    const error = thrown(() => body("hosted_deposit", thrower));
    assert.deepEqual(
      error.violations.map(({ path }) => path),
      ["request.ip"],
    );
    assert.equal(error.cause.message, "no");
  });

  test("name each fault once, where the caller wrote it", async () => {
    const wrong = { ...DEPOSIT, amount: Number.NaN };
    for (const [request, ...expected] of [
      [wrong, "request.amount type"],
      [{ request: wrong }, "request.amount type"],
      [{ ...wrong, request: undefined }, "request.amount type"],
      [{ ...DEPOSIT, user_id: "\ud800" }, "request.user_id format"],
      [{ ...DEPOSIT, "4111 1111 1111 1111": Number.NaN }, "request.[CARD] unknown_field"],
      // A list where an object belongs, and a value that is none.
      [[Number.NaN], "request[0] type", "request type"],
      [{ request: Number.NaN }, "request type"],
    ])
      assert.deepEqual(refused(request), expected);
    for (const [range, ...expected] of [
      [{ from: "01-07-2024", toda: 1 }, "toda unknown_field"],
      [{ from: Number.NaN, to: 5, form: 1 }, "from type", "form unknown_field", "to type"],
    ])
      assert.deepEqual(violationsOf(await rejected(gateway.transactions(range).next())), expected);
    assert.deepEqual(
      paths(
        () =>
          new Gateway({
            apiKey: API_KEY,
            baseUrl: "https://gateway.example.com",
            routes: { transaction_status: Number.NaN, hosted_deposit: 5, hosted: "x" },
          }),
      ),
      ["routes.transaction_status type", "routes.hosted unknown_field", "routes.hosted_deposit type"],
    );
    const looked = [];
    const twice = {
      get request() {
        looked.push("request");
        return {
          ...DEPOSIT,
          ip: undefined,
          get settings() {
            looked.push("settings");
            return {};
          },
        };
      },
    };
    assert.equal(body("hosted_deposit", twice), body("hosted_deposit", { ...DEPOSIT, settings: {} }));
    assert.deepEqual(looked, ["request", "settings"], "what may change between two looks is looked at once");
  });

  test("tell no card in an error", () => {
    const card_details = {
      holder_name: "",
      card_number: "4111 1111 1111 1112",
      cvc: "12x",
      exp_month: "13",
      exp_year: "2035",
    };
    const error = thrown(() => gateway.request("card_payment", { request: DEPOSIT, card_details }));
    for (const shown of [inspect(error, { depth: 9 }), JSON.stringify(error), String(error)])
      assert.doesNotMatch(shown, /4111|1112|12x/);
  });
});

describe("an error", () => {
  test("can be named and extended like any other", () => {
    const error = thrown(() => gateway.request("hosted_deposit", {}));
    assert.equal(Object.assign(error, { name: "Renamed" }).name, "Renamed");
    assert.equal(thrown(() => gateway.request("hosted_deposit", {})).name, "ValidationError");
    class PaymentError extends GatewayError {
      constructor(facts) {
        super(facts);
        this.name = "PaymentError";
      }
    }
    const failed = new PaymentError({ code: "timeout", message: "no", operation: "x", class: "timeout" });
    assert.deepEqual(
      [failed.name, failed.code, failed instanceof EdgeCashierError],
      ["PaymentError", "timeout", true],
    );
    class Named extends ValidationError {
      name = "Named";
    }
    assert.equal(new Named([]).name, "Named");
    assert.match(thrown(() => gateway.request("hosted_deposit", {})).stack, /^ValidationError: /);
  });
});

describe("options", () => {
  test("are checked, all of them", () => {
    assert.deepEqual(
      paths(
        () =>
          new Gateway({
            apikey: "x",
            baseUrl: 5,
            timeoutMs: 0,
            maxRetries: 1.5,
            fetch: "x",
            routes: { hosted_deposit: "cashier" },
          }),
      ).sort(),
      [
        "apiKey required",
        "apikey unknown_field",
        "baseUrl type",
        "fetch type",
        "maxRetries range",
        "routes.hosted_deposit format",
        "timeoutMs range",
      ],
    );
    const wrong = { baseUrl: "http://gateway.example.com", cashierUrl: "https://cashier.example.com" };
    assert.deepEqual(
      paths(() => new Gateway({ apiKey: API_KEY, ...wrong })),
      ["baseUrl insecure", "cashierUrl format"],
    );
    for (const options of [undefined, null, 5, "x", [], new Map(), Symbol("x")])
      assert.deepEqual(
        paths(() => new Gateway(options)),
        ["options type"],
      );
  });

  test("change routes and the user agent", () => {
    const other = new Gateway({
      apiKey: API_KEY,
      baseUrl: "https://gateway.example.com",
      routes: { hosted_deposit: "PUT /v2/deposits" },
      userAgent: "example-shop/1.0",
    });
    const { method, url, headers } = other.request("hosted_deposit", DEPOSIT);
    assert.deepEqual([method, url], ["PUT", "https://gateway.example.com/v2/deposits"]);
    assert.match(headers["user-agent"], /^edge-cashier\/\S+ \(node\/\S+\) example-shop\/1\.0$/);
  });

  test("show the key to nobody", () => {
    for (const shown of [
      inspect(gateway, { showHidden: true, depth: 9 }),
      JSON.stringify(gateway),
      String(gateway),
      JSON.stringify(Object.getOwnPropertyDescriptors(gateway)),
    ])
      assert.ok(!shown.includes(API_KEY));
  });

  test("a page in a browser may not hold the key", () => {
    const page = `globalThis.window = globalThis; globalThis.document = {}; delete globalThis.process; const { Gateway } = await import("edge-cashier"); try { new Gateway({ apiKey: "x", baseUrl: "https://gateway.example.com" }) } catch (error) { console.log(error.code, error.message) }`;
    const shown = execFileSync(process.execPath, ["--input-type=module", "-e", page], {
      cwd: import.meta.dirname,
      encoding: "utf8",
    });
    assert.match(shown, /^api_key_in_browser .*server.*launcher/);
  });

  test("slim says how to begin, and begins", () => {
    const page = `import { readFileSync } from "node:fs"; import { createRequire } from "node:module"; import { Gateway, Webhook, initSync, init } from "edge-cashier/slim"; try { new Gateway({ apiKey: "x", baseUrl: "https://gateway.example.com" }) } catch (error) { console.log(error.name, error.code, error.message) } try { new Webhook("x") } catch (error) { console.log(error.name, error.code, error.message) } const bytes = readFileSync(createRequire(import.meta.url).resolve("edge-cashier/core.wasm")); await init(bytes).then(() => initSync(bytes)); console.log(new Webhook("x").sign("{}").length)`;
    const shown = execFileSync(process.execPath, ["--input-type=module", "-e", page], {
      cwd: import.meta.dirname,
      encoding: "utf8",
    });
    assert.match(shown, /^(EdgeCashierError not_initialised .*init.*\n){2}40\n$/);
  });
});
