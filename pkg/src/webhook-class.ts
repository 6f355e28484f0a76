/** The class `Webhook` over the module's. */
import { canonicalize as canonicalText, extra as extraOf, Webhook as WasmWebhook } from "#wasm";
import { readBody, readSignature } from "./body.js";
import { engineFor, enter, writeBody, writeDigits, resident } from "./engine.js";
import { ValidationError } from "./errors.js";
import { add, ownFields } from "./fields.js";
import type { JsonObject } from "./types.js";
import type { WebhookBody, WebhookEvent, WebhookPassword, WebhookSignature } from "./webhook-types.js";

/** Bits of the result of `verifyFast`; the index of the password is above them. */
const MORE_FIELDS = 2;
const PASSWORD_SHIFT = 2;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * For the class that adds `explain`.
 * @internal
 */
export let wasmWebhookOf: (webhook: Webhook) => WasmWebhook;

/**
 * Verifies webhooks of the gateway.
 *
 * ```ts
 * const webhook = new Webhook(process.env.WEBHOOK_PASSWORD);
 * const event = webhook.verify(await request.text(), request.headers);
 * ```
 */
export class Webhook {
  readonly #wasm: () => WasmWebhook;
  readonly #named: boolean;

  /**
   * @param password the signature password, byte for byte (merchant portal, Settings, Credentials); while passwords are rotated, a list
   * of them with names
   * @throws ValidationError when there is no password, or one is empty or the text of an unset variable, or two have the same name, or an entry has a field
   * that is not known
   */
  constructor(password: string | readonly WebhookPassword[] | undefined) {
    const given = copyOf(password, "password");
    this.#named = typeof given !== "string";
    this.#wasm = resident(() => new WasmWebhook(given));
    enter(this.#wasm);
  }

  /**
   * Verifies a webhook and returns its event.
   *
   * @param body the raw body: text, or bytes in UTF-8 (`Uint8Array`, `ArrayBuffer`, Node's `Buffer`); never the parsed object
   * @param signature the header `x-signature`, or the headers that hold it, or the request that has them
   * @throws WebhookVerificationError when the webhook must not be believed; its `code` says why, for example `signature_mismatch`
   * @throws ValidationError when an argument is not what it must be, for example a parsed body
   */
  verify(body: WebhookBody, signature: WebhookSignature): WebhookEvent {
    const given = readBody(body);
    const digits = readSignature(signature);
    return enter(() => {
      const wasm = this.#wasm();
      const length = writeBody(given);
      const answer = writeDigits(digits) ? wasm.verifyFast(length) : 0;
      if (answer === 0) return wasm.verify(length, digits);
      const event = cutEvent(given, length, (answer & MORE_FIELDS) !== 0);
      if (this.#named) add(event, "passwordId", wasm.passwordId(answer >>> PASSWORD_SHIFT));
      return event;
    });
  }

  /**
   * Signs a body as the gateway would: 40 upper-case hex digits. For tests and tools.
   *
   * @throws WebhookVerificationError when the body is not JSON
   */
  sign(body: WebhookBody): string {
    const given = readBody(body);
    return enter(() => this.#wasm().sign(writeBody(given)));
  }

  /** Returns `{}`: the passwords stay inside. */
  toJSON(): Record<string, never> {
    return {};
  }

  /** Returns what `console.log` shows in Node, Deno and Bun. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "Webhook { [REDACTED] }";
  }

  static {
    wasmWebhookOf = (webhook) => webhook.#wasm();
  }
}

/**
 * Returns the exact text that the gateway signs, without the password: `JSON.stringify(JSON.parse(body))`.
 *
 * @throws WebhookVerificationError when the body is not JSON
 */
export function canonicalize(body: WebhookBody): string {
  const given = readBody(body);
  return enter(() => canonicalText(writeBody(given)));
}

/**
 * Copies passwords, so that later changes of the list have no effect; reading them may throw, since they may be proxies.
 * @internal
 */
export function copyOf(passwords: unknown, path: string): unknown {
  try {
    return Array.isArray(passwords) ? Array.from(passwords, ownFields) : passwords;
  } catch (cause) {
    const message =
      "cannot be read: looking at it throws; give text, or a list of { id, password, notAfter? }";
    throw new ValidationError([{ path, code: "type", message }], { cause });
  }
}

/** Cuts the event out of an ordinary body, which is ASCII: positions of bytes are positions of characters. */
function cutEvent(body: string | Uint8Array, length: number, more: boolean): WebhookEvent {
  // The memory may have grown, and its views with it.
  const { body: memory, fields: at } = engineFor(length);
  const text = typeof body === "string" ? body : decoder.decode(memory.subarray(0, length));
  const event: WebhookEvent = {
    transaction_id: text.slice(at[0], at[1]),
    user_id: text.slice(at[2], at[3]),
    tracking_id: text.slice(at[4], at[5]),
    status: text.slice(at[6], at[7]),
    currency: text.slice(at[8], at[9]),
    amount: text.slice(at[10], at[11]),
    transaction_type: text.slice(at[12], at[13]),
    matched: "canonical",
  };
  if (more) addExtra(event, text);
  return event;
}

/**
 * Further fields are read when they are first looked at: reading them all costs more than the verification, and few look. The event stays a plain object; its text
 * is kept in a private field that is stamped on it.
 */
function addExtra(event: object, text: string): void {
  Reflect.defineProperty(event, "extra", EXTRA);
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
    return #text in event ? enter(() => extraOf(writeBody(event.#text))) : undefined;
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
