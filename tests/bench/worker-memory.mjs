// The memory of workerd while the Worker takes 100,000 webhooks, ours and the JavaScript one at the same time. `cargo xtask bench memory` runs it; it takes some minutes.
//
//     node tests/bench/worker-memory.mjs [--rounds 20] [--payments 1667]
//
// A Durable Object stays in memory until nothing has called it for 10 seconds, so memory is read when those of a round are gone: what is then still held for them
// would be held for ever. The last quarter of the run is compared with the one before: heaps fill at first, and then may hardly grow.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { client, heading, median, memoryOf, NAMES, start, webhooks } from "./worker-support.mjs";

if (process.platform !== "linux") throw new Error("the memory of a process is only read on Linux");
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "20" },
    payments: { type: "string", default: "1667" },
  },
});
const ROUNDS = Number(values.rounds);
const PAYMENTS = Number(values.payments);
const MEGABYTE = 1024 * 1024;
/** Megabytes. One kilobyte kept for each webhook would be 24 of them. */
const BUDGET = 32;
/** Far longer than the runtime keeps an idle object. */
const PATIENCE_MS = 60_000;

const openFiles = (pid) => readdirSync(`/proc/${pid}/fd`).length;

/** Waits until no object of a round is left: each holds its database's files open. */
async function evicted({ name, pid, filesAtFirst }) {
  const deadline = performance.now() + PATIENCE_MS;
  while (openFiles(pid) > filesAtFirst + 100) {
    assert.ok(performance.now() < deadline, `${name}: ${openFiles(pid)} files are still open`);
    await delay(250);
  }
}

/** One Worker's turn; gives the megabytes that its process holds afterwards. */
async function round(worker) {
  // Connections of its own: those of the round before have been idle for so long that the server may close them at any instant.
  const { intake, close } = client(worker);
  await intake(webhooks(PAYMENTS));
  close();
  await evicted(worker);
  return memoryOf(worker.pid) / MEGABYTE;
}

/** Prints how much more is held in the last quarter of the rounds than in the one before, by their medians. */
function judge(name, samples, budget) {
  const quarter = Math.ceil(samples.length / 4);
  const growth = median(samples.slice(-quarter)) - median(samples.slice(-2 * quarter, -quarter));
  const missed = growth > budget;
  const wanted = budget === Infinity ? "" : `  (at most ${budget} MB)${missed ? "  OVER BUDGET" : ""}`;
  const count = (quarter * 3 * PAYMENTS).toLocaleString("en");
  console.log(`growth over the last ${count} webhooks, ${name}: ${growth.toFixed(0)} MB${wanted}`);
  if (missed) process.exitCode = 1;
}

const workers = [];
try {
  for (const name of NAMES) {
    const worker = await start(name);
    workers.push({ ...worker, filesAtFirst: openFiles(worker.pid), samples: [] });
  }
  heading("workerd's memory, idle objects evicted");
  for (let count = 1; count <= ROUNDS; count++) {
    const held = await Promise.all(workers.map(round));
    for (const [index, { samples }] of workers.entries()) samples.push(held[index]);
    const figures = held.map((megabytes) => `${megabytes.toFixed(0)} MB`.padStart(12));
    console.log(
      `after ${(count * 3 * PAYMENTS).toLocaleString("en")} webhooks`.padEnd(52) + figures.join(""),
    );
  }
  for (const { name, samples } of workers) judge(name, samples, name === "ours" ? BUDGET : Infinity);
} finally {
  for (const { stop } of workers) await stop();
}
