/** Small things about text. JavaScript's may hold half of a surrogate pair, which is no character and which UTF-8 does not have. */
const utf8 = new TextEncoder();
const HALF = /\p{Surrogate}/u;

/** `String.prototype.isWellFormed` is younger than the oldest runtime that this package runs in. */
export function isWellFormed(text: string): boolean {
  return !HALF.test(text);
}

/** Each half of a surrogate pair becomes U+FFFD, as everywhere where text becomes UTF-8. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, "\ufffd");
}

/** How many bytes a text has. */
export function lengthOf(text: string): number {
  return utf8.encode(text).length;
}

/** The text without that character at its end. A regular expression would look at a long run of it again from each place. */
export function withoutEnd(text: string, character: string): string {
  let end = text.length;
  while (text[end - 1] === character) end--;
  return text.slice(0, end);
}
