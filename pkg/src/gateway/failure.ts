/** What went wrong between us and the gateway, told so that a program can decide and a person can act. */
import type { ErrorCode, GatewayErrorFacts } from "../errors.js";
import type { Received } from "../transport.js";
import type { OperationName } from "../types.js";
import { version } from "../version.js";
import { requestIdOf, retryAfterOf } from "./headers.js";
import { OPERATIONS } from "./operations.js";
import { redact } from "./redact.js";
import { isBusy, isRetryable } from "./retry.js";

/** As much of a body as an error keeps, in bytes: a JSON error or the head of a HTML page, and no more in a log line. */
const MAX_BODY = 4096;
/** As much of a body as is looked at. Redaction comes before the cut to `MAX_BODY`, or the cut could leave half of a secret. */
const MAX_LOOKED_AT = 16 * 1024;

/** Which call it was, for the support report. */
export interface Call {
  readonly operation: OperationName;
  /** The id of the payment. */
  readonly id: string;
  readonly method: string;
  readonly url: string;
}

/** The code of an error of each class. */
const CODES = {
  caller: "gateway_refused",
  gateway: "gateway_failed",
  transport: "transport_failed",
  timeout: "timeout",
  unreadable: "unreadable_reply",
  aborted: "aborted",
} as const satisfies Readonly<Record<string, ErrorCode>>;

/** A call that did not succeed. Every property stands in the object itself, so none comes from a prototype. */
export interface Failure {
  readonly class: keyof typeof CODES;
  /** What happened. */
  readonly problem: string;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
  /** What came, as far as it may be told. */
  readonly body: string;
}

function withoutAnswer(whose: Failure["class"], problem: string): Failure {
  return {
    class: whose,
    problem,
    status: undefined,
    requestId: undefined,
    retryAfterMs: undefined,
    body: "",
  };
}

/** The caller's signal ended the call; what had failed before stays known. */
export function aborted(before?: Failure): Failure {
  const [whose, problem] = ["aborted", "aborted by your signal"] as const;
  return before === undefined ? withoutAnswer(whose, problem) : { ...before, class: whose, problem };
}

/** No answer came within so many milliseconds. */
export function timedOut(timeoutMs: number): Failure {
  return withoutAnswer("timeout", `the gateway did not answer within ${timeoutMs} ms`);
}

/** The connection failed. */
export function disconnected(detail: string, apiKey: string): Failure {
  const problem = `the connection to the gateway failed: ${excerpt(detail, apiKey)}`;
  return withoutAnswer("transport", problem);
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

/** What a person should do next. */
function whatToDo(operation: OperationName, failure: Failure, attempts: number): string {
  const twice = OPERATIONS[operation].repeatable;
  const { class: whose, status = 0 } = failure;
  if (whose === "aborted") {
    if (attempts === 0) return "Nothing was sent.";
    return twice
      ? "It may be called again."
      : "Whether the gateway acted is not known: read the transaction's state first.";
  }
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

/** The facts of the error that a failure becomes, after so many attempts. */
export function factsOf(call: Call, failure: Failure, attempts: number): GatewayErrorFacts {
  const { operation } = call;
  const { class: whose, problem, body: _, ...answer } = failure;
  return {
    ...answer,
    code: CODES[whose],
    message: `${operation}: ${problem}. ${whatToDo(operation, failure, attempts)}`,
    operation,
    class: whose,
    retryable: isRetryable(operation, failure, attempts),
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
    ["may be sent again as it is", isRetryable(operation, failure, attempts) ? "yes" : "no"],
    ["what to do", whatToDo(operation, failure, attempts)],
    ["body", failure.body || "none"],
  ];
  return lines.map(([name, value]) => `${name}: ${value}\n`).join("");
}

/** The part of a foreign text that an error keeps. */
function excerpt(text: string, apiKey: string): string {
  const lookedAt = upTo(text, MAX_LOOKED_AT);
  // What was cut off may have been the rest of a secret: the torn last word goes with it.
  const end = Math.max(...Array.from(",\n<{}", (stop) => lookedAt.lastIndexOf(stop)));
  const whole = lookedAt === text ? text : lookedAt.slice(0, end + 1);
  const told = redact(whole, [apiKey]);
  const kept = upTo(told, MAX_BODY);
  return kept === told ? told : `${kept}…`;
}

/** At most so many bytes of a text, in whole characters. */
function upTo(text: string, most: number): string {
  return text.slice(0, new TextEncoder().encodeInto(text, new Uint8Array(most)).read);
}
