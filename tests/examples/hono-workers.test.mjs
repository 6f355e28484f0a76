import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe } from "node:test";
import { receives } from "./receiver.mjs";
import { program, serve, stage, WEBHOOK_PASSWORD } from "./stage.mjs";

describe("examples/hono-workers, in workerd", () => {
  receives(() => {
    const folder = stage("hono-workers");
    writeFileSync(join(folder, ".dev.vars"), `WEBHOOK_PASSWORD=${WEBHOOK_PASSWORD}\n`);
    const wrangler = program("wrangler", "bin/wrangler.js");
    const args = [wrangler, "dev", "--port", "0", "--inspector-port", "0", "--show-interactive-dev-session=false"];
    return serve(folder, process.execPath, args, { ready: /Ready on http:\/\/[^:]+:(\d+)/ });
  });
});
