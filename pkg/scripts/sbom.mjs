// @ts-check
/**
 * Writes a package's bill of materials (CycloneDX 1.6, JSON): every crate that is linked into its WebAssembly, with licence and checksum, and the
 * modules themselves. At run time the packages have no npm dependency, so there is none to list. The build of each package calls it last:
 *
 *     node pkg/scripts/sbom.mjs [pkg | worker/npm] [--out FILE]
 *
 * The same sources give the same bytes: nothing in it is random, and it carries a time only when SOURCE_DATE_EPOCH gives one.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
/** What cargo links into each package, by the package's folder. */
const LINKED = {
  pkg: ["--package", "edge-cashier", "--features", "js"],
  "worker/npm": ["--package", "edge-cashier-worker"],
};
const { values, positionals } = parseArgs({ options: { out: { type: "string" } }, allowPositionals: true });
const folder = /** @type {keyof typeof LINKED} */ (positionals[0] ?? "pkg");
const DIST = join(ROOT, folder, "dist");
const out = values.out ?? join(DIST, "sbom.cdx.json");

const npm = JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8"));
const linked = [...LINKED[folder], "--target", "wasm32-unknown-unknown"];

/** @param {string[]} args */
const cargo = (args) =>
  execFileSync(process.env.CARGO ?? "cargo", args, { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 28 });
/** @param {string | Buffer} content */
const sha256 = (content) => createHash("sha256").update(content).digest("hex");
/** @param {{ purl?: string, name: string }} one @param {{ purl?: string, name: string }} other */
const byPurl = (one, other) => ((one.purl ?? one.name) < (other.purl ?? other.name) ? -1 : 1);
/** @param {string} name @param {string} version */
const cargoPurl = (name, version) => `pkg:cargo/${name}@${encodeURIComponent(version)}`;

/**
 * The crates that are linked and what each needs, as cargo itself resolves them for this target and these features. Macros run in the compiler and
 * leave nothing of themselves, so they are not among them.
 *
 * @returns {Map<string, Set<string>>} by purl
 */
function linkedCrates() {
  const lines = cargo([
    "tree",
    "--locked",
    ...linked,
    "--edges",
    "normal,no-proc-macro",
    "--prefix",
    "depth",
    "--no-dedupe",
    "--format",
    " {p}",
  ]);
  const crates = new Map();
  /** @type {string[]} */
  const above = [];
  for (const line of lines.trim().split("\n")) {
    const found = /^(\d+) (\S+) v(\S+)/.exec(line);
    if (!found) throw new Error(`cargo tree wrote a line that cannot be read: ${line}`);
    const depth = Number(found[1]);
    const purl = cargoPurl(found[2], found[3]);
    if (!crates.has(purl)) crates.set(purl, new Set());
    above[depth] = purl;
    if (depth > 0) crates.get(above[depth - 1]).add(purl);
  }
  return crates;
}

/** @returns {Map<string, string>} what cargo checked each download against, by purl */
function checksums() {
  const lock = readFileSync(join(ROOT, "Cargo.lock"), "utf8");
  const entries = lock.matchAll(/^name = "(.+)"\nversion = "(.+)"\nsource = ".+"\nchecksum = "(.+)"$/gm);
  return new Map([...entries].map(([, name, version, checksum]) => [cargoPurl(name, version), checksum]));
}

/** Old crates write `MIT/Apache-2.0`, which SPDX knows as `MIT OR Apache-2.0`. @param {string | null} licence @param {string} purl */
function licences(licence, purl) {
  if (!licence) throw new Error(`${purl} names no licence: find out before it is shipped`);
  return [{ expression: licence.replaceAll("/", " OR ") }];
}

function crateComponents() {
  const sums = checksums();
  const { packages } = JSON.parse(cargo(["metadata", "--locked", "--all-features", "--format-version", "1"]));
  const known = new Map(packages.map((/** @type {any} */ one) => [cargoPurl(one.name, one.version), one]));
  return [...crates.keys()].map((purl) => {
    const found = known.get(purl);
    if (!found) throw new Error(`cargo tree names ${purl}, cargo metadata does not`);
    const checksum = sums.get(purl);
    return {
      type: "library",
      "bom-ref": purl,
      name: found.name,
      version: found.version,
      scope: "required",
      ...(checksum && { hashes: [{ alg: "SHA-256", content: checksum }] }),
      licenses: licences(found.license, purl),
      purl,
      ...(found.repository && { externalReferences: [{ type: "vcs", url: found.repository }] }),
    };
  });
}

/** Rust's standard library is linked in as well, though cargo does not name it. */
function standardLibrary() {
  const version = /^channel = "([\d.]+)"/m.exec(readFileSync(join(ROOT, "rust-toolchain.toml"), "utf8"))?.[1];
  if (!version) throw new Error("rust-toolchain.toml names no exact version");
  const purl = `pkg:github/rust-lang/rust@${version}`;
  return {
    type: "library",
    "bom-ref": purl,
    name: "rust-std",
    version,
    scope: "required",
    licenses: [{ expression: "MIT OR Apache-2.0" }],
    purl,
  };
}

function wasmFiles() {
  const names = readdirSync(DIST).filter((name) => name.endsWith(".wasm"));
  if (names.length === 0) throw new Error(`${DIST} holds no WebAssembly: build the package first`);
  return names.sort().map((name) => ({
    type: "file",
    "bom-ref": `file:dist/${name}`,
    name: `dist/${name}`,
    hashes: [{ alg: "SHA-256", content: sha256(readFileSync(join(DIST, name))) }],
  }));
}

const crates = linkedCrates();
const core = [...crates.keys()][0];
const standard = standardLibrary();
const files = wasmFiles();
const own = `pkg:npm/${npm.name}@${npm.version}`;
const runtime = Object.entries(npm.dependencies ?? {});
if (runtime.length > 0)
  throw new Error(`the package now has npm dependencies (${runtime.map(([name]) => name)}): list them here`);

const bom = {
  $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  version: 1,
  metadata: {
    ...(process.env.SOURCE_DATE_EPOCH && {
      timestamp: new Date(Number(process.env.SOURCE_DATE_EPOCH) * 1000).toISOString(),
    }),
    lifecycles: [{ phase: "build" }],
    component: {
      type: "library",
      "bom-ref": own,
      name: npm.name,
      version: npm.version,
      description: npm.description,
      licenses: licences(npm.license, own),
      purl: own,
    },
  },
  components: [...crateComponents(), standard, ...files].sort(byPurl),
  dependencies: [
    { ref: own, dependsOn: files.map((file) => file["bom-ref"]) },
    ...files.map((file) => ({ ref: file["bom-ref"], dependsOn: [core] })),
    ...[...crates].map(([ref, needs]) => ({ ref, dependsOn: [...needs, standard["bom-ref"]].sort() })),
    { ref: standard["bom-ref"], dependsOn: [] },
  ].sort((one, other) => (one.ref < other.ref ? -1 : 1)),
};

writeFileSync(out, `${JSON.stringify(bom, null, 2)}\n`);
console.log(`    ${out}: ${bom.components.length} components`);
