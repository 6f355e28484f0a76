// What the Worker's measurements share: our Worker and the JavaScript one (`benches/worker-js`) in local workerd, each started the same way from its own
// wrangler.jsonc, and a client that sends signed webhooks over kept connections.
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { Agent, request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { WORKER_VARS } from "../support/workerd.mjs";

const root = join(import.meta.dirname, "../..");
const PASSWORD = WORKER_VARS.WEBHOOK_PASSWORDS;
/** How many webhooks are on their way at once. */
const CONNECTIONS = 32;
/** In memory where the system has such a folder: what a disk takes is the same for both, and its pauses would hide their difference. */
const STORAGE = process.env.BENCH_STORAGE ?? (existsSync("/dev/shm") ? "/dev/shm" : tmpdir());

/** The JavaScript Worker as wrangler would upload it: one file. */
async function bundleJavaScript() {
  const outfile = join(root, "target/bench/worker-js/index.js");
  await build({
    entryPoints: [join(root, "benches/worker-js/src/index.js")],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    external: ["cloudflare:workers"],
    outfile,
  });
  return [{ type: "ESModule", path: outfile }];
}

function ourModules() {
  const folder = join(root, "worker/build");
  if (!existsSync(join(folder, "index.js")))
    throw new Error("worker/build/index.js is missing; make it with `cargo xtask build worker`");
  return [
    { type: "ESModule", path: join(folder, "index.js") },
    { type: "CompiledWasm", path: join(folder, "index_bg.wasm") },
  ];
}

/** The two Workers, by the names under which they are printed. */
const WORKERS = {
  ours: { folder: "worker", modules: ourModules(), vars: WORKER_VARS },
  javascript: {
    folder: "benches/worker-js",
    modules: await bundleJavaScript(),
    vars: { WEBHOOK_PASSWORDS: PASSWORD },
  },
};
export const NAMES = Object.keys(WORKERS);

/**
 * Starts a Worker with empty storage. Requests reach it directly, without Miniflare's own entry Worker and without the router of assets, which would slow both alike and
 * hide their difference. `inspect` gives {@link Miniflare.unsafeGetDurableObjectStorage}; `withoutObjects` leaves out what webhooks are recorded in.
 */
export async function start(name, { inspect = false, withoutObjects = false } = {}) {
  const { folder, modules, vars } = WORKERS[name];
  const { assets: _, ...config } = unstable_getMiniflareWorkerOptions(
    join(root, folder, "wrangler.jsonc"),
  ).workerOptions;
  const storage = mkdtempSync(join(STORAGE, `edge-cashier-bench-${name}-`));
  // Also when the measurement is interrupted: it may be in memory.
  const forget = () => rmSync(storage, { recursive: true, force: true });
  process.once("exit", forget);
  const before = children();
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      log: new Log(LogLevel.NONE),
      resourcePersistencePath: storage,
      unsafeInspectDurableObjects: inspect,
      // Both write a line for each request; nobody reads it here.
      handleStructuredLogs: () => {},
      workers: [
        {
          ...config,
          name,
          modulesRoot: dirname(modules[0].path),
          modules,
          bindings: vars,
          durableObjects: withoutObjects ? undefined : config.durableObjects,
          ratelimits: undefined,
          // Miniflare stands in for these by Workers of its own, whose start would count as ours; a webhook touches neither.
          d1Databases: undefined,
          analyticsEngineDatasets: undefined,
          unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
        },
      ],
    }),
  );
  const stop = async () => {
    await miniflare.dispose();
    forget();
    process.off("exit", forget);
  };
  try {
    await miniflare.ready;
    const { origin } = await miniflare.unsafeGetDirectURL(name);
    // The one that was not there before; only Linux tells.
    const pid = children().find((child) => !before.includes(child));
    return { name, url: origin, pid, miniflare, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The processes that this one has started; none where the system does not tell. */
function children() {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc/self/task").flatMap((thread) =>
    readFileSync(`/proc/self/task/${thread}/children`, "utf8").split(" ").filter(Boolean).map(Number),
  );
}

/** Milliseconds that all threads of a process have run; none where the system does not tell. */
export function processorTime(pid) {
  if (pid === undefined) return undefined;
  const nanoseconds = (thread) =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
  return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => sum + nanoseconds(thread), 0) / 1e6;
}

/** Bytes of memory that a process holds. */
export function memoryOf(pid) {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(kilobytes) * 1024;
}

/** The webhooks of so many new payments, signed, in an order in which those of one payment are some hundred apart: pending, successful, and successful again. */
export function webhooks(payments) {
  const events = Array.from({ length: payments }, () => {
    const tracking_id = randomUUID();
    return (status) => webhook(tracking_id, status);
  });
  const list = [];
  for (let from = 0; from < payments; from += 100) {
    const some = events.slice(from, from + 100);
    for (const status of ["pending", "successful", "successful"])
      list.push(...some.map((event) => event(status)));
  }
  return list;
}

/** A webhook of the documented form, as it goes over the wire. */
export function webhook(tracking_id = randomUUID(), status = "successful") {
  const body = JSON.stringify({
    transaction_id: `tx-${tracking_id.slice(0, 13)}`,
    user_id: "1111222",
    tracking_id,
    status,
    currency: "GBP",
    amount: "200.00",
    transaction_type: "deposit",
  });
  return { body, signature: sign(body) };
}

/** The documented signature of a body that is already what `JSON.stringify` writes. */
export function sign(body) {
  return createHash("sha1")
    .update(body + PASSWORD)
    .digest("hex")
    .toUpperCase();
}

/** A client with its own kept connections to a Worker. */
export function client({ url }) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const { hostname, port } = new URL(url);

  /** Sends one request and gives its status, once all of the answer is here. */
  function send(method, path, body, headers = {}) {
    return new Promise((resolve, reject) => {
      const request = httpRequest({ agent, hostname, port, method, path, headers }, (response) => {
        response.on("error", reject).on("end", () => resolve(response.statusCode));
        response.resume();
      });
      request.on("error", reject).end(body);
    });
  }

  const post = ({ body, signature }) =>
    send("POST", "/v1/webhooks", body, {
      "content-type": "application/json",
      "content-length": Buffer.byteLength(body),
      ...(signature === undefined ? {} : { "x-signature": signature }),
    });

  /** Sends all of them over all connections. Gives milliseconds: of the whole, and of each webhook. Every answer must be 204. */
  async function intake(list) {
    const latencies = new Float64Array(list.length);
    let next = 0;
    const start = performance.now();
    const connection = async () => {
      while (next < list.length) {
        const index = next++;
        const sent = performance.now();
        assert.equal(await post(list[index]), 204);
        latencies[index] = performance.now() - sent;
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, connection));
    return { milliseconds: performance.now() - start, latencies };
  }

  return { send, post, intake, close: () => agent.destroy() };
}

/** The value below which so large a part of the sorted values is. */
export function quantile(values, part) {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

export const median = (values) => quantile(values, 0.5);

/**
 * Prints both figures and the ratio of ours to JavaScript's beside its budget, which is `{ least }` or `{ most }`, or none. Ends the process with 1 when it is missed.
 * The ratio is the median over rounds: the two of a round are measured one after the other, so what else the machine does slows both.
 */
export function compare(what, unit, digits, rounds, budget = {}) {
  const figure = (name) => `${median(rounds.map((round) => round[name])).toFixed(digits)} ${unit}`;
  const ratio = median(rounds.map(({ ours, javascript }) => ours / javascript));
  const missed = ratio > (budget.most ?? Infinity) || ratio < (budget.least ?? 0);
  const wanted =
    budget.most === undefined
      ? budget.least === undefined
        ? ""
        : `(at least ${budget.least}x)`
      : `(at most ${budget.most}x)`;
  const figures = figure("ours").padStart(12) + figure("javascript").padStart(12);
  console.log(
    `${what.padEnd(52)}${figures}${`${ratio.toFixed(2)}x`.padStart(8)}  ${wanted}${missed ? "  OVER BUDGET" : ""}`.trimEnd(),
  );
  if (missed) process.exitCode = 1;
}

/** The line above the figures. */
export function heading(what) {
  console.log(`${what.padEnd(52)}${"ours".padStart(12)}${"JavaScript".padStart(12)}`);
}
