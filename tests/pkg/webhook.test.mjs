// Verification through both entries, by import and by require: what is believed, what is refused, and how it says so.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import * as full from "edge-cashier";
import * as small from "edge-cashier/webhook";
import { ENTRIES, inEachEntry, refusalBy } from "./support/entries.mjs";
import { BODY, EVENT, PASSWORD, PUBLISHED, rawSigned, signed, thrown } from "./support/fixtures.mjs";

inEachEntry((entry) => {
  const { Webhook, WebhookVerificationError, canonicalize } = entry;
  const webhook = new Webhook(PASSWORD);
  const refusal = refusalBy(entry);

  test("believes the published signature, whatever carries body and header", () => {
    const bytes = Buffer.from(BODY);
    const offset = new Uint8Array([1, 2, 3, ...bytes, 4]).subarray(3, 3 + bytes.length);
    const expected = { ...EVENT, matched: "canonical" };
    for (const body of [BODY, bytes, new Uint8Array(bytes), offset, new Uint8Array(bytes).buffer])
      assert.deepStrictEqual(webhook.verify(body, PUBLISHED), expected);
    for (const header of [
      PUBLISHED.toLowerCase(),
      new Headers({ "X-Signature": PUBLISHED }),
      { "x-signature": PUBLISHED },
      { "X-Signature": PUBLISHED },
      { "x-signature": [PUBLISHED] },
      new Map([["x-signature", PUBLISHED]]),
    ]) {
      assert.deepStrictEqual(webhook.verify(BODY, header), expected);
    }
  });

  test("signs as the reference does", () => {
    for (const body of [
      BODY,
      '{"a":1.0}',
      "[]",
      `{"b":1,"2":"\\u00e9","b":1e3}`,
      `{"long":"${"é".repeat(20_000)}"}`,
    ])
      assert.equal(webhook.sign(body), signed(body));
    assert.equal(webhook.sign(Buffer.from(BODY)), PUBLISHED);
  });

  test("gives the canonical text", () => {
    for (const body of ['{ "b": 1.0, "2": "\\u00e9", "b": 1e3 }', '"\\ud800"', "-0", "1e400"])
      assert.equal(canonicalize(body), JSON.stringify(JSON.parse(body)));
    assert.equal(thrown(() => canonicalize("{")).code, "not_json");
  });

  test("keeps escaped keys apart, whatever characters the body uses", () => {
    const written = '{"a\\"b":1,"a\\\\Q":2,"\\u0041\\n":3,"QB":4,"a\\"b" : 5,"\\u0009":"\\ue000"}';
    const expected = '{"a\\"b":5,"a\\\\Q":2,"A\\n":3,"QB":4,"\\t":"\ue000"}';
    const marks = Array.from({ length: 256 }, (_, n) => String.fromCharCode(0xe000 + n)).join("");
    for (const more of ["", "\ue000", "\\ue001", "\\UE002", marks]) {
      const value = `"${more.replace("\\U", "\\u")}"`;
      const said = JSON.stringify(JSON.parse(value));
      assert.equal(
        canonicalize(`[${written},${value}, "a\\"b",{"${"x".repeat(3)}\\"":1}]`),
        `[${expected},${said},"a\\"b",{"xxx\\"":1}]`,
      );
    }
    // A body that leaves no mark free is none of a webhook, and costs no more than any other of its length.
    const all = Array.from({ length: 0x1900 }, (_, n) => String.fromCharCode(0xe000 + n)).join("");
    assert.equal(thrown(() => canonicalize(`["${all.repeat(100)}", {"\\"":1}]`)).code, "not_json");
    assert.equal(canonicalize(`["${all}", "\\"", 1]`), `["${all}","\\"",1]`);
  });

  test("refuses each flipped bit of the signature and of the body", () => {
    const bytes = Buffer.from(BODY);
    for (let bit = 0; bit < bytes.length * 8; bit += 7) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] ^= 1 << (bit & 7);
      assert.ok(
        thrown(() => webhook.verify(changed, PUBLISHED)) instanceof WebhookVerificationError,
        `bit ${bit}`,
      );
    }
    const digest = Buffer.from(PUBLISHED, "hex");
    for (let bit = 0; bit < 160; bit++) {
      const changed = Buffer.from(digest);
      changed[bit >> 3] ^= 1 << (bit & 7);
      refusal(BODY, changed.toString("hex"), "signature_mismatch");
    }
  });

  test("names every way to be wrong", () => {
    refusal(BODY, undefined, "no_signature");
    refusal(BODY, null, "no_signature");
    refusal(BODY, "", "no_signature");
    refusal(BODY, new Headers(), "no_signature");
    refusal(BODY, {}, "no_signature");
    refusal(BODY, PUBLISHED.slice(1), "signature_length");
    refusal(BODY, `${PUBLISHED}00`, "signature_length");
    refusal(BODY, ` ${PUBLISHED}`, "signature_not_hex");
    refusal(BODY, PUBLISHED.replace("5", "５"), "signature_not_hex");
    refusal(BODY, "x".repeat(100_000), "signature_not_hex");
    refusal(BODY, { "x-signature": [PUBLISHED, PUBLISHED] }, "signature_not_hex");
    refusal(BODY, `sha1=${PUBLISHED}`, "signature_not_hex");
    refusal("{", PUBLISHED, "not_json");
    refusal("", PUBLISHED, "not_json");
    refusal(Buffer.from([0xff]), PUBLISHED, "not_json");
    refusal(`\ufeff${BODY}`, PUBLISHED, "not_json");
    refusal("[".repeat(5000) + "]".repeat(5000), PUBLISHED, "not_json");
    refusal("{}", signed("{}"), "not_a_webhook");
    refusal("null", signed("null"), "not_a_webhook");
    refusal(" ".repeat(9 * 1024 * 1024), PUBLISHED, "body_too_large");
  });

  test("reads unusual bodies from the text that was signed", () => {
    const check = (body, signature, expected) =>
      assert.deepEqual(webhook.verify(body, signature), { ...EVENT, ...expected });
    check(BODY.replaceAll(":", ": "), PUBLISHED, { matched: "canonical" });
    const numbers = BODY.replace('"1111222"', "1111222").replace('"200.00"', "200.5");
    check(numbers, signed(numbers), { amount: "200.5", matched: "canonical" });
    const twice = BODY.replace("{", '{"amount":"1.00",');
    check(twice, signed(twice), { matched: "canonical" });
    const raw = BODY.replace('"200.00"', "200.50");
    check(raw, rawSigned(raw), { amount: "200.50", matched: "raw" });
    const accents = BODY.replace("1111222", "josé");
    check(accents, signed(accents), { user_id: "josé", matched: "canonical" });
    check(Buffer.from(accents), signed(accents), { user_id: "josé", matched: "canonical" });
    const escaped = BODY.replace("1111222", '11\\"22');
    check(escaped, signed(escaped), { user_id: '11"22', matched: "canonical" });
    const small = BODY.replace('"200.00"', "1e-7");
    check(small, signed(small), { amount: "0.0000001", matched: "canonical" });
  });

  test("gives back the memory's measure: few digits cannot stand for a hundred megabytes", () => {
    const body = `[${"1e20,".repeat(1_000_000)}1]`;
    refusal(body.slice(0, 2_500_000) + "1]", PUBLISHED, "body_too_large");
  });

  test("takes a text of any length that its bytes are taken in", () => {
    const long = (length) => JSON.stringify({ ...EVENT, note: "€".repeat(length) });
    const body = long(1_000_000);
    for (const text of [body, JSON.stringify({ ...EVENT, note: "a".repeat(3_000_000) })]) {
      assert.equal(webhook.verify(text, signed(text)).extra.note.length, JSON.parse(text).note.length);
      for (const body of [text, Buffer.from(text)]) assert.equal(webhook.sign(body), signed(text));
    }
    for (const tooLong of [long(3_000_000), Buffer.from(long(3_000_000))])
      assert.equal(thrown(() => webhook.verify(tooLong, PUBLISHED)).code, "body_too_large");
    // Of the class that has it, in the entry that has not.
    assert.match(thrown(() => webhook.verify(BODY, "0".repeat(40))).message, /`explain` of `edge-cashier`/);
  });
});

test("explain names the usual mistakes", () => {
  const webhook = new full.Webhook(`${PASSWORD}\n`);
  const { verdict, reason, hint } = webhook.explain(BODY, PUBLISHED);
  assert.deepEqual({ verdict, reason }, { verdict: "refused", reason: "password_white_space" });
  assert.ok(hint.length > 20 && !hint.includes(PASSWORD));
  assert.deepEqual(
    new full.Webhook(PASSWORD).explain(Buffer.from(BODY), new Headers({ "x-signature": PUBLISHED })).verdict,
    "verified",
  );
  assert.equal(new full.Webhook(PASSWORD).explain(BODY, undefined).reason, "no_signature");
});

test("errors are the same classes in both entries", () => {
  assert.equal(full.WebhookVerificationError, small.WebhookVerificationError);
  assert.equal(full.ValidationError, small.ValidationError);
  assert.equal(full.Webhook, ENTRIES["require(edge-cashier)"].Webhook);
});

test("works where there is no Buffer", () => {
  const script = `delete globalThis.Buffer; delete globalThis.process;
    const { Webhook } = await import("edge-cashier/webhook");
    const webhook = new Webhook(${JSON.stringify(PASSWORD)});
    console.log(webhook.verify(${JSON.stringify(BODY)}, ${JSON.stringify(PUBLISHED)}).status, webhook.sign('{"a":"é€😀"}'), webhook.sign(new TextEncoder().encode('{"b":"' + "é".repeat(9000) + '"}')))`;
  const shown = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd: import.meta.dirname,
    encoding: "utf8",
  });
  assert.equal(shown, `rejected ${signed('{"a":"é€😀"}')} ${signed(`{"b":"${"é".repeat(9000)}"}`)}\n`);
});
