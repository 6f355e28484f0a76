// Fills worker/npm/dist with the built Worker and its bill of materials, for `cargo xtask build worker-package`.
import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const build = join(import.meta.dirname, "../build");
const dist = join(import.meta.dirname, "dist");
if (!existsSync(join(build, "index.js")))
  throw new Error("the Worker is not built: run `cargo xtask build worker`");

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
for (const file of ["index.js", "index_bg.wasm"]) copyFileSync(join(build, file), join(dist, file));
const sbom = join(import.meta.dirname, "../../pkg/scripts/sbom.mjs");
execFileSync(process.execPath, [sbom, "worker/npm"], { stdio: "inherit" });
