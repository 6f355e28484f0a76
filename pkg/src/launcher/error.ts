/** One thing that is wrong with what was sent, as the Worker tells it. */
export interface Violation {
  /** Where: field names joined by dots, for example `request.customer.email`. */
  readonly path: string;
  /** What kind, stable: `required`, `type`, `format`, … */
  readonly code: string;
  /** The same for people, with the remedy. */
  readonly message: string;
}

/**
 * What went wrong. The launcher's own codes are the named ones; every other string is the `code` of the Worker's problem
 * document, carried through as it came.
 *
 * - `invalid_options`: the call lacks something, or names something that does not exist.
 * - `no_window`: called where there is no browser window, for example while rendering on a server.
 * - `no_ticket`: the promise of a ticket was rejected; `cause` is its error.
 * - `network`: no answer. The customer is offline, the endpoint is wrong, or its CORS rules do not name this origin.
 * - `timeout`: no answer in time.
 * - `aborted`: the caller's own signal.
 * - `unreadable_reply`: an answer that is not the Worker's: not JSON, or not of its shape.
 * - `unsafe_address`: the session names no cashier address, or one that is neither http nor https.
 */
export type LauncherErrorCode =
  | "invalid_options"
  | "no_window"
  | "no_ticket"
  | "network"
  | "timeout"
  | "aborted"
  | "unreadable_reply"
  | "unsafe_address"
  | (string & {});

/** What is known of a failure beside its code; from the Worker's RFC 9457 problem document if there was one. */
export interface Problem {
  /** URI of the kind of problem. */
  readonly type?: string | undefined;
  /** Short summary of the kind of problem. */
  readonly title?: string | undefined;
  /** HTTP status of the answer; absent when there was none. */
  readonly status?: number | undefined;
  /** What happened this time. */
  readonly detail?: string | undefined;
  /** What to name to support: the Worker's id of this request. */
  readonly request_id?: string | undefined;
  /** Everything that is wrong with the request. */
  readonly violations?: readonly Violation[] | undefined;
  /** Seconds after which to try again, when the answer's `Retry-After` named them. */
  readonly retry_after?: number | undefined;
  /** What lies behind it. */
  cause?: unknown;
}

// The fields of the problem are fields of the error, each documented once.
export interface LauncherError extends Problem {}

/** The one class of error that the launcher throws. It never holds the ticket. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the constructor assigns exactly the merged fields
export class LauncherError extends Error {
  /** Stable, for programs; see {@link LauncherErrorCode}. */
  declare readonly code: LauncherErrorCode;

  /** @internal */
  constructor(code: LauncherErrorCode, message: string, problem?: Problem) {
    super(message);
    Object.assign(this, { name: "LauncherError", code }, problem);
  }
}
