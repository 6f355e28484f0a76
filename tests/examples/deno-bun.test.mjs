import { describe, test } from "node:test";
import { receives } from "./receiver.mjs";
import { program, run, serve, stage, WEBHOOK_PASSWORD } from "./stage.mjs";

describe("examples/deno", () => {
  const args = ["run", "--no-prompt", "--cached-only", "--allow-net", "--allow-env", "main.ts"];
  const folder = stage("deno");
  receives(() => serve(folder, program(".bin", "deno"), args, { env: { WEBHOOK_PASSWORD } }));

  test("the package's types are found and fit", () =>
    run(folder, program(".bin", "deno"), ["check", "main.ts"]));
});

describe("examples/bun", () => {
  receives(() =>
    serve(stage("bun"), program(".bin", "bun"), ["run", "server.ts"], { env: { WEBHOOK_PASSWORD } }),
  );
});
