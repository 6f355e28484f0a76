// Ten thousand malformed requests against the real Worker: each is refused, by a problem that openapi.yaml documents; nothing fails inside, and payments work afterwards.

import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { contract } from "../support/contract.mjs";
import { startGateway } from "../support/gateway.mjs";
import { event, opened, readSession, sendWebhook, ticket } from "../support/payments.mjs";
import { startWorker } from "../support/workerd.mjs";
import { malformed, random, send } from "./requests.mjs";

const SEED = 20261126;
const REQUESTS = 10_000;
const AT_ONCE = 16;
const ADMIN_TOKEN = "obviously-fake-admin-token-of-32-bytes-or-more";
const MEMBERS = ["type", "title", "status", "detail", "code", "request_id"];

let gateway;
let worker;

before(async () => {
  gateway = await startGateway();
  worker = await startWorker({
    vars: { GATEWAY_BASE_URL: gateway.url, ADMIN_TOKEN, CARD_PAYMENTS: "enabled" },
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
    const { document, operations, anywhere } = await contract();
    const credentials = [
      ADMIN_TOKEN,
      ADMIN_TOKEN.slice(1),
      (await ticket()).jwt,
      (await ticket({ operation: "card_payment", routing_id: 7 })).jwt,
      (await ticket({ exp: 1 })).jwt,
      (await ticket({ amount: "-1", customer: "x" })).jwt,
      (await ticket({}, { secret: "another-obviously-fake-secret-of-32-bytes" })).jwt,
    ];
    const dice = random(SEED);
    const material = { paths: Object.keys(document.paths), credentials };
    const requests = Array.from({ length: REQUESTS }, () => malformed(dice, material));
    const counts = new Map();
    const bySomebodyElse = new Map();
    const ids = new Set();
    const work = async () => {
      for (let request = requests.pop(); request; request = requests.pop()) {
        const answer = await send(new URL(worker.url), request);
        const id = answer?.headers.get("x-request-id");
        const tally = id ? counts : bySomebodyElse;
        const key = answer?.status ?? "closed without an answer";
        tally.set(key, (tally.get(key) ?? 0) + 1);
        const shown = `${request.bytes.subarray(0, 400).toString("latin1")}\n=> ${answer?.status} ${answer?.body}`;
        if (answer === null) assert.ok(request.cut, shown);
        else assert.ok(answer.status < 500 || excused(answer, request), shown);
        if (id) {
          ids.add(id);
          check(answer, request.method, shown);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    console.log("answers of the Worker by status:", Object.fromEntries([...counts].sort()));
    console.log("answers of workerd and of the assets:", Object.fromEntries([...bySomebodyElse].sort()));
    assert.ok([...counts.values()].reduce((sum, count) => sum + count) > REQUESTS / 2);

    // The log has every request with its route and code: both must be documented together.
    const lines = worker.logs.map(({ message }) => JSON.parse(message));
    assert.deepEqual(
      lines.filter(({ event }) => event !== "request" && event !== "gateway_failure"),
      [],
    );
    const seen = new Map();
    for (const { event: kind, method, route, status, code } of lines) {
      if (kind !== "request") continue;
      if (code === null || anywhere.get(code) === status) continue;
      const operation = operations.find(
        (one) => one.path === route && one.method === (method === "HEAD" ? "GET" : method),
      );
      assert.ok(
        operation?.responses.get(status)?.includes(code),
        `${method} ${route} answered ${status} ${code}`,
      );
      seen.set(code, (seen.get(code) ?? 0) + 1);
    }
    console.log("problems by code:", Object.fromEntries([...seen].sort()));

    const payment = await opened(worker);
    assert.equal((await sendWebhook(worker, event(payment))).status, 204);
    const { state, timeline } = await (await readSession(worker, payment)).json();
    assert.equal(state, "successful");
    assert.equal(timeline.length, 3);
  },
);

/** workerd itself answers 501 to a method that it has never heard of. A webhook whose body breaks off is to be sent again: 503. The
 * gateway double knows cashiers alone, so that its other replies are none of the gateway: 502. */
function excused({ status, body }, { cut }) {
  if (status === 501) return body.startsWith("ERROR: Unrecognized request method");
  if (status === 502) return /"gateway_error"/.test(body);
  return status === 503 && cut && /"not_recorded"/.test(body);
}

function check({ status, headers, body }, method, shown) {
  assert.equal(headers.get("x-content-type-options"), "nosniff", shown);
  assert.equal(headers.get("cache-control"), "no-store", shown);
  assert.match(headers.get("content-security-policy"), /default-src 'none'/, shown);
  assert.equal(headers.get("set-cookie"), null, shown);
  if (status < 300) return;
  assert.ok(status >= 400, shown);
  assert.equal(headers.get("content-type"), "application/problem+json", shown);
  if (method === "HEAD") return;
  const problem = JSON.parse(body);
  for (const member of MEMBERS) assert.ok(problem[member], `${member}: ${shown}`);
  assert.equal(problem.status, status, shown);
  assert.equal(problem.request_id, headers.get("x-request-id"), shown);
  assert.equal(problem.type, `https://edge-cashier.dev/problems/${problem.code}`, shown);
}
