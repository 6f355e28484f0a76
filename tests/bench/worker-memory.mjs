// The memory of workerd while the Worker takes 100,000 webhooks, ours and the JavaScript one at the same time. `cargo xtask bench memory` runs it; it takes some minutes.
//
//     node tests/bench/worker-memory.mjs [--rounds 20] [--payments 1667]
//
// A Durable Object stays in memory until nothing has called it for 10 seconds, so memory is read when those of a round are gone: what is then still held for them
// would be held for ever. It is compared between the two halves of the run: the first rounds fill caches and heaps, the later ones may add nothing.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { client, median, memoryOf, NAMES, start, webhooks } from "./worker-support.mjs";

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

/** Waits until no object of the round is left: each holds its database's files open. */
async function evicted(pid, filesAtFirst) {
  const deadline = performance.now() + PATIENCE_MS;
  while (openFiles(pid) > filesAtFirst + 100) {
    assert.ok(performance.now() < deadline, `${openFiles(pid)} files are still open`);
    await delay(250);
  }
}

/** The memory after each round, in megabytes. */
async function grow(name) {
  const worker = await start(name);
  const { send, intake, close } = client(worker);
  try {
    assert.equal(await send("GET", "/healthz"), 200);
    const filesAtFirst = openFiles(worker.pid);
    const samples = [memoryOf(worker.pid) / MEGABYTE];
    for (let round = 0; round < ROUNDS; round++) {
      await intake(webhooks(PAYMENTS));
      await evicted(worker.pid, filesAtFirst);
      samples.push(memoryOf(worker.pid) / MEGABYTE);
    }
    return samples;
  } finally {
    close();
    await worker.stop();
  }
}

const runs = await Promise.all(NAMES.map(grow));
const megabytes = (value) => `${value.toFixed(0)} MB`.padStart(10);
console.log(
  `${"memory of workerd, its objects evicted".padEnd(40)}${NAMES.map((name) => name.padStart(12)).join("")}`,
);
for (let round = 0; round <= ROUNDS; round += Math.max(1, Math.round(ROUNDS / 10)))
  console.log(
    `${`after ${(round * 3 * PAYMENTS).toLocaleString("en")} webhooks`.padEnd(40)}${runs.map((run) => megabytes(run[round]).padStart(12)).join("")}`,
  );
for (const [index, run] of runs.entries()) {
  const rounds = run.slice(1);
  const half = Math.floor(rounds.length / 2);
  // The first quarter only fills.
  const before = median(rounds.slice(Math.floor(half / 2), half));
  const after = median(rounds.slice(half + Math.floor(half / 2)));
  const growth = after - before;
  const ours = NAMES[index] === "ours";
  const missed = ours && growth > BUDGET;
  console.log(
    `${`growth over ${(half * 3 * PAYMENTS).toLocaleString("en")} webhooks, ${NAMES[index]}`.padEnd(52)}${megabytes(growth)}${ours ? `  (at most ${BUDGET} MB)` : ""}${missed ? "  OVER BUDGET" : ""}`,
  );
  if (missed) process.exitCode = 1;
}
