/**
 * The form that is signed, `JSON.stringify(JSON.parse(text))`, by the host's own `JSON`, which is the definition of it. The module only proves that most bodies
 * have that form already; the rest comes here.
 *
 * V8 12.8 to 14.6 at least (Chrome, Node 23 to 26, workerd) reads some keys wrongly: once any object with a backslash in a key has been parsed, a key that
 * is written with an escape, in an object of the same shape, may come out as that other key (nodejs/node#63785). So no key goes to the host with an escape: a
 * mark that occurs nowhere else stands in for the backslash on the way in, and the backslash for the mark on the way out.
 */
import { WebhookVerificationError } from "./errors.js";
import { add } from "./fields.js";
import type { JsonObject, JsonValue } from "./types.js";
import { wellFormed } from "./text.js";

/** As the core has it: deeper texts are no webhook, and `JSON.stringify` would run out of stack at last. */
const MAX_DEPTH = 1024;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** A number behind a colon. */
const NUMBER = /[ \t\n\r]*(-?\d[-+.\deE]*)/y;
const FIRST_MARK = 0xe000;
const LAST_MARK = 0xf8ff;
const MARKS = /[\ue000-\uf8ff]|\\u(?:e[\da-f]|f[0-8])[\da-f]{2}/gi;
/** What stands behind a key. */
const KEY_END = /[ \t\n\r]*:/y;

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The body's text; what is no Unicode is what UTF-8 would make of it. */
export function textOf(body: string | Uint8Array): string {
  if (typeof body === "string") return wellFormed(body);
  try {
    return decoder.decode(body);
  } catch {
    throw notJson("it is not UTF-8");
  }
}

/** The canonical form. @throws WebhookVerificationError `not_json` */
export function rewrite(text: string): string {
  if (depthOf(text) > MAX_DEPTH) throw notJson(`it has more than ${MAX_DEPTH} levels of nesting`);
  try {
    const [marked, mark] = markKeys(text);
    const canonical = JSON.stringify(JSON.parse(marked));
    return marked === text ? canonical : unmark(canonical, mark);
  } catch (error) {
    if (error instanceof WebhookVerificationError) throw error;
    // The host's message may quote the body, which may be somebody's personal data.
    const [, place] = / (at position \d+|at line \d+ column \d+)/.exec(String(error)) ?? [];
    throw notJson(
      text.startsWith("\ufeff")
        ? "it begins with a byte order mark (U+FEFF): leave it out"
        : text.trim() === ""
          ? "it is empty: see whether something has read it before"
          : `JSON.parse refuses it${place === undefined ? "" : ` ${place}`}`,
    );
  }
}

/** What a JSON text says, every key by its own name. The text is JSON, and nests no deeper than an event may. */
export function parse(text: string): JsonValue {
  const [marked, mark] = markKeys(text);
  const value = JSON.parse(marked) as JsonValue;
  return marked === text ? value : named(value, mark);
}

/** The value with the names that marks stand in. */
function named(value: JsonValue, mark: string): JsonValue {
  if (Array.isArray(value)) return value.map((item) => named(item, mark));
  if (typeof value !== "object" || value === null) return value;
  const result: JsonObject = {};
  for (const [key, item] of Object.entries(value)) {
    const name = key.includes(mark) ? (JSON.parse(`"${unmark(key, mark)}"`) as string) : key;
    add(result, name, named(item, mark));
  }
  return result;
}

/**
 * The numbers among the own members of each object at that depth (1 is the outermost), as they are written; the last of two with one name. The text is JSON.
 */
export function numbersOf(text: string, level: number): Map<string, string>[] {
  const objects: Map<string, string>[] = [];
  let depth = 0;
  let last = "";
  for (let at = 0; at < text.length; at++) {
    const first = text.charAt(at);
    if (first === '"') {
      const end = stringEnd(text, at);
      last = text.slice(at, end + 1);
      at = end;
    } else if ("{[".includes(first)) {
      if (++depth === level && first === "{") objects.push(new Map());
    } else if ("}]".includes(first)) depth--;
    else if (first === ":" && depth === level) {
      NUMBER.lastIndex = at + 1;
      const name = JSON.parse(last) as string;
      const number = NUMBER.exec(text)?.[1];
      if (number === undefined) objects.at(-1)?.delete(name);
      else objects.at(-1)?.set(name, number);
    }
  }
  return objects;
}

/** How deep arrays and objects stand in one another. */
export function depthOf(text: string): number {
  let deepest = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text[at]) {
      case '"':
        at = stringEnd(text, at);
        break;
      case "{":
      case "[":
        deepest = Math.max(deepest, ++depth);
        break;
      case "}":
      case "]":
        depth--;
    }
  }
  return deepest;
}

/** The place of the quote that ends the string that begins at `start`. */
function stringEnd(text: string, start: number): number {
  let at = start + 1;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) break;
    if (code === BACKSLASH) at++;
  }
  return at;
}

/** The JSON text with the mark for each backslash in its keys, and the mark. */
function markKeys(text: string): readonly [marked: string, mark: string] {
  let mark = "";
  let marked = "";
  let done = 0;
  for (let at = text.includes("\\") ? text.indexOf('"') : -1; at >= 0;) {
    const end = stringEnd(text, at) + 1;
    const written = text.slice(at, end);
    KEY_END.lastIndex = end;
    if (written.includes("\\") && KEY_END.test(text)) {
      mark ||= freeMark(text);
      // A run of backslashes begins with an escape, so pairs of them are found as they were meant.
      const key = JSON.stringify(JSON.parse(written))
        .replaceAll("\\\\", `${mark}B`)
        .replaceAll('\\"', `${mark}Q`)
        .replaceAll("\\", mark);
      marked += text.slice(done, at) + key;
      done = end;
    }
    at = text.indexOf('"', end);
  }
  return [marked + text.slice(done), mark];
}

function unmark(text: string, mark: string): string {
  return text.replaceAll(`${mark}Q`, '\\"').replaceAll(`${mark}B`, "\\\\").replaceAll(mark, "\\");
}

/** A character for private use that the text does not hold, neither as such nor as an escape. */
function freeMark(text: string): string {
  const used = new Set(
    Array.from(text.matchAll(MARKS), ([found]) =>
      found.length === 1 ? found.charCodeAt(0) : Number.parseInt(found.slice(2), 16),
    ),
  );
  let code = FIRST_MARK;
  while (used.has(code)) code++;
  if (code > LAST_MARK) throw notJson("it has escapes in keys and every character for private use");
  return String.fromCharCode(code);
}

function notJson(why: string): WebhookVerificationError {
  return new WebhookVerificationError("not_json", `the body is not JSON: ${why}`);
}
