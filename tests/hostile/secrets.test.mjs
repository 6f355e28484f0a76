// The search for secrets in every answer and log line, which every suite makes when it stops its Worker, finds them.

import assert from "node:assert/strict";
import { it } from "node:test";
import { lineWith } from "../support/payments.mjs";
import { sawAnswer } from "../support/secrets.mjs";
import { startWorker } from "../support/workerd.mjs";

/** A password that is also a problem's code, and so in an answer and in the log. */
const SECRET = "method_not_allowed";

async function shown(options) {
  const worker = await startWorker({ vars: { WEBHOOK_PASSWORDS: SECRET }, ...options });
  const response = await fetch(`${worker.url}/healthz`, { method: "POST" });
  assert.equal((await response.json()).code, SECRET);
  await lineWith(worker, SECRET);
  return worker;
}

it("a secret in an answer and one in the log fail the suite that started the Worker", async () => {
  const worker = await shown();
  sawAnswer(worker.url, `by another way: ${SECRET}`);
  assert.equal(worker.answers(), 2);
  await assert.rejects(worker.stop(), ({ message, actual }) => {
    assert.match(message, /secrets were shown/);
    assert.deepEqual(
      actual.map((found) => found.split(":")[0]),
      [`${SECRET} in an answer`, `${SECRET} in an answer`, `${SECRET} in the log`],
    );
    return true;
  });
});

it("a test that shows one on purpose says so", async () => {
  const worker = await shown({ mayShow: [SECRET] });
  await worker.stop();
});
