// What the tests of deliveries have in common: payments with an open session, webhooks of their attempts, and what became of their messages.

import assert from "node:assert/strict";
import { ADMIN_TOKEN, event, openSession, sendWebhook, ticket } from "./payments.mjs";

/** A payment with an open session. */
export async function opened(at, changes) {
  const payment = await ticket(changes);
  assert.equal((await openSession(at, payment.jwt)).status, 201);
  return payment;
}

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

/** The log's lines of this event about a message, once there is one. */
export async function logged({ logs }, name, id) {
  for (;;) {
    const parsed = logs.filter(({ message }) => message.startsWith(`{"event":"${name}"`));
    const lines = parsed.map(({ message }) => JSON.parse(message)).filter((line) => line.delivery_id === id);
    if (lines.length > 0) return lines;
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** The states of a payment's messages, once none of them waits. */
export async function ends(at, tracking_id) {
  for (;;) {
    const rows = await at.sql(tracking_id, "SELECT id, state, tries FROM delivery ORDER BY seq");
    if (rows.every(({ state }) => state !== "waiting")) return rows;
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** Asks for a message once more. */
export const replay = (at, id, token = ADMIN_TOKEN) =>
  fetch(`${at.url}/v1/deliveries/${id}/replay`, {
    method: "POST",
    headers: token ? { authorization: `Bearer ${token}` } : {},
  });
