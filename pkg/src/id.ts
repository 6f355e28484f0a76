/** The ids of a payment and of a person: whatever the merchant or the gateway made up. */
import { lengthOf } from "./text.js";

/** No id that the reference shows is longer than 50 characters; the cap keeps a mistake (a whole document as an id) out of URLs. */
const MAX_BYTES = 255;

/** Why a text is no id. */
export type NoId =
  | "is empty"
  | "is longer than 255 bytes"
  | "has a control character or white space at an end"
  | "cannot be sent in a URL";

export function whyNoId(text: string): NoId | undefined {
  if (text === "") return "is empty";
  if (lengthOf(text) > MAX_BYTES) return "is longer than 255 bytes";
  if (/\p{Cc}|^\p{White_Space}|\p{White_Space}$/u.test(text))
    return "has a control character or white space at an end";
  // A URL parser takes these for "this folder" and "the folder above", percent-encoded or not.
  return text === "." || text === ".." ? "cannot be sent in a URL" : undefined;
}
