/** A card's number, its network and its code. Nothing here keeps or shows one. */
import { passesLuhn } from "./luhn.js";
import { format, type Check, type Wrong } from "./report.js";

interface Network {
  /** The first digits of its numbers (ISO/IEC 7812 issuer ranges as the networks publish them). */
  readonly first: RegExp;
  /** How many digits a number may have. */
  readonly digits: readonly [least: number, most: number];
  /** How many digits the code may have. */
  readonly code: readonly [least: number, most: number];
}

/** In this order: of a number that fits several the first counts. The last takes what none has. */
const NETWORKS: readonly Network[] = [
  // Visa: 13, 16 or 19 digits.
  { first: /^4(?=(?:.{3})*$)/, digits: [13, 19], code: [3, 3] },
  // Mastercard, American Express, Discover, Diners Club, JCB, UnionPay, Maestro.
  { first: /^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, digits: [16, 16], code: [3, 3] },
  { first: /^3[47]/, digits: [15, 15], code: [4, 4] },
  { first: /^(?:65|64[4-9]|6011)/, digits: [16, 19], code: [3, 3] },
  { first: /^(?:3[689]|30[0-5])/, digits: [14, 19], code: [3, 3] },
  { first: /^35(?:2[89]|[3-8])/, digits: [16, 19], code: [3, 3] },
  { first: /^62/, digits: [16, 19], code: [3, 3] },
  { first: /^(?:5[0678]|6)/, digits: [12, 19], code: [3, 3] },
  { first: /^(?!4)/, digits: [12, 19], code: [3, 4] },
];

/** The digits, without the single spaces and dashes that may stand between two of them. */
export function cardDigits(text: string): string {
  return text.replace(/\D/g, "");
}

function within([least, most]: readonly [number, number], text: string): boolean {
  return text.length >= least && text.length <= most;
}

export const checkCardNumber: Check = (text) => {
  if (!/^(?:\d(?:[ -]?\d)*)?$/.test(text))
    return format("a card number has digits only, with single spaces or dashes between them");
  const digits = cardDigits(text);
  const network = networkOf(digits);
  if (!network || !within(network.digits, digits))
    return ["length", "the card number has a digit too many or too few; check it"];
  if (!passesLuhn(digits))
    return ["check_digit", "the card number's check digit is wrong; one digit is mistyped"];
  return undefined;
};

function networkOf(digits: string): Network | undefined {
  return NETWORKS.find(({ first }) => first.test(digits));
}

export const checkCvc: Check = (text) =>
  /^\d*$/.test(text) ? undefined : format("the card's code has digits only");

/** Whether a code goes with a number. Of a number that is wrong nothing is known, so it goes with any. */
export function checkCvcLength(code: string, number: string): Wrong | undefined {
  const digits = checkCardNumber(number) === undefined ? cardDigits(number) : "";
  const network = networkOf(digits);
  return network && within(network.code, code)
    ? undefined
    : ["length", "the card's code has 3 digits, on an American Express card 4"];
}

export const checkMonth: Check = (text) =>
  /^(?:0[1-9]|1[0-2])$/.test(text) ? undefined : format("write the month with two digits, 01 to 12");

export const checkYear: Check = (text) =>
  /^20\d\d$/.test(text) ? undefined : format("write the year with four digits, for example 2030");
