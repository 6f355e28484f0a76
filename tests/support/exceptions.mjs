// What tests of the index share: a gateway, a merchant's endpoint, the Worker's variables for both, and what the merchant's backend reads.

import assert from "node:assert/strict";
import { startGateway } from "./gateway.mjs";
import { ADMIN_TOKEN, asMerchant, event, eventually, opened, sendWebhook } from "./payments.mjs";

/** Starts both. Success is delivered without a question, and `merchant.behave` says how the endpoint answers. */
export async function startSides() {
  const gateway = await startGateway();
  const merchant = await startGateway({ json: {} });
  const vars = {
    ADMIN_TOKEN,
    GATEWAY_BASE_URL: gateway.url,
    MERCHANT_WEBHOOK_URL: `${merchant.url}/payments`,
    DELIVERY_SECRET: "whsec_b2J2aW91c2x5LWZha2UtZGVsaXZlcnktc2VjcmV0",
    CONFIRM_WITH_GATEWAY: "false",
  };
  const stop = () => Promise.all([gateway.stop(), merchant.stop()]);
  return { gateway, merchant, vars, stop };
}

export const get = async (worker, path) => {
  const response = await asMerchant(worker, path);
  assert.equal(response.status, 200, await response.clone().text());
  return response.json();
};
export const items = async (worker, path) => (await get(worker, path)).items;
export const of =
  ({ tracking_id }) =>
  (item) =>
    item.tracking_id === tracking_id;

/** A recorded webhook of a payment that was opened here. */
export async function paid(worker, changes = {}) {
  const payment = await opened(worker);
  assert.equal((await sendWebhook(worker, event(payment, changes))).status, 204);
  return payment;
}

/** Waits until a payment's message has failed so often. */
export const hasFailed = (worker, { tracking_id }, times) =>
  eventually(
    () => worker.sql(tracking_id, "SELECT tries FROM delivery"),
    ([row]) => row?.tries >= times,
  );
