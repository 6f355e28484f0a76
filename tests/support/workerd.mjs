// Starts the built Workers in real workerd (through Miniflare): real HTTP on a free port, Durable Objects with SQLite on disk.
//
//   const worker = await startWorker({ vars: { GATEWAY_BASE_URL: gateway.url } });
//   await fetch(`${worker.url}/healthz`);
//   await worker.stop();
//
// Bindings (Durable Objects, limits, assets) are read from each Worker's wrangler.jsonc by wrangler itself, so that nothing is said twice here.

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { secretsIn, watch } from "./secrets.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Secrets and variables that make a whole configuration. Every value looks fake, so that a leak is easily found. */
export const WORKER_VARS = {
  GATEWAY_BASE_URL: "http://localhost:9",
  CASHIER_URL: "http://localhost:9/cashier/{token}",
  ALLOWED_ORIGINS: "http://localhost:8787,https://shop.example.com",
  TICKET_AUDIENCE: "edge-cashier",
  // No test fails because a busy machine stood still; one that waits for a timeout gives a short one.
  GATEWAY_TIMEOUT_MS: "20000",
  GATEWAY_API_KEY: "obviously-fake-api-key-4711",
  WEBHOOK_PASSWORDS: "obviously-fake-webhook-password-4711",
  TICKET_SECRET: "obviously-fake-ticket-secret-of-32-bytes-or-more",
};

/** The simulator's configuration, matching the Worker's. */
export const SIMULATOR_VARS = {
  API_KEYS: WORKER_VARS.GATEWAY_API_KEY,
  WEBHOOK_PASSWORD: WORKER_VARS.WEBHOOK_PASSWORDS,
  SHOP_TICKET_SECRET: WORKER_VARS.TICKET_SECRET,
  SHOP_AUDIENCE: WORKER_VARS.TICKET_AUDIENCE,
  SHOP_ORIGIN: "http://localhost:8787",
  // Nothing listens there: who wants webhooks or a way back says where.
  WEBHOOK_URL: "http://localhost:9/v1/webhooks",
  RETURN_URL: "http://localhost:9/return",
};

/**
 * The Worker. `vars` are laid over {@link WORKER_VARS}; a variable that is `null` is not set.
 * @param {{ vars?: Record<string, string | null>, port?: number, persist?: string, assets?: string, rateLimit?: { of: string, limit: number, period: 10 | 60 } | false,
 *   without?: string[], objects?: Record<string, string | null>, logEvents?: boolean, outbound?: (request: Request) => Promise<Response>, inspect?: boolean, build?: string, mayShow?: string[] }} [options] `without` names bindings
 *   of storage (Durable Objects, D1, Analytics Engine) to leave out, for tests of what happens when storage cannot be reached; `objects` are variables that only the version of the
 *   Worker has which runs the objects, as while one version replaces another; `logEvents` writes the data points for
 *   Analytics Engine into the log; `outbound` answers every request that the Worker sends, in the network's place; with `inspect` the returned
 *   `sql(tracking_id, query, ...values)` asks a payment's own database, and `hurry(tracking_id)` makes due what it waits for; `build` is the folder of another build of the Worker; `mayShow` lists secrets that a test shows on purpose
 */
export function startWorker({ vars = {}, ...options } = {}) {
  return start("worker", { ...WORKER_VARS, ...vars }, options);
}

/**
 * The simulated gateway, with the same options (`rateLimit` and `assets` mean nothing to it).
 * @param {{ vars?: Record<string, string | null>, port?: number, persist?: string }} [options]
 */
export function startSimulator({ vars = {}, ...options } = {}) {
  return start("simulator", { ...SIMULATOR_VARS, ...vars }, options);
}

/** A Worker in the place of Analytics Engine, which keeps nothing locally. */
const EVENT_LOG = {
  binding: { name: "events", entrypoint: "Events" },
  worker: {
    name: "events",
    modules: true,
    script: `import { WorkerEntrypoint } from "cloudflare:workers";
      export class Events extends WorkerEntrypoint { writeDataPoint(point) { console.log(JSON.stringify({ point })); } }
      export default {};`,
    compatibilityDate: "2026-10-01",
  },
};

/**
 * A running Worker.
 * @typedef {object} Running
 * @property {string} url its origin, without a slash at the end
 * @property {{ level: string, message: string }[]} logs every line that it wrote to the console
 * @property {() => Promise<string>} scheduled fires the cron, and gives its outcome when it is done: `ok`
 * @property {(tracking_id: string, query: string, ...values: unknown[]) => Promise<object[]>} sql asks a payment's own database; needs `inspect`
 * @property {(tracking_id: string) => Promise<void>} hurry makes what waits in a payment due, so that its alarm comes now, after one that runs; needs `inspect`
 * @property {(tracking_id: string) => Promise<number | null>} alarmAt when a payment's alarm is to come, in milliseconds since 1970; needs `inspect`
 * @property {() => Promise<void>} stop ends it; storage that it made itself is removed. It fails when a secret was in the log or, of the Worker, in an answer
 * @property {() => number} answers how many answers were searched for secrets
 */

/** The built classes in ones that Miniflare can look into and hurry: the build's own extend nothing, and so take no calls but requests. */
const INSPECTED = `
  import { DurableObject } from "cloudflare:workers";
  import * as build from "./index.js";
  export default build.default;
  const inspected = (Built) => class extends DurableObject {
    #object = new Built(this.ctx, this.env);
    #held;
    async fetch(request) {
      await this.#held?.promise;
      return this.#object.fetch(request);
    }
    /** Lets every request wait until it is released. */
    hold() { this.#held = Promise.withResolvers(); }
    release() { this.#held.resolve(); this.#held = undefined; }
    #alarm;
    alarm() { return this.#alarm = this.#object.alarm(); }
    async hurry() {
      // What it is about to put off is put off first.
      await this.#alarm;
      this.ctx.storage.sql.exec("UPDATE delivery SET next_at = 1 WHERE state = 'waiting'; UPDATE payment SET index_at = 1");
      await this.ctx.storage.setAlarm(Date.now());
    }
    alarmAt() { return this.ctx.storage.getAlarm(); }
  };
  export const Attempts = inspected(build.Attempts);
  export const Payment = inspected(build.Payment);
`;

/** @returns {Promise<Running>} */
async function start(
  part,
  vars,
  {
    port = 0,
    persist,
    assets,
    rateLimit = false,
    without = [],
    objects,
    logEvents = false,
    outbound,
    inspect = false,
    build = join(ROOT, part, "build"),
    mayShow = [],
  },
) {
  if (!existsSync(join(build, "index.js"))) {
    throw new Error(`${build}/index.js is missing; make it with \`cargo xtask build ${part}\``);
  }
  const temporary = await mkdtemp(join(tmpdir(), `edge-cashier-${part}-`));
  const storage = persist ?? join(temporary, "storage");
  const options = await workerOptions(part, { assets, temporary });
  const logs = [];
  const worker = {
    ...options,
    name: `edge-cashier-${part}`,
    modulesRoot: build,
    modules: [
      ...(inspect ? [{ type: "ESModule", path: join(build, "inspect.js"), contents: INSPECTED }] : []),
      { type: "ESModule", path: join(build, "index.js") },
      { type: "CompiledWasm", path: join(build, "index_bg.wasm") },
    ],
    bindings: bindings(vars),
    durableObjects: leaveOut(options.durableObjects, without),
    d1Databases: leaveOut(options.d1Databases, without),
    analyticsEngineDatasets: leaveOut(options.analyticsEngineDatasets, logEvents ? ["EVENTS"] : without),
    ratelimits: rateLimit ? withLimit(options.ratelimits, rateLimit) : undefined,
    // What the Worker sends to an address that this machine does not have.
    ...(outbound && { outboundService: outbound }),
    ...(logEvents && { serviceBindings: { ...options.serviceBindings, EVENTS: EVENT_LOG.binding } }),
    // Tests say where they come from; in production Cloudflare does.
    stripCfConnectingIp: false,
  };
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port,
      log: new Log(LogLevel.NONE),
      resourcePersistencePath: storage,
      unsafeInspectDurableObjects: inspect,
      handleStructuredLogs: ({ level, message }) => logs.push({ level, message }),
      workers: [
        ...(objects ? [frontOf(worker)] : []),
        { ...worker, bindings: bindings({ ...vars, ...objects }) },
        ...(logEvents ? [EVENT_LOG.worker] : []),
      ],
    }),
  );
  const dispose = async () => {
    await miniflare.dispose();
    await rm(temporary, { recursive: true, force: true });
  };
  const { origin: url } = await miniflare.ready.catch(async (error) => {
    // What is half started would keep the process alive.
    await dispose();
    throw error;
  });
  const secrets = secretsIn(vars).filter((secret) => !mayShow.includes(secret));
  // The simulator's control API shows its settings, passwords and all.
  const watching = watch(part === "worker" ? url : part, secrets);
  const stop = async () => {
    await dispose();
    watching.end(logs.map(({ message }) => message));
  };
  const scheduled = async () =>
    (await (await miniflare.getWorker()).scheduled({ cron: "17 * * * *" })).outcome;
  const sql = async (name, query, ...values) => {
    const script = `edge-cashier-${part}`;
    const database = await miniflare.unsafeGetDurableObjectStorage(script, "Payment", { name });
    return database.exec(query, ...values);
  };
  const payment = async (name) => {
    const payments = await miniflare.getDurableObjectNamespace("PAYMENT");
    return payments.get(payments.idFromName(name));
  };
  const hurry = async (name) => (await payment(name)).hurry();
  const alarmAt = async (name) => (await payment(name)).alarmAt();
  return { url, logs, miniflare, scheduled, sql, hurry, alarmAt, stop, secrets, answers: watching.answers };
}

const bindings = (vars) => Object.fromEntries(Object.entries(vars).filter(([, value]) => value !== null));

/** The same Worker as another isolate, whose objects are run by the first. */
function frontOf({ name, durableObjects, ...worker }) {
  const elsewhere = ([binding, object]) => [binding, { ...object, scriptName: name }];
  return {
    ...worker,
    name: `${name}-front`,
    durableObjects: Object.fromEntries(Object.entries(durableObjects).map(elsewhere)),
  };
}

const leaveOut = (bindings = {}, names) =>
  Object.fromEntries(Object.entries(bindings).filter(([name]) => !names.includes(name)));

/** What wrangler.jsonc says, with a directory of files that is there even before the storefront is built. */
async function workerOptions(part, { assets, temporary }) {
  const config = join(ROOT, part, "wrangler.jsonc");
  let directory = assets;
  if (!directory) {
    directory = join(temporary, "assets");
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, "index.html"), "<!doctype html><title>storefront</title>");
  }
  const { workerOptions } = unstable_getMiniflareWorkerOptions(config, undefined, {
    overrides: part === "worker" ? { assets: { directory } } : {},
  });
  return workerOptions;
}

/** The limits of wrangler.jsonc, one of them with other numbers. */
function withLimit(ratelimits, { of, ...simple }) {
  return { ...ratelimits, [of]: { ...ratelimits[of], simple } };
}

/** The text of a built file, for tests that look into the build. */
export function built(part, file) {
  return readFile(join(ROOT, part, "build", file), "utf8");
}

/** A fresh directory for storage that outlives one start; the caller removes it. */
export function storageDirectory() {
  return mkdtemp(join(tmpdir(), "edge-cashier-storage-"));
}

/** The process of the only workerd that this process has started. */
export function processOfWorkerd() {
  const table = execFileSync("ps", ["-A", "-o", "pid=,ppid=,comm="], { encoding: "utf8" });
  const rows = table.split("\n").map((row) => row.trim().split(/\s+/));
  const ours = rows.filter(([, parent, name]) => Number(parent) === process.pid && name?.includes("workerd"));
  if (ours.length !== 1) throw new Error(`${ours.length} processes of workerd`);
  return Number(ours[0][0]);
}
