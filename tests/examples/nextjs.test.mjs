import { describe } from "node:test";
import { receives } from "./receiver.mjs";
import { program, run, serve, stage, WEBHOOK_PASSWORD } from "./stage.mjs";

describe("examples/nextjs, built and started", () => {
  receives(async () => {
    const folder = stage("nextjs");
    const next = program("next", "dist/bin/next");
    // Built without the password, as on a build machine.
    await run(folder, process.execPath, [next, "build"]);
    return serve(folder, process.execPath, [next, "start", "--port", "0"], {
      env: { WEBHOOK_PASSWORD },
      ready: /Local:\s+http:\/\/localhost:(\d+)[\s\S]*Ready in/,
    });
  });
});
