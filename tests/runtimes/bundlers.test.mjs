// What each bundler makes of it with no plugin (Rollup: its own node-resolve, without which it resolves no package), loaded in real Chromium under a strict
// policy, and the servers' bundles run far from any node_modules.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { checksOfPage, launchBrowser, serve } from "./support/browser.mjs";
import { assertChecks, printedChecks } from "./support/expect.mjs";
import { localGateway } from "./support/gateway.mjs";
import { workspace } from "./support/package.mjs";
import { project } from "./support/project.mjs";
import { must, run } from "./support/run.mjs";
import { installTools } from "./support/tools.mjs";

const here = import.meta.dirname;
const tool = (name) => join(here, "node_modules/.bin", name);
const bundlers = {
  vite: ["build"],
  webpack: ["--mode", "production", "--entry", "./src/main.js"],
  esbuild: ["src/main.js", "--bundle", "--format=esm", "--minify", "--outfile=dist/main.js"],
  rollup: ["--config"],
};

let browser;
before(async () => {
  await installTools(here);
  browser = await launchBrowser();
});
after(() => browser?.close());

for (const [name, args] of Object.entries(bundlers)) {
  test(`${name}'s bundle in Chromium`, async (context) => {
    const folder = await project(name, { checksIn: "src", main: "src/main.js" });
    await must(tool(name), args, { cwd: folder });
    const dist = join(folder, "dist");
    if (name !== "vite") cpSync(join(folder, "page.html"), join(dist, "index.html"));
    const files = readdirSync(dist, { recursive: true });
    assert.deepEqual(
      files.filter((file) => file.endsWith(".wasm")),
      [],
      "the default entry holds its wasm: a second copy would be fetched by nobody",
    );
    const server = await serve(dist);
    context.after(() => server.close());
    const { checks, complaints } = await checksOfPage(browser, server.url);
    assert.deepEqual(complaints, []);
    assertChecks("browser", checks);
  });
}

test("vite's bundle of edge-cashier/slim streams edge-cashier/core.wasm", async (context) => {
  const folder = await project("vite-slim", { checksIn: "src" });
  await must(tool("vite"), ["build"], { cwd: folder });
  const dist = join(folder, "dist");
  const wasm = readdirSync(dist, { recursive: true }).filter((file) => file.endsWith(".wasm"));
  assert.equal(wasm.length, 1, `${wasm}`);
  const server = await serve(dist);
  context.after(() => server.close());
  const { checks, complaints } = await checksOfPage(browser, server.url);
  assert.deepEqual(complaints, []);
  assert.deepEqual(checks, { early: "not_initialised", verified: "200.00", refused: "signature_mismatch" });
});

describe("servers' bundles by esbuild, run elsewhere in Node 20", () => {
  let folder;
  let gateway;
  before(async () => {
    folder = await project("esbuild", { checksIn: "src", main: "src/main.js" });
    gateway = await localGateway();
  });
  after(() => gateway?.close());

  for (const [format, extension] of [
    ["esm", "mjs"],
    ["cjs", "cjs"],
  ]) {
    test(format, async () => {
      const elsewhere = join(workspace, `elsewhere-${format}`);
      mkdirSync(elsewhere);
      const output = join(elsewhere, `bundle.${extension}`);
      await must(
        tool("esbuild"),
        [
          "src/main.js",
          "--bundle",
          "--platform=node",
          "--minify",
          `--format=${format}`,
          `--outfile=${output}`,
        ],
        { cwd: folder },
      );
      assert.doesNotMatch(
        readFileSync(output, "utf8"),
        /\brequire\("(?!node:)/,
        "everything is in the one file",
      );
      const result = await run(join(here, "node_modules/node20/bin/node"), [output, gateway.url], {
        cwd: elsewhere,
      });
      assertChecks("server", printedChecks(result));
      gateway.assertCalled();
    });
  }
});
