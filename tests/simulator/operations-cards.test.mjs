// The test cards of card_payment: each ends as GET /control/cards and the README say.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, beforeEach, test } from "node:test";
import { card, deposit, start } from "./support.mjs";

let house;
before(async () => {
  house = await start();
});
after(() => house?.stop());
beforeEach(() => house.reset());

const cards = async () => (await fetch(`${house.url}/control/cards`)).json();
const of = async (outcome) => {
  const found = (await cards()).filter((one) => one.outcome === outcome);
  assert.ok(found.length > 0, outcome);
  return found;
};

/** Pays; gives the tracking id and the reply. */
async function pay(card_number) {
  const body = card(card_number);
  const reply = await (await house.api("/payments/card", body)).json();
  return { id: body.request.tracking_id, reply };
}

test("the README's table is the code's", async () => {
  const readme = await readFile(new URL("../../simulator/README.md", import.meta.url), "utf8");
  const rows = [...readme.matchAll(/^\| `(\d{12,19})` +\| (\w+)(?:: ([^|]+?))? +\| ([^|]+?) +\|$/gm)];
  assert.deepEqual(
    rows.map(([, card_number, outcome, reason, description]) => ({
      card_number,
      outcome,
      ...(reason && { reason }),
      description,
    })),
    await cards(),
  );
});

test("approved: the listed cards, and any other", async () => {
  for (const { card_number } of [...(await of("approved")), { card_number: "4242424242424242" }]) {
    const { reply } = await pay(card_number);
    assert.deepEqual(reply, { url: "", transaction_status: "successful" }, card_number);
  }
});

test("declined: every reason that the cashier offers has a card", async () => {
  const declined = await of("declined");
  for (const { card_number, reason } of declined) {
    const { id, reply } = await pay(card_number);
    assert.deepEqual(reply, { url: "", transaction_status: "rejected", error: reason }, card_number);
    const status = await (await house.api(`/transactions/${id}`)).json();
    assert.deepEqual(status, { transaction_status: "rejected", rejected_reason: reason });
  }
  const token = await house.open("/cashier/deposit", deposit());
  const html = await (await fetch(`${house.url}/cashier/${token}`)).text();
  const offered = [...html.matchAll(/<option>([^<]+)/g)].map(([, reason]) => reason);
  assert.deepEqual(
    offered,
    declined.map(({ reason }) => reason),
  );
});

test("challenge: 3-D Secure, which succeeds or fails by the user's choice", async () => {
  for (const { card_number } of await of("challenge")) {
    for (const [decision, end] of [
      ["approve", { transaction_status: "successful" }],
      ["decline", { transaction_status: "rejected", rejected_reason: "3-D Secure authentication failed" }],
    ]) {
      const { id, reply } = await pay(card_number);
      assert.equal(reply.transaction_status, "pending");
      assert.match(await (await fetch(reply.url)).text(), new RegExp(`ending in ${card_number.slice(-4)}`));
      assert.equal((await house.decide(reply.url, { decision })).status, 303);
      assert.deepEqual(await (await house.api(`/transactions/${id}`)).json(), end);
      assert.equal((await fetch(reply.url)).status, 410, "it is there once");
    }
  }
});

test("timeout: no answer in time, and the payment is carried out all the same", async () => {
  for (const { card_number } of await of("timeout")) {
    const body = card(card_number);
    const signal = AbortSignal.timeout(1500);
    await assert.rejects(house.api("/payments/card", body, {}, { signal }), { name: "TimeoutError" });
    const [webhook] = await house.receiver.until(1);
    assert.equal(JSON.parse(webhook.body).status, "successful");
    const status = await (await house.api(`/transactions/${body.request.tracking_id}`)).json();
    assert.deepEqual(status, { transaction_status: "successful" });
    const [recorded] = await house.requests(body.request.tracking_id);
    assert.equal(recorded.fault, "slow");
  }
});

test("pending: until the control API settles it", async () => {
  for (const { card_number } of await of("pending")) {
    const { id, reply } = await pay(card_number);
    assert.deepEqual(reply, { url: "", transaction_status: "pending" });
    await house.receiver.until(1);
    await house.send({ tracking_id: id, status: "successful" });
    const webhooks = await house.receiver.until(2);
    assert.deepEqual(
      webhooks.map(({ body }) => JSON.parse(body).status),
      ["pending", "successful"],
    );
    const [row] = await (await house.api("/transactions")).json();
    assert.equal(row.status, "successful");
  }
});
