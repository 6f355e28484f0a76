/** The request of each operation: what it may hold, and what of it is sent. */
import type { OperationName } from "../types.js";
import { amountOf, amountText, decimalsOf } from "./amount.js";
import { dayOf } from "./calendar.js";
import { cardDigits, checkCvc, checkCvcLength, checkMonth, checkYear } from "./card.js";
import { checkDay, checkIp, checkTrackingId, checkTransactionId, checkUserId } from "./checks.js";
import { checkCurrency, minorUnits } from "./codes.js";
import { DEPOSITOR, PAYEE } from "./customer.js";
import { checked, isFields, NO_FIELDS, type Fields, type Json } from "./data.js";
import { redact } from "./redact.js";
import { join, type Check, type Report } from "./report.js";
import {
  CARD_NUMBER,
  check,
  count,
  EXTRA_FIELDS,
  field,
  FLAG,
  object,
  PRICE,
  SETTINGS,
  shape,
  text,
  WORDS,
  write,
  type Field,
  type Shape,
} from "./shape.js";

/**
 * The request object of a payment: what stands between `mode` and `settings`, what before the customer, and the customer. The reference shows every
 * field and marks none as required; here those are without which nothing that comes back could be credited.
 */
function payment(choice: Field, more: readonly Field[], customer: Field): Shape {
  return shape(
    [
      field("mode", WORDS),
      choice,
      field("settings", SETTINGS),
      field("user_id", text(checkUserId), "give your id of the person who pays or is paid"),
      field(
        "tracking_id",
        text(checkTrackingId),
        "give a new id of your own, for example a UUID; every webhook brings it back",
      ),
      field("ip", text(checkIp)),
      field("amount", PRICE, "give the amount, for example 10.05"),
      field("currency", text(checkCurrency), "give a currency of ISO 4217, for example EUR"),
      ...more,
      customer,
      EXTRA_FIELDS,
    ],
    checkPrice,
  );
}

/** An amount is more than zero, and has no more decimals than its currency. */
function checkPrice({ amount, currency }: Fields, path: string, report: Report): void {
  const decimal = amountOf(amount);
  if (decimal === undefined) return;
  const at = join(path, "amount");
  if (decimal.negative || decimal.isZero) report.add(at, "range", "must be more than zero");
  const units = typeof currency === "string" ? minorUnits(currency) : undefined;
  const decimals = decimalsOf(decimal);
  if (units !== undefined && decimals > units) {
    report.add(
      at,
      "decimals",
      `${redact(amountText(decimal))} has ${decimals} decimals and ${currency as string} has ${units}; round it before it is charged`,
    );
  }
}

const THEME = field("theme", WORDS);
const PROVIDER = field(
  "provider_id",
  count(Number.MAX_SAFE_INTEGER),
  "give the provider's number from the merchant portal (Settings > Providers)",
);
const ROUTING = field("routing_id", count(Number.MAX_SAFE_INTEGER));

const AS_ON_CARD = "give it as it stands on the card";

const CARD = shape(
  [
    field("holder_name", WORDS, AS_ON_CARD),
    field("card_number", CARD_NUMBER, AS_ON_CARD),
    field("cvc", text(checkCvc), AS_ON_CARD),
    field("exp_month", text(checkMonth), AS_ON_CARD),
    field("exp_year", text(checkYear), AS_ON_CARD),
  ],
  ({ card_number: number, cvc }, path, report) => {
    if (typeof cvc === "string" && checkCvc(cvc) === undefined)
      report.keep(join(path, "cvc"), checkCvcLength(cvc, typeof number === "string" ? number : ""));
  },
);

const REQUEST = "request";
const REQUEST_OBJECT = "give the request object";

/** A payment as the gateway's whole body. */
function whole(inner: Shape): Shape {
  return shape([field(REQUEST, object(inner), REQUEST_OBJECT)]);
}

/** "maximum range between dates it's 7 days", as the reference has it. */
const MAX_DAYS_APART = 7;

const RANGE_FIELDS: readonly Field[] = [field("from", text(checkDay)), field("to", text(checkDay))];

/** A range of days, each of which may be missing. */
export const RANGE = shape(RANGE_FIELDS);

/** The day that a field has. */
export function dayIn(range: Fields, name: "from" | "to"): number | undefined {
  const text = range[name];
  const day = typeof text === "string" ? dayOf(text, "-") : undefined;
  return typeof day === "number" ? day : undefined;
}

export const ENDS_BEFORE_START = "ends before it starts; exchange `from` and `to`";

const WEEK = shape(RANGE_FIELDS, (range, _, report) => {
  const from = dayIn(range, "from");
  const to = dayIn(range, "to");
  if (from === undefined || to === undefined) return;
  if (to < from) {
    report.add("to", "range", ENDS_BEFORE_START);
  } else if (to - from > MAX_DAYS_APART) {
    report.add(
      "to",
      "range",
      `${to - from} days after \`from\`, and the gateway lists at most 7; ask for windows of at most 7 days, one after the other`,
    );
  }
});

interface Body {
  readonly shape: Shape;
  /** Of a payment that may be given without the object around it: its request object. */
  readonly inner: Shape | undefined;
}

function wrapped(inner: Shape): Body {
  return { shape: whole(inner), inner };
}

function plain(fields: readonly Field[]): Body {
  return { shape: shape(fields), inner: undefined };
}

function payout(checkOfId: Check, remedy: string): Body {
  return plain([field("transaction_id", text(checkOfId), remedy), EXTRA_FIELDS]);
}

const BODIES: Readonly<Record<OperationName, Body>> = {
  hosted_deposit: wrapped(payment(THEME, [field("amount_restricted", FLAG)], DEPOSITOR)),
  hosted_withdrawal: wrapped(payment(THEME, [], PAYEE)),
  direct_payment: wrapped(payment(PROVIDER, [], DEPOSITOR)),
  card_payment: plain([
    field(REQUEST, object(payment(ROUTING, [], DEPOSITOR)), `${REQUEST_OBJECT} beside \`card_details\``),
    field("card_details", object(CARD), "give the card beside `request`"),
  ]),
  reject_payout: payout(
    checkTransactionId,
    "give the gateway's id of the payout, as the webhook had it in `transaction_id`",
  ),
  approve_payout: payout(
    checkTrackingId,
    "give your own id of the payout, the one that was sent as `tracking_id`",
  ),
  transaction_status: plain([
    field(
      "id",
      text(checkTrackingId),
      "give your own id of the payment, the one that was sent as `tracking_id`",
    ),
  ]),
  list_transactions: { shape: WEEK, inner: undefined },
};

/**
 * A copy of a request, checked. A payment may be given as the gateway's whole body or as the object in it alone, a status query as the id alone, and a list of
 * no days as `null`.
 *
 * @throws ValidationError
 */
export function checkedRequest(operation: OperationName, request: unknown): Json {
  const { shape, inner } = BODIES[operation];
  return checked(
    request,
    (names) => (inner && !names.has(REQUEST) ? REQUEST : ""),
    (data, root, report) => {
      if (operation === "transaction_status" && typeof data === "string")
        report.keep("id", checkTrackingId(data));
      else if (operation !== "list_transactions" || data !== null)
        check(root === REQUEST && inner ? inner : shape, data, root, report);
    },
  );
}

/** What is sent of a request that has been checked, apart from where to. */
export interface Wire {
  readonly body: string | null;
  /** An id that the route has a place for. */
  readonly id: string | undefined;
  /** Parameters behind the `?`. */
  readonly query: readonly (readonly [name: string, value: string])[];
}

export function wireOf(operation: OperationName, request: Json): Wire {
  const fields = isFields(request) ? request : NO_FIELDS;
  const nothing: Wire = { body: null, id: undefined, query: [] };
  if (operation === "transaction_status") return { ...nothing, id: idIn(request) };
  if (operation === "list_transactions") {
    const days = ["from", "to"].map((name) => [name, fields[name]] as const);
    return {
      ...nothing,
      query: days.filter((day): day is readonly [string, string] => typeof day[1] === "string"),
    };
  }
  const { shape, inner } = BODIES[operation];
  const body =
    inner && fields[REQUEST] === undefined ? `{"${REQUEST}":${write(inner, fields)}}` : write(shape, fields);
  return { ...nothing, body };
}

/** The id in a request: of the payment that it opens, or of the one that it is about. */
export function idIn(request: Json): string {
  if (typeof request === "string") return request;
  const whole = isFields(request) ? request : NO_FIELDS;
  const fields = whole[REQUEST] === undefined ? whole : whole[REQUEST];
  const ids = isFields(fields) ? [fields["tracking_id"], fields["transaction_id"], fields["id"]] : [];
  return ids.find((id) => typeof id === "string") ?? "";
}

/** A card's number, as it was given and as it is sent. */
export function cardIn(request: Json): readonly string[] {
  const card = isFields(request) ? request["card_details"] : undefined;
  const number = card !== undefined && isFields(card) ? card["card_number"] : undefined;
  return typeof number === "string" ? [number, cardDigits(number)] : [];
}
