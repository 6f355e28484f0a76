// What a gateway may answer, for the comparison with the Rust core: replies as the reference shows them, replies that have changed, errors, pages,
// and bodies full of what an error must not show. Everything comes from one seeded generator, so a seed is a run.
/* oxlint-disable no-dupe-else-if */
import { number } from "../../fuzz-v8/generate.mjs";
import {
  anyJson,
  anyObject,
  cardNumber,
  changed,
  digitsOf,
  inFours,
  mostly,
  oneOf,
  someDay,
  times,
  under,
  words,
} from "./gateway-cases.mjs";

/** A number as it may be written, which is more than JavaScript would write. */
const raw = (r) => JSON.rawJSON(number(r));

/** Such numbers, written so. */
const raws = (text) => words(text).map((digits) => JSON.rawJSON(digits));

// --- replies ------------------------------------------------------------------------------------------------------------------

const someStatus = oneOf("pending successful rejected approved é");

function row(r) {
  const fields = {
    transaction_id: r.chance(4) ? idNumber(r) : `g${digitsOf(r, 5)}`,
    gateway_transaction_id: r.chance(2) ? idNumber(r) : "gt1",
    provider_transaction_id: "p-1",
    transaction_type: "deposit",
    transaction_date: `${someDay(r).toReversed().join("-")} 11:53:25`,
    status: someStatus(r),
    payment_provider: "provider",
    customer_id: r.chance(2) ? 123 : anyJson(r),
    amount: amount(r),
    currency: "GBP",
    user_amount: amount(r),
    user_currency: "EUR",
    fx_amount: amount(r),
  };
  if (r.chance(2)) for (const name of Object.keys(fields)) if (r.chance(3)) delete fields[name];
  fields.transaction_id ??= "g1";
  fields.status ??= "pending";
  return r.chance(3) ? { ...fields, ...anyObject(r) } : fields;
}

const idNumber = (r) => JSON.rawJSON(`${1 + r.below(9)}${digitsOf(r, r.below(25))}`);

function amount(r) {
  if (r.chance(3)) return raw(r);
  const text = `${r.below(1000)}.${digitsOf(r, r.below(4))}`.replace(/\.$/, "");
  return r.chance(2) ? text : JSON.rawJSON(text);
}

const LONG_TEXT = "x".repeat(300);
const someToken = oneOf("abc a␣b/c?d é😀", LONG_TEXT, "{token} .");

/** The documented reply of an operation. */
function documented(r, operation) {
  switch (operation) {
    case "hosted_deposit":
    case "hosted_withdrawal":
      return { token: someToken(r) };
    case "direct_payment": {
      const url = "https://provider.example/é";
      return mostOf(r, { url, token: "t", transaction_status: someStatus(r), error: anyJson(r) });
    }
    case "card_payment": {
      const transaction_status = someStatus(r);
      const url = r.pick(["", "https://3ds.example"]);
      return { transaction_status, ...mostOf(r, { url, error: r.pick(["declined", null, { code: 5 }]) }) };
    }
    case "reject_payout":
      return {};
    case "approve_payout":
      return mostOf(r, { message: r.pick(["done", ""]), transaction_status: someStatus(r) });
    case "transaction_status":
      return { transaction_status: someStatus(r), ...mostOf(r, { rejected_reason: "no funds" }) };
    default:
      return times(r.below(4), () => row(r));
  }
}

/** The object without a third of its fields. */
const mostOf = (r, fields) => Object.fromEntries(Object.entries(fields).filter(() => !r.chance(3)));

const oddText = (r) => {
  const numbers = [raw(r), idNumber(r)];
  return r.pick(["", " ", null, ...numbers, "x", true, ["x"], { token: "x" }, LONG_TEXT, "a\nb", "😀"]);
};

const ODD_IDS = words("∅ ␣ . .. ␣x x\u0085", "x".repeat(256)).concat(0, -1, -0, 1.5);
const ODD_ID_NUMBERS = raws("1.0 1e3 18446744073709551615 18446744073709551616 -0");
const oddReplyId = (r) => r.pick([...ODD_IDS, raw(r), idNumber(r), ...ODD_ID_NUMBERS, null, true, ["x"]]);

const ODD_REPLY_AMOUNTS = [
  words("1e3 -0 -0.00 1,5 ∅ ␣1 007 1.50 +1"),
  [null, true, [1], "79228162514264337593543950336"],
  raws("1E-28 1e-29 1E+28 -0e0 0e99999999999999999999 1e+0028 1.50e1 12345678901234567890123456789012"),
].flat();
const oddReplyAmount = (r) => r.pick([raw(r), raw(r), raw(r), ...ODD_REPLY_AMOUNTS]);

/** What stands in a field that is named so: nearly right. */
const ODD_REPLY_FIELDS = {
  ...under("token url transaction_status message rejected_reason status currency", oddText),
  ...under("transaction_type transaction_date payment_provider", oddText),
  ...under("transaction_id gateway_transaction_id provider_transaction_id", oddReplyId),
  ...under("amount user_amount fx_amount", oddReplyAmount),
  error: (r) => anyJson(r),
  customer_id: (r) => r.pick([raw(r), idNumber(r), anyJson(r)]),
};

const repeatedName = oneOf("token transaction_status message cashier_url b");
const repeatedValue = oneOf('"twice" null 5 ""');

/** The text of a reply, now and then written as only other languages write. */
function written(r, value) {
  let text = JSON.stringify(value, null, r.chance(8) ? r.pick([1, "\t"]) : undefined);
  // The last of two with one name counts.
  if (r.chance(12) && text.endsWith("}"))
    text = `${text.slice(0, -1)}${text.length > 2 ? "," : ""}"${repeatedName(r)}":${repeatedValue(r)}}`;
  if (r.chance(15)) text = text.replaceAll("e", "\\u0065");
  if (r.chance(15)) text = text.replaceAll('"a', '"\\u0061').replace("t", "\\t");
  return r.chance(15) ? ` \r\n\t${text}\n ` : text;
}

const breaking = oneOf("∅ \" \\ , } ] { \u0000 \n \ufeff \u00a0 0 - NaN ' // \\u12 \\x41");

/** A text broken in one place. */
function broken(r, text) {
  const at = r.below(text.length + 1);
  const put = breaking(r);
  return `${text.slice(0, at)}${put}${text.slice(at + r.below(2))}`.toWellFormed();
}

const arrays = (opened, closed = opened) => "[".repeat(opened) + "]".repeat(closed);
const ODD_BODIES = words(
  '∅ \ufeff \ufeff\ufeff{} {} [] null 5 "x" true [null] [{}] [[]] { nul ␣',
  '<!doctype␣html><title>Sorry</title> 01 1. - [1,] {"a":} "\t"',
  arrays(127),
  arrays(128),
);

function replyText(r, operation) {
  const reply = documented(r, r.chance(20) ? "list_transactions" : operation);
  const kind = r.below(12);
  if (kind < 4 || (kind < 6 && Array.isArray(reply))) return written(r, reply);
  if (kind < 6) {
    const further = anyObject(r);
    const known = r.chance(4) ? { cashier_url: oddText(r), extra: anyJson(r) } : {};
    return written(r, { ...reply, ...further, ...known });
  }
  if (kind < 10) return written(r, changed(r, reply, ODD_REPLY_FIELDS));
  if (kind === 10) return broken(r, written(r, reply));
  const deep = `{"token":"t","transaction_status":"x","message":"m","a":${arrays(r.pick([125, 126, 127]), 126)}}`;
  return r.pick([...ODD_BODIES, deep]);
}

// --- what an error must not show --------------------------------------------------------------------------------------------------

const SECRET_NAMES = words(
  "card_number cardNumber CARD-NUMBER number cc ccnumber account cvc cvv card_cvc cardCvc CVC2 cvn csc pan",
  "pin exp expiry exp_month expYear expiration_date holder_name cardholder token access_token accessToken",
  "password passwd secret api_key x-api-key apiKey Authorization security_code securityCode",
  "verification_value cvccode newCvc CVCcode",
);
const PLAIN_NAMES = words(
  "company pinball expense panic discard status amount user_id key tokens passwords tokenized dashboard card",
  "cards number_of accounts é",
);
const VALUES = words(
  "s3cr3t 123 4111111111111111 null nullify null␣ ∅ ␣ 12/30 a,b a;b a'b a\"b a\\b a\nb a}b a]b a<b a&b",
  "Bearer␣abc.def John␣Doe [REDACTED] {x} [x] 1234567890123 123456789012",
);
const GAPS = words(
  "␣ - . _ + \t \u00a0 \u2009 – \u202f ␣␣ ␣-␣ ---- / %20 %2D %C2%A0 &nbsp; &#32; &#x2d; \\u0020 \\u00a0 \n ∅",
);

function looseCard(r) {
  const digits = cardNumber(r, r.pick(["4", "51", "34", "6011", "36", "9", "0"]), 12 + r.below(9));
  const gap = r.pick(GAPS);
  const text = r.chance(2) ? inFours(digits, gap) : r.chance(3) ? [...digits].join(gap) : digits;
  return r.chance(4)
    ? r.pick([digitsOf(r, 1 + r.below(5)), "x", "1 "]) + text + r.pick(["", digitsOf(r, 1 + r.below(8)), "y"])
    : text;
}

const looseEmail = oneOf(
  "john@example.com a@b é@é.fr j%40x@y.z john%40example.com a&#64;b.c a\\u0040b @x x@ a@@b a.b+c_d-e%f@g",
  "<a@b.c> a@b@c a@b.c,d@e.f \u2003a@b\u2003 😀@x",
);

/** The text with a third of its characters written in another way. */
const partlyEscaped = (r, text, escape) =>
  Array.from(text, (character) => (r.chance(3) ? escape(character) : character)).join("");

const hex = (code, digits = 1) => code.toString(16).padStart(digits, "0");

/** A text as some format or other would carry it. */
function encoded(r, text) {
  switch (r.below(9)) {
    case 0:
      return encodeURIComponent(text);
    case 1:
      return new URLSearchParams({ x: text }).toString().slice(2);
    case 2:
      return JSON.stringify(text).slice(1, -1);
    case 3:
      return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
    case 4:
      return partlyEscaped(r, text, (character) => `\\u${hex(character.charCodeAt(0), 4)}`);
    case 5:
      return partlyEscaped(r, text, (character) => {
        const code = character.codePointAt(0);
        return r.pick([`&#${code};`, `&#x${hex(code)};`]);
      });
    case 6:
      return text.replace(/[\0-\x7f]/g, (character) =>
        r.chance(3) ? `%${r.chance(3) ? "25" : ""}${hex(character.charCodeAt(0), 2)}` : character,
      );
    default:
      return text;
  }
}

function field(r) {
  const name = r.pick(r.chance(4) ? PLAIN_NAMES : SECRET_NAMES);
  const value = r.chance(3) ? looseCard(r) : r.pick(VALUES);
  const quote = r.pick(['"', "'", "", "\\'"]);
  return r.pick([
    `"${name}":${JSON.stringify(value)}`,
    `"${name}": ${quote}${value}${quote}`,
    `${quote}${name}${quote} ${r.pick([":", "=", " = ", "=>"])} ${quote}${value}${quote}`,
    `${name}=${encodeURIComponent(value)}&`,
    `${name}=${value}`,
    `<${name}>${value}</${name}>`,
    `<${name} type="x">${value}</${name}>`,
    `<input name="${name}" value="${value}">`,
    `"${name}":[${JSON.stringify(value)},"x"]`,
    `"${name}":{"${r.pick(SECRET_NAMES)}":${JSON.stringify(value)}}`,
    `"${name}":${r.pick(["null", "123", "-5", "true", "[]", "{}", "4111111111111111"])}`,
    `card[${name}]=${value}`,
    `${name}:\n ${value}\nx`,
  ]);
}

const oddPiece = oneOf(
  "% %2 %zz %25 %2525252541 %é1 & &# &#; &#x; &#x110000; &#99999999999; &#xD800; &amp;quot; &quot",
  '\\ \\\\ \\\\\\" \\u \\u12 \\ud83d\\ude00 \\ud83d \\u00e \\u+041 %+1 &#x+41; é 😀 \u2028 \u00a0',
  "[REDACTED] [CARD] token token= : = > @ /token>x \0 \u007f",
);

function piece(r, key) {
  switch (r.below(8)) {
    case 0:
      return looseCard(r);
    case 1:
      return looseEmail(r);
    case 2:
      return encoded(r, key);
    case 3:
      return oddPiece(r);
    case 4:
      return encoded(r, field(r));
    case 5:
      return encoded(r, r.pick([looseCard(r), looseEmail(r), `x-api-key: ${key}`]));
    default:
      return field(r);
  }
}

/** JSON within JSON within JSON. */
function nested(r, text) {
  let whole = text;
  for (let depth = r.below(4); depth > 0; depth--)
    whole = r.chance(2) ? JSON.stringify({ message: whole, n: depth }) : JSON.stringify(whole);
  return whole;
}

const fillerUnit = oneOf('x é 語 😀 <p>é</p> {"a":1}, x\n ab␣ \\n 1 % a@b␣');

function filler(r, length) {
  const unit = fillerUnit(r);
  return unit.repeat(Math.max(0, Math.ceil(length / Buffer.byteLength(unit))));
}

/** A text full of secrets, now and then longer than an error keeps or looks at. */
function secretive(r, key) {
  const pieces = (most) =>
    times(1 + r.below(most), () => piece(r, key)).join(r.pick([",", "", " ", "\n", "&", ";", "}"]));
  const text = nested(r, pieces(6));
  if (!r.chance(12)) return text.toWellFormed();
  const edge = r.pick([4096, 4096, 4096, 16384]);
  const before = pieces(2) + filler(r, edge - r.below(200));
  const after = r.chance(2) ? filler(r, r.below(300)) : "";
  return (before + text + after + pieces(3)).toWellFormed();
}

// --- whole answers ---------------------------------------------------------------------------------------------------------------

const SUCCESSES = [200, 200, 200, 200, 200, 200, 201, 202, 204, 205, 206, 226, 299];
const FAILURES = [
  300, 301, 302, 303, 304, 307, 308, 399, 400, 401, 403, 404, 405, 408, 409, 422, 425, 429, 451, 499, 500,
  502, 503, 504, 599, 0, 99, 100, 101, 199, 600, 999,
];

const weekday = oneOf("Sun Mon Tue Wed Thu Fri Sat");

/** A date as HTTP has it, or nearly. */
function httpDate(r) {
  const date = new Date(Date.UTC(2024, r.below(12), 1 + r.below(31), r.below(24), r.below(60), r.below(60)));
  const text = date.toUTCString();
  if (!r.chance(4)) return text;
  return r.pick([
    text.replace("GMT", "UTC"),
    text.replace(/^..., /, ""),
    text.replace(/^.../, weekday(r)),
    text.replace(/^.../, "é"),
    text.toLowerCase(),
    text.replace(/:\d\d GMT/, " GMT"),
    text.replace(/:\d\d GMT/, ":60 GMT"),
    text.replace(/ \d\d:/, " 24:"),
    text.replace(/^(.{5})\d\d/, "$131"),
    text.replace(/^(.{5})\d\d/, "$1 5"),
    text.replace(/^(.{5})0?/, "$1"),
    text.replace("2024", "24"),
    text.replace("2024", r.pick(["0000", "0001", "9999", "2100"])),
    text.replaceAll(" ", "  "),
    `${text} x`,
    date.toISOString(),
    `x, ${text}`,
  ]);
}

const seconds = oneOf(
  "0 1 2 29 30 31 120 +5 -1 1.5 05 1e3 ∅ ␣7␣ 7\t x ٣ 5␣s 0x10 18446744073709551615 18446744073709551616",
  "9007199254740993 18446744073709552 999999999999999999999 + ++1 Infinity",
);

const ID_NAMES = words("x-request-id request-id x-correlation-id x-amzn-requestid cf-ray");
const TRACE_IDS = words("req-1 8f2a-77 a␣b");
const oddTraceIds = (key) =>
  words(
    `∅ é 4111␣1111␣1111␣1111 john@example.com ${"x".repeat(127)}yz id␣${key}␣x token=abc a\tb a\u0000b 😀`,
    `${"x".repeat(120)}␣4111111111111111`,
  );

function headers(r, key) {
  const found = {};
  for (const name of ID_NAMES) {
    if (!r.chance(4)) continue;
    const spelt = r.chance(4) ? name.toUpperCase() : name;
    found[spelt] = mostly(r, TRACE_IDS, oddTraceIds(key), 3);
  }
  if (r.chance(3)) found[r.pick(["retry-after", "Retry-After"])] = r.chance(2) ? seconds(r) : httpDate(r);
  if (r.chance(2)) found[r.pick(["date", "Date"])] = httpDate(r);
  if (r.chance(4)) found["content-type"] = "application/json";
  return found;
}

const someLocation = oneOf(
  "https://provider.example/pay?x=1 HTTPS://provider.example http://provider.example/ http://localhost/x",
  "/relative ∅ //provider.example/ https:// https://u:p@provider.example/ javascript:alert(1)",
  "https://provider.example/é https://provider.example/a␣b https://provider.example:443/#f",
  "https://gateway.example/x https://gateway.example:443/ https://GATEWAY.example./",
  "https://gateway.example:444/ https://gateway.example.. http://gateway.example/ https://gateway.example:/",
  "http://localhost:8080/x http://localhost http://[::1]:0/y http://127.0.0.1:80/ https://127.0.0.1",
  "https://gateway.example:065535/ https://provider.example:65536/",
);

/**
 * An answer of the gateway to an operation: `{status, headers, bytes}`, where `bytes` are the body's.
 *
 * @param {string} key the API key, which a body may hold
 */
export function anyAnswer(r, operation, key) {
  const succeeds = !r.chance(3);
  const redirects = operation === "direct_payment" && r.chance(4);
  const status = r.pick(redirects ? [302, 303, 302, 303, 301, 307, 304] : succeeds ? SUCCESSES : FAILURES);
  const found = headers(r, key);
  if (redirects && !r.chance(8)) found[r.pick(["location", "Location"])] = someLocation(r);
  const hides = succeeds ? r.chance(12) : !r.chance(4);
  let text = hides ? secretive(r, key) : replyText(r, operation);
  if ([204, 205].includes(status) && r.chance(2)) text = "";
  if (r.chance(20)) text = `\ufeff${text}`;
  const bytes = Buffer.from(text);
  return { status, headers: found, bytes: r.chance(20) ? damaged(r, bytes) : bytes };
}

/** In hexadecimal digits. */
const brokenUtf8 = oneOf("ff 80 c3 e282 f09f98 eda080 c0af f580 f4908080");

/** Bytes that are no UTF-8 any more, mostly. */
function damaged(r, bytes) {
  const put = Buffer.from(brokenUtf8(r), "hex");
  const at = r.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at)]);
}

const someDetail = oneOf(
  "fetch␣failed ∅ connect␣ECONNREFUSED␣127.0.0.1:443 getaddrinfo␣ENOTFOUND␣gateway.example 😀 a\nb",
);

/** What a failed `fetch` says. */
export const anyDetail = (r, key) => (r.chance(2) ? someDetail(r) : secretive(r, key));

const someBody = oneOf('{} not␣JSON ∅ {"token":"t","transaction_status":"x","message":"m"} []');

/** Statuses and headers for a call that is sent again. */
export function busyAnswer(r, key) {
  const status = r.pick([200, 400, 401, 408, 425, 429, 429, 500, 500, 502, 503, 503, 301]);
  const found = r.chance(2)
    ? {}
    : { ...headers(r, key), ...(r.chance(2) ? { "retry-after": String(r.below(33)) } : {}) };
  return { status, headers: found, bytes: Buffer.from(someBody(r)) };
}
