/**
 * The event of a webhook whose body is unusual: fields in another order behind nested ones, an id that is a number, an escape in a value. Ordinary
 * bodies never come here; the module has found their fields already. The rules are the core's own (`WebhookEvent`); the shared vectors hold both to them.
 */
import { numbersOf, parse } from "./canonical.js";
import { countOf, decimalText, MAX_DECIMALS, readDecimal } from "./decimal.js";
import { WebhookVerificationError } from "./errors.js";
import { own, split } from "./fields.js";
import { whyNoId } from "./id.js";
import type { JsonObject } from "./types.js";
import { wellFormed, withoutEnd } from "./text.js";
import type { WebhookEvent } from "./webhook-types.js";

/** The documented fields, in the order of the reference. */
export const EVENT_FIELDS = [
  "transaction_id",
  "user_id",
  "tracking_id",
  "status",
  "currency",
  "amount",
  "transaction_type",
] as const;

type Name = (typeof EVENT_FIELDS)[number];

/** The event in the text that was signed. */
export function readEvent(signed: string, matched: "canonical" | "raw"): WebhookEvent {
  // Written once more, so that what JSON cannot hold (1e400) is what the gateway's own JSON made of it.
  const value = parse(JSON.stringify(parse(signed))) as JsonObject;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw notAWebhook(["it is not a JSON object"]);
  // Their digits as they were signed: a double keeps 15 of them.
  const numbers = EVENT_FIELDS.some((name) => typeof value[name] === "number")
    ? numbersOf(signed, 1)[0]
    : undefined;
  const wrong: string[] = [];
  const texts = Object.create(null) as Partial<Record<Name, string>>;
  for (const name of EVENT_FIELDS) {
    const found: unknown = own(value, name);
    const read =
      found === undefined
        ? no("is missing: every event has it")
        : READERS[name](typeof found === "number" ? new Written(numbers?.get(name) ?? "") : found);
    if (typeof read === "string") texts[name] = read;
    else wrong.push(`${name}: ${read.wrong}`);
  }
  if (wrong.length > 0) throw notAWebhook(wrong);
  const extra = own(split(value, EVENT_FIELDS), "extra");
  const event = { ...(texts as Record<Name, string>), matched };
  return extra === undefined ? event : { ...event, extra: extra as JsonObject };
}

/** A number, as it is written. */
class Written {
  constructor(readonly digits: string) {}
}

type Read = string | { readonly wrong: string };

function no(wrong: string): Read {
  return { wrong };
}

const READERS: Record<Name, (value: unknown) => Read> = {
  transaction_id: id,
  user_id: id,
  tracking_id: id,
  status: text,
  currency: text,
  amount,
  transaction_type: text,
};

function text(value: unknown): Read {
  return typeof value === "string" ? wellFormed(value) : no("must be a string");
}

function id(value: unknown): Read {
  if (value instanceof Written && countOf(value.digits) !== undefined) return value.digits;
  if (typeof value !== "string") return no("must be a string, or an integer");
  const given = wellFormed(value);
  const wrong = whyNoId(given);
  return wrong === undefined ? given : no(wrong);
}

function amount(value: unknown): Read {
  const given = value instanceof Written ? withoutExponent(value.digits) : value;
  const decimal = typeof given === "string" ? readDecimal(given) : "no digits";
  if (typeof decimal === "object") return decimalText(decimal);
  return no(
    decimal === "too long"
      ? "has more digits than an amount can have (28)"
      : "must be a decimal, for example 200.00",
  );
}

/** In plain digits: a program may write `1e-7` for a tiny number. */
function withoutExponent(written: string): string | undefined {
  const [mantissa = "", exponent] = written.split(/[eE]/);
  if (exponent === undefined) return written;
  const shift = Number(exponent);
  if (Math.abs(shift) > MAX_DECIMALS) return undefined;
  const [whole = "", fraction = ""] = mantissa.replace("-", "").split(".");
  const digits = "0".repeat(MAX_DECIMALS) + whole + fraction + "0".repeat(MAX_DECIMALS);
  const point = MAX_DECIMALS + whole.length + shift;
  const before = digits.slice(0, point).replace(/^0+(?=.)/, "");
  const behind = withoutEnd(digits.slice(point), "0");
  return `${mantissa.startsWith("-") ? "-" : ""}${before || "0"}${behind && `.${behind}`}`;
}

/** A body that is signed and no event. */
export function notAWebhook(wrong: readonly string[]): WebhookVerificationError {
  return new WebhookVerificationError(
    "not_a_webhook",
    `the body is signed, but it is not a payment's webhook: ${wrong.join("; ")}`,
  );
}
