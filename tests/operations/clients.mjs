// The two sides that the package is called from: this Node, and a Worker in real workerd.
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, beforeEach, describe } from "node:test";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { startGateway } from "./gateway.mjs";
import { perform } from "./perform.mjs";

/** @typedef {{ call(task: object): Promise<{ reply?: any, error?: any }>, runtime: RegExp, stop(): Promise<void> }} Client */

/** @returns {Promise<Client>} */
async function nodeClient() {
  return { call: perform, runtime: /\(node\/\d+\.\d+\.\d+\)/, stop: async () => {} };
}

/** @returns {Promise<Client>} */
async function workerdClient() {
  const folder = mkdtempSync(join(tmpdir(), "edge-cashier-client-"));
  const { metafile } = await build({
    entryPoints: [join(import.meta.dirname, "client-worker.mjs")],
    outdir: folder,
    entryNames: "worker",
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker", "browser"],
    // As wrangler does: the file lies beside the bundle and is imported, so that workerd compiles it.
    loader: { ".wasm": "copy" },
    metafile: true,
    logLevel: "warning",
  });
  const inputs = Object.keys(metafile.inputs)
    .filter((path) => path.includes("pkg/dist/"))
    .map((path) => basename(path));
  assert.ok(
    inputs.includes("workerd.js") && inputs.includes("core_bg.wasm"),
    `the workerd condition was not taken: ${inputs}`,
  );
  assert.ok(
    !inputs.includes("core-inline.js"),
    "the inlined wasm was bundled, which workerd refuses to compile",
  );
  const wasm = readdirSync(folder).filter((file) => file.endsWith(".wasm"));
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: "127.0.0.1",
      port: 0,
      log: new Log(LogLevel.WARN),
      cf: false,
      workers: [
        {
          name: "client",
          compatibilityDate: "2026-10-01",
          modulesRoot: folder,
          modules: [
            { type: "ESModule", path: join(folder, "worker.js") },
            ...wasm.map((file) => ({ type: "CompiledWasm", path: join(folder, file) })),
          ],
        },
      ],
    }),
  );
  const url = await miniflare.ready;
  return {
    runtime: /\(workerd\)/,
    async call(task) {
      const response = await fetch(url, { method: "POST", body: JSON.stringify(task) });
      assert.equal(response.status, 200, "the Worker itself failed");
      return response.json();
    },
    async stop() {
      await miniflare.dispose();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * Describes tests for each of the two clients. They get the gateway, emptied before each of them, by `at()`; `call` calls a method and gives
 * `{ reply }` or `{ error }`, `reply` its reply alone: an error fails the test with all that it says.
 */
export function withEachClient(define) {
  for (const [where, start] of [
    ["in Node", nodeClient],
    ["in workerd", workerdClient],
  ]) {
    describe(where, () => {
      let gateway;
      let client;
      before(async () => {
        gateway = await startGateway();
        client = await start();
      });
      after(async () => {
        await client?.stop();
        await gateway?.stop();
      });
      beforeEach(() => gateway.reset());
      const call = (method, args = [], options = {}, more = {}) =>
        client.call({ options: gateway.options(options), method, args, ...more });
      const reply = async (method, ...args) => {
        const { reply, error } = await call(method, args);
        assert.equal(error, undefined, JSON.stringify(error));
        return reply;
      };
      define({ at: () => gateway, call, reply, runtime: () => client.runtime, isNode: start === nodeClient });
    });
  }
}
