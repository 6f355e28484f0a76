// worker/openapi.yaml against the Worker, both ways: every documented status and problem code of every operation is provoked here, and nothing that is provoked is
// undocumented. Bodies are valid by their schemas, have no field that is not documented, and every documented field is seen.

import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import Ajv from "ajv/dist/2020.js";
import { Response } from "miniflare";
import { parse } from "yaml";
import { codesOfTheSource, contract } from "../support/contract.mjs";
import { opens, startGateway } from "../support/gateway.mjs";
import { ADMIN_TOKEN, event, eventually, pendingPayout, signature, ticket } from "../support/payments.mjs";
import { startWorker, WORKER_VARS } from "../support/workerd.mjs";

const CARD = {
  holder_name: "Obviously Fake",
  card_number: "4111 1111 1111 1111",
  cvc: "737",
  exp_month: "12",
  exp_year: "2031",
};
const OLD_PASSWORD = "obviously-fake-old-webhook-password";
const now = () => Math.floor(Date.now() / 1000);

const { document, operations, anywhere } = await contract();
const statuses = await codesOfTheSource();

let asked = 0;
/** What was provoked, as `POST /v1/sessions 401 invalid_ticket`. */
const provoked = new Set();
/** The fields that were seen, as `Session.token`. */
const fields = new Set();

let gateway;
let merchant;
/** Everything is switched on. */
let worker;
/** Turnstile and a limit of one session. */
let guarded;
/** Its storage cannot be reached; no cards. */
let crippled;
let unconfigured;
/** Gives the gateway up soon. */
let impatient;

before(async () => {
  gateway = await startGateway();
  merchant = await startGateway({ status: 410, text: "" });
  const vars = {
    GATEWAY_BASE_URL: gateway.url,
    ADMIN_TOKEN,
    CARD_PAYMENTS: "enabled",
    CONFIRM_WITH_GATEWAY: "false",
    MERCHANT_WEBHOOK_URL: `${merchant.url}/payments`,
    DELIVERY_SECRET: "whsec_b2J2aW91c2x5LWZha2UtZGVsaXZlcnktc2VjcmV0",
    WEBHOOK_PASSWORDS: JSON.stringify([
      { id: "new", password: WORKER_VARS.WEBHOOK_PASSWORDS },
      { id: "old", password: OLD_PASSWORD, not_after: "2026-01-01T00:00:00Z" },
    ]),
  };
  worker = await startWorker({ vars });
  guarded = await startWorker({
    vars: { ...vars, TURNSTILE_SECRET: "obviously-fake-turnstile-secret-4711" },
    rateLimit: { of: "SESSION_RATE", limit: 1, period: 60 },
    outbound: async (request) => {
      const { response: token } = await request.json();
      if (token === "no answer") throw new Error("no network");
      return Response.json({ success: false });
    },
  });
  crippled = await startWorker({
    vars: { ...vars, CARD_PAYMENTS: null },
    without: ["PAYMENT"],
    rateLimit: { of: "READ_RATE", limit: 1, period: 60 },
  });
  unconfigured = await startWorker({ vars: { ...vars, GATEWAY_API_KEY: null } });
  impatient = await startWorker({ vars: { ...vars, GATEWAY_TIMEOUT_MS: "300" } });
});

after(async () => {
  for (const running of [worker, guarded, crippled, unconfigured, impatient, gateway, merchant])
    await running?.stop();
});

beforeEach(() => {
  gateway.behave = opens;
});

const routeOf = ({ method, path }) => `${method} ${path}`;
const json = (value) => ({ body: JSON.stringify(value), headers: { "content-type": "application/json" } });
const admin = { token: ADMIN_TOKEN };

/** Sends a request to an operation, checks the answer by the document, and notes it. */
async function ask(route, { at = worker, id = "unknown", query = "", token, body, headers } = {}) {
  const [method, path] = route.split(" ");
  const address = path.replace(/\{\w+\}/, encodeURIComponent(id)) + query;
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  // Each from an address of its own, for the limit of sessions.
  const from = { "cf-connecting-ip": `10.0.${asked >> 8}.${asked++ & 255}` };
  const response = await fetch(at.url + address, {
    method,
    body,
    headers: { ...from, ...authorization, ...headers },
  });
  const text = await response.text();
  const { status } = response;
  const contentType = response.headers.get("content-type")?.split(";")[0];
  const contents = contentType === "application/yaml" ? parse(text) : text && JSON.parse(text);
  const code = status >= 400 ? contents.code : undefined;
  const outcome = [route, status, code].filter(Boolean).join(" ");
  provoked.add(outcome);
  if (anywhere.get(code) === status) return { status, code, contents };
  const { responses } = operations.find((operation) => routeOf(operation) === route);
  assert.ok(responses.has(status), `${outcome} is not documented: ${text}`);
  const documented = deref(document.paths[path][method.toLowerCase()].responses[status]).content;
  if (documented === undefined) {
    assert.equal(text, "", outcome);
  } else {
    assert.deepEqual([contentType], Object.keys(documented), outcome);
    const { schema } = documented[contentType];
    const isValid = ajv.compile({ ...schema, components: document.components });
    assert.ok(isValid(contents), `${outcome}: ${ajv.errorsText(isValid.errors)} in ${text}`);
    note(schema, contents, routeOf({ method, path }));
  }
  return { status, code, contents };
}

async function refused(route, code, request) {
  const answer = await ask(route, request);
  assert.deepEqual(
    [answer.status, answer.code],
    [statuses.get(code), code],
    `${route}: ${answer.contents.detail}`,
  );
}

async function succeeded(route, status, request) {
  const answer = await ask(route, request);
  assert.equal(answer.status, status, `${route}: ${JSON.stringify(answer.contents)}`);
  return answer.contents;
}

const deref = (node) =>
  node.$ref
    ? node.$ref
        .slice(2)
        .split("/")
        .reduce((found, key) => found[key], document)
    : node;

/** An object has the documented properties and no others, where the document does not say that it may. */
function close(node) {
  if (typeof node !== "object" || node === null) return;
  if (node.type === "object" && node.properties) node.additionalProperties ??= false;
  for (const child of Object.values(node)) close(child);
}
close(document.components.schemas);
close(document.components.responses);
close(document.paths);
const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });

/** The schema's fields as `Session.token`; with a `value`, those that it has. */
function* fieldsOf(schema, at, value) {
  const name = schema.$ref?.split("/").at(-1) ?? at;
  const { properties = {}, items, oneOf = [] } = deref(schema);
  for (const [field, child] of Object.entries(properties)) {
    if (value !== undefined && value?.[field] === undefined) continue;
    yield `${name}.${field}`;
    yield* fieldsOf(child, `${name}.${field}`, value?.[field]);
  }
  for (const item of items ? (value ?? [undefined]) : []) yield* fieldsOf(items, `${name}[]`, item);
  for (const one of oneOf) yield* fieldsOf(one, name, value);
}

function note(schema, value, at) {
  for (const field of fieldsOf(schema, at, value)) fields.add(field);
}

async function opened(changes) {
  const payment = await ticket(changes);
  await succeeded("POST /v1/sessions", 201, { token: payment.jwt });
  return payment;
}

const card = () => ticket({ operation: "card_payment", routing_id: 7 });
const direct = () => ticket({ operation: "direct_payment", provider_id: 7 });
const webhook = (data, sign = signature(data)) => ({
  body: typeof data === "string" ? data : JSON.stringify(data),
  headers: sign === null ? {} : { "x-signature": sign },
});
const record = (payment, changes) => succeeded("POST /v1/webhooks", 204, webhook(event(payment, changes)));
const REFUSES = { status: 403, json: {} };
const FAILS = { status: 500, json: {} };
const GATEWAY_FAILURES = [
  [REFUSES, "gateway_refused"],
  [FAILS, "gateway_error"],
  ["hang", "gateway_timeout"],
];
/** The Worker to provoke it at. */
const failing = (code) => (code === "gateway_timeout" ? impatient : worker);

describe("every operation", () => {
  it("is out of order without its configuration", async () => {
    for (const operation of operations)
      await refused(routeOf(operation), "configuration", { at: unconfigured });
  });

  it("refuses a body over 64 KiB where it takes one", async () => {
    for (const operation of operations.filter(({ responses }) => responses.has(413)))
      await refused(routeOf(operation), "payload_too_large", { ...admin, body: "x".repeat(65_537) });
  });

  it("for the merchant's backend wants its token", async () => {
    for (const operation of operations.filter(({ security }) => security.includes("admin"))) {
      await refused(routeOf(operation), "missing_admin_token");
      await refused(routeOf(operation), "invalid_admin_token", { token: "another" });
    }
  });

  it("for browsers wants a good ticket", async () => {
    const bad = {
      missing_ticket: undefined,
      invalid_ticket: "forged",
      expired_ticket: (await ticket({ iat: now() - 90_000, exp: now() - 89_900 })).jwt,
      ticket_not_yet_valid: (await ticket({ nbf: now() + 300 })).jwt,
      ticket_lifetime: (await ticket({ exp: now() + 86_400 })).jwt,
      wrong_audience: (await ticket({ aud: "another-shop" })).jwt,
    };
    for (const operation of operations.filter(({ security }) => security.includes("ticket")))
      for (const [code, token] of Object.entries(bad)) await refused(routeOf(operation), code, { token });
  });
});

it("the operations of whoever runs the Worker", async () => {
  await succeeded("GET /healthz", 200);
  await succeeded("GET /openapi.yaml", 200);
});

it("a session", async () => {
  const route = "POST /v1/sessions";
  const { jwt, tracking_id } = await opened();
  await succeeded(route, 200, { token: jwt });
  const other = await ticket({ jti: tracking_id, amount: "9.99" });
  await refused(route, "ticket_reused", { token: other.jwt });
  await refused(route, "unexpected_body", { token: jwt, ...json({ amount: 1 }) });
  await refused(route, "invalid_body", { token: jwt, body: "{}" });
  await refused(route, "invalid_request", { token: (await ticket({ amount: "-1" })).jwt });
  gateway.behave = { json: { url: "https://provider.example.com/pay/1", transaction_status: "pending" } };
  await succeeded(route, 201, { token: (await direct()).jwt });
  for (const [behaviour, code] of GATEWAY_FAILURES) {
    gateway.behave = behaviour;
    await refused(route, code, { at: failing(code), token: (await ticket()).jwt });
  }
  gateway.behave = "reset";
  const lost = await direct();
  await refused(route, "gateway_error", { token: lost.jwt });
  await refused(route, "outcome_unknown", { token: lost.jwt });
  for (const [turnstile_token, code] of [
    ["refused", "turnstile_failed"],
    ["no answer", "turnstile_unavailable"],
  ])
    await refused(route, code, { at: guarded, token: jwt, ...json({ turnstile_token }) });
});

it("more sessions than the limit", async () => {
  const headers = { "cf-connecting-ip": "203.0.113.9" };
  await refused("POST /v1/sessions", "missing_ticket", { at: guarded, headers });
  await refused("POST /v1/sessions", "rate_limited", { at: guarded, headers });
  await refused("POST /v1/card-payments", "rate_limited", { at: guarded, headers });
});

it("more questions about a payment than the limit", async () => {
  const route = "GET /v1/sessions/{tracking_id}";
  const { tracking_id: id, jwt: token } = await ticket();
  await refused(route, "invalid_query", { at: crippled, id, token, query: "?wait=-1" });
  await refused(route, "rate_limited", { at: crippled, id, token });
});

it("a payment's state", async () => {
  const route = "GET /v1/sessions/{tracking_id}";
  const payment = await opened({ operation: "hosted_withdrawal" });
  const { tracking_id: id, jwt: token } = payment;
  for (const transaction_id of ["tx-1", "tx-2", "tx-2"])
    await record(payment, { transaction_id, status: "pending" });
  gateway.behave = FAILS;
  await refused("POST /v1/payouts/{tracking_id}/approve", "payout_not_pending", { ...admin, id });
  await record(payment, { transaction_id: "tx-1", status: "rejected" });
  await refused("POST /v1/payouts/{tracking_id}/approve", "payout_unknown", { ...admin, id });
  const { payout, attempts } = await succeeded(route, 200, { id, token });
  assert.deepEqual([payout, attempts.length], ["unknown", 2]);
  await refused(route, "invalid_query", { id, token, query: "?wait=-1" });
  await refused(route, "ticket_mismatch", { id: "another", token });
  const unopened = await ticket();
  await refused(route, "session_not_found", { id: unopened.tracking_id, token: unopened.jwt });
});

it("a payment by card", async () => {
  const route = "POST /v1/card-payments";
  const by = async (changes = {}) => ({
    token: (await card()).jwt,
    ...json({ card_details: { ...CARD, ...changes } }),
  });
  gateway.behave = { json: { url: "https://bank.example.com/3ds", transaction_status: "pending" } };
  const paid = await by();
  await succeeded(route, 201, paid);
  await succeeded(route, 200, paid);
  gateway.behave = { json: { url: "", transaction_status: "rejected", error: "Insufficient funds" } };
  const last = await by();
  for (let tried = 0; tried < 10; tried++) await succeeded(route, 201, last);
  await refused(route, "too_many_cards", last);
  await refused(route, "invalid_body", { ...paid, body: "{" });
  await refused(route, "invalid_request", await by({ card_number: "4111" }));
  gateway.behave = opens;
  const { jti } = (await opened()).claims;
  const reused = await ticket({ jti, operation: "card_payment", routing_id: 7 });
  await refused(route, "ticket_reused", { ...paid, token: reused.jwt });
  for (const [behaviour, code] of GATEWAY_FAILURES) {
    gateway.behave = behaviour;
    await refused(route, code, { at: failing(code), ...(await by()) });
  }
  gateway.behave = "reset";
  const lost = await by();
  await refused(route, "gateway_error", lost);
  await refused(route, "outcome_unknown", lost);
  await refused(route, "card_payments_disabled", { at: crippled });
});

it("a webhook", async () => {
  const route = "POST /v1/webhooks";
  const data = event(await ticket());
  await succeeded(route, 204, webhook(data));
  await refused(route, "not_json", webhook("{", "A".repeat(40)));
  await refused(route, "not_a_webhook", webhook({}));
  await refused(route, "no_signature", webhook(data, null));
  await refused(route, "signature_not_hex", webhook(data, "00"));
  await refused(route, "signature_mismatch", webhook(data, "A".repeat(40)));
  await refused(route, "password_expired", webhook(data, signature(data, OLD_PASSWORD)));
  await refused(route, "not_recorded", { at: crippled, ...webhook(data) });
});

it("messages that were not delivered, exceptions, and their figures", async () => {
  const payment = await opened();
  await record(payment, { amount: "9.99" });
  const list = (path) => () => succeeded(`GET ${path}`, 200, admin);
  const isListed = ({ items }) => items.some(({ tracking_id }) => tracking_id === payment.tracking_id);
  const [message] = (await eventually(list("/v1/deliveries"), isListed)).items;
  const [exception] = (await eventually(list("/v1/exceptions"), isListed)).items;
  await succeeded("GET /v1/deliveries/{id}", 200, { ...admin, id: message.id });
  gateway.behave = { json: [] };
  assert.equal(await worker.scheduled(), "ok");
  await succeeded("GET /v1/stats", 200, admin);
  await succeeded("POST /v1/deliveries/{id}/replay", 202, { ...admin, id: message.id });
  await succeeded("POST /v1/exceptions/{id}/resolve", 204, { ...admin, id: exception.id });
  for (const path of ["/v1/deliveries", "/v1/exceptions"])
    await refused(`GET ${path}`, "invalid_query", { ...admin, query: "?limit=0" });
  await refused("GET /v1/deliveries/{id}", "delivery_not_found", admin);
  await refused("POST /v1/deliveries/{id}/replay", "delivery_not_found", admin);
  await refused("POST /v1/exceptions/{id}/resolve", "exception_not_found", admin);
});

for (const [decision, other] of [
  ["approve", "reject"],
  ["reject", "approve"],
])
  it(`a payout: ${decision}`, async () => {
    const route = `POST /v1/payouts/{tracking_id}/${decision}`;
    const pending = async () => ({ ...admin, id: (await pendingPayout(worker)).tracking_id });
    const decided = await pending();
    gateway.behave = { json: { transaction_status: "pending", message: "Approved" } };
    await succeeded(route, 200, decided);
    await refused(`POST /v1/payouts/{tracking_id}/${other}`, "payout_decided", decided);
    gateway.behave = opens;
    const waiting = await pending();
    await refused(route, "amount_mismatch", { ...waiting, ...json({ expected_amount: "1.00" }) });
    await refused(route, "invalid_request", { ...waiting, ...json({ expected: "1.00" }) });
    await refused(route, "invalid_body", { ...waiting, ...json(null), body: "{" });
    await refused(route, "payout_not_found", admin);
    const { tracking_id } = await opened({ operation: "hosted_withdrawal" });
    const expected = json({ expected_amount: "10.05" });
    await refused(route, "payout_not_pending", { ...admin, id: tracking_id, ...expected });
    gateway.behave = REFUSES;
    await refused(route, "gateway_refused", waiting);
    gateway.behave = FAILS;
    await refused(route, "payout_unknown", waiting);
    if (decision === "reject") return;
    gateway.behave = { json: { transaction_status: "pending" } };
    await refused(route, "payout_unconfirmed", waiting);
  });

it("the gateway's transactions", async () => {
  const one = "GET /v1/transactions/{id}";
  const list = "GET /v1/transactions";
  gateway.behave = { json: { transaction_status: "rejected", rejected_reason: "Insufficient funds" } };
  await succeeded(one, 200, admin);
  await refused(one, "invalid_request", { ...admin, id: "x".repeat(256) });
  gateway.behave = { status: 404, json: {} };
  await refused(one, "transaction_not_found", admin);
  gateway.behave = {
    json: [
      {
        transaction_id: "g7xp8kudinz3tyi",
        gateway_transaction_id: "sh7gv8knfxpktgh",
        provider_transaction_id: "9474883d-6c07-4205-8d89-d7ee0a6f3d7a",
        transaction_type: "deposit",
        transaction_date: "2024-07-05 11:53:25",
        status: "rejected",
        payment_provider: "some_provider",
        customer_id: 123,
        amount: 8.56,
        currency: "GBP",
        user_amount: 10,
        user_currency: "EUR",
        fx_amount: 0,
      },
    ],
  };
  await succeeded(list, 200, admin);
  await refused(list, "invalid_query", { ...admin, query: "?from=yesterday" });
  gateway.behave = { text: `[{"note": "${"x".repeat(8 * 1024 * 1024)}"}]`, type: "application/json" };
  await refused(list, "too_many_transactions", admin);
  for (const [behaviour, code] of GATEWAY_FAILURES) {
    gateway.behave = behaviour;
    for (const route of [one, list]) await refused(route, code, { at: failing(code), ...admin });
  }
});

it("all of it is documented, and all that is documented was provoked", () => {
  const documented = operations.flatMap((operation) =>
    [...operation.responses].flatMap(([status, codes]) =>
      status < 400
        ? [`${routeOf(operation)} ${status}`]
        : codes.map((code) => `${routeOf(operation)} ${status} ${code}`),
    ),
  );
  assert.deepEqual([...provoked].sort(), documented.sort());
});

it("every documented field was seen", () => {
  const documented = operations.flatMap(({ method, path, responses }) =>
    [...responses.keys()].flatMap((status) => {
      const { content = {} } = deref(document.paths[path][method.toLowerCase()].responses[status]);
      return Object.values(content).flatMap(({ schema }) => [...fieldsOf(schema, `${method} ${path}`)]);
    }),
  );
  assert.ok(documented.length > 100);
  assert.deepEqual([...fields].sort(), [...new Set(documented)].sort());
});
