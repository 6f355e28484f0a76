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
 * What it writes, and why, is in pkg/PACKAGING.md.
 */
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build as esbuild } from "esbuild";

const PKG = join(dirname(fileURLToPath(import.meta.url)), "..");
const ROOT = join(PKG, "..");
const DIST = join(PKG, "dist");
const COMMONJS = join(DIST, "cjs");
const WORK = join(ROOT, "target/pkg");
const GLUE = join(WORK, "glue");
/** Where tsc finds `./core-types.js`, see `rootDirs` in tsconfig.build.json. */
const TYPES = join(WORK, "types");

/**
 * What is behind an entry, and its entries: one for each kind of runtime, which only load the wasm. Those of `imported` import the wasm as a file, which only
 * ES modules can.
 */
const FACES = {
  core: {
    wasm: "core",
    source: "src/core.ts",
    entries: { index: "src/index.ts", slim: "src/slim.ts" },
    imported: { workerd: "src/workerd.ts", "edge-light": "src/edge-light.ts" },
  },
  "webhook-core": {
    wasm: "webhook",
    source: "src/webhook-core.ts",
    entries: { webhook: "src/webhook.ts" },
    imported: {
      "webhook-workerd": "src/webhook-workerd.ts",
      "webhook-edge-light": "src/webhook-edge-light.ts",
    },
  },
};

/** Every format has all entries that need nothing but JavaScript, in a folder of its own. */
const FORMATS = /** @type {const} */ ({ esm: DIST, cjs: COMMONJS });

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
const { devDependencies: tools } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

rmSync(DIST, { recursive: true, force: true });
for (const folder of [COMMONJS, TYPES]) mkdirSync(folder, { recursive: true });
// The package itself is of ES modules.
writeFileSync(join(COMMONJS, "package.json"), '{ "type": "commonjs" }\n');
for (const [name, { wasm, source, entries, imported }] of Object.entries(FACES)) {
  const glue = module(wasm);
  await everyFormat({ [name]: source }, ["./errors.js"], { "#wasm": glue });
  await everyFormat(entries, [`./${name}.js`, `./${wasm}-inline.js`]);
  await bundle("esm", imported, [`./${name}.js`, `./${wasm}_bg.wasm`, `./${wasm}_bg.wasm?module`]);
}
await everyFormat({ errors: "src/errors.ts" }, []);
// As ES modules it is two files: what only a frame needs is loaded when one is asked for. In CommonJS, which no page loads, it is one.
await bundle("esm", { launcher: "src/launcher.ts" }, [], {}, false, "launcher-[name]");
await bundle("cjs", { launcher: "src/launcher.ts" }, []);
// One whole file for a script element, as small as can be: nobody bundles it.
await everyFormat({ button: "src/button.ts" }, [], {}, true);
await bundle("esm", { cli: "src/cli/main.ts" }, ["./index.js", "./core.js", "node:*"]);
declarations();
run(process.execPath, [join(PKG, "scripts/sbom.mjs")]);
report();

/**
 * A module, made for the web and made small; and the same as base64. Gives the path of its glue.
 *
 * @param {string} name
 */
function module(name) {
  run(process.env.WASM_BINDGEN_BIN ?? "wasm-bindgen", [
    join(modules ?? "", `${name}.wasm`),
    "--target",
    "web",
    "--omit-default-module-path",
    "--remove-name-section",
    "--remove-producers-section",
    "--experimental-reset-state-function",
    "--out-dir",
    GLUE,
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
    join(GLUE, `${name}_bg.wasm`),
    "-o",
    optimized,
  ]);
  const base64 = readFileSync(optimized).toString("base64");
  writeFileSync(join(DIST, `${name}-inline.js`), `export default "${base64}";\n`);
  writeFileSync(join(COMMONJS, `${name}-inline.js`), `module.exports = "${base64}";\n`);
  return join(GLUE, `${name}.js`);
}

/**
 * @param {Record<string, string>} entries
 * @param {string[]} external
 * @param {Record<string, string>} [alias]
 * @param {boolean} [short]
 */
async function everyFormat(entries, external, alias, short) {
  await bundle("esm", entries, external, alias, short);
  await bundle("cjs", entries, external, alias, short);
}

/**
 * One file for each entry; what is `external` stays an import. White space and syntax are made small. Local names are made short only where
 * the glue and the classes lie, which is worth 1 to 2 KB gzipped, and in what pages load as it is; methods keep theirs, so that a stack can be read, and the errors keep all.
 *
 * @param {keyof typeof FORMATS} format
 * @param {Record<string, string>} entries
 * @param {string[]} external
 * @param {Record<string, string>} [alias]
 * @param {boolean} [short] whether local names are made short
 * @param {string} [parts] name of the files that are loaded later; without one they are part of the entry
 */
async function bundle(
  format,
  entries,
  external,
  alias = {},
  short = alias["#wasm"] !== undefined,
  parts = undefined,
) {
  await esbuild({
    absWorkingDir: PKG,
    entryPoints: entries,
    outdir: FORMATS[format],
    bundle: true,
    format,
    ...(parts && { splitting: true, chunkNames: parts }),
    platform: "neutral",
    target: "es2022",
    minifyWhitespace: true,
    minifySyntax: true,
    minifyIdentifiers: short,
    legalComments: "none",
    define: {
      __VERSION__: JSON.stringify(version),
      __WRANGLER_VERSION__: JSON.stringify(tools.wrangler),
      ...(alias["#wasm"] !== undefined && { "Object.defineProperty": "defineOwn" }),
    },
    inject: alias["#wasm"] !== undefined ? ["src/define-own.ts"] : [],
    alias,
    // The files of the project that `edge-cashier worker` writes.
    loader: { ".example": "text", ".jsonc": "text", ".md": "text" },
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

/** Declarations of the whole source, less those that no entry leads to; the same for both formats. */
function declarations() {
  writeFileSync(join(TYPES, "core-types.d.ts"), coreTypes(readFileSync(join(GLUE, "core.d.ts"), "utf8")));
  run(process.execPath, [
    join(ROOT, "node_modules/typescript/bin/tsc"),
    "-p",
    join(PKG, "tsconfig.build.json"),
  ]);
  copyFileSync(join(TYPES, "core-types.d.ts"), join(DIST, "core-types.d.ts"));
  const wanted = new Set();
  const follow = (/** @type {string} */ file) => {
    if (wanted.has(file)) return;
    wanted.add(file);
    for (const [, path] of readFileSync(file, "utf8").matchAll(/(?:from|import\() ?"(\.[^"]+)\.js"/g))
      follow(join(dirname(file), `${path}.d.ts`));
  };
  for (const entry of ["index", "slim", "webhook", "launcher", "button"]) follow(join(DIST, `${entry}.d.ts`));
  for (const file of /** @type {string[]} */ (readdirSync(DIST, { recursive: true }))) {
    const path = join(DIST, file);
    if (!file.endsWith(".d.ts")) continue;
    if (wanted.has(path)) cpSync(path, join(COMMONJS, file));
    else rmSync(path);
  }
  for (const { name } of readdirSync(DIST, { withFileTypes: true }).filter((entry) => entry.isDirectory()))
    if (readdirSync(join(DIST, name)).length === 0) rmdirSync(join(DIST, name));
}

/**
 * What wasm-bindgen declares before the first function or class: the types of the core's requests and replies.
 *
 * @param {string} text
 */
function coreTypes(text) {
  const end = text.search(/^\/\*\*\n(?: \*.*\n)+export (?:class|function) /m);
  if (end < 0) throw new Error("the declarations of wasm-bindgen have another order than this build expects");
  return text.slice(0, end);
}

function report() {
  const size = (/** @type {Buffer} */ bytes) =>
    `${bytes.length} raw, ${gzipSync(bytes, { level: 9 }).length} gz, ${brotliCompressSync(bytes).length} br`;
  const files = /** @type {string[]} */ (readdirSync(DIST, { recursive: true })).sort();
  for (const file of files.filter((file) => /\.(js|wasm)$/.test(file)))
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
