// A hosted deposit's request with a full customer, checked and written, against stripe-node writing that of a checkout session with as much in it. `cargo xtask bench`
// runs it.
//
//     node tests/bench/request.mjs
//
// Neither sends anything. `Gateway.request` gives the finished request; stripe-node has no such call, so its time ends where it hands method, path, headers and body to
// its HTTP client (`httpClient`, its own option). It writes a form and checks nothing; ours checks every field.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Gateway } from "edge-cashier";
import { compare, medians, peers } from "./support.mjs";

const ROUNDS = 31;
const CALLS = 500;
/** At most the peer's time. */
const BUDGET = { unit: "µs", most: 1 };

const gateway = new Gateway({ apiKey: "obviously-not-a-key", baseUrl: "https://gateway.example.com" });
const deposit = {
  mode: "test",
  theme: "dark",
  settings: { language: "de" },
  user_id: "1111222",
  tracking_id: "b8f04416-116a-11ed-861d-0242ac120002",
  ip: "203.0.113.7",
  amount: 10.05,
  currency: "EUR",
  amount_restricted: true,
  customer: {
    max_deposit_limit: 500,
    first_name: "Ada",
    last_name: "Lovelace",
    kyc_status: "passed",
    email: "ada@example.com",
    zip_code: "10115",
    address: "Invalidenstrasse 117",
    city: "Berlin",
    dob: "05/03/2000",
    country_code: "DE",
    phone: { country: "DE", number: 301234567, prefix: 49 },
  },
};

const stripePath = createRequire(join(peers, "package.json")).resolve("stripe");
const { default: Stripe } = await import(pathToFileURL(stripePath).href);
/** Takes the request and never answers: what would follow is not building it. */
class Capture extends Stripe.HttpClient {
  getClientName() {
    return "capture";
  }

  makeRequest(host, _port, path, method, headers, body) {
    this.captured({ host, path, method, headers, body });
    return new Promise(() => {});
  }
}
const httpClient = new Capture();
const stripe = new Stripe("obviously-not-a-key", { httpClient, telemetry: false });
const checkout = {
  mode: "payment",
  ui_mode: "hosted_page",
  locale: "de",
  client_reference_id: "1111222",
  customer_email: "ada@example.com",
  success_url: "https://shop.example.com/done",
  cancel_url: "https://shop.example.com/cancelled",
  line_items: [
    { quantity: 1, price_data: { currency: "eur", unit_amount: 1005, product_data: { name: "Deposit" } } },
  ],
  payment_intent_data: {
    shipping: {
      name: "Ada Lovelace",
      phone: "+49301234567",
      address: { line1: "Invalidenstrasse 117", postal_code: "10115", city: "Berlin", country: "DE" },
    },
  },
  metadata: {
    tracking_id: "b8f04416-116a-11ed-861d-0242ac120002",
    ip: "203.0.113.7",
    kyc_status: "passed",
    dob: "05/03/2000",
    max_deposit_limit: "500",
  },
};
const ourRequest = () => gateway.request("hosted_deposit", deposit);
const stripeRequest = () =>
  new Promise((captured, failed) => {
    httpClient.captured = captured;
    stripe.checkout.sessions.create(checkout).catch(failed);
  });

const { body } = ourRequest();
assert.deepEqual(JSON.parse(body), { request: deposit });
const written = new URLSearchParams((await stripeRequest()).body);
assert.equal(written.get("line_items[0][price_data][unit_amount]"), "1005");
assert.equal(written.get("payment_intent_data[shipping][address][city]"), "Berlin");

/** Microseconds a call. */
async function time(run) {
  const start = process.hrtime.bigint();
  // What is given at once is not waited for: that would add to our time what is not building.
  for (let n = 0; n < CALLS; n++) {
    const given = run();
    if (given instanceof Promise) await given;
  }
  return Number(process.hrtime.bigint() - start) / CALLS / 1000;
}

for (const run of [ourRequest, stripeRequest]) await time(run);
const { ours, peer } = await medians(ROUNDS, {
  ours: () => time(ourRequest),
  peer: () => time(stripeRequest),
});
console.log(`${"a request, checked and written".padEnd(58)}${"ours".padStart(10)}${"stripe".padStart(10)}`);
compare("hosted deposit, full customer; a checkout session", ours, peer, BUDGET);
