// Which parts of a body the signed text does not have, and the other way round. For the eye alone: nothing is decided by it.
import { diffArrays } from "diff";

export interface Part {
  readonly text: string;
  readonly kind: "same" | "left-out" | "added";
}

/** What canonical JSON keeps or changes as a whole: an escape, white space, a word or number, any other character. */
const PIECE = /\\u[\da-f]{4}|\\.|\s+|[\w.+-]+|./gisu;

/** A body of this many differences is better read than marked. */
const PATIENCE_MS = 400;

/** Both texts in one list of parts, or nothing when they differ too much to be compared. */
export function difference(body: string, signed: string): readonly Part[] | undefined {
  const pieces = (text: string): string[] => text.match(PIECE) ?? [];
  const found = diffArrays(pieces(body), pieces(signed), { timeout: PATIENCE_MS });
  return found?.map(({ value, added, removed }) => ({
    text: value.join(""),
    kind: added ? "added" : removed ? "left-out" : "same",
  }));
}
