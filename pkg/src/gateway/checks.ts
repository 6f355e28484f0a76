/** What single values of a request must be. */
import COUNTRIES from "../../../src/iso_3166.txt";
import CURRENCIES from "../../../src/iso_4217.txt";
import { dayOf } from "./days.js";
import { format, lengthOf, type Check, type Wrong } from "./report.js";

const BLANK = /^\p{White_Space}*$/u;

/** A string that says something. */
export const checkWords: Check = (text) =>
  BLANK.test(text) ? ["empty", "is empty; leave the field out when its value is not known"] : undefined;

const MAX_ID_LENGTH = 255;

/** An id of this kind: no id that the reference shows is longer than 50 characters. */
export function checkId(what: string): Check {
  return (text) => {
    const wrong = (code: string, rule: string): Wrong => [code, `the ${what} ${rule}`];
    if (text === "")
      return wrong("required", "is empty; give the id that your system or the gateway assigned");
    if (lengthOf(text) > MAX_ID_LENGTH) return wrong("range", "is longer than 255 bytes; give the id alone");
    if (/\p{Cc}|^\p{White_Space}|\p{White_Space}$/u.test(text))
      return wrong("format", "has a control character or white space at an end; remove it");
    // A URL parser takes these for "this folder" and "the folder above", percent-encoded or not.
    if (text === "." || text === "..")
      return wrong("format", "cannot be sent in a URL; give an id that is not made of dots alone");
    return undefined;
  };
}

export const checkTransactionId = checkId("transaction id");
export const checkTrackingId = checkId("tracking id");
export const checkUserId = checkId("user id");

export const NO_API_KEY =
  "the API key is empty; give the key from the merchant portal (Settings > Credentials)";

export const checkApiKey: Check = (key) => {
  if (key === "") return ["required", NO_API_KEY];
  return /^[!-~]*$/.test(key)
    ? undefined
    : format("the API key has a space, a line end or a character that no key has; copy it again, alone");
};

/** What an HTTP header can carry: printable ASCII and tabs. */
export function fitsHeader(text: string): boolean {
  return /^[\t -~]*$/.test(text);
}

export const checkHeader: Check = (text) =>
  fitsHeader(text) ? undefined : format("cannot be sent as a header; use printable ASCII");

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

/** Letters beyond ASCII (RFC 6531), less what is not seen: it could make two addresses look like one. */
const FOREIGN =
  "[^\\x00-\\x7f\\p{White_Space}\\p{Cc}\\xad\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff]";
/** RFC 5321's quoted names. */
const QUOTED = `"(?:[ !#-[\\]-~]|${FOREIGN}|\\\\[!-~])+"`;
/** The HTML standard's valid e-mail address, with a dot in the host. */
const ATOM = `(?:[\\w!#$%&'*+\\-/=?^\`{|}~]|${FOREIGN})+`;
const LABEL = `(?:[\\da-zA-Z-]|${FOREIGN})+`;
const ADDRESS = new RegExp(`^(${QUOTED}|${ATOM}(?:\\.${ATOM})*)@(${LABEL}(?:\\.${LABEL})+)$`, "u");

/** Bytes of a name, of a host and of each part of it. */
const MAX_NAME = 64;
const MAX_HOST = 254;
const MAX_LABEL = 63;

export const checkEmail: Check = (text) => {
  const [, name = "", host = ""] = (lengthOf(text) <= MAX_NAME + 1 + MAX_HOST && ADDRESS.exec(text)) || [];
  const fits =
    name !== "" &&
    lengthOf(name) <= MAX_NAME &&
    lengthOf(host) <= MAX_HOST &&
    host.split(".").every((label) => !/^-|-$/.test(label) && lengthOf(label) <= MAX_LABEL);
  return fits
    ? undefined
    : format("not an e-mail address; give the address alone, for example user@example.com");
};

/** The gateway shows `05/03/2000` and does not say which part is the day; its other dates are day first, so this one is. */
export const checkBirthDate: Check = (text) => {
  const day = dayOf(text, "/");
  switch (day) {
    case "shape":
      return format(
        "write the date of birth as DD/MM/YYYY, for example 05/03/2000 for the 5th of March 2000",
      );
    case "month first":
      return format("is a date only when read month first; write the day first (DD/MM/YYYY)");
    case "no such day":
      return format("no such day in the calendar; write the date of birth as DD/MM/YYYY");
    default:
      return Number(text.slice(-4)) < 1900
        ? ["range", "the year of birth is before 1900; check it"]
        : undefined;
  }
};

export const checkDay: Check = (text) => {
  switch (dayOf(text, "-")) {
    case "shape":
      return format("write the day as DD-MM-YYYY, for example 01-08-2024");
    case "month first":
      return format("is a date only when read month first; write the day first (DD-MM-YYYY)");
    case "no such day":
      return format("no such day in the calendar; write the day as DD-MM-YYYY");
    default:
      return undefined;
  }
};

const BYTE = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const IPV4 = new RegExp(`^${BYTE}(?:\\.${BYTE}){3}$`);

/** How many groups of 16 bits a side of `::` has; the last one may be an IPv4 address. Not a number for what is no side. */
function groups(side: string, last: boolean): number {
  if (side === "") return 0;
  const parts = side.split(":");
  return parts.reduce((count, part, place) => {
    if (/^[\da-f]{1,4}$/i.test(part)) return count + 1;
    return last && place === parts.length - 1 && IPV4.test(part) ? count + 2 : NaN;
  }, 0);
}

/** RFC 4291 section 2.2. */
function isIpv6(text: string): boolean {
  const at = text.indexOf("::");
  return at < 0
    ? groups(text, true) === 8
    : groups(text.slice(0, at), false) + groups(text.slice(at + 2), true) < 8;
}

export const checkIp: Check = (text) =>
  IPV4.test(text) || isIpv6(text)
    ? undefined
    : format("not an IP address; give the person's IPv4 or IPv6 address alone, without a port");
