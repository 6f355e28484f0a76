// workerd: bundled by wrangler as a deployment would, run by Miniflare under an old compatibility date and a new one.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertChecks } from "./support/expect.mjs";
import { localGateway } from "./support/gateway.mjs";
import { project } from "./support/project.mjs";
import { must, root } from "./support/run.mjs";
import { installTools } from "./support/tools.mjs";

let built;
let gateway;
before(async () => {
  await installTools(import.meta.dirname);
  const folder = await project("worker", { checksIn: "src" });
  gateway = await localGateway();
  await must(
    join(root, "node_modules/.bin/wrangler"),
    ["deploy", "--dry-run", "--minify", "--outdir", "built"],
    {
      cwd: folder,
    },
  );
  built = join(folder, "built");
});
after(() => gateway?.close());

test("wrangler takes the wasm of both entries as a module each, none as text", () => {
  const modules = readdirSync(built).filter((name) => name.endsWith(".wasm"));
  assert.equal(modules.length, 2, String(modules));
});

// Before 2025-06-01 workerd refuses to compile wasm from bytes at start; inside a request it always refuses.
for (const compatibilityDate of ["2024-09-23", "2026-07-30"]) {
  test(`workerd, compatibility date ${compatibilityDate}`, async (context) => {
    const { Miniflare } = createRequire(import.meta.url)("miniflare");
    const worker = new Miniflare({
      modules: true,
      modulesRoot: built,
      scriptPath: join(built, "index.js"),
      modulesRules: [
        { type: "ESModule", include: ["**/*.js"] },
        { type: "CompiledWasm", include: ["**/*.wasm"] },
      ],
      compatibilityDate,
    });
    context.after(() => worker.dispose());
    const response = await worker.dispatchFetch(
      `http://localhost/?gateway=${encodeURIComponent(gateway.url)}`,
    );
    assert.equal(response.status, 200, await response.clone().text());
    const { atStart, results } = await response.json();
    assert.equal(atStart, "r21nmrtpcmrcava");
    assertChecks("server", results);
    gateway.assertCalled();
  });
}
