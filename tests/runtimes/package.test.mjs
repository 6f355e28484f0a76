// What is in the tarball: exactly this, and nothing of the machine that built it.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join, normalize, relative } from "node:path";
import { before, test } from "node:test";
import { emptyProject } from "./support/project.mjs";
import { root } from "./support/run.mjs";

/** A new file in the package is a decision: add it here and say in PACKAGING.md what it is for. */
const expected = [
  "LICENSE-APACHE",
  "LICENSE-MIT",
  "PACKAGING.md",
  "README.md",
  "button/package.json",
  "dist/button.d.ts",
  "dist/button.js",
  "dist/button/element.d.ts",
  "dist/cjs/button.js",
  "dist/cjs/core-inline.js",
  "dist/cjs/core.js",
  "dist/cjs/errors.js",
  "dist/cjs/index.js",
  "dist/cjs/launcher.js",
  "dist/cjs/package.json",
  "dist/cjs/slim.js",
  "dist/cjs/webhook-core.js",
  "dist/cjs/webhook-inline.js",
  "dist/cjs/webhook.js",
  "dist/cli.js",
  "dist/core-inline.js",
  "dist/core-types.d.ts",
  "dist/core.d.ts",
  "dist/core.js",
  "dist/core_bg.wasm",
  "dist/edge-light.js",
  "dist/engine.d.ts",
  "dist/errors.d.ts",
  "dist/errors.js",
  "dist/explaining.d.ts",
  "dist/gateway-types.d.ts",
  "dist/gateway.d.ts",
  "dist/index.d.ts",
  "dist/index.js",
  "dist/launcher-frame.js",
  "dist/launcher.d.ts",
  "dist/launcher.js",
  "dist/launcher/cashier.d.ts",
  "dist/launcher/check.d.ts",
  "dist/launcher/error.d.ts",
  "dist/launcher/events.d.ts",
  "dist/launcher/http.d.ts",
  "dist/launcher/options.d.ts",
  "dist/launcher/result.d.ts",
  "dist/sbom.cdx.json",
  "dist/slim.d.ts",
  "dist/slim.js",
  "dist/types.d.ts",
  "dist/version.d.ts",
  "dist/webhook-class.d.ts",
  "dist/webhook-core.d.ts",
  "dist/webhook-core.js",
  "dist/webhook-edge-light.js",
  "dist/webhook-inline.js",
  "dist/webhook-types.d.ts",
  "dist/webhook-workerd.js",
  "dist/webhook.d.ts",
  "dist/webhook.js",
  "dist/webhook_bg.wasm",
  "dist/workerd.js",
  "launcher/package.json",
  "package.json",
  "slim/package.json",
  "webhook/package.json",
];

/** Both formats have the same declarations. */
const declarations = expected.filter((path) => path.endsWith(".d.ts"));

let files;
let manifest;
let installed;
before(async () => {
  installed = join(await emptyProject(), "node_modules/edge-cashier");
  files = readdirSync(installed, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path: relative(installed, path).replaceAll("\\", "/"), size: statSync(path).size }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
});

test("the tarball holds exactly these files", () => {
  assert.deepEqual(
    files.map(({ path }) => path),
    [...expected, ...declarations.map((path) => path.replace("dist/", "dist/cjs/"))].sort(),
  );
  assert.deepEqual(
    files.filter(({ size }) => size === 0),
    [],
  );
});

test("every entry of `exports`, `bin` and of what old resolvers read leads to a file of it", () => {
  const paths = (value) => (typeof value === "string" ? [value] : Object.values(value ?? {}).flatMap(paths));
  const { exports, bin, main, types } = manifest;
  const named = [exports, bin, main, types].flatMap(paths).map((path) => normalize(path));
  // A resolver that knows no `exports` looks for `edge-cashier/webhook` in the folder `webhook`.
  for (const entry of ["button", "launcher", "slim", "webhook"]) {
    const stub = JSON.parse(readFileSync(join(installed, entry, "package.json"), "utf8"));
    const { types, default: code } = exports[`./${entry}`].require;
    const led = [stub.main, stub.types].map((path) => join(entry, path));
    assert.deepEqual(led, [normalize(code), normalize(types)]);
    named.push(...led);
  }
  assert.ok(named.length > 20, `only ${named}`);
  assert.deepEqual(
    named.filter((path) => !files.some((file) => file.path === path)),
    [],
  );
});

test("`types` is first and `default` last wherever a file is chosen, and both formats have their own types", () => {
  for (const [entry, conditions] of Object.entries(manifest.exports)) {
    if (typeof conditions === "string") continue;
    assert.equal(Object.keys(conditions).at(-1), "default", entry);
    for (const [condition, chosen] of Object.entries(conditions)) {
      assert.deepEqual(Object.keys(chosen), ["types", "default"], `${entry} ${condition}`);
      for (const path of Object.values(chosen))
        assert.equal(
          path.startsWith("./dist/cjs/"),
          condition === "require",
          `${entry} ${condition} ${path}`,
        );
    }
  }
});

test("the declarations of both formats are the same", () => {
  for (const path of declarations) {
    const commonjs = path.replace("dist/", "dist/cjs/");
    assert.equal(
      readFileSync(join(installed, commonjs), "utf8"),
      readFileSync(join(installed, path), "utf8"),
      path,
    );
  }
});

test("installing it runs nothing and brings nothing along", () => {
  const { dependencies, optionalDependencies, peerDependencies, bundleDependencies, scripts = {} } = manifest;
  assert.deepEqual(
    { ...dependencies, ...optionalDependencies, ...peerDependencies, ...bundleDependencies },
    {},
  );
  assert.deepEqual(
    ["preinstall", "install", "postinstall", "prepare"].filter((name) => name in scripts),
    [],
  );
});

test("the licences are the project's", () => {
  for (const name of ["LICENSE-MIT", "LICENSE-APACHE"]) {
    assert.equal(readFileSync(join(installed, name), "utf8"), readFileSync(join(root, name), "utf8"), name);
  }
});

test("each wasm is there once as a file and inlined in each format, as the same bytes", () => {
  const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
  for (const name of ["core", "webhook"]) {
    const file = readFileSync(join(installed, `dist/${name}_bg.wasm`));
    for (const folder of ["dist", "dist/cjs"]) {
      const inlined = readFileSync(join(installed, folder, `${name}-inline.js`), "utf8");
      const [, base64] = /"([A-Za-z0-9+/=]+)"/.exec(inlined);
      assert.equal(sha256(Buffer.from(base64, "base64")), sha256(file), `${folder} ${name}`);
    }
  }
  for (const { path } of files.filter(({ path }) => path.endsWith(".js") && !path.endsWith("-inline.js"))) {
    assert.doesNotMatch(
      readFileSync(join(installed, path), "utf8"),
      /AGFzbQ/,
      `${path} holds WebAssembly too`,
    );
  }
});

test("no source map, and no path of the machine that built it", () => {
  // What a compiler writes of where its sources were: folders of the user, of cargo, of this work tree.
  const traces = [`${homedir()}/`, `${root}/`, ".cargo/registry", "sourceMappingURL"];
  const seen = files.flatMap(({ path }) => {
    const content = readFileSync(join(installed, path), "latin1");
    return traces.filter((trace) => content.includes(trace)).map((trace) => `${path}: ${trace}`);
  });
  assert.deepEqual(seen, []);
});

test("no entry for browsers and edges reaches for Node", () => {
  for (const { path } of files.filter(({ path }) => path.endsWith(".js") && path !== "dist/cli.js")) {
    const code = readFileSync(join(installed, path), "utf8");
    assert.doesNotMatch(code, /(?:from|import|require\()\s*["']node:/, `${path} imports from Node`);
    assert.doesNotMatch(code, /import\.meta\.url/, `${path}: bundlers would emit a second wasm for it`);
    assert.doesNotMatch(code, /\beval\(|new Function\(/, `${path} would need unsafe-eval`);
  }
});
