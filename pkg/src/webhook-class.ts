/** The class `Webhook` over the module's functions: nothing of it lives in WebAssembly, so there is nothing to free. */
import { MAX_BODY_BYTES, readBody, readSignature, tooLarge } from "./body.js";
import { depthOf, parse, rewrite, textOf } from "./canonical.js";
import { engineFor, enter, SIGNATURE_ROOM as DIGEST, type Engine } from "./engine.js";
import { WebhookVerificationError } from "./errors.js";
import { EVENT_FIELDS, notAWebhook, readEvent } from "./event.js";
import { readAll, type PasswordFact } from "./passwords.js";
import { add, split } from "./fields.js";
import type { JsonObject } from "./types.js";
import type { WebhookBody, WebhookEvent, WebhookPassword, WebhookSignature } from "./webhook-types.js";

/** Answers of the module's `verify`; below {@link REFUSED} it is a match. */
const REFUSED = 0x8000_0000;
const NOT_PROVEN = REFUSED + 2;
const UNKNOWN_WEBHOOK = REFUSED + 3;
const RAW = 1;
const PASSWORD_SHIFT = 1;

/** What the answers from {@link REFUSED} on mean, in their order. */
const REFUSALS: readonly (readonly [code: string, message: string])[] = [
  [
    "signature_mismatch",
    "the signature does not match the body: pass the body's bytes as they came, and the signature password of the same environment; `explain` names the usual mistakes",
  ],
  ["password_expired", "the signature was made with a password that has ended"],
];

/** Levels of nesting that an event may have, as in the core. */
const MAX_EVENT_DEPTH = 127;

/** Bits of the last of the engine's fields. */
const FIELDS_FOUND = 1;
const MORE_FIELDS = 2;
const FLAGS = 14;

/** Bytes before a password in the module's input: its last moment and its length. */
const HEAD = 12;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

let webhooks = 0;

/**
 * For what stands beside the class: the passwords in their order.
 * @internal
 */
export let passwordsOf: (webhook: Webhook) => readonly PasswordFact[];

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
    const canonical = rewrite(textOf(readBody(body)));
    return enter(() => {
      let { engine, length } = put(canonical);
      if (engine.exports.sign(this.#number, length) >>> 0 === UNKNOWN_WEBHOOK) {
        this.#configure();
        ({ engine, length } = put(canonical));
        engine.exports.sign(this.#number, length);
      }
      return digest();
    });
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
    passwordsOf = (webhook) => webhook.#passwords;
  }

  /** Tells the module the passwords, each behind its last moment and its length. */
  #configure(): void {
    const entries = this.#passwords.map(
      ({ password, notAfter }) => [encoder.encode(password), notAfter ?? Number.NaN] as const,
    );
    const length = entries.reduce((sum, [bytes]) => sum + HEAD + bytes.length, 0);
    enter(() => {
      const { exports, body } = engineFor(length);
      const view = new DataView(body.buffer, body.byteOffset);
      let at = 0;
      for (const [bytes, end] of entries) {
        view.setFloat64(at, end, true);
        view.setUint32(at + HEAD - 4, bytes.length, true);
        body.set(bytes, at + HEAD);
        at += HEAD + bytes.length;
      }
      exports.configure(this.#number, length);
    });
  }

  #verify(body: string | Uint8Array, digits: string): WebhookEvent {
    const now = this.#expires ? Date.now() : 0;
    checkDigits(digits);
    let { engine, length } = put(body);
    putSignature(digits, engine);
    let answer = engine.exports.verify(this.#number, length, now) >>> 0;
    if (answer === UNKNOWN_WEBHOOK) {
      // The module had let the passwords go. They are laid where the body lies, so it is laid once more.
      this.#configure();
      ({ engine, length } = put(body));
      putSignature(digits, engine);
      answer = engine.exports.verify(this.#number, length, now) >>> 0;
    }
    let canonical: string | undefined;
    if (answer === NOT_PROVEN) {
      canonical = rewrite(textOf(body));
      // Few digits can stand for many.
      if (canonical.length > MAX_BODY_BYTES) throw tooLarge();
      let written = 0;
      // Most texts are ASCII; what is not is laid in once more, with room for it.
      for (let room = canonical.length, read = 0; read < canonical.length; room *= 3) {
        ({ engine, length } = put(body, room));
        ({ read, written } = encoder.encodeInto(canonical, engine.body.subarray(length)));
      }
      putSignature(digits, engine);
      answer = engine.exports.verifyRewritten(this.#number, length, written, now) >>> 0;
    }
    if (answer >= REFUSED) throw refusal(answer);
    const matched = (answer & RAW) === 0 ? "canonical" : "raw";
    // The memory may have grown, and its views with it.
    engine = engineFor(length);
    const event =
      canonical === undefined && ((engine.fields[FLAGS] ?? 0) & FIELDS_FOUND) !== 0
        ? cutEvent(engine, body, length, matched)
        : readDeep(matched === "canonical" && canonical !== undefined ? canonical : textOf(body), matched);
    if (this.#ids.length > 0) {
      const id = this.#ids[answer >>> PASSWORD_SHIFT];
      if (id !== undefined) add(event, "passwordId", id);
    }
    return event;
  }
}

/**
 * SHA-1 of the bytes, as upper-case hexadecimal digits.
 * @internal
 */
export function sha1(bytes: Uint8Array): string {
  return enter(() => {
    const { engine, length } = put(bytes);
    engine.exports.hash(length);
    return digest();
  });
}

/**
 * The exact text that the gateway signs, less the password: `JSON.stringify(JSON.parse(body))`.
 *
 * @throws WebhookVerificationError when the body is not JSON
 */
export function canonicalize(body: WebhookBody): string {
  return rewrite(textOf(readBody(body)));
}

/** Lays the body into the module's memory, with so much room behind it, and gives its length in bytes. */
function put(body: string | Uint8Array, room = 0): { engine: Engine; length: number } {
  if (typeof body !== "string") {
    const engine = engineFor(body.length + room);
    engine.body.set(body);
    return { engine, length: body.length };
  }
  const capacity = body.length * 3;
  const engine = engineFor(capacity + room);
  const length =
    engine.writer?.write(body, DIGEST, capacity, "utf8") ?? encoder.encodeInto(body, engine.body).written;
  return { engine, length };
}

/** The digest that the module has left, as upper-case hexadecimal digits. */
function digest(): string {
  // The memory may have grown, and its views with it.
  return Array.from(engineFor(0).signature, (byte) => byte.toString(16).padStart(2, "0"))
    .join("")
    .toUpperCase();
}

const DIGITS = /^[\da-f]{40}$/i;

/** Anything but 40 hexadecimal digits is refused before a byte is hashed. */
function checkDigits(digits: string): void {
  if (DIGITS.test(digits)) return;
  if (digits === "")
    throw new WebhookVerificationError(
      "no_signature",
      "no signature: the gateway sends one in the header x-signature",
    );
  const place = digits.search(/[^\da-f]/i);
  throw place < 0
    ? new WebhookVerificationError(
        "signature_length",
        "the signature has not the 40 hexadecimal digits of SHA-1",
      )
    : new WebhookVerificationError(
        "signature_not_hex",
        `the signature is not hexadecimal at character ${place}: pass the value of x-signature as it came`,
      );
}

/** Lays the signature's bytes into memory. */
function putSignature(digits: string, { signature }: Engine): void {
  for (let at = 0; at < DIGEST; at++)
    signature[at] = (valueOf(digits.charCodeAt(2 * at)) << 4) | valueOf(digits.charCodeAt(2 * at + 1));
}

/** The low half of a digit's code is its value, and 9 less for a letter of either case. */
function valueOf(digit: number): number {
  return (digit & 0xf) + (digit >> 6) * 9;
}

/** The event in a text that the module has not cut. */
function readDeep(signed: string, matched: "canonical" | "raw"): Mutable<WebhookEvent> {
  if (depthOf(signed) > MAX_EVENT_DEPTH) throw notAWebhook(["it nests too deep"]);
  return readEvent(signed, matched);
}

function cutEvent(
  engine: Engine,
  body: string | Uint8Array,
  length: number,
  matched: "canonical" | "raw",
): Mutable<WebhookEvent> {
  const { fields } = engine;
  // What is cut later comes from a text of our own: the caller may change the bytes.
  const text = typeof body === "string" ? body : decoder.decode(body);
  const event = text.length === length ? cutText(text, fields, matched) : cutBytes(engine, fields, matched);
  if (((fields[FLAGS] ?? 0) & MORE_FIELDS) !== 0) addExtra(event, text);
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
      ? (split(parse(event.#text) as JsonObject, EVENT_FIELDS)["extra"] as JsonObject)
      : undefined;
  }
}

/** One descriptor for all events. */
const EXTRA = {
  __proto__: null,
  enumerable: true,
  configurable: true,
  get() {
    const extra = Unread.read(this);
    add(this, "extra", extra);
    return extra;
  },
  set(value: unknown) {
    add(this, "extra", value);
  },
} as PropertyDescriptor & ThisType<object>;

function refusal(answer: number): WebhookVerificationError {
  const [code, message] = REFUSALS[answer - REFUSED] ?? ["internal_error", "the module gave no answer"];
  return new WebhookVerificationError(code, message);
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
