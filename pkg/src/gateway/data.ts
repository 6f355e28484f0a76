/**
 * Values as plain data, strictly. `JSON.stringify` alone drops functions, writes `null` for NaN, calls any `toJSON` and throws a bare `TypeError`
 * on a circle. Money must not leave like that: here everything that has no exact JSON form becomes a violation that names its path, all at once.
 */
import { ValidationError } from "../errors.js";
import { isWellFormed } from "../text.js";
import { join, Report, told } from "./report.js";

/** Plain data as JSON has it. A whole number may be a bigint, which keeps its digits. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | Fields;

/** An object without a prototype, so that a field is there only if it was given. */
export interface Fields {
  readonly [name: string]: Json;
}

export const NO_FIELDS: Fields = Object.create(null) as Fields;

/** Deeper than any request of the gateway; it keeps a circle that is made by getters from running for ever. */
const MAX_DEPTH = 64;
/** As many values as a request may hold; the gateway's own have fewer than forty. */
const MAX_VALUES = 10_000;

/** As long as a text in a request may be, in UTF-16 units; longer ones also run some regular expressions out of stack. */
const MAX_LENGTH = 1_000_000;

interface Walk {
  /** What has no exact JSON form. */
  readonly report: Report;
  readonly parents: Set<object>;
  /** The outermost names, also of what cannot be copied. */
  readonly names: Set<string>;
  values: number;
  /** What a getter threw, if one did. */
  cause: unknown;
}

/**
 * A copy of what a caller gave as plain data, checked. Everything that is wrong is told at once: what has no exact JSON form, and what `check` finds in the
 * rest.
 *
 * @param root what the whole is called in the paths of violations; it gets the outermost names
 * @throws ValidationError
 */
export function checked(
  value: unknown,
  root: (names: ReadonlySet<string>) => string,
  check: (data: Json, root: string, report: Report) => void,
): Json {
  const walk: Walk = {
    report: new Report(),
    parents: new Set(),
    names: new Set(),
    values: 0,
    cause: undefined,
  };
  const data = copy(value, walk);
  const whole = root(walk.names);
  const all = walk.report.violations.map(({ path, ...wrong }) => ({ path: below(whole, path), ...wrong }));
  const known = new Set(all.map(({ path }) => path));
  const report = new Report();
  check(data, whole, report);
  all.push(...report.violations.filter(({ path }) => !known.has(path)));
  if (all.length > 0) throw new ValidationError(all, { cause: walk.cause });
  return data;
}

/** The path of what stands at `path` in what is called `root`: itself, an item (`[0]`), or a field. */
function below(root: string, path: string): string {
  return /^(?:\[\d+\].*)?$/s.test(path) ? root + path : join(root, path);
}

function copy(value: unknown, walk: Walk): Json {
  try {
    const data = take(value, "", walk);
    if (data === undefined && walk.report.violations.length === 0)
      walk.report.add("", "required", "is missing");
    return data ?? null;
  } catch (cause) {
    // A proxy or a getter may throw anything at any point, also a stack overflow.
    walk.cause ??= cause;
    walk.report.add("", "type", "cannot be read: looking at it throws; pass a plain object");
    return null;
  }
}

/** Plain data as JSON text. */
export function jsonText(value: Json): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (isList(value)) return `[${value.map(jsonText).join(",")}]`;
  const members = Object.entries(value).map(([name, value]) => `${JSON.stringify(name)}:${jsonText(value)}`);
  return `{${members.join(",")}}`;
}

export function isFields(value: Json): value is Fields {
  return typeof value === "object" && value !== null && !isList(value);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** `undefined` means: there is nothing here. */
function take(value: unknown, path: string, walk: Walk): Json | undefined {
  if (++walk.values > MAX_VALUES) {
    if (walk.values === MAX_VALUES + 1)
      refuse(walk, path, "range", `is one value too many: a request holds at most ${MAX_VALUES}`);
    return undefined;
  }
  switch (typeof value) {
    case "undefined":
    case "boolean":
    case "bigint":
      return value;
    case "string":
      if (value.length > MAX_LENGTH)
        return refuse(walk, path, "range", `is longer than ${MAX_LENGTH} characters`);
      if (!isWellFormed(value))
        refuse(walk, path, "format", "is not valid Unicode: it holds half of a surrogate pair");
      return value;
    case "number":
      return Number.isFinite(value)
        ? value
        : refuse(walk, path, "type", `is ${value}, which JSON cannot hold; give a finite number`);
    case "function":
    case "symbol":
      return refuse(walk, path, "type", `is a ${typeof value}; give plain data`);
    case "object":
      return value && takeObject(value, path, walk);
  }
}

function takeObject(value: object, path: string, walk: Walk): Json | undefined {
  if (walk.parents.has(value))
    return refuse(walk, path, "type", "contains itself; give plain data without circles");
  if (walk.parents.size >= MAX_DEPTH)
    return refuse(walk, path, "range", `is nested more than ${MAX_DEPTH} levels deep`);
  walk.parents.add(value);
  try {
    return Array.isArray(value) ? takeList(value, path, walk) : takeFields(value, path, walk);
  } finally {
    walk.parents.delete(value);
  }
}

function takeList(value: readonly unknown[], path: string, walk: Walk): Json {
  const items: Json[] = [];
  const length = Math.min(value.length, MAX_VALUES + 1);
  for (let index = 0; index < length && walk.values <= MAX_VALUES; index++) {
    const place = `${path}[${index}]`;
    const before = walk.report.violations.length;
    const item = read(value, index, place, walk);
    if (item === undefined && walk.report.violations.length === before)
      refuse(walk, place, "type", "is undefined; leave it out or give null");
    items.push(take(item, place, walk) ?? null);
  }
  return items;
}

function takeFields(value: object, path: string, walk: Walk): Json | undefined {
  const kind = wrongKind(value);
  if (kind !== undefined) return refuse(walk, path, "type", kind);
  // Decimal libraries (decimal.js, big.js, bignumber.js) write themselves as exact text by toJSON.
  const toJSON = read(value, "toJSON", path, walk);
  if (typeof toJSON === "function") {
    const written: unknown = attempt(() => toJSON.call(value, ""), path, walk);
    return typeof written === "function"
      ? refuse(walk, path, "type", "has a toJSON that gives a function")
      : take(written, path, walk);
  }
  const fields = Object.create(null) as Record<string, Json>;
  for (const key of Object.keys(value)) {
    if (walk.values > MAX_VALUES) break;
    const place = join(path, told(key));
    if (!isWellFormed(key)) refuse(walk, place, "format", "is not a valid Unicode name");
    const given = read(value, key, place, walk);
    if (walk.parents.size === 1 && given !== undefined) walk.names.add(key);
    const item = take(given, place, walk);
    if (item !== undefined) fields[key] = item;
  }
  return fields;
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
  walk.report.add(path, code, message);
  return undefined;
}
