import { ask, type Fields, ShopError, textOf } from "./request.js";

/** A demo customer of the shop. */
export interface User {
  readonly user_id: string;
  readonly name: string;
  readonly country: string;
  readonly currency: string;
}

/** Which way the money goes. */
export type Kind = "deposit" | "withdrawal";

/** What the shop signed for one payment. */
export interface Ticket {
  readonly ticket: string;
  readonly tracking_id: string;
}

/** A message of the Worker that has come to the shop's endpoint, once or more often. */
export interface Delivery {
  readonly id: string;
  readonly type: string;
  readonly transaction_id: string;
  readonly status: string;
  readonly state: string;
  readonly amount: string;
  readonly currency: string;
  readonly first_at: string;
  /** When the shop took it; none: it has failed each time. */
  readonly accepted_at: string | null;
  readonly tries: number;
  readonly refused: number;
}

/** What goes wrong on demand. */
export interface Faults {
  readonly duplicate: boolean;
  readonly lose: boolean;
  readonly reorder: boolean;
  readonly wrong_password: boolean;
  readonly pretty: boolean;
  readonly endpoint_fails: boolean;
}

/** What the gateway did to report a payment. */
export interface Sent {
  readonly events: number;
  readonly sends: number;
  readonly answered: number;
  readonly waiting: number;
  readonly refused: number;
  readonly lost: number;
  readonly unanswered: number;
}

/** Where this storefront finds the others; written by build.mjs. */
export interface Config {
  readonly shop_origin: string;
  readonly endpoint: string;
}

/** The shop asks the Worker, which asks the gateway: each may take its time. */
const DECISION_TIMEOUT_MS = 40_000;

/** The addresses of the others. */
export async function loadConfig(): Promise<Config> {
  const fields = (await ask("/config.json", "The storefront's configuration")) as Fields;
  const shop_origin = textOf(fields.shop_origin);
  if (!shop_origin)
    throw new ShopError("The storefront is not set up", "config.json names no shop_origin: build it again.");
  return { shop_origin, endpoint: textOf(fields.endpoint) ?? "" };
}

/** The demo shop's backend: it knows its customers, signs launch tickets, takes deliveries and decides on payouts. */
export class Shop {
  private readonly origin: string;
  private readonly session: () => string | undefined;

  /** `session` gives the session of who is signed in. */
  constructor(origin: string, session: () => string | undefined) {
    this.origin = origin;
    this.session = session;
  }

  async users(): Promise<readonly User[]> {
    const found = await ask(`${this.origin}/shop/users`, "The list of customers");
    if (!Array.isArray(found))
      throw new ShopError("The shop is not set up", "Its list of customers cannot be read.");
    return found as readonly User[];
  }

  /** A session of the shop, opaque to this page. */
  async signIn(user_id: string): Promise<string> {
    const fields = (await this.send("POST", "/shop/sign-in", "Signing in", { user_id })) as Fields;
    const session = textOf(fields.shop_session);
    if (!session) throw new ShopError("Signing in failed", "The shop gave no session.");
    return session;
  }

  /** A ticket for one payment; the shop chooses the tracking id. */
  async ticket(
    kind: Kind,
    order: { readonly amount: string; readonly currency: string; readonly theme: string },
  ): Promise<Ticket> {
    const asked = { operation: `hosted_${kind}`, ...order };
    const fields = (await this.send("POST", "/shop/tickets", `Preparing the ${kind}`, asked)) as Fields;
    const ticket = textOf(fields.ticket);
    const tracking_id = textOf(fields.tracking_id);
    if (!ticket || !tracking_id)
      throw new ShopError(`The ${kind} was not prepared`, "The shop gave no ticket.");
    return { ticket, tracking_id };
  }

  /** What has been delivered about a payment, oldest first. */
  async deliveries(tracking_id: string): Promise<readonly Delivery[]> {
    const path = `/shop/deliveries?tracking_id=${encodeURIComponent(tracking_id)}`;
    return (await this.send("GET", path, "The list of deliveries")) as readonly Delivery[];
  }

  /** The faults, and what the gateway did for a payment. */
  async faults(tracking_id?: string): Promise<{ readonly faults: Faults; readonly webhooks?: Sent }> {
    const query = tracking_id === undefined ? "" : `?tracking_id=${encodeURIComponent(tracking_id)}`;
    return (await this.send("GET", `/shop/faults${query}`, "The list of faults")) as {
      faults: Faults;
      webhooks?: Sent;
    };
  }

  async setFaults(faults: Faults): Promise<void> {
    await this.send("PUT", "/shop/faults", "Changing the faults", faults);
  }

  /** Has the gateway send again what has not been answered. */
  async resend(tracking_id: string): Promise<void> {
    await this.send("POST", "/shop/faults/resend", "Sending again", { tracking_id });
  }

  /** Decides on a payout as the merchant who saw this amount, and who wants an approval sent again if it is resent. */
  async decide(
    tracking_id: string,
    decision: "approve" | "reject",
    seen: { readonly amount: string; readonly currency: string },
    isResent: boolean,
  ): Promise<void> {
    const path = `/shop/payouts/${encodeURIComponent(tracking_id)}/${decision}`;
    const body = {
      expected_amount: seen.amount,
      expected_currency: seen.currency,
      ...(isResent && { resend: true }),
    };
    await this.send("POST", path, "The decision", body, DECISION_TIMEOUT_MS);
  }

  /** Has the Worker deliver a message once more. */
  async replay(id: string): Promise<void> {
    const path = `/shop/deliveries/${encodeURIComponent(id)}/replay`;
    await this.send("POST", path, "Delivering again", {});
  }

  private send(
    method: "GET" | "POST" | "PUT",
    path: string,
    what: string,
    body?: unknown,
    timeoutMs?: number,
  ): Promise<unknown> {
    const headers: Record<string, string> = {};
    const session = this.session();
    if (session) headers.authorization = `Bearer ${session}`;
    const init: RequestInit = { method, headers };
    if (body !== undefined) {
      headers["content-type"] = "application/json";
      init.body = JSON.stringify(body);
    }
    return ask(this.origin + path, what, init, timeoutMs);
  }
}
