/** Amounts of money in a request: numbers, or strings where a number would lose digits. */
import { decimalText, readDecimal, type Decimal } from "../decimal.js";
import { withoutEnd } from "../text.js";
import type { Json } from "./data.js";
import { format, type Wrong } from "./report.js";

const WITH_EXPONENT = /^-?(?:0|[1-9]\d*)(?:\.\d+)?[eE][+-]?\d+$/;

/** The decimal that a number or a string is, if it is one. */
export function amountOf(value: Json | undefined): Decimal | undefined {
  const text = textOf(value);
  const decimal = text === undefined ? undefined : readDecimal(text);
  return typeof decimal === "object" ? decimal : undefined;
}

/** Decimals that count: not the zeros at the end. */
export function decimalsOf({ fraction }: Decimal): number {
  return withoutEnd(fraction, "0").length;
}

/** The amount as it is written; zeros for which a currency with so many decimals has no place are left out. */
export function amountText(amount: Decimal, units = Infinity): string {
  return decimalText({ ...amount, fraction: amount.fraction.slice(0, Math.max(decimalsOf(amount), units)) });
}

/** What is wrong with a number or a string that is no decimal. */
export function checkAmount(value: Json): Wrong | undefined {
  const text = textOf(value) ?? "";
  switch (readDecimal(text)) {
    case "no digits":
      return format(
        WITH_EXPONENT.test(text)
          ? "an exponent is not allowed in an amount; write all digits, for example 1000 in place of 1e3"
          : "not a decimal number; write plain digits with a point, for example 10.05",
      );
    case "too long":
      return ["range", "more digits than an amount can have (28)"];
    default:
      return undefined;
  }
}

function textOf(value: Json | undefined): string | undefined {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "bigint":
      return numberText(value);
    default:
      return undefined;
  }
}

/** A number as JSON has it. */
export function numberText(value: number | bigint): string {
  return typeof value === "bigint" ? value.toString() : JSON.stringify(value);
}
