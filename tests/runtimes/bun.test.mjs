// Bun, run from source and as one bundled file.

import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertChecks, printedChecks } from "./support/expect.mjs";
import { localGateway } from "./support/gateway.mjs";
import { project } from "./support/project.mjs";
import { must, run } from "./support/run.mjs";
import { installTools } from "./support/tools.mjs";

const bun = join(import.meta.dirname, "node_modules/.bin/bun");
let folder;
let gateway;
before(async () => {
  await installTools(import.meta.dirname);
  folder = await project("bun");
  gateway = await localGateway();
});
after(() => gateway?.close());

test("Bun run", async () => {
  const result = await run(bun, ["run", "--no-install", "main.ts", gateway.url], { cwd: folder });
  assertChecks("server", printedChecks(result));
  gateway.assertCalled();
});

test("Bun build, run elsewhere", async () => {
  await must(bun, ["build", "--target=bun", "--minify", "--outfile=out/bundle.js", "main.ts"], {
    cwd: folder,
  });
  const result = await run(bun, ["run", "--no-install", "bundle.js", gateway.url], {
    cwd: join(folder, "out"),
  });
  assertChecks("server", printedChecks(result));
  gateway.assertCalled();
});
