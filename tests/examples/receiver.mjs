// What every receiver must do, sent to it over real HTTP. Signatures are the reference's own snippet: node:crypto over
// JSON.stringify, never our own signer.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { WEBHOOK_PASSWORD } from "./stage.mjs";

const DATA = {
  transaction_id: "bbds7128hdha",
  user_id: "128",
  tracking_id: "kshdhay6381623",
  status: "successful",
  currency: "EUR",
  amount: "200.00",
  transaction_type: "deposit",
};

function signatureOf(body) {
  const data = JSON.parse(body);
  return createHash("sha1")
    .update(JSON.stringify(data) + WEBHOOK_PASSWORD)
    .digest("hex")
    .toUpperCase();
}

function post(url, body, signature) {
  const headers = { "content-type": "application/json" };
  if (signature !== undefined) headers["x-signature"] = signature;
  return fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(30_000) });
}

/** Declares the tests of a receiver; `start` gives what `serve` does. */
export function receives(start) {
  let server;
  let url;
  before(async () => {
    server = await start();
    url = `${server.origin}/webhooks`;
  });
  after(() => server?.stop());

  test("a signed webhook is recorded and answered with 204", async () => {
    const tracking_id = "recorded-1";
    const body = JSON.stringify({ ...DATA, tracking_id });
    const response = await post(url, body, signatureOf(body));
    assert.equal(response.status, 204);
    assert.equal(await response.text(), "");
    await server.printed(/recorded-1 is successful: 200\.00 EUR/, 20_000);
  });

  const compact = JSON.stringify(DATA);
  for (const [name, body] of [
    ["white space", JSON.stringify(DATA, null, 2)],
    ["1.0", compact.replace('"200.00"', "200.0")],
    ["\\/", compact.replace("kshdhay6381623", "kshdhay\\/6381623")],
    ["\\u00e9", compact.replace("kshdhay6381623", "\\u00e9t\\u00e9")],
    ["keys that move", compact.replace("}", ',"2":1,"1":1.50}')],
  ]) {
    test(`the signature is over what JSON.stringify makes of the body: ${name}`, async () => {
      assert.notEqual(JSON.stringify(JSON.parse(body)), body, "this spelling would prove nothing");
      const response = await post(url, body, signatureOf(body));
      assert.equal(response.status, 204);
    });
  }

  for (const [name, body, signature] of [
    ["a changed amount", compact.replace("200.00", "900.00"), signatureOf(compact)],
    [
      "another password",
      compact,
      createHash("sha1").update(`${compact}other_password_example`).digest("hex").toUpperCase(),
    ],
    ["a signature that is no hex", compact, "not a signature"],
    ["no signature", compact, undefined],
    ["no body", "", signatureOf(compact)],
    ["not JSON", "status=successful", signatureOf(compact)],
  ]) {
    test(`${name} is refused with 401, and nothing is recorded`, async () => {
      const marked = body.replace(DATA.tracking_id, "forged-1");
      const response = await post(url, marked === "" ? undefined : marked, signature);
      assert.equal(response.status, 401);
      assert.doesNotMatch(server.output(), /forged-1 is /);
      assert.ok(!(await response.text()).includes(WEBHOOK_PASSWORD));
    });
  }

  test("the server still stands, and its output has no password", async () => {
    const response = await post(url, compact, signatureOf(compact));
    assert.equal(response.status, 204);
    assert.ok(!server.output().includes(WEBHOOK_PASSWORD));
  });
}
