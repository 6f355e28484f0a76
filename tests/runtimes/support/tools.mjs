// Tool folders outside the root workspaces: each has its own lock file and is installed by whoever needs it, when it needs it.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { must, root } from "./run.mjs";

/** Makes sure that `folder/node_modules` is what `folder/package-lock.json` says; says so when it has to install. */
export async function installTools(folder) {
  const stamp = join(folder, "node_modules/.edge-cashier-lock");
  const wanted = ["package.json", "package-lock.json"]
    .reduce((hash, name) => hash.update(readFileSync(join(folder, name))), createHash("sha256"))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.log(`installing the tools of ${relative(root, folder)} (npm ci, once per lock file)`);
  await must("npm", ["ci", "--no-audit", "--no-fund", "--loglevel", "error"], { cwd: folder, seconds: 1200 });
  writeFileSync(stamp, wanted);
}

// Before suites whose files run at the same time, so that no two of them install into one folder: `node tests/runtimes/support/tools.mjs FOLDER...`
if (import.meta.main) for (const folder of process.argv.slice(2)) await installTools(resolve(root, folder));
