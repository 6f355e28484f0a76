// The simulated gateway in workerd, with the merchant's webhook receiver, and what both of them saw.
import assert from "node:assert/strict";
import { createHash, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { startSimulator } from "../support/workerd.mjs";

export const API_KEY = "test_key_example";
const WEBHOOK_PASSWORD = "webhook_password_example";

/** Starts it; `stop` ends it. */
export async function startGateway() {
  const receiver = await startReceiver();
  const simulator = await startSimulator({
    vars: {
      API_KEYS: API_KEY,
      WEBHOOK_URL: `${receiver.origin}/webhooks`,
      WEBHOOK_PASSWORD,
      RETURN_URL: `${receiver.origin}/return`,
      SHOP_ORIGIN: receiver.origin,
    },
  });
  const { url } = simulator;

  async function control(method, path, body) {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(`${url}/control/${path}`, init);
    const answer = await response.text();
    assert.ok(response.ok, `${method} /control/${path}: ${response.status} ${answer}`);
    return answer === "" ? undefined : JSON.parse(answer);
  }

  return {
    url,
    /** Options of a `Gateway` that talks to it. */
    options: (more = {}) => ({
      apiKey: API_KEY,
      baseUrl: url,
      cashierUrl: `${url}/cashier/{token}`,
      ...more,
    }),
    /** Forgets everything. */
    async reset() {
      await control("DELETE", "state");
      receiver.received.length = 0;
    },
    /** What reached it, oldest first. */
    requests: (trackingId) =>
      control("GET", trackingId ? `requests?tracking_id=${encodeURIComponent(trackingId)}` : "requests"),
    /** Sets what goes wrong from now on. */
    fault: (fault) => control("PUT", "settings", { fault }),
    /** The user's decision on the cashier's page. */
    async decide(cashierUrl, decision) {
      const response = await fetch(`${cashierUrl}/decision`, {
        method: "POST",
        body: new URLSearchParams({ decision }),
        redirect: "manual",
      });
      await response.body?.cancel();
      assert.equal(response.status, 303, "the cashier did not take the decision");
    },
    /** The next webhook about a payment with this status; its signature has been checked. */
    webhook: (trackingId, status) =>
      receiver.next((event) => event.tracking_id === trackingId && event.status === status),
    async stop() {
      await simulator.stop();
      await receiver.stop();
    },
  };
}

/** The merchant's receiver. Signatures are checked by the reference's own snippet. */
async function startReceiver() {
  const received = [];
  const waiting = new Set();
  const server = createServer(async (request, response) => {
    const data = JSON.parse(await text(request));
    const signature = createHash("sha1")
      .update(JSON.stringify(data) + WEBHOOK_PASSWORD)
      .digest("hex")
      .toUpperCase();
    const genuine = request.headers["x-signature"] === signature;
    response.writeHead(genuine ? 204 : 401).end();
    if (!genuine) return;
    received.push(data);
    for (const look of waiting) look();
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    received,
    next: (wanted) =>
      new Promise((done, refuse) => {
        const end = (settle, value) => {
          clearTimeout(late);
          waiting.delete(look);
          settle(value);
        };
        const look = () => {
          const found = received.find(wanted);
          if (found) end(done, found);
        };
        const late = setTimeout(() => end(refuse, new Error("the webhook did not come")), 15_000);
        waiting.add(look);
        look();
      }),
    stop() {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}

/** A payment with an id of its own. */
export function payment(more = {}) {
  return { user_id: "128", tracking_id: randomUUID(), amount: 10.05, currency: "EUR", ...more };
}

/** The customer of the reference. */
export const CUSTOMER = {
  first_name: "John",
  last_name: "Doe",
  kyc_status: "passed",
  email: "user@example.com",
  zip_code: "12345",
  address: "123 Main Street",
  city: "New York",
  dob: "05/03/2000",
  country_code: "GB",
  phone: { country: "GB", number: 783433252, prefix: 44 },
};

export const CARD = {
  holder_name: "John Doe",
  card_number: "4111111111111111",
  cvc: "444",
  exp_month: "05",
  exp_year: "2035",
};
