/**
 * What a request may look like: a table for each object of it, one function that holds a request to its tables and collects every violation, and one that writes it.
 * A field that is `null` counts as one that is not there, as is usual in JavaScript.
 */
import { countOf } from "../decimal.js";
import { amountOf, amountText, checkAmount, numberText } from "./amount.js";
import { cardDigits, checkCardNumber } from "./card.js";
import { checkWords } from "./checks.js";
import { minorUnits } from "./codes.js";
import { isFields, jsonText, type Fields, type Json } from "./data.js";
import { join, told, unknown, type Check, type Report } from "./report.js";

// Every property of these stands in the object itself: one that was missing would be looked up in `Object.prototype`, which other programs may have changed.

/** What an object may hold. */
export interface Shape {
  /** Its fields, in the order of the reference. */
  readonly fields: readonly Field[];
  /** What is to be seen only from several fields. */
  readonly also: Also;
}

/** Looks at the whole object. */
export type Also = (object: Fields, path: string, report: Report) => void;

export function shape(fields: readonly Field[], also: Also = () => {}): Shape {
  return { fields, also };
}

/** A field, and what may stand in it. */
export interface Field {
  readonly name: string;
  readonly rule: Rule;
  /** What to do when it is missing, for a field that has to be there. */
  readonly needed: string | undefined;
}

/** What may stand in a field. */
export interface Rule {
  /** Finds out what is wrong with a value. */
  readonly check: (value: Json, place: Place) => void;
  /** Writes a value that has been checked. */
  readonly write: (value: Json, object: Fields) => string;
  /** What is written when there is none. */
  readonly otherwise: string | undefined;
}

/** Where a value stands. */
interface Place {
  readonly path: string;
  /** Of the object that it is a field of. */
  readonly shape: Shape;
  readonly report: Report;
}

export function field(name: string, rule: Rule, needed?: string): Field {
  return { name, rule, needed };
}

/** How to write a value of another type, where it can be guessed. */
type Hint = (value: Json) => string;

const NO_HINT: Hint = () => "";

/** A rule for values of one type. */
function rule<T extends Json>(
  wanted: string,
  takes: (value: Json) => value is T,
  check: (value: T, place: Place) => void = () => {},
  write: (value: T, object: Fields) => string = jsonText,
  hint = NO_HINT,
): Rule {
  return {
    check: (value, place) => {
      if (takes(value)) check(value, place);
      else place.report.add(place.path, "type", wrongType(wanted, value) + hint(value));
    },
    write: (value, object) => (takes(value) ? write(value, object) : jsonText(value)),
    otherwise: undefined,
  };
}

function wrongType(wanted: string, value: Json): string {
  return `must be ${wanted}, is ${typeOf(value)}`;
}

function typeOf(value: Json): string {
  if (value === null) return "null";
  if (isString(value)) return "a string";
  if (isNumber(value)) return "a number";
  if (isBoolean(value)) return "true or false";
  return isFields(value) ? "an object" : "an array";
}

function isString(value: Json): value is string {
  return typeof value === "string";
}

function isNumber(value: Json): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

function isBoolean(value: Json): value is boolean {
  return typeof value === "boolean";
}

function isAmount(value: Json): value is string | number | bigint {
  return isString(value) || isNumber(value);
}

/** A string that passes a check. */
export function text(check: Check, write?: (text: string) => string): Rule {
  return rule(
    "a string",
    isString,
    (value, { report, path }) => report.keep(path, check(value)),
    write,
    (value) => (isNumber(value) ? "; put it in quotes" : ""),
  );
}

/** A string that says something. */
export const WORDS = text(checkWords);

/** A card's number; written as its digits alone. */
export const CARD_NUMBER = text(checkCardNumber, (number) => jsonText(cardDigits(number)));

export const FLAG = rule("true or false", isBoolean);

/** A whole number from 1 to this. */
export function count(most: number): Rule {
  return rule(
    "a whole number",
    isNumber,
    (value, { report, path }) => {
      const given = countOf(numberText(value));
      if (given === undefined || given < 1n || given > BigInt(most)) {
        report.add(
          path,
          "range",
          `must be a whole number from 1 to ${most}, written without point or exponent`,
        );
      }
    },
    jsonText,
    (value) => (isString(value) ? "; write it without quotes, spaces, `+` or leading zeros" : ""),
  );
}

/** A whole number within bounds. */
export function between(least: number, most: number): Rule {
  const wanted = `a whole number from ${least} to ${most}`;
  return rule(wanted, isNumber, (value, { report, path }) => {
    if (!Number.isInteger(value) || value < least || value > most)
      report.add(path, "range", `must be ${wanted}`);
  });
}

/** A function, of which there is none in plain data: only what stands in its place comes here. */
export const FUNCTION = rule("a function", (value): value is never => typeof value === "function");

function amount(unitsIn: (object: Fields) => number | undefined): Rule {
  return rule(
    "a number or a decimal string",
    isAmount,
    (value, { report, path }) => report.keep(path, checkAmount(value)),
    (value, object) => {
      const decimal = amountOf(value);
      return decimal ? amountText(decimal, unitsIn(object)) : jsonText(value);
    },
  );
}

/** A decimal, as a number or as a string; written as a number. */
export const AMOUNT = amount(() => undefined);

/** The same in the currency beside it: written without the zeros that the currency has no place for. */
export const PRICE = amount(({ currency }) =>
  typeof currency === "string" ? minorUnits(currency) : undefined,
);

/** An object of this shape. */
export function object(shape: Shape): Rule {
  return rule(
    "an object",
    isFields,
    (value, { path, report }) => check(shape, value, path, report),
    (value) => write(shape, value),
  );
}

/** A free object, written also when there is none. */
export const SETTINGS: Rule = { ...rule("an object", isFields), otherwise: "{}" };

/** Fields that nobody here knows, written beside the known ones. */
const EXTRA = rule("an object", isFields, (value, { path, shape, report }) => {
  for (const name of Object.keys(value)) {
    // What is there is merged into the body, so it must not write over what is there already.
    if (knows(shape, name)) {
      const message = `\`${name}\` has a field of its own; give it there, not under \`extra\``;
      report.add(join(path, name), "known_field", message);
    }
  }
});

/** Where a caller gives what the reference does not know. */
export const EXTRA_FIELDS = field("extra", EXTRA);

function knows({ fields }: Shape, name: string): boolean {
  return fields.some((field) => field.name === name);
}

/** Reports everything that is wrong with an object that stands at `path`. */
export function check(shape: Shape, object: Json, path: string, report: Report): void {
  if (!isFields(object)) {
    report.add(path, "type", wrongType("an object", object));
    return;
  }
  for (const name of Object.keys(object)) {
    if (!knows(shape, name)) {
      const known = shape.fields.map(({ name }) => name);
      report.add(join(path, told(name)), "unknown_field", unknown(name, known));
    }
  }
  for (const { name, rule, needed } of shape.fields) {
    const value = object[name] ?? null;
    const place = { path: join(path, name), shape, report };
    if (value !== null) rule.check(value, place);
    else if (needed !== undefined) report.add(place.path, "required", `missing; ${needed}`);
  }
  shape.also(object, path, report);
}

/** Writes an object that has been checked, in the order of the fields. */
export function write(shape: Shape, object: Fields): string {
  const parts = shape.fields.flatMap(({ name, rule }) => {
    const value = object[name] ?? null;
    if (rule === EXTRA) {
      const extra = isFields(value) ? Object.entries(value) : [];
      return extra.map(([name, value]) => `${jsonText(name)}:${jsonText(value)}`);
    }
    const written = value === null ? rule.otherwise : rule.write(value, object);
    return written === undefined ? [] : [`${jsonText(name)}:${written}`];
  });
  return `{${parts.join(",")}}`;
}
