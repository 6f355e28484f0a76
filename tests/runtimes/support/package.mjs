// The package as a user gets it: packed by npm, never taken from the work tree.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { must, root } from "./run.mjs";

const base = join(import.meta.dirname, "../.work");
mkdirSync(base, { recursive: true });

/** A folder of this process alone, gone when it ends. Inside tests/runtimes, so that the projects in it find the tools. */
export const workspace = mkdtempSync(join(base, "run-"));
process.on("exit", () => rmSync(workspace, { recursive: true, force: true }));

let packed;

/**
 * The packed package. `EDGE_CASHIER_TARBALL` names one that is packed already, so that a release tests the very
 * file that it publishes.
 */
export function pack() {
  packed ??= packOnce();
  return packed;
}

async function packOnce() {
  const given = process.env.EDGE_CASHIER_TARBALL;
  if (given) return { tarball: resolve(given) };
  const source = join(root, "pkg");
  assert.ok(
    existsSync(join(source, "dist/index.js")),
    "pkg/dist is not built: run `cargo xtask build package`",
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
