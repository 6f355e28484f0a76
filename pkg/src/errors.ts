/**
 * The errors of this package. Every one is a real `Error` with a stable `code` for programs and a message for people that names the remedy.
 * None of them ever holds an API key, a signature password or card data. This file is its own module in the package, so that `instanceof` holds
 * across `edge-cashier`, `edge-cashier/slim` and `edge-cashier/webhook`.
 */
import { add } from "./fields.js";

// Each class has its name as a text, so that it outlives a minifier that renames classes; as accessors, so that a bundler can leave out a class that nobody
// uses; and settable like that of any other error.

/** One thing that is wrong with one value. */
export interface Violation {
  /** Where the value is in the body, for example `request.customer.email`; in options, the option's name. */
  readonly path: string;
  /** A stable word in snake case: `required`, `type`, `format`, `range`, `decimals`, `unknown_field`, … */
  readonly code: string;
  /** A sentence that names the remedy. */
  readonly message: string;
}

/**
 * Words for programs that an {@link EdgeCashierError} carries, by the class that has them; open, because later versions add some. `EdgeCashierError` itself is
 * thrown for `not_initialised` and the two after it.
 */
export type ErrorCode =
  // ValidationError
  | "validation_failed"
  // GatewayError
  | "gateway_refused"
  | "gateway_failed"
  | "transport_failed"
  | "timeout"
  | "aborted"
  | "unreadable_reply"
  // WebhookVerificationError
  | WebhookErrorCode
  // EdgeCashierError
  | "not_initialised"
  | "api_key_in_browser"
  | "internal_error"
  | (string & {});

/** Why a webhook must not be believed. */
export type WebhookErrorCode =
  /** The request has no signature. */
  | "no_signature"
  /** The signature has another character than hexadecimal digits. */
  | "signature_not_hex"
  /** The signature has another length than SHA-1's 40 digits. */
  | "signature_length"
  /** The body is no JSON. */
  | "not_json"
  /** The body is longer than any webhook. */
  | "body_too_large"
  /** No password gives this signature for this body. */
  | "signature_mismatch"
  /** The signature is right, by a password that has ended. */
  | "password_expired"
  /** The signature is right, but the body is no payment's webhook. */
  | "not_a_webhook";

/** What all errors of this package share. */
export class EdgeCashierError extends Error {
  /** A stable word in snake case; it survives minification and translation. */
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    // A cause that is there and says nothing would be shown all the same.
    super(message, options?.cause === undefined ? undefined : options);
    this.code = code;
  }

  /** @internal */
  override get name(): string {
    return "EdgeCashierError";
  }
  /** @internal */
  override set name(name: string) {
    add(this, "name", name);
  }

  /** What `JSON.stringify` writes: the facts, without stack and cause. */
  toJSON(): Record<string, unknown> {
    return { name: this.name, code: this.code, message: this.message };
  }
}

/** A request, an option or an argument cannot be used. Nothing was sent. It lists everything that is wrong at once. */
export class ValidationError extends EdgeCashierError {
  /** All violations, at least one: what has no JSON form, then of each object its unknown names and its fields in their order. */
  readonly violations: readonly Violation[];

  constructor(violations: readonly Violation[], options?: { cause?: unknown }) {
    super("validation_failed", describe(violations), options);
    this.violations = violations;
  }

  /** @internal */
  override get name(): string {
    return "ValidationError";
  }
  /** @internal */
  override set name(name: string) {
    add(this, "name", name);
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), violations: this.violations };
  }
}

/**
 * Who has to act: `caller` (4xx: correct the request), `gateway` (5xx: contact the gateway's support), `transport` (no answer arrived), `timeout`,
 * `unreadable` (an answer that is not what the reference shows), `aborted` (your own signal).
 */
export type ErrorClass =
  "caller" | "gateway" | "transport" | "timeout" | "unreadable" | "aborted" | (string & {});

/** The facts that a {@link GatewayError} is made of. */
export interface GatewayErrorFacts {
  /** Stable word, see {@link GatewayError.code}. */
  readonly code: ErrorCode;
  /** What happened and what to do. */
  readonly message: string;
  /** The operation, for example `hosted_deposit`. */
  readonly operation: string;
  /** Who has to act. */
  readonly class: ErrorClass;
  /** HTTP status, when an answer arrived. */
  readonly status?: number | undefined;
  /** True when the same call may be made again as it is, see {@link GatewayError.retryable}. */
  readonly retryable: boolean;
  /** How long the gateway asked to wait, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** The gateway's id of the request, when its answer names one. */
  readonly requestId?: string | undefined;
  /** What the gateway answered, see {@link GatewayError.body}. */
  readonly body?: string | undefined;
  /** How often the request was sent. */
  readonly attempts?: number | undefined;
  /** The text for the gateway's support, without secrets and card data. */
  readonly supportReport?: string | undefined;
}

/** The gateway refused, failed, did not answer in time, or answered what cannot be read. */
export class GatewayError extends EdgeCashierError {
  /** The operation, for example `hosted_deposit`. */
  readonly operation: string;
  /** HTTP status, when an answer arrived. */
  readonly status: number | undefined;
  /** Who has to act. */
  readonly class: ErrorClass;
  /**
   * True when the same call may be made again as it is: nothing would be done twice, and it may succeed. False for a payment or payout whose outcome is unknown
   * (read `transactionStatus` first), and for what would only fail again.
   */
  readonly retryable: boolean;
  /** How long the gateway asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** The gateway's id of the request, when its answer names one. */
  readonly requestId: string | undefined;
  /**
   * What the gateway answered, as text: the first 4 KiB, without secrets, card data and e-mail addresses. For people and logs: the reference documents no form of
   * it. Undefined when no answer arrived or it was empty.
   */
  readonly body: string | undefined;
  /** How often the request was sent: more than 1 after retries, 0 when nothing left this machine. */
  readonly attempts: number;
  readonly #report: string | undefined;

  constructor(facts: GatewayErrorFacts, options?: { cause?: unknown }) {
    super(facts.code, facts.message, options);
    this.operation = facts.operation;
    this.status = facts.status;
    this.class = facts.class;
    this.retryable = facts.retryable;
    this.retryAfterMs = facts.retryAfterMs;
    this.requestId = facts.requestId;
    this.body = facts.body;
    this.attempts = facts.attempts ?? 1;
    this.#report = facts.supportReport;
  }

  /** @internal */
  override get name(): string {
    return "GatewayError";
  }
  /** @internal */
  override set name(name: string) {
    add(this, "name", name);
  }

  /**
   * A text for the gateway's support: the payment's id, the request's method and path, attempts, time, status, request id and the answer's
   * beginning, with secrets and card data removed.
   */
  supportReport(): string {
    return this.#report ?? `operation: ${this.operation}\n${this.message}`;
  }

  override toJSON(): Record<string, unknown> {
    const { operation, status, class: whose, retryable, retryAfterMs, requestId, body, attempts } = this;
    return {
      ...super.toJSON(),
      operation,
      status,
      class: whose,
      retryable,
      retryAfterMs,
      requestId,
      body,
      attempts,
    };
  }
}

/** A webhook must not be believed. Answer 401 and record nothing; the `code` is a {@link WebhookErrorCode}. */
export class WebhookVerificationError extends EdgeCashierError {
  /** @internal */
  override get name(): string {
    return "WebhookVerificationError";
  }
  /** @internal */
  override set name(name: string) {
    add(this, "name", name);
  }
}

function describe(violations: readonly Violation[]): string {
  const lines = violations.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  return lines.length === 1
    ? (lines[0] ?? "")
    : `${lines.length} values cannot be used:\n- ${lines.join("\n- ")}`;
}
