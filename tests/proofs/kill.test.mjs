// workerd is killed (SIGKILL) again and again in the middle of a load, and started on the same storage: what was answered 2xx is there, and what was recorded is
// delivered, under one id. `PROOF_PAYMENTS` and `PROOF_SEED` change how much and what.

import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { after, before, it } from "node:test";
import { DELIVERY_SECRET, startMerchant } from "../support/merchant.mjs";
import { ADMIN_TOKEN } from "../support/payments.mjs";
import { processOfWorkerd, startWorker, storageDirectory } from "../support/workerd.mjs";
import { startDoubtfulGateway } from "./support/gateway.mjs";
import {
  inParallel,
  openPayments,
  random,
  sendUntilAnswered,
  unreliable,
  webhooks,
} from "./support/load.mjs";
import { judge, tries, untilDelivered } from "./support/verdict.mjs";

const PAYMENTS = Number(process.env.PROOF_PAYMENTS ?? 40);
const SEED = Number(process.env.PROOF_SEED ?? 1147);
const CONNECTIONS = 32;
/** In the middle of the webhooks, and then of the deliveries alone. */
const KILLS = { sending: 7, delivering: 3 };

let gateway;
let merchant;
let persist;
/** The Worker that runs; its address is the same after every start. */
let worker;
const trouble = unreliable(SEED);
/** Messages of a success that the gateway had not confirmed. */
const tooEarly = [];

const start = (port) =>
  startWorker({
    vars: {
      ADMIN_TOKEN,
      GATEWAY_BASE_URL: gateway.url,
      GATEWAY_TIMEOUT_MS: "20000",
      MERCHANT_WEBHOOK_URL: merchant.url,
      DELIVERY_SECRET,
    },
    persist,
    port,
    inspect: true,
  });

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
  persist = await storageDirectory();
  worker = await start(0);
});

after(async () => {
  await worker?.stop();
  await Promise.all([merchant?.stop(), gateway?.stop()]);
  await rm(persist, { recursive: true, force: true });
});

/** Kills the workerd that this process started, and starts it again. */
async function killAndStart() {
  process.kill(processOfWorkerd(), "SIGKILL");
  // Miniflare's own part, which would start workerd again by itself.
  await worker.stop();
  worker = await start(Number(new URL(worker.url).port));
}

it("nothing that was answered is lost, and nothing is delivered under two ids, however often workerd is killed", async (t) => {
  const payments = await openPayments(worker, PAYMENTS);
  const list = webhooks(random(SEED), payments);
  const marks = Array.from({ length: KILLS.sending }, (_, index) =>
    Math.floor((list.length * (index + 0.5)) / KILLS.sending),
  );
  const answers = [];
  let kills = 0;
  let killing = Promise.resolve();
  await inParallel(list, CONNECTIONS, async (webhook) => {
    // Not awaited: the other connections are in the middle of theirs.
    if (answers.length >= marks[0]) {
      marks.shift();
      killing = killing.then(killAndStart);
      kills += 1;
    }
    answers.push({ webhook, ...(await sendUntilAnswered(worker, webhook)) });
  });
  await killing;
  const interrupted = answers.filter((answer) => answer.tries > 1).length;
  for (const { webhook, status } of answers) assert.equal(status, webhook.forged ? 401 : 204);

  for (let count = 0; count < KILLS.delivering; count += 1) {
    const more = merchant.messages.length + 5;
    const waiting = await unfinished(payments);
    if (waiting > 10) await merchant.until(() => merchant.messages.length >= more, "more messages");
    await killAndStart();
    kills += 1;
  }

  await untilDelivered(worker, payments);
  const answered = answers.filter(({ status }) => status === 204).map(({ webhook }) => webhook);
  const { recorded, messages, takenTwice } = await judge({ worker, merchant, payments, answered });
  t.diagnostic(
    `seed ${SEED}: ${PAYMENTS} payments, ${CONNECTIONS} connections, workerd killed ${kills} times`,
  );
  t.diagnostic(
    `webhooks: ${list.length}, of which ${interrupted} were sent again because no answer came; ${answered.length} answered 204, ${recorded} recorded`,
  );
  t.diagnostic(
    `changes: ${messages}, all delivered by ${merchant.messages.length} requests of which ${trouble.count()} failed`,
  );
  t.diagnostic(`questions about a success that the gateway did not confirm at once: ${gateway.doubts()}`);
  t.diagnostic(`requests for a change: ${tries(merchant)}; accepted twice, under one id: ${takenTwice}`);
  assert.deepEqual(tooEarly, []);
  assert.ok(gateway.doubts() > 0);
  assert.equal(kills, KILLS.sending + KILLS.delivering);
  assert.ok(interrupted > 0, "no kill was in the middle of anything");
});

/** How many payments have a message that waits. */
async function unfinished(payments) {
  let count = 0;
  await inParallel(payments, 16, async ({ tracking_id }) => {
    const rows = await worker.sql(tracking_id, "SELECT 1 FROM delivery WHERE state = 'waiting' LIMIT 1");
    count += rows.length;
  });
  return count;
}
