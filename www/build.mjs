// Builds the storefront into a folder of static files.
//
//   node www/build.mjs [--out www/dist] [--shop-origin http://localhost:8788] [--cashier-origin …] [--endpoint …]
//
// --shop-origin     the demo shop's backend, which signs the launch tickets
// --cashier-origin  where the hosted cashier is, for the iframe mode (default: the shop's origin, as in the demo)
// --endpoint        the edge-cashier Worker (default: the origin that serves this page)
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";

const here = import.meta.dirname;

/** A bare origin, since it is written into a policy that a path or a blank would change. */
function origin(value, option) {
  if (!URL.canParse(value) || new URL(value).origin !== value) {
    throw new Error(
      `--${option} must be an origin such as http://localhost:8788, without a path; it is ${value}`,
    );
  }
  return value;
}

function bundle(outdir, options) {
  return build({
    outdir,
    bundle: true,
    minify: true,
    format: "esm",
    target: ["es2022", "chrome123", "firefox120", "safari17.5"],
    tsconfig: join(here, "tsconfig.json"),
    logLevel: "warning",
    ...options,
  });
}

/** Writes the whole storefront to `out`; tests call it with the ports that they were given. */
export async function buildStorefront({
  out = join(here, "dist"),
  shopOrigin = "http://localhost:8788",
  cashierOrigin = shopOrigin,
  endpoint = "",
} = {}) {
  origin(shopOrigin, "shop-origin");
  origin(cashierOrigin, "cashier-origin");
  if (endpoint) origin(endpoint, "endpoint");

  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  // The theme is a classic script, which can import nothing.
  await bundle(out, {
    entryPoints: { theme: join(here, "src/theme-early.ts"), style: join(here, "src/style.css") },
  });
  // The launcher loads what only a frame needs when one is asked for.
  await bundle(out, {
    entryPoints: { app: join(here, "src/main.ts") },
    splitting: true,
    chunkNames: "launcher-[name]-[hash]",
  });
  // The inspector alone loads the core: with the wasm inlined, since its policy allows no connection, and as a file of its own, so that the page can say when it
  // does not load.
  await bundle(out, {
    entryPoints: {
      inspector: join(here, "src/inspector.ts"),
      "inspector-style": join(here, "src/inspector.css"),
    },
    splitting: true,
    chunkNames: "inspector-core-[hash]",
  });
  for (const name of ["index.html", "inspector.html", "favicon.svg"]) {
    await copyFile(join(here, "public", name), join(out, name));
  }
  const headers = await readFile(join(here, "public/_headers"), "utf8");
  const policy = headers
    .replace("__CONNECT__", ["'self'", shopOrigin, ...(endpoint ? [endpoint] : [])].join(" "))
    .replaceAll("__CASHIER__", cashierOrigin);
  await writeFile(join(out, "_headers"), policy);
  await writeFile(join(out, "config.json"), `${JSON.stringify({ shop_origin: shopOrigin, endpoint })}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({
    options: {
      out: { type: "string" },
      "shop-origin": { type: "string", default: process.env.SHOP_ORIGIN },
      "cashier-origin": { type: "string" },
      endpoint: { type: "string" },
    },
  });
  await buildStorefront({
    out: values.out,
    shopOrigin: values["shop-origin"],
    cashierOrigin: values["cashier-origin"],
    endpoint: values.endpoint,
  });
}
