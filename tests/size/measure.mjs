// Bundles and weighs: ours and the peers' by the same rules, those of wrangler for a Worker.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const root = join(import.meta.dirname, "../..");

/** Each file is compressed on its own, as it would be sent. */
function weigh(name, contents) {
  const sum = (compress) => contents.reduce((total, content) => total + compress(content).length, 0);
  return {
    name,
    raw: sum((content) => content),
    gzip: sum((content) => gzipSync(content, { level: 9 })),
    brotli: sum((content) =>
      brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
    ),
  };
}

/** The files of a minified bundle of that source, resolved as in `folder`, the entry first; wasm stays a file, as it does in a Worker. */
async function bundle(
  source,
  { folder = import.meta.dirname, conditions = ["workerd", "worker", "browser"] } = {},
) {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: folder },
    bundle: true,
    minify: true,
    write: false,
    outdir: "bundle",
    splitting: true,
    format: "esm",
    target: "es2022",
    platform: "browser",
    conditions,
    loader: { ".wasm": "copy" },
    legalComments: "none",
    logLevel: "silent",
  });
  return outputFiles.map(({ contents }) => contents);
}

function built(folder, missing) {
  const path = join(root, folder);
  if (!existsSync(join(path, "index.js")))
    throw new Error(`${folder} is not built: run \`cargo xtask build ${missing}\``);
  return readdirSync(path)
    .filter((name) => name === "index.js" || name.endsWith(".wasm"))
    .map((name) => readFileSync(join(path, name)));
}

/** What browsers load of the built storefront: the inspector's own files, or all others. */
function storefront({ inspector }) {
  const path = join(root, "www/dist");
  if (!existsSync(join(path, "index.html")))
    throw new Error("www/dist is not built: run `cargo xtask build storefront`");
  return readdirSync(path)
    .filter((name) => !name.startsWith("_") && name.startsWith("inspector") === inspector)
    .map((name) => readFileSync(join(path, name)));
}

/** The element's file, which pages load as it is. */
const BUTTON = join(root, "pkg/dist/button.js");

/** What a page writes into the `integrity` of its script element. */
export const buttonIntegrity = () =>
  `sha384-${createHash("sha384").update(readFileSync(BUTTON)).digest("base64")}`;

/** Every artefact that is ours. */
export async function ours() {
  const inlined = { conditions: [] };
  const [launcher, ...launcherParts] = await bundle('export * from "edge-cashier/launcher"', inlined);
  return [
    weigh("npm client (wasm + glue)", await bundle('export * from "edge-cashier"')),
    weigh("npm client, wasm inlined (default entry)", await bundle('export * from "edge-cashier"', inlined)),
    weigh(
      "edge-cashier/webhook (wasm + glue)",
      await bundle('export { Webhook } from "edge-cashier/webhook"'),
    ),
    weigh(
      "edge-cashier/webhook, wasm inlined",
      await bundle('export { Webhook } from "edge-cashier/webhook"', inlined),
    ),
    weigh("edge-cashier/launcher", [launcher]),
    weigh("edge-cashier/launcher, the frame's part", launcherParts),
    weigh("edge-cashier/button (dist/button.js)", [readFileSync(BUTTON)]),
    weigh("storefront, before the inspector", storefront({ inspector: false })),
    weigh("webhook inspector, its own files", storefront({ inspector: true })),
    weigh("Worker (index.js + wasm)", built("worker/build", "worker")),
  ];
}

const peerSources = {
  "stripe (whole client)": 'export { default } from "stripe"',
  "svix (whole client)": 'export * from "svix"',
  "svix Webhook": 'export { Webhook } from "svix"',
  "standardwebhooks Webhook": 'export { Webhook } from "standardwebhooks"',
  "@adyen/api-library (whole client)": 'export * from "@adyen/api-library"',
};

/** The peers as far as they bundle; for one that does not, what the bundler says. */
export async function peers() {
  const weighed = [];
  for (const [name, source] of Object.entries(peerSources)) {
    try {
      weighed.push(weigh(name, await bundle(source)));
    } catch (error) {
      weighed.push({ name, failure: error.errors?.map(({ text }) => text) ?? [String(error)] });
    }
  }
  return weighed;
}
