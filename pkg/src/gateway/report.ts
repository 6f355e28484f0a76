/** What is found wrong with a request, and how it is said. */
import type { Violation } from "../errors.js";
import type { Json } from "../json.js";
import { redact } from "./redact.js";

/** What is wrong with a value that stands on its own: a stable word, and a sentence that names the remedy. */
export type Wrong = readonly [code: string, message: string];

/** Says what is wrong with a text, if anything is. */
export type Check = (text: string) => Wrong | undefined;

/** The usual word. */
export function format(message: string): Wrong {
  return ["format", message];
}

/** Everything that was found so far. */
export class Report {
  readonly violations: Violation[] = [];

  add(path: string, code: string, message: string): void {
    this.violations.push({ path, code, message });
  }

  /** Keeps what the check of a single value says, at its place. */
  keep(path: string, wrong: Wrong | undefined): void {
    if (wrong) this.add(path, ...wrong);
  }
}

/** `parent.name`, or `name` at the top. */
export function join(parent: string, name: string): string {
  return parent === "" ? name : `${parent}.${name}`;
}

export function wrongType(wanted: string, value: Json): string {
  const is =
    value === null
      ? "null"
      : typeof value === "boolean"
        ? "true or false"
        : typeof value === "string"
          ? "a string"
          : typeof value !== "object"
            ? "a number"
            : Array.isArray(value)
              ? "an array"
              : "an object";
  return `must be ${wanted}, is ${is}`;
}

const utf8 = new TextEncoder();

/** Bytes of a text in UTF-8, as the gateway's limits count. */
export function lengthOf(text: string): number {
  return utf8.encode(text).length;
}

/** A longer name is not told: it is none, and looking through it for what must not be told takes quadratic time. */
const LONGEST_NAME = 100;

/** An unknown field's name for the eyes of people. */
export function told(name: string): string {
  const length = lengthOf(name);
  return length > LONGEST_NAME ? `[a name of ${length} bytes]` : redact(name);
}

export function unknown(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  if (near !== undefined) return `unknown field; did you mean "${near}"?`;
  return known.includes("extra")
    ? "unknown field; remove it, or give it under `extra` if the gateway takes it"
    : `unknown field; remove it (known: ${known.join(", ")})`;
}

/** A name of a kilobyte is no slip of a known one. */
const LONGEST_SLIP = 40;
const MOST_SLIPS = 2;

/** The known name that was probably meant: the same but for case and underscores (`userId`), or at most two slips away. */
function nearest(name: string, known: readonly string[]): string | undefined {
  if (lengthOf(name) > LONGEST_SLIP) return undefined;
  const given = letters(name);
  const others = known.map(letters);
  for (let slips = 0; slips <= MOST_SLIPS; slips++) {
    const near = known.find((known, place) => {
      const other = others[place];
      return slips <= Math.floor(known.length / 3) && other !== undefined && isNear(given, other, slips);
    });
    if (near !== undefined) return near;
  }
  return undefined;
}

/** The bytes of a name but for case and underscores. */
function letters(name: string): Uint8Array {
  return utf8.encode(name.replace(/[_-]/g, "").replace(/[A-Z]/g, (letter) => letter.toLowerCase()));
}

/** Whether so many slips lead from one word to the other: a letter too many or too few, another letter, two letters exchanged. */
function isNear(one: Uint8Array, other: Uint8Array, slips: number, at = 0, to = 0): boolean {
  while (at < one.length && one[at] === other[to]) {
    at++;
    to++;
  }
  if (at === one.length && to === other.length) return true;
  const longer = one.length - at - (other.length - to);
  if (slips < Math.max(1, Math.abs(longer))) return false;
  const has = (at < one.length ? 1 : 0) + (to < other.length ? 2 : 0);
  const exchanged =
    at + 1 < one.length &&
    one[at] === other[to + 1] &&
    one[at + 1] === other[to] &&
    isNear(one, other, slips - 1, at + 2, to + 2);
  return (
    exchanged ||
    (has === 3 && isNear(one, other, slips - 1, at + 1, to + 1)) ||
    (has !== 2 && isNear(one, other, slips - 1, at + 1, to)) ||
    (has !== 1 && isNear(one, other, slips - 1, at, to + 1))
  );
}
