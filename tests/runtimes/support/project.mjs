// A small real project in a folder of its own, with the packed package installed as a user would install it.
import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pack, workspace } from "./package.mjs";
import { must } from "./run.mjs";

const here = join(import.meta.dirname, "..");
let count = 0;

/** Copies `projects/<name>`, gives it the shared checks, and as `main` the program of every bundler, and installs the tarball without a network. */
export async function project(name, { checksIn = ".", main } = {}) {
  const folder = join(workspace, `${name}-${++count}`);
  cpSync(join(here, "projects", name), folder, { recursive: true });
  cpSync(join(here, "checks.mjs"), join(folder, checksIn, "checks.mjs"));
  if (main) cpSync(join(here, "bundled.js"), join(folder, main));
  return installPacked(folder);
}

/** An empty project with nothing but the package. */
export async function emptyProject(name) {
  const folder = join(workspace, `empty-${++count}`);
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
  return installPacked(folder, name);
}

/** Installs the tarball of a package into a folder. */
export async function installPacked(folder, name = "edge-cashier") {
  const { tarball } = await pack(name);
  await must("npm", ["install", "--offline", "--no-save", "--no-package-lock", "--ignore-scripts", tarball], {
    cwd: folder,
  });
  const installed = join(folder, "node_modules", name);
  assert.ok(existsSync(join(installed, "package.json")), "npm did not install the tarball");
  assert.equal(
    realpathSync(installed),
    join(realpathSync(folder), "node_modules", name),
    "the work tree's package was linked instead",
  );
  return folder;
}
