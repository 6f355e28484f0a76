/** The class `Webhook` over the module's functions: nothing of it lives in WebAssembly, so there is nothing to free. */
import { readBody, readSignature } from "./body.js";
import { engineFor, enter, SIGNATURE_ROOM, type Engine } from "./engine.js";
import { EdgeCashierError, ValidationError, WebhookVerificationError, type Violation } from "./errors.js";
import { isWellFormed } from "./json.js";
import { EVENT_FIELDS, readEvent } from "./event.js";
import { split } from "./replies.js";
import type { JsonObject } from "./types.js";
import type { WebhookBody, WebhookEvent, WebhookPassword, WebhookSignature } from "./webhook-types.js";
import * as wasm from "#wasm";

/** Answers of the module's `verify`; below {@link REFUSED} it is a match. */
const UNKNOWN_WEBHOOK = 0xffff_ffff;
const REFUSED = 0x8000_0000;
const RAW = 1;
const PASSWORD_SHIFT = 1;

/** Bits of the last of the engine's fields. */
const FIELDS_FOUND = 1;
const MORE_FIELDS = 2;
const FLAGS = 14;
const LAST_END = 13;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

let webhooks = 0;

/** For what stands beside the class: the module's answer about a body, for this webhook's passwords. */
export let askAbout: (
  webhook: Webhook,
  body: WebhookBody,
  ask: (number: number, length: number) => string,
) => string;

/** For what stands beside the class: the number under which the module has just been told the webhook's passwords. */
export let configured: (webhook: Webhook) => number;
/** What the caller calls the password at a place; the module knows places alone. */
export let nameAt: (webhook: Webhook, place: number) => string | undefined;

/**
 * Verifies webhooks of the gateway.
 *
 * ```ts
 * const webhook = new Webhook(process.env.WEBHOOK_PASSWORD);
 * const event = webhook.verify(await request.text(), request.headers);
 * ```
 */
export class Webhook {
  /** The module keeps the passwords of the webhooks that were used last under this number. */
  readonly #number = ++webhooks;
  readonly #passwords: readonly PasswordFact[];
  readonly #ids: readonly string[];
  readonly #expires: boolean;

  /**
   * @param password the signature password, byte for byte (merchant portal, Settings, Credentials); while passwords are rotated, a list
   * of them with names
   * @throws ValidationError when there is no password, or one is empty, or two have the same name
   */
  constructor(password: string | readonly WebhookPassword[]) {
    const list = readAll(password);
    this.#passwords = list;
    this.#ids = typeof password === "string" ? [] : list.map(({ id }) => id);
    this.#expires = list.some(({ notAfter }) => notAfter !== undefined);
    this.#configure();
  }

  /**
   * Verifies a webhook and gives its event.
   *
   * @param body the raw body: text, or bytes in UTF-8 (`Uint8Array`, `ArrayBuffer`, Node's `Buffer`); never the parsed object
   * @param signature the header `x-signature`, or the headers that hold it
   * @throws WebhookVerificationError when the webhook must not be believed; its `code` says why, for example `signature_mismatch`
   * @throws ValidationError when an argument is not what it must be, for example a parsed body
   */
  verify(body: WebhookBody, signature: WebhookSignature): WebhookEvent {
    const given = readBody(body);
    const digits = readSignature(signature);
    if (digits === undefined) {
      throw new WebhookVerificationError(
        "no_signature",
        "the request has no header x-signature; the gateway signs every webhook, so do not believe this one",
      );
    }
    return enter(() => this.#verify(given, digits));
  }

  /**
   * The signature that the gateway would send with this body: 40 upper-case hex digits. For tests and tools.
   *
   * @throws WebhookVerificationError when the body is not JSON
   */
  sign(body: WebhookBody): string {
    return this.#ask(body, (number, length) => wasm.sign(number, length));
  }

  /** Says nothing: the passwords stay inside. */
  toJSON(): Record<string, never> {
    return {};
  }

  /** What `console.log` shows in Node, Deno and Bun. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "Webhook { [REDACTED] }";
  }

  static {
    askAbout = (webhook, body, ask) => webhook.#ask(body, ask);
    nameAt = (webhook, place) => webhook.#ids[place];
    configured = (webhook) => {
      webhook.#configure();
      return webhook.#number;
    };
  }

  /** Lays the body in and asks the module about it. */
  #ask(body: WebhookBody, ask: (number: number, length: number) => string): string {
    const given = readBody(body);
    return enter(() => {
      const { length } = put(given);
      return this.#known(() => result(ask(this.#number, length)));
    });
  }

  #configure(): void {
    const list = this.#passwords;
    const passwords = list.map(({ password }) => password).join("");
    const lengths = Uint32Array.from(list, ({ password }) => encoder.encode(password).length);
    const ends = Float64Array.from(list, ({ notAfter }) => notAfter ?? Number.NaN);
    enter(() => result(wasm.configure(this.#number, passwords, lengths, ends)));
  }

  /** Runs it again after the module was told the passwords, should it have let them go. */
  #known<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof EdgeCashierError) || error.code !== "unknown_webhook") throw error;
      this.#configure();
      return run();
    }
  }

  #verify(body: string | Uint8Array, digits: string): WebhookEvent {
    const { engine, length } = put(body);
    const signatureLength = putSignature(digits, engine);
    const now = this.#expires ? Date.now() : 0;
    let answer = engine.exports.verify(this.#number, signatureLength, length, now) >>> 0;
    if (answer === UNKNOWN_WEBHOOK) {
      this.#configure();
      answer = engine.exports.verify(this.#number, signatureLength, length, now) >>> 0;
    }
    if (answer >= REFUSED) throw failure(wasm.text());
    const matched = (answer & RAW) === 0 ? "canonical" : "raw";
    // The memory may have grown, and its views with it.
    const event = cutEvent(engineFor(0), body, length, matched);
    if (this.#ids.length > 0) {
      const id = this.#ids[answer >>> PASSWORD_SHIFT];
      if (id !== undefined) event.passwordId = id;
    }
    return event;
  }
}

/**
 * The exact text that the gateway signs, less the password: `JSON.stringify(JSON.parse(body))`.
 *
 * @throws WebhookVerificationError when the body is not JSON
 */
export function canonicalize(body: WebhookBody): string {
  const given = readBody(body);
  return enter(() => result(wasm.canonicalize(put(given).length)));
}

interface PasswordFact {
  readonly id: string;
  readonly password: string;
  readonly notAfter?: number;
}

/** Looking at what was given may itself throw: it may be a proxy. */
function readAll(given: unknown): PasswordFact[] {
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
    facts.push({ id: "", password: text(given, "password") });
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
    ({ id, password, notAfter } = entry as { id?: unknown; password?: unknown; notAfter?: unknown });
  } catch {
    violations.push({ path, code: "type", message: "must be an object { id, password, notAfter? }" });
    return { id: "", password: "" };
  }
  const fact: PasswordFact = { id: text(id, `${path}.id`), password: text(password, `${path}.password`) };
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

/** Lays the body into the module's memory, and gives its length in bytes. */
function put(body: string | Uint8Array): { engine: Engine; length: number } {
  if (typeof body !== "string") {
    const engine = engineFor(body.length);
    engine.body.set(body);
    return { engine, length: body.length };
  }
  const capacity = body.length * 3;
  const engine = engineFor(capacity);
  const length =
    engine.writer?.write(body, SIGNATURE_ROOM, capacity, "utf8") ??
    encoder.encodeInto(body, engine.body).written;
  return { engine, length };
}

/** Lays the signature's characters into memory; what is longer than any signature, or no character of one byte, arrives as no hex digit. */
function putSignature(digits: string, { signature }: Engine): number {
  const length = Math.min(digits.length, SIGNATURE_ROOM);
  for (let at = 0; at < length; at++) {
    const code = digits.charCodeAt(at);
    signature[at] = code > 0x7f ? NO_DIGIT : code;
  }
  return length;
}

const NO_DIGIT = 0x3f;

function cutEvent(
  engine: Engine,
  body: string | Uint8Array,
  length: number,
  matched: "canonical" | "raw",
): Mutable<WebhookEvent> {
  const { fields } = engine;
  const flags = fields[FLAGS] ?? 0;
  if ((flags & FIELDS_FOUND) === 0) return readEvent(wasm.text(), matched);
  const more = (flags & MORE_FIELDS) !== 0;
  // What is cut later comes from a text of our own: the caller may change the bytes.
  const text =
    typeof body === "string" ? body : decoder.decode(more ? body : body.subarray(0, fields[LAST_END]));
  const event =
    text.length === (more || typeof body === "string" ? length : fields[LAST_END])
      ? cutText(text, fields, matched)
      : cutBytes(engine, fields, matched);
  if (more) addExtra(event, text);
  return event;
}

/** The body is ASCII, so places of bytes are places of characters. */
function cutText(text: string, at: Uint32Array, matched: "canonical" | "raw"): Mutable<WebhookEvent> {
  return {
    transaction_id: text.slice(at[0], at[1]),
    user_id: text.slice(at[2], at[3]),
    tracking_id: text.slice(at[4], at[5]),
    status: text.slice(at[6], at[7]),
    currency: text.slice(at[8], at[9]),
    amount: text.slice(at[10], at[11]),
    transaction_type: text.slice(at[12], at[13]),
    matched,
  };
}

function cutBytes({ body }: Engine, at: Uint32Array, matched: "canonical" | "raw"): Mutable<WebhookEvent> {
  const cut = (field: number): string => decoder.decode(body.subarray(at[field * 2], at[field * 2 + 1]));
  return {
    transaction_id: cut(0),
    user_id: cut(1),
    tracking_id: cut(2),
    status: cut(3),
    currency: cut(4),
    amount: cut(5),
    transaction_type: cut(6),
    matched,
  };
}

/**
 * Fields beyond the seven are parsed when they are first looked at: reading them all costs more than the verification, and few look. The
 * event stays a plain object; its text is kept in a private field that is stamped on it.
 */
function addExtra(event: object, text: string): void {
  Object.defineProperty(event, "extra", EXTRA);
  new Unread(event, text);
}

class Stamped {
  // A constructor that gives an object makes the class below put its private field on that object.
  constructor(event: object) {
    return event;
  }
}

class Unread extends Stamped {
  readonly #text: string;

  constructor(event: object, text: string) {
    super(event);
    this.#text = text;
  }

  static read(event: object): JsonObject | undefined {
    return #text in event
      ? (split(JSON.parse(event.#text) as JsonObject, EVENT_FIELDS)["extra"] as JsonObject)
      : undefined;
  }
}

/** One descriptor for all events. */
const EXTRA: PropertyDescriptor & ThisType<object> = {
  enumerable: true,
  configurable: true,
  get() {
    const extra = Unread.read(this);
    settle(this, extra);
    return extra;
  },
  set(value: unknown) {
    settle(this, value);
  },
};

function settle(event: object, value: unknown): void {
  Object.defineProperty(event, "extra", { value, enumerable: true, configurable: true, writable: true });
}

/** The value in an answer of the module, or its refusal thrown. */
function result(answer: string): string {
  if (answer.charCodeAt(0) === VALUE_MARK) return answer.slice(1);
  throw failure(answer);
}

const VALUE_MARK = 0x3d;

/** `!code`, a line end, and the message. */
function failure(answer: string): WebhookVerificationError {
  const end = answer.indexOf("\n");
  return new WebhookVerificationError(answer.slice(1, end), answer.slice(end + 1));
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
