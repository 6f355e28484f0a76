// Verification in Node against its peers, in one process: ratios, not times, are compared with the budgets. `cargo xtask bench` runs it.
//
//     node tests/bench/verify.mjs [--entry edge-cashier/webhook] [--seconds 0.3]
//
// The peers are the reference's own snippet over node:crypto, the same scheme over SubtleCrypto, and inside the wasm the bare SHA-1 of the same
// bytes. Each round measures all of them in turn, so that a busy machine slows all alike; the best round of each counts. What is
// synchronous is measured by the thread's own processor time.
import assert from "node:assert/strict";
import { createHash, webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    entry: { type: "string", default: "edge-cashier" },
    seconds: { type: "string", default: "0.01" },
    rounds: { type: "string", default: "25" },
  },
});
const { Webhook } = await import(values.entry);
const SLICE = Number(values.seconds) * 1e9;
const ROUNDS = Number(values.rounds);
const PASSWORD = "spg_test_companyxxxxQyGAheyMqcHVmp8ZMQtkYcev27sCu7RF";

/** What the budgets ask for: times as fast as the snippet, times as fast as SubtleCrypto, and at most so many times bare SHA-1. */
const BUDGETS = [
  { bytes: 196, snippet: 1.15, subtle: 6, sha1: 1.5 },
  { bytes: 926, snippet: 1.3, sha1: 1.5 },
  { bytes: 2048, snippet: 1.3, sha1: 1.5 },
  { bytes: 16384, snippet: 1.3, sha1: 1.5 },
];

const EVENT = {
  transaction_id: "r21nmrtpcmrcava",
  user_id: "1111222",
  tracking_id: "b8f04416-116a-11ed-861d-0242ac120002",
  status: "rejected",
  currency: "GBP",
  amount: "200.00",
  transaction_type: "withdrawal",
};

/** Bodies of about that size: the documented fields, then fields such as a gateway adds. */
function body(bytes) {
  const event = { ...EVENT };
  for (let n = 0; JSON.stringify(event).length < bytes - 16; n++) {
    const room = bytes - JSON.stringify(event).length;
    event[`detail_${n}`] = "a note about the payment, and where it was made".slice(0, Math.max(1, room - 16));
  }
  return JSON.stringify(event);
}

/** The reference's snippet, and the comparison that it leaves to the reader. */
function snippet(text, signature) {
  const data = JSON.parse(text);
  const localSignature = createHash("sha1")
    .update(JSON.stringify(data) + PASSWORD)
    .digest("hex")
    .toUpperCase();
  if (localSignature !== signature) throw new Error("mismatch");
  return data;
}

const encoder = new TextEncoder();
async function subtle(text, signature) {
  const data = JSON.parse(text);
  const digest = new Uint8Array(
    await webcrypto.subtle.digest("SHA-1", encoder.encode(JSON.stringify(data) + PASSWORD)),
  );
  if (
    Array.from(digest, (byte) => byte.toString(16).padStart(2, "0"))
      .join("")
      .toUpperCase() !== signature
  )
    throw new Error("mismatch");
  return data;
}

/** Nanoseconds for one call, in one slice of time. */
function time(run) {
  const calls = Math.max(64, Math.ceil(2e6 / Math.max(100, once(run, 64))));
  let count = 0;
  let spent = 0;
  while (spent < SLICE) {
    spent += once(run, calls) * calls;
    count += calls;
  }
  return spent / count;
}

function once(run, calls) {
  const start = now();
  for (let n = 0; n < calls; n++) run();
  return (now() - start) / calls;
}

/** The time of this thread alone, in nanoseconds: other programs on the machine do not count. */
function now() {
  if (process.threadCpuUsage === undefined) return Number(process.hrtime.bigint());
  const { user, system } = process.threadCpuUsage();
  return (user + system) * 1000;
}

async function timeAsync(run) {
  let count = 0;
  const start = process.hrtime.bigint();
  while (Number(process.hrtime.bigint() - start) < SLICE) {
    for (let n = 0; n < 32; n++) await run();
    count += 32;
  }
  return Number(process.hrtime.bigint() - start) / count;
}

/** The same wasm without its classes: `verify` on bytes that already lie in its memory, and the bare hash of as many. */
async function inside() {
  const glue = await import("../../target/pkg/glue/core.js");
  const wasm = glue.initSync({
    module: readFileSync(new URL("../../pkg/dist/core_bg.wasm", import.meta.url)),
  });
  const webhook = new glue.Webhook(PASSWORD);
  return (text, signature) => {
    const at = glue.input(text.length + PASSWORD.length) >>> 0;
    const memory = new Uint8Array(wasm.memory.buffer);
    memory.set(encoder.encode(signature + text + PASSWORD), at);
    // Of as many bytes as are signed.
    const hash = () => glue.hash(text.length + PASSWORD.length);
    const verify = () => webhook.verifyFast(text.length);
    assert.equal(hash(), Number.parseInt(signature.slice(0, 2), 16));
    assert.ok(verify() !== 0, "the wasm must take the body");
    memory[at] ^= 1;
    assert.equal(verify(), 0, "the wasm must refuse another signature");
    memory[at] ^= 1;
    return { verify, hash };
  };
}

const webhook = new Webhook(PASSWORD);
const prepare = await inside();
let missed = 0;
console.log(`${values.entry} in Node ${process.version}; µs a call, and times as fast\n`);
console.log("body       ours  snippet   ratio   subtle   ratio |  in wasm     sha1   ratio");
for (const { bytes, ...budget } of BUDGETS) {
  const text = body(bytes);
  const signature = createHash("sha1")
    .update(text + PASSWORD)
    .digest("hex")
    .toUpperCase();
  assert.deepEqual(snippet(text, signature).tracking_id, webhook.verify(text, signature).tracking_id);
  assert.throws(() =>
    webhook.verify(
      text,
      signature.replace(/^./, (digit) => (digit === "0" ? "1" : "0")),
    ),
  );
  const core = prepare(text, signature);
  const best = { ours: Infinity, snippet: Infinity, subtle: Infinity, verify: Infinity, hash: Infinity };
  const keep = (name, nanoseconds) => {
    best[name] = Math.min(best[name], nanoseconds);
  };
  for (let round = 0; round < ROUNDS; round++) {
    keep(
      "ours",
      time(() => webhook.verify(text, signature)),
    );
    keep(
      "snippet",
      time(() => snippet(text, signature)),
    );
    keep("subtle", await timeAsync(() => subtle(text, signature)));
    keep("verify", time(core.verify));
    keep("hash", time(core.hash));
  }
  const ratio = {
    snippet: best.snippet / best.ours,
    subtle: best.subtle / best.ours,
    sha1: best.verify / best.hash,
  };
  const us = (name) => (best[name] / 1000).toFixed(2).padStart(8);
  const times = (number) => `${number.toFixed(2)}x`.padStart(7);
  console.log(
    `${String(text.length).padEnd(6)} ${us("ours")} ${us("snippet")} ${times(ratio.snippet)} ${us("subtle")} ${times(ratio.subtle)} | ${us("verify")} ${us("hash")} ${times(ratio.sha1)}`,
  );
  const miss = (what, found, wanted, ok) => {
    if (!ok) {
      missed++;
      console.log(`       over budget: ${what} is ${found.toFixed(2)}x, wanted ${wanted}x`);
    }
  };
  miss("against the snippet", ratio.snippet, budget.snippet, ratio.snippet >= budget.snippet);
  if (budget.subtle) miss("against SubtleCrypto", ratio.subtle, budget.subtle, ratio.subtle >= budget.subtle);
  miss("against bare SHA-1", ratio.sha1, budget.sha1, ratio.sha1 <= budget.sha1);
}
process.exitCode = missed > 0 ? 1 : 0;
