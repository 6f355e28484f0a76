// Tickets and webhooks as a merchant's backend and the gateway make them: by jose and by Node's crypto, never by our own code.

import { createHash, randomUUID } from "node:crypto";
import { SignJWT } from "jose";
import { WORKER_VARS } from "./workerd.mjs";

const now = () => Math.floor(Date.now() / 1000);

/** The claims of a deposit of 10.05 EUR with a tracking id of its own. */
export function claims(changes = {}) {
  return {
    sub: "128",
    jti: randomUUID(),
    aud: WORKER_VARS.TICKET_AUDIENCE,
    iat: now(),
    exp: now() + 600,
    operation: "hosted_deposit",
    amount: "10.05",
    currency: "EUR",
    ...changes,
  };
}

/** Signs claims as they are. */
export function sign(contents, { secret = WORKER_VARS.TICKET_SECRET, alg = "HS256" } = {}) {
  const payload = Object.fromEntries(Object.entries(contents).filter(([, value]) => value !== undefined));
  return new SignJWT(payload).setProtectedHeader({ alg }).sign(new TextEncoder().encode(secret));
}

/** A ticket with its tracking id and claims. */
export async function ticket(changes = {}, options = {}) {
  const contents = claims(changes);
  return { jwt: await sign(contents, options), tracking_id: contents.jti, claims: contents };
}

/** Opens a session; `body` and `headers` are for tests that send more than they should. */
export function openSession(worker, jwt, { body, headers = {} } = {}) {
  return fetch(`${worker.url}/v1/sessions`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${jwt}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    body,
  });
}

/** A payment with an open session: a ticket that has been shown. */
export async function opened(worker, changes) {
  const payment = await ticket(changes);
  const response = await openSession(worker, payment.jwt);
  if (response.status !== 201) throw new Error(`the session was not opened: ${await response.text()}`);
  return payment;
}

/** Reads a payment's state. */
export function readSession(worker, { jwt, tracking_id }, query = "") {
  return fetch(`${worker.url}/v1/sessions/${encodeURIComponent(tracking_id)}${query}`, {
    headers: { authorization: `Bearer ${jwt}` },
  });
}

/** The gateway's event for a ticket's payment. */
export function event(of, changes = {}) {
  return {
    transaction_id: `tx-${of.tracking_id}`,
    user_id: of.claims.sub,
    tracking_id: of.tracking_id,
    status: "successful",
    currency: of.claims.currency,
    amount: "10.05",
    transaction_type: of.claims.operation === "hosted_withdrawal" ? "withdrawal" : "deposit",
    ...changes,
  };
}

/** Asks until the answer is as it should be, and gives it; for what an alarm does. `what` names what is waited for where the answer does not. */
export async function eventually(ask, isRight, { withinMs = 20_000, everyMs = 50, what = "it" } = {}) {
  const end = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    if (Date.now() > end) throw new Error(`${what} did not become right: ${JSON.stringify(answer)}`);
    await new Promise((done) => setTimeout(done, everyMs));
  }
}

/** Waits for a line of the log that has all of the words: the log comes over another channel than the answers. */
export function lineWith(worker, ...words) {
  const line = () => worker.logs.find(({ message }) => words.every((word) => message.includes(word)));
  return eventually(line, Boolean, { what: `a line of the log with ${words.join(" and ")}` });
}

/** Waits until an attempt's payment is known: then the payment's alarm has looked at its exceptions, too. */
export async function attemptIsKnown(worker, { transaction_id, tracking_id }) {
  const attempts = await worker.miniflare.getDurableObjectNamespace("ATTEMPTS");
  const shard = createHash("sha256").update(transaction_id).digest("hex").slice(0, 2);
  const body = JSON.stringify({ find: { transaction_id } });
  const ask = () =>
    attempts.get(attempts.idFromName(shard)).fetch("https://object.internal/", { method: "POST", body });
  await eventually(
    async () => (await ask()).json(),
    (known) => known.tracking_id === tracking_id,
  );
}

/** The documented signature: UPPERCASE_HEX(SHA1(JSON.stringify(data) + password)). */
export function signature(data, password = WORKER_VARS.WEBHOOK_PASSWORDS) {
  return createHash("sha1")
    .update(JSON.stringify(data) + password)
    .digest("hex")
    .toUpperCase();
}

/** Sends a webhook. `body` and `sign` are what goes over the wire, by default the event and its true signature. */
export function sendWebhook(
  worker,
  data,
  { body = JSON.stringify(data), sign: signed = signature(data) } = {},
) {
  const headers = { "content-type": "application/json" };
  if (signed !== null) headers["x-signature"] = signed;
  return fetch(`${worker.url}/v1/webhooks`, { method: "POST", headers, body });
}

/** Opens the addresses for the merchant's backend: `startWorker({ vars: { ADMIN_TOKEN } })`. */
export const ADMIN_TOKEN = "obviously-fake-admin-token-of-32-bytes-or-more";

/** Calls an address for the merchant's backend; a `token` of `null` sends none. */
export function asMerchant(worker, path, { token = ADMIN_TOKEN, headers = {}, ...init } = {}) {
  const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
  return fetch(worker.url + path, { ...init, headers: { ...authorization, ...headers } });
}

/** Decides on a payout; `body` is sent as JSON, a text as it is. */
export function decidePayout(worker, { tracking_id }, decision, body, { headers = {}, ...init } = {}) {
  const json = { "content-type": "application/json" };
  return asMerchant(worker, `/v1/payouts/${encodeURIComponent(tracking_id)}/${decision}`, {
    method: "POST",
    body: typeof body === "object" ? JSON.stringify(body) : body,
    headers: { ...(body === undefined ? {} : json), ...headers },
    ...init,
  });
}

/** A withdrawal with an open session, which a webhook has reported as pending. */
export async function pendingPayout(worker, changes = {}) {
  const payment = await opened(worker, { operation: "hosted_withdrawal", amount: "200.00" });
  const recorded = await sendWebhook(
    worker,
    event(payment, { status: "pending", amount: "200.00", ...changes }),
  );
  if (recorded.status !== 204) throw new Error(`the webhook was not recorded: ${recorded.status}`);
  return payment;
}
