import { describe } from "node:test";
import { receives } from "./receiver.mjs";
import { serve, stage, WEBHOOK_PASSWORD } from "./stage.mjs";

for (const name of ["express", "fastify"]) {
  describe(`examples/${name}`, () => {
    receives(() => serve(stage(name), process.execPath, ["server.js"], { env: { WEBHOOK_PASSWORD } }));
  });
}
