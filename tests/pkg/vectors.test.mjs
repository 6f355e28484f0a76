// The shared vectors, which JavaScript's own JSON and node:crypto made, through the wasm.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import * as full from "edge-cashier";
import * as small from "edge-cashier/webhook";
import { thrown } from "./support/fixtures.mjs";

const read = (name) =>
  JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8")).vectors;
const input = (vector, name) =>
  vector[`${name}_hex`] === undefined ? vector[name] : Buffer.from(vector[`${name}_hex`], "hex");

for (const [entry, { Webhook, canonicalize }] of Object.entries({
  "edge-cashier": full,
  "edge-cashier/webhook": small,
})) {
  describe(entry, () => {
    test("canonical forms", () => {
      const vectors = read("canonical");
      assert.ok(vectors.length > 100);
      for (const vector of vectors) {
        const text = input(vector, "text");
        for (const body of typeof text === "string" ? [text, Buffer.from(text)] : [text]) {
          if (vector.canonical === null)
            assert.equal(thrown(() => canonicalize(body)).code, "not_json", vector.name);
          else assert.equal(canonicalize(body), vector.canonical, vector.name);
        }
      }
    });

    test("signatures", (context) => {
      const vectors = read("signatures");
      assert.ok(vectors.length > 30);
      for (const { name, passwords, signature, now, expected, ...vector } of vectors) {
        // A password's end needs a clock, and there always is one here.
        if (now === null && passwords.some(({ not_after }) => not_after !== undefined)) continue;
        if (now !== null) context.mock.timers.enable({ apis: ["Date"], now });
        const list = passwords.map(({ id, password, not_after }, n) => ({
          id: id ?? `unnamed ${n}`,
          password,
          notAfter: not_after,
        }));
        const webhook = new Webhook(list);
        const body = input(vector, "body");
        if (expected.error)
          assert.equal(thrown(() => webhook.verify(body, signature)).code, expected.error, name);
        else {
          const event = webhook.verify(body, signature);
          assert.equal(event.matched, expected.matched, name);
          if (expected.password_id !== null) assert.equal(event.passwordId, expected.password_id, name);
        }
        context.mock.timers.reset();
      }
    });
  });
}
