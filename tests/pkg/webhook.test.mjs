// Verification through both entries, by import and by require: what is believed, what is refused, and how it says so.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { runInNewContext } from "node:vm";
import * as full from "edge-cashier";
import * as small from "edge-cashier/webhook";
import { BODY, EVENT, PASSWORD, PUBLISHED, rawSigned, signed, thrown } from "./support/fixtures.mjs";

const require = createRequire(import.meta.url);
const ENTRIES = {
  "edge-cashier": full,
  "edge-cashier/webhook": small,
  "require(edge-cashier)": require("edge-cashier"),
  "require(edge-cashier/webhook)": require("edge-cashier/webhook"),
};

for (const [
  name,
  { Webhook, WebhookVerificationError, ValidationError, EdgeCashierError, canonicalize },
] of Object.entries(ENTRIES)) {
  describe(name, () => {
    const webhook = new Webhook(PASSWORD);
    const refusal = (body, signature, code) => {
      const error = thrown(() => webhook.verify(body, signature));
      assert.ok(
        error instanceof WebhookVerificationError &&
          error instanceof EdgeCashierError &&
          error instanceof Error,
      );
      assert.equal(error.name, "WebhookVerificationError");
      assert.equal(error.code, code);
      assert.match(error.message, /\w+ \w+ \w+/);
      assert.ok(!inspect(error).includes(PASSWORD));
    };

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

    test("reads the header out of whatever has it", () => {
      const record = { host: "x", "X-Signature": PUBLISHED };
      const express = Object.create({
        get: (name) => record[name],
        header: (name) => PUBLISHED && name && PUBLISHED,
      });
      const hono = { req: { header: (name) => ({ "x-signature": PUBLISHED })[name] }, get: () => undefined };
      class Incoming {
        get headers() {
          return record;
        }
      }
      for (const given of [
        record,
        Object.assign(Object.create(null), record),
        new Map([["X-SIGNATURE", PUBLISHED]]),
        Object.entries(record),
        new Request("http://localhost", { headers: record }),
        new Incoming(),
        { headers: record, multiValueHeaders: { "X-Signature": [PUBLISHED] } },
        { headers: null, multiValueHeaders: { "X-Signature": [PUBLISHED] } },
        { request: new Request("http://localhost", { headers: record }), params: {}, setHeaders() {} },
        { headers: new Headers(record), request: {}, get: () => "" },
        express,
        hono,
        hono.req,
      ])
        assert.equal(webhook.verify(BODY, given).status, EVENT.status, inspect(given));
      const { "X-Signature": _, ...without } = record;
      for (const none of [
        without,
        { cookies: ["a", "b"], host: undefined },
        new Map(),
        [],
        Object.entries(without),
        new Request("http://localhost"),
        { headers: without },
        { req: { header: () => undefined } },
      ])
        refusal(BODY, none, "no_signature");
    });

    test("says what was given in place of headers, and how to get them", () => {
      const context = { set() {}, env: {}, var: {} };
      for (const [given, what] of [
        [Promise.resolve(new Headers({ "x-signature": PUBLISHED })), /a promise; await it first/],
        [{ headers: Promise.resolve(new Headers()) }, /without headers/],
        [context, /an object without headers/],
        [new (class Context {})(), /an object without headers/],
        [["x-signature", PUBLISHED], /an array that is no list of names and values/],
        [Buffer.from(PUBLISHED), /an object without headers/],
        [new Date(), /an object without headers/],
        [42, /a number/],
        [{ "x-signature": 42 }, /headers whose x-signature is a number/],
        [
          {
            get headers() {
              throw new Error("no");
            },
          },
          /cannot be read/,
        ],
      ]) {
        const error = thrown(() => webhook.verify(BODY, given));
        assert.ok(error instanceof ValidationError, inspect(error));
        assert.equal(error.violations[0].path, "signature");
        assert.match(error.message, what);
        for (const framework of ["Express", "Hono", "Koa", "Next.js", "Lambda"])
          assert.ok(error.message.includes(framework));
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

    test("gives back the memory's measure: few digits cannot stand for a hundred megabytes", () => {
      const body = `[${"1e20,".repeat(1_000_000)}1]`;
      refusal(body.slice(0, 2_500_000) + "1]", PUBLISHED, "body_too_large");
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

    test("tells which password matched, and when one has ended", () => {
      const rotating = new Webhook([
        { id: "new", password: "example new password" },
        { id: "old", password: PASSWORD, notAfter: new Date(Date.now() + 60_000) },
        { id: "ended", password: "example ended password", notAfter: "2020-01-31T00:00:00Z" },
      ]);
      assert.equal(rotating.verify(BODY, PUBLISHED).passwordId, "old");
      assert.equal(rotating.verify(BODY, rawSigned(BODY, "example new password")).passwordId, "new");
      assert.equal(
        thrown(() => rotating.verify(BODY, rawSigned(BODY, "example ended password"))).code,
        "password_expired",
      );
      assert.equal(rotating.sign(BODY), rawSigned(BODY, "example new password"));
      const odd = `  ${PASSWORD}\n`;
      assert.equal(new Webhook(odd).sign(BODY), rawSigned(BODY, odd));
      assert.equal(new Webhook("pässword\0").sign(BODY), rawSigned(BODY, "pässword\0"));
    });

    test("keeps hundreds of webhooks apart", () => {
      const many = Array.from({ length: 300 }, (_, n) => new Webhook(`example password ${n}`));
      for (const round of [0, 1])
        for (const [n, one] of many.entries()) {
          assert.equal(
            one.verify(BODY, rawSigned(BODY, `example password ${n}`)).status,
            "rejected",
            `${round} ${n}`,
          );
          assert.equal(
            thrown(() => one.verify(BODY, rawSigned(BODY, `example password ${n + 1}`))).code,
            "signature_mismatch",
          );
        }
    });

    test("takes a text of any length that its bytes are taken in", () => {
      const long = (length) => JSON.stringify({ ...EVENT, note: "€".repeat(length) });
      const body = long(1_000_000);
      for (const text of [body, JSON.stringify({ ...EVENT, note: "a".repeat(3_000_000) })]) {
        assert.equal(webhook.verify(text, signed(text)).extra.note.length, JSON.parse(text).note.length);
        assert.equal(webhook.sign(text), webhook.sign(Buffer.from(text)));
      }
      for (const tooLong of [long(3_000_000), Buffer.from(long(3_000_000))])
        assert.equal(thrown(() => webhook.verify(tooLong, PUBLISHED)).code, "body_too_large");
      // Of the class that has it, in the entry that has not.
      assert.match(thrown(() => webhook.verify(BODY, "0".repeat(40))).message, /`explain` of `edge-cashier`/);
    });

    test("refuses passwords that cannot be meant, all at once", () => {
      for (const wrong of [undefined, null, "", 5, [], {}, () => {}, Symbol("x"), 5n, "\ud800"]) {
        const error = thrown(() => new Webhook(wrong));
        assert.ok(error instanceof ValidationError, String(wrong));
        assert.ok(error.violations.length > 0);
      }
      const error = thrown(
        () => new Webhook([{ id: "a", password: "" }, { id: "a", password: "x", notAfter: "2030" }, null]),
      );
      assert.deepEqual(
        error.violations.map(({ path }) => path),
        ["password[0].password", "password[1].notAfter", "password[2]", "password[1].id"],
      );
    });

    test("refuses what it does not know in an entry, with a suggestion, and secrets of unset variables", () => {
      const entry = { id: "old", password: PASSWORD };
      const violations = (given) =>
        thrown(() => new Webhook(given)).violations.map(({ path, message }) => [path, message]);
      const [[path, message], ...others] = violations([{ ...entry, not_after: "2020-01-31T00:00:00Z" }]);
      assert.equal(path, "password[0].not_after");
      assert.match(message, /did you mean "notAfter"/);
      assert.equal(others.length, 0);
      assert.deepEqual(
        violations([
          { ...entry, expires: 1, notAfter: "soon" },
          { Id: "x", password: " " },
        ]).map(([path]) => path),
        [
          "password[0].expires",
          "password[0].notAfter",
          "password[1].Id",
          "password[1].id",
          "password[1].password",
        ],
      );
      for (const unset of ["", " ", "\n\t", "\ufeff", "undefined", "null", "undefined\n"]) {
        for (const given of [unset, [{ id: "a", password: unset }]]) {
          const [[, message]] = violations(given);
          assert.match(message, /variable/, JSON.stringify(unset));
        }
      }
      const [[only, remedy]] = violations(entry);
      assert.equal(only, "password");
      assert.match(remedy, /list of objects/);
      // An end before now is an end, in whatever form it is given.
      const end = new Date(Date.now() - 1000);
      for (const notAfter of [
        end,
        end.getTime(),
        end.toISOString(),
        end.toISOString().replace("Z", "+00:00"),
        runInNewContext(`new Date(${end.getTime()})`),
      ]) {
        const ended = new Webhook([{ ...entry, notAfter }]);
        assert.equal(thrown(() => ended.verify(BODY, PUBLISHED)).code, "password_expired");
      }
      for (const notAfter of [
        new Date(Number.NaN),
        -1,
        Number.NaN,
        Infinity,
        "2030",
        "2030-01-31T00:00:00",
        {},
        Object.create(Date.prototype),
      ])
        assert.deepEqual(
          violations([{ ...entry, notAfter }]).map(([path]) => path),
          ["password[0].notAfter"],
        );
    });

    test("keeps the passwords that it was made with, whatever becomes of the list", () => {
      const list = [{ id: "a", password: PASSWORD }];
      const keeping = new Webhook(list);
      list[0].password = "other";
      list.length = 0;
      // The end of the stack inside the module replaces its instance, and what was in it.
      const dive = () => {
        try {
          dive();
        } catch {
          try {
            keeping.verify(BODY.replace("{", "{ "), PUBLISHED);
          } catch {}
        }
      };
      for (let n = 0; n < 20; n++) dive();
      assert.equal(keeping.verify(BODY, PUBLISHED).passwordId, "a");
    });

    test("shows how to get the raw body where a framework has parsed it", () => {
      const remedies = [
        [
          { ...EVENT },
          /express\.raw[\s\S]*addContentTypeParser[\s\S]*request\.text\(\)[\s\S]*bodyParser: false[\s\S]*rawBody/,
        ],
        [[EVENT], /raw request body/],
        [undefined, /raw-body parser/],
        [null, /express\.raw/],
        [Promise.resolve(BODY), /[Aa]wait/],
        [new Request("http://localhost", { method: "POST", body: BODY }), /await request\.text\(\)/],
        [new Blob([BODY]), /await request\.text\(\)/],
        [new Response(BODY).body, /new Response\(stream\)/],
        [require("node:stream").Readable.from([BODY]), /Buffer\.concat/],
        [JSON.parse(JSON.stringify(Buffer.from(BODY))), /Buffer\.from\(body\.data\)/],
        [42, /express\.raw/],
      ];
      for (const [body, remedy] of remedies) {
        const error = thrown(() => webhook.verify(body, PUBLISHED));
        assert.ok(error instanceof ValidationError);
        assert.equal(error.violations[0].path, "body");
        assert.match(error.message, remedy);
      }
      for (const signature of [42, true, Symbol("x"), () => {}, [PUBLISHED], { "x-signature": 5 }]) {
        assert.equal(thrown(() => webhook.verify(BODY, signature)).violations?.[0].path, "signature");
      }
    });

    test("shows its passwords to nobody", () => {
      for (const shown of [
        inspect(webhook, { showHidden: true, depth: 9 }),
        JSON.stringify(webhook),
        String(webhook),
        Object.keys(webhook).join(),
        JSON.stringify(Object.getOwnPropertyDescriptors(webhook)),
      ]) {
        assert.ok(!shown.includes(PASSWORD), shown);
      }
    });
  });
}

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
  assert.equal(full.Webhook, require("edge-cashier").Webhook);
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
