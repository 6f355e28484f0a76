// The usual mistakes, each made on purpose: what was received and configured, the signature that came, and the reason
// that `explain` has to find.

import { deflateSync, gzipSync } from "node:zlib";

/** The published body in brotli, whose bytes differ between versions of the library. */
const BROTLI =
  "1bc300608cd4624d99ee04d1dc52bf3ef97f9eb16cb11a9abc9b826122432c268b4e9f4e4e130c30006e97b47902712259a089059cdef090d7bd343127ede70ae1bd5d8d18a6771fef53fba8f105e002681a6401e8011c7b39c55d7352b37071b454b26631b7a8baa69a05ca493ce40fd0aa4a2cf30a84c584ed490435ea9c06a12867";

export function mistakes({ body, password, signature, sign, sha1, hmac }) {
  const data = JSON.parse(body);
  const rows = [];
  const add = (reason, name, mistake) =>
    rows.push({ name, body, password, candidates: [], signature, ...mistake, reason });
  const bytes = (text, encoding) => Buffer.from(text, encoding);
  const rich = {
    transaction_id: "t1",
    user_id: "Jörg Müller €",
    tracking_id: "p/1",
    status: "successful",
    currency: "EUR",
    amount: 200,
    transaction_type: "deposit",
  };
  const richBody = JSON.stringify(rich);
  const richSignature = sign(rich, password);
  const ascii = (text) =>
    text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  // As Python's json.dumps spaces it; no string of the fixture holds a comma or a colon.
  const python = (text) => text.replaceAll(",", ", ").replaceAll(":", ": ");

  add("matched_canonical", "nothing is wrong", {});
  add("matched_canonical", "spaces that the canonical form removes", { body: JSON.stringify(data, null, 2) });
  add("matched_raw", "the raw bytes were signed", {
    body: python(body),
    signature: sha1(python(body), password),
  });

  add("no_signature", "the header is missing", { signature: "" });
  add("signature_wrapped", "a line end behind the signature", { signature: `${signature}\n` });
  add("signature_wrapped", "quotes around the signature", { signature: `"${signature}"` });
  add("signature_wrapped", "a prefix as GitHub has it", { signature: `sha1=${signature.toLowerCase()}` });
  add("signature_wrapped", "the header's name in front", { signature: `x-signature: ${signature}` });
  add("signature_truncated", "cut to 32 digits", { signature: signature.slice(0, 32) });
  add("signature_truncated", "cut to 39 digits", { signature: signature.slice(0, 39) });
  add("signature_truncated", "the front is gone", { signature: signature.slice(4).toLowerCase() });
  add("signature_truncated", "too short, and not even right", { signature: "0123456789" });
  add("signature_truncated", "the last eight digits", { signature: signature.slice(-8) });
  for (const [algorithm, length] of [
    ["MD5", 32],
    ["SHA-224", 56],
    ["SHA-256", 64],
    ["SHA-384", 96],
    ["SHA-512", 128],
  ]) {
    add("signature_algorithm", `${algorithm}'s length`, { signature: "ab".repeat(length / 2) });
  }
  add("signature_algorithm", "base64", { signature: bytes(signature, "hex").toString("base64") });
  add("signature_algorithm", "longer than SHA-1's", { signature: `${signature}00` });
  add("signature_not_hex", "a word", { signature: "undefined" });
  add("signature_not_hex", "28 characters that are no base64", { signature: "this is not a signature at =" });
  add("signature_hmac", "HMAC in place of a plain hash", { signature: hmac(body, password) });

  add("password_white_space", "a line end behind our password", { password: `${password}\n` });
  add("password_white_space", "a Windows line end behind our password", { password: `${password}\r\n` });
  add("password_white_space", "a space before our password", { password: ` ${password}` });
  add("password_white_space", "a line end behind the signer's password", {
    signature: sign(data, `${password}\n`),
  });
  add("password_white_space", "a space before the signer's password", {
    signature: sign(data, ` ${password}`),
  });
  add("password_white_space", "spaces around the signer's password", {
    signature: sign(data, ` ${password} `),
  });
  add("password_white_space", "a space where the signer has a line end", {
    password: `${password} `,
    signature: sign(data, `${password}\n`),
  });
  add("password_quoted", "double quotes around our password", { password: `"${password}"` });
  add("password_quoted", "single quotes around our password", { password: `'${password}'` });
  add("password_quoted", "quotes and a line end around our password", { password: `"${password}"\n` });
  add("password_quoted", "double quotes around the signer's password", {
    signature: sign(data, `"${password}"`),
  });
  add("password_quoted", "single quotes around the signer's password", {
    signature: sign(data, `'${password}'`),
  });
  add("password_of_another_environment", "signed with the live password", {
    candidates: [
      { id: "staging", password: "spg_test_staging" },
      { id: "live", password: "spg_live_example" },
    ],
    signature: sign(data, "spg_live_example"),
  });
  add("password_first", "password before the body", { signature: sha1(password, body) });
  add("password_missing", "no password at all", { signature: sha1(body) });

  add("body_empty", "the body was read before", { body: "" });
  add("body_empty", "only a line end is left of the body", { body: "\n" });
  add("body_parsed", "String(body) of a parsed body", { body: String(data) });
  add("body_parsed", "str(body) of a parsed body in Python", {
    body: `{'transaction_id': 'r21nmrtpcmrcava', 'amount': None}`,
  });
  add("body_parsed", "a parsed body printed by Go", { body: "map[amount:200.00 currency:GBP]" });
  add("body_parsed", "a parsed body printed by PHP", { body: "Array\n(\n    [amount] => 200.00\n)\n" });
  const sorted = Object.fromEntries(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1)));
  add("body_rewritten", "keys sorted, as by Go's encoding/json", { body: JSON.stringify(sorted) });
  add("body_rewritten", "keys reversed", {
    body: JSON.stringify(Object.fromEntries(Object.entries(data).reverse())),
  });
  add("body_rewritten", "keys reversed by the signer", {
    signature: sign(Object.fromEntries(Object.entries(data).reverse()), password),
  });
  add("body_rewritten", "keys sorted, three fields", {
    body: '{"amount":"1.00","id":"t1","status":"pending"}',
    signature: sign({ status: "pending", id: "t1", amount: "1.00" }, password),
  });
  const longer = { ...data, note: "n", attempt: 1 };
  const sortedLonger = Object.fromEntries(Object.entries(longer).sort(([a], [b]) => (a < b ? -1 : 1)));
  add("body_rewritten", "keys sorted, nine fields, signed in the reference's order", {
    body: JSON.stringify(sortedLonger),
    signature: sign(Object.fromEntries(Object.entries({ ...data, attempt: 1, note: "n" })), password),
  });
  add("body_rewritten", "keys unsorted, nine fields, signed sorted", {
    body: JSON.stringify(longer),
    signature: sign(sortedLonger, password),
  });
  add("body_rewritten", "signed as Python's json.dumps spaces it", {
    signature: sha1(python(body), password),
  });
  add("body_rewritten", "signed as Python's json.dumps writes it", {
    body: richBody,
    signature: sha1(ascii(python(richBody)), password),
  });
  for (const indent of [2, 4, "\t"]) {
    const nested = { ...data, list: [1, [], {}, { a: null }], empty: {} };
    add("body_rewritten", `signed with an indent of ${JSON.stringify(indent)}`, {
      body: JSON.stringify(nested),
      signature: sha1(JSON.stringify(nested, null, indent), password),
    });
  }
  add("password_white_space", "a line end between body and password", {
    signature: sha1(body, "\n", password),
  });
  add("password_white_space", "a Windows line end between body and password", {
    signature: sha1(body, "\r\n", password),
  });
  add("slashes_escaped", "signed with \\/", {
    body: richBody,
    signature: sha1(richBody.replaceAll("/", "\\/"), password),
  });
  add("slashes_escaped", "signed as PHP's json_encode writes it", {
    body: richBody,
    signature: sha1(ascii(richBody).replaceAll("/", "\\/"), password),
  });
  add("non_ascii_escaped", "signed with \\u escapes", {
    body: richBody,
    signature: sha1(ascii(richBody), password),
  });
  add("non_ascii_escaped", "signed with \\u escapes of a surrogate pair", {
    body: '{"a":"😀"}',
    signature: sha1('{"a":"\\ud83d\\ude00"}', password),
  });
  const number = (text) => richBody.replace('"amount":200', `"amount":${text}`);
  add("numbers_rewritten", "200 was signed as 200.0", {
    body: richBody,
    signature: sha1(number("200.0"), password),
  });
  add("numbers_rewritten", "200 was signed as 200.00", {
    body: richBody,
    signature: sha1(number("200.00"), password),
  });
  add("numbers_rewritten", "10.5 was signed as 10.50", {
    body: number("10.5"),
    signature: sha1(number("10.50"), password),
  });
  const several = '"rate":1.255,"fee":-0.05,"most":1e+21,"least":1.5e-7,"amount"';
  for (const decimals of ["200.0", "200.00"]) {
    add("numbers_rewritten", `200 was signed as ${decimals}, beside numbers that have their decimals`, {
      body: richBody.replace('"amount"', several),
      signature: sha1(number(decimals).replace('"amount"', several), password),
    });
  }
  add("numbers_rewritten", '"200.00" became 200', {
    body: body.replace('"200.00"', "200"),
  });
  add("numbers_rewritten", '"200" became 200', {
    body: body.replace('"200.00"', "200"),
    signature: sign({ ...data, amount: "200" }, password),
  });
  add("numbers_rewritten", '"200.0" became 200', {
    body: body.replace('"200.00"', "200"),
    signature: sign({ ...data, amount: "200.0" }, password),
  });
  add("numbers_rewritten", '200 became "200.00"', { signature: sign({ ...data, amount: 200 }, password) });
  add("numbers_rewritten", '200.00, signed as such, became "200.00"', {
    signature: sha1(body.replace('"200.00"', "200.00"), password),
  });
  add("numbers_rewritten", '200.0, signed as such, became "200.00"', {
    signature: sha1(body.replace('"200.00"', "200.0"), password),
  });
  add("body_double_encoded", "received as a JSON string", { body: JSON.stringify(body) });
  add("body_double_encoded", "signed as a JSON string", { signature: sign(body, password) });
  add("body_double_encoded", "the data is a JSON string in an envelope", {
    body: JSON.stringify({ event: "x", data: body }),
  });

  add("envelope", "the data inside an envelope was signed", {
    body: JSON.stringify({ event: "transaction", data }),
  });
  add("envelope", "the data two layers down was signed", {
    body: JSON.stringify({ list: [1, { data: { inner: data } }] }),
  });
  add("envelope", "an envelope around the body was signed", { signature: sign({ data }, password) });
  add("envelope", "another envelope around the body was signed", {
    signature: sign({ notification: data }, password),
  });

  add("byte_order_mark", "a BOM before the body", { body: bytes(`\ufeff${body}`) });
  add("byte_order_mark", "a BOM before another body", { body: bytes("\ufeff{}") });
  add("byte_order_mark", "a BOM was signed", { signature: sha1(`\ufeff${body}`, password) });

  // Without compression, so that every version of zlib writes the same; byte 9 is the operating system.
  const gzip = gzipSync(body, { level: 0 });
  gzip[9] = 255;
  add("body_compressed", "the body came in gzip", { body: gzip });
  add("body_compressed", "the body came in deflate", { body: deflateSync(bytes(`${body}é`), { level: 0 }) });
  // brotliCompressSync(body)
  add("body_compressed", "the body came in brotli", { body: bytes(BROTLI, "hex") });
  add("body_base64", "a Lambda's body in base64", { body: bytes(body).toString("base64") });
  add("body_base64", "another body in base64", { body: bytes(richBody).toString("base64") });

  const windows = bytes(richBody.replace("€", "\u0080"), "latin1");
  add("charset", "the body came in windows-1252", { body: windows, signature: richSignature });
  add("charset", "the body is not in UTF-8, and not what was signed", { body: windows });
  add("charset", "UTF-8 was read as windows-1252", {
    // € is E2 82 AC: â‚¬; ö is C3 B6: Ã¶; ü is C3 BC: Ã¼
    body: richBody.replace("€", "â‚¬").replace("ö", "Ã¶").replace("ü", "Ã¼"),
    signature: richSignature,
  });
  add("charset", "characters were lost", { body: richBody.replace("ö", "\ufffd"), signature: richSignature });
  add("charset", "the body came in UTF-16, little endian", { body: bytes(`\ufeff${body}`, "utf16le") });
  add("charset", "the body came in UTF-16, big endian, without a BOM", {
    body: bytes(body, "utf16le").swap16(),
  });

  add("not_json", "half of the body", { body: body.slice(0, 100) });
  add("not_json", "form data", { body: "transaction_id=t1&status=successful" });
  add("unexplained", "another amount", { body: body.replace("200.00", "900.00") });
  add("unexplained", "another password", { signature: sign(data, "spg_test_other") });
  add("unexplained", "the signature of another request", {
    signature: sign({ status: "pending" }, password),
  });
  add("unexplained", "a candidate that is wrong too", {
    candidates: [{ id: "live", password: "spg_live_example" }],
    signature: sign(data, "spg_test_other"),
  });
  return rows;
}
