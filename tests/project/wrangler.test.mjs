// What worker/wrangler.jsonc gives every deployment, written out: a value that no other test meets would be lost unseen.
import assert from "node:assert/strict";
import { resolve } from "node:path";
import { test } from "node:test";
import { unstable_readConfig } from "wrangler";

test("a deployment reconciles hourly, logs no addresses, and limits sessions and reading", () => {
  const config = resolve(import.meta.dirname, "../../worker/wrangler.jsonc");
  const { triggers, observability, ratelimits } = unstable_readConfig({ config });
  assert.deepEqual(triggers.crons, ["17 * * * *"]);
  // The platform's own lines would hold addresses of payments and clients.
  assert.deepEqual(observability, { enabled: true, logs: { enabled: true, invocation_logs: false } });
  assert.deepEqual(
    ratelimits.map(({ name, simple }) => [name, simple.limit, simple.period]),
    [
      ["SESSION_RATE", 120, 60],
      ["USER_RATE", 30, 60],
      ["READ_RATE", 120, 60],
    ],
  );
});
