// The merchant's endpoint: a real HTTP server that checks every message with the public library of Standard Webhooks and lets a test wait for messages.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { startGateway } from "./gateway.mjs";

/** Looks fake, and is a secret of the scheme all the same. */
export const DELIVERY_SECRET = `whsec_${Buffer.from("obviously-fake-delivery-secret-4711").toString("base64")}`;

/** Another secret of the scheme. */
export const anotherSecret = () => `whsec_${randomBytes(24).toString("base64")}`;

/**
 * Starts an endpoint that answers 204, or what `answer(message)` gives. `endpoint.plan(tracking_id, answers)` says what the payment's next requests get instead, one
 * after the other. Answers are the behaviours of gateway.mjs.
 *
 * A message is `{ id, timestamp, type, data, body, headers, fault, accepted }`: `fault` is what the library says against its signature, if anything; `accepted` is whether
 * it is answered 2xx.
 */
export async function startMerchant({ secret = DELIVERY_SECRET, answer = () => ({ status: 204 }) } = {}) {
  const library = new Webhook(secret);
  const messages = [];
  const plans = new Map();
  const watchers = new Set();
  const server = await startGateway((count) => {
    const message = read(server.requests[count - 1], library);
    const behaviour = plans.get(message.data?.tracking_id)?.shift() ?? answer(message);
    message.accepted = behaviour.status >= 200 && behaviour.status < 300;
    messages.push(message);
    for (const watch of watchers) watch();
    return behaviour;
  });

  /** Waits until `holds()` is true; asked at every message. */
  function until(holds, what, timeoutMs = 60_000) {
    return new Promise((resolve, reject) => {
      const over = setTimeout(() => {
        watchers.delete(watch);
        reject(new Error(`the merchant never got ${what}`));
      }, timeoutMs);
      function watch() {
        if (!holds()) return;
        watchers.delete(watch);
        clearTimeout(over);
        resolve();
      }
      watchers.add(watch);
      watch();
    });
  }

  const of = (tracking_id) => messages.filter((message) => message.data?.tracking_id === tracking_id);

  return {
    url: `${server.url}/payments`,
    messages,
    of,
    until,
    plan: (tracking_id, answers) => plans.set(tracking_id, [...answers]),
    /** The payment's messages, once there are `count`. */
    async got(tracking_id, count, timeoutMs) {
      await until(() => of(tracking_id).length >= count, `${count} messages of ${tracking_id}`, timeoutMs);
      return of(tracking_id);
    },
    /** Ends it. It fails when a message was not signed. */
    async stop() {
      await server.stop();
      const faults = messages.filter(({ fault }) => fault);
      assert.deepEqual(faults, [], "every message is signed");
    },
  };
}

function read({ headers, body, method, path }, library) {
  let fault;
  let parsed = {};
  try {
    parsed = library.verify(body, headers);
  } catch (error) {
    fault = String(error);
  }
  return {
    id: headers["webhook-id"],
    timestamp: headers["webhook-timestamp"],
    type: parsed.type,
    at: parsed.timestamp,
    data: parsed.data,
    method,
    path,
    body,
    headers,
    fault,
  };
}
