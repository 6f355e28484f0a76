import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { API_KEY, folder, receiver, run } from "./run.mjs";

const BASE = "https://gateway.example.com";
const CARD = { number: "4111111111111111", code: "444" };
const PAYMENT = { user_id: "128", tracking_id: "order-1", amount: 10.05, currency: "EUR" };
const CARD_PAYMENT = {
  request: { ...PAYMENT, routing_id: 210 },
  card_details: {
    holder_name: "John Doe",
    card_number: CARD.number,
    cvc: CARD.code,
    exp_month: "05",
    exp_year: "2035",
  },
};
const env = { EDGE_CASHIER_API_KEY: API_KEY, EDGE_CASHIER_BASE_URL: BASE };

const request = (operation, value, { args = [], secrets = [API_KEY, CARD.number], ...options } = {}) =>
  run(["request", operation, ...args], { env, input: JSON.stringify(value), secrets, ...options });

describe("prints each operation's request", () => {
  const cases = [
    [
      "hosted_deposit",
      { ...PAYMENT, theme: "dark" },
      "POST",
      "/cashier/deposit",
      { request: { theme: "dark", settings: {}, ...PAYMENT } },
    ],
    ["hosted_withdrawal", PAYMENT, "POST", "/cashier/withdrawal", { request: { settings: {}, ...PAYMENT } }],
    [
      "direct_payment",
      { ...PAYMENT, provider_id: 210 },
      "POST",
      "/payments/direct",
      { request: { settings: {}, ...PAYMENT, provider_id: 210 } },
    ],
    [
      "reject_payout",
      { transaction_id: "r21nmrtpcmrcava" },
      "POST",
      "/payouts/reject",
      { transaction_id: "r21nmrtpcmrcava" },
    ],
    [
      "approve_payout",
      { transaction_id: "order-1" },
      "POST",
      "/payouts/approve",
      { transaction_id: "order-1" },
    ],
    ["transaction_status", { id: "order/1" }, "GET", "/transactions/order%2F1", null],
    [
      "list_transactions",
      { from: "01-08-2026", to: "07-08-2026" },
      "GET",
      "/transactions?from=01-08-2026&to=07-08-2026",
      null,
    ],
    ["list_transactions", {}, "GET", "/transactions", null],
  ];
  for (const [operation, value, method, path, body] of cases) {
    test(`${operation} ${JSON.stringify(value)}`, async () => {
      const { code, stdout, stderr } = await request(operation, value, { args: ["--json"] });
      assert.equal(stderr, "");
      assert.equal(code, 0);
      const printed = JSON.parse(stdout);
      assert.equal(printed.method, method);
      assert.equal(printed.url, BASE + path);
      assert.equal(printed.headers["x-api-key"], "[REDACTED]");
      assert.deepEqual(printed.body === null ? null : JSON.parse(printed.body), body);
    });
  }

  test("as HTTP, with the amount digit for digit; a hyphen in the name does as well", async () => {
    const { code, stdout } = await request("hosted-deposit", { ...PAYMENT, amount: "10.50" });
    assert.equal(code, 0);
    const [start, ...rest] = stdout.split("\n");
    assert.equal(start, `POST ${BASE}/cashier/deposit`);
    assert.ok(rest.includes("x-api-key: [REDACTED]"));
    assert.ok(rest.includes("content-type: application/json"));
    assert.match(rest.at(-2), /^\{"request":\{.*"amount":10\.50[,}]/);
    assert.equal(rest[rest.length - 3], "");
  });
});

test("nothing is sent", async (t) => {
  const { origin, received } = await receiver(t);
  const { code, stdout } = await request("hosted_deposit", PAYMENT, { args: ["--base-url", origin] });
  assert.equal(code, 0);
  assert.ok(stdout.startsWith(`POST ${origin}/cashier/deposit\n`), "--base-url goes before the variable");
  assert.deepEqual(received, []);
});

test("reads a file, and other routes from a file", async (t) => {
  const cwd = folder(t);
  writeFileSync(join(cwd, "deposit.json"), JSON.stringify(PAYMENT));
  writeFileSync(join(cwd, "routes.json"), JSON.stringify({ hosted_deposit: "/v2/deposits" }));
  const { code, stdout, stderr } = await request(
    "hosted_deposit",
    {},
    {
      cwd,
      input: "this is not read",
      args: ["deposit.json", "--routes", "routes.json"],
    },
  );
  assert.equal(stderr, "");
  assert.equal(code, 0);
  assert.match(stdout, /^POST https:\/\/gateway\.example\.com\/v2\/deposits$/m);
});

describe("what must not stand on a screen", () => {
  test("the key is shown on demand only", async () => {
    const { code, stdout } = await request("hosted_deposit", PAYMENT, { args: ["--show-key"], secrets: [] });
    assert.equal(code, 0);
    assert.match(stdout, /^x-api-key: test_key_example$/m);
  });

  test("--api-key-env names another variable", async () => {
    const args = ["--show-key", "--api-key-env", "OTHER_KEY"];
    const options = { args, secrets: [API_KEY], env: { ...env, OTHER_KEY: "other_key_example" } };
    const { stdout } = await request("hosted_deposit", PAYMENT, options);
    assert.match(stdout, /^x-api-key: other_key_example$/m);
  });

  test("without a key the rest of the request can be seen all the same", async () => {
    const { code, stdout } = await request("hosted_deposit", PAYMENT, {
      env: { EDGE_CASHIER_BASE_URL: BASE },
    });
    assert.equal(code, 0);
    assert.match(stdout, /^x-api-key: \[REDACTED\]$/m);
    const none = await request("hosted_deposit", PAYMENT, {
      env: { EDGE_CASHIER_BASE_URL: BASE },
      args: ["--show-key"],
    });
    assert.equal(none.code, 2);
    assert.match(none.stderr, /there is no API key to show: set EDGE_CASHIER_API_KEY/);
  });

  test("a card's number and code are hidden, everything else is there", async () => {
    const { code, stdout } = await request("card_payment", CARD_PAYMENT, { args: ["--json"] });
    assert.equal(code, 0);
    const printed = JSON.parse(stdout);
    assert.equal(printed.url, `${BASE}/payments/card`);
    const body = JSON.parse(printed.body);
    assert.ok(printed.body.includes('"amount":10.05'));
    assert.equal(JSON.stringify(body).includes(`"${CARD.code}"`), false);
    assert.match(printed.body, /"card_number":"\[REDACTED\]"/);
    assert.match(printed.body, /"cvc":"\[REDACTED\]"/);
    assert.match(printed.body, /"holder_name":"John Doe"/);
    const shown = await request("card_payment", CARD_PAYMENT, { args: ["--show-card"], secrets: [API_KEY] });
    assert.match(shown.stdout, /"card_number":"4111111111111111"/);
    assert.match(shown.stdout, /"cvc":"444"/);
  });
});

describe("a request that is not valid is exit code 1", () => {
  test("every violation at once, with the place and the remedy", async () => {
    const { code, stdout, stderr } = await request("hosted_deposit", {
      ...PAYMENT,
      amount: 10.005,
      amuont: 1,
      user_id: 5,
    });
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /amount: .*decimal/);
    assert.match(stderr, /amuont: .*"amount"/);
    assert.match(stderr, /user_id: /);
  });

  test("--json", async () => {
    const { code, stdout } = await request("reject_payout", {}, { args: ["--json"] });
    assert.equal(code, 1);
    const { code: word, violations } = JSON.parse(stdout);
    assert.equal(word, "validation_failed");
    assert.equal(violations.length, 1);
    assert.equal(violations[0].code, "required");
  });

  test("a wrong card is told without its number", async () => {
    const wrong = {
      ...CARD_PAYMENT,
      card_details: { ...CARD_PAYMENT.card_details, card_number: "4111111111111112" },
    };
    const { code, stderr } = await request("card_payment", wrong, {
      secrets: ["4111111111111112", "411111111111"],
    });
    assert.equal(code, 1);
    assert.match(stderr, /card_number/);
  });

  test("a number keeps its digits, more than JavaScript's too", async () => {
    for (const amount of ["1234567890123456.78", "1000000000000000", "10.50", '"1234567890123456.78"']) {
      const input = `{"user_id":"128","tracking_id":"order-1","amount":${amount},"currency":"USD"}`;
      const { code, stdout, stderr } = await request("hosted_deposit", null, { input: `\ufeff${input}` });
      assert.equal(stderr, "");
      assert.equal(code, 0);
      assert.ok(stdout.includes(`"amount":${amount.replaceAll('"', "")},`), stdout);
    }
  });

  test("what is not JSON is not quoted", async () => {
    const input = `{"card_details":{"card_number":${CARD.number}x`;
    const { code, stderr } = await request("card_payment", null, { input, secrets: [CARD.number, "4111"] });
    assert.equal(code, 1);
    assert.match(stderr, /the request is not valid\n {2}not JSON \(line 1, column \d+\)/);
  });
});

describe("wrong usage is exit code 2", () => {
  test("no operation, an unknown one, one argument too many", async () => {
    for (const args of [[], ["deposit"], ["hosted_deposit", "a.json", "b.json"]]) {
      const { code, stderr } = await run(["request", ...args], { env });
      assert.equal(code, 2);
      assert.match(stderr, /The operations are hosted_deposit, .*list_transactions/);
    }
  });

  test("no base URL, and one that is none", async () => {
    const missing = await request("hosted_deposit", PAYMENT, { env: {} });
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /no base URL: give --base-url, or set EDGE_CASHIER_BASE_URL/);
    const wrong = await request("hosted_deposit", PAYMENT, { args: ["--base-url", "gateway"] });
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /the options are not valid\n.*base/i);
  });

  test("the key in place of its variable's name is not repeated", async () => {
    const args = ["--api-key-env", "live_key_example_1234"];
    const { code, stderr } = await request("hosted_deposit", PAYMENT, {
      args,
      secrets: ["live_key_example_1234"],
    });
    assert.equal(code, 2);
    assert.match(stderr, /--api-key-env takes the name of an environment variable/);
  });
});
