/** What an answer means: the operation's reply, or why it can be none. */
import { depthOf, numbersOf, parse } from "../canonical.js";
import { add, own } from "../fields.js";
import { isWellFormed } from "../text.js";
import type { Received } from "../transport.js";
import type { JsonObject, JsonValue, OperationName } from "../types.js";
import { noPage } from "./address.js";
import { amountOf } from "./amount.js";
import { checkTransactionId } from "./checks.js";
import { countOf } from "../decimal.js";
import { headerOf } from "./headers.js";

/** Why an answer cannot be what the operation means. */
export class Unexpected {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

/** How a known field is read. */
type Kind =
  /** A string. */
  | "text"
  /** A string that is not empty. */
  | "words"
  /** The gateway's id: a string, or a whole number, which means its digits. */
  | "id"
  /** An id of which no more is known. */
  | "other id"
  /** A decimal, as a number or as a string. */
  | "amount"
  /** Anything but `null`. */
  | "any";

interface Known {
  readonly name: string;
  readonly kind: Kind;
  /** What to say when it is not there; a field without it may be missing. */
  readonly missing?: string | undefined;
}

function known(name: string, kind: Kind, missing?: string): Known {
  return { name, kind, missing };
}

const STATUS = "transaction_status";
const REQUIRED_STATUS = known(STATUS, "words", `the reply has no \`${STATUS}\``);
const HOSTED: readonly Known[] = [known("token", "words", "the reply has no `token`")];
const PAYMENT: readonly Known[] = [
  known("url", "words"),
  known("token", "words"),
  known(STATUS, "words"),
  known("error", "any"),
];

const KNOWN: Readonly<Record<OperationName, readonly Known[]>> = {
  hosted_deposit: HOSTED,
  hosted_withdrawal: HOSTED,
  direct_payment: PAYMENT,
  card_payment: [known("url", "words"), REQUIRED_STATUS, known("error", "any")],
  reject_payout: [],
  approve_payout: [known("message", "text"), known(STATUS, "words")],
  transaction_status: [REQUIRED_STATUS, known("rejected_reason", "text")],
  list_transactions: [
    known("transaction_id", "id", "a transaction has no `transaction_id`"),
    known("gateway_transaction_id", "other id"),
    known("provider_transaction_id", "other id"),
    known("transaction_type", "text"),
    known("transaction_date", "text"),
    known("status", "words", "a transaction has no `status`"),
    known("payment_provider", "text"),
    known("customer_id", "any"),
    known("amount", "amount"),
    known("currency", "text"),
    known("user_amount", "amount"),
    known("user_currency", "text"),
    known("fx_amount", "amount"),
  ],
};

/** The reply in an answer. @throws Unexpected */
export function replyIn(
  operation: OperationName,
  answer: Received,
  baseUrl: string,
): JsonObject | JsonObject[] {
  const text = textIn(operation, answer, baseUrl);
  if (typeof text !== "string") return text;
  const reply = jsonIn(text);
  const fields = KNOWN[operation];
  const digits = digitsIn(text, Array.isArray(reply) ? 2 : 1);
  if (operation === "list_transactions") {
    if (!Array.isArray(reply)) throw new Unexpected("the reply is not a JSON array");
    return reply.map((row, place) => {
      if (!isObject(row)) throw new Unexpected("a transaction is not a JSON object");
      return arrange(row, fields, (name) => digits(place, name));
    });
  }
  if (!isObject(reply)) throw new Unexpected("the reply is not a JSON object");
  if (
    operation === "approve_payout" &&
    typeof own(reply, "message") !== "string" &&
    !isWords(own(reply, STATUS))
  )
    throw new Unexpected(`the reply has neither \`message\` nor \`${STATUS}\``);
  return arrange(reply, fields, (name) => digits(0, name));
}

/** How the numbers of objects at that depth are written, which is looked up when it is first asked for: most ids are strings. */
function digitsIn(text: string, level: number): (place: number, name: string) => string | undefined {
  let numbers: readonly ReadonlyMap<string, string>[] | undefined;
  return (place, name) => {
    numbers ??= numbersOf(text, level);
    return numbers[place]?.get(name);
  };
}

/** The text of an answer that may be what the operation means, or a reply without a text. */
function textIn(operation: OperationName, answer: Received, baseUrl: string): string | JsonObject {
  const { status } = answer;
  if (status >= 300 && status < 400) {
    // The reference shows no reply of `direct_payment` and calls it a redirect, so a real one is understood too.
    if (operation !== "direct_payment")
      throw new Unexpected("a redirect is not followed: it would carry the API key elsewhere");
    if (status !== 302 && status !== 303)
      throw new Unexpected("only 302 or 303 sends a user to a provider's page");
    const url = headerOf(answer, "location") ?? "";
    const problem = noPage(url, baseUrl);
    if (problem !== undefined) throw new Unexpected(problem);
    return { url };
  }
  if (status < 200 || status > 299) throw new Unexpected("that is no success");
  const body = answer.body.replace(/^\ufeff/, "");
  if (body === "") {
    // "No content" is a whole reply where the reference shows `{}`.
    if (operation === "reject_payout" && status === 204) return {};
    throw new Unexpected("the reply is empty");
  }
  if (answer.damaged) throw new Unexpected(NOT_JSON);
  return body;
}

const NOT_JSON = "the reply is not JSON";
/** Containers within one another: deeper than any reply, and no deeper than the core reads. */
const MAX_DEPTH = 127;

function jsonIn(text: string): JsonValue {
  try {
    const value = depthOf(text) <= MAX_DEPTH ? parse(text) : undefined;
    if (value !== undefined && (!HALF.test(text) || isUnicode(value))) return value;
  } catch {
    // The host's message quotes the text.
  }
  throw new Unexpected(NOT_JSON);
}

/** An escape that may be half of a surrogate pair. */
const HALF = /\\ud[89a-f]/i;

/** Whether all of a value's text is; a token that is not could be passed to nobody. */
function isUnicode(value: JsonValue): boolean {
  if (typeof value === "string") return isWellFormed(value);
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([name, item]) => isWellFormed(name) && isUnicode(item));
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isWords(value: JsonValue | undefined): boolean {
  return typeof value === "string" && value !== "";
}

/**
 * Known fields first, in their order, and whatever else came under `extra`, where it cannot be taken for a known field. The gateway may grow, so a known
 * field of an unexpected type is no error: it stays as it came.
 */
function arrange(
  reply: JsonObject,
  fields: readonly Known[],
  digits: (name: string) => string | undefined,
): JsonObject {
  const result: JsonObject = {};
  const extra: JsonObject = {};
  const taken = new Set<string>();
  for (const { name, kind, missing } of fields) {
    const value = own(reply, name);
    const read = value === undefined ? undefined : readField(kind, value, () => digits(name));
    if (read !== LEFT) taken.add(name);
    if (read !== LEFT && read !== undefined) add(result, name, read);
    else if (missing !== undefined) throw new Unexpected(missing);
  }
  for (const [name, value] of Object.entries(reply)) {
    if (fields.some((field) => field.name === name)) {
      if (!taken.has(name)) add(result, name, value);
    } else {
      add(extra, name, value);
    }
  }
  if (Object.keys(extra).length > 0) add(result, "extra", extra);
  return result;
}

/** A value that is not what its field should be stays as it came. */
const LEFT = Symbol();

/** `digits` gives a number as it is written. Nothing for what is as good as missing. */
function readField(
  kind: Kind,
  value: JsonValue,
  digits: () => string | undefined,
): JsonValue | typeof LEFT | undefined {
  switch (kind) {
    case "any":
      return value ?? undefined;
    case "amount":
      if (typeof value !== "number" && (typeof value !== "string" || !amountOf(value))) return LEFT;
      // There is no negative nothing.
      return Number(value) + 0;
    default:
      if (value === null) return undefined;
      if (typeof value === "string") {
        const unfit =
          (kind === "words" && value === "") || (kind === "id" && checkTransactionId(value) !== undefined);
        return unfit ? undefined : value;
      }
      return (
        (typeof value === "number" && (kind === "id" || kind === "other id") && wholeNumber(digits())) || LEFT
      );
  }
}

/** The digits, if they are a whole number. */
function wholeNumber(digits: string | undefined): string | undefined {
  return digits !== undefined && countOf(digits) !== undefined ? digits : undefined;
}
