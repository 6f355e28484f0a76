/** What is found wrong with a request, and how it is said. */
import type { Violation } from "../errors.js";
import { lengthOf } from "../text.js";
import { nearest } from "./near.js";
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

/** Letters alone hold nothing that must not be told. */
const HARMLESS = /^[A-Za-z_]{1,40}$/;
/** A longer name is not told: it is none, and looking through it for what must not be told takes quadratic time. */
const LONGEST_BYTES = 40;

/** A name from outside for the eyes of people: it may be a card's number, where somebody took a value for a name. */
export function told(name: string): string {
  if (HARMLESS.test(name)) return name;
  const length = lengthOf(name);
  return length > LONGEST_BYTES ? `[a name of ${length} bytes]` : redact(name);
}

export function unknown(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  if (near !== undefined) return `unknown field; did you mean "${near}"?`;
  return known.includes("extra")
    ? "unknown field; remove it, or give it under `extra` if the gateway takes it"
    : `unknown field; remove it (known: ${known.join(", ")})`;
}
