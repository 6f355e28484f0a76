// Node by import and by require: the oldest that package.json admits, the lines that are kept up, and the newest.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { password, signature } from "./checks.mjs";
import { assertChecks, printedChecks } from "./support/expect.mjs";
import { localGateway } from "./support/gateway.mjs";
import { project } from "./support/project.mjs";
import { run } from "./support/run.mjs";
import { installTools } from "./support/tools.mjs";

const here = import.meta.dirname;
let folder;
let gateway;
before(async () => {
  await installTools(here);
  folder = await project("node");
  gateway = await localGateway();
});
after(() => gateway?.close());

for (const major of [20, 22, 24, 26]) {
  for (const program of ["import.mjs", "require.cjs"]) {
    test(`Node ${major}, ${program}`, async () => {
      const result = await run(join(here, `node_modules/node${major}/bin/node`), [program, gateway.url], {
        cwd: folder,
      });
      assertChecks("server", printedChecks(result));
      gateway.assertCalled();
    });
  }
}

test("Node 20, edge-cashier/slim with the wasm from edge-cashier/core.wasm", async () => {
  const result = await run(join(here, "node_modules/node20/bin/node"), ["slim.mjs"], { cwd: folder });
  assert.deepEqual(printedChecks(result), { early: "not_initialised", failed: true, verified: "200.00" });
});

test("the installed command, as npx starts it, under Node 20", async () => {
  const command = join(folder, "node_modules/.bin/edge-cashier");
  // Its first line asks for the first `node` on the path.
  const env = { PATH: join(here, "node_modules/node20/bin"), EDGE_CASHIER_PASSWORD: password };
  const good = await run(command, ["verify", "webhook.json", "--signature", signature], { cwd: folder, env });
  assert.equal(good.code, 0, good.stderr);
  assert.match(good.stdout, /r21nmrtpcmrcava/);
  const wrong = await run(command, ["verify", "webhook.json", "--signature", signature.replace("5", "6")], {
    cwd: folder,
    env,
  });
  assert.equal(wrong.code, 1, wrong.stderr);
  assert.doesNotMatch(good.stdout + good.stderr + wrong.stdout + wrong.stderr, new RegExp(password));
});
