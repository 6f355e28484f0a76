// The house's one rule: a room uses what stands below it or beside it on no circle, never what stands above.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";

const root = resolve(import.meta.dirname, "../..");

/** Floor of every module of the core, as docs/ARCHITECTURE.md draws it. */
const floors = {
  js: 6,
  gateway: 5,
  routes: 5,
  ledger: 5,
  operation: 4,
  webhook: 4,
  payment: 3,
  transaction: 3,
  reply: 3,
  shape: 2,
  amount: 2,
  object: 2,
  currency: 2,
  identifier: 2,
  customer: 2,
  contact: 2,
  address: 2,
  card: 2,
  card_number: 2,
  retry: 1,
  error: 1,
  exchange: 1,
  json_read: 1,
  json_text: 1,
  gateway_error: 1,
  operation_name: 1,
  redact: 1,
  luhn: 1,
  calendar: 1,
  open: 1,
  plain_decimal: 1,
  validate: 1,
};

function rustFiles(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return rustFiles(path);
    return entry.name.endsWith(".rs") ? [path] : [];
  });
}

const room = (file) => relative(join(root, "src"), file).split(/[/.]/)[0];

/** What a file names of the crate outside comments and its own test module. */
function uses(file) {
  const code = readFileSync(file, "utf8")
    .split(/#\[cfg\(test\)\]/)[0]
    .replace(/\/\/.*$/gm, "");
  const single = [...code.matchAll(/\bcrate::([a-z_]+)/g)].map((found) => found[1]);
  const grouped = [...code.matchAll(/\bcrate::\{([^;]*)\}/g)].flatMap((found) =>
    [...found[1].matchAll(/(?:^|,)\s*([a-z_]+)(?=::|\s*(?:,|$))/g)].map((name) => name[1]),
  );
  return new Set([...single, ...grouped].filter((name) => name !== room(file) && name !== "macros"));
}

const files = rustFiles(join(root, "src")).filter((file) => room(file) !== "lib");

test("every module stands on a floor", () => {
  for (const file of files)
    assert.ok(room(file) in floors, `${room(file)} has no floor: draw it in docs/ARCHITECTURE.md`);
});

test("no module uses one of a floor above", () => {
  let seen = 0;
  for (const file of files) {
    for (const name of uses(file)) {
      if (!(name in floors)) continue;
      seen += 1;
      assert.ok(
        floors[name] <= floors[room(file)],
        `${relative(root, file)} uses ${name}, which stands above it`,
      );
    }
  }
  assert.ok(seen > 20, `only ${seen} uses were found: this check no longer reads them`);
});

test("no module but the JavaScript face takes a name from the crate's own list, where its floor would not show", () => {
  for (const file of files) {
    if (room(file) === "js") continue;
    const code = readFileSync(file, "utf8")
      .split(/#\[cfg\(test\)\]/)[0]
      .replace(/\/\/.*$/gm, "");
    assert.doesNotMatch(code, /\bcrate::(?:\{[^;]*\b)?[A-Z]/, relative(root, file));
  }
});

test("no circle of modules", () => {
  const graph = {};
  for (const file of files) {
    graph[room(file)] ??= new Set();
    for (const name of uses(file)) if (name in floors) graph[room(file)].add(name);
  }
  assert.deepEqual(circles(graph), []);
});

test("no circle of the package's modules when it runs", () => {
  const sources = join(root, "pkg/src");
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
  assert.ok(graph["gateway.ts"]?.has("gateway/requests.ts"), "this check no longer reads the imports");
  assert.deepEqual(circles(graph), []);
});

/** Every path through a graph that comes back to where it was. */
function circles(graph) {
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
