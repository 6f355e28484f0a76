// A hundred at the same instant are as one.

import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { opens, startGateway } from "../support/gateway.mjs";
import { openSession, ticket } from "../support/payments.mjs";
import { startWorker } from "../support/workerd.mjs";

const TIMES = 100;

let gateway;
let worker;

before(async () => {
  gateway = await startGateway();
  worker = await startWorker({ vars: { GATEWAY_BASE_URL: gateway.url, GATEWAY_TIMEOUT_MS: "20000" } });
});

after(async () => {
  await worker?.stop();
  await gateway?.stop();
});

/** The answers to all of the tickets, sent at once, while the gateway takes its time. */
async function together(tickets) {
  gateway.requests.length = 0;
  gateway.behave = () => ({ ...opens(), delayMs: 500 });
  const responses = await Promise.all(tickets.map((jwt) => openSession(worker, jwt)));
  return Promise.all(
    responses.map(async (response) => ({ status: response.status, body: await response.json() })),
  );
}

it("a hundred equal tickets make one gateway call and are given one session", async (t) => {
  const { jwt } = await ticket();
  const answers = await together(Array.from({ length: TIMES }, () => jwt));
  assert.equal(gateway.requests.length, 1);
  const created = answers.filter(({ status }) => status === 201);
  assert.equal(created.length, 1, "one opened it");
  assert.equal(answers.filter(({ status }) => status === 200).length, TIMES - 1);
  for (const { body } of answers) assert.deepEqual(body, created[0].body);
  t.diagnostic(`${TIMES} equal tickets: ${gateway.requests.length} gateway call`);
});

it("so do a hundred among which other contents claim the same tracking id", async (t) => {
  const mine = await ticket();
  const others = await Promise.all(
    Array.from({ length: TIMES }, (_, index) =>
      ticket({ jti: mine.tracking_id, amount: `${index + 11}.00` }),
    ),
  );
  const tickets = others.flatMap(({ jwt }) => [mine.jwt, jwt]);
  const answers = await together(tickets);
  assert.equal(gateway.requests.length, 1);
  // Whoever came first has it: all of one contents, and nobody else.
  const opened = answers.filter(({ status }) => status < 300);
  const refused = answers.filter(({ status, body }) => status === 409 && body.code === "ticket_reused");
  assert.equal(opened.length + refused.length, 2 * TIMES);
  assert.equal(opened.filter(({ status }) => status === 201).length, 1);
  assert.equal(new Set(opened.map(({ body }) => body.token)).size, 1);
  const contents = new Set(tickets.filter((_, index) => answers[index].status < 300));
  assert.equal(contents.size, 1);
  t.diagnostic(
    `${2 * TIMES} tickets of one tracking id: ${opened.length} opened, ${refused.length} refused, ${gateway.requests.length} gateway call`,
  );
});
