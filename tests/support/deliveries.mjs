// What the tests of deliveries have in common: payments with an open session, webhooks of their attempts, and what became of their messages.

import assert from "node:assert/strict";
import { asMerchant, event, eventually, sendWebhook } from "./payments.mjs";

/** An event of one of the payment's attempts. */
export function of(payment, attempt, status, changes = {}) {
  return event(payment, { transaction_id: `${attempt}-${payment.tracking_id}`, status, ...changes });
}

/** Sends webhooks one after the other. */
export async function send(at, ...events) {
  for (const data of events) assert.equal((await sendWebhook(at, data)).status, 204);
}

/** What the messages say they are. */
export const types = (messages) => messages.map(({ type }) => type);
/** The different ids, in the order of their first messages. */
export const distinct = (messages) => [...new Set(messages.map(({ id }) => id))];

/** A busy machine may be slow, and a second try comes seconds after the first. */
const LONG = { withinMs: 120_000 };

/** The log's lines of this event about a message, once there is one. */
export function logged({ logs }, name, id) {
  const lines = () => {
    const parsed = logs.filter(({ message }) => message.startsWith(`{"event":"${name}"`));
    return parsed.map(({ message }) => JSON.parse(message)).filter((line) => line.delivery_id === id);
  };
  return eventually(lines, (found) => found.length > 0, LONG);
}

/** The states of a payment's messages, once none of them waits. */
export function ends(at, tracking_id) {
  const messages = () => at.sql(tracking_id, "SELECT id, state, tries FROM delivery ORDER BY seq");
  return eventually(messages, (rows) => rows.every(({ state }) => state !== "waiting"), LONG);
}

/** Asks for a message once more. */
export const replay = (at, id, token) =>
  asMerchant(at, `/v1/deliveries/${id}/replay`, { method: "POST", token });
