/**
 * What a request may look like: a table for each object of it, one function that holds a request to its tables and collects every violation, and one that writes it.
 * A field that is `null` counts as one that is not there, as is usual in JavaScript.
 */
import { isFields, jsonText, type Fields, type Json } from "../json.js";
import { amountOf, checkAmount, numberText } from "./amount.js";
import { cardDigits, checkCardNumber } from "./card.js";
import { checkWords, minorUnits } from "./checks.js";
import { countOf } from "../decimal.js";
import { join, told, unknown, wrongType, type Check, type Report } from "./report.js";

/** What an object may hold. */
export interface Shape {
  /** Its fields, in the order of the reference. */
  readonly fields: readonly Field[];
  /** What is to be seen only from several fields. */
  readonly also?: (object: Fields, path: string, report: Report) => void;
}

/** A field, and what may stand in it. */
export interface Field {
  readonly name: string;
  readonly rule: Rule;
  /** What to do when it is missing, for a field that has to be there. */
  readonly needed?: string | undefined;
}

/** What may stand in a field. */
export interface Rule {
  /** What a value has to be, for people. */
  readonly wanted: string;
  /** Whether a value is of that kind. */
  readonly takes: (value: Json) => boolean;
  /** How to write a value of another kind, where it can be guessed. */
  readonly hint?: (value: Json) => string;
  /** Finds out what is wrong with a value of that kind. */
  readonly check?: (value: never, path: string, report: Report, shape: Shape, name: string) => void;
  /** The value as JSON text; as it is, when there is no such function. */
  readonly write?: (value: never, object: Fields) => string;
  /** What is written when there is none. */
  readonly otherwise?: string;
}

export function field(name: string, rule: Rule, needed?: string): Field {
  return { name, rule, needed };
}

const isNumber = (value: Json): value is number | bigint =>
  typeof value === "number" || typeof value === "bigint";
const isString = (value: Json): boolean => typeof value === "string";

/** A string that passes a check, which also gets the field's name. */
export function text(check: (text: string, name: string) => ReturnType<Check>): Rule {
  return {
    wanted: "a string",
    takes: isString,
    hint: (value) => (isNumber(value) ? "; put it in quotes" : ""),
    check: (value: string, path, report, _, name) => report.keep(path, check(value, name)),
  };
}

/** A string that says something. */
export const WORDS = text(checkWords);

/** A card's number; written as its digits alone. */
export const CARD_NUMBER: Rule = {
  ...text(checkCardNumber),
  write: (value: string) => jsonText(cardDigits(value)),
};

export const FLAG: Rule = {
  wanted: "true or false",
  takes: (value) => typeof value === "boolean",
};

/** A whole number from 1 to this. */
export function count(most: number): Rule {
  return {
    wanted: "a whole number",
    takes: isNumber,
    hint: (value) => (isString(value) ? "; write it without quotes, spaces, `+` or leading zeros" : ""),
    check: (value: number | bigint, path, report) => {
      const given = countOf(numberText(value));
      if (given === undefined || given < 1n || given > BigInt(most)) {
        report.add(
          path,
          "range",
          `must be a whole number from 1 to ${most}, written without point or exponent`,
        );
      }
    },
  };
}

/** A decimal, as a number or as a string; written as a number. */
export const AMOUNT: Rule = {
  wanted: "a number or a decimal string",
  takes: (value) => isNumber(value) || isString(value),
  check: (value: Json, path, report) => report.keep(path, checkAmount(value)),
  write: (value: Json) => amountOf(value)?.text() ?? "null",
};

/** The same in the currency beside it: written without the zeros that the currency has no place for. */
export const PRICE: Rule = {
  ...AMOUNT,
  write: (value: Json, { currency }) => {
    const units = typeof currency === "string" ? minorUnits(currency) : undefined;
    return amountOf(value)?.text(units) ?? "null";
  },
};

/** An object of this shape. */
export function object(shape: Shape): Rule {
  return {
    wanted: "an object",
    takes: isFields,
    check: (value: Fields, path, report) => check(shape, value, path, report),
    write: (value: Fields) => write(shape, value),
  };
}

/** A free object, written also when there is none. */
export const SETTINGS: Rule = { wanted: "an object", takes: isFields, otherwise: "{}" };

/** Fields that nobody here knows, written beside the known ones. */
const EXTRA: Rule = {
  wanted: "an object",
  takes: isFields,
  check: (value: Fields, path, report, shape) => {
    for (const name of Object.keys(value)) {
      // What is there is merged into the body, so it must not write over what is there already.
      if (knows(shape, name)) {
        const message = `\`${name}\` has a field of its own; give it there, not under \`extra\``;
        report.add(join(path, name), "known_field", message);
      }
    }
  },
};

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
    const place = join(path, name);
    if (value === null) {
      if (needed !== undefined) report.add(place, "required", `missing; ${needed}`);
    } else if (rule.takes(value)) {
      rule.check?.(value as never, place, report, shape, name);
    } else {
      report.add(place, "type", wrongType(rule.wanted, value) + (rule.hint?.(value) ?? ""));
    }
  }
  shape.also?.(object, path, report);
}

/** Writes an object that has been checked, in the order of the fields. */
export function write(shape: Shape, object: Fields): string {
  const parts = shape.fields.flatMap(({ name, rule }) => {
    const value = object[name] ?? null;
    if (rule === EXTRA) {
      const extra = isFields(value) ? Object.entries(value) : [];
      return extra.map(([name, value]) => `${jsonText(name)}:${jsonText(value)}`);
    }
    const written =
      value === null ? rule.otherwise : (rule.write?.(value as never, object) ?? jsonText(value));
    return written === undefined ? [] : [`${jsonText(name)}:${written}`];
  });
  return `{${parts.join(",")}}`;
}
