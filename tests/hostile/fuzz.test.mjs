// Ten thousand malformed requests that reach the Worker: each is refused, by a problem that openapi.yaml documents; nothing fails inside, and payments work afterwards.

import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { contract } from "../support/contract.mjs";
import { opens, startGateway } from "../support/gateway.mjs";
import { ADMIN_TOKEN, event, opened, readSession, sendWebhook, ticket } from "../support/payments.mjs";
import { startWorker } from "../support/workerd.mjs";
import { malformed, random, send } from "./requests.mjs";

const SEED = 20261126;
const REQUESTS = 10_000;
const AT_ONCE = 16;
const MEMBERS = ["type", "title", "status", "detail", "code", "request_id"];

let gateway;
let worker;

before(async () => {
  // It is healthy, and knows no payment.
  gateway = await startGateway(() => {
    const { pathname } = new URL(gateway.requests.at(-1).path, gateway.url);
    if (pathname === "/transactions") return { json: [] };
    return pathname.startsWith("/transactions/") ? { status: 404, json: {} } : opens();
  });
  worker = await startWorker({
    vars: {
      GATEWAY_BASE_URL: gateway.url,
      GATEWAY_TIMEOUT_MS: "20000",
      ADMIN_TOKEN,
      CARD_PAYMENTS: "enabled",
    },
  });
});

after(async () => {
  await worker?.stop();
  await gateway?.stop();
});

it(
  `${REQUESTS} malformed requests are refused one by one, and a payment works afterwards`,
  { timeout: 500_000 },
  async () => {
    const { operations, anywhere } = await contract();
    const dice = random(SEED);
    const material = { operations: await targets(operations), wrong: await wrongTokens() };
    let made = 0;
    let left = REQUESTS;
    const byStatus = new Map();
    const byDefect = new Map();
    const unread = new Map();
    const work = async () => {
      while (left > 0) {
        made++;
        const request = malformed(dice, material);
        const answer = await send(new URL(worker.url), request);
        const shown = `${request.defect}: ${request.bytes.subarray(0, 400).toString("latin1")}\n=> ${answer?.status} ${answer?.body}`;
        if (answer?.headers.has("x-request-id")) {
          check(answer, request.method, shown);
          left--;
          count(byStatus, answer.status);
          count(byDefect, request.defect);
        } else {
          // It was no HTTP for workerd, or no address of the Worker: a 4xx, or closed.
          assert.ok(answer === null || (answer.status >= 400 && answer.status < 500), shown);
          count(unread, answer?.status ?? "closed without an answer");
        }
      }
    };
    const stopAll = (error) => {
      left = 0;
      throw error;
    };
    await Promise.all(Array.from({ length: AT_ONCE }, () => work().catch(stopAll)));
    console.log(`${made} malformed requests; answers of the Worker by status:`, sorted(byStatus));
    console.log("by defect:", sorted(byDefect));
    console.log("not read by the Worker:", sorted(unread));

    // The log has every request with its route and code: both must be documented together.
    const lines = worker.logs.map(({ message }) => JSON.parse(message));
    assert.deepEqual(
      lines.filter(({ event }) => event !== "request" && event !== "gateway_failure"),
      [],
    );
    const seen = new Map();
    for (const { event: kind, method, route, status, code } of lines) {
      if (kind !== "request" || anywhere.get(code) === status) continue;
      const operation = operations.find(
        (one) => one.path === route && one.method === (method === "HEAD" ? "GET" : method),
      );
      assert.ok(
        operation?.responses.get(status)?.includes(code),
        `${method} ${route} answered ${status} ${code}`,
      );
      count(seen, code);
    }
    console.log("problems by code:", sorted(seen));

    const payment = await opened(worker);
    assert.equal((await sendWebhook(worker, event(payment))).status, 204);
    const { state, timeline } = await (await readSession(worker, payment)).json();
    assert.equal(state, "successful");
    assert.equal(timeline.length, 3);
  },
);

const count = (tally, key) => tally.set(key, (tally.get(key) ?? 0) + 1);
const sorted = (tally) => Object.fromEntries([...tally].sort());

/** The operations with what a well-formed request would have. */
async function targets(operations) {
  const bearer = (token) => [["authorization", `Bearer ${token}`]];
  const session = await ticket();
  const card = await ticket({ operation: "card_payment", routing_id: 7 });
  const accepted = { admin: bearer(ADMIN_TOKEN), ticket: bearer(session.jwt) };
  return operations.map((operation) => ({
    ...operation,
    known: session.tracking_id,
    methods: operations.filter(({ path }) => path === operation.path).map(({ method }) => method),
    credentials:
      operation.path === "/v1/card-payments" ? bearer(card.jwt) : (accepted[operation.security[0]] ?? []),
  }));
}

const wrongTokens = async () => [
  ADMIN_TOKEN.slice(1),
  (await ticket({ exp: 1 })).jwt,
  (await ticket({ aud: "another-shop" })).jwt,
  (await ticket({}, { secret: "another-obviously-fake-secret-of-32-bytes" })).jwt,
];

function check({ status, headers, body }, method, shown) {
  assert.ok(status >= 400 && status < 500, shown);
  assert.equal(headers.get("x-content-type-options"), "nosniff", shown);
  assert.equal(headers.get("cache-control"), "no-store", shown);
  assert.match(headers.get("content-security-policy"), /default-src 'none'/, shown);
  assert.equal(headers.get("set-cookie"), null, shown);
  assert.equal(headers.get("content-type"), "application/problem+json", shown);
  if (method === "HEAD") return;
  const problem = JSON.parse(body);
  for (const member of MEMBERS) assert.ok(problem[member], `${member}: ${shown}`);
  assert.equal(problem.status, status, shown);
  assert.equal(problem.request_id, headers.get("x-request-id"), shown);
  assert.equal(problem.type, `https://edge-cashier.dev/problems/${problem.code}`, shown);
}
