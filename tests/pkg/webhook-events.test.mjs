// The event of a verified webhook, through each entry: every field as it was signed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inEachEntry, refusalBy } from "./support/entries.mjs";
import { BODY, EVENT, PASSWORD, PUBLISHED, rawSigned, signed, thrown } from "./support/fixtures.mjs";

inEachEntry((entry) => {
  const { Webhook } = entry;
  const webhook = new Webhook(PASSWORD);
  const refusal = refusalBy(entry);

  test("reads each field wherever it stands, in text and in bytes", () => {
    const entries = Object.entries(EVENT);
    for (let turn = 0; turn < 2 * entries.length; turn++) {
      const order = [...entries.slice(turn % 7), ...entries.slice(0, turn % 7)];
      if (turn >= 7) order.reverse();
      const body = JSON.stringify(Object.fromEntries(order));
      for (const given of [body, Buffer.from(body)])
        assert.deepEqual(webhook.verify(given, signed(body)), { ...EVENT, matched: "canonical" }, body);
    }
  });

  test("reads fields that stand far behind in bytes that are no ASCII, though the memory has grown", () => {
    for (const keys of [50, 500, 5000, 50_000]) {
      const more = Object.fromEntries(Array.from({ length: keys }, (_, n) => [`ké${n}`, "x"]));
      const body = JSON.stringify({ ...more, ...EVENT });
      const { extra, ...event } = webhook.verify(Buffer.from(body), signed(body));
      assert.deepEqual(event, { ...EVENT, matched: "canonical" });
      assert.equal(Object.keys(extra).length, keys);
    }
  });

  test("keeps every digit of what was signed as it was sent", () => {
    const sent = (fields) => {
      const body = BODY.replace('"1111222"', fields.user_id)
        .replace('"200.00"', fields.amount)
        .replace("{", `{ "nested":{"amount":1}, "amount":3,`);
      return webhook.verify(body, rawSigned(body));
    };
    const exact = { user_id: "9007199254740993", amount: "12345678901234567.89" };
    const { user_id, amount, matched } = sent(exact);
    assert.deepEqual({ user_id, amount, matched }, { ...exact, matched: "raw" });
    assert.equal(sent({ user_id: "18446744073709551615", amount: "1.5e3" }).amount, "1500");
    assert.equal(sent({ user_id: "0", amount: "-25E-1" }).amount, "-2.5");
    // An id is opaque: it is the digits of a number, whatever they are.
    for (const user_id of ["18446744073709551616", "1.0", "-1", "0.5"])
      assert.equal(sent({ user_id, amount: "1" }).user_id, user_id);
    assert.equal(thrown(() => sent({ user_id: "1", amount: "1e99" })).code, "not_a_webhook");
  });

  test("refuses no signed event for how its ids look, only for an id that is not there", () => {
    for (const id of [" 1 ", "\u0001\n", ".", "..", "x".repeat(5000), "\u2028"]) {
      for (const name of ["transaction_id", "user_id", "tracking_id"]) {
        const body = JSON.stringify({ ...EVENT, [name]: id });
        for (const given of [body, Buffer.from(body), `${body} `])
          assert.equal(webhook.verify(given, signed(body))[name], id);
      }
    }
    for (const id of ["", null, [], {}, true, undefined]) {
      const body = JSON.stringify({ ...EVENT, user_id: id });
      refusal(body, signed(body), "not_a_webhook");
    }
  });

  test("takes the amounts that the core takes, and no other", () => {
    const zeros = (count) => "0".repeat(count);
    for (const [amount, read] of [
      [`"1.${zeros(28)}"`, `1.${zeros(28)}`],
      ['"79228162514264337593543950335"', "79228162514264337593543950335"],
      ["1e28", `1${zeros(28)}`],
      ["-0.00", "0.00"],
      [`"0.${zeros(27)}1"`, `0.${zeros(27)}1`],
      ['"79228162514264337593543950336"', undefined],
      [`"0.${zeros(28)}1"`, undefined],
      [`0.${zeros(28)}1`, undefined],
      [`"0.${zeros(29)}"`, undefined],
      ["1.5e-28", undefined],
      ["1e29", undefined],
      ['"1e3"', undefined],
      ['"007"', undefined],
    ]) {
      const body = BODY.replace('"200.00"', amount).replace("{", "{ ");
      if (read === undefined)
        assert.equal(thrown(() => webhook.verify(body, rawSigned(body))).code, "not_a_webhook", amount);
      else assert.equal(webhook.verify(body, rawSigned(body)).amount, read, amount);
    }
  });

  test("calls each field by its name, whatever the engine has read before", () => {
    const body = (more) => BODY.replace("}", `,${more}}`);
    // What V8 has seen of such a shape may come out in place of a key with an escape, so its own JSON is no judge here. The bodies are canonical.
    for (const poison of ['"x\\\\n":1', '"__proto__\\\\":1']) JSON.parse(body(poison));
    for (const [written, name] of [
      ['"x\\ny":1', "x\ny"],
      ['"__proto__\\"":1', '__proto__"'],
      ['"nested":{"x\\ny":[{"q\\"":1}]}', "nested"],
    ]) {
      for (const given of [body(written), body(written).replace('"1111222"', "1111222")]) {
        const { extra } = webhook.verify(given, rawSigned(given));
        assert.deepEqual(Object.keys(extra), [name]);
      }
    }
    const nested = body('"nested":{"x\\ny":[{"q\\"":1}]}');
    assert.deepEqual(webhook.verify(nested, rawSigned(nested)).extra, {
      nested: { "x\ny": [{ 'q"': 1 }] },
    });
  });

  // The core's tests have the same limits; the event itself is a level.
  test("refuses an event that nests deeper than 127 levels, and no other", () => {
    const nested = (levels, inner = "1") => "[".repeat(levels) + inner + "]".repeat(levels);
    const event = (value) => BODY.replace("}", `,"nested":${value}}`);
    const flat = `[${Array.from({ length: 500 }, () => '["[{"]').join(",")},"\\"[",{"a":"}"}]`;
    for (const value of [nested(126), flat, `"${"[".repeat(500)}"`]) {
      const body = event(value);
      assert.deepEqual(webhook.verify(body, signed(body)).extra, { nested: JSON.parse(value) });
      const before = BODY.replace("{", `{"nested":${value},`);
      assert.deepEqual(webhook.verify(before, signed(before)).extra, { nested: JSON.parse(value) });
    }
    for (const value of [nested(127), nested(1023), nested(126, '"\\"",[]')]) {
      for (const body of [event(value), BODY.replace("{", `{"nested":${value},`)])
        refusal(body, signed(body), "not_a_webhook");
    }
    refusal(event(nested(1024)), PUBLISHED, "not_json");
  });

  test("keeps further fields under extra, from the signed bytes", () => {
    for (const [body, extra] of [
      [BODY.replace("}", ',"note":"é","nested":{"a":[1]}}'), { note: "é", nested: { a: [1] } }],
      [BODY.replace("{", '{"note":1,'), { note: 1 }],
      [BODY.replace("{", '{"nested":{"status":"x"},'), { nested: { status: "x" } }],
      [
        BODY.replace("}", ',"__proto__":{"x":1},"matched":"raw"}'),
        JSON.parse('{"__proto__":{"x":1},"matched":"raw"}'),
      ],
    ]) {
      const bytes = Buffer.from(body);
      const event = webhook.verify(bytes, signed(body));
      bytes.fill(0x20);
      assert.deepEqual(event.extra, extra);
      assert.deepStrictEqual({ ...event }, { ...EVENT, matched: "canonical", extra });
      assert.deepStrictEqual(JSON.parse(JSON.stringify(webhook.verify(body, signed(body)))).extra, extra);
      assert.deepStrictEqual(structuredClone(webhook.verify(body, signed(body))).status, EVENT.status);
    }
    assert.ok(!("extra" in webhook.verify(BODY, PUBLISHED)));
  });
});
