// Deno: without a single permission, then with the one that a call needs.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertChecks, printedChecks } from "./support/expect.mjs";
import { localGateway } from "./support/gateway.mjs";
import { project } from "./support/project.mjs";
import { run } from "./support/run.mjs";
import { installTools } from "./support/tools.mjs";

const deno = join(import.meta.dirname, "node_modules/.bin/deno");
let folder;
let gateway;
before(async () => {
  await installTools(import.meta.dirname);
  folder = await project("deno");
  gateway = await localGateway();
});
after(() => gateway?.close());

test("Deno without any permission", async () => {
  const result = await run(deno, ["run", "--no-prompt", "--no-remote", "main.ts"], { cwd: folder });
  assertChecks("withoutNetwork", printedChecks(result));
});

test("Deno with the network permission for one host", async () => {
  const allowed = `--allow-net=${new URL(gateway.url).host}`;
  const result = await run(deno, ["run", "--no-prompt", "--no-remote", allowed, "main.ts", gateway.url], {
    cwd: folder,
  });
  assertChecks("server", printedChecks(result));
  gateway.assertCalled();
});

test("Deno's own TypeScript accepts the types", async () => {
  const { code, stderr } = await run(deno, ["check", "--no-remote", "main.ts"], { cwd: folder });
  assert.equal(code, 0, stderr);
});
