// Webhook intake and start of the Worker, against a JavaScript Worker that does the same (`benches/worker-js`), in local workerd. `cargo xtask bench worker` runs it.
//
//     node tests/bench/worker.mjs [--rounds 15] [--payments 300]
//
// Both run at the same time and take turns, first the one and then the other; each turn sends the webhooks of so many new payments over 32 connections (pending,
// successful, and successful again). Their storage is in memory where the system allows it (BENCH_STORAGE names another folder).
// A start is the processor time of the workerd process until its first answer, which does not depend on what else the machine does; elsewhere than on Linux, the clock's.
import { parseArgs } from "node:util";
import { assertSameAnswers } from "./worker-answers.mjs";
import {
  client,
  compare,
  heading,
  NAMES,
  processorTime,
  quantile,
  start,
  webhook,
  webhooks,
} from "./worker-support.mjs";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "15" },
    payments: { type: "string", default: "300" },
  },
});
const ROUNDS = Number(values.rounds);
const PAYMENTS = Number(values.payments);
/** Turns before the first that counts: until then V8 has not compiled all that is hot. */
const WARM_UP = 3;

/** One result of each Worker, in each round in the other order. */
async function rounds(count, measure) {
  const results = [];
  for (let round = 0; round < count; round++) {
    const result = {};
    for (const name of round % 2 === 0 ? NAMES : NAMES.toReversed()) result[name] = await measure(name);
    results.push(result);
  }
  return results;
}

/** One figure of every round's results. */
const only = (results, figure) =>
  results.map(({ ours, javascript }) => ({ ours: figure(ours), javascript: figure(javascript) }));

async function intake() {
  const workers = {};
  try {
    for (const name of NAMES) {
      const worker = await start(name);
      workers[name] = { ...worker, client: client(worker) };
    }
    const turn = async (name) => {
      const { pid, client } = workers[name];
      const list = webhooks(PAYMENTS);
      const before = processorTime(pid);
      const { milliseconds, latencies } = await client.intake(list);
      return {
        perSecond: (list.length / milliseconds) * 1000,
        p50: quantile(latencies, 0.5),
        p99: quantile(latencies, 0.99),
        processor: pid && ((processorTime(pid) - before) / list.length) * 1000,
      };
    };
    await rounds(WARM_UP, turn);
    const results = await rounds(ROUNDS, turn);
    heading(`webhook intake, ${ROUNDS} rounds of ${3 * PAYMENTS} webhooks`);
    const all = (figure) => only(results, (result) => result[figure]);
    compare("webhooks a second", "/s", 0, all("perSecond"), { least: 1 });
    compare("latency, p50", "ms", 1, all("p50"));
    compare("latency, p99", "ms", 1, all("p99"), { most: 1 });
    if (results[0].ours.processor !== undefined)
      compare("processor time of a webhook", "µs", 0, all("processor"));
  } finally {
    for (const { client, stop } of Object.values(workers)) {
      client.close();
      await stop();
    }
  }
}

/** Until the first answer of a fresh workerd, and until the first webhook is recorded. */
async function freshStart(name) {
  const begin = performance.now();
  const worker = await start(name);
  const { send, post, close } = client(worker);
  const spent = () => processorTime(worker.pid) ?? performance.now() - begin;
  try {
    const health = await send("GET", "/healthz");
    const first = spent();
    const recorded = await post(webhook());
    if (health !== 200 || recorded !== 204) throw new Error(`${name} answered ${health} and ${recorded}`);
    return { first, recorded: spent() };
  } finally {
    close();
    await worker.stop();
  }
}

async function starts() {
  const results = await rounds(ROUNDS, freshStart);
  heading(`start of workerd, ${ROUNDS} rounds`);
  const budget = { most: 1.5 };
  compare(
    "to the first answer (/healthz)",
    "ms",
    0,
    only(results, ({ first }) => first),
    budget,
  );
  compare(
    "to the first webhook recorded",
    "ms",
    0,
    only(results, ({ recorded }) => recorded),
    budget,
  );
}

await assertSameAnswers();
await intake();
console.log();
await starts();
