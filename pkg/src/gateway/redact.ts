/**
 * Takes out of a foreign text what must not be kept: credentials, card data, e-mail addresses.
 *
 * An error shows what the gateway sent, and a gateway may echo what it was sent: in JSON, in JSON within JSON, in a form, in a page. So the text is
 * looked at as its readers would decode it, and cut where that came from. Redaction errs on the side of taking too much: a support report that lacks
 * a number can be completed, one that leaked a card cannot be taken back.
 */
import { wellFormed } from "../text.js";
import { passesLuhn } from "./luhn.js";

const REDACTED = "[REDACTED]";

/** Field names whose value is a secret, also as the end of a longer name; in lower case, without `_` and `-`. */
const SECRET_END =
  /(?:cv[cv](?:code|number)|securitycode|verification(?:value|code)|cardnumber|exp(?:month|year|date)|expiry(?:month|year|date)?|expiration(?:month|year|date)|holdername|cardholder|token|password|secret|apikey|authorization|passwd)$/;
/** The same for names so short that they are the end of other words: they have to be a word of their own in the name. */
const SECRET_WORD = /\|(?:cvc2?|cvv2?|cvn|csc|pan|pin|exp)$/;
/** Fields that may hold a card's number among other things. */
const CARD_FIELD = /card|^(?:number|cc|ccnumber|ccnum|account)$/;

/** The text without `secrets`, without the values of secret fields, without card numbers and without e-mail addresses. */
export function redact(text: string, secrets: readonly string[] = []): string {
  let kept = wellFormed(text);
  for (const secret of secrets) {
    if (secret === "") continue;
    const wanted = new View(secret).chars;
    kept = cut(kept.replaceAll(secret, REDACTED), REDACTED, (view, from) => nextSecret(view, from, wanted));
  }
  kept = cut(kept, REDACTED, nextField);
  kept = cut(kept, "[CARD]", nextCard);
  return cut(kept, "[EMAIL]", nextAddress);
}

/** Where a thing to take out begins and ends. */
type Place = readonly [start: number, end: number];

/** Replaces what `next` finds at or after a place, again and again. */
function cut(text: string, label: string, next: (view: View, from: number) => Place | undefined): string {
  const view = new View(text);
  let out = "";
  let from = 0;
  for (let found = next(view, 0); found !== undefined; found = next(view, from)) {
    out += text.slice(view.place(from), view.place(found[0])) + label;
    from = found[1];
  }
  return out + text.slice(view.place(from));
}

/** A text with its escapes decoded: those of JSON (however often they were escaped again), of URLs and forms, and of HTML. */
class View {
  readonly chars: string[] = [];
  /** Where in the text each character begins, and at last where the text ends. */
  readonly #places: number[] = [];

  constructor(text: string) {
    for (let at = 0; at < text.length;) {
      this.#places.push(at);
      const [char, end] = unescaped(text, at);
      this.chars.push(char);
      at = end;
    }
    this.#places.push(text.length);
  }

  place(at: number): number {
    return this.#places[Math.min(at, this.chars.length)] ?? 0;
  }

  /** How long a character is as it was written. What is escaped once more than the text around it is longer. */
  length(at: number): number {
    return this.place(at + 1) - this.place(at);
  }
}

type Char = readonly [char: string, end: number];

/** The character at `at`, decoded, and where the next one begins. */
function unescaped(text: string, at: number): Char {
  const first = atom(text, at);
  if (first[0] !== "\\") return first;
  let behind = first;
  let next = atom(text, behind[1]);
  while (next[0] === "\\") {
    behind = next;
    next = atom(text, behind[1]);
  }
  switch (next[0]) {
    case '"':
    case "'":
    case "/":
      return next;
    case "n":
    case "r":
      return ["\n", next[1]];
    case "t":
      return ["\t", next[1]];
    case "u": {
      const digits = text.slice(next[1], next[1] + 4);
      if (/^[\da-f]{4}$/i.test(digits)) return [charOf(digits, 16) ?? "\ufffd", next[1] + 4];
    }
  }
  return ["\\", behind[1]];
}

/** Percent-encoding, however often it was encoded again, and HTML's references. */
const PERCENT = /%(?:25)*([\da-f]{2})?/iy;
const REFERENCE = /&(?:(quot|amp|nbsp)|#x([\da-fA-F]+)|#(\d+));/y;
const NAMED: ReadonlyMap<string, string> = new Map([
  ["quot", '"'],
  ["amp", "&"],
  ["nbsp", " "],
]);

/** The character at `at`, percent-encoding and HTML's references decoded, and where the next one begins; nothing at the end. */
function atom(text: string, at: number): Char {
  const char = String.fromCodePoint(...(at < text.length ? [text.codePointAt(at) ?? 0] : []));
  if (char === "%") {
    PERCENT.lastIndex = at;
    const [, code] = PERCENT.exec(text) ?? [];
    // Beyond ASCII it is a part of a character. It matters only between digits, where it is a space or a dash.
    if (code === undefined) return [char, PERCENT.lastIndex];
    const decoded = charOf(code, 16) ?? char;
    return [decoded > "\x7f" ? "\xa0" : decoded, PERCENT.lastIndex];
  }
  if (char === "&") {
    REFERENCE.lastIndex = at;
    const [found, name = "", hexadecimal, decimal = ""] = REFERENCE.exec(text) ?? [];
    const meant =
      NAMED.get(name) ?? (hexadecimal === undefined ? charOf(decimal, 10) : charOf(hexadecimal, 16));
    if (found !== undefined && meant !== undefined) return [meant, at + found.length];
  }
  return [char, at + char.length];
}

/** The character of a number, if there is one. */
function charOf(digits: string, radix: number): string | undefined {
  const code = Number.parseInt(digits, radix);
  return code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000) ? String.fromCodePoint(code) : undefined;
}

/** Where a secret stands, a `+` of it maybe taken for a space by a form's reader. */
function nextSecret({ chars }: View, from: number, wanted: readonly string[]): Place | undefined {
  for (let at = from; at + wanted.length <= chars.length; at++) {
    const same = wanted.every((char, place) => {
      const seen = chars[at + place];
      return seen === char || (char === "+" && seen === " ");
    });
    if (same) return [at, at + wanted.length];
  }
  return undefined;
}

/**
 * Up to where it is known that no value is long enough to be a card's number: of those without quotes at a level of escapes, and of those in brackets. Such a
 * value ends where the one around it ends, so it need not be looked at again.
 */
interface Clear {
  plain: number;
  level: number;
  listed: number;
}

/** Where the next secret field's value stands, after `name:`, `name=` or `<name>`, whatever quotes stand around either. */
function nextField(view: View, from: number): Place | undefined {
  const clear: Clear = { plain: 0, level: 0, listed: 0 };
  for (let at = from; at < view.chars.length; at++) {
    if (!/[:=>]/.test(view.chars[at] ?? "")) continue;
    const value = valueBehind(view, at, clear);
    if (value !== undefined && value[0] >= from) return value;
  }
  return undefined;
}

/** As far before a separator its name is looked for. */
const LONGEST_NAME = 80;
/** A name before a separator, quotes and brackets around it, and what stands before it. */
const NAME = /(^|[^])([\w-]*)["'\\ \]]*$/u;

/** The value behind the separator at `at`, if the name before it is a secret one's. */
function valueBehind(view: View, at: number, clear: Clear): Place | undefined {
  const { chars } = view;
  const [, before, name = ""] = NAME.exec(chars.slice(Math.max(0, at - LONGEST_NAME), at).join("")) ?? [];
  const [secret, card] = kindOf(name);
  const isEndTag = chars[at] === ">" && before === "/";
  if (isEndTag || !(secret || card)) return undefined;
  let start = at + 1;
  while (/^[ \t\n\r]$/.test(chars[start] ?? "")) start++;
  const first = chars[start];
  const done = chars.slice(start, start + REDACTED.length).join("") === REDACTED;
  // What is inside an object is looked at by itself.
  if (first === undefined || first === "{" || done) return undefined;
  const opened = /["'[]/.test(first);
  // A quote or a comma that is escaped once more than what opened the value belongs to it.
  const level = view.length(opened ? start : at);
  const known = first === "[" ? clear.listed : opened || level !== clear.level ? 0 : clear.plain;
  if (!secret && start < known) return undefined;
  if (opened) start++;
  let end = start;
  let digits = 0;
  for (; end < chars.length && !endsValue(view, end, first, level); end++) if (isDigit(chars[end])) digits++;
  if (!secret && digits < SHORTEST_CARD) {
    if (first === "[") clear.listed = end;
    else if (!opened) {
      clear.plain = end;
      clear.level = level;
    }
    return undefined;
  }
  const nothing = /^(?:null *)?$/.test(chars.slice(start, end).join(""));
  return nothing ? undefined : [start, end];
}

const VALUE_ENDS = "\"',&;}]<";

/** Whether a value that begins with `first` ends before this place. */
function endsValue(view: View, at: number, first: string, level: number): boolean {
  const char = view.chars[at] ?? "";
  if (first === "[") return char === "]";
  const quoted = first === '"' || first === "'";
  if (!quoted && (char === "\n" || char === "\\")) return true;
  return (quoted ? char === first : VALUE_ENDS.includes(char)) && view.length(at) <= level;
}

/** Whether a field of that name holds a secret, and whether it may hold a card's number among other things. */
function kindOf(name: string): [secret: boolean, card: boolean] {
  // `cardCvc` and `card_cvc` become `|card|cvc`.
  const words = `|${name.replace(/([^A-Z])([A-Z])/g, "$1|$2").replace(/[_-]/g, "|")}`.toLowerCase();
  const whole = words.replaceAll("|", "");
  return [SECRET_END.test(whole) || SECRET_WORD.test(words), CARD_FIELD.test(whole)];
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= "0" && char <= "9";
}

/** What may stand between the groups of a card number: the usual signs, and the spaces and dashes of typography. */
const GAP = /^[ \-._+\t\xa0\u2000-\u2015\u202f]$/;
const LONGEST_GAP = 3;
const SHORTEST_CARD = 13;
const LONGEST_CARD = 19;

/** Where the next run of digit groups (`4111 1111-1111.1111`) makes a card number: 13 to 19 digits, check digit right. */
function nextCard({ chars }: View, from: number): Place | undefined {
  for (let at = from; at < chars.length; at++) {
    // Only from a group's first digit, or every long id would be searched for parts.
    if (!isDigit(chars[at]) || (at > from && isDigit(chars[at - 1]))) continue;
    const end = cardEnd(chars, at);
    if (end !== undefined) return [at, end];
  }
  return undefined;
}

/** Where a card number that begins here ends. The longest one wins. */
function cardEnd(chars: readonly string[], start: number): number | undefined {
  let digits = "";
  let gap = 0;
  let found: number | undefined;
  for (let at = start; at < chars.length; at++) {
    const char = chars[at] ?? "";
    if (isDigit(char) && digits.length < LONGEST_CARD) {
      digits += char;
      gap = 0;
      if (!isDigit(chars[at + 1]) && digits.length >= SHORTEST_CARD && passesLuhn(digits)) found = at + 1;
    } else if (gap < LONGEST_GAP && GAP.test(char)) {
      gap++;
    } else {
      break;
    }
  }
  return found;
}

const ADDRESS_PART = /^(?:[\w.+%-]|(?=\P{ASCII})\P{White_Space})$/u;

/** Where the next `name@host` stands. */
function nextAddress({ chars }: View, from: number): Place | undefined {
  const isPart = (at: number): boolean => at >= from && ADDRESS_PART.test(chars[at] ?? "");
  for (let at = chars.indexOf("@", from); at >= 0; at = chars.indexOf("@", at + 1)) {
    let start = at;
    while (isPart(start - 1)) start--;
    let end = at + 1;
    while (isPart(end)) end++;
    if (start < at && end > at + 1) return [start, end];
  }
  return undefined;
}
