// The one rule of the structure: a module uses what is listed below it, never what is listed above, and no modules use one another in a cycle.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";

const root = resolve(import.meta.dirname, "../..");
const src = join(root, "src");

/** The layers of the core, as docs/ARCHITECTURE.md draws them. */
const layers = {
  js: 7,
  gateway: 6,
  ledger: 6,
  operation: 5,
  webhook: 5,
  payment: 4,
  transaction: 4,
  card: 3,
  person: 3,
  id: 2,
  money: 2,
  read: 1,
  luhn: 0,
  redact: 0,
};

function rustFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return rustFiles(path);
    return entry.name.endsWith(".rs") ? [path] : [];
  });
}

/** The path of a file's module, for example `["webhook", "explain"]` for `webhook/explain/mod.rs`. */
const pathOf = (file, sources = src) =>
  relative(sources, file)
    .replace(/(?:\/mod)?\.rs$/, "")
    .split("/");
const layerOf = (file) => pathOf(file)[0];

const filesOf = (sources) => rustFiles(sources).filter((file) => pathOf(file, sources)[0] !== "lib");
const files = filesOf(src);

/** A file's code outside comments and its own test module. */
const codeOf = (file) =>
  readFileSync(file, "utf8")
    .split(/#\[cfg\(test\)\]/)[0]
    .replace(/\/\/.*$/gm, "");

/** Every path in the tree of a `use`, for example `a::{b, c::d}`. */
function leaves(tree, prefix = []) {
  const group = /^([^{]*)\{(.*)\}$/s.exec(tree.trim());
  if (group === null)
    return [
      [
        ...prefix,
        ...tree
          .trim()
          .split(/\s+as\s+/)[0]
          .split("::"),
      ],
    ];
  const before = [...prefix, ...group[1].split("::").filter((part) => part.trim() !== "")];
  const parts = [""];
  let depth = 0;
  for (const char of group[2]) {
    depth += char === "{" ? 1 : char === "}" ? -1 : 0;
    if (char === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += char;
  }
  return parts.filter((part) => part.trim() !== "").flatMap((part) => leaves(part, before));
}

/** The other files that a file names. */
function uses(file, sources = src) {
  const code = codeOf(file);
  const here = pathOf(file, sources);
  const modules = new Map(filesOf(sources).map((other) => [pathOf(other, sources).join("::"), other]));
  const trees = [...code.matchAll(/\buse\s+((?:crate|self|super)::[^;]+);/g)].map((found) => found[1]);
  const inline = [...code.matchAll(/\bcrate(?:::[a-z_]\w*)+/g)].map((found) => found[0]);
  const targets = [...trees.flatMap((tree) => leaves(tree)), ...inline.map((path) => path.split("::"))];
  const found = new Set();
  for (const target of targets) {
    // A folder's mod.rs is the module itself; a file's `super` is the folder.
    let base = [];
    let rest = target;
    if (rest[0] !== "crate") {
      base = [...here];
      while (rest[0] === "super" || rest[0] === "self") {
        if (rest[0] === "super") base.pop();
        rest = rest.slice(1);
      }
    } else rest = rest.slice(1);
    const full = [...base, ...rest];
    for (let length = full.length; length > 0; length--) {
      const module = modules.get(full.slice(0, length).join("::"));
      if (module === undefined) continue;
      if (module !== file) found.add(module);
      break;
    }
  }
  return found;
}

test("every module is in a layer", () => {
  for (const file of files)
    assert.ok(layerOf(file) in layers, `${layerOf(file)} has no layer: draw it in docs/ARCHITECTURE.md`);
  for (const name of Object.keys(layers))
    assert.ok(existsSync(join(src, name)) || existsSync(join(src, `${name}.rs`)), `${name} is no module`);
});

test("no module uses one of a layer above", () => {
  let seen = 0;
  for (const file of files) {
    for (const used of uses(file)) {
      seen += 1;
      assert.ok(
        layers[layerOf(used)] <= layers[layerOf(file)],
        `${relative(root, file)} uses ${relative(root, used)}, which is in a layer above`,
      );
    }
  }
  assert.ok(seen > 100, `only ${seen} uses were found: this check no longer reads them`);
});

test("no module but the JavaScript face takes a name from the crate's own list, where its layer would not show", () => {
  for (const file of files) {
    if (layerOf(file) === "js") continue;
    assert.doesNotMatch(codeOf(file), /\bcrate::(?:\{[^;]*\b)?[A-Z]/, relative(root, file));
  }
});

/** The files of a crate, and what each uses. */
function graphOf(sources) {
  const name = (file) => relative(sources, file);
  // A folder's mod.rs lists its files and holds what they share: that pair is no cycle of two ideas.
  const family = (one, other) =>
    (one.endsWith("/mod.rs") && dirname(other).startsWith(dirname(one))) ||
    (other.endsWith("/mod.rs") && dirname(one).startsWith(dirname(other)));
  const graph = {};
  for (const file of filesOf(sources))
    graph[name(file)] = new Set([...uses(file, sources)].filter((used) => !family(file, used)).map(name));
  return graph;
}

test("no cycle of the core's files", () => {
  const graph = graphOf(src);
  assert.ok(
    graph["ledger.rs"]?.size > 0 || graph["ledger/mod.rs"]?.size > 0,
    "this check no longer reads the uses",
  );
  assert.deepEqual(cycles(graph), []);
});

for (const [crate, file, used] of [
  ["simulator", "routes.rs", "api/mod.rs"],
  ["worker", "routes/webhooks.rs", "payment/message.rs"],
])
  test(`no cycle of the files of ${crate}`, () => {
    const graph = graphOf(join(root, crate, "src"));
    assert.ok(graph[file]?.has(used), "this check no longer reads the uses");
    assert.deepEqual(cycles(graph), []);
  });

/** The modules of a folder, and what each imports when it runs. */
function modulesOf(folder) {
  const sources = join(root, folder);
  const modules = readdirSync(sources, { recursive: true }).filter(
    (name) => name.endsWith(".ts") && !name.endsWith(".d.ts"),
  );
  const graph = {};
  for (const name of modules) {
    const code = readFileSync(join(sources, name), "utf8");
    const imports = [...code.matchAll(/^(?:import|export)\s(?!type\b)([^;]*?)\sfrom "(\.[^"]+)\.js";/gm)]
      // One that takes types alone is gone when it runs.
      .filter(([, names]) =>
        names
          .replace(/[{}\s]/g, "")
          .split(",")
          .some((one) => one && !one.startsWith("type")),
      );
    graph[name] = new Set(imports.map(([, , path]) => `${join(dirname(name), path)}.ts`));
  }
  return graph;
}

for (const [folder, file, used] of [
  ["pkg/src", "gateway.ts", "errors.ts"],
  ["www/src", "storefront.ts", "checkout.ts"],
])
  test(`no cycle of the modules of ${folder} when they run`, () => {
    const graph = modulesOf(folder);
    assert.ok(graph[file]?.has(used), "this check no longer reads the imports");
    assert.deepEqual(cycles(graph), []);
  });

/** Every path through a graph that comes back to where it was. */
function cycles(graph) {
  const found = [];
  const done = new Set();
  const visit = (name, path) => {
    if (path.includes(name)) found.push([...path, name].join(" -> "));
    if (path.includes(name) || done.has(name)) return;
    for (const next of graph[name] ?? []) visit(next, [...path, name]);
    done.add(name);
  };
  for (const name of Object.keys(graph)) visit(name, []);
  return found;
}

test("the Workers link the core without its JavaScript face", () => {
  for (const member of ["worker", "simulator"]) {
    const manifest = readFileSync(join(root, member, "Cargo.toml"), "utf8");
    assert.match(manifest, /^edge-cashier(\.workspace = true| = \{[^}]*\})$/m);
    assert.doesNotMatch(manifest, /^edge-cashier.*features.*js/m);
  }
});
