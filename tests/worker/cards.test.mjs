// Cards from the merchant's own form: off unless switched on, sent to the gateway once, written down nowhere.

import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { refused } from "../support/answers.mjs";
import { startGateway } from "../support/gateway.mjs";
import { event, readSession, sendWebhook, ticket } from "../support/payments.mjs";
import { startWorker } from "../support/workerd.mjs";

// The numbers that every card scheme publishes for tests.
const CARD = {
  holder_name: "Obviously Fake-Holder",
  card_number: "4111 1111 1111 1111",
  cvc: "737",
  exp_month: "12",
  exp_year: "2031",
};
const OTHER = { ...CARD, card_number: "5555555555554444" };
const DIGITS = ["4111111111111111", "4111 1111", "5555555555554444", "Fake-Holder"];

const approved = { status: 200, json: { url: "", transaction_status: "successful" } };
const declined = {
  status: 200,
  json: { url: "", transaction_status: "rejected", error: "Insufficient funds" },
};
const secure = { status: 200, json: { url: "https://bank.example.com/3ds", transaction_status: "pending" } };

const card = (changes = {}) => ticket({ operation: "card_payment", routing_id: 7, ...changes });

function pay(worker, { jwt }, card_details = CARD, { body, headers = {} } = {}) {
  return fetch(`${worker.url}/v1/card-payments`, {
    method: "POST",
    headers: { authorization: `Bearer ${jwt}`, "content-type": "application/json", ...headers },
    body: body ?? JSON.stringify({ card_details }),
  });
}

let gateway;
let worker;
let storage;

before(async () => {
  storage = await mkdtemp(join(tmpdir(), "edge-cashier-cards-"));
  gateway = await startGateway(approved);
  worker = await startWorker({
    vars: { GATEWAY_BASE_URL: gateway.url, CARD_PAYMENTS: "enabled" },
    persist: storage,
  });
});

after(async () => {
  await worker?.stop();
  await gateway?.stop();
  await rm(storage, { recursive: true, force: true });
});

beforeEach(() => {
  gateway.behave = approved;
  gateway.requests.length = 0;
});

it("is off unless CARD_PAYMENTS says so, and the gateway is not called", async () => {
  const off = await startWorker({ vars: { GATEWAY_BASE_URL: gateway.url } });
  try {
    const response = await pay(off, await card());
    assert.equal(response.status, 403);
    const { code, detail } = await response.json();
    assert.equal(code, "card_payments_disabled");
    assert.match(detail, /PCI DSS/);
    assert.equal(gateway.requests.length, 0);
  } finally {
    await off.stop();
  }
});

describe("a card", () => {
  it("goes to the gateway with the ticket's money and user and the connection's address", async () => {
    gateway.behave = secure;
    const payment = await card();
    const response = await pay(worker, payment, CARD, { headers: { "cf-connecting-ip": "203.0.113.9" } });
    assert.equal(response.status, 201);
    assert.deepEqual(await response.json(), {
      tracking_id: payment.tracking_id,
      operation: "card_payment",
      redirect_url: "https://bank.example.com/3ds",
      transaction_status: "pending",
    });
    const [{ method, path, body }] = gateway.requests;
    assert.deepEqual([method, path], ["POST", "/payments/card"]);
    const { request, card_details } = JSON.parse(body);
    assert.deepEqual(
      { ...request, amount: String(request.amount) },
      {
        routing_id: 7,
        user_id: "128",
        tracking_id: payment.tracking_id,
        ip: "203.0.113.9",
        amount: "10.05",
        currency: "EUR",
        settings: {},
      },
    );
    assert.equal(card_details.card_number, "4111111111111111");
    assert.equal(card_details.cvc, "737");
  });

  it("is sent once, however often and with whichever card the ticket comes again", async () => {
    const payment = await card();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => pay(worker, payment, index % 2 ? OTHER : CARD)),
    );
    const statuses = answers.map(({ status }) => status).sort();
    assert.deepEqual(statuses, [...Array(19).fill(200), 201]);
    assert.equal((await pay(worker, payment, OTHER)).status, 200);
    assert.equal(gateway.requests.length, 1);
  });

  it("is in no reason of the gateway's that is kept and shown", async () => {
    gateway.behave = { status: 200, json: { ...declined.json, error: `Card ${CARD.card_number} is stolen` } };
    const payment = await card();
    const { error } = await (await pay(worker, payment)).json();
    assert.equal(error, "Card [CARD] is stolen");
  });

  it("that is declined gives way to the next one, and the payment is successful in the end", async () => {
    gateway.behave = declined;
    const payment = await card();
    const first = await pay(worker, payment);
    assert.equal(first.status, 201);
    const { transaction_status, error } = await first.json();
    assert.deepEqual([transaction_status, error], ["rejected", "Insufficient funds"]);
    const attempt = (transaction_id, status) => event(payment, { transaction_id, status });
    await sendWebhook(worker, attempt("declined", "rejected"));

    gateway.behave = approved;
    assert.equal((await pay(worker, payment, OTHER)).status, 201);
    await sendWebhook(worker, attempt("approved", "successful"));
    assert.equal(gateway.requests.length, 2);
    assert.equal((await pay(worker, payment)).status, 200);
    assert.equal(gateway.requests.length, 2);

    const { state, attempts } = await (await readSession(worker, payment)).json();
    assert.equal(state, "successful");
    assert.deepEqual(
      attempts.map((one) => one.state),
      ["rejected", "successful"],
    );
  });

  it("that may still be paid is not followed by another, though the one before it was declined", async () => {
    gateway.behave = declined;
    const payment = await card();
    await pay(worker, payment);
    const attempt = (transaction_id, status) => event(payment, { transaction_id, status });

    // The webhook of the declined card comes after the next card was sent.
    gateway.behave = secure;
    assert.equal((await pay(worker, payment, OTHER)).status, 201);
    await sendWebhook(worker, attempt("declined", "rejected"));
    const again = await pay(worker, payment, CARD);
    assert.equal(again.status, 200);
    assert.equal((await again.json()).redirect_url, secure.json.url);
    assert.equal(gateway.requests.length, 2);

    // Declined as well; the third card's webhook is awaited in the same way.
    await sendWebhook(worker, attempt("also declined", "rejected"));
    assert.equal((await pay(worker, payment, CARD)).status, 201);
    assert.equal((await pay(worker, payment, OTHER)).status, 200);
    assert.equal(gateway.requests.length, 3);
  });

  describe("after a declined one", () => {
    /** A payment whose first card was declined, as a webhook has reported. */
    async function declinedOnce() {
      gateway.behave = secure;
      const payment = await card();
      await pay(worker, payment);
      await sendWebhook(worker, event(payment, { transaction_id: "first", status: "rejected" }));
      const { version } = await sees(payment, "rejected", true);
      return { payment, version };
    }

    /** The state, as soon as it is not of this version. */
    async function sees(payment, state, settled, version = -1) {
      const response = await readSession(worker, payment, `?wait=20&version=${version}`);
      const view = await response.json();
      assert.deepEqual([view.state, view.settled], [state, settled]);
      return view;
    }

    it("is tried up to ten times; then the ticket has had its cards", async () => {
      gateway.behave = declined;
      const payment = await card();
      for (let tried = 0; tried < 10; tried++) assert.equal((await pay(worker, payment)).status, 201);
      const problem = await refused(await pay(worker, payment), 409, "too_many_cards");
      assert.match(problem.detail, /new ticket/);
      assert.equal(gateway.requests.length, 10);
    });

    it("is awaited: the payment is pending until a webhook has reported it", async () => {
      const { payment, version } = await declinedOnce();
      const asked = Promise.withResolvers();
      gateway.behave = () => {
        asked.resolve();
        return { ...secure, delayMs: 500 };
      };
      const paid = pay(worker, payment, OTHER);
      await asked.promise;
      const sent = await sees(payment, "pending", false, version);
      assert.equal(sent.transaction_id, undefined);
      assert.equal((await paid).status, 201);
      const answered = await sees(payment, "pending", false, sent.version);
      await sendWebhook(worker, event(payment, { transaction_id: "second", status: "rejected" }));
      await sees(payment, "rejected", true, answered.version);
    });

    it("is not awaited when the gateway has refused it, or declined it at once", async () => {
      const { payment, version } = await declinedOnce();
      gateway.behave = { status: 422, json: {} };
      assert.equal((await pay(worker, payment, OTHER)).status, 502);
      const afterRefusal = await sees(payment, "rejected", true, version);
      gateway.behave = declined;
      assert.equal((await pay(worker, payment, OTHER)).status, 201);
      await sees(payment, "rejected", true, afterRefusal.version);
    });

    it("is of unknown outcome when its answer never came, until a webhook has reported it", async () => {
      const { payment, version } = await declinedOnce();
      gateway.behave = "hang";
      const paid = pay(worker, payment, OTHER);
      const pending = await sees(payment, "pending", false, version);
      const unknown = sees(payment, "unknown", false, pending.version);
      assert.equal((await paid).status, 504);
      await sendWebhook(worker, event(payment, { transaction_id: "second", status: "rejected" }));
      await sees(payment, "rejected", true, (await unknown).version);
    });
  });

  it("that fails after a declined one leaves the payment as it was", async () => {
    gateway.behave = declined;
    const payment = await card();
    await pay(worker, payment);
    gateway.behave = { status: 422, json: {} };
    assert.equal((await pay(worker, payment, OTHER)).status, 502);
    const { state } = await (await readSession(worker, payment)).json();
    assert.equal(state, "opened");
    gateway.behave = approved;
    assert.equal((await pay(worker, payment, OTHER)).status, 201);
  });

  it("whose answer never came is not sent again", async () => {
    gateway.behave = "hang";
    const vars = { GATEWAY_BASE_URL: gateway.url, CARD_PAYMENTS: "enabled", GATEWAY_TIMEOUT_MS: "500" };
    const impatient = await startWorker({ vars });
    try {
      const payment = await card();
      assert.equal((await pay(impatient, payment)).status, 504);
      gateway.behave = approved;
      const again = await pay(impatient, payment, OTHER);
      assert.equal(again.status, 409);
      assert.equal((await again.json()).code, "outcome_unknown");
      assert.equal(gateway.requests.length, 1);
    } finally {
      await impatient.stop();
    }
  });
});

describe("what is wrong", () => {
  it("is named whole, with the claims and the card's fields, and no value", async () => {
    const payment = await card({ amount: "10.055", customer: { email: "no" } });
    const wrong = { ...CARD, card_number: "4111111111111112", cvc: "12", exp_year: "20x1", cvv: "737" };
    const response = await pay(worker, payment, wrong);
    assert.equal(response.status, 422);
    const text = await response.text();
    assert.deepEqual(
      JSON.parse(text)
        .violations.map(({ path }) => path)
        .sort(),
      [
        "amount",
        "card_details.card_number",
        "card_details.cvc",
        "card_details.cvv",
        "card_details.exp_year",
        "customer.email",
      ],
    );
    assert.ok(!text.includes("4111") && !text.includes("10.055"), text);
    assert.equal(gateway.requests.length, 0);
  });

  for (const [name, options, status, code] of [
    [
      "another operation's ticket",
      { operation: "hosted_deposit", routing_id: undefined },
      422,
      "invalid_request",
    ],
    ["no ticket", null, 401, "invalid_ticket"],
  ])
    it(`is refused: ${name}`, async () => {
      const payment = options ? await card(options) : { jwt: "forged" };
      const response = await pay(worker, payment);
      assert.equal(response.status, status);
      assert.equal((await response.json()).code, code);
      assert.equal(gateway.requests.length, 0);
    });

  for (const [name, options, status, code] of [
    ["no JSON", { body: "card_number=4111" }, 400, "invalid_body"],
    ["nothing", { body: "" }, 400, "invalid_body"],
    ["more than the card", { body: JSON.stringify({ card_details: CARD, amount: 1 }) }, 400, "invalid_body"],
    ["another content type", { headers: { "content-type": "text/plain" } }, 400, "invalid_body"],
    [
      "a long body",
      { body: JSON.stringify({ card_details: CARD, x: "x".repeat(5000) }) },
      413,
      "payload_too_large",
    ],
  ])
    it(`is refused: ${name}`, async () => {
      const response = await pay(worker, await card(), CARD, options);
      assert.equal(response.status, status);
      const problem = await response.json();
      assert.equal(problem.code, code);
      assert.ok(!JSON.stringify(problem).includes("4111"));
      assert.equal(gateway.requests.length, 0);
    });

  it("a session cannot be opened with a card payment's ticket", async () => {
    const { jwt } = await card();
    const response = await fetch(`${worker.url}/v1/sessions`, {
      method: "POST",
      headers: { authorization: `Bearer ${jwt}` },
    });
    assert.equal(response.status, 422);
    assert.equal(gateway.requests.length, 0);
  });
});

it("no card is in a log or on disk, whatever became of it", async () => {
  // The tests above have sent some; these as well.
  for (const behave of [approved, declined, "reset", { status: 500, text: CARD.card_number }]) {
    gateway.behave = behave;
    await pay(worker, await card());
  }
  await worker.stop();
  const files = await readdir(storage, { recursive: true, withFileTypes: true });
  const databases = files.filter((file) => file.isFile());
  assert.ok(databases.length > 4, `${databases.length} files`);
  const written = await Promise.all(
    databases.map((file) => readFile(join(file.parentPath, file.name), "latin1")),
  );
  assert.ok(written.some((text) => text.includes("card_payment")));
  const all = [...written, ...worker.logs.map(({ message }) => message)];
  for (const digits of DIGITS) assert.ok(!all.some((text) => text.includes(digits)), digits);
});
