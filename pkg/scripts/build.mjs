// @ts-check
/**
 * Builds pkg/dist out of the core's wasm and pkg/src, for `cargo xtask build`:
 *
 *     node pkg/scripts/build.mjs target/pkg
 *
 * That folder holds the whole module (core.wasm) and that of verification alone (webhook.wasm).
 *
 * The tools are node_modules' own and wasm-bindgen; WASM_BINDGEN_BIN and WASM_OPT_BIN name others. The same sources give the same bytes.
 *
 * What it writes, and why, stands in pkg/PACKAGING.md.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build as esbuild } from "esbuild";

const PKG = join(dirname(fileURLToPath(import.meta.url)), "..");
const ROOT = join(PKG, "..");
const DIST = join(PKG, "dist");
const WORK = join(ROOT, "target/pkg");

/** What stands behind an entry, and its entries: one for each kind of runtime, which only load the wasm. */
const FACES = {
  core: {
    wasm: "core",
    source: "src/core.ts",
    entries: {
      index: "src/index.ts",
      workerd: "src/workerd.ts",
      "edge-light": "src/edge-light.ts",
      slim: "src/slim.ts",
    },
  },
  "webhook-core": {
    wasm: "webhook",
    source: "src/webhook-core.ts",
    entries: {
      webhook: "src/webhook.ts",
      "webhook-workerd": "src/webhook-workerd.ts",
      "webhook-edge-light": "src/webhook-edge-light.ts",
    },
  },
};

/** Every feature that rustc switches on for wasm32, by name: `--all-features` would let others in that old runtimes lack. */
const WASM_FEATURES = [
  "mutable-globals",
  "sign-ext",
  "nontrapping-float-to-int",
  "bulk-memory",
  "bulk-memory-opt",
  "multivalue",
  "reference-types",
];

const [modules] = process.argv.slice(2);
for (const { wasm } of Object.values(FACES))
  if (!modules || !existsSync(join(modules, `${wasm}.wasm`)))
    throw new Error("give the folder of the two modules, or run `cargo xtask build package`");
const { version } = JSON.parse(readFileSync(join(PKG, "package.json"), "utf8"));

rmSync(DIST, { recursive: true, force: true });
mkdirSync(DIST, { recursive: true });
mkdirSync(WORK, { recursive: true });
for (const [name, { wasm, source, entries }] of Object.entries(FACES)) {
  const glue = module(wasm);
  await bundle({ [name]: source }, ["./errors.js"], { "#wasm": glue });
  await bundle(entries, [
    `./${name}.js`,
    `./${wasm}-inline.js`,
    `./${wasm}_bg.wasm`,
    `./${wasm}_bg.wasm?module`,
  ]);
}
await bundle({ errors: "src/errors.ts" }, []);
await bundle({ launcher: "src/launcher.ts" }, []);
await bundle({ cli: "src/cli/main.ts" }, ["./index.js", "node:*"]);
declarations();
run(process.execPath, [join(PKG, "scripts/sbom.mjs")]);
report();

/**
 * A module, made for the web and made small; and the same as base64. Gives the path of its glue.
 *
 * @param {string} name
 */
function module(name) {
  const glue = join(WORK, "glue");
  run(process.env.WASM_BINDGEN_BIN ?? "wasm-bindgen", [
    join(modules ?? "", `${name}.wasm`),
    "--target",
    "web",
    "--omit-default-module-path",
    "--no-typescript",
    "--remove-name-section",
    "--remove-producers-section",
    "--experimental-reset-state-function",
    "--out-dir",
    glue,
    "--out-name",
    name,
  ]);
  const optimized = join(DIST, `${name}_bg.wasm`);
  run(process.env.WASM_OPT_BIN ?? bin("wasm-opt"), [
    "-Oz",
    "--converge",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
    ...WASM_FEATURES.map((feature) => `--enable-${feature}`),
    join(glue, `${name}_bg.wasm`),
    "-o",
    optimized,
  ]);
  const base64 = readFileSync(optimized).toString("base64");
  writeFileSync(join(DIST, `${name}-inline.js`), `export default "${base64}";\n`);
  return withoutPrototype(join(glue, `${name}.js`));
}

/**
 * Makes the descriptor by which the glue's classes mark their instances independent of `Object.prototype`, where another program may have put a `get`.
 *
 * @param {string} glue
 */
function withoutPrototype(glue) {
  const text = readFileSync(glue, "utf8");
  const safe = text.replaceAll("'__wbg_inst', { value:", "'__wbg_inst', { __proto__: null, value:");
  if (safe === text) throw new Error(`${glue} marks its instances in another way than this build expects`);
  writeFileSync(glue, safe);
  return glue;
}

/**
 * One file for each entry; what is `external` stays an import. White space and syntax are made small. Local names are made short only where
 * the glue and the classes lie, which is worth 1 to 2 KB gzipped; methods keep theirs, so that a stack can be read, and the errors keep all.
 *
 * @param {Record<string, string>} entries
 * @param {string[]} external
 * @param {Record<string, string>} [alias]
 */
async function bundle(entries, external, alias = {}) {
  await esbuild({
    absWorkingDir: PKG,
    entryPoints: entries,
    outdir: DIST,
    bundle: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    minifyWhitespace: true,
    minifySyntax: true,
    minifyIdentifiers: alias["#wasm"] !== undefined,
    legalComments: "none",
    define: { __VERSION__: JSON.stringify(version) },
    alias,
    // Tables that the core reads too.
    loader: { ".txt": "text" },
    plugins: [
      {
        name: "external",
        setup: (build) => build.onResolve({ filter: /.*/ }, ({ path, kind }) => keep(path, kind, external)),
      },
    ],
    logLevel: "warning",
  });
}

/**
 * @param {string} path
 * @param {string} kind
 * @param {string[]} external
 */
function keep(path, kind, external) {
  if (kind === "entry-point") return undefined;
  if (path.startsWith("node:")) return external.includes("node:*") ? { path, external: true } : undefined;
  // Some sources lie one folder deeper than what is written.
  const flat = path.replace(/^\.\.\//, "./");
  return external.includes(flat) ? { path: flat, external: true } : undefined;
}

/** Declarations of the whole source, less those that no entry leads to. */
function declarations() {
  run(process.execPath, [
    join(ROOT, "node_modules/typescript/bin/tsc"),
    "-p",
    join(PKG, "tsconfig.build.json"),
  ]);
  const wanted = new Set();
  const follow = (/** @type {string} */ file) => {
    if (wanted.has(file)) return;
    wanted.add(file);
    for (const [, path] of readFileSync(file, "utf8").matchAll(/(?:from|import\() ?"(\.[^"]+)\.js"/g))
      follow(join(dirname(file), `${path}.d.ts`));
  };
  for (const entry of ["index", "slim", "webhook", "launcher"]) follow(join(DIST, `${entry}.d.ts`));
  for (const file of /** @type {string[]} */ (readdirSync(DIST, { recursive: true }))) {
    const path = join(DIST, file);
    if (file.endsWith(".d.ts") && !wanted.has(path)) rmSync(path);
  }
  for (const { name } of readdirSync(DIST, { withFileTypes: true }).filter((entry) => entry.isDirectory()))
    if (readdirSync(join(DIST, name)).length === 0) rmdirSync(join(DIST, name));
}

function report() {
  const size = (/** @type {Buffer} */ bytes) =>
    `${bytes.length} raw, ${gzipSync(bytes, { level: 9 }).length} gz, ${brotliCompressSync(bytes).length} br`;
  for (const file of readdirSync(DIST).filter((file) => /\.(js|wasm)$/.test(file)))
    console.log(`    dist/${file}: ${size(readFileSync(join(DIST, file)))}`);
}

/** @param {string} name */
function bin(name) {
  const path = join(ROOT, "node_modules/.bin", name);
  if (!existsSync(path)) throw new Error(`${path} is missing: run \`cargo xtask setup\` (or \`npm ci\`)`);
  return path;
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function run(command, args) {
  execFileSync(command, args, { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
}
