/** Exact decimals, as their digits: none ever becomes a float, so it stays as it was to the last digit. */
const PLAIN = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?$/;
/** What an exact decimal of 96 bits can have, as the core's. */
export const MAX_DECIMALS = 28;
const LARGEST = "79228162514264337593543950335";

/** Why a text is no decimal. */
export type NoDecimal = "no digits" | "too long";

/** An exact decimal. */
export interface Decimal {
  /** Less than zero: there is no negative nothing. */
  readonly negative: boolean;
  readonly isZero: boolean;
  readonly whole: string;
  /** The digits behind the point, zeros at the end and all. */
  readonly fraction: string;
}

/** Reads plain digits with at most one point and one minus. */
export function readDecimal(text: string): Decimal | NoDecimal {
  const [found, sign, whole = "", fraction = ""] = PLAIN.exec(text) ?? [];
  if (found === undefined) return "no digits";
  const digits = (whole + fraction).replace(/^0+/, "");
  const tooLong =
    fraction.length > MAX_DECIMALS ||
    digits.length > LARGEST.length ||
    (digits.length === LARGEST.length && digits > LARGEST);
  const isZero = digits === "";
  return tooLong ? "too long" : { negative: sign !== "" && !isZero, isZero, whole, fraction };
}

export function decimalText({ negative, whole, fraction }: Decimal): string {
  return `${negative ? "-" : ""}${whole}${fraction && `.${fraction}`}`;
}

const LARGEST_COUNT = 2n ** 64n - 1n;
/** As many as that has; reading a million takes long. */
const MAX_DIGITS = 20;

/** The whole number that digits are, if 64 bits hold it. */
export function countOf(digits: string): bigint | undefined {
  if (!/^\d+$/.test(digits)) return undefined;
  const significant = digits.replace(/^0+/, "");
  if (significant.length > MAX_DIGITS) return undefined;
  // Of nothing it is 0.
  const count = BigInt(significant);
  return count <= LARGEST_COUNT ? count : undefined;
}
