/** A demo customer of the shop. */
export interface User {
  readonly user_id: string;
  readonly name: string;
  readonly country: string;
  readonly currency: string;
}

/** What the shop signed for one payment. */
export interface Ticket {
  readonly ticket: string;
  readonly tracking_id: string;
  readonly expires_at: string;
}

/** Where this storefront finds the others; written by build.mjs. */
export interface Config {
  readonly shop_origin: string;
  readonly endpoint: string;
}

/** A refusal or a silence of the shop's backend, in words for the customer. */
export class ShopError extends Error {
  readonly title: string;
  readonly status: number | undefined;
  readonly request_id: string | undefined;
  readonly violations: readonly { readonly path: string; readonly message: string }[] | undefined;

  constructor(
    title: string,
    message: string,
    status?: number,
    request_id?: string,
    violations?: ShopError["violations"],
  ) {
    super(message);
    this.name = "ShopError";
    this.title = title;
    this.status = status;
    this.request_id = request_id;
    this.violations = violations;
  }
}

/** Nobody watches a spinner for longer. */
const TIMEOUT_MS = 15_000;

type Fields = Readonly<Record<string, unknown>>;

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value ? value : undefined;

async function ask(url: string, what: string, init: RequestInit = {}): Promise<unknown> {
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(url, {
      ...init,
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const raw = await response.text();
    try {
      body = JSON.parse(raw);
    } catch {
      body = undefined;
    }
  } catch (error) {
    const late = error instanceof DOMException && error.name === "TimeoutError";
    throw new ShopError(
      "The shop cannot be reached",
      late
        ? `${what} took longer than ${TIMEOUT_MS / 1000} seconds.`
        : `${what} got no answer. Check the connection and try again.`,
    );
  }
  if (response.ok && body !== undefined) return body;
  const fields: Fields = typeof body === "object" && body !== null ? (body as Fields) : {};
  throw new ShopError(
    textOf(fields.title) ?? "The shop refused",
    textOf(fields.detail) ?? textOf(fields.error) ?? `${what} was answered with ${response.status}.`,
    response.status,
    textOf(fields.request_id) ?? response.headers.get("x-request-id") ?? undefined,
    Array.isArray(fields.violations) ? (fields.violations as ShopError["violations"]) : undefined,
  );
}

/** The addresses of the others. */
export async function loadConfig(): Promise<Config> {
  const fields = (await ask("/config.json", "The storefront's configuration")) as Fields;
  const shop_origin = textOf(fields.shop_origin);
  if (!shop_origin)
    throw new ShopError("The storefront is not set up", "config.json names no shop_origin: build it again.");
  return { shop_origin, endpoint: textOf(fields.endpoint) ?? "" };
}

/** The demo shop's small backend: it knows its customers and signs launch tickets. */
export class Shop {
  private readonly origin: string;

  constructor(origin: string) {
    this.origin = origin;
  }

  async users(): Promise<readonly User[]> {
    const found = await ask(`${this.origin}/shop/users`, "The list of customers");
    if (!Array.isArray(found))
      throw new ShopError("The shop is not set up", "Its list of customers cannot be read.");
    return found as readonly User[];
  }

  /** A session of the shop, opaque to this page. */
  async signIn(user_id: string): Promise<string> {
    const fields = (await this.post("/shop/sign-in", "Signing in", { user_id })) as Fields;
    const session = textOf(fields.shop_session);
    if (!session) throw new ShopError("Signing in failed", "The shop gave no session.");
    return session;
  }

  /** A ticket for one deposit; the shop chooses the tracking id. */
  async depositTicket(session: string, amount: string, currency: string, theme: string): Promise<Ticket> {
    const order = { operation: "hosted_deposit", amount, currency, theme };
    const fields = (await this.post("/shop/tickets", "Preparing the deposit", order, session)) as Fields;
    const ticket = textOf(fields.ticket);
    const tracking_id = textOf(fields.tracking_id);
    if (!ticket || !tracking_id)
      throw new ShopError("The deposit was not prepared", "The shop gave no ticket.");
    return { ticket, tracking_id, expires_at: textOf(fields.expires_at) ?? "" };
  }

  private post(path: string, what: string, body: unknown, session?: string): Promise<unknown> {
    const headers: Record<string, string> = { "content-type": "application/json" };
    if (session) headers.authorization = `Bearer ${session}`;
    return ask(this.origin + path, what, { method: "POST", headers, body: JSON.stringify(body) });
  }
}
