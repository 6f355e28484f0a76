/** Exact decimals, as their digits: none ever becomes a float, so it stays as it was to the last digit. */
const PLAIN = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?$/;
/** What an exact decimal of 96 bits can have, as the core's. */
export const MAX_DECIMALS = 28;
const LARGEST = "79228162514264337593543950335";

/** Why a text is no decimal. */
export type NoDecimal = "no digits" | "too long";

/** An exact decimal. */
export interface Decimal {
  readonly isZero: boolean;
  /** Less than zero: there is no negative nothing. */
  readonly negative: boolean;
  /** Decimals that count: not the zeros at the end. */
  readonly decimals: number;
  /** The digits; zeros beyond the currency's decimals left out, which are given. */
  text(units?: number): string;
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
  if (tooLong) return "too long";
  const negative = sign !== "" && digits !== "";
  const decimals = fraction.replace(/0+$/, "").length;
  return {
    isZero: digits === "",
    negative,
    decimals,
    text: (units = Infinity) => {
      const kept = fraction.slice(0, Math.max(decimals, units));
      return `${negative ? "-" : ""}${whole}${kept && `.${kept}`}`;
    },
  };
}

const LARGEST_COUNT = 2n ** 64n - 1n;

/** The whole number that digits are, if 64 bits hold it. */
export function countOf(digits: string): bigint | undefined {
  if (!/^\d+$/.test(digits)) return undefined;
  const count = BigInt(digits);
  return count <= LARGEST_COUNT ? count : undefined;
}
