/**
 * Values into JSON text, strictly. `JSON.stringify` alone drops functions, writes `null` for NaN, calls any `toJSON` and throws a bare `TypeError`
 * on a circle. Money must not leave like that: here everything that has no exact JSON form becomes a violation that names its path, all at once.
 */
import { ValidationError, type Violation } from "./errors.js";

/** Deeper than any request of the gateway; it keeps a circle that is made by getters from running for ever. */
const MAX_DEPTH = 64;
/** As many values as a request may hold; the gateway's own have fewer than forty. */
const MAX_VALUES = 100_000;

/** Paths are read by people: a name that could be a card's number is not told, nor one longer than any name. */
const TELLING = /(?:\d[^\da-z]?){12}/i;
const LONGEST_NAME = 100;

interface Walk {
  readonly violations: Violation[];
  readonly parents: Set<object>;
  values: number;
  cause: unknown;
}

/** JSON text, and what of the value is not in it. */
export interface JsonText {
  readonly text: string;
  readonly violations: readonly Violation[];
  /** What a getter threw, if one did. */
  readonly cause: unknown;
}

/**
 * The value as JSON text.
 *
 * @param root what the value is called in the paths of violations
 * @throws ValidationError with every place that has no exact JSON form
 */
export function toJson(value: unknown, root: string): string {
  const { text, violations, cause } = asJson(value, root);
  if (violations.length > 0)
    throw new ValidationError(violations, cause === undefined ? undefined : { cause });
  return text;
}

/** The same for a caller that has more to find wrong: places without a JSON form are left out of the text. */
export function asJson(value: unknown, root: string): JsonText {
  const walk: Walk = { violations: [], parents: new Set(), values: 0, cause: undefined };
  let text: string | undefined;
  try {
    text = write(value, root, walk);
  } catch (cause) {
    // A proxy or a getter may throw anything at any point, also a stack overflow.
    walk.cause ??= cause;
    walk.violations.push({
      path: root,
      code: "type",
      message: "cannot be read: looking at it throws; pass a plain object",
    });
  }
  if (walk.violations.length === 0 && text === undefined) {
    walk.violations.push({ path: root, code: "required", message: "is missing" });
  }
  return { text: text ?? "null", violations: walk.violations, cause: walk.cause };
}

/** `undefined` means: there is nothing to write here. */
function write(value: unknown, path: string, walk: Walk): string | undefined {
  if (++walk.values > MAX_VALUES) {
    if (walk.values === MAX_VALUES + 1)
      refuse(walk, path, "range", `is one value too many: a request holds at most ${MAX_VALUES}`);
    return undefined;
  }
  switch (typeof value) {
    case "undefined":
      return undefined;
    case "boolean":
      return value ? "true" : "false";
    case "string":
      if (!isWellFormed(value))
        refuse(walk, path, "format", "is not valid Unicode: it holds half of a surrogate pair");
      return JSON.stringify(value);
    case "number":
      if (!Number.isFinite(value))
        return refuse(walk, path, "type", `is ${value}, which JSON cannot hold; give a finite number`);
      return JSON.stringify(value);
    case "bigint":
      return value.toString();
    case "function":
    case "symbol":
      return refuse(walk, path, "type", `is a ${typeof value}; give plain data`);
    case "object":
      return value === null ? "null" : writeObject(value, path, walk);
  }
}

function writeObject(value: object, path: string, walk: Walk): string | undefined {
  if (walk.parents.has(value))
    return refuse(walk, path, "type", "contains itself; give plain data without circles");
  if (walk.parents.size >= MAX_DEPTH)
    return refuse(walk, path, "range", `is nested more than ${MAX_DEPTH} levels deep`);
  walk.parents.add(value);
  try {
    return Array.isArray(value) ? writeArray(value, path, walk) : writeRecord(value, path, walk);
  } finally {
    walk.parents.delete(value);
  }
}

function writeArray(value: readonly unknown[], path: string, walk: Walk): string | undefined {
  const parts: string[] = [];
  const length = Math.min(value.length, MAX_VALUES + 1);
  for (let index = 0; index < length && walk.values <= MAX_VALUES; index++) {
    const place = `${path}[${index}]`;
    const before = walk.violations.length;
    const item = read(value, index, place, walk);
    if (item === undefined && walk.violations.length === before)
      refuse(walk, place, "type", "is undefined; leave it out or give null");
    parts.push(write(item, place, walk) ?? "null");
  }
  return `[${parts.join(",")}]`;
}

function writeRecord(value: object, path: string, walk: Walk): string | undefined {
  const kind = wrongKind(value);
  if (kind !== undefined) return refuse(walk, path, "type", kind);
  // Decimal libraries (decimal.js, big.js, bignumber.js) write themselves as exact text by toJSON.
  const toJSON = read(value, "toJSON", path, walk);
  if (typeof toJSON === "function") {
    const written: unknown = attempt(() => toJSON.call(value, ""), path, walk);
    return typeof written === "function"
      ? refuse(walk, path, "type", "has a toJSON that gives a function")
      : write(written, path, walk);
  }
  const parts: string[] = [];
  for (const key of Object.keys(value)) {
    if (walk.values > MAX_VALUES) break;
    const name = TELLING.test(key) || key.length > LONGEST_NAME ? "[REDACTED]" : key;
    const place = path === "" ? name : `${path}.${name}`;
    if (!isWellFormed(key)) refuse(walk, place, "format", "is not a valid Unicode name");
    const text = write(read(value, key, place, walk), place, walk);
    if (text !== undefined) parts.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${parts.join(",")}}`;
}

/** Objects whose JSON form would silently be `{}` or a form that the gateway does not read. */
function wrongKind(value: object): string | undefined {
  if (value instanceof Date)
    return 'is a Date; give text, for example "05/03/2000" for a date of birth or "01-08-2024" for a range';
  if (value instanceof Map || value instanceof Set)
    return "is a Map or a Set; give a plain object or an array";
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return "is binary; give plain data";
  if (value instanceof Promise) return "is a promise; await it first";
  if (value instanceof Number || value instanceof String || value instanceof Boolean)
    return "is a boxed value; give the plain one";
  return undefined;
}

function read(from: object, key: PropertyKey, path: string, walk: Walk): unknown {
  return attempt(() => Reflect.get(from, key), path, walk);
}

function attempt(run: () => unknown, path: string, walk: Walk): unknown {
  try {
    return run();
  } catch (cause) {
    walk.cause ??= cause;
    refuse(walk, path, "type", "cannot be read: its getter throws; pass a plain value");
    return undefined;
  }
}

function refuse(walk: Walk, path: string, code: string, message: string): undefined {
  walk.violations.push({ path, code, message });
}

/** `String.prototype.isWellFormed` is younger than the oldest runtime that this package runs in. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}
