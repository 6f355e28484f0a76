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
 * - `no_ticket`: the promise of a ticket was rejected (`cause` is its error), not kept in time, or gave no text.
 * - `closed`: the customer closed the popup before the cashier was opened.
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
  | "closed"
  | "network"
  | "timeout"
  | "aborted"
  | "unreadable_reply"
  | "unsafe_address"
  | (string & {});

/** The one class of error that the launcher throws. It never holds the ticket. */
export class LauncherError extends Error {
  /** Stable, for programs; see {@link LauncherErrorCode}. */
  declare readonly code: LauncherErrorCode;
  /** URI of the kind of problem, from the Worker's RFC 9457 problem document, as are the next five. */
  declare readonly type?: string | undefined;
  /** Short summary of the kind of problem. */
  declare readonly title?: string | undefined;
  /** HTTP status of the answer; absent when there was none. */
  declare readonly status?: number | undefined;
  /** What happened this time. */
  declare readonly detail?: string | undefined;
  /** What to name to support: the Worker's id of this request. */
  declare readonly request_id?: string | undefined;
  /** Everything that is wrong with the request. */
  declare readonly violations?: readonly Violation[] | undefined;
  /** Seconds after which to try again, when the answer's `Retry-After` named them. */
  declare readonly retry_after?: number | undefined;

  /** @internal */
  constructor(code: LauncherErrorCode, message: string, known?: Known) {
    super(message);
    // `declare`d fields leave nothing in the built code: this line is all that sets them.
    Object.assign(this, { name: "LauncherError", code }, known);
  }
}

type Known = Partial<Omit<LauncherError, "name" | "message" | "stack" | "code">>;
