import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { receives } from "./receiver.mjs";
import { program, run, serve, stage, WEBHOOK_PASSWORD } from "./stage.mjs";

describe("examples/hono-workers, in workerd", () => {
  const folder = stage("hono-workers");
  receives(() => {
    writeFileSync(join(folder, ".dev.vars"), `WEBHOOK_PASSWORD=${WEBHOOK_PASSWORD}\n`);
    const wrangler = program("wrangler", "bin/wrangler.js");
    const args = [
      wrangler,
      "dev",
      "--port",
      "0",
      "--inspector-port",
      "0",
      "--show-interactive-dev-session=false",
    ];
    return serve(folder, process.execPath, args, { ready: /Ready on http:\/\/[^:]+:(\d+)/ });
  });

  test("the package's types are found and fit", async () => {
    const settings = [
      "--strict",
      "--target",
      "es2023",
      "--module",
      "esnext",
      "--moduleResolution",
      "bundler",
    ];
    const tsc = [
      program("typescript", "bin/tsc"),
      "--noEmit",
      "--ignoreConfig",
      ...settings,
      "--lib",
      "es2023,dom",
      "--types",
      "",
    ];
    await run(folder, process.execPath, [...tsc, "src/index.ts"]);
  });
});
