/**
 * Which of the usual mistakes keeps a webhook from verifying. The core has the same search (`src/webhook/explain.rs`); it is written again
 * here because a host that has JSON, `TextDecoder` and regular expressions needs less than half of the wasm's bytes for it. Both are held
 * to the same vectors, and the sentences are the core's to the letter.
 *
 * Whatever is asked, nothing here throws while there is stack. A body costs time in proportion to its length, but for orders of fields and for objects in objects.
 */
import { EVENT_FIELDS } from "./event.js";
import { isWellFormed, withoutEnd } from "./text.js";
import type { Explanation } from "./webhook-types.js";

/** A webhook, how it was verified, and what the search needs of its surroundings. */
export interface Question {
  /** As the core has them, in order. */
  readonly passwords: readonly string[];
  /** Passwords of other environments; `id` is "" when unnamed. */
  readonly candidates: readonly { readonly id: string; readonly password: string }[];
  /** The raw bytes. */
  readonly body: Uint8Array;
  /** "" when there is none. */
  readonly signature: string;
  /** What `verify` said: the form that matched, or the code of its refusal. `not_a_webhook` is a match too. */
  readonly outcome: "canonical" | "raw" | (string & {});
  /** Whether another signature over the same body is right, be the body an event or not. */
  readonly verifies: (signature: string) => boolean;
  /** `JSON.stringify(JSON.parse(text))` of bytes; `undefined` when they are not JSON. */
  readonly canonicalize: (body: Uint8Array) => string | undefined;
  /** SHA-1 in 40 upper-case hexadecimal digits. */
  readonly sha1: (bytes: Uint8Array) => string;
}

/** The mistakes: a word for programs, a remedy for people. */
export const HINTS = {
  matched_canonical: "The signature is right.",
  matched_raw:
    "The signature is right, over the bytes as they came and not over the documented form. Tell the gateway's support: the reference says JSON.stringify.",
  no_signature:
    "There is no signature. The gateway sends it in the header x-signature; see that a proxy does not drop it, and that it is read under this name.",
  signature_wrapped:
    "The signature has white space, quotes or a prefix around it. Pass only the 40 hexadecimal digits.",
  signature_truncated:
    "The signature is only a part of one: SHA-1 has 40 hexadecimal digits. See what cuts it, for example a column that is too short.",
  signature_algorithm:
    "This signature is of another algorithm or encoding. The gateway's is SHA-1 in 40 hexadecimal digits.",
  signature_not_hex: "The signature is not hexadecimal. Pass the value of the header x-signature as it came.",
  signature_hmac:
    "The signature is an HMAC with the password as its key. The gateway hashes plainly: the body, then the password.",
  password_expired:
    "The signature is right, by a password whose end date has passed. If the gateway still uses it, move the date.",
  password_white_space:
    "The password differs from the signer's in white space at an end, often a line end from a file or a variable; or the signer has a line end between body and password. It is used byte for byte: give it exactly.",
  password_quoted:
    "The password differs from the signer's in quotes around it, often from an .env file. Give it without.",
  password_of_another_environment:
    "Signed with another of your passwords: the webhook comes from another environment than this one is set up for.",
  password_first: "The password was hashed before the body. It belongs behind it.",
  password_missing:
    "The body was hashed without any password. An unset variable on the signer's side does this. Never accept it: anybody could sign so.",
  body_empty: "The body is empty. A body can be read only once: see whether a framework has read it before.",
  body_parsed:
    "This is not the body's text but what a program prints for an object that it parsed from it. Pass the bytes as they came, before any body parser.",
  body_rewritten:
    "The body was parsed and written again between signer and here. Pass the bytes as they came, before any body parser.",
  slashes_escaped:
    "Signed with \\/ in place of /, as PHP writes JSON. JSON.stringify does not escape slashes: in PHP use JSON_UNESCAPED_SLASHES.",
  non_ascii_escaped:
    "Signed with \\u escapes for characters that are not ASCII. JSON.stringify writes them as they are: JSON_UNESCAPED_UNICODE in PHP, ensure_ascii=False in Python.",
  numbers_rewritten:
    'A number was signed in another form than it has here, such as 200.00 for 200 or for "200.00". Pass the bytes as they came; numbers that went through a float or a decimal type are not what was signed.',
  body_double_encoded:
    "The JSON text was made into a JSON string once more than it should be, on one side. Pass the bytes as they came, and do not stringify twice.",
  envelope:
    "Signed was another layer than this body: the data inside an envelope, or an envelope around it. Verify just what was signed.",
  byte_order_mark:
    "The body begins with a byte order mark (U+FEFF). JSON has none: leave it out before verifying, and see who puts it there.",
  charset:
    "The body is not in UTF-8, or was read or written in another charset on its way. Pass the bytes as they came, without decoding them.",
  not_json: "The body is not JSON. See that the whole body arrives, and that it is the body.",
  unexplained:
    "None of the usual mistakes. Left are another password, a body that was changed on its way, or a signature of another request. Compare the body byte for byte with the one in the merchant portal, and give the passwords of your other environments as candidates.",
};

type Reason = keyof typeof HINTS;
type Text = string | Uint8Array;
/** The tokens of a key and its value: the first is the key. */
type Member = readonly string[];

/** Every order of up to so many fields is tried: 5040 of them. */
const MOST_PERMUTED = 7;

/** What an envelope calls what is in it. */
const ENVELOPES = ["data", "payload", "body", "request", "event", "webhook", "transaction", "notification"];

/** By the number of their hexadecimal digits. */
const ALGORITHMS: Readonly<Record<number, string>> = {
  32: "MD5",
  56: "SHA-224",
  64: "SHA-256",
  96: "SHA-384",
  128: "SHA-512",
};

/**
 * What windows-1252 has at 0x80 to 0x9f, U+FFFD where it has nothing. Not every runtime's `TextDecoder` knows that charset, and those that do
 * make control characters of the five bytes that mean nothing.
 */
const WINDOWS_1252 = "€\ufffd‚ƒ„…†‡ˆ‰Š‹Œ\ufffdŽ\ufffd\ufffd‘’“”•–—˜™š›œ\ufffdžŸ";

/** A signed text is never longer: deep nesting makes even of a short body an indented one that fills the memory. */
const LONGEST = 1 << 26;

const encoder = new TextEncoder();

/** Why, if the signature is over the texts, one behind the other; without texts it is why in any case. */
type Attempt = readonly [reason: Reason, detail?: string | undefined, ...texts: readonly Text[]];

/** Names the usual mistake that keeps a webhook from verifying, by trying each. Slow, and for development only. */
export function explain(question: Question): Explanation {
  const digits = question.signature.toUpperCase();
  let attempt: Attempt = ["unexplained"];
  for (attempt of attempts(question)) {
    const [, , ...texts] = attempt;
    const right = texts.length > 0 ? question.sha1(joined(texts)) : digits;
    // The signature may be a part of one.
    if (right.startsWith(digits) || right.endsWith(digits)) break;
  }
  const [reason, detail] = attempt;
  return {
    verdict: reason.startsWith("matched") ? "verified" : "refused",
    reason,
    hint: HINTS[reason] + (detail === undefined ? "" : ` ${detail}`),
  };
}

/** In the order of the core. Nothing behind the one that succeeds is asked for, so behind one without texts stand the other cases. */
function* attempts(question: Question): Iterable<Attempt> {
  const { body, signature, outcome } = question;
  if (signature === "") yield ["no_signature"];
  if (outcome === "password_expired") yield ["password_expired"];
  const text = decoded(body);
  const canonical = question.canonicalize(body);
  if (["canonical", "raw", "not_a_webhook"].includes(outcome)) {
    const differs =
      "The body itself is not as JSON.stringify writes it, so a comparison with its bytes would have failed.";
    yield* signed(question, "matched_canonical", canonical ?? body, text === canonical ? undefined : differs);
    yield ["matched_raw"];
  }
  const forms = canonical === undefined || canonical === text ? [body] : [body, canonical];
  if (!/^[\da-f]{40}$/i.test(signature)) yield* malformed(question, forms);
  for (const form of forms) yield* passwordMistakes(question, form);
  yield* canonical === undefined ? notJson(question, text !== undefined) : otherJson(question, canonical);
}

/** Signed with one of the configured passwords. */
function signed({ passwords }: Question, reason: Reason, text: Text, detail?: string): Attempt[] {
  return passwords.map((password) => [reason, detail, text, password]);
}

/** The text as it is, and in its canonical form. */
function signedInAForm(question: Question, reason: Reason, text: Text, detail?: string): Attempt[] {
  return [text, question.canonicalize(joined([text]))].flatMap((form) =>
    form === undefined ? [] : signed(question, reason, form, detail),
  );
}

/** A signature that is not 40 hexadecimal digits. */
function* malformed(question: Question, forms: readonly Text[]): Iterable<Attempt> {
  const { signature } = question;
  const { length } = signature;
  const bare = /(?:^\p{White_Space}*["']*|[=: ])([\da-f]{40})["']*\p{White_Space}*$/iu.exec(signature)?.[1];
  if (bare !== undefined) {
    yield [
      "signature_wrapped",
      question.verifies(bare) ? "Without that it is right." : "Even without that it is not right.",
    ];
  }
  if (!/^[\da-f]+$/i.test(signature)) {
    if ([28, 44, 88].includes(length) && /^[\w+/=-]+=$/.test(signature))
      yield ["signature_algorithm", "This looks like base64."];
    yield ["signature_not_hex"];
  }
  if (length >= 8)
    for (const form of forms) yield* signed(question, "signature_truncated", form, "What is there is right.");
  const algorithm = ALGORITHMS[length];
  if (algorithm !== undefined) yield ["signature_algorithm", `This is ${algorithm}'s length.`];
  yield length > 40 ? ["signature_algorithm", "It is longer than SHA-1's."] : ["signature_truncated"];
}

/** The right text with a wrong password, or in a wrong place. */
function* passwordMistakes({ passwords, candidates, sha1 }: Question, text: Text): Iterable<Attempt> {
  const hash = (...texts: readonly Text[]): Uint8Array =>
    Uint8Array.from(sha1(joined(texts)).match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
  for (const password of passwords) {
    const trimmed = /^[\t\n\f\r ]*(.*[^\t\n\f\r ])?/s.exec(password)?.[1] ?? "";
    for (const end of ["", "\n", "\r\n", " ", "\t", "\r"])
      for (const other of [trimmed + end, end + trimmed, end + trimmed + end])
        yield ["password_white_space", undefined, text, other];
    const bare = /^(["'])(.*)\1$/s.exec(trimmed)?.[2];
    for (const other of [bare, `"${trimmed}"`, `'${trimmed}'`])
      if (other !== undefined) yield ["password_quoted", undefined, text, other];
    yield ["password_first", undefined, password, text];
    const key = encoder.encode(password);
    const block = key.length > 64 ? hash(key) : key;
    const padded = (byte: number): Uint8Array =>
      new Uint8Array(64).fill(byte).map((pad, at) => pad ^ (block[at] ?? 0));
    yield ["signature_hmac", undefined, padded(0x5c), hash(padded(0x36), text)];
  }
  for (const { id, password } of candidates) {
    const named = id === "" ? undefined : `It is the one named ${JSON.stringify(id)}.`;
    yield ["password_of_another_environment", named, text, password];
  }
  yield ["password_missing", undefined, text];
}

/** A body that is JSON, but not the one that was signed. */
function* otherJson(question: Question, canonical: string): Iterable<Attempt> {
  const is = (reason: Reason, text: string, detail?: string): Attempt[] =>
    signed(question, reason, text, detail);
  yield* is("byte_order_mark", `\ufeff${canonical}`);
  yield* is("slashes_escaped", slashesEscaped(canonical));
  yield* is("non_ascii_escaped", ascii(canonical));
  yield* is("slashes_escaped", slashesEscaped(ascii(canonical)));
  const tokens = tokensOf(canonical);
  for (const write of [withPoint, withCents])
    yield* is("numbers_rewritten", tokens.map((token) => (isNumber(token) ? write(token) : token)).join(""));
  const spaced = tokens.map((token) => (",:".includes(token) ? `${token} ` : token)).join("");
  yield* is("body_rewritten", spaced);
  yield* is("body_rewritten", ascii(spaced));
  for (const indent of ["  ", "    ", "\t"]) yield* is("body_rewritten", indented(tokens, indent));
  yield* is("body_double_encoded", JSON.stringify(canonical));

  const members = membersOf(tokens);
  for (const amount of members) {
    const [key, , ...value] = amount;
    if (key !== '"amount"') continue;
    for (const form of otherAmounts(value.join(""))) {
      const other = members.map((member) => (member === amount ? [key, ":", form] : member));
      yield* is("numbers_rewritten", objectOf(other), "It is the amount.");
    }
  }
  for (const [name, text] of objectsIn(canonical, tokens))
    yield* is(
      "envelope",
      text,
      name === ""
        ? "Signed is an object in this body."
        : `Signed is what stands under ${JSON.stringify(name)}.`,
    );
  for (const name of ENVELOPES)
    yield* is(
      "envelope",
      `{"${name}":${canonical}}`,
      `Signed is an object that has this body under "${name}".`,
    );

  for (const token of tokens) {
    if (!/^"[{[]/.test(token)) continue;
    const text = JSON.parse(token) as string;
    // What holds half of a surrogate pair has no bytes that could have been signed.
    if (isWellFormed(text)) yield* signedInAForm(question, "body_double_encoded", text);
  }
  const read = readAsWindows1252(canonical);
  if (read !== undefined && read !== canonical) yield* signedInAForm(question, "charset", read);

  for (const text of orders(members))
    yield* is("body_rewritten", text, "Its fields are in another order than they were signed in.");
  if (canonical.includes("\ufffd"))
    yield ["charset", "It has U+FFFD in it, which stands where a character was lost."];
  yield ["unexplained"];
}

/** A body that is not JSON, so that it could never verify. */
function* notJson(question: Question, isUtf8: boolean): Iterable<Attempt> {
  const { body } = question;
  const characters = charactersOf(body);
  if (!/[^\t\n\f\r ]/.test(characters)) yield ["body_empty"];
  if (characters.startsWith("\xef\xbb\xbf")) {
    const without = body.subarray(3);
    yield* signedInAForm(question, "byte_order_mark", without, "Without it the signature is right.");
    yield ["byte_order_mark", "Even without it the signature is not right."];
  }
  if (/^(\[object |\{'|map\[|Array)/.test(characters)) yield ["body_parsed"];
  const read =
    fromUtf16(body) ??
    (isUtf8
      ? undefined
      : characters.replace(/[\x80-\x9f]/g, (byte) => WINDOWS_1252.charAt(byte.charCodeAt(0) - 0x80)));
  if (read !== undefined)
    yield* signedInAForm(question, "charset", read, "Brought to UTF-8, it is what was signed.");
  yield [isUtf8 ? "not_json" : "charset"];
}

/** The pieces of a canonical text: whole strings with their quotes, whole numbers and words, single punctuation. */
function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  // By hand: engines have limits on how long a string with escapes a regular expression may match.
  for (let at = 0, start = 0; at < text.length; start = at) {
    const first = text.charAt(at++);
    if (first === '"') {
      while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
      at++;
    } else if (!"{}[],:".includes(first)) {
      while (at < text.length && !'{}[],:"'.includes(text.charAt(at))) at++;
    }
    tokens.push(text.slice(start, at));
  }
  return tokens;
}

/** Every object, the outermost last, and the key under which it stands, cut to 40 characters; "" where there is none. */
function* objectsIn(
  text: string,
  tokens: readonly string[],
): Iterable<readonly [name: string, text: string]> {
  const open: (readonly [start: number, name: string])[] = [];
  let at = 0;
  let last = "";
  let key = "";
  for (const token of tokens) {
    at += token.length;
    if (token === ":") key = last;
    if (token === "{") open.push([at - 1, key]);
    if (token.startsWith('"')) last = token;
    if (token !== "}") continue;
    const [start, name] = open.pop() ?? [0, ""];
    yield [/^.{0,40}/su.exec(withoutQuotes(name))?.[0] ?? "", text.slice(start, at)];
  }
}

/** The members of the outermost value, if it is an object: the tokens of each. */
function membersOf(tokens: readonly string[]): Member[] {
  const members: Member[] = [];
  let member: string[] = [];
  let depth = 0;
  for (const token of tokens[0] === "{" ? tokens.slice(1) : []) {
    if (depth === 0 && ",}".includes(token)) {
      members.push(member);
      member = [];
    } else member.push(token);
    if ("{[".includes(token)) depth++;
    if ("}]".includes(token)) depth--;
  }
  return members;
}

function objectOf(members: readonly Member[]): string {
  return `{${members.map((member) => member.join("")).join(",")}}`;
}

/** On several lines, as `JSON.stringify(value, null, indent)` writes it. */
function indented(tokens: readonly string[], indent: string): string {
  const out: string[] = [];
  let room = LONGEST;
  let line = "\n";
  let last = ":";
  for (const token of tokens) {
    const closes = "}]".includes(token);
    if (closes) line = line.slice(0, -indent.length);
    if ("{[".includes(last) !== closes || last === ",") {
      out.push(line);
      room -= line.length;
      if (room < 0) return "";
    }
    out.push(token);
    if (token === ":") out.push(" ");
    if ("{[".includes(token)) line += indent;
    last = token;
  }
  return out.join("");
}

/** With `\/` for every slash, as PHP's `json_encode` writes it. */
function slashesEscaped(text: string): string {
  return text.replaceAll("/", "\\/");
}

/** With `\uXXXX` for everything that is not ASCII, as Python and PHP write it. */
function ascii(text: string): string {
  return text.replace(
    /[\x80-\uffff]/g,
    (unit) => `\\u${(0x10000 + unit.charCodeAt(0)).toString(16).slice(1)}`,
  );
}

function isNumber(token: string): boolean {
  return /^[-\d]/.test(token);
}

/** A whole number with `.0`, as languages with a float type write it. */
function withPoint(number: string): string {
  return /[.e]/.test(number) ? number : `${number}.0`;
}

/** A number with two decimals, as amounts often are. */
function withCents(number: string): string {
  if (/e|\.\d\d/.test(number)) return number;
  return number + (number.includes(".") ? "0" : ".00");
}

/** The amount as a string where it is a number, and as a number where it is a string. */
function otherAmounts(written: string): string[] {
  const bare = withoutQuotes(written);
  if (isNumber(written)) return [bare, withCents(bare), withPoint(bare)].map((form) => `"${form}"`);
  // What stands before keeps a long run of zeros from being looked at from each of them.
  const short = bare.includes(".") ? withoutEnd(withoutEnd(bare, "0"), ".") : bare;
  return [bare, short, withPoint(short)];
}

function withoutQuotes(text: string): string {
  return text.replace(/^"+|"+$/g, "");
}

/**
 * The outermost object with its members in other orders: few members in every order, many in the reference's and in the alphabet's.
 */
function* orders(members: readonly Member[]): Iterable<string> {
  if (members.length <= MOST_PERMUTED) {
    // Each is joined once only.
    const whole = members.map((member) => [member.join("")]);
    if (whole.length > 1) yield* permuted([], whole);
    return;
  }
  const sorted = <T>(rank: (key: string) => T): string =>
    objectOf(
      members
        .map((member) => [rank(member[0] ?? ""), member] as const)
        .sort(([a], [b]) => (a < b ? -1 : Number(a > b)))
        .map(([, member]) => member),
    );
  const known: readonly string[] = EVENT_FIELDS;
  yield sorted((key) => known.indexOf(withoutQuotes(key)) + 1 || known.length + 1);
  // As UTF-8 orders them: UTF-16 has characters beyond U+FFFF before some that are less.
  yield sorted((key) => charactersOf(encoder.encode(key)));
}

function* permuted(first: readonly Member[], rest: readonly Member[]): Iterable<string> {
  if (rest.length === 0) yield objectOf(first);
  for (const member of rest)
    yield* permuted(
      [...first, member],
      rest.filter((other) => other !== member),
    );
}

/** The text that was UTF-8 and has been read as windows-1252: `Ã©` for `é`. */
function readAsWindows1252(text: string): string | undefined {
  // A character that windows-1252 has not becomes a byte (-1 is 0xff) that UTF-8 has not.
  const byte = (character: string): number =>
    character > "\xff" ? WINDOWS_1252.indexOf(character) | 0x80 : character.charCodeAt(0);
  return decoded(Uint8Array.from(text, byte));
}

/** The text of UTF-16 of either byte order, if the bytes are that. */
function fromUtf16(bytes: Uint8Array): string | undefined {
  const swapped = bytes.map((_, at) => bytes[at ^ 1] ?? 0);
  return [bytes, swapped]
    .map((units) => decoded(units, "utf-16le"))
    .find((text) => text !== undefined && /^[{[ \n\r\t]/.test(text));
}

/** One character for each byte. */
function charactersOf(bytes: Uint8Array): string {
  let text = "";
  // In pieces: a call takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 8192)
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

/** The text less its byte order mark, if the bytes are one in this encoding. */
function decoded(bytes: Uint8Array, encoding = "utf-8"): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** One behind the other, in UTF-8. */
function joined(texts: readonly Text[]): Uint8Array {
  const pieces = texts.map((text) => (typeof text === "string" ? encoder.encode(text) : text));
  const bytes = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
