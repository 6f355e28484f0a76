// Under load nothing is lost and nothing happens twice: many payments, every webhook many times and shuffled, a tenth of them forged, and a merchant's endpoint that
// fails three requests in ten. `PROOF_PAYMENTS` and `PROOF_SEED` change how much and what.

import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { DELIVERY_SECRET, startMerchant } from "../support/merchant.mjs";
import { ADMIN_TOKEN } from "../support/payments.mjs";
import { startWorker } from "../support/workerd.mjs";
import { startDoubtfulGateway } from "./support/gateway.mjs";
import {
  inParallel,
  openPayments,
  percentile,
  random,
  sendUntilAnswered,
  unreliable,
  webhooks,
} from "./support/load.mjs";
import { judge, tries, untilDelivered } from "./support/verdict.mjs";

const PAYMENTS = Number(process.env.PROOF_PAYMENTS ?? 40);
const SEED = Number(process.env.PROOF_SEED ?? 4711);
const CONNECTIONS = 32;

let gateway;
let merchant;
let worker;
const trouble = unreliable(SEED);
/** Messages of a success that the gateway had not confirmed. */
const tooEarly = [];

before(async () => {
  gateway = await startDoubtfulGateway(SEED);
  merchant = await startMerchant({
    answer(message) {
      if (message.data?.state === "successful" && !gateway.agreed.has(message.data.tracking_id)) {
        tooEarly.push(message.id);
      }
      return trouble.answer(message);
    },
  });
  worker = await startWorker({
    vars: {
      ADMIN_TOKEN,
      GATEWAY_BASE_URL: gateway.url,
      GATEWAY_TIMEOUT_MS: "20000",
      MERCHANT_WEBHOOK_URL: merchant.url,
      DELIVERY_SECRET,
    },
    inspect: true,
  });
});

after(async () => {
  await worker?.stop();
  await Promise.all([merchant?.stop(), gateway?.stop()]);
});

it("every valid webhook is recorded once, every change delivered under one id, and nothing forged is believed", async (t) => {
  const payments = await openPayments(worker, PAYMENTS);
  const list = webhooks(random(SEED), payments);
  const answers = [];
  const from = performance.now();
  await inParallel(list, CONNECTIONS, async (webhook) => {
    answers.push({ webhook, ...(await sendUntilAnswered(worker, webhook)) });
  });
  const seconds = (performance.now() - from) / 1000;
  for (const { webhook, status } of answers) assert.equal(status, webhook.forged ? 401 : 204);
  assert.equal(answers.length, list.length);

  await untilDelivered(worker, payments);
  const answered = answers.filter(({ status }) => status === 204).map(({ webhook }) => webhook);
  const { recorded, messages, takenTwice, ofStates } = await judge({ worker, merchant, payments, answered });

  const times = answers.map(({ ms }) => ms);
  t.diagnostic(`seed ${SEED}: ${PAYMENTS} payments, ${CONNECTIONS} connections`);
  t.diagnostic(
    `webhooks: ${list.length} sent, ${answers.length - answered.length} refused, ${recorded} recorded`,
  );
  t.diagnostic(
    `${Math.round(list.length / seconds)} a second; answered in ${percentile(times, 0.5).toFixed(1)} ms (p50), ${percentile(times, 0.99).toFixed(1)} ms (p99)`,
  );
  t.diagnostic(
    `changes: ${messages}, all delivered by ${merchant.messages.length} requests of which ${trouble.count()} failed`,
  );
  t.diagnostic(`questions about a success that the gateway did not confirm at once: ${gateway.doubts()}`);
  t.diagnostic(`requests for a change: ${tries(merchant)}`);
  t.diagnostic(`states: ${JSON.stringify(ofStates)}`);
  assert.deepEqual(tooEarly, []);
  assert.ok(gateway.doubts() > 0);
  // At least once is the promise; but only a Worker that stops in between has a reason to send again what was accepted.
  assert.equal(takenTwice, 0);
  // A load without failures, conflicts and several attempts would prove little.
  assert.ok(trouble.count() > messages / 5);
  assert.ok(["successful", "rejected", "pending", "conflict"].every((state) => ofStates[state] > 0));
});
