/** What an answer's headers tell. */
import { countOf } from "../decimal.js";
import type { Received } from "../transport.js";
import { httpDate } from "./calendar.js";
import { redact } from "./redact.js";
import { format, type Check } from "./report.js";

/** What an HTTP header can carry: printable ASCII and tabs. */
const TEXT = /^[\t -~]*$/;

export const checkHeader: Check = (text) =>
  TEXT.test(text) ? undefined : format("cannot be sent as a header; use printable ASCII");

/** A header's value, if it is text. */
export function headerOf({ headers }: Received, name: string): string | undefined {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  return value !== undefined && TEXT.test(value) ? value : undefined;
}

/** What is longer is no id, and looking through it for secrets takes long. */
const LONGEST_ID = 1024;

/** The name that the gateway, or what stands in front of it, gave the request. */
export function requestIdOf(answer: Received, apiKey: string): string | undefined {
  const names = ["x-request-id", "request-id", "x-correlation-id", "x-amzn-requestid", "cf-ray"];
  const [id = ""] = names.flatMap((name) => headerOf(answer, name) ?? []);
  if (id.length > LONGEST_ID) return undefined;
  // Redaction comes before the cut, or the cut could leave half of a secret.
  return redact(id, [apiKey]).slice(0, 128) || undefined;
}

/** Milliseconds of the `Retry-After` of RFC 9110: seconds, or a date, which is measured from the answer's own `Date`. */
export function retryAfterOf(answer: Received): number | undefined {
  const text = headerOf(answer, "retry-after")?.trim() ?? "";
  // A number that 64 bits do not hold is none, and as milliseconds it ends where they end: as the core has it.
  if (countOf(text) !== undefined) return Math.min(Number(`${text}000`), 2 ** 64);
  const until = httpDate(text);
  const sent = httpDate(headerOf(answer, "date") ?? "");
  return until === undefined || sent === undefined ? undefined : Math.max(0, until - sent) * 1000;
}
