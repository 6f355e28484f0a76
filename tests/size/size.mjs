// `cargo xtask size`: every artefact against its budget, and beside the peers. Ends with 1 when a budget is passed.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { installTools } from "../runtimes/support/tools.mjs";
import { budgets, overruns } from "./budgets.mjs";
import { composition } from "./composition.mjs";
import { buttonIntegrity, ours, peers } from "./measure.mjs";

/** The module in an artefact, as the build of the package leaves it with the names of its functions. */
const MODULES = {
  "npm client (wasm + glue)": "core.wasm",
  "edge-cashier/webhook (wasm + glue)": "webhook.wasm",
};

const kilobytes = (bytes) => (bytes / 1000).toFixed(1).padStart(8);
const heading = `${"KB of 1000 bytes".padEnd(44)}${["raw", "gzip -9", "brotli 11", "budget gz"].map((text) => text.padStart(10)).join("")}`;

function line({ name, raw, gzip, brotli, failure }) {
  if (failure)
    return `${name.padEnd(44)}  does not bundle for workerd: ${failure.length} errors, such as: ${failure[0]}`;
  const { budget = "" } = budgets[name] ?? {};
  return `${name.padEnd(44)}${[raw, gzip, brotli].map((bytes) => kilobytes(bytes).padStart(10)).join("")}${String(budget).padStart(10)}`;
}

await installTools(import.meta.dirname);
const artefacts = await ours();
console.log(heading);
for (const artefact of artefacts) console.log(line(artefact));
console.log(`\n<script type="module" src="…/button.js" integrity="${buttonIntegrity()}">`);

const { devDependencies: versions } = JSON.parse(
  readFileSync(join(import.meta.dirname, "package.json"), "utf8"),
);
console.log(
  `\nPeers by the same rules (${Object.entries(versions)
    .map((pair) => pair.join(" "))
    .join(", ")}):`,
);
for (const peer of await peers()) console.log(line(peer));

const passed = overruns(artefacts);
for (const overrun of passed) console.error(`\nover its budget: ${overrun}`);
for (const [name, module] of Object.entries(MODULES).filter(([name]) =>
  passed.some((overrun) => overrun.startsWith(name)),
)) {
  const shares = composition(join(import.meta.dirname, "../../target/pkg", module)).slice(0, 12);
  console.error(
    `\nthe code of ${name}, by crate: ${shares.map(([crate, share]) => `${crate} ${Math.round(share * 100)} %`).join(", ")}`,
  );
}
process.exitCode = passed.length > 0 ? 1 : 0;
