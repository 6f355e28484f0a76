/** Currencies of ISO 4217 and countries of ISO 3166. The tables are the core's own. */
import COUNTRIES from "../../../src/iso_3166.txt";
import CURRENCIES from "../../../src/iso_4217.txt";
import { format, type Check } from "./report.js";

/** The code that was meant, in capitals and without white space; empty when it is none. */
function intended(code: string): string {
  const [, letters = ""] = /^[\t\n\f\r ]*([A-Za-z]{2,3})[\t\n\f\r ]*$/.exec(code) ?? [];
  return letters.toUpperCase();
}

/** A line of a table that begins with a code: what stands behind it. */
function behind(table: string, code: string, shape: RegExp): string | undefined {
  return shape.test(code) ? new RegExp(`^${code}(.?)$`, "m").exec(table)?.[1] : undefined;
}

/** How many decimals a currency has, `-` for none that are fixed. */
function currency(code: string): string | undefined {
  return behind(CURRENCIES, code, /^[A-Z]{3}$/);
}

/** How many decimals a currency has, where ISO 4217 says it. */
export function minorUnits(code: string): number | undefined {
  const units = currency(code);
  return units === undefined || units === "-" ? undefined : Number(units);
}

export const checkCurrency: Check = (code) => {
  // Codes of ISO 4217 that are no money.
  const iso = (code: string): boolean => !/^X(?:XX|TS)$/.test(code) && currency(code) !== undefined;
  if (iso(code)) return undefined;
  const right = intended(code);
  return format(
    iso(right)
      ? `write the currency in capitals and without spaces: ${right}`
      : "not a currency of ISO 4217; give its three letters, for example EUR",
  );
};

export const checkCountry: Check = (code) => {
  // Kosovo has a code in use that ISO 3166 does not list.
  const iso = (code: string): boolean => code === "XK" || behind(COUNTRIES, code, /^[A-Z]{2}$/) !== undefined;
  if (iso(code)) return undefined;
  const right = intended(code);
  if (iso(right)) return format(`write the country in two capital letters: ${right}`);
  return format(
    right === "UK"
      ? "not a country of ISO 3166; the United Kingdom is GB"
      : "not a country of ISO 3166; give its two letters, for example GB",
  );
};
