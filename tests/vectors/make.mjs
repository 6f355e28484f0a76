// Makes the vectors in this folder with nothing but JSON and node:crypto, so that what tests our code is not our code.
//
//   node tests/vectors/make.mjs           writes canonical.json, signatures.json and explain.json
//   node tests/vectors/make.mjs --check   says whether the files are what this script makes; exit code 1 when not

import { createHash, createHmac } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";

import { canonicalTexts } from "./canonical-texts.mjs";
import { mistakes } from "./mistakes.mjs";

/** The reference's own snippet. */
export const sign = (data, password) =>
  createHash("sha1")
    .update(JSON.stringify(data) + password)
    .digest("hex")
    .toUpperCase();
export const sha1 = (...parts) => {
  const hash = createHash("sha1");
  for (const part of parts) hash.update(part);
  return hash.digest("hex").toUpperCase();
};
export const hmac = (body, password) => createHmac("sha1", password).update(body).digest("hex").toUpperCase();

/** Text where it is text; bytes that are not UTF-8, or begin with a BOM, in hexadecimal. */
function written(name, input) {
  const bytes = Buffer.isBuffer(input) ? input : Buffer.from(input);
  const text = bytes.toString();
  return Buffer.from(text).equals(bytes) && !text.startsWith("\ufeff")
    ? { [name]: text }
    : { [`${name}_hex`]: bytes.toString("hex") };
}

function canonical() {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const vectors = canonicalTexts().map(([name, input]) => {
    let result;
    try {
      result = { canonical: JSON.stringify(JSON.parse(decoder.decode(Buffer.from(input)))) };
    } catch {
      result = { canonical: null };
    }
    return { name, ...written("text", input), ...result };
  });
  const names = new Set(vectors.map((vector) => vector.name));
  if (names.size !== vectors.length) throw new Error("two canonical vectors have one name");
  return vectors;
}

const published = {
  body: '{"transaction_id":"r21nmrtpcmrcava","user_id":"1111222","tracking_id":"b8f04416-116a-11ed-861d-0242ac120002","status":"rejected","currency":"GBP","amount":"200.00","transaction_type":"withdrawal"}',
  password: "spg_test_companyxxxxQyGAheyMqcHVmp8ZMQtkYcev27sCu7RF",
  signature: "5FDDA8F46411C132DCFBEE53C39BA06298CB48BC",
};

function signatures() {
  const { body, password, signature } = published;
  const data = JSON.parse(body);
  if (sign(data, password) !== signature) throw new Error("the published check does not hold");
  const pretty = JSON.stringify(data, null, 2);
  const one = [{ password }];
  const noon = Date.UTC(2026, 0, 1, 12);
  const rotation = [
    { id: "old", password: "spg_test_old", not_after: noon },
    { id: "new", password: "spg_test_new" },
  ];
  const ok = (matched, id = null) => ({ matched, password_id: id });
  const no = (error) => ({ error });
  const flip = (text, at) => text.slice(0, at) + (text[at] === "0" ? "1" : "0") + text.slice(at + 1);
  const numbers =
    '{"transaction_id":"t1","user_id":1111222,"tracking_id":"p1","status":"successful","currency":"EUR","amount":200.00,"transaction_type":"deposit"}';
  const shuffled =
    '{"amount":"10.05","b":"\\/","10":1,"2":{"x":1.0,"x":2},"transaction_id":"t1","user_id":"u1","tracking_id":"p1","status":"on_hold","currency":"XYZ","transaction_type":"refund"}';
  const escaped =
    '{"transaction_id":"t1","user_id":"J\\u00f6rg \\ud83d\\ude00 \\ud800","tracking_id":"p1","status":"pending","currency":"EUR","amount":"1.00","transaction_type":"deposit"}';
  const withPassword = (secret) => [{ password: secret }];
  const rows = [
    ["published", body, one, signature, ok("canonical")],
    ["lower case", body, one, signature.toLowerCase(), ok("canonical")],
    ["mixed case", body, one, signature.slice(0, 20) + signature.slice(20).toLowerCase(), ok("canonical")],
    ["white space between tokens", pretty, one, signature, ok("canonical")],
    ["trailing newline", `${body}\n`, one, signature, ok("canonical")],
    ["raw: white space was signed", pretty, one, sha1(pretty, password), ok("raw")],
    ["raw: 200.00 was signed as such", numbers, one, sha1(numbers, password), ok("raw")],
    [
      "canonical: 200.00 was signed as 200",
      numbers,
      one,
      sign(JSON.parse(numbers), password),
      ok("canonical"),
    ],
    [
      "keys move, repeat, and statuses are unknown",
      shuffled,
      one,
      sign(JSON.parse(shuffled), password),
      ok("canonical"),
    ],
    [
      "escapes, and half a surrogate pair",
      escaped,
      one,
      sign(JSON.parse(escaped), password),
      ok("canonical"),
    ],
    [
      "password with white space around it",
      body,
      withPassword(" spg_test \n"),
      sign(data, " spg_test \n"),
      ok("canonical"),
    ],
    [
      "password trimmed by the signer",
      body,
      withPassword(" spg_test \n"),
      sign(data, "spg_test"),
      no("signature_mismatch"),
    ],
    [
      "password that is not ASCII",
      body,
      withPassword("pässwörd€😀"),
      sign(data, "pässwörd€😀"),
      ok("canonical"),
    ],
    ["rotation: new password", body, rotation, sign(data, "spg_test_new"), ok("canonical", "new"), noon + 1],
    [
      "rotation: old password, at its last moment",
      body,
      rotation,
      sign(data, "spg_test_old"),
      ok("canonical", "old"),
      noon,
    ],
    [
      "rotation: old password, one millisecond later",
      body,
      rotation,
      sign(data, "spg_test_old"),
      no("password_expired"),
      noon + 1,
    ],
    [
      "rotation: old password, without a clock",
      body,
      rotation,
      sign(data, "spg_test_old"),
      no("password_expired"),
    ],
    [
      "rotation: a third password",
      body,
      rotation,
      sign(data, "spg_test_third"),
      no("signature_mismatch"),
      noon,
    ],
    ["no signature", body, one, "", no("no_signature")],
    [
      "signature of another body",
      body,
      one,
      sign({ ...data, amount: "200.01" }, password),
      no("signature_mismatch"),
    ],
    ["signature of another password", body, one, sign(data, `${password}x`), no("signature_mismatch")],
    ["first digit wrong", body, one, flip(signature, 0), no("signature_mismatch")],
    ["last digit wrong", body, one, flip(signature, 39), no("signature_mismatch")],
    ["39 digits", body, one, signature.slice(0, 39), no("signature_length")],
    ["41 digits", body, one, `${signature}0`, no("signature_length")],
    ["8 digits", body, one, signature.slice(0, 8), no("signature_length")],
    [
      "64 digits, as of SHA-256",
      body,
      one,
      createHash("sha256")
        .update(body + password)
        .digest("hex"),
      no("signature_length"),
    ],
    ["not hexadecimal", body, one, `G${signature.slice(1)}`, no("signature_not_hex")],
    ["white space before it", body, one, ` ${signature}`, no("signature_not_hex")],
    ["white space behind it", body, one, `${signature}\n`, no("signature_not_hex")],
    ["prefix", body, one, `sha1=${signature}`, no("signature_not_hex")],
    ["fullwidth digits", body, one, signature.replace(/5/g, "５"), no("signature_not_hex")],
    ["Arabic-Indic digits", body, one, signature.replace(/8/g, "٨"), no("signature_not_hex")],
    ["empty body", "", one, sha1("", password), no("not_json")],
    ["body cut short", body.slice(0, -1), one, signature, no("not_json")],
    [
      "body that is not UTF-8",
      Buffer.from(body.replace("GBP", "G\u00e9"), "latin1"),
      one,
      signature,
      no("not_json"),
    ],
    ["body with a BOM", Buffer.from(`\ufeff${body}`), one, signature, no("not_json")],
    ["form data", "a=1&b=2", one, sha1("a=1&b=2", password), no("not_json")],
    ["signed, but an array", "[1,2]", one, sign([1, 2], password), no("not_a_webhook")],
    ["signed, but null", "null", one, sign(null, password), no("not_a_webhook")],
    [
      "signed, but fields are missing",
      '{"status":"pending"}',
      one,
      sign({ status: "pending" }, password),
      no("not_a_webhook"),
    ],
    [
      "signed, but an amount that is none",
      body.replace("200.00", "much"),
      one,
      sign({ ...data, amount: "much" }, password),
      no("not_a_webhook"),
    ],
  ];
  return rows.map(([name, input, passwords, value, expected, now = null]) => ({
    name,
    ...written("body", input),
    passwords,
    signature: value,
    now,
    expected,
  }));
}

function explain() {
  const vectors = mistakes({ ...published, sign, sha1, hmac });
  return vectors.map(({ name, body, ...rest }) => ({ name, ...written("body", body), ...rest }));
}

const about = "Made by tests/vectors/make.mjs; see README.md in this folder. Do not edit by hand.";
let stale = 0;
for (const [file, vectors] of [
  ["canonical.json", canonical()],
  ["signatures.json", signatures()],
  ["explain.json", explain()],
]) {
  const path = new URL(file, import.meta.url);
  const text = `${JSON.stringify({ about, vectors }, null, 1)}\n`;
  if (process.argv.includes("--check")) {
    const same = readFileSync(path, "utf8") === text;
    if (!same) stale++;
    console.log(`${file}: ${vectors.length} vectors, ${same ? "as made" : "NOT as made"}`);
  } else {
    writeFileSync(path, text);
    console.log(`${file}: ${vectors.length} vectors`);
  }
}
process.exit(stale === 0 ? 0 : 1);
