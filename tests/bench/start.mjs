// Import and the first verified webhook, against importing stripe-node, each in fresh processes: bundled and minified by the same rules. `cargo xtask bench` runs it.
//
//     node tests/bench/start.mjs
//
// In Node the program measures itself, from before the import on. In workerd, whose clock does not move while a program runs, it is what the process took until its
// first answer, less that of an empty Worker: processor time where the system tells it (Linux), since starting a process waits for much else; elsewhere the clock's.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { BODY, bundle, compare, medians, PASSWORD, SIGNATURE } from "./support.mjs";

const ROUNDS = 15;
/** At most the peer's time. */
const BUDGET = { unit: "ms", most: 1 };
/**
 * The whole client in workerd, which compiles a module of the configuration at once and whole: half of the time is that of its size, and its size is that all rules are
 * in it once. A server that only verifies imports `edge-cashier/webhook`.
 */
const WHOLE_CLIENT_IN_WORKERD = { ...BUDGET, most: 1.35 };

const verified = `new Webhook(${JSON.stringify(PASSWORD)}).verify(${JSON.stringify(BODY)}, "${SIGNATURE}").amount`;
const programs = {
  "edge-cashier": { head: 'import { Webhook } from "edge-cashier";', value: verified, gives: "200.00" },
  "edge-cashier/webhook": {
    head: 'import { Webhook } from "edge-cashier/webhook";',
    value: verified,
    gives: "200.00",
  },
  "stripe-node": { head: 'import Stripe from "stripe";', value: "typeof Stripe", gives: "function" },
};

/** Milliseconds in a fresh Node, which prints them. */
async function inNode(file, gives) {
  const timed = `const start = performance.now(); const { value } = await import(${JSON.stringify(file)}); console.log(JSON.stringify([performance.now() - start, value]));`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", timed], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.on("data", (data) => (printed += data));
  const [code] = await once(child, "close");
  assert.equal(code, 0);
  const [milliseconds, value] = JSON.parse(printed);
  assert.equal(value, gives);
  return milliseconds;
}

const workerd = createRequire(import.meta.url)("workerd").default;

/** The configuration of a Worker of these modules, the first of which is its entry; the server chooses the port. */
function configure([entry, ...wasm]) {
  const modules = [
    `(name = "${basename(entry)}", esModule = embed "${basename(entry)}")`,
    ...wasm.map((path) => `(name = "${basename(path)}", wasm = embed "${basename(path)}")`),
  ];
  const config = join(dirname(entry), "config.capnp");
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = (modules = [${modules.join(", ")}], compatibilityDate = "2026-01-01"))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
`,
  );
  return config;
}

/** Milliseconds that all threads of a process have run; none where the system does not tell. */
function processorTime(pid) {
  if (process.platform !== "linux") return undefined;
  const nanoseconds = (thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
  const threads = readdirSync(`/proc/${pid}/task`);
  return threads.reduce((sum, thread) => sum + nanoseconds(thread), 0) / 1e6;
}

/** Milliseconds that a fresh workerd takes until its first answer. */
async function inWorkerd(config, gives) {
  const start = performance.now();
  const child = spawn(workerd, ["serve", config, "--control-fd=3"], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  try {
    const [listening] = await once(child.stdio[3], "data");
    const { port } = JSON.parse(String(listening).split("\n")[0]);
    const answer = await (await fetch(`http://127.0.0.1:${port}/`)).text();
    const milliseconds = performance.now() - start;
    assert.equal(answer, gives);
    return processorTime(child.pid) ?? milliseconds;
  } finally {
    const closed = once(child, "close");
    child.kill();
    await closed;
  }
}

const node = {};
const workers = { empty: { head: "", value: '"empty"', gives: "empty" }, ...programs };
for (const [name, { head, value, gives }] of Object.entries(programs)) {
  const [file] = await bundle(`node/${name}`, `${head} export const value = ${value};`, { platform: "node" });
  node[name] = () => inNode(file, gives);
}
for (const [name, { head, value, gives }] of Object.entries(workers)) {
  const worker = `${head} export default { fetch() { return new Response(${value}); } };`;
  const files = await bundle(`workerd/${name}`, worker, {
    platform: "browser",
    conditions: ["workerd", "worker", "browser"],
  });
  const config = configure(files);
  workers[name] = () => inWorkerd(config, gives);
}

console.log(
  `${"import and first verified webhook".padEnd(58)}${"ours".padStart(10)}${"stripe".padStart(10)}`,
);
const inNodes = await medians(ROUNDS, node);
const inWorkers = await medians(ROUNDS, workers);
for (const name of ["edge-cashier", "edge-cashier/webhook"]) {
  compare(`${name}, Node ${process.version}`, inNodes[name], inNodes["stripe-node"], BUDGET);
  compare(
    `${name}, workerd beyond an empty Worker's ${inWorkers.empty.toFixed(0)} ms`,
    inWorkers[name] - inWorkers.empty,
    inWorkers["stripe-node"] - inWorkers.empty,
    name === "edge-cashier" ? WHOLE_CLIENT_IN_WORKERD : BUDGET,
  );
}
