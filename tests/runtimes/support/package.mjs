// The packages as a user gets them: packed by npm, never taken from the work tree.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { must, root } from "./run.mjs";

const base = join(import.meta.dirname, "../.work");
mkdirSync(base, { recursive: true });

/** A folder of this process alone, gone when it ends. Inside tests/runtimes, so that the projects in it find the tools. */
export const workspace = mkdtempSync(join(base, "run-"));
process.on("exit", () => rmSync(workspace, { recursive: true, force: true }));

/** Where each package is, what builds it, and the variable that names one that is packed already: a release tests the very file that it publishes. */
const packages = {
  "edge-cashier": { folder: "pkg", part: "package", variable: "EDGE_CASHIER_TARBALL" },
  "edge-cashier-worker": {
    folder: "worker/npm",
    part: "worker-package",
    variable: "EDGE_CASHIER_WORKER_TARBALL",
  },
};
const packed = {};

/** A packed package. */
export function pack(name = "edge-cashier") {
  return (packed[name] ??= packOnce(packages[name]));
}

async function packOnce({ folder, part, variable }) {
  const given = process.env[variable];
  if (given) return { tarball: resolve(given) };
  const source = join(root, folder);
  assert.ok(
    existsSync(join(source, "dist/index.js")),
    `${folder}/dist is not built: run \`cargo xtask build ${part}\``,
  );
  const { stdout } = await must(
    "npm",
    ["pack", "--json", "--ignore-scripts", "--pack-destination", workspace],
    {
      cwd: source,
    },
  );
  return { tarball: join(workspace, JSON.parse(stdout)[0].filename) };
}
