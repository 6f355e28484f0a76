import { describe } from "node:test";
import { receives } from "./receiver.mjs";
import { program, serve, stage, WEBHOOK_PASSWORD } from "./stage.mjs";

describe("examples/deno", () => {
  const args = ["run", "--no-prompt", "--cached-only", "--allow-net", "--allow-env", "main.ts"];
  receives(() => serve(stage("deno"), program(".bin", "deno"), args, { env: { WEBHOOK_PASSWORD } }));
});

describe("examples/bun", () => {
  receives(() => serve(stage("bun"), program(".bin", "bun"), ["run", "server.ts"], { env: { WEBHOOK_PASSWORD } }));
});
