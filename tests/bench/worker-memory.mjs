// The memory of workerd while the Worker takes 100,000 webhooks, ours and the JavaScript one at the same time. `cargo xtask bench memory` runs it; it takes some minutes.
//
//     node tests/bench/worker-memory.mjs [--rounds 20] [--payments 1667]
//
// A Durable Object stays in memory until nothing has called it for 10 seconds, so memory is read when those of a round are gone: what is then still held for them
// would be held for ever. The two halves of the run are compared: the first rounds fill caches and heaps, the later ones may add little.
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
/** What workerd may hold more of in the second half than in the first. */
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

/** Prints how much more the second half holds than the first, by the medians of the later rounds of each: the first rounds only fill. */
function judge(name, samples, budget) {
  const half = Math.floor(samples.length / 2);
  const quarter = Math.floor(half / 2);
  const growth = median(samples.slice(half + quarter)) - median(samples.slice(quarter, half));
  const missed = growth > budget;
  const wanted = budget === Infinity ? "" : `  (at most ${budget} MB)${missed ? "  OVER BUDGET" : ""}`;
  const webhooks = (half * 3 * PAYMENTS).toLocaleString("en");
  console.log(`growth over ${webhooks} webhooks, ${name}: ${growth.toFixed(0)} MB${wanted}`);
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
