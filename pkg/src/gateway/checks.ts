/** What single values of a request must be. */
import { whyNoId, type NoId } from "../id.js";
import { lengthOf } from "../text.js";
import { dayOf } from "./calendar.js";
import { format, type Check, type Wrong } from "./report.js";

const BLANK = /^\p{White_Space}*$/u;

/** A string that says something. */
export const checkWords: Check = (text) =>
  BLANK.test(text) ? ["empty", "is empty; leave the field out when its value is not known"] : undefined;

/** What to do about a text that is no id. */
const REMEDIES: Readonly<Record<NoId, Wrong>> = {
  "is empty": ["required", "give the id that your system or the gateway assigned"],
  "is longer than 255 bytes": ["range", "give the id alone"],
  "has a control character or white space at an end": ["format", "remove it"],
  "cannot be sent in a URL": ["format", "give an id that is not made of dots alone"],
};

function checkId(what: string): Check {
  return (text) => {
    const problem = whyNoId(text);
    if (problem === undefined) return undefined;
    const [code, remedy] = REMEDIES[problem];
    return [code, `the ${what} ${problem}; ${remedy}`];
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

/** `DD?MM?YYYY` of the calendar, where `?` is the separator. */
function checkDate(what: string, separator: "/" | "-", example: string): Check {
  const form = `DD${separator}MM${separator}YYYY`;
  return (text) => {
    switch (dayOf(text, separator)) {
      case "shape":
        return format(`write the ${what} as ${form}, for example ${example}`);
      case "month first":
        return format(`is a date only when read month first; write the day first (${form})`);
      case "no such day":
        return format(`no such day in the calendar; write the ${what} as ${form}`);
      default:
        return undefined;
    }
  };
}

export const checkDay = checkDate("day", "-", "01-08-2024");

const checkDateOfBirth = checkDate("date of birth", "/", "05/03/2000 for the 5th of March 2000");

/** The gateway shows `05/03/2000` and does not say which part is the day; its other dates are day first, so this one is. */
export const checkBirthDate: Check = (text) =>
  checkDateOfBirth(text) ??
  (Number(text.slice(-4)) < 1900 ? ["range", "the year of birth is before 1900; check it"] : undefined);

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
