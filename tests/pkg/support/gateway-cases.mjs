// Options and requests for the comparison with the Rust core: valid ones, and ones that are wrong in as many ways as people and programs find.
// Everything comes from one seeded generator, so a seed is a run.
// Each call of the generator throws the dice again, so the same condition twice is two throws.
/* oxlint-disable no-dupe-else-if */
import { number, random } from "../../fuzz-v8/generate.mjs";

export { random };

// --- lists -----------------------------------------------------------------------------------------------------------------

/** The texts that stand in these lines with a space between them; in a text `␣` means a space, and `∅` is the empty text. */
export const words = (...lines) =>
  lines
    .join(" ")
    .split(" ")
    .map((text) => (text === "∅" ? "" : text.replaceAll("␣", " ")));

/** A generator of one of these texts. */
export function oneOf(...lines) {
  const texts = words(...lines);
  return (r) => r.pick(texts);
}

/** Mostly one of the first. */
export const mostly = (r, good, odd, inSo = 6) => r.pick(r.chance(inSo) ? odd : good);

/** An object with the same under all of these names. */
export const under = (names, value) => Object.fromEntries(words(names).map((name) => [name, value]));

export const times = (n, make) => Array.from({ length: n }, (_, index) => make(index));

export const OPERATIONS = words(
  "hosted_deposit hosted_withdrawal direct_payment card_payment",
  "reject_payout approve_payout transaction_status list_transactions",
);

// --- texts -----------------------------------------------------------------------------------------------------------------

const LETTERS = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"];
const DIGITS = [..."0123456789"];
/** What some reader or other takes for white space or does not see. */
const SPACES = [
  ..." \t\n\v\f\r\u001c\u001f\u0085\u00a0\u00ad\u1680\u180e\u2000\u2003\u2005\u2009\u200a\u200b\u200d\u2028\u2029\u202f\u205f\u2060\u3000\ufeff",
];
const CONTROLS = [..."\0\u0001\u0008\u001b\u007f\u0080\u0085\u009f"];
const ODD_CHARACTERS = [..."éßſıΣ語٣１😀'\"\\/%&<>{}[]:;,.@#?=+-_~|^`$()*! "];

export const digitsOf = (r, n) => times(n, () => r.pick(DIGITS)).join("");
const lettersOf = (r, n) => times(n, () => r.pick(LETTERS)).join("");

/** The text with one more piece somewhere in it. */
function inserted(r, text, makePiece) {
  const at = r.below(text.length + 1);
  return `${text.slice(0, at)}${makePiece()}${text.slice(at)}`.toWellFormed();
}

const oddName = oneOf('John Zoë ␣x␣ O\'Neill a\u2028b 😀 "quoted" \u0000x x\ufeff \u0085x');

function freeText(r) {
  if (r.chance(3)) return oddName(r);
  return times(1 + r.below(8), () => r.pick(r.chance(4) ? ODD_CHARACTERS : LETTERS)).join("") + "x";
}

/** A text with nothing to see in it. */
const blankText = (r) =>
  r.chance(2)
    ? times(r.below(3), () => r.pick(SPACES)).join("")
    : r.pick(["", " ", "\ufeff", "\u0085", "\u200b"]);

/** A free object or any other value, of plain data. */
export function anyJson(r, depth = 0) {
  const kind = r.below(depth > 3 ? 5 : 8);
  if (kind === 0) return r.pick([null, true, false]);
  if (kind < 3) return finite(r);
  if (kind < 5) return r.chance(3) ? r.pick(["", "null", "5", "true", 'é\n"\\/\u0000\u2028😀']) : freeText(r);
  return kind === 5 ? times(r.below(4), () => anyJson(r, depth + 1)) : anyObject(r, depth + 1);
}

/** A number that JavaScript can hold. */
function finite(r) {
  const value = Number(number(r));
  return Number.isFinite(value) ? value : 1e308;
}

/** Names that are something else in some language or other. */
const KEYS = words(
  "a b 0 1 10 01 -1 4294967295 ∅ __proto__ constructor toString hasOwnProperty length valueOf toJSON",
  '$serde_json::private::Number é x\ny quo"te back\\slash \u0000 \u2028 😀',
);

export const anyObject = (r, depth = 0) =>
  Object.fromEntries(times(r.below(5), () => [r.pick(KEYS), anyJson(r, depth)]));

// --- values of the requests' fields: each has good ones and odd ones ---------------------------------------------------------

/** Currencies by their decimals; the last have none in the standard. */
const CURRENCIES = [
  [0, words("JPY KRW CLP UGX XOF ISK")],
  [2, words("EUR GBP USD BGN HRK ZWG VED MGA MRU XCG")],
  [3, words("KWD BHD TND IQD OMR")],
  [4, words("CLF UYW")],
  [12, words("XAU XBA XDR XSU XUA")],
];
const ALL_CURRENCIES = Intl.supportedValuesOf("currency");

function goodPrice(r) {
  const [units, codes] = r.pick(CURRENCIES);
  const whole = r.chance(4) ? "0" : `${1 + r.below(9)}${digitsOf(r, r.below(r.chance(8) ? 16 : 6))}`;
  const decimals = r.below(units + 1);
  // The last digit is not 0, so that it is more than nothing.
  const fraction = decimals === 0 ? "" : digitsOf(r, decimals - 1) + String(1 + r.below(9));
  const text = fraction === "" ? (whole === "0" ? "7" : whole) : `${whole}.${fraction}`;
  const currency = r.pick(codes);
  if (r.chance(3)) {
    const zeros = "0".repeat(r.below(4));
    return { amount: text.includes(".") ? text + zeros : zeros === "" ? text : `${text}.${zeros}`, currency };
  }
  if (!text.includes(".") && r.chance(3)) return { amount: BigInt(text), currency };
  const value = Number(text);
  return { amount: /e/.test(String(value)) ? text : value, currency };
}

const ODD_REQUEST_AMOUNTS = [
  words(
    "0 0.0 0.00 -0 -0.0 -1 +1 01 00 007 .5 5. 1,5 NaN Infinity 1e 1e3 1E3 e5 1e+5 1e-5 1.5e2 1.e5 1e5.5 1ee5",
    "1e5e5 -1e3 1e+ --1 - ∅ 1.2.3 1_000 0x10 １ ٣ 1.٣ -.5 1..2 . - ∅ ␣1 1␣ 1\n",
    "79228162514264337593543950335 79228162514264337593543950336",
    "7.9228162514264337593543950335 7.9228162514264337593543950336",
    "0.0000000000000000000000000001 0.00000000000000000000000000010 0.00000000000000000000000000000",
  ),
  [0, -0, -1, -10.05, 1e21, 1e-7, 5e-324, 1.7e308, 0.1 + 0.2, 123456789012345680000],
  [0n, -5n, 10n ** 27n, 10n ** 28n, 10n ** 29n, 2n ** 96n - 1n, 2n ** 96n],
].flat();

function oddRequestAmount(r) {
  // More decimals than some currencies have, and none of them odd in itself.
  if (r.chance(3))
    return r.pick(["10.5", "10.05", "10.0050", "10.12345", "-1.001", 1.005, 0.1, 12.34567, "1.500"]);
  if (r.chance(2)) return r.pick(ODD_REQUEST_AMOUNTS);
  const sign = r.chance(6) ? "-" : "";
  const whole = r.chance(5)
    ? "0"
    : r.chance(6)
      ? "0".repeat(1 + r.below(3))
      : `${1 + r.below(9)}${digitsOf(r, r.below(31))}`;
  const fraction = r.chance(3)
    ? ""
    : `.${"0".repeat(r.below(r.chance(3) ? 29 : 3))}${digitsOf(r, r.below(r.chance(3) ? 29 : 5))}${"0".repeat(r.below(4))}`;
  const exponent = r.chance(5) ? `e${r.pick(["", "+", "-"])}${r.below(40)}` : "";
  const text = sign + whole + fraction + exponent;
  if (r.chance(3)) return text;
  const value = Number(text);
  return Number.isFinite(value) ? value : text;
}

function oddCurrency(r) {
  if (r.chance(3)) return r.pick(ALL_CURRENCIES);
  if (r.chance(3)) return lettersOf(r, 3).toUpperCase();
  if (r.chance(3)) {
    const code = r.pick(["EUR", "JPY", "XXX", "SEK", "INR"]);
    const small = code.toLowerCase();
    return r.pick([small, r.pick(SPACES) + code, code + r.pick(SPACES), code + code, ` ${small} `]);
  }
  return r.pick(words("XXX XTS xxx EURO EU ∅ ß ßUR ſEK ıNR ＥＵＲ D2AF 2AF R2A € eUr"));
}

const unusualId = oneOf(`a/b?c#d ... é a␣b 😀 ${"x".repeat(255)} ${"é".repeat(127)}x %2e a\u200bb \u200b`);
const secretiveId = oneOf("4111111111111111 4111␣1111␣1111␣1111 john@example.com token=abc cvc:␣123,␣x null");

function goodId(r) {
  if (r.chance(3)) return `order-${r.below(100000)}`;
  if (r.chance(4)) return unusualId(r);
  if (r.chance(6)) return secretiveId(r);
  return lettersOf(r, 1 + r.below(20)) + digitsOf(r, r.below(12));
}

const WRONG_IDS = words(
  "∅ . .. ...",
  `${"x".repeat(256)} ${"é".repeat(128)} ${"é".repeat(127)}x ${"😀".repeat(64)}`,
  "%2e %2E%2e",
);

function oddRequestId(r) {
  if (r.chance(3)) return r.chance(2) ? `x${r.pick(SPACES)}` : `${r.pick(SPACES)}x`;
  if (r.chance(3)) return `x${r.pick(r.chance(2) ? CONTROLS : SPACES)}y`;
  return r.pick(WRONG_IDS);
}

const LOCALS = words(
  "a john.doe .a a. a..b é é.é a!#$%&'*+-/=?^_`{|}~ a(b) a,b a@b a:b a;b a<b a[b] a\\b",
  '"a\\"b" "a\\" "a\\\\" "" " "a"b" "é" "a\\é" "a@b" 😀 "a␣b" "a\\␣b" "a\tb" ∅ a␣b',
  `${"x".repeat(64)} ${"x".repeat(65)} ${"é".repeat(32)} ${"é".repeat(32)}x`,
  `"${"x".repeat(62)}" "${"x".repeat(63)}"`,
);
const LONG_HOST = `${"x".repeat(49)}.`.repeat(5);
const HOSTS = words(
  "example.com example localhost é.fr -a.com a-.com a.-b a.b- a..b .a.b a.b. a_b.com [1.2.3.4] 1.2.3.4 A.CO",
  "a.c xn--p1ai.рф a.com, a.com> ∅ . a.b␣c a.com\n",
  `${"x".repeat(63)}.com ${"x".repeat(64)}.com ${"é".repeat(31)}x.com ${"é".repeat(32)}.com`,
  `${LONG_HOST}abcd ${LONG_HOST}abcde`,
);

const goodEmail = (r) =>
  `${r.pick(["a", "john.doe+x", "é", '"a b"', "x".repeat(64)])}@${r.pick(["example.com", "é.fr", "A.CO"])}`;

function oddEmail(r) {
  const oddCharacter = () => r.pick(r.chance(2) ? SPACES : r.chance(2) ? CONTROLS : ODD_CHARACTERS);
  const part = (list) => {
    const text = r.pick(list);
    return r.chance(5) ? inserted(r, text, oddCharacter) : text;
  };
  const before = r.pick(words("∅ ∅ ∅ ∅ ∅ ␣ < John␣<"));
  return before + part(LOCALS) + r.pick(words("@ @ @ @ @ ∅ @@")) + part(HOSTS);
}

const two = (n) => String(n).padStart(2, "0");

const someDate = (r, least, years) => Date.UTC(least + r.below(years), r.below(12), 1 + r.below(31));
/** A date as day, month and year. */
const partsOf = (date) => new Date(date).toISOString().slice(0, 10).split("-").toReversed();

/** A day of the calendar as its parts. */
export const someDay = (r, least = 1900, years = 200) => partsOf(someDate(r, least, years));

const BORDER_DAYS = words(
  "29/02/2001 29/02/2000 29/02/1900 29/02/2100 31/04/2000 12/13/2000 02/30/2000 04/31/2000 13/13/2000",
  "00/01/2000 01/00/2000 32/01/2000 01/01/0000 29/02/0000 01/01/0001 31/12/9999 01/01/1899 31/12/1899",
  "01/01/1900",
);

/** A text that is nearly a day. */
export function oddDay(r, separator) {
  if (r.chance(3)) return r.pick(BORDER_DAYS).replaceAll("/", separator);
  if (r.chance(2)) return times(3, (n) => (n === 2 ? digitsOf(r, 4) : two(r.below(35)))).join(separator);
  const [day, month, year] = someDay(r);
  const joined = (...parts) => parts.join(separator);
  return r.pick([
    "",
    `${year}-${month}-${day}`,
    joined(month, day, year),
    [day, month, year].join(separator === "/" ? "-" : "/"),
    joined(day, month, year, ""),
    joined(day, month),
    joined(Number(day), Number(month), year),
    joined(` ${day}`, month, year),
    joined(day, month, `${year}0`),
    joined(day, month, year.slice(1)),
    joined("+1", month, year),
    joined("٠١", month, year),
    joined(day, "é", year),
    joined(day, month, `${year}\n`),
  ]);
}

const goodCountry = oneOf("GB DE US XK ZW AD AX SS CW FR");
const wrongCountry = oneOf(
  "gb Gb ␣GB GB␣ ␣gb\t GB\u00a0 \vGB UK uk ␣uk␣ UK\u000b xk ∅ GBR G ZZ ß ıe ſe BA DA",
);

function oddCountry(r) {
  if (!r.chance(2)) return wrongCountry(r);
  const letters = lettersOf(r, 2);
  return r.chance(2) ? letters.toUpperCase() : letters.toLowerCase();
}

const IPS = words(
  "127.34.125.54 0.0.0.0 255.255.255.255 :: ::1 1:: 2001:db8::ff00:42:8329 1:2:3:4:5:6:7:8 ::ffff:1.2.3.4",
  "1:2:3:4:5:6:1.2.3.4 ABCD:: 1:2:3:4:5:6:7::",
);
const ODD_IPS = words(
  "∅ 1.2.3 1.2.3.4.5 256.1.1.1 01.2.3.4 1.2.3.04 1.2.3.4:80 1.2.3. .1.2.3 1..2.3 1.2.3.a ␣1.2.3.4 1.2.3.4␣",
  "1.2.3.1000 ::1:2:3:4:5:6:7:8 1.2.3.4:: ::1.2.3.4:5 fe80::1%eth0 [::1] 12345:: ::: :::: : 1::2::3",
  "1:2:3:4:5:6:7 1:2:3:4:5:6:7:1.2.3.4 1:2:3:4:5:6:7:8:9 ::1.2.3 g:: 1:2:3:4:5:6:7:8:: :1 1: ::1: 0x1.2.3.4",
  "١.2.3.4 localhost",
);

const goodIp = (r) => (r.chance(2) ? r.pick(IPS) : times(4, () => r.below(256)).join("."));

function oddIp(r) {
  if (r.chance(2)) return r.pick(ODD_IPS);
  if (r.chance(2)) return times(3 + r.below(3), () => r.below(300)).join(".");
  return times(2 + r.below(9), () =>
    r.chance(5) ? "" : r.chance(8) ? "1.2.3.4" : (r.next() >>> r.pick([16, 20, 28, 12])).toString(16),
  ).join(":");
}

/** Digits that begin so, with the right check digit behind them. */
export function cardNumber(r, start, length) {
  const body = (start + digitsOf(r, Math.max(0, length - 1 - start.length))).slice(0, length - 1);
  let sum = 0;
  [...body].toReversed().forEach((digit, place) => {
    const value = Number(digit) * (place % 2 === 0 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  });
  return body + String((10 - (sum % 10)) % 10);
}

/** Of each network how its numbers begin, how long they are, and how long their codes. */
const BRANDS = words(
  "4:13,16,19:3 51:16:3 2221:16:3 2720:16:3 34:15:4 37:15:4 6011:16,19:3 644:16,17:3 65:16,18:3 300:14,19:3",
  "305:14:3 36:14:3 39:16:3 3528:16:3 3589:19:3 62:16,19:3 50:12,19:3 58:13:3 69:12:3 9:12,19:3 1:16:4",
).map((brand) => {
  const [start, lengths, code] = brand.split(":");
  return [start, lengths.split(",").map(Number), Number(code)];
});
/** Where a network's numbers begin or end, and just beside it. */
const BORDERS = words(
  "2220 2221 2720 2721 300 305 306 33 35 3527 3528 3589 3590 38 4 49 50 51 55 56 58 59 6010 6011 6012 61 62",
  "63 643 644 649 64 65 66 0 7",
);

export const inFours = (digits, gap) => digits.replace(/.{4}(?=.)/g, `$&${gap}`);

function gapped(r, digits, gaps) {
  if (r.chance(2)) return digits;
  const gap = r.pick(gaps);
  return r.chance(2) ? inFours(digits, gap) : [...digits].join(gap);
}

function goodCard(r) {
  const [start, lengths, code] = r.pick(BRANDS);
  const month = two(1 + r.below(12));
  return {
    holder_name: freeText(r),
    card_number: gapped(r, cardNumber(r, start, r.pick(lengths)), [" ", "-"]),
    cvc: digitsOf(r, code),
    exp_month: month,
    exp_year: String(2000 + r.below(100)),
  };
}

function oddCardNumber(r) {
  const right = cardNumber(r, r.pick(BORDERS), 11 + r.below(10));
  const kind = r.below(6);
  if (kind === 0) return right;
  if (kind === 1 || kind === 5) {
    const [start, lengths] = r.pick(BRANDS);
    const whole = cardNumber(r, start, r.pick(lengths));
    return whole.slice(0, -1) + String((Number(whole.at(-1)) + 1 + r.below(9)) % 10);
  }
  if (kind === 2) return gapped(r, right, ["  ", " - ", ".", "_", "\u00a0", "\t", "–", "/"]);
  if (kind === 3)
    return r.pick(words(`${right}␣ ␣${right} ${right}- -${right} ${right}x x${right} ${right}\n`));
  return r.pick(words("∅ ␣ - 0 4111 0000000000000000 ４１１１１１１１１１１１１１１１ ٤١١١ 4111x1111"));
}

const COUNTS = [
  [0, -0, -1, 1.5, 1e21, 1e-7, 999, 1000, 999999999999999, 1000000000000000, 9007199254740991],
  [2n ** 53n + 1n, 2n ** 53n, 2n ** 64n - 1n, 2n ** 64n, 10n ** 30n, -5n],
  ["44", "", "044", "+44", 12345678901234, 123456789012],
].flat();

/** What stands in a field that is named so: nearly right. */
const ODD_REQUEST_FIELDS = {
  ...under("amount max_deposit_limit", oddRequestAmount),
  currency: oddCurrency,
  ...under("user_id tracking_id transaction_id id", oddRequestId),
  ip: oddIp,
  email: oddEmail,
  dob: (r) => oddDay(r, "/"),
  ...under("from to", (r) => oddDay(r, "-")),
  ...under("country_code country", oddCountry),
  ...under("number prefix provider_id routing_id", (r) => r.pick(COUNTS)),
  card_number: oddCardNumber,
  cvc: oneOf("∅ 12 123 1234 12345 12a ␣123 ١٢٣ 1.3"),
  exp_month: oneOf("∅ 1 00 13 12␣ +1 ٠١ 1a 001 99"),
  exp_year: oneOf("∅ 30 1999 2000 2099 2100 20305 +203 ٢٠٣٠ 203a"),
  ...under("mode theme first_name kyc_status city holder_name", blankText),
};

// --- whole requests -----------------------------------------------------------------------------------------------------------

/** An object of these fields and some of those for which `optional` has a generator. */
function fieldsOf(r, needed, optional = {}) {
  const entries = Object.entries(needed);
  for (const [name, make] of Object.entries(optional)) if (r.chance(2)) entries.push([name, make(r)]);
  // Mostly in another order than the reference's.
  for (let at = entries.length - 1; at > 0; at--) {
    const other = r.below(at + 1);
    [entries[at], entries[other]] = [entries[other], entries[at]];
  }
  return Object.fromEntries(entries);
}

function phone(r) {
  const parts = { country: goodCountry(r), prefix: 1 + r.below(999) };
  if (r.chance(3)) delete parts[r.pick(["country", "prefix"])];
  return fieldsOf(r, { ...parts, number: r.chance(4) ? 999999999999 - r.below(9) : 1 + r.below(999999999) });
}

const CUSTOMER = {
  ...under("first_name last_name", freeText),
  kyc_status: oneOf("passed failed x"),
  email: goodEmail,
  ...under("zip_code address city", freeText),
  dob: (r) => someDay(r).join("/"),
  country_code: goodCountry,
  phone,
  extra: anyObject,
};
const DEPOSITOR = {
  max_deposit_limit: (r) => r.pick([0, "0", "100.50", 5n, "-0", 12.345678]),
  ...CUSTOMER,
};

function payment(r, operation) {
  const needed = { user_id: goodId(r), tracking_id: goodId(r), ...goodPrice(r) };
  if (operation === "direct_payment")
    needed.provider_id = r.chance(9) ? 9007199254740991n : 1 + r.below(1000);
  return fieldsOf(r, needed, {
    mode: oneOf("test live é"),
    settings: anyObject,
    ip: goodIp,
    customer: (r_) => fieldsOf(r_, {}, operation === "hosted_withdrawal" ? CUSTOMER : DEPOSITOR),
    extra: anyObject,
    ...(operation.startsWith("hosted_") ? { theme: oneOf("dark light") } : {}),
    ...(operation === "hosted_deposit" ? { amount_restricted: (r_) => r_.chance(2) } : {}),
    ...(operation === "card_payment" ? { routing_id: (r_) => 1 + r_.below(1000) } : {}),
  });
}

function days(r) {
  const first = someDate(r, 1999, 40);
  // Eight days apart is one too many, and before the first is wrong.
  const last = first + 86_400_000 * (r.below(11) - 1);
  const range = { from: partsOf(first).join("-"), to: partsOf(last).join("-") };
  if (r.chance(3)) delete range[r.pick(["from", "to"])];
  return r.chance(12) ? r.pick([{}, null]) : range;
}

/** A valid request of an operation, as one may be given to `Gateway.request`. */
export function goodRequest(r, operation) {
  switch (operation) {
    case "card_payment":
      return fieldsOf(r, { request: payment(r, operation), card_details: goodCard(r) });
    case "reject_payout":
    case "approve_payout":
      return fieldsOf(r, { transaction_id: goodId(r) }, { extra: anyObject });
    case "transaction_status":
      return r.chance(3) ? goodId(r) : { id: goodId(r) };
    case "list_transactions":
      return days(r);
    default:
      return r.chance(2) ? payment(r, operation) : { request: payment(r, operation) };
  }
}

/** A request of an operation: half of them valid, the others changed in one to four places. */
export function anyRequest(r, operation) {
  const request = goodRequest(r, operation);
  if (r.chance(2)) return request;
  if (r.chance(25)) return anyJson(r);
  return typeof request === "string" ? oddRequestId(r) : changed(r, request, ODD_REQUEST_FIELDS);
}

// --- changes ------------------------------------------------------------------------------------------------------------------

const isObject = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);

/** Every object in a value. */
function objectsIn(value) {
  if (Array.isArray(value)) return value.flatMap(objectsIn);
  return isObject(value) ? [value, ...Object.values(value).flatMap(objectsIn)] : [];
}

/** Puts entries into an object in place of its own. */
function refill(object, entries) {
  for (const name of Object.keys(object)) delete object[name];
  for (const [name, value] of entries)
    Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

const NO_FIELDS = [
  ...KEYS,
  ...words(
    "userId user-id extra_ 4111111111111111 4111␣1111␣1111␣1111 card␣4111-1111-1111-1111␣x john@example.com",
    `token=abc cvc:123 ${"x".repeat(40)} ${"x".repeat(100)} ${"x".repeat(101)}`,
    `${"é".repeat(50)} ${"é".repeat(51)}`,
    "a.b a[0] toda routing_id provider_id max_deposit_limit amount_restricted theme",
  ),
];

/** A name with so many slips of the finger in it. */
function slipped(r, name) {
  const letters = [...name];
  for (let slips = 1 + r.below(3); slips > 0; slips--) {
    const at = r.below(letters.length + 1);
    const kind = r.below(4);
    if (kind === 0) letters.splice(at, 1);
    else if (kind === 1) letters.splice(at, 0, r.chance(6) ? "é" : r.pick(LETTERS));
    else if (kind === 2) letters.splice(at, 1, r.chance(6) ? "_" : r.pick(LETTERS));
    else letters.splice(at, 2, ...letters.slice(at, at + 2).toReversed());
  }
  return letters.join("");
}

function misspelt(r, name) {
  if (r.chance(2)) return slipped(r, name);
  return r.pick([
    name.toUpperCase(),
    name.replace(/_(.)/g, (_, letter) => letter.toUpperCase()),
    name.replaceAll("_", "-"),
    name.replaceAll("_", ""),
    `_${name}_`,
    ` ${name}`,
    `${name}s`,
    name.replace("s", "ſ"),
  ]);
}

/** Puts a nearly right value into one of the fields that have some. */
function makeOdd(r, objects, odd) {
  const known = objects.flatMap((object) =>
    Object.keys(object).flatMap((name) => (Object.hasOwn(odd, name) ? [[object, name]] : [])),
  );
  if (known.length === 0) return;
  const [object, name] = r.pick(known);
  object[name] = odd[name](r);
}

function changeOne(r, root, odd) {
  const objects = objectsIn(root);
  if (objects.length === 0) return;
  if (r.chance(2)) return makeOdd(r, objects, odd);
  const object = r.pick(objects);
  const entries = Object.entries(object);
  const at = r.below(Math.max(1, entries.length));
  const [name, value] = entries[at] ?? ["x", 1];
  const kind = r.below(7);
  if (kind === 0) entries.splice(at, 1);
  else if (kind === 1) entries[at] = [name, null];
  else if (kind === 2) entries[at] = [name, anyJson(r)];
  else if (kind === 3) entries[at] = [misspelt(r, name), value];
  else if (kind === 4) {
    const further = r.chance(3) ? misspelt(r, name) : r.pick(NO_FIELDS);
    entries.splice(r.below(entries.length + 1), 0, [further, anyJson(r)]);
  } else if (kind === 5) {
    // A field that has a place of its own, in `extra` as well.
    const extra = isObject(object.extra) ? object.extra : {};
    entries.push(["extra", { ...extra, [name]: anyJson(r) }]);
  } else entries[at] = [name, blankText(r)];
  refill(object, entries);
}

/** The value with one to four changes, `odd` having nearly right values by the names of fields. */
export function changed(r, value, odd) {
  for (let changes = 1 + r.below(4); changes > 0; changes--) changeOne(r, value, odd);
  return value;
}

// --- options ------------------------------------------------------------------------------------------------------------------

const GOOD_KEYS = words(
  'example_key_0123456789 k a+b%2B"c\\d/&x<y> %41 [REDACTED] 4111111111111111 \\u0041 key=1; &amp;',
);
const ODD_KEYS = words("∅ ␣ a␣b a\n \ta é a\u007f \u0000 a\u00a0 😀");

const ODD_SCHEMES = words("HTTPS:// hTTps:// http:// HTTP:// ftp:// :// https:/ https: h-t:// 1:// é:// ∅");
const ODD_USERS = words("u@ u:p@ :@ @ a@b@ u%40@ u-p@ ::@");
const GOOD_URL_HOSTS = words("gateway.example localhost 127.0.0.1 [::1] GATEWAY.Example");
const ODD_URL_HOSTS = words(
  "[fe80::1%25] [1.2] [] [::g] [::1 ::1] [::1]x a_b - .. . LOCALHOST 127.0.0.1. localhost. é.example xn--x",
  "gateway.example. {token} a{token} {} host\\ a%20b a*b [:] [.] ∅ a␣b",
);
const ODD_PORTS = words(
  ": :0 :65535 :65536 :+80 :-1 :080 :00000000443 :8a :+ :99999999999999999999 ::80 :80:80 :٣ :8␣0",
);
const ODD_PATHS = words(
  "/api// // /a/../b /a/./b /.. /. /... /..a /%2e%2e /{id} /} /{ /%7b /a:b@c /é /a\\b /| /^ /` /< /> /\" /'",
  "/~!$&'()*+,;= /[x] /a@b:c /\u007f a {token} /a␣b /a\n /a\t ␣",
);
const ODD_URL_ENDS = words("? ?a=b # #f ?a#b #? /? ?é ?a=/../b #{token} ?{}");

function anyUrl(r) {
  const scheme = mostly(r, ["https://"], ODD_SCHEMES);
  const user = mostly(r, [""], ODD_USERS, 10);
  const host = mostly(r, GOOD_URL_HOSTS, ODD_URL_HOSTS);
  const port = mostly(r, ["", "", ":443", ":8080"], ODD_PORTS);
  const path = mostly(r, ["", "/", "/api", "/api/", "/a/b"], ODD_PATHS);
  const end = mostly(r, [""], ODD_URL_ENDS);
  return scheme + user + host + port + path + end;
}

function anyCashierUrl(r) {
  let url = r.chance(2)
    ? r.pick(["https://cashier.example/", "https://cashier.example/?token=", "http://localhost:1/#"])
    : anyUrl(r);
  if (r.chance(2)) return `${url}{token}`;
  const placeholder = () => (r.chance(6) ? r.pick(["{TOKEN}", "{token", "{}"]) : "{token}");
  for (let tokens = r.below(3); tokens > 0; tokens--) url = inserted(r, url, placeholder);
  return url;
}

const METHODS = words("∅ ∅ POST␣ GET␣ PUT␣ PATCH␣ DELETE␣");
const ODD_METHODS = words("post␣ HEAD␣ ␣ POST␣␣ POST\t GET␣POST␣ é␣");
const ODD_ROUTE_PATHS = words(
  '//x x /x#y /x\\y /x"y /x<y /x>y /x^y /x`y /x|y /é /{} /{id /id} /x{id}y{id} /.. ?x ∅ /x␣y /x\n',
);

function anyRoute(r, operation) {
  const method = mostly(r, METHODS, ODD_METHODS);
  const path = mostly(r, ["/v2/x", "/", "/x?y=1", "/a/b/c"], ODD_ROUTE_PATHS);
  return operation === "transaction_status"
    ? method + path + mostly(r, ["{id}"], ["", "{id}{id}", "{ID}"])
    : method + path + mostly(r, [""], ["{id}"], 12);
}

function anyRoutes(r) {
  if (r.chance(15)) return r.pick([[], "x", 5, true, null, [{}]]);
  const names = times(r.below(4), () =>
    r.chance(8) ? (r.chance(2) ? r.pick(KEYS) : misspelt(r, r.pick(OPERATIONS))) : r.pick(OPERATIONS),
  );
  return Object.fromEntries(names.map((name) => [name, r.chance(12) ? anyJson(r) : anyRoute(r, name)]));
}

/** Options of a gateway: right ones, and ones that are wrong anywhere. */
export function anyOptions(r) {
  const options = {
    apiKey: mostly(r, GOOD_KEYS, ODD_KEYS, 12),
    baseUrl: r.chance(3) ? r.pick(BASE_URLS) : anyUrl(r),
  };
  if (r.chance(2)) options.cashierUrl = r.chance(12) ? null : anyCashierUrl(r);
  if (r.chance(3))
    options.userAgent = mostly(r, ["my-shop/1.4", "", "a\tb"], ["é", "a\nb", "\u007f", "\u0000", "😀"]);
  if (r.chance(3)) options.routes = anyRoutes(r);
  return options;
}

const BASE_URLS = words(
  "https://gateway.example/api https://gateway.example HTTPS://Gateway.Example:443/a//",
  "http://localhost:8080/ http://[::1]:0/x http://127.0.0.1/~a!$&'()*+,;=:@%7B|[x]/",
  "https://gateway.example.:065535/..a/...",
);
const goodCashierUrl = oneOf(
  "https://cashier.example/?token={token} http://localhost/{token}/x#y HTTPS://c.d/?a={token}&b",
);
const ROUTES = {
  hosted_deposit: "PUT /v2/d?x=1",
  hosted_withdrawal: "/w",
  direct_payment: "PATCH /d",
  card_payment: "POST /c;x",
  reject_payout: "DELETE /r?",
  approve_payout: "GET /a",
  transaction_status: "/t/{id}/state?of=1",
  list_transactions: "POST /list?all=1",
};

/** An address about as long as a URL may be, with the route and the id behind it. */
export const longUrl = (r) => `https://gateway.example/${"x".repeat(65_450 + r.below(70))}`;

/** Options that are right. */
export function goodOptions(r) {
  const options = { apiKey: r.chance(2) ? GOOD_KEYS[0] : r.pick(GOOD_KEYS), baseUrl: r.pick(BASE_URLS) };
  if (r.chance(2)) options.cashierUrl = goodCashierUrl(r);
  if (r.chance(3)) options.userAgent = r.pick(["my-shop/1.4", "a\tb"]);
  if (r.chance(3)) options.routes = Object.fromEntries(Object.entries(ROUTES).filter(() => r.chance(2)));
  return options;
}
