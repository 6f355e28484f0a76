// Bodies for the differential fuzzer: the grammar of JSON, bent towards what canonical forms trip over, and mutated.
// Everything comes from one seeded generator, so a seed is a run.
// Each call of the generator throws the dice again, so the same condition twice is two throws.
/* oxlint-disable no-dupe-else-if */

/** xoshiro128**: small, fast, good enough, and the same on every machine. */
export function random(seed) {
  let state = BigInt.asUintN(64, BigInt(seed));
  const word = () => {
    // splitmix64 spreads the seed over the state
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    let z = state;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return Number((z ^ (z >> 31n)) & 0xffffffffn);
  };
  let [a, b, c, d] = [word(), word(), word(), word()];
  const next = () => {
    const times5 = Math.imul(b, 5);
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  return {
    next,
    below: (n) => next() % n,
    chance: (n) => next() % n === 0,
    pick: (list) => list[next() % list.length],
  };
}

const hex4 = (r, unit) => {
  const text = unit.toString(16).padStart(4, "0");
  return r.chance(2) ? text : text.toUpperCase();
};

const bits = new DataView(new ArrayBuffer(8));
const anyDouble = (r) => {
  for (;;) {
    bits.setUint32(0, r.next());
    bits.setUint32(4, r.next());
    const value = bits.getFloat64(0);
    if (Number.isFinite(value)) return value;
  }
};

const digits = (r, n) => Array.from({ length: n }, () => r.below(10)).join("");
const lead = (r, n) => String(1 + r.below(9)) + digits(r, n - 1);

/** The exact decimal that lies half way between a double and the next one: where rounding is decided. */
function nearTie(r) {
  const value = Math.abs(anyDouble(r));
  bits.setFloat64(0, value);
  const raw = bits.getBigUint64(0);
  const exponent = Number(raw >> 52n);
  if (exponent > 1090 || exponent < 950) return String(value);
  const mantissa = (raw & 0xfffffffffffffn) | 0x10000000000000n;
  // (2m + 1) * 2^(e - 1076), exactly
  const numerator = 2n * mantissa + 1n;
  const power = exponent - 1076;
  let text;
  if (power >= 0) {
    text = (numerator << BigInt(power)).toString();
  } else {
    const all = (numerator * 5n ** BigInt(-power)).toString().padStart(-power + 1, "0");
    text = `${all.slice(0, power)}.${all.slice(power)}`;
  }
  if (r.chance(3)) return text; // the tie itself
  if (!text.includes(".")) return text;
  return r.chance(2) ? `${text}${"0".repeat(r.below(4))}1` : text.slice(0, -1).replace(/\.$/, "");
}

export function number(r) {
  const sign = r.chance(4) ? "-" : "";
  switch (r.below(16)) {
    case 0:
      return sign + r.below(1000);
    case 1:
      return `${sign}${r.below(100000)}.${digits(r, 2)}`; // an amount
    case 2:
      return sign + lead(r, 15 + r.below(3));
    case 3: {
      const n = 14 + r.below(5);
      const point = 1 + r.below(n - 1);
      const text = lead(r, n);
      return `${sign}${text.slice(0, point)}.${text.slice(point)}`;
    }
    case 4:
      return `${sign}0.${"0".repeat(r.below(9))}${lead(r, 1 + r.below(17))}`;
    case 5:
      return `${sign}${r.below(100)}${r.chance(2) ? `.${digits(r, 1 + r.below(6))}` : ""}${r.pick(["e", "E"])}${r.pick(["", "+", "-"])}${r.chance(2) ? r.below(30) : r.below(400)}`;
    case 6:
      return String(anyDouble(r));
    case 7:
      return nearTie(r);
    case 8:
      return `${sign}${lead(r, 1 + r.below(3))}e-${300 + r.below(40)}`; // subnormal and below
    case 9:
      return sign + lead(r, 19 + r.below(6));
    case 10:
      return r.pick([
        "-0",
        "-0.0",
        "0.0",
        "0e5",
        "-0e-3",
        "1.0",
        "10.10",
        "1e400",
        "-1e400",
        "1e-400",
        "0.000001",
        "0.0000001",
        "1e21",
        "999999999999999900000",
        "1000000000000000000000",
        "9007199254740993",
        "4.35",
        "0.1",
        "5e-324",
        "2.4703282292062328e-324",
        "2.4703282292062327e-324",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
        "123456789012345.6",
        "0.00000123456789012345",
      ]);
    case 11:
      return String(Math.abs(anyDouble(r)).toPrecision(15 + r.below(3)));
    case 12:
      return `${sign}${digits(r, 1 + r.below(20)).replace(/^0+(?=\d)/, "")}.${digits(r, 1 + r.below(20))}`;
    case 13:
      return `${sign}1${"0".repeat(r.below(25))}`;
    case 14:
      return (r.next() * 2 ** r.below(40)).toString();
    default:
      return `${sign}${lead(r, 1 + r.below(15))}`;
  }
}

const RAW = [
  "a",
  "z",
  "_",
  "-",
  " ",
  "0",
  "7",
  "/",
  "é",
  "ß",
  "€",
  "語",
  "😀",
  "\u007f",
  "\u0080",
  "\u2028",
  "\u2029",
  "\ufeff",
  "\uffff",
  "'",
  "<",
  ":",
  ",",
  "{",
  "}",
  "[",
  "]",
];
const ESCAPES = ['\\"', "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t"];
const UNITS = [
  0, 8, 9, 0xa, 0xb, 0xc, 0xd, 0x1f, 0x20, 0x22, 0x2f, 0x31, 0x5c, 0x7f, 0xe9, 0x2028, 0xd7ff, 0xd800, 0xd83d,
  0xdbff, 0xdc00, 0xde00, 0xdfff, 0xe000, 0xfeff, 0xffff,
];

export function stringBody(r) {
  let text = "";
  const parts = r.chance(8) ? r.below(60) : r.below(10);
  const plain = r.chance(2);
  for (let i = 0; i < parts; i++) {
    if (plain) text += r.chance(6) ? r.pick(RAW) : r.pick("abcdefghijklmnopqrstuvwxyzABCDEF0123456789._-");
    else if (r.chance(3)) text += r.pick(ESCAPES);
    else if (r.chance(3)) text += `\\u${hex4(r, r.chance(3) ? r.below(65536) : r.pick(UNITS))}`;
    else text += r.pick(RAW);
  }
  return text;
}

const FIELDS = [
  "transaction_id",
  "user_id",
  "tracking_id",
  "status",
  "currency",
  "amount",
  "transaction_type",
];
const KEYS = [
  "__proto__",
  "constructor",
  "toJSON",
  "length",
  "",
  "0",
  "1",
  "2",
  "10",
  "00",
  "01",
  "-1",
  "-0",
  "1.0",
  "1e3",
  "4294967294",
  "4294967295",
  "4294967296",
  "2147483648",
  "999999999",
  "9999999999",
  "99999999999",
  "18446744073709551615",
  "\\u0031",
  "\\u0061",
  "a",
  "b",
  "aa",
  "é",
  "\\u00e9",
  "\\ud83d",
  "\\uD83D",
  "3ds",
  "x\\/y",
  "x/y",
];

function key(r) {
  if (r.chance(3)) return r.pick(KEYS);
  if (r.chance(3)) return r.pick(FIELDS);
  if (r.chance(4)) return String(r.below(30));
  return stringBody(r);
}

function space(r, wide) {
  if (!wide || !r.chance(3)) return "";
  return r.pick([" ", "\n", "\t", "\r", "  ", "\r\n  "]);
}

function value(r, depth, wide) {
  const s = () => space(r, wide);
  const kind = r.below(depth > 5 ? 8 : 12);
  if (kind < 3) return number(r);
  if (kind < 6) return `"${stringBody(r)}"`;
  if (kind < 8) return r.pick(["true", "false", "null"]);
  const size = r.chance(6) ? r.below(70) : r.below(5);
  const inner = size > 10 ? 6 : depth + 1;
  const parts = [];
  for (let i = 0; i < size; i++) {
    const item = value(r, inner, wide);
    parts.push(kind < 10 ? `${s()}"${key(r)}"${s()}:${s()}${item}${s()}` : `${s()}${item}${s()}`);
  }
  return kind < 10 ? `{${parts.join(",") || s()}}` : `[${parts.join(",") || s()}]`;
}

/** A body such as the gateway sends, with fields that it does not send yet. */
function webhook(r) {
  const fields = FIELDS.map((name) => [
    name,
    name === "amount" && r.chance(2) ? number(r) : `"${stringBody(r)}"`,
  ]);
  while (r.chance(2)) fields.splice(r.below(fields.length + 1), 0, [key(r), value(r, 3, false)]);
  return `{${fields.map(([name, text]) => `"${name}":${text}`).join(",")}}`;
}

function deep(r) {
  const levels = r.chance(10) ? 1000 + r.below(23) : r.below(70);
  const open = Array.from({ length: levels }, () => r.pick(["[", '{"a":']));
  const close = open.map((o) => (o === "[" ? "]" : "}")).reverse();
  return `${open.join("")}${number(r)}${close.join("")}`;
}

const INSERTS = [
  '"',
  "\\",
  ",",
  ":",
  "{",
  "}",
  "[",
  "]",
  " ",
  "0",
  ".",
  "e",
  "-",
  "+",
  "u",
  "\u0000",
  "\u000b",
  "\u00a0",
  "\ufeff",
  "//",
  "NaN",
  "Infinity",
  "undefined",
  "'",
  "True",
  "0x1",
  ",}",
  "\\x41",
  "\\u12",
];

/** Breaks a text in one to three places; most results are no longer JSON, and the rest are other JSON. */
function mutate(r, text) {
  for (let n = 1 + r.below(3); n > 0; n--) {
    const at = r.below(text.length + 1);
    switch (r.below(5)) {
      case 0:
        text = text.slice(0, at) + text.slice(at + 1);
        break;
      case 1:
        text = text.slice(0, at);
        break;
      case 2: {
        const end = at + r.below(12);
        text = text.slice(0, end) + text.slice(at, end) + text.slice(end);
        break;
      }
      default:
        text = text.slice(0, at) + r.pick(INSERTS) + text.slice(at);
    }
  }
  return text;
}

/** One body, as bytes. */
export function body(r) {
  const kind = r.below(20);
  let text;
  if (kind < 6) text = webhook(r);
  else if (kind < 8)
    text = JSON.stringify(JSON.parse(webhook(r))); // already canonical
  else if (kind < 12) text = number(r);
  else if (kind < 13) text = deep(r);
  else text = `${space(r, true)}${value(r, 0, r.chance(2))}${space(r, true)}`;
  if (r.chance(5)) text = mutate(r, text);
  const bytes = Buffer.from(text);
  // Bytes that are not UTF-8: a flipped bit, now and then.
  if (r.chance(60) && bytes.length > 0) bytes[r.below(bytes.length)] ^= 1 << r.below(8);
  return bytes;
}
