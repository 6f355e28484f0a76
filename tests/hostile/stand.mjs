// A whole Worker for the security suites: gateway and merchant's endpoint behind it, every route open, and an eye on every answer.

import assert from "node:assert/strict";
import { contract } from "../support/contract.mjs";
import { opens, startGateway } from "../support/gateway.mjs";
import { ADMIN_TOKEN, ticket } from "../support/payments.mjs";
import { startWorker } from "../support/workerd.mjs";

const DELIVERY_SECRET = "whsec_b2J2aW91c2x5LWZha2UtZGVsaXZlcnktc2VjcmV0";

/** The customer of the suites. None of it may be in an answer or in the log. */
export const CUSTOMER = {
  first_name: "Obviously-Personal",
  last_name: "Hostile-Surname",
  email: "personal.hostile@example.com",
};

export async function startStand(vars = {}) {
  const gateway = await startGateway(gatewayReply);
  const merchant = await startGateway({ status: 204, text: "" });
  const worker = await startWorker({
    vars: {
      GATEWAY_BASE_URL: gateway.url,
      MERCHANT_WEBHOOK_URL: `${merchant.url}/hook`,
      DELIVERY_SECRET,
      ADMIN_TOKEN,
      CARD_PAYMENTS: "enabled",
      ...vars,
    },
  });
  const { operations } = await contract();
  const answers = [];
  const tokens = new Set();
  return {
    gateway,
    merchant,
    worker,
    operations,
    answers,
    tokens,
    /** Sends a request and checks what every answer must have. */
    async call(path, init = {}) {
      const response = await fetch(worker.url + path, init);
      const text = await response.text();
      answers.push(`${response.status} ${JSON.stringify([...response.headers])} ${text}`);
      const shown = `${init.method ?? "GET"} ${path}: ${answers.at(-1)}`;
      for (const [name, value] of [
        ["x-content-type-options", /^nosniff$/],
        ["cache-control", /^no-store$/],
        ["content-security-policy", /default-src 'none'; frame-ancestors 'none'/],
        ["referrer-policy", /^no-referrer$/],
        ["strict-transport-security", /max-age=\d+/],
        ["x-request-id", /./],
      ])
        assert.match(response.headers.get(name) ?? "", value, `${name} of ${shown}`);
      for (const name of ["server", "x-powered-by", "set-cookie"])
        assert.equal(response.headers.get(name), null, shown);
      if (response.status >= 400)
        assert.equal(response.headers.get("content-type"), "application/problem+json", shown);
      return {
        status: response.status,
        headers: response.headers,
        text,
        json: () => JSON.parse(text),
        shown,
      };
    },
    /** A ticket whose token the scan of answers and log knows. */
    async ticket(changes, options) {
      const made = await ticket({ customer: CUSTOMER, ...changes }, options);
      tokens.add(made.jwt);
      return made;
    },
    async stop() {
      await worker.stop();
      await gateway.stop();
      await merchant.stop();
    },
  };

  /** Opens every cashier, takes every card, and agrees with every success. */
  function gatewayReply() {
    const { path, body } = gateway.requests.at(-1);
    if (body.includes("card_details")) return { json: { url: "", transaction_status: "pending" } };
    return /status|transactions/.test(path)
      ? { status: 200, json: { transaction_status: "successful" } }
      : opens();
  }
}

/** The address of an operation, with `id` for every variable in it. */
export const address = ({ path }, id) => path.replaceAll(/\{\w+\}/g, encodeURIComponent(id));
