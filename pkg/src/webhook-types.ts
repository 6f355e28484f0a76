/** What the webhook part takes and gives. */
export type {
  Explanation,
  Reason as ExplanationReason,
  Verdict as ExplanationVerdict,
} from "./core-types.js";
import type { JsonObject, TransactionStatus, TransactionType } from "./types.js";

/** One signature password while passwords are rotated. */
export interface WebhookPassword {
  /** Your name for it; {@link WebhookEvent.passwordId} says which one matched. It is not secret. */
  id: string;
  /** The signature password, byte for byte: merchant portal, Settings, Credentials. What an unset variable gives is refused. */
  password: string | undefined;
  /** The last moment at which the password counts: a `Date`, milliseconds since 1970, or an RFC 3339 text. */
  notAfter?: Date | number | string;
}

/** A body that was not parsed: text, or bytes in UTF-8. Node's `Buffer` is a `Uint8Array`. */
export type WebhookBody = string | Uint8Array | ArrayBuffer;

/** Anything with a `get`, such as `Headers`. */
export interface HeadersLike {
  get(name: string): string | null | undefined;
}

/** Headers as an object of names and values, in any case of the names, such as Node's `req.headers`. */
export type HeadersRecord = { readonly [name: string]: string | readonly string[] | undefined };

/**
 * The value of the header `x-signature`; or the headers that hold it (`Headers`, an object, a `Map`, a list of pairs); or what has headers: a `Request`, a request
 * of Node, Express or Fastify, a context of Koa, Hono, SvelteKit or Remix, an event of AWS Lambda.
 */
export type WebhookSignature =
  | string
  | HeadersLike
  | HeadersRecord
  | readonly (readonly [name: string, value: string])[]
  | { readonly headers: HeadersLike | HeadersRecord | null | undefined }
  | { readonly request: { readonly headers: HeadersLike | HeadersRecord } }
  | { readonly req: { header(name: string): string | undefined } }
  | null
  | undefined;

/** A webhook that was verified. Every field comes from the bytes whose signature matched. */
export interface WebhookEvent {
  /** The **gateway's** id; `rejectPayout` wants it. */
  transaction_id: string;
  /** The user's id in your system. */
  user_id: string;
  /** The payment's id in your system; `approvePayout` and `transactionStatus` want it. */
  tracking_id: string;
  status: TransactionStatus;
  /** ISO 4217 code. */
  currency: string;
  /** Decimal text as the gateway wrote it, for example `200.00`. Compare it as a decimal, not as text. */
  amount: string;
  transaction_type: TransactionType;
  /** Fields that the reference does not know. Absent when there are none. */
  extra?: JsonObject;
  /** Which form of the body was signed: the documented one, or the bytes as they came. */
  matched: "canonical" | "raw";
  /** Which password matched; absent when the webhook was made from a single one. */
  passwordId?: string;
}
