/** Which known name was probably meant. */
import { lengthOf } from "../text.js";

/** A name of a kilobyte is no slip of a known one. */
const LONGEST_BYTES = 40;
const MOST_SLIPS = 2;

/** The same but for case and underscores (`userId`), or at most two slips away. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (lengthOf(name) > LONGEST_BYTES) return undefined;
  const given = letters(name);
  const others = known.map(letters);
  for (let slips = 0; slips <= MOST_SLIPS; slips++) {
    const near = known.find((known, place) => {
      const other = others[place];
      return slips <= Math.floor(known.length / 3) && other !== undefined && isNear(given, other, slips);
    });
    if (near !== undefined) return near;
  }
  return undefined;
}

/** The characters of a name but for case and underscores. */
function letters(name: string): readonly string[] {
  return Array.from(name.replace(/[_-]/g, "").replace(/[A-Z]/g, (letter) => letter.toLowerCase()));
}

/**
 * Whether so many slips lead from what is left of one word to what is left of the other: a letter too many or too few, another letter, two letters
 * exchanged.
 */
function isNear(one: readonly string[], other: readonly string[], slips: number, at = 0, to = 0): boolean {
  while (at < one.length && one[at] === other[to]) {
    at++;
    to++;
  }
  const left = one.length - at;
  const leftOfOther = other.length - to;
  if (left === 0 && leftOfOther === 0) return true;
  if (slips === 0 || Math.abs(left - leftOfOther) > slips) return false;
  const exchanged =
    left > 1 &&
    one[at] === other[to + 1] &&
    one[at + 1] === other[to] &&
    isNear(one, other, slips - 1, at + 2, to + 2);
  return (
    exchanged ||
    (left > 0 && leftOfOther > 0 && isNear(one, other, slips - 1, at + 1, to + 1)) ||
    (left > 0 && isNear(one, other, slips - 1, at + 1, to)) ||
    (leftOfOther > 0 && isNear(one, other, slips - 1, at, to + 1))
  );
}
