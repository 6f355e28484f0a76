// `edge-cashier worker`: what it writes, that it says the same as the Worker itself, and that it never leaves anything half-done.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { parseEnv } from "node:util";
import { experimental_readRawConfig } from "wrangler";
import { folder, run } from "./run.mjs";

const root = resolve(import.meta.dirname, "../..");
const FILES = [
  ".dev.vars.example",
  ".gitignore",
  "README.md",
  "package.json",
  "src/index.js",
  "wrangler.jsonc",
];

/** All files below a folder, by their paths in it. */
const filesIn = (path) =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();

/** A written project, and a reader of its files. */
async function project(t) {
  const path = join(folder(t), "payments");
  const { code, stderr } = await run(["worker", path]);
  assert.equal(code, 0, stderr);
  return { path, read: (file) => readFileSync(join(path, file), "utf8") };
}

const names = (text, pattern) => [...new Set([...text.matchAll(pattern)].map((found) => found[1]))].sort();

describe("the project", () => {
  test("has these files, depends on this version and says what to do next", async (t) => {
    const path = join(folder(t), "payments");
    const { code, stdout, stderr } = await run(["worker", path]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.deepEqual(filesIn(path), FILES);
    for (const file of FILES) assert.ok(stdout.includes(`\n  ${file}\n`), file);
    assert.match(stdout, /npm install .* README\.md/);
    const { version } = JSON.parse(readFileSync(join(root, "pkg/package.json"), "utf8"));
    const { dependencies } = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
    assert.deepEqual(dependencies, { "edge-cashier-worker": version });
  });

  test("has the bindings and settings of the Worker's own wrangler.jsonc, and a value or a place for the same variables", async (t) => {
    const { path } = await project(t);
    const read = (config) => experimental_readRawConfig({ config }).rawConfig;
    const { $schema: _, main, vars, ...shared } = read(join(path, "wrangler.jsonc"));
    const { $schema: __, main: ___, assets, vars: demo, ...own } = read(join(root, "worker/wrangler.jsonc"));
    assert.ok(assets && own.durable_objects && own.migrations, "the Worker's own file was not read");
    assert.deepEqual(shared, own);
    assert.equal(main, "src/index.js");
    assert.deepEqual(Object.keys(vars), Object.keys(demo));
    // What has to be filled in is empty: the Worker then names it, where an example's address would be called.
    for (const name of ["GATEWAY_BASE_URL", "CASHIER_URL", "ALLOWED_ORIGINS"]) assert.equal(vars[name], "");
  });

  test("names every variable that the Worker reads, and no other; likewise the Worker's documentation", async (t) => {
    const { read } = await project(t);
    const [config, secrets] = [read("wrangler.jsonc"), read(".dev.vars.example")];
    // Variables that are optional are there as comments.
    const named = names(
      `${config}\n${secrets}`,
      /^ *(?:\/\/ |# )?"?([A-Z]+(?:_[A-Z]+)+)"?(?:: (?=")|=(?=\S))/gm,
    );
    const sources = filesIn(join(root, "worker/src")).filter((file) => /(?<!tests)\.rs$/.test(file));
    const code = sources.map((file) => readFileSync(join(root, "worker/src", file), "utf8")).join("\n");
    const bindings = names(config, /"name": "([A-Z_]+)"/g);
    const read_ = names(code, /(?<!env!\()"([A-Z]+(?:_[A-Z]+)+)"/g).filter(
      (name) => !bindings.includes(name),
    );
    assert.ok(read_.length >= 8, `only ${read_}`);
    assert.deepEqual(named, read_);
    const documentation = readFileSync(join(root, "worker/README.md"), "utf8");
    assert.deepEqual(names(documentation, /^\| `([A-Z_]+)` \|/gm), read_);
    const secret = names(documentation, /^\| `([A-Z_]+)` \| secret \|/gm);
    assert.deepEqual(Object.keys(parseEnv(secrets)).sort(), secret);
    for (const [name, value] of Object.entries(parseEnv(secrets)))
      assert.match(value, /^obviously-fake-/, name);
    for (const name of secret) {
      assert.doesNotMatch(config, new RegExp(name), "a secret in wrangler.jsonc is public");
      assert.match(read("README.md"), new RegExp(`wrangler secret put ${name}\\b`));
    }
  });
});

describe("a folder that is there", () => {
  test("and holds something is left alone, and what it holds is named", async (t) => {
    const home = folder(t);
    mkdirSync(join(home, "shop/src"), { recursive: true });
    for (const file of ["a.txt", "b.txt", "README.md"]) writeFileSync(join(home, "shop", file), "mine");
    const { code, stdout, stderr } = await run(["worker", "shop"], { cwd: home });
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.match(
      stderr,
      /shop is not empty.* it holds README\.md, a\.txt, b\.txt and 1 more\. Name a folder that does not exist/,
    );
    assert.deepEqual(filesIn(home), ["shop/README.md", "shop/a.txt", "shop/b.txt"]);
    assert.equal(readFileSync(join(home, "shop/README.md"), "utf8"), "mine");
  });

  test("and is empty is filled and stays the same folder, for a shell may be in it", async (t) => {
    const home = folder(t);
    const before = statSync(home).ino;
    const { code, stdout } = await run(["worker", ".", "--json"], { cwd: home });
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout).files, FILES);
    assert.deepEqual(filesIn(home), FILES);
    assert.equal(statSync(home).ino, before);
  });
});

describe("when it cannot be written", () => {
  for (const [name, dir, expected] of [
    ["a file has the name", "file", /cannot write file: it, or a part of its path, is a file/],
    ["the folder above is missing", "no/where", /cannot write no\/where: the folder above it does not exist/],
  ]) {
    test(`because ${name}, the remedy is said`, async (t) => {
      const home = folder(t);
      writeFileSync(join(home, "file"), "mine");
      const { code, stdout, stderr } = await run(["worker", dir], { cwd: home });
      assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
      assert.match(stderr, expected);
      assert.deepEqual(readdirSync(home), ["file"]);
    });
  }

  for (const [operation, existing] of [
    ["writeFile", []],
    ["writeFile", ["payments"]],
    ["rename", []],
    ["rename", ["payments"]],
  ]) {
    test(`a disk that is full at the last ${operation} leaves nothing, with the folder ${existing.length ? "" : "not "}there`, async (t) => {
      const home = folder(t);
      for (const name of existing) mkdirSync(join(home, name));
      const full = join(folder(t), "full.mjs");
      writeFileSync(
        full,
        `import fs from "node:fs";
         import { syncBuiltinESMExports } from "node:module";
         const { ${operation}: original } = fs.promises;
         fs.promises.${operation} = async (path, ...rest) => {
           if (/wrangler\\.jsonc$|\\.edge-cashier-[\\w-]+$/.test(path))
             throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
           return original(path, ...rest);
         };
         syncBuiltinESMExports();`,
      );
      const { code, stderr } = await run(["worker", "payments"], {
        cwd: home,
        env: { NODE_OPTIONS: `--import=${pathToFileURL(full)}` },
      });
      assert.equal(code, 1, stderr);
      assert.match(stderr, /cannot write payments: the disk is full/);
      assert.deepEqual(readdirSync(home, { recursive: true }), existing);
    });
  }
});

test("without a folder it says which argument is missing", async () => {
  const { code, stderr } = await run(["worker"]);
  assert.equal(code, 2);
  assert.match(stderr, /no folder: name the one to write/);
});
