// @ts-check
/**
 * Builds pkg/dist out of the core's wasm and pkg/src. `cargo xtask build` calls it:
 *
 *     node pkg/scripts/build.mjs --wasm target/pkg/core.wasm
 *
 * The file is what `cargo rustc -p edge-cashier --lib --crate-type cdylib --release --target wasm32-unknown-unknown --features js` leaves in
 * target/wasm32-unknown-unknown/release/edge_cashier.wasm. Without `--wasm` it runs cargo itself.
 * The tools are node_modules' own and wasm-bindgen; WASM_BINDGEN_BIN and WASM_OPT_BIN name others. The same sources give the same bytes.
 *
 * What it writes, and why, stands in pkg/PACKAGING.md.
 */
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build as esbuild } from "esbuild";

const PKG = join(dirname(fileURLToPath(import.meta.url)), "..");
const ROOT = join(PKG, "..");
const DIST = join(PKG, "dist");
const WORK = join(ROOT, "target/pkg");

/** What stands behind an entry, and its entries: one for each kind of runtime, which only load the wasm. */
const FACES = {
  core: {
    source: "src/core.ts",
    entries: {
      index: "src/index.ts",
      workerd: "src/workerd.ts",
      "edge-light": "src/edge-light.ts",
      slim: "src/slim.ts",
    },
  },
  "webhook-core": {
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

const { values } = parseArgs({ options: { wasm: { type: "string" } } });
const { version } = JSON.parse(readFileSync(join(PKG, "package.json"), "utf8"));

rmSync(DIST, { recursive: true, force: true });
mkdirSync(DIST, { recursive: true });
mkdirSync(WORK, { recursive: true });
const glue = module(values.wasm ?? compile());
for (const [name, { source, entries }] of Object.entries(FACES)) {
  await bundle({ [name]: source }, ["./errors.js"], { "#wasm": glue });
  await bundle(entries, [`./${name}.js`, "./core-inline.js", "./core_bg.wasm", "./core_bg.wasm?module"]);
}
await bundle({ errors: "src/errors.ts" }, []);
await bundle({ launcher: "src/launcher.ts" }, []);
if (existsSync(join(PKG, "src/cli/main.ts")))
  await bundle({ cli: "src/cli/main.ts" }, ["./index.js", "node:*"]);
declarations();
run(process.execPath, [join(PKG, "scripts/sbom.mjs")]);
report();

/**
 * The module, made for the web and made small; and the same as base64. Gives the path of its glue.
 *
 * @param {string} wasm
 */
function module(wasm) {
  const glue = join(WORK, "glue");
  run(wasmBindgen(), [
    wasm,
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
    "core",
  ]);
  const optimized = join(DIST, "core_bg.wasm");
  run(process.env.WASM_OPT_BIN ?? bin("wasm-opt"), [
    "-Oz",
    "--converge",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
    ...WASM_FEATURES.map((feature) => `--enable-${feature}`),
    join(glue, "core_bg.wasm"),
    "-o",
    optimized,
  ]);
  const base64 = readFileSync(optimized).toString("base64");
  writeFileSync(join(DIST, "core-inline.js"), `export default "${base64}";\n`);
  return join(glue, "core.js");
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
  for (const file of readdirSync(join(PKG, "src")).filter((file) => file.endsWith("-inline.d.ts")))
    copyFileSync(join(PKG, "src", file), join(DIST, file));
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
}

function report() {
  const size = (/** @type {Buffer} */ bytes) =>
    `${bytes.length} raw, ${gzipSync(bytes, { level: 9 }).length} gz, ${brotliCompressSync(bytes).length} br`;
  for (const file of readdirSync(DIST).filter((file) => /\.(js|wasm)$/.test(file)))
    console.log(`    dist/${file}: ${size(readFileSync(join(DIST, file)))}`);
}

function compile() {
  // The wasm must not tell where cargo and rustup keep their sources here, and be the same bytes anywhere; the variable knows no path with a space.
  const rustc = (/** @type {string[]} */ ...args) =>
    execFileSync("rustc", args, { cwd: ROOT, encoding: "utf8" }).trim();
  const cargoHome = process.env.CARGO_HOME ?? join(homedir(), ".cargo");
  const library = `${rustc("--print", "sysroot")}/lib/rustlib/src/rust`;
  const commit = /^commit-hash: (.*)$/m.exec(rustc("-vV"))?.[1];
  if (!/\s/.test(cargoHome + library))
    process.env.CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS ??= `--remap-path-prefix=${cargoHome}=/cargo --remap-path-prefix=${library}=/rustc/${commit}`;
  run("cargo", [
    "rustc",
    "--package",
    "edge-cashier",
    "--lib",
    "--crate-type",
    "cdylib",
    "--release",
    "--target",
    "wasm32-unknown-unknown",
    "--features",
    "js",
  ]);
  const target = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
  return join(target, "wasm32-unknown-unknown/release/edge_cashier.wasm");
}

/** The tool must be of the same version as the crate, so the version is read where cargo wrote it. */
function wasmBindgen() {
  if (process.env.WASM_BINDGEN_BIN) return process.env.WASM_BINDGEN_BIN;
  const locked = /name = "wasm-bindgen"\nversion = "([^"]+)"/.exec(
    readFileSync(join(ROOT, "Cargo.lock"), "utf8"),
  )?.[1];
  const cached = join(
    process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"),
    `edge-cashier/tools/wasm-bindgen-cli-${locked}/bin/wasm-bindgen`,
  );
  return existsSync(cached) ? cached : "wasm-bindgen";
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
