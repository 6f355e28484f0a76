// The simulator in real workerd, and a real merchant's HTTP server that receives its webhooks.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { SIMULATOR_VARS, startSimulator } from "../support/workerd.mjs";

export const STOREFRONT = "http://localhost:8787";
export const RETURN_URL = `${STOREFRONT}/return`;
export const PASSWORD = SIMULATOR_VARS.WEBHOOK_PASSWORD;
export const API_KEY = SIMULATOR_VARS.API_KEYS;
export const TICKET_SECRET = SIMULATOR_VARS.SHOP_TICKET_SECRET;
export const AUDIENCE = SIMULATOR_VARS.SHOP_AUDIENCE;

/** The reference's own example of a deposit. */
export const deposit = (more = {}) => ({
  request: {
    mode: "test",
    theme: "dark",
    settings: {},
    user_id: "128",
    tracking_id: crypto.randomUUID(),
    ip: "127.34.125.54",
    amount: 10.05,
    currency: "EUR",
    amount_restricted: true,
    customer: {
      max_deposit_limit: 1000,
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
    },
    ...more,
  },
});

/** Its example of a withdrawal: without the two fields that only a deposit has. */
export const withdrawal = (more = {}) => {
  const body = deposit(more);
  delete body.request.amount_restricted;
  delete body.request.customer.max_deposit_limit;
  return body;
};

/** The reference's own example of a card. */
export const card = (card_number = "4111111111111111", more = {}) => {
  const { request } = deposit(more);
  return {
    request: { ...request, routing_id: 210 },
    card_details: { holder_name: "John Doe", card_number, cvc: "444", exp_month: "05", exp_year: "2025" },
  };
};

/** What the reference's own snippet computes. */
export const signatureOf = (body, password = PASSWORD) =>
  createHash("sha1")
    .update(JSON.stringify(JSON.parse(body)) + password)
    .digest("hex")
    .toUpperCase();

/** A merchant's server. `answer(n)` gives the status of the n-th webhook, from 1. */
export async function startReceiver() {
  const received = [];
  const waiting = new Set();
  const receiver = { received, answer: () => 204, url: "", until, stop };
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    received.push({
      at: Date.now(),
      method: request.method,
      path: request.url,
      headers: request.headers,
      body,
    });
    response.writeHead(await receiver.answer(received.length)).end();
    for (const look of waiting) look();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  receiver.url = `http://127.0.0.1:${server.address().port}/v1/webhooks`;
  return receiver;

  /** Resolves with the first `count` webhooks (that `which` takes) as soon as there are so many. */
  function until(count, which = () => true) {
    return new Promise((done, fail) => {
      const timer = setTimeout(() => {
        waiting.delete(look);
        fail(new Error(`${received.filter(which).length} of ${count} webhooks came in 20 s`));
      }, 20_000);
      const look = () => {
        const found = received.filter(which);
        if (found.length < count) return;
        clearTimeout(timer);
        waiting.delete(look);
        done(found);
      };
      waiting.add(look);
      look();
    });
  }

  async function stop() {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
}

/** Starts both. */
export async function start({ vars = {} } = {}) {
  const receiver = await startReceiver();
  const simulator = await startSimulator({
    vars: { WEBHOOK_URL: receiver.url, RETURN_URL, SHOP_ORIGIN: STOREFRONT, ...vars },
  });
  const { url, logs } = simulator;
  const json = async (path, init) => (await fetch(url + path, init)).json();

  const house = {
    url,
    logs,
    receiver,
    /** A call of the API; a body makes it a POST. */
    api: (path, body, headers = {}, init = {}) =>
      fetch(url + path, {
        method: body === undefined ? "GET" : "POST",
        headers: { "x-api-key": API_KEY, "content-type": "application/json", ...headers },
        body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
        ...init,
      }),
    /** Opens a cashier and gives its token. */
    async open(path, body) {
      const reply = await house.api(path, body);
      if (reply.status !== 200) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
      return (await reply.json()).token;
    },
    /** Sends the page's form; does not follow the redirect. */
    decide: (page, form) =>
      fetch(`${new URL(page.startsWith("http") ? page : `/cashier/${page}`, url)}/decision`, {
        method: "POST",
        body: new URLSearchParams(form),
        redirect: "manual",
      }),
    requests: (id) => json(`/control/requests${id ? `?tracking_id=${encodeURIComponent(id)}` : ""}`),
    transactions: (id) => json(`/control/transactions${id ? `?tracking_id=${encodeURIComponent(id)}` : ""}`),
    webhooks: (id) => json(`/control/webhooks${id ? `?tracking_id=${encodeURIComponent(id)}` : ""}`),
    settings: (patch) => fetch(`${url}/control/settings`, { method: "PUT", body: JSON.stringify(patch) }),
    send: (body) => fetch(`${url}/control/webhooks`, { method: "POST", body: JSON.stringify(body) }),
    async reset() {
      const reply = await fetch(`${url}/control/state`, { method: "DELETE" });
      if (reply.status !== 204) throw new Error(`reset: ${reply.status}`);
      receiver.received.length = 0;
      receiver.answer = () => 204;
    },
    async stop() {
      await simulator.stop();
      await receiver.stop();
    },
  };
  return house;
}
