// CommonJS projects as most servers still have them: Jest without configuration, and TypeScript that compiles to `require`. Plain `require` is in node.test.mjs.
import assert from "node:assert/strict";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { assertChecks, printedChecks } from "./support/expect.mjs";
import { localGateway } from "./support/gateway.mjs";
import { project } from "./support/project.mjs";
import { must, root, run } from "./support/run.mjs";
import { installTools } from "./support/tools.mjs";

const here = import.meta.dirname;
/** The TypeScripts and the types of Node. */
const types = join(root, "tests/types");
const node20 = join(here, "node_modules/node20/bin/node");

let gateway;
before(async () => {
  await installTools(here);
  await installTools(types);
  gateway = await localGateway();
});
after(() => gateway?.close());

/** A project whose copy of the checks is CommonJS too. */
async function commonjsProject(name) {
  const folder = await project(name);
  const esbuild = join(here, "node_modules/.bin/esbuild");
  await must(esbuild, ["checks.mjs", "--format=cjs", "--outfile=checks.js"], { cwd: folder });
  return folder;
}

test("Jest without configuration", async () => {
  const folder = await commonjsProject("jest");
  const jest = join(here, "node_modules/jest/bin/jest.js");
  const result = await run(node20, [jest, "--ci"], { cwd: folder, env: { GATEWAY_URL: gateway.url } });
  assertChecks("server", printedChecks(result));
  gateway.assertCalled();
});

describe("TypeScript, compiled and run by Node 20", () => {
  const { devDependencies: versions } = JSON.parse(readFileSync(join(types, "package.json"), "utf8"));
  let folder;
  before(async () => {
    folder = await commonjsProject("typescript");
  });

  for (const typescript of ["oldest", "newest"]) {
    const version = versions[`typescript-${typescript}`].split("@").at(-1);
    // With `commonjs` the older compiler reads `main`, `types` and the folders of the entries; with `node16` both read `exports`.
    for (const module of ["commonjs", "node16"]) {
      test(`TypeScript ${version}, module ${module}`, async () => {
        const outDir = `built-${typescript}-${module}`;
        const config = `tsconfig.${typescript}-${module}.json`;
        const compilerOptions = {
          target: "es2022",
          module,
          rootDir: ".",
          outDir,
          strict: true,
          skipLibCheck: false,
          types: ["node"],
          typeRoots: [join(types, "node_modules/@types")],
        };
        writeFileSync(join(folder, config), JSON.stringify({ compilerOptions, files: ["main.ts"] }));
        const tsc = join(types, `node_modules/typescript-${typescript}/bin/tsc`);
        await must(process.execPath, [tsc, "-p", config], { cwd: folder });
        const program = join(folder, outDir, "main.js");
        assert.match(readFileSync(program, "utf8"), /require\("edge-cashier\/webhook"\)/);
        cpSync(join(folder, "checks.js"), join(folder, outDir, "checks.js"));
        assertChecks("server", printedChecks(await run(node20, [program, gateway.url], { cwd: folder })));
        gateway.assertCalled();
      });
    }
  }
});
