// Next.js, run offline: a node route, an edge route, a server component and a client component, by both of its bundlers.
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { checksOfPage, launchBrowser } from "./support/browser.mjs";
import { assertChecks } from "./support/expect.mjs";
import { localGateway } from "./support/gateway.mjs";
import { project } from "./support/project.mjs";
import { must, start } from "./support/run.mjs";
import { installTools } from "./support/tools.mjs";

const here = import.meta.dirname;
const next = join(here, "node_modules/.bin/next");
let browser;
let gateway;
before(async () => {
  await installTools(here);
  gateway = await localGateway();
  browser = await launchBrowser();
});
after(() => Promise.all([browser?.close(), gateway?.close()]));

// Since Next 16.3 `--webpack` fails on any edge route handler, an empty one too (ENOENT route_client-reference-manifest.js, seen with 16.3.0, 16.4.5 and
// 16.4.6; 16.2.0 builds it), so there the edge route is left to Turbopack, which is what `next build` uses.
for (const [bundler, routes] of [
  ["--turbopack", ["node", "edge"]],
  ["--webpack", ["node"]],
]) {
  describe(`next build ${bundler}`, () => {
    let server;
    let url;
    before(async () => {
      const folder = await project("next");
      if (!routes.includes("edge")) rmSync(join(folder, "app/api/edge"), { recursive: true });
      await must(next, ["build", bundler], { cwd: folder, seconds: 300 });
      server = start(next, ["start", "--hostname", "127.0.0.1", "--port", "0"], { cwd: folder });
      [, url] = await server.printed(/Local:\s+(http:\S+)[\s\S]*Ready/);
    });
    after(() => server?.stop());

    for (const route of routes) {
      test(`${route} route`, async () => {
        const response = await fetch(`${url}/api/${route}?gateway=${encodeURIComponent(gateway.url)}`);
        const text = await response.text();
        assert.equal(response.status, 200, `${text}\n${server.output()}`);
        assertChecks("server", JSON.parse(text));
        gateway.assertCalled();
      });
    }

    test("server component", async () => {
      assert.match(await (await fetch(url)).text(), /<p id="rendered">r21nmrtpcmrcava<\/p>/);
    });

    test("client component in Chromium", async () => {
      const { checks, complaints } = await checksOfPage(browser, `${url}/client`);
      assertChecks("browser", checks);
      assert.deepEqual(
        complaints.filter((complaint) => !complaint.includes("favicon.ico")),
        [],
      );
    });
  });
}
