// The eight operations over real HTTP: what each answers, and what each refuses.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { API_KEY, card, deposit, start, withdrawal } from "./support.mjs";

let house;
before(async () => {
  house = await start();
});
after(() => house?.stop());
beforeEach(() => house.reset());

const POSTS = [
  "/cashier/deposit",
  "/cashier/withdrawal",
  "/payments/direct",
  "/payments/card",
  "/payouts/reject",
];
const ALL = [...POSTS, "/payouts/approve", "/transactions", "/transactions/some-id"];
const names = (reply) => reply.fields.map(({ field }) => field);

test("hosted_deposit and hosted_withdrawal give a token of their own each time", async () => {
  const tokens = new Set();
  for (const [path, body] of [
    ["/cashier/deposit", deposit()],
    ["/cashier/deposit", deposit()],
    ["/cashier/withdrawal", withdrawal()],
  ]) {
    const reply = await house.api(path, body);
    assert.equal(reply.status, 200);
    assert.equal(reply.headers.get("content-type"), "application/json");
    const json = await reply.json();
    assert.deepEqual(Object.keys(json), ["token"]);
    assert.match(json.token, /^[0-9A-Za-z]{50}$/);
    tokens.add(json.token);
  }
  assert.equal(tokens.size, 3);
});

test("direct_payment gives the address of the provider's own page", async () => {
  const body = withdrawal();
  delete body.request.theme;
  body.request.provider_id = 211;
  const reply = await (await house.api("/payments/direct", body)).json();
  assert.equal(reply.transaction_status, "pending");
  const page = await fetch(reply.url);
  assert.equal(page.status, 200);
  const html = await page.text();
  assert.match(html, /Bank transfer/);
  assert.doesNotMatch(html, /type="radio"/);
  assert.equal((await house.decide(reply.url, { decision: "approve" })).status, 303);
  const [webhook] = await house.receiver.until(1);
  assert.equal(JSON.parse(webhook.body).status, "successful");
});

test("card_payment: approved", async () => {
  const body = card();
  const reply = await house.api("/payments/card", body);
  assert.deepEqual(await reply.json(), { url: "", transaction_status: "successful" });
  const [webhook] = await house.receiver.until(1);
  const event = JSON.parse(webhook.body);
  assert.equal(event.status, "successful");
  assert.equal(event.tracking_id, body.request.tracking_id);
});

test("card_payment: rejected, with the reason in the reply and in the status", async () => {
  const body = card("4000000000009995");
  const reply = await (await house.api("/payments/card", body)).json();
  assert.deepEqual(reply, { url: "", transaction_status: "rejected", error: "Insufficient funds" });
  const status = await (await house.api(`/transactions/${body.request.tracking_id}`)).json();
  assert.deepEqual(status, { transaction_status: "rejected", rejected_reason: "Insufficient funds" });
});

for (const [decision, status] of [
  ["approve", "successful"],
  ["decline", "rejected"],
]) {
  test(`card_payment: a 3-D Secure challenge that the user ${decision}s`, async () => {
    const body = card("4000000000003220");
    const reply = await (await house.api("/payments/card", body)).json();
    assert.equal(reply.transaction_status, "pending");
    const page = await (await fetch(reply.url)).text();
    assert.match(page, /3-D Secure/);
    assert.match(page, /ending in 3220/);
    const sent = await house.decide(reply.url, { decision });
    assert.equal(sent.status, 303);
    const [webhook] = await house.receiver.until(1);
    assert.equal(JSON.parse(webhook.body).status, status);
  });
}

test("card data is never kept: of the number the last four digits, of the security code nothing", async () => {
  const body = card("4111111111111111", { amount: 10.5 });
  await house.api("/payments/card", body);
  await house.api("/payments/card", '{"card_details":{"card_number":"4111111111111111","cvc":"987"');
  await house.api("/cashier/deposit", {
    ...deposit(),
    card_details: { card_number: 4111111111111111, cvc: 987 },
  });
  const pages = ["/control", "/control/requests", "/control/transactions", "/control/webhooks"];
  for (const page of pages) {
    const text = await (await fetch(house.url + page)).text();
    assert.doesNotMatch(text, /4111111111111111|"444"|987/, page);
  }
  const [recorded] = await house.requests(body.request.tracking_id);
  const { card_details } = JSON.parse(recorded.body);
  assert.equal(card_details.card_number, "************1111");
  assert.equal(card_details.cvc, "***");
  assert.equal(card_details.holder_name, "John Doe");
  assert.deepEqual(house.logs, []);
});

test("approve_payout: by the merchant's id, once, and the webhook tells when it is paid", async () => {
  const body = withdrawal();
  const id = body.request.tracking_id;
  const token = await house.open("/cashier/withdrawal", body);
  const early = await house.api("/payouts/approve", { transaction_id: id });
  assert.equal(early.status, 409);
  await house.decide(token, { decision: "approve" });
  const [pending] = await house.receiver.until(1);
  assert.equal(JSON.parse(pending.body).status, "pending");
  assert.equal(JSON.parse(pending.body).transaction_type, "withdrawal");

  const byGatewayId = await house.api("/payouts/approve", {
    transaction_id: JSON.parse(pending.body).transaction_id,
  });
  assert.equal(byGatewayId.status, 404);
  const reply = await house.api("/payouts/approve", { transaction_id: id });
  assert.equal(reply.status, 200);
  assert.deepEqual(await reply.json(), {
    message: "Transaction Withdrawal has been approved successfully",
    transaction_status: "pending",
  });
  const [, paid] = await house.receiver.until(2);
  assert.equal(JSON.parse(paid.body).status, "successful");
  assert.equal(JSON.parse(paid.body).transaction_id, JSON.parse(pending.body).transaction_id);
});

test("a payout is answered once, also by answers at the same instant; a second one is told the state", async () => {
  for (const [first, second, state] of [
    ["approve", "reject", "successful"],
    ["reject", "approve", "rejected"],
  ]) {
    const body = withdrawal();
    const id = body.request.tracking_id;
    await house.decide(await house.open("/cashier/withdrawal", body), { decision: "approve" });
    const [{ transaction_id }] = await house.transactions(id);
    const answer = (way) =>
      house.api(`/payouts/${way}`, { transaction_id: way === "approve" ? id : transaction_id });
    const replies = await Promise.all(Array.from({ length: 5 }, () => answer(first)));
    replies.push(await answer(second));
    assert.deepEqual(
      replies.map(({ status }) => status).toSorted((one, other) => one - other),
      [200, 409, 409, 409, 409, 409],
    );
    for (const reply of replies.filter(({ status }) => status === 409))
      assert.deepEqual(await reply.json(), { error: `this payout is not pending: it is ${state}` });
    const told = await house.receiver.until(2, ({ body }) => JSON.parse(body).tracking_id === id);
    assert.deepEqual(
      told.map(({ body }) => JSON.parse(body).status),
      ["pending", state],
    );
    assert.equal((await house.webhooks(id)).length, 2);
  }
});

test("a payout that the user has not confirmed cannot be answered, and is told so", async () => {
  const body = withdrawal();
  await house.open("/cashier/withdrawal", body);
  const reply = await house.api("/payouts/approve", { transaction_id: body.request.tracking_id });
  assert.equal(reply.status, 409);
  assert.match((await reply.json()).error, /has not confirmed this payout yet/);
});

test("reject_payout: by the gateway's id, once", async () => {
  const body = withdrawal();
  const token = await house.open("/cashier/withdrawal", body);
  await house.decide(token, { decision: "approve" });
  const [pending] = await house.receiver.until(1);
  const { transaction_id } = JSON.parse(pending.body);

  const byMerchantId = await house.api("/payouts/reject", { transaction_id: body.request.tracking_id });
  assert.equal(byMerchantId.status, 404);
  const reply = await house.api("/payouts/reject", { transaction_id });
  assert.equal(reply.status, 200);
  assert.deepEqual(await reply.json(), {});
  const [, rejected] = await house.receiver.until(2);
  assert.equal(JSON.parse(rejected.body).status, "rejected");
  assert.equal((await house.api("/payouts/reject", { transaction_id })).status, 409);
  assert.equal(
    (await house.api("/payouts/approve", { transaction_id: body.request.tracking_id })).status,
    409,
  );
});

test("a deposit is no payout", async () => {
  const body = deposit();
  await house.open("/cashier/deposit", body);
  const reply = await house.api("/payouts/approve", { transaction_id: body.request.tracking_id });
  assert.equal(reply.status, 404);
});

test("auto_approve settles a payout when the user confirms it", async () => {
  await house.settings({ auto_approve: true });
  const token = await house.open("/cashier/withdrawal", withdrawal());
  await house.decide(token, { decision: "approve" });
  const [webhook] = await house.receiver.until(1);
  assert.equal(JSON.parse(webhook.body).status, "successful");
});

test("transaction_status: by an id with any letters in it, and 404 for an unknown one", async () => {
  const body = deposit({ tracking_id: "order/1 ü" });
  const token = await house.open("/cashier/deposit", body);
  const path = `/transactions/${encodeURIComponent("order/1 ü")}`;
  assert.deepEqual(await (await house.api(path)).json(), { transaction_status: "pending" });
  await house.decide(token, { decision: "decline", reason: "Do not honour" });
  assert.deepEqual(await (await house.api(path)).json(), {
    transaction_status: "rejected",
    rejected_reason: "Do not honour",
  });
  assert.equal((await house.api("/transactions/unknown")).status, 404);
});

test("list_transactions: today by default, in the reference's form", async () => {
  const token = await house.open(
    "/cashier/deposit",
    deposit({ amount: 8.56, currency: "GBP", user_id: "123" }),
  );
  assert.deepEqual(
    await (await house.api("/transactions")).json(),
    [],
    "what no user has acted on is not listed",
  );
  await house.decide(token, { decision: "approve", provider: "212" });
  const reply = await house.api("/transactions");
  const text = await reply.text();
  assert.match(text, /"amount":8\.56,/);
  const [row] = JSON.parse(text);
  const [webhook] = await house.receiver.until(1);
  assert.equal(row.transaction_id, JSON.parse(webhook.body).transaction_id);
  assert.match(row.gateway_transaction_id, /^[0-9a-z]{15}$/);
  assert.match(row.provider_transaction_id, /^[0-9a-f-]{36}$/);
  assert.match(row.transaction_date, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  delete row.transaction_id;
  delete row.gateway_transaction_id;
  delete row.provider_transaction_id;
  delete row.transaction_date;
  assert.deepEqual(row, {
    transaction_type: "deposit",
    status: "successful",
    payment_provider: "wallet_simulator",
    customer_id: 123,
    amount: 8.56,
    currency: "GBP",
    user_amount: 8.56,
    user_currency: "GBP",
    fx_amount: 0,
  });
  const another = await house.api("/transactions?from=01-08-2024&to=08-08-2024");
  assert.deepEqual(await another.json(), []);
});

test("list_transactions: at most seven days, day first", async () => {
  for (const [query, fields] of [
    ["from=01-08-2024&to=09-08-2024", ["from"]],
    ["from=09-08-2024&to=01-08-2024", ["from"]],
    ["from=2024-08-01&to=31-02-2024", ["from", "to"]],
    ["from=01-08-2024", ["from"]],
  ]) {
    const reply = await house.api(`/transactions?${query}`);
    assert.equal(reply.status, 422, query);
    assert.deepEqual(names(await reply.json()), fields, query);
  }
});

test("every operation wants the API key, and is not carried out without it", async () => {
  for (const path of ALL) {
    const body = path.startsWith("/transactions") ? undefined : card();
    for (const key of ["", "obviously-wrong-key", `${API_KEY} `.padEnd(80, "x")]) {
      const reply = await house.api(path, body, { "x-api-key": key });
      assert.equal(reply.status, 401, `${path} with ${JSON.stringify(key)}`);
      assert.match((await reply.json()).error, /x-api-key/);
    }
  }
  assert.deepEqual(await house.transactions(), []);
});

test("what cannot be read at all is refused in JSON too", async () => {
  const { url } = house;
  for (const [reply, status] of [
    [await house.api("/cashier/deposit", "{"), 400],
    [
      await house.api("/cashier/deposit", undefined, {}, { method: "POST", body: new Uint8Array([0xff]) }),
      400,
    ],
    [await house.api("/transactions?from=01-08-2024&from=02-08-2024"), 400],
    [await house.api("/transactions/%ff"), 400],
    [await fetch(`${url}/control/webhooks?tracking_id=a&tracking_id=b`), 400],
  ]) {
    assert.equal(reply.status, status, reply.url);
    assert.equal(typeof (await reply.json()).error, "string", reply.url);
  }
});

test("every field that is missing is named at once", async () => {
  const common = ["request.user_id", "request.tracking_id", "request.amount", "request.currency"];
  for (const [path, body, fields] of [
    ["/cashier/deposit", {}, ["request"]],
    ["/cashier/deposit", { request: {} }, common],
    ["/cashier/withdrawal", { request: {} }, common],
    ["/payments/direct", { request: {} }, [...common, "request.provider_id"]],
    ["/payments/card", { request: {} }, [...common, "request.routing_id", "card_details"]],
    [
      "/payments/card",
      { ...card(), card_details: {} },
      ["holder_name", "card_number", "cvc", "exp_month", "exp_year"].map((name) => `card_details.${name}`),
    ],
    ["/payouts/reject", {}, ["transaction_id"]],
    ["/payouts/approve", { transaction_id: "" }, ["transaction_id"]],
  ]) {
    const reply = await house.api(path, body);
    assert.equal(reply.status, 422, path);
    const json = await reply.json();
    assert.deepEqual(names(json), fields, `${path} ${JSON.stringify(body)}`);
    for (const field of fields) assert.ok(json.error.includes(field), field);
  }
});

test("every field that is ill-typed is named, and its value is not repeated", async () => {
  const request = {
    mode: 1,
    theme: true,
    settings: [],
    user_id: 128,
    tracking_id: null,
    ip: "256.1.1.1",
    amount: "10.05",
    currency: "eur",
    amount_restricted: "yes",
    customer: {
      email: "secret-mail",
      dob: "13/13/2000",
      country_code: "gb",
      phone: { number: "+44", prefix: -1 },
    },
  };
  const reply = await house.api("/cashier/deposit", { request });
  const text = await reply.text();
  assert.equal(reply.status, 422);
  assert.deepEqual(
    new Set(names(JSON.parse(text))),
    new Set(
      [
        "mode",
        "theme",
        "settings",
        "user_id",
        "tracking_id",
        "ip",
        "amount",
        "currency",
        "amount_restricted",
        "customer.email",
        "customer.dob",
        "customer.country_code",
        "customer.phone.number",
        "customer.phone.prefix",
      ].map((name) => `request.${name}`),
    ),
  );
  assert.doesNotMatch(text, /secret-mail/);
});

test("amounts: more than zero, and no more decimals than the currency has", async () => {
  for (const [amount, currency] of [
    ["0", "EUR"],
    ["-1", "EUR"],
    ["10.005", "EUR"],
    ["10.5", "JPY"],
    ["1e2", "EUR"],
  ]) {
    const text = JSON.stringify(deposit({ currency })).replace('"amount":10.05', `"amount":${amount}`);
    const reply = await house.api("/cashier/deposit", text);
    assert.equal(reply.status, 422, `${amount} ${currency}`);
    assert.deepEqual(names(await reply.json()), ["request.amount"]);
  }
  const text = JSON.stringify(deposit({ currency: "KWD" })).replace('"amount":10.05', '"amount":10.005');
  assert.equal((await house.api("/cashier/deposit", text)).status, 200);
});

test("card details that are no card's are refused, and not repeated", async () => {
  for (const [field, value] of [
    ["card_number", "4111111111111112"],
    ["card_number", "4111 1111 1111 1111"],
    ["cvc", "44"],
    ["exp_month", "13"],
    ["exp_month", "5"],
    ["exp_year", "25"],
  ]) {
    const body = card();
    body.card_details[field] = value;
    const reply = await house.api("/payments/card", body);
    assert.equal(reply.status, 422, `${field} ${value}`);
    const text = await reply.text();
    assert.deepEqual(names(JSON.parse(text)), [`card_details.${field}`]);
    assert.ok(!text.includes(`"${value}"`));
  }
});

test("a body that is not JSON is 400, another method is 405, another path is 404", async () => {
  for (const path of POSTS) {
    const reply = await house.api(path, "{");
    assert.equal(reply.status, 400, path);
    assert.match((await reply.json()).error, /JSON/);
    const got = await house.api(path);
    assert.equal(got.status, 405, path);
    assert.equal(got.headers.get("allow"), "POST");
  }
  assert.equal((await house.api("/transactions", {})).status, 405);
  assert.equal((await house.api("/nothing")).status, 404);
});
