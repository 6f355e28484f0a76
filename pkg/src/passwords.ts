/** The passwords that a webhook is made with: what is wrong with them is told all at once. */
import { ValidationError, type Violation } from "./errors.js";
import { isWellFormed } from "./text.js";

/** A password as it was given. */
export interface PasswordFact {
  readonly id: string;
  readonly password: string;
  readonly notAfter: number | undefined;
}

/** Looking at what was given may itself throw: it may be a proxy. */
export function readAll(given: unknown): PasswordFact[] {
  try {
    return readPasswords(given);
  } catch (cause) {
    if (cause instanceof ValidationError) throw cause;
    throw new ValidationError(
      [
        {
          path: "password",
          code: "type",
          message:
            "cannot be read: looking at it throws; give text, or a list of { id, password, notAfter? }",
        },
      ],
      { cause },
    );
  }
}

function readPasswords(given: unknown): PasswordFact[] {
  const violations: Violation[] = [];
  const text = (value: unknown, path: string): string => {
    if (typeof value !== "string")
      violations.push({
        path,
        code: value === undefined ? "required" : "type",
        message: "must be text: merchant portal, Settings, Credentials. Is the environment variable set?",
      });
    else if (value === "")
      violations.push({
        path,
        code: "required",
        message: "is empty; anybody could sign with it. Is the environment variable set?",
      });
    else if (!isWellFormed(value)) violations.push({ path, code: "format", message: "is not valid Unicode" });
    else return value;
    return "";
  };
  const facts: PasswordFact[] = [];
  if (Array.isArray(given)) {
    if (given.length === 0)
      violations.push({
        path: "password",
        code: "required",
        message: "is an empty list; give at least one password",
      });
    for (const [index, entry] of given.entries())
      facts.push(readPassword(entry, `password[${index}]`, text, violations));
    facts.forEach(({ id }, index) => {
      if (id !== "" && facts.findIndex((other) => other.id === id) < index) {
        violations.push({
          path: `password[${index}].id`,
          code: "duplicate",
          message: "is the id of an earlier password; give each its own",
        });
      }
    });
  } else {
    facts.push({ id: "", password: text(given, "password"), notAfter: undefined });
  }
  if (violations.length > 0) throw new ValidationError(violations);
  return facts;
}

function readPassword(
  entry: unknown,
  path: string,
  text: (value: unknown, path: string) => string,
  violations: Violation[],
): PasswordFact {
  let id: unknown;
  let password: unknown;
  let notAfter: unknown;
  try {
    if (entry === null || entry === undefined) throw new TypeError();
    // Without a prototype, from which an end could come that nobody gave.
    ({ id, password, notAfter } = Object.assign(Object.create(null), entry) as Record<string, unknown>);
  } catch {
    violations.push({ path, code: "type", message: "must be an object { id, password, notAfter? }" });
    return { id: "", password: "", notAfter: undefined };
  }
  const fact: PasswordFact = {
    id: text(id, `${path}.id`),
    password: text(password, `${path}.password`),
    notAfter: undefined,
  };
  if (notAfter === undefined || notAfter === null) return fact;
  const moment = readMoment(notAfter);
  if (moment === undefined)
    violations.push({
      path: `${path}.notAfter`,
      code: "format",
      message: "must be a Date, milliseconds since 1970, or an RFC 3339 text such as 2030-01-31T00:00:00Z",
    });
  return { ...fact, notAfter: moment ?? 0 };
}

/** RFC 3339 with its time zone: `Date.parse` alone would take "2030" or a local time. */
const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function readMoment(given: unknown): number | undefined {
  let moment = Number.NaN;
  if (given instanceof Date) moment = given.getTime();
  else if (typeof given === "number") moment = given;
  else if (typeof given === "string" && RFC_3339.test(given)) moment = Date.parse(given);
  return Number.isFinite(moment) && moment >= 0 && moment <= Number.MAX_SAFE_INTEGER
    ? Math.floor(moment)
    : undefined;
}
