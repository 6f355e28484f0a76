// Before anything is measured: both Workers do the same. A comparison with one that checks less would be none.
import assert from "node:assert/strict";
import { client, NAMES, sign, start, webhook } from "./worker-support.mjs";

const good = webhook();
const spaced = { ...good, body: JSON.stringify(JSON.parse(good.body), null, 2) };
const signed = (body) => ({ body, signature: sign(body) });

/** What is sent, and the status that both must answer with. */
const WEBHOOKS = [
  ["a webhook", good, 204],
  ["the same again", good, 204],
  ["the same in another form of JSON", spaced, 204],
  ["with its signature in lower case", { ...good, signature: good.signature.toLowerCase() }, 204],
  ["another body than was signed", { ...good, body: good.body.replace("200.00", "900.00") }, 401],
  ["without a signature", { body: good.body }, 401],
  ["with a signature that is not hexadecimal", { ...good, signature: "Z".repeat(40) }, 401],
  ["that is not JSON", signed("status=successful"), 400],
  ["without its fields", signed('{"status":"successful"}'), 400],
  ["that is a list", signed("[1]"), 400],
  ["of more than 64 KiB", signed(`{"padding":"${"x".repeat(64 * 1024)}"}`), 413],
];

/** Fails unless both Workers answer alike, and the JavaScript one keeps equal webhooks as one record; `tests/worker` has shown that of ours. */
export async function assertSameAnswers() {
  for (const name of NAMES) {
    const worker = await start(name, { inspect: true });
    const { send, post, close } = client(worker);
    try {
      for (const [what, request, status] of WEBHOOKS)
        assert.equal(await post(request), status, `${name}: a webhook ${what}`);
      assert.equal(await send("GET", "/healthz"), 200, name);
      assert.equal(await send("GET", "/v1/webhooks"), 405, name);
      assert.equal(await send("GET", "/v1/other"), 404, name);
      const unannounced = "x".repeat(64 * 1024 + 1);
      const inChunks = { "transfer-encoding": "chunked", "x-signature": good.signature };
      assert.equal(await send("POST", "/v1/webhooks", unannounced, inChunks), 413, name);

      const id = `at-once-${name}`;
      const equal = webhook(id);
      const statuses = await Promise.all(Array.from({ length: 20 }, () => post(equal)));
      assert.deepEqual(new Set(statuses), new Set([204]), name);
      if (name === "javascript") assert.deepEqual(await records(worker, id), [{ rows: 1, copies: 20 }]);
    } finally {
      close();
      await worker.stop();
    }
    await assertNotRecorded(name);
  }
}

async function records({ name, miniflare }, id) {
  const payment = await miniflare.unsafeGetDurableObjectStorage(name, "Payment", { name: id });
  return payment.exec("SELECT count(*) AS rows, sum(copies) AS copies FROM webhook");
}

async function assertNotRecorded(name) {
  const worker = await start(name, { withoutObjects: true });
  const { post, close } = client(worker);
  try {
    assert.equal(await post(good), 503, name);
  } finally {
    close();
    await worker.stop();
  }
}
