/** Who pays or is paid. Every field is optional: the reference shows them all and marks none as required. */
import { countOf } from "../decimal.js";
import { amountOf, numberText } from "./amount.js";
import { checkBirthDate, checkEmail } from "./checks.js";
import { checkCountry } from "./codes.js";
import type { Json } from "./data.js";
import { join } from "./report.js";
import {
  AMOUNT,
  count,
  EXTRA_FIELDS,
  field,
  object,
  shape,
  text,
  WORDS,
  type Also,
  type Field,
} from "./shape.js";

/** E.164: at most 15 digits with the country's prefix, which has one to three. */
const MAX_PHONE_DIGITS = 15;

const PHONE = shape(
  [
    field("country", text(checkCountry)),
    field("number", count(999_999_999_999_999), "give the national number, or leave `phone` out"),
    field("prefix", count(999)),
  ],
  ({ country, number, prefix }, path, report) => {
    if ((prefix ?? country ?? null) === null) {
      report.add(
        join(path, "prefix"),
        "required",
        "missing; give the country's prefix (44 for the United Kingdom) or `country`",
      );
    }
    const digits = digitsOf(number);
    if (digits <= MAX_PHONE_DIGITS && digits + digitsOf(prefix) > MAX_PHONE_DIGITS) {
      report.add(
        join(path, "number"),
        "range",
        "a telephone number has at most 15 digits with its prefix; give the national number without the prefix",
      );
    }
  },
);

/** How many digits a whole number has. */
function digitsOf(value: Json | undefined): number {
  if (typeof value !== "number" && typeof value !== "bigint") return 0;
  const digits = countOf(numberText(value));
  return digits === undefined || digits === 0n ? 0 : digits.toString().length;
}

const LIMIT = "max_deposit_limit";

function customer(also: Also): Field {
  return field("customer", object(shape(CUSTOMER, also)));
}

const CUSTOMER: readonly Field[] = [
  field(LIMIT, AMOUNT),
  field("first_name", WORDS),
  field("last_name", WORDS),
  field("kyc_status", WORDS),
  field("email", text(checkEmail)),
  field("zip_code", WORDS),
  field("address", WORDS),
  field("city", WORDS),
  field("dob", text(checkBirthDate)),
  field("country_code", text(checkCountry)),
  field("phone", object(PHONE)),
  EXTRA_FIELDS,
];

/** Of a deposit. */
export const DEPOSITOR = customer((customer, path, report) => {
  if (amountOf(customer[LIMIT])?.negative) {
    const message = "must not be negative; leave it out when there is no limit";
    report.add(join(path, LIMIT), "range", message);
  }
});

/** Of a withdrawal. */
export const PAYEE = customer((customer, path, report) => {
  if ((customer[LIMIT] ?? null) !== null) {
    const message = "belongs to deposits; leave it out of a withdrawal";
    report.add(join(path, LIMIT), "unknown_field", message);
  }
});
