// What the measurements share: rounds in which all programs take their turn, so that a busy machine slows all alike, and a line for each comparison.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { installTools } from "../runtimes/support/tools.mjs";

export const root = join(import.meta.dirname, "../..");
/** The peers are in the lock file of the sizes. */
export const peers = join(root, "tests/size");
await installTools(peers);

/** The gateway's published example. */
export const PASSWORD = "spg_test_companyxxxxQyGAheyMqcHVmp8ZMQtkYcev27sCu7RF";
export const BODY =
  '{"transaction_id":"r21nmrtpcmrcava","user_id":"1111222","tracking_id":"b8f04416-116a-11ed-861d-0242ac120002","status":"rejected","currency":"GBP","amount":"200.00","transaction_type":"withdrawal"}';
export const SIGNATURE = "5FDDA8F46411C132DCFBEE53C39BA06298CB48BC";

/** The median of each program's results over so many rounds, by name. */
export async function medians(rounds, programs) {
  const results = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const [name, program] of Object.entries(programs)) results[name].push(await program());
  const median = (values) => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];
  return Object.fromEntries(Object.entries(results).map(([name, values]) => [name, median(values)]));
}

/** Prints our time beside the peer's; `most` is the budget, as a part of the peer's time. Ends the process with 1 when it is passed. */
export function compare(what, ours, peer, { unit, most }) {
  const ratio = ours / peer;
  const figures = `${ours.toFixed(1)} ${unit}`.padStart(10) + `${peer.toFixed(1)} ${unit}`.padStart(10);
  const verdict = ratio <= most ? "" : "  OVER BUDGET";
  console.log(
    `${what.padEnd(58)}${figures}${`${ratio.toFixed(2)}x`.padStart(8)}  (at most ${most}x)${verdict}`,
  );
  if (ratio > most) process.exitCode = 1;
}

/** Bundles a program as it would be deployed, the peers being where their lock file is. Gives the path of its file; a wasm is beside it. */
export async function bundle(name, contents, options) {
  const outdir = join(root, "target/bench", name);
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: peers },
    bundle: true,
    minify: true,
    write: false,
    outdir,
    outExtension: { ".js": ".mjs" },
    entryNames: "index",
    assetNames: "[name]",
    format: "esm",
    target: "es2022",
    loader: { ".wasm": "copy" },
    logLevel: "silent",
    ...options,
  });
  for (const { path, contents: bytes } of outputFiles) writeFileSync(path, bytes);
  return outputFiles.map(({ path }) => path).sort((one) => (basename(one) === "index.mjs" ? -1 : 1));
}
