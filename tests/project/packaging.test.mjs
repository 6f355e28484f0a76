// The packages as tools read them: the types under two TypeScripts, attw, publint, the bills of materials.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { before, describe, test } from "node:test";
import { pack, workspace } from "../runtimes/support/package.mjs";
import { emptyProject } from "../runtimes/support/project.mjs";
import { run } from "../runtimes/support/run.mjs";
import { installTools } from "../runtimes/support/tools.mjs";

const root = resolve(import.meta.dirname, "../..");
const tools = join(root, "tests/types");
/** The tools have a node_modules of their own. */
const load = createRequire(join(tools, "package.json"));
let folder;
/** Where each package is installed. */
const packages = {};
before(async () => {
  await installTools(tools);
  folder = await emptyProject();
  packages["edge-cashier"] = join(folder, "node_modules/edge-cashier");
  packages["edge-cashier-worker"] = join(
    await emptyProject("edge-cashier-worker"),
    "node_modules/edge-cashier-worker",
  );
  for (const name of ["usage.ts", "launcher.ts"]) cpSync(join(tools, name), join(folder, name));
});

describe("types", () => {
  const { devDependencies: versions } = JSON.parse(readFileSync(join(tools, "package.json"), "utf8"));
  const worlds = {
    "a browser or an edge": {
      lib: ["es2022", "dom", "dom.iterable"],
      types: [],
      files: ["usage.ts", "launcher.ts"],
    },
    // Without a browser's types: a server's project often has none, and should not need them.
    "Node alone": { lib: ["es2022"], types: ["node"], files: ["usage.ts"] },
  };
  for (const typescript of ["oldest", "newest"]) {
    // From the manifest: the tools may not be installed yet when the tests are named.
    const version = versions[`typescript-${typescript}`].split("@").at(-1);
    for (const [module, moduleResolution] of [
      // Two names of nearly one thing: each TypeScript is asked for the one of its time.
      typescript === "oldest" ? ["node16", "node16"] : ["nodenext", "nodenext"],
      ["esnext", "bundler"],
    ]) {
      for (const [world, { lib, types, files }] of Object.entries(worlds)) {
        test(`TypeScript ${version}, ${moduleResolution}, ${world}`, async () => {
          const config = join(folder, `tsconfig.${typescript}-${moduleResolution}-${types.length}.json`);
          const compilerOptions = {
            target: "es2022",
            module,
            moduleResolution,
            lib,
            types,
            typeRoots: [join(tools, "node_modules/@types")],
            noEmit: true,
            // Our declarations are checked too, under the strictest options a user may have.
            strict: true,
            exactOptionalPropertyTypes: true,
            noUncheckedIndexedAccess: true,
            skipLibCheck: false,
          };
          writeFileSync(config, JSON.stringify({ compilerOptions, files }));
          const { code, stdout } = await run(
            process.execPath,
            [join(tools, `node_modules/typescript-${typescript}/bin/tsc`), "-p", config],
            { cwd: folder },
          );
          assert.equal(code, 0, stdout);
        });
      }
    }
  }

  test("no `any` in any declaration", () => {
    const installed = packages["edge-cashier"];
    const ts = load("typescript-oldest");
    const declarations = readdirSync(join(installed, "dist"), { recursive: true }).filter((name) =>
      name.endsWith(".d.ts"),
    );
    assert.ok(declarations.length >= 5, `only ${declarations}`);
    const found = [];
    for (const name of declarations) {
      const text = readFileSync(join(installed, "dist", name), "utf8");
      const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
      const visit = (node) => {
        if (node.kind === ts.SyntaxKind.AnyKeyword)
          found.push(`${name}:${source.getLineAndCharacterOfPosition(node.pos).line + 1}`);
        node.forEachChild(visit);
      };
      visit(source);
    }
    assert.deepEqual(found, []);
  });
});

test("attw finds nothing", async () => {
  const { tarball } = await pack();
  const options = [
    "--no-definitely-typed",
    "--format=json",
    // Every way of resolving that TypeScript has: node10, node16 in both formats, bundler.
    "--profile=strict",
    // A WebAssembly file has no types.
    "--exclude-entrypoints=core.wasm",
  ];
  const { code, stdout } = await run(join(tools, "node_modules/.bin/attw"), [tarball, ...options], {
    cwd: folder,
  });
  const { analysis } = JSON.parse(stdout);
  assert.deepEqual(Object.keys(analysis.entrypoints).sort(), [
    ".",
    "./button",
    "./launcher",
    "./package.json",
    "./slim",
    "./webhook",
  ]);
  assert.deepEqual(analysis.problems, []);
  assert.equal(code, 0, stdout);
});

/** What is linked into each package: its folder, the files with it, and the manifest of its crate with what of the optional dependencies it takes. */
const contents = {
  "edge-cashier": {
    source: "pkg",
    wasm: ["dist/core_bg.wasm", "dist/webhook_bg.wasm"],
    manifest: "Cargo.toml",
    // Of the optional ones those that the JavaScript face takes; others are for the Workers.
    features: /^js = (.*)$/gm,
  },
  "edge-cashier-worker": {
    source: "worker/npm",
    wasm: ["dist/index_bg.wasm"],
    manifest: "worker/Cargo.toml",
    features: /^default = (.*)$/gm,
  },
};
for (const [name, { source, wasm, manifest, features }] of Object.entries(contents)) {
  test(`publint finds nothing in ${name}, not even a suggestion`, async () => {
    const { publint } = await import(join(tools, "node_modules/publint/src/index-node.js"));
    const pkgDir = packages[name];
    const { messages } = await publint({ pkgDir, level: "suggestion", strict: true, pack: false });
    assert.deepEqual(messages, []);
  });

  describe(`bill of materials of ${name}`, () => {
    const read = () => readFileSync(join(packages[name], "dist/sbom.cdx.json"), "utf8");

    test("is valid CycloneDX", async () => {
      const { Spec, Validation } = load("@cyclonedx/cyclonedx-library");
      const text = read();
      const validator = new Validation.JsonStrictValidator(
        Spec.Version[`v${JSON.parse(text).specVersion.replace(".", "dot")}`],
      );
      assert.equal(await validator.validate(text), null);
      assert.notEqual(await validator.validate(text.replace('"type": "library"', '"type": "libary"')), null);
    });

    test("describes this package, its modules and the crates in it, each with a licence", () => {
      const { metadata, components, dependencies } = JSON.parse(read());
      const { version } = JSON.parse(readFileSync(join(packages[name], "package.json"), "utf8"));
      assert.equal(metadata.component.purl, `pkg:npm/${name}@${version}`);
      const modules = components.filter(({ type }) => type === "file");
      assert.deepEqual(
        modules.map((file) => file.name),
        wasm,
      );
      for (const file of modules) {
        const sum = createHash("sha256")
          .update(readFileSync(join(packages[name], file.name)))
          .digest("hex");
        assert.deepEqual(file.hashes, [{ alg: "SHA-256", content: sum }], file.name);
      }
      const libraries = components.filter(({ type }) => type === "library");
      for (const library of libraries)
        assert.match(library.licenses[0].expression, /^[A-Za-z0-9.\-+ ()]+$/, library.purl);
      const listed = new Set(components.map((component) => component["bom-ref"]));
      for (const { dependsOn } of dependencies)
        for (const ref of dependsOn) assert.ok(listed.has(ref), `${ref} is needed but not listed`);
    });

    test("names every crate that its manifest takes, in the version of Cargo.lock, with cargo's checksum", () => {
      const { components } = JSON.parse(read());
      const lock = readFileSync(join(root, "Cargo.lock"), "utf8");
      const cargo = readFileSync(join(root, manifest), "utf8");
      const dependencies = /^\[dependencies\]\n([\s\S]*?)^\[/m.exec(cargo)[1];
      const taken = [...cargo.matchAll(features)].join();
      const names = [...dependencies.matchAll(/^([a-z0-9_-]+)(?:\.workspace)? = (.*)$/gm)]
        .filter(([, name, rest]) => !rest.includes("optional = true") || taken.includes(`"dep:${name}"`))
        .map(([, name]) => name);
      assert.ok(names.length > 8, `only ${names}`);
      for (const taking of names) {
        const crate = components.find((component) => component.purl?.startsWith(`pkg:cargo/${taking}@`));
        assert.ok(crate, `${taking} is missing`);
        const entry = `name = "${taking}"\nversion = "${crate.version}"\n`;
        const checksum = `checksum = "${crate.hashes?.[0].content}"`;
        // A crate of this workspace comes from no registry and has none.
        const locked = lock.includes(`${entry}source`) ? lock.includes(checksum) : lock.includes(entry);
        assert.ok(locked, `${taking} ${crate.version} is not what Cargo.lock has`);
      }
    });

    test("comes out the same twice", () => {
      const outputs = ["one", "two"].map((time) => {
        const out = join(workspace, `${name}-${time}.cdx.json`);
        execFileSync(process.execPath, [join(root, "pkg/scripts/sbom.mjs"), source, "--out", out], {
          stdio: "pipe",
          env: { ...process.env, SOURCE_DATE_EPOCH: "" },
        });
        return readFileSync(out, "utf8");
      });
      assert.equal(outputs[0], outputs[1]);
      assert.equal(outputs[0], read());
    });
  });
}

test("the crate holds its sources and nothing of the work tree", () => {
  const list = execFileSync("cargo", ["package", "--list", "--allow-dirty", "--package", "edge-cashier"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const files = list.trim().split("\n");
  const sources = files.filter((file) => /^src\/[\w/]+\.rs$/.test(file));
  assert.ok(sources.includes("src/lib.rs") && sources.length > 10, `only ${sources}`);
  assert.deepEqual(
    files.filter((file) => !sources.includes(file) && file !== ".cargo_vcs_info.json"),
    [
      "CHANGELOG.md",
      "Cargo.lock",
      "Cargo.toml",
      "Cargo.toml.orig",
      "LICENSE-APACHE",
      "LICENSE-MIT",
      "README.md",
    ],
  );
});
