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
  mostly,
  someDay,
  times,
} from "./gateway-cases.mjs";

/** A number as it may be written, which is more than JavaScript would write. */
const raw = (r) => JSON.rawJSON(number(r));

// --- replies ------------------------------------------------------------------------------------------------------------------

const STATUSES = ["pending", "successful", "rejected", "approved", "é"];

function row(r) {
  const fields = {
    transaction_id: r.chance(4) ? idNumber(r) : `g${digitsOf(r, 5)}`,
    gateway_transaction_id: r.chance(2) ? idNumber(r) : "gt1",
    provider_transaction_id: "p-1",
    transaction_type: "deposit",
    transaction_date: `${someDay(r).toReversed().join("-")} 11:53:25`,
    status: r.pick(STATUSES),
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

/** The documented reply of an operation. */
function documented(r, operation) {
  switch (operation) {
    case "hosted_deposit":
    case "hosted_withdrawal":
      return { token: r.pick(["abc", "a b/c?d", "é😀", "x".repeat(300), "{token}", "."]) };
    case "direct_payment":
      return some(r, {
        url: "https://provider.example/é",
        token: "t",
        transaction_status: r.pick(STATUSES),
        error: anyJson(r),
      });
    case "card_payment":
      return {
        transaction_status: r.pick(STATUSES),
        ...some(r, {
          url: r.pick(["", "https://3ds.example"]),
          error: r.pick(["declined", null, { code: 5 }]),
        }),
      };
    case "reject_payout":
      return {};
    case "approve_payout":
      return some(r, { message: r.pick(["done", ""]), transaction_status: r.pick(STATUSES) });
    case "transaction_status":
      return { transaction_status: r.pick(STATUSES), ...some(r, { rejected_reason: "no funds" }) };
    default:
      return times(r.below(4), () => row(r));
  }
}

function some(r, fields) {
  return Object.fromEntries(Object.entries(fields).filter(() => !r.chance(3)));
}

const oddText = (r) =>
  r.pick([
    "",
    " ",
    null,
    raw(r),
    idNumber(r),
    "x",
    true,
    ["x"],
    { token: "x" },
    "x".repeat(300),
    "a\nb",
    "😀",
  ]);
const oddId = (r) =>
  r.pick([
    "",
    " ",
    ".",
    "..",
    " x",
    "x\u0085",
    "x".repeat(256),
    0,
    -1,
    -0,
    1.5,
    raw(r),
    idNumber(r),
    JSON.rawJSON("1.0"),
    JSON.rawJSON("1e3"),
    JSON.rawJSON("18446744073709551615"),
    JSON.rawJSON("18446744073709551616"),
    JSON.rawJSON("-0"),
    null,
    true,
    ["x"],
  ]);
const oddAmount = (r) =>
  r.pick([
    raw(r),
    raw(r),
    raw(r),
    "1e3",
    "-0",
    "-0.00",
    "1,5",
    "",
    " 1",
    "007",
    "1.50",
    "+1",
    null,
    true,
    [1],
    "79228162514264337593543950336",
    JSON.rawJSON("1E-28"),
    JSON.rawJSON("1e-29"),
    JSON.rawJSON("1E+28"),
    JSON.rawJSON("-0e0"),
    JSON.rawJSON("0e99999999999999999999"),
    JSON.rawJSON("1e+0028"),
    JSON.rawJSON("1.50e1"),
    JSON.rawJSON("12345678901234567890123456789012"),
  ]);
const ODD = {
  token: oddText,
  url: oddText,
  transaction_status: oddText,
  message: oddText,
  rejected_reason: oddText,
  error: (r) => anyJson(r),
  status: oddText,
  transaction_id: oddId,
  gateway_transaction_id: oddId,
  provider_transaction_id: oddId,
  transaction_type: oddText,
  transaction_date: oddText,
  payment_provider: oddText,
  customer_id: (r) => r.pick([raw(r), idNumber(r), anyJson(r)]),
  currency: oddText,
  amount: oddAmount,
  user_amount: oddAmount,
  fx_amount: oddAmount,
};

/** The text of a reply, now and then written as only other languages write. */
function written(r, value) {
  let text = JSON.stringify(value, null, r.chance(8) ? r.pick([1, "\t"]) : undefined);
  // The last of two with one name counts.
  if (r.chance(12) && text.endsWith("}"))
    text = `${text.slice(0, -1)}${text.length > 2 ? "," : ""}"${r.pick(["token", "transaction_status", "message", "cashier_url", "b"])}":${r.pick(['"twice"', "null", "5", '""'])}}`;
  if (r.chance(15)) text = text.replaceAll("e", "\\u0065");
  if (r.chance(15)) text = text.replaceAll('"a', '"\\u0061').replace("t", "\\t");
  return r.chance(15) ? ` \r\n\t${text}\n ` : text;
}

/** A text broken in one place. */
function broken(r, text) {
  const at = r.below(text.length + 1);
  const put = r.pick([
    "",
    '"',
    "\\",
    ",",
    "}",
    "]",
    "{",
    "\u0000",
    "\n",
    "\ufeff",
    "\u00a0",
    "0",
    "-",
    "NaN",
    "'",
    "//",
    "\\u12",
    "\\x41",
  ]);
  return `${text.slice(0, at)}${put}${text.slice(at + r.below(2))}`.toWellFormed();
}

function replyText(r, operation) {
  const reply = documented(r, r.chance(20) ? "list_transactions" : operation);
  const kind = r.below(12);
  if (kind < 4) return written(r, reply);
  if (kind < 6)
    return written(
      r,
      Array.isArray(reply)
        ? reply
        : {
            ...reply,
            ...anyObject(r),
            ...(r.chance(4) ? { cashier_url: oddText(r), extra: anyJson(r) } : {}),
          },
    );
  if (kind < 10) return written(r, changed(r, reply, ODD));
  if (kind === 10) return broken(r, written(r, reply));
  return r.pick([
    "",
    "\ufeff",
    "\ufeff\ufeff{}",
    "{}",
    "[]",
    "null",
    "5",
    '"x"',
    "true",
    "[null]",
    "[{}]",
    "[[]]",
    "{",
    "nul",
    " ",
    "<!doctype html><title>Sorry</title>",
    "01",
    "1.",
    "-",
    "[1,]",
    '{"a":}',
    '"\t"',
    `${"[".repeat(127)}${"]".repeat(127)}`,
    `${"[".repeat(128)}${"]".repeat(128)}`,
    `{"token":"t","transaction_status":"x","message":"m","a":${"[".repeat(r.pick([125, 126, 127]))}${"]".repeat(126)}}`,
  ]);
}

// --- what an error must not show --------------------------------------------------------------------------------------------------

const SECRET_NAMES =
  "card_number cardNumber CARD-NUMBER number cc ccnumber account cvc cvv card_cvc cardCvc CVC2 cvn csc pan pin exp expiry exp_month expYear expiration_date holder_name cardholder token access_token accessToken password passwd secret api_key x-api-key apiKey Authorization security_code securityCode verification_value cvccode newCvc CVCcode".split(
    " ",
  );
const PLAIN_NAMES =
  "company pinball expense panic discard status amount user_id key tokens passwords tokenized dashboard card cards number_of accounts é".split(
    " ",
  );
const VALUES = [
  "s3cr3t",
  "123",
  "4111111111111111",
  "null",
  "nullify",
  "null ",
  "",
  " ",
  "12/30",
  "a,b",
  "a;b",
  "a'b",
  'a"b',
  "a\\b",
  "a\nb",
  "a}b",
  "a]b",
  "a<b",
  "a&b",
  "Bearer abc.def",
  "John Doe",
  "[REDACTED]",
  "{x}",
  "[x]",
  "1234567890123",
  "123456789012",
];
const GAPS = [
  " ",
  "-",
  ".",
  "_",
  "+",
  "\t",
  "\u00a0",
  "\u2009",
  "–",
  "\u202f",
  "  ",
  " - ",
  "----",
  "/",
  "%20",
  "%2D",
  "%C2%A0",
  "&nbsp;",
  "&#32;",
  "&#x2d;",
  "\\u0020",
  "\\u00a0",
  "\n",
  "",
];

const card = (r) => cardNumber(r, r.pick(["4", "51", "34", "6011", "36", "9", "0"]), 12 + r.below(9));

function looseCard(r) {
  const digits = card(r);
  const gap = r.pick(GAPS);
  const text = r.chance(2)
    ? digits.replace(/.{4}(?=.)/g, `$&${gap}`)
    : r.chance(3)
      ? [...digits].join(gap)
      : digits;
  return r.chance(4)
    ? r.pick([digitsOf(r, 1 + r.below(5)), "x", "1 "]) + text + r.pick(["", digitsOf(r, 1 + r.below(8)), "y"])
    : text;
}

const looseEmail = (r) =>
  r.pick([
    "john@example.com",
    "a@b",
    "é@é.fr",
    "j%40x@y.z",
    "john%40example.com",
    "a&#64;b.c",
    "a\\u0040b",
    "@x",
    "x@",
    "a@@b",
    "a.b+c_d-e%f@g",
    "<a@b.c>",
    "a@b@c",
    "a@b.c,d@e.f",
    "\u2003a@b\u2003",
    "😀@x",
  ]);

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
      return [...text]
        .map((c) => (r.chance(3) ? `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}` : c))
        .join("");
    case 5:
      return [...text]
        .map((c) =>
          r.chance(3) ? r.pick([`&#${c.codePointAt(0)};`, `&#x${c.codePointAt(0).toString(16)};`]) : c,
        )
        .join("");
    case 6:
      return [...text]
        .map((c) =>
          c.codePointAt(0) < 128 && r.chance(3)
            ? `%${r.chance(3) ? "25" : ""}${c.charCodeAt(0).toString(16).padStart(2, "0")}`
            : c,
        )
        .join("");
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

const ODD_PIECES = [
  "%",
  "%2",
  "%zz",
  "%25",
  "%2525252541",
  "%é1",
  "&",
  "&#",
  "&#;",
  "&#x;",
  "&#x110000;",
  "&#99999999999;",
  "&#xD800;",
  "&amp;quot;",
  "&quot",
  "\\",
  "\\\\",
  '\\\\\\"',
  "\\u",
  "\\u12",
  "\\ud83d\\ude00",
  "\\ud83d",
  "\\u00e",
  "\\u+041",
  "%+1",
  "&#x+41;",
  "é",
  "😀",
  "\u2028",
  "\u00a0",
  "[REDACTED]",
  "[CARD]",
  "token",
  "token=",
  ":",
  "=",
  ">",
  "@",
  "/token>x",
  "\0",
  "\u007f",
];

function piece(r, key) {
  switch (r.below(8)) {
    case 0:
      return looseCard(r);
    case 1:
      return looseEmail(r);
    case 2:
      return encoded(r, key);
    case 3:
      return r.pick(ODD_PIECES);
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

function filler(r, length) {
  const unit = r.pick(["x", "é", "語", "😀", "<p>é</p>", '{"a":1},', "x\n", "ab ", "\\n", "1", "%", "a@b "]);
  return unit.repeat(Math.max(0, Math.ceil(length / Buffer.byteLength(unit))));
}

/** A text full of secrets, now and then longer than an error keeps or looks at. */
export function secretive(r, key) {
  const some_ = (n) =>
    times(1 + r.below(n), () => piece(r, key)).join(r.pick([",", "", " ", "\n", "&", ";", "}"]));
  const text = nested(r, some_(6));
  if (!r.chance(12)) return text.toWellFormed();
  const edge = r.pick([4096, 4096, 4096, 16384]);
  return (
    some_(2) +
    filler(r, edge - r.below(200)) +
    text +
    (r.chance(2) ? filler(r, r.below(300)) : "") +
    some_(3)
  ).toWellFormed();
}

// --- whole answers ---------------------------------------------------------------------------------------------------------------

const SUCCESSES = [200, 200, 200, 200, 200, 200, 201, 202, 204, 205, 206, 226, 299];
const FAILURES = [
  300, 301, 302, 303, 304, 307, 308, 399, 400, 401, 403, 404, 405, 408, 409, 422, 425, 429, 451, 499, 500,
  502, 503, 504, 599, 0, 99, 100, 101, 199, 600, 999,
];

const ID_NAMES = ["x-request-id", "request-id", "x-correlation-id", "x-amzn-requestid", "cf-ray"];
const WEEK = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** A date as HTTP has it, or nearly. */
function httpDate(r) {
  const date = new Date(Date.UTC(2024, r.below(12), 1 + r.below(31), r.below(24), r.below(60), r.below(60)));
  const text = date.toUTCString();
  if (!r.chance(4)) return text;
  return r.pick([
    text.replace("GMT", "UTC"),
    text.replace(/^..., /, ""),
    text.replace(/^.../, r.pick(WEEK)),
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

const seconds = (r) =>
  r.pick([
    "0",
    "1",
    "2",
    "29",
    "30",
    "31",
    "120",
    "+5",
    "-1",
    "1.5",
    "05",
    "1e3",
    "",
    " 7 ",
    "7\t",
    "x",
    "٣",
    "5 s",
    "0x10",
    "18446744073709551615",
    "18446744073709551616",
    "9007199254740993",
    "18446744073709552",
    "999999999999999999999",
    "+",
    "++1",
    "Infinity",
  ]);

function headers(r, key) {
  const found = {};
  for (const name of ID_NAMES) {
    if (!r.chance(4)) continue;
    const spelt = r.chance(4) ? name.toUpperCase() : name;
    found[spelt] = mostly(
      r,
      ["req-1", "8f2a-77", "a b"],
      [
        "",
        "é",
        "4111 1111 1111 1111",
        "john@example.com",
        "x".repeat(127) + "yz",
        `id ${key} x`,
        "token=abc",
        "a\tb",
        "a\u0000b",
        "😀",
        `${"x".repeat(120)} 4111111111111111`,
      ],
      3,
    );
  }
  if (r.chance(3)) found[r.pick(["retry-after", "Retry-After"])] = r.chance(2) ? seconds(r) : httpDate(r);
  if (r.chance(2)) found[r.pick(["date", "Date"])] = httpDate(r);
  if (r.chance(4)) found["content-type"] = "application/json";
  return found;
}

const LOCATIONS = [
  "https://provider.example/pay?x=1",
  "HTTPS://provider.example",
  "http://provider.example/",
  "http://localhost/x",
  "/relative",
  "",
  "//provider.example/",
  "https://",
  "https://u:p@provider.example/",
  "javascript:alert(1)",
  "https://provider.example/é",
  "https://provider.example/a b",
  "https://provider.example:443/#f",
  "https://gateway.example/x",
  "https://gateway.example:443/",
  "https://GATEWAY.example./",
  "https://gateway.example:444/",
  "https://gateway.example..",
  "http://gateway.example/",
  "https://gateway.example:/",
  "http://localhost:8080/x",
  "http://localhost",
  "http://[::1]:0/y",
  "http://127.0.0.1:80/",
  "https://127.0.0.1",
  "https://gateway.example:065535/",
  "https://provider.example:65536/",
];

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
  if (redirects && !r.chance(8)) found[r.pick(["location", "Location"])] = r.pick(LOCATIONS);
  const hides = succeeds ? r.chance(12) : !r.chance(4);
  let text = hides ? secretive(r, key) : replyText(r, operation);
  if ([204, 205].includes(status) && r.chance(2)) text = "";
  if (r.chance(20)) text = `\ufeff${text}`;
  const bytes = Buffer.from(text);
  return { status, headers: found, bytes: r.chance(20) ? damaged(r, bytes) : bytes };
}

/** Bytes that are no UTF-8 any more, mostly. */
function damaged(r, bytes) {
  const put = Buffer.from(
    r.pick([
      [0xff],
      [0x80],
      [0xc3],
      [0xe2, 0x82],
      [0xf0, 0x9f, 0x98],
      [0xed, 0xa0, 0x80],
      [0xc0, 0xaf],
      [0xf5, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
    ]),
  );
  const at = r.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at)]);
}

/** What a failed `fetch` says. */
export const anyDetail = (r, key) =>
  r.chance(2)
    ? r.pick([
        "fetch failed",
        "",
        "connect ECONNREFUSED 127.0.0.1:443",
        "getaddrinfo ENOTFOUND gateway.example",
        "😀",
        "a\nb",
      ])
    : secretive(r, key);

/** Statuses and headers for a call that is sent again. */
export function busyAnswer(r, key) {
  const status = r.pick([200, 400, 401, 408, 425, 429, 429, 500, 500, 502, 503, 503, 301]);
  const found = r.chance(2)
    ? {}
    : { ...headers(r, key), ...(r.chance(2) ? { "retry-after": String(r.below(33)) } : {}) };
  return {
    status,
    headers: found,
    bytes: Buffer.from(
      r.pick(["{}", "not JSON", "", '{"token":"t","transaction_status":"x","message":"m"}', "[]"]),
    ),
  };
}
