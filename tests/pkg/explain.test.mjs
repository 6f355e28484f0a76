// `explain` through the package: every signature is made by Node's own JSON and crypto, and what is found is compared with the shared vectors and the sentences in
// the core's source.
import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { Webhook } from "edge-cashier";

const source = (path) => new URL(`../../${path}`, import.meta.url);
/** Hints by their reasons: `Variant = "word" => "hint",`; the escapes in them are JSON's too. */
const HINTS = Object.fromEntries(
  [
    ...readFileSync(source("src/webhook/explain/reason.rs"), "utf8").matchAll(
      /= ("\w+") => ("(?:[^"\\]|\\.)*"),$/gm,
    ),
  ].map(([, word, hint]) => [JSON.parse(word), JSON.parse(hint)]),
);

const PASSWORD = "spg_test_secret";
const EVENT = {
  transaction_id: "r21nmrtpcmrcava",
  user_id: "Jörg €",
  tracking_id: "p/1",
  status: "rejected",
  currency: "GBP",
  amount: "200.00",
  transaction_type: "withdrawal",
};
const BODY = JSON.stringify(EVENT);
const SIGNATURE = sign(BODY);

function sha1(...parts) {
  const hash = createHash("sha1");
  for (const part of parts) hash.update(part);
  return hash.digest("hex").toUpperCase();
}

function sign(text, password = PASSWORD) {
  return sha1(text, password);
}

function canonicalize(body) {
  try {
    return JSON.stringify(
      JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body)),
    );
  } catch {
    return undefined;
  }
}

/** What `verify` would say of it, by the reference's own formula. */
function isRight(body, signature, passwords) {
  const canonical = canonicalize(body);
  const isOver = (text) => passwords.some((password) => sign(text, password) === signature.toUpperCase());
  return canonical !== undefined && (isOver(canonical) || isOver(body));
}

/** An explanation of a body (text or bytes) and a signature that came, with one password or several. */
function ask(given, signature, { passwords = [PASSWORD], candidates } = {}) {
  const list = passwords.map((password, n) => ({ id: `${n}`, password }));
  return new Webhook(list).explain(Buffer.from(given), signature, { candidates });
}

const reason = (...question) => ask(...question).reason;

const vectors = JSON.parse(readFileSync(source("tests/vectors/explain.json"), "utf8")).vectors.map(
  ({ body, body_hex: hex, password, ...vector }) => ({
    ...vector,
    body: hex === undefined ? Buffer.from(body) : Buffer.from(hex, "hex"),
    passwords: [password],
  }),
);

test("every mistake among the vectors is named", () => {
  const seen = new Set();
  for (const { name, body, passwords, candidates, signature, reason } of vectors) {
    const explanation = ask(body, signature, { passwords, candidates });
    assert.equal(explanation.reason, reason, name);
    assert.equal(explanation.verdict, isRight(body, signature, passwords) ? "verified" : "refused", name);
    assert.ok(explanation.hint.startsWith(HINTS[reason]), name);
    seen.add(reason);
  }
  // All but the one that needs a clock.
  assert.deepEqual([...seen, "password_expired"].sort(), Object.keys(HINTS).sort());
});

describe("details", () => {
  const enveloped = JSON.stringify({ event: "x", data: EVENT });
  const named = [
    { id: "staging", password: "spg_staging" },
    { id: 'li"ve', password: "spg_live" },
  ];
  const rows = [
    [
      "The body itself is not as JSON.stringify writes it, so a comparison with its bytes would have failed.",
      [` ${BODY}`, SIGNATURE],
    ],
    ["Without that it is right.", [BODY, `sha1=${SIGNATURE}`]],
    ["Even without that it is not right.", [BODY, `"${"0".repeat(40)}"`]],
    ["What is there is right.", [BODY, SIGNATURE.slice(0, 12)]],
    ["This is MD5's length.", [BODY, "a".repeat(32)]],
    ["This is SHA-224's length.", [BODY, "a".repeat(56)]],
    ["This is SHA-256's length.", [BODY, "a".repeat(64)]],
    ["This is SHA-384's length.", [BODY, "a".repeat(96)]],
    ["This is SHA-512's length.", [BODY, "a".repeat(128)]],
    ["It is longer than SHA-1's.", [BODY, "a".repeat(41)]],
    ["This looks like base64.", [BODY, Buffer.from(SIGNATURE, "hex").toString("base64")]],
    ['It is the one named "li\\"ve".', [BODY, sign(BODY, "spg_live"), { candidates: named }]],
    ["It is the amount.", [BODY.replace('"200.00"', "200"), SIGNATURE]],
    ['The signature covers the value of "data".', [enveloped, SIGNATURE]],
    ["The signature covers an object in this body.", [JSON.stringify(["Jane Doe", EVENT]), SIGNATURE]],
    ['The signature covers an object that has this body under "data".', [BODY, sign(`{"data":${BODY}}`)]],
    [
      "Its fields are in another order than they were signed in.",
      [JSON.stringify(Object.fromEntries(Object.entries(EVENT).reverse())), SIGNATURE],
    ],
    [
      "It has U+FFFD in it, which stands where a character was lost.",
      [BODY.replace("ö", "\ufffd"), SIGNATURE],
    ],
    ["Without it the signature is right.", [`\ufeff${BODY}`, SIGNATURE]],
    ["Even without it the signature is not right.", ["\ufeff{}", SIGNATURE]],
    ["Brought to UTF-8, it is what was signed.", [Buffer.from(BODY, "utf16le"), SIGNATURE]],
    ["Decoded, it is what was signed.", [Buffer.from(BODY).toString("base64"), SIGNATURE]],
    [
      "Decoded, it is what was signed.",
      [
        Buffer.from(BODY)
          .toString("base64url")
          .replace(/(.{76})/g, "$1\r\n"),
        SIGNATURE,
      ],
    ],
    ["Decoded, it is gzip, which has to be decompressed.", [gzipSync(BODY).toString("base64"), SIGNATURE]],
    ["Even decoded, it is not what was signed.", [Buffer.from("{}").toString("base64"), SIGNATURE]],
    ["It begins as gzip does.", [gzipSync(BODY), SIGNATURE]],
    ["It begins as gzip does.", [gzipSync(BODY).toString("utf8"), SIGNATURE]],
    ["It begins as gzip does.", [gzipSync(BODY).toString("latin1"), SIGNATURE]],
    ["It begins as deflate (zlib) does.", [deflateSync(BODY), SIGNATURE]],
    ["It begins as Zstandard does.", [zstdCompressSync(BODY), SIGNATURE]],
    ["It only looks so: Brotli, for one, has no mark to know it by.", [brotliCompressSync(BODY), SIGNATURE]],
  ];

  test("name the key, not a string beside the object", () => {
    const { hint } = ask(JSON.stringify({ list: ["Jane Doe", EVENT] }), SIGNATURE);
    assert.equal(hint, `${HINTS.envelope} The signature covers the value of "list".`);
  });

  test("none where there is nothing to add", () => {
    assert.equal(ask(BODY, SIGNATURE).hint, HINTS.matched_canonical);
    assert.equal(ask(BODY, "0".repeat(40)).hint, HINTS.unexplained);
  });

  for (const [detail, question] of rows) {
    test(detail, () => {
      const { reason, hint } = ask(...question);
      assert.equal(hint, `${HINTS[reason]} ${detail}`);
    });
  }
});

test("no password and nothing of a body is shown", () => {
  const secrets = [PASSWORD, "spg_", "r21nmr", "Jörg", "p/1"];
  const questions = [
    ...vectors.map(({ body, signature, ...others }) => [body, signature, others]),
    [BODY, SIGNATURE.slice(0, 20)],
    [BODY, sign(BODY, "spg_live"), { candidates: "spg_live" }],
    [`{"a":{"r21nmr":1}}`, sign('{"a":{"r21nmr":1}}', "spg_other")],
  ];
  for (const question of questions) {
    const shown = JSON.stringify(ask(...question));
    for (const secret of secrets) assert.ok(!shown.includes(secret), shown);
  }
  // Only the name of a field is, and of that no more than 40 characters.
  const long = "😀".repeat(41);
  assert.ok(
    ask(JSON.stringify({ [long]: EVENT }), SIGNATURE).hint.endsWith(` the value of "${"😀".repeat(40)}".`),
  );
});

test("a password that has ended, and what is right and no event", () => {
  const ended = new Webhook([{ id: "old", password: PASSWORD, notAfter: 5 }]);
  assert.equal(ended.explain(BODY, SIGNATURE).reason, "password_expired");
  const pretty = JSON.stringify({ a: 1 }, null, 2);
  assert.equal(reason("{}", sign("{}")), "matched_canonical");
  assert.deepEqual(
    [ask(pretty, sign(pretty))].map(({ reason, verdict }) => [reason, verdict]),
    [["matched_raw", "verified"]],
  );
});

test("options and candidates are checked as passwords are", () => {
  const webhook = new Webhook(PASSWORD);
  const paths = (options) => {
    try {
      webhook.explain(BODY, SIGNATURE, options);
    } catch (error) {
      return error.violations.map(({ path, message }) => `${path}: ${message.slice(0, 14)}`);
    }
    return [];
  };
  assert.deepEqual(paths({ candidate: "x" }), ["options.candidate: unknown field;"]);
  assert.deepEqual(paths("candidates"), ["options: must be an obj"]);
  assert.deepEqual(
    paths({ candidates: [{ id: "a", password: "undefined" }] }).map((path) => path.split(":")[0]),
    ["candidates[0].password"],
  );
  for (const none of [undefined, {}, { candidates: undefined }, { candidates: [] }])
    assert.deepEqual(paths(none), []);
});

test("every password is tried, byte for byte", () => {
  const passwords = ["spg_first", " spg_second\f", "ü".repeat(40)];
  assert.equal(reason(BODY, sign(BODY, "spg_second"), { passwords }), "password_white_space");
  assert.equal(reason(`[${BODY}]`, sign(BODY, passwords[2]), { passwords }), "envelope");
  // A vertical tab is no white space that the core trims.
  assert.equal(reason(BODY, sign(BODY, "x"), { passwords: ["x\v"] }), "unexplained");
  assert.equal(reason(BODY, sign(BODY, '"'), { passwords: ["'"] }), "unexplained");
  for (const password of ["k".repeat(64), "k".repeat(65), "ü".repeat(40)]) {
    const hmac = createHmac("sha1", password).update(BODY).digest("hex");
    assert.equal(reason(BODY, hmac, { passwords: ["spg_first", password] }), "signature_hmac");
  }
  const pretty = JSON.stringify(EVENT, null, 3);
  for (const text of [pretty, BODY]) assert.equal(reason(pretty, sha1(text)), "password_missing");
});

test("white space around a signature is Unicode's, not JavaScript's", () => {
  assert.equal(reason(BODY, `\u0085${SIGNATURE}\u00a0`), "signature_wrapped");
  assert.equal(reason(BODY, `${SIGNATURE}\u0085`), "signature_wrapped");
  assert.equal(reason(BODY, `\ufeff${SIGNATURE}`), "signature_not_hex");
  assert.equal(reason(BODY, `${SIGNATURE}\ufeff`), "signature_not_hex");
  assert.equal(reason(BODY, `"\t${SIGNATURE}"`), "signature_not_hex");
  assert.equal(reason(BODY, `${SIGNATURE}, ${SIGNATURE}`), "signature_wrapped");
  // "ﬀ" in capitals is "FF".
  assert.equal(reason(BODY, "ﬀ".repeat(20)), "signature_not_hex");
});

test("UTF-16 of either order, with one byte order mark or none", () => {
  const le = (text) => Buffer.from(text, "utf16le");
  for (const text of [BODY, `\ufeff${BODY}`])
    for (const bytes of [le(text), le(text).swap16()])
      assert.match(ask(bytes, SIGNATURE).hint, /Brought to UTF-8/);
  for (const bytes of [le(`\ufeff\ufeff${BODY}`), Buffer.concat([le(BODY), Buffer.of(0)]), le(`x${BODY}`)])
    assert.doesNotMatch(ask(bytes, SIGNATURE).hint, /Brought to UTF-8/);
  // Half of a surrogate pair is no text.
  const half = Buffer.concat([le("{"), Buffer.of(0, 0xd8)]);
  assert.equal(reason(half, sign("{\ufffd")), "charset");
  assert.doesNotMatch(ask(half, sign("{\ufffd")).hint, /Brought to UTF-8/);
  assert.equal(reason('{"a":"{\\ud800"}', sign("{\ufffd")), "unexplained");
});

test("windows-1252 has five bytes that mean nothing", () => {
  const bytes = Buffer.from('{"a":"\xe9\x80\x81\x8d\x8f\x90\x9d"}', "latin1");
  assert.match(ask(bytes, sign('{"a":"é€\ufffd\ufffd\ufffd\ufffd\ufffd"}')).hint, /Brought to UTF-8/);
  assert.doesNotMatch(ask(bytes, sign('{"a":"é€\x81\x8d\x8f\x90\x9d"}')).hint, /Brought to UTF-8/);
  // Read by something that keeps them: "Ý" is C3 9D.
  assert.equal(reason('{"a":"Ã\u009d"}', sign('{"a":"Ý"}')), "charset");
  assert.equal(reason('{"a":"Ã\u009d😀"}', sign('{"a":"Ý😀"}')), "unexplained");
});

test("numbers and amounts in another form", () => {
  for (const [received, signed] of [
    ['{"a":-1,"b":[0.5,1e+21,1e-7,"2"]}', '{"a":-1.0,"b":[0.5,1e+21,1e-7,"2"]}'],
    ['{"a":-1,"b":[0.5,1.25,1e-7,"2"]}', '{"a":-1.00,"b":[0.50,1.25,1e-7,"2"]}'],
    ['{"amount":"200.10","b":{"amount":1}}', '{"amount":200.1,"b":{"amount":1}}'],
    ['{"amount":"200.00"}', '{"amount":200.0}'],
    ['{"amount":"2..00"}', '{"amount":2}'],
    ['{"amount":"1000"}', '{"amount":1000}'],
    ['{"amount":-0.5}', '{"amount":"-0.50"}'],
    ['{"b":[],"amount":7}', '{"b":[],"amount":"7.0"}'],
  ])
    assert.equal(reason(received, sign(signed)), "numbers_rewritten", signed);
  for (const [received, signed] of [
    ['{"amount":"1000"}', '{"amount":1}'],
    ['{"b":{"amount":1}}', '{"b":{"amount":"1"}}'],
    ['["amount",1]', '["amount","1"]'],
    ['["amount",1]', '{"amount":}'],
  ])
    assert.equal(reason(received, sign(signed)), "unexplained", signed);
});

test("fields in another order", () => {
  const fields = (...names) => `{${names.map((name) => `${JSON.stringify(name)}:0`).join(",")}}`;
  const rewritten = (received, signed) =>
    assert.equal(reason(received, sign(signed)), "body_rewritten", `${received} ${signed}`);
  rewritten(fields("a", "b"), fields("b", "a"));
  rewritten(fields("a", "b", "c", "d", "e", "f", "g"), fields("d", "g", "a", "f", "c", "b", "e"));
  // The order of code points: U+E000 before U+1F600, which UTF-16 begins with D83D. And a quote is less than a letter, but more than a space.
  const eight = ["z", "😀", "\ue000", "a b", "a", "a!", "ab", "b"];
  rewritten(fields(...eight), fields("a b", "a!", "a", "ab", "b", "z", "\ue000", "😀"));
  // The reference's fields first, the others as they came.
  rewritten(
    fields("z", "status", "y", "user_id", "x", "amount", "w", "transaction_id"),
    fields("transaction_id", "user_id", "status", "amount", "z", "y", "x", "w"),
  );
  assert.equal(reason(fields(...eight), sign(fields(...eight.toReversed()))), "unexplained");
  // No order of nothing.
  assert.equal(reason("[1]", sign("{}")), "unexplained");
});

test("no input makes it throw or hang", () => {
  const hostile = [
    "{}",
    "[]",
    '"',
    '"\\',
    '""',
    "1",
    "{",
    '{"":{"":"{"}}',
    '"{\\"a\\":1}"',
    '{"amount":""}',
    '{"amount":[]}',
    '{"amount":"..00"}',
    '{"amount":"\\"\\""}',
    '{"a":"\\ud800","b":"{\\udfff"}',
    '"[\\ud83d"',
    `${"[".repeat(1000)}1${"]".repeat(1000)}`,
    `${"[".repeat(1000)}${"1,".repeat(500_000)}1${"]".repeat(1000)}`,
    `{"a":`.repeat(500) + "1" + "}".repeat(500),
    `{${Array.from({ length: 3000 }, (_, n) => `"k${n}":{}`).join(",")}}`,
    `{"amount":"${"0".repeat(1_000_000)}1.${"0".repeat(1_000_000)}1"}`,
    `"${'\\"'.repeat(4_000_000)}"`,
    `"${"€".repeat(1_000_000)}"`,
    " ".repeat(1_000_000),
    Buffer.alloc(1_000_001, 0xe9),
    Buffer.alloc(1_000_000, 0xd8),
    Buffer.of(0xff),
    Buffer.of(0xff, 0xfe),
    Buffer.of(0xef, 0xbb, 0xbf),
    Buffer.alloc(0),
  ];
  const signatures = ["0".repeat(40), "", "é", "\ud800", "=".repeat(28), "0".repeat(8)];
  const check = (body, signature, options) => {
    const { verdict, hint } = ask(body, signature, options);
    assert.equal(verdict, "refused");
    assert.ok(hint.length > 20);
  };
  for (const body of hostile) for (const signature of signatures) check(body, signature);
  for (const signature of [
    " ".repeat(1_000_000),
    '"'.repeat(1_000_000),
    `${` ${SIGNATURE}${" ".repeat(1000)}`.repeat(1000)}x`,
    "a".repeat(1_000_000),
    "=".repeat(1_000_000),
  ])
    check("{}", signature);
  for (const password of ['"', "'", "\"'", "\u{10ffff}", "k".repeat(100_000)])
    check(BODY, "0".repeat(40), { passwords: [password], candidates: [{ id: "x", password }] });
});
