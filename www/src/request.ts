/** What an answer says beside words. */
export interface Facts {
  readonly status?: number | undefined;
  readonly request_id?: string | undefined;
  readonly violations?: readonly { readonly path: string; readonly message: string }[] | undefined;
  /** The Worker's word for this kind of problem. */
  readonly code?: string | undefined;
}

/** A refusal or a silence of the shop's backend, in words for the customer. */
export class ShopError extends Error {
  readonly title: string;
  readonly facts: Facts;

  constructor(title: string, message: string, facts: Facts = {}) {
    super(message);
    this.name = "ShopError";
    this.title = title;
    this.facts = facts;
  }

  /** Whether the shop's session is missing or over. */
  get isSignedOut(): boolean {
    return this.facts.status === 401;
  }
}

/** Nobody watches a spinner for longer. */
const TIMEOUT_MS = 15_000;

export type Fields = Readonly<Record<string, unknown>>;

export const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value ? value : undefined;

/** Asks for JSON; an answer without a body is an empty object. `what` names the request in messages. */
export async function ask(
  url: string,
  what: string,
  init: RequestInit = {},
  timeoutMs = TIMEOUT_MS,
): Promise<unknown> {
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(url, {
      ...init,
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const raw = await response.text();
    try {
      body = JSON.parse(raw || "{}");
    } catch {
      body = undefined;
    }
  } catch (error) {
    const late = error instanceof DOMException && error.name === "TimeoutError";
    throw new ShopError(
      "The shop cannot be reached",
      late
        ? `${what} took longer than ${timeoutMs / 1000} seconds.`
        : `${what} got no answer. Check the connection and try again.`,
    );
  }
  if (response.ok && body !== undefined) return body;
  const fields: Fields = typeof body === "object" && body !== null ? (body as Fields) : {};
  throw new ShopError(
    textOf(fields.title) ?? "The shop refused",
    textOf(fields.detail) ?? textOf(fields.error) ?? `${what} was answered with ${response.status}.`,
    {
      status: response.status,
      request_id: textOf(fields.request_id) ?? response.headers.get("x-request-id") ?? undefined,
      violations: Array.isArray(fields.violations) ? (fields.violations as Facts["violations"]) : undefined,
      code: textOf(fields.code),
    },
  );
}
