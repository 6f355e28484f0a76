// What is in the tarball of `edge-cashier-worker`: the built Worker, and nothing of the machine that built it.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, relative } from "node:path";
import { before, test } from "node:test";
import { emptyProject } from "../runtimes/support/project.mjs";
import { root } from "../runtimes/support/run.mjs";

let installed;
let files;
const content = (name) => readFileSync(join(installed, name));
before(async () => {
  installed = join(await emptyProject("edge-cashier-worker"), "node_modules/edge-cashier-worker");
  files = readdirSync(installed, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(installed, join(entry.parentPath, entry.name)))
    .sort();
});

test("the tarball holds exactly these files", () => {
  assert.deepEqual(files, [
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "dist/index.js",
    "dist/index_bg.wasm",
    "dist/sbom.cdx.json",
    "index.d.ts",
    "package.json",
  ]);
});

test("the Worker and the licences in it are the work tree's", () => {
  for (const [packed, source] of [
    ["dist/index.js", "worker/build/index.js"],
    ["dist/index_bg.wasm", "worker/build/index_bg.wasm"],
    ["LICENSE-APACHE", "LICENSE-APACHE"],
    ["LICENSE-MIT", "LICENSE-MIT"],
  ])
    assert.ok(content(packed).equals(readFileSync(join(root, source))), packed);
});

test("its version is that of the workspace and of the package whose command asks for it", () => {
  const { version } = JSON.parse(content("package.json"));
  const { version: asking } = JSON.parse(readFileSync(join(root, "pkg/package.json"), "utf8"));
  const cargo = /^\[workspace\.package\]\nversion = "(.*)"$/m.exec(
    readFileSync(join(root, "Cargo.toml"), "utf8"),
  );
  assert.deepEqual({ version, asking }, { version: cargo[1], asking: cargo[1] });
});

test("installing it runs nothing and brings nothing along", () => {
  const manifest = JSON.parse(content("package.json"));
  const kinds = ["dependencies", "optionalDependencies", "peerDependencies", "bundleDependencies", "scripts"];
  assert.deepEqual(
    kinds.filter((kind) => kind in manifest),
    [],
  );
});

test("no source map, and no path of the machine that built it", () => {
  const traces = [`${homedir()}/`, `${root}/`, ".cargo/registry", "sourceMappingURL"];
  const seen = files.flatMap((name) =>
    traces.filter((trace) => content(name).includes(trace)).map((trace) => `${name}: ${trace}`),
  );
  assert.deepEqual(seen, []);
});
