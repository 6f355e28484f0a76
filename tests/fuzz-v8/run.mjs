// Differential fuzzing of `canonicalize` against the JSON of the JavaScript engine that runs this file (V8 in Node).
//
//   node tests/fuzz-v8/run.mjs [--count N] [--seed S] [--binary PATH | --wasm] [--regressions-only]
//
//   --count N    bodies to generate, 100000 unless told
//   --seed S     where the generator starts; a random one unless told, and printed, so that any run can be repeated
//   --binary P   the Rust side; unless told it is built: cargo build --release --example canonicalize_frames
//   --wasm       not the native side, but the npm package that `cargo xtask build` has built, in this process
//
// The bodies and the seeds in regressions.json are run first, always. Prints count, seed and every difference (the first
// twenty in full); exit code 1 when there is one, 2 when the run itself failed. A body that shows a difference belongs
// into regressions.json, in base64.
//
// V8 12.8 to 14.6 at least (Node 23 to 26) has an error of its own: once an object with a backslash in a key has been
// parsed, an escaped key in an object of the same shape may come out as that key (nodejs/node#63785). So where the two
// sides differ, the body is parsed again in a new context, which has seen no other; if that agrees with us, the body is
// counted as such an error, and not as a difference.
//
// What is compared, for each body: whether JSON.parse takes it; if so, JSON.stringify(JSON.parse(body)) to the byte, and
// that a body which was said to be canonical already is; if not, that it was refused at a position within the text.

import { createHash } from "node:crypto";
import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createContext, runInContext } from "node:vm";

import { body, random } from "./generate.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { values: options } = parseArgs({
  options: {
    count: { type: "string", default: "100000" },
    seed: { type: "string" },
    binary: { type: "string" },
    wasm: { type: "boolean", default: false },
    "regressions-only": { type: "boolean", default: false },
  },
});
const count = options["regressions-only"] ? 0 : Number(options.count);
const seed = options.seed ?? String(Math.floor(Math.random() * 2 ** 32));
if (!Number.isSafeInteger(count) || count < 0 || !/^\d{1,19}$/.test(seed)) {
  console.error("--count and --seed are whole numbers");
  process.exit(2);
}

function build() {
  execFileSync(
    "cargo",
    ["build", "--quiet", "--release", "-p", "edge-cashier", "--example", "canonicalize_frames"],
    {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  const target = process.env.CARGO_TARGET_DIR ?? `${root}/target`;
  return `${target}/release/examples/canonicalize_frames`;
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What the engine makes of a body: its canonical form, or nothing. */
function oracle(bytes, json = JSON) {
  let text;
  try {
    text = decoder.decode(bytes);
  } catch {
    return undefined;
  }
  try {
    return json.stringify(json.parse(text));
  } catch (error) {
    if (error.name === "SyntaxError") return undefined;
    throw error;
  }
}

/** Canonicalizes all the bodies in one go through the native side. */
function canonicalizeAll(child, bodies) {
  const head = Buffer.alloc(4 * bodies.length);
  const input = [];
  bodies.forEach((bytes, i) => {
    head.writeUInt32LE(bytes.length, 4 * i);
    input.push(head.subarray(4 * i, 4 * i + 4), bytes);
  });
  const answers = child.answers(bodies.length);
  child.write(Buffer.concat(input));
  return answers;
}

/**
 * The same answers from the package, which says no more than whether and how it refuses. There the canonical text is the host's own, so the proof in the wasm is
 * asked too: it must take the signature of that text, and no other.
 */
async function startWasm() {
  const { canonicalize, Webhook } = await import("edge-cashier");
  const password = "spg_test_fuzz";
  const webhook = new Webhook(password);
  const sign = (text) => createHash("sha1").update(text).digest("hex");
  const outcome = (bytes, signature) => {
    try {
      return webhook.verify(bytes, signature).matched;
    } catch ({ code }) {
      return code;
    }
  };
  const answer = (bytes) => {
    try {
      const text = canonicalize(bytes);
      const right = outcome(bytes, sign(text + password));
      const wrong = outcome(bytes, sign(`other${text}${password}`));
      // Few of these bodies are an event.
      const fits = /^(canonical|not_a_webhook)$/.test(right) && wrong === "signature_mismatch";
      return { how: 0, text: fits ? text : `verified as ${right}, and another signature as ${wrong}` };
    } catch (error) {
      if (error.code !== "not_json") throw error;
      return { how: 2, text: "0" };
    }
  };
  return { canonicalizeAll: async (bodies) => bodies.map(answer), end: async () => {} };
}

function start(binary) {
  const process_ = spawn(binary, { stdio: ["pipe", "pipe", "inherit"] });
  let pending = Buffer.alloc(0);
  let ended = false;
  let wake = () => {};
  process_.stdout.on("data", (chunk) => {
    pending = pending.length ? Buffer.concat([pending, chunk]) : chunk;
    wake();
  });
  const exit = new Promise((resolve, reject) => {
    process_.on("error", reject);
    process_.on("close", (code, signal) => {
      ended = true;
      wake();
      if (code === 0) resolve();
      else reject(new Error(`the Rust side ended with ${signal ?? code}`));
    });
  });
  exit.catch(() => {});
  const child = {
    canonicalizeAll: (bodies) => canonicalizeAll(child, bodies),
    write: (bytes) => process_.stdin.write(bytes),
    end: () => {
      process_.stdin.end();
      return exit;
    },
    async answers(n) {
      const result = [];
      let at = 0;
      while (result.length < n) {
        if (pending.length >= at + 5 && pending.length >= at + 5 + pending.readUInt32LE(at + 1)) {
          const end = at + 5 + pending.readUInt32LE(at + 1);
          result.push({ how: pending[at], text: pending.toString("utf8", at + 5, end) });
          at = end;
          continue;
        }
        pending = pending.subarray(at);
        at = 0;
        if (ended) await exit.then(() => Promise.reject(new Error("the Rust side ended too early")));
        await new Promise((resolve) => {
          wake = resolve;
        });
      }
      pending = pending.subarray(at);
      return result;
    },
  };
  return child;
}

/** What is wrong with an answer, or nothing. */
function difference(bytes, expected, answer) {
  if (expected === undefined) {
    if (answer.how !== 2) return `JSON.parse refuses it, we made ${answer.text}`;
    return Number(answer.text) <= bytes.length ? undefined : `refused at ${answer.text}, behind the end`;
  }
  if (answer.how === 2) return `JSON.parse takes it, we refuse it at byte ${answer.text}`;
  if (answer.text !== expected) return `expected ${expected}\n         was ${answer.text}`;
  return undefined;
}

const tally = { bodies: 0, accepted: 0, already: 0, refused: 0, engine: 0, differences: 0 };

function compare(bodies, answers) {
  bodies.forEach((bytes, i) => {
    const expected = oracle(bytes);
    const answer = answers[i];
    tally.bodies++;
    if (answer.how === 2) tally.refused++;
    else tally.accepted++;
    if (answer.how === 1) tally.already++;
    let what = difference(bytes, expected, answer);
    if (
      what !== undefined &&
      difference(bytes, oracle(bytes, runInContext("JSON", createContext())), answer) === undefined
    ) {
      tally.engine++;
      what = undefined;
    }
    if (what !== undefined && ++tally.differences <= 20) {
      console.log(
        `DIFFERENCE in ${JSON.stringify(bytes.toString("latin1"))}\n  base64 ${bytes.toString("base64")}\n  ${what}`,
      );
    }
  });
}

const regressions = JSON.parse(readFileSync(new URL("regressions.json", import.meta.url), "utf8"));
const batches = function* () {
  yield regressions.bodies.map((entry) => Buffer.from(entry.base64, "base64"));
  for (const run of [...regressions.seeds, { seed, count }]) {
    const r = random(run.seed);
    for (let left = run.count; left > 0; left -= 2000) {
      yield Array.from({ length: Math.min(left, 2000) }, () => body(r));
    }
  }
};

try {
  const began = performance.now();
  const child = options.wasm ? await startWasm() : start(options.binary ?? build());
  // The Rust side works on the next bodies while this one compares the last.
  let last;
  for (const bodies of batches()) {
    const done = last && { bodies: last.bodies, answers: await last.answers };
    last = { bodies, answers: child.canonicalizeAll(bodies) };
    last.answers.catch(() => {}); // awaited in the next round
    if (done) compare(done.bodies, done.answers);
  }
  compare(last.bodies, await last.answers);
  await child.end();
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(
    `fuzz${options.wasm ? " (wasm)" : ""}: seed ${seed}, ${count} bodies and ${tally.bodies - count} kept ones against V8 ${process.versions.v8} in ${seconds} s: ` +
      `${tally.accepted} accepted (${tally.already} already canonical), ${tally.refused} refused, ${tally.engine} errors of the engine itself, ${tally.differences} differences`,
  );
  process.exit(tally.differences === 0 ? 0 : 1);
} catch (error) {
  console.error(`fuzz: ${error.stack ?? error}`);
  process.exit(2);
}
