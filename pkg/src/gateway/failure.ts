/** What went wrong between us and the gateway, told so that a program can decide and a person can act. */
import type { ErrorClass, ErrorCode, GatewayErrorFacts } from "../errors.js";
import type { Received } from "../transport.js";
import type { OperationName } from "../types.js";
import { version } from "../version.js";
import { fitsHeader } from "./checks.js";
import { countOf } from "../decimal.js";
import { httpDate } from "./days.js";
import { redact } from "./redact.js";

/** As much of a body as an error keeps, in bytes: a JSON error or the head of a HTML page, and no more in a log line. */
const MAX_BODY = 4096;
/** As much of a body as is looked at. Redaction comes before the cut to `MAX_BODY`, or the cut could leave half of a secret. */
const MAX_LOOKED_AT = 16 * 1024;

/** A header's value, if it is text. */
export function headerOf({ headers }: Received, name: string): string | undefined {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  return value !== undefined && fitsHeader(value) ? value : undefined;
}

/** Which call it was, for the support report. */
export interface Call {
  readonly operation: OperationName;
  /** The id of the payment. */
  readonly id: string;
  readonly method: string;
  readonly url: string;
}

/** A call that did not succeed. */
export interface Failure {
  readonly class: ErrorClass;
  /** What happened. */
  readonly problem: string;
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly body?: string;
}

/** No answer came within so many milliseconds. */
export function timedOut(timeoutMs: number): Failure {
  return { class: "timeout", problem: `the gateway did not answer within ${timeoutMs} ms` };
}

/** The connection failed. */
export function disconnected(detail: string, apiKey: string): Failure {
  return {
    class: "transport",
    problem: `the connection to the gateway failed: ${redact(detail, [apiKey])}`,
  };
}

/** An answer of another status than 2xx, or one that the operation cannot mean, which `problem` says. */
export function refused(answer: Received, problem: string, apiKey: string): Failure {
  const { status } = answer;
  const family = Math.floor(status / 100);
  const whose = family === 4 ? "caller" : family === 5 ? "gateway" : "unreadable";
  return {
    class: whose,
    problem: `the gateway answered ${status}${whose === "unreadable" ? `, but ${problem}` : ""}`,
    status,
    requestId: requestIdOf(answer, apiKey),
    retryAfterMs: retryAfterOf(answer),
    body: excerpt(answer.body, apiKey),
  };
}

/** What acts at once is never sent twice. */
function maySendTwice(operation: OperationName): boolean {
  return /^hosted_|^transaction_status$|^list_/.test(operation);
}

/** "Not now": request timeout, too early, too many requests. */
function isBusy({ status }: Failure): boolean {
  return status === 408 || status === 425 || status === 429;
}

/** Whether the same request may be sent again as it is: doing so can harm nobody and may help. */
export function isRetryable(operation: OperationName, failure: Failure): boolean {
  if (!maySendTwice(operation)) return false;
  if (failure.class === "caller") return isBusy(failure);
  // A reply that was cut on the way may come whole the next time; a redirect will not.
  return failure.class !== "unreadable" || (failure.status ?? 0) < 300;
}

/** The longest wait after the first failure, in milliseconds; it doubles with each further one. */
const FIRST_WAIT_MS = 500;
/** No wait is longer than this. A gateway that asks for more is not asked again. */
const LONGEST_WAIT_MS = 30_000;

/**
 * How many milliseconds to wait before the request is sent again, which has failed `attempts` times; nothing to give up. The wait is exponential with full
 * jitter (`random` is from 0 up to 1), so that clients that failed together do not come back together. `Retry-After` is the least to wait.
 */
export function waitBefore(
  operation: OperationName,
  failure: Failure,
  attempts: number,
  maxRetries: number,
  random: number,
): number | undefined {
  const asked = failure.retryAfterMs ?? 0;
  if (!isRetryable(operation, failure) || attempts > maxRetries || asked > LONGEST_WAIT_MS) return undefined;
  const longest = Math.min(FIRST_WAIT_MS * 2 ** (attempts - 1), LONGEST_WAIT_MS);
  return Math.min(asked + Math.floor(longest * random), LONGEST_WAIT_MS);
}

/** What a person should do next. */
function whatToDo(operation: OperationName, failure: Failure): string {
  const twice = maySendTwice(operation);
  const { class: whose, status = 0 } = failure;
  if (status === 401 || status === 403)
    return "Check the API key (merchant portal, Settings > Credentials) and that it belongs to this environment; then send the request again.";
  if (status === 404 || status === 405)
    return "Check the base URL and the routes against the merchant portal, and that the id exists; then send the request again.";
  if (whose === "caller") {
    if (!isBusy(failure))
      return "Mend the request (the body says what the gateway did not accept), then send it again.";
    return twice
      ? "The gateway asks for patience: wait, then send the same request again."
      : "The gateway asks for patience: wait, read the transaction's state, and send the request again only if it did nothing.";
  }
  if (whose === "unreadable" && status >= 300 && status < 400)
    return "The gateway answers from another address: correct the base URL or the route.";
  if (!twice)
    return "It is not known whether the gateway acted: do not send it again. Read the transaction's state first, and contact support with the support report.";
  if (whose === "gateway")
    return "The fault is the gateway's: send the same request again later; if it stays, contact its support with the support report.";
  return whose === "unreadable"
    ? "Check that the base URL is the gateway's; the same request may be sent again; if it stays, contact support with the support report."
    : "Check the network and the base URL; the same request may be sent again.";
}

const CODES: Readonly<Record<string, ErrorCode>> = {
  caller: "gateway_refused",
  gateway: "gateway_failed",
  transport: "transport_failed",
  unreadable: "unreadable_reply",
};

/** The facts of the error that a failure becomes, after so many attempts. */
export function factsOf(call: Call, failure: Failure, attempts: number): GatewayErrorFacts {
  const { operation } = call;
  const { class: whose, problem, body: _, ...answer } = failure;
  return {
    ...answer,
    code: CODES[whose] ?? whose,
    message: `${operation}: ${problem}. ${whatToDo(operation, failure)}`,
    operation,
    class: whose,
    retryable: isRetryable(operation, failure),
    attempts,
    supportReport: supportReport(call, failure, attempts),
  };
}

/** All that the gateway's support needs, as text of a few lines; no secret is in it. */
function supportReport(call: Call, failure: Failure, attempts: number): string {
  const { operation, id, method, url } = call;
  // Of the URL the path alone: a query may hold anything.
  const path = url.replace(/[?#][^]*$/, "").replace(/^[^]*?:\/\/[^/]*/, "");
  const lines: readonly (readonly [name: string, value: string])[] = [
    ["client", `edge-cashier ${version}`],
    ["operation", operation],
    ...(id === "" ? [] : [["payment", redact(id)] as const]),
    ["request", redact(`${method} /${path.replace(/^\//, "")}`)],
    ["attempts", String(attempts)],
    ["time", new Date().toISOString()],
    ["class", failure.class],
    ["status", String(failure.status ?? "none")],
    ["request id", failure.requestId ?? "none"],
    ["problem", failure.problem],
    ["may be sent again as it is", isRetryable(operation, failure) ? "yes" : "no"],
    ["what to do", whatToDo(operation, failure)],
    ["body", failure.body || "none"],
  ];
  return lines.map(([name, value]) => `${name}: ${value}\n`).join("");
}

/** The name that the gateway, or what stands in front of it, gave the request. */
function requestIdOf(answer: Received, apiKey: string): string | undefined {
  const names = ["x-request-id", "request-id", "x-correlation-id", "x-amzn-requestid", "cf-ray"];
  const [id = ""] = names.flatMap((name) => headerOf(answer, name) ?? []);
  // Redaction comes before the cut, or the cut could leave half of a secret.
  return redact(id, [apiKey]).slice(0, 128) || undefined;
}

/** Milliseconds of the `Retry-After` of RFC 9110: seconds, or a date, which is measured from the answer's own `Date`. */
function retryAfterOf(answer: Received): number | undefined {
  const text = headerOf(answer, "retry-after")?.trim() ?? "";
  if (countOf(text) !== undefined) return Math.min(Number(`${text}000`), 2 ** 64);
  const until = httpDate(text);
  const sent = httpDate(headerOf(answer, "date") ?? "");
  return until === undefined || sent === undefined ? undefined : Math.max(0, until - sent) * 1000;
}

/** The part of a body that an error keeps. */
function excerpt(body: string, apiKey: string): string {
  const lookedAt = upTo(body, MAX_LOOKED_AT);
  // What was cut off may have been the rest of a secret: the torn last word goes with it.
  const end = Math.max(...Array.from(",\n<{}", (stop) => lookedAt.lastIndexOf(stop)));
  const whole = lookedAt === body ? body : lookedAt.slice(0, end + 1);
  const text = redact(whole, [apiKey]);
  const kept = upTo(text, MAX_BODY);
  return kept === text ? text : `${kept}…`;
}

/** At most so many bytes of a text, in whole characters. */
function upTo(text: string, most: number): string {
  return text.slice(0, new TextEncoder().encodeInto(text, new Uint8Array(most)).read);
}
