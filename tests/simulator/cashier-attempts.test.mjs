// Several attempts in one cashier, and the 3-D Secure challenge that a cashier leads to.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { deposit, RETURN_URL, start, withdrawal } from "./support.mjs";

let house;
before(async () => {
  house = await start();
});
after(() => house?.stop());
beforeEach(() => house.reset());

/** Opens a cashier; gives its tracking id and its token. */
async function cashier(more, path = "/cashier/deposit") {
  const body = path === "/cashier/deposit" ? deposit(more) : withdrawal(more);
  return { id: body.request.tracking_id, token: await house.open(path, body) };
}

/** Sends a form; gives the path or address that the user is sent to. */
async function sent(page, form) {
  const reply = await house.decide(page, form);
  assert.equal(reply.status, 303, await reply.text());
  return reply.headers.get("location");
}

const shown = async (path) => {
  const reply = await fetch(new URL(path, house.url), { redirect: "manual" });
  return { status: reply.status, location: reply.headers.get("location"), html: await reply.text() };
};
const status = async (id) => (await house.api(`/transactions/${id}`)).json();
const events = async (count) => (await house.receiver.until(count)).map(({ body }) => JSON.parse(body));

test("a declined card, then another: two transactions under one tracking id, each with its webhook and its row", async () => {
  const { id, token } = await cashier({ amount_restricted: false });
  const path = `/cashier/${token}`;
  const first = { decision: "retry", reason: "Do not honour", amount: "9", provider: "210", attempt: "1" };
  assert.equal(await sent(token, first), path);
  assert.deepEqual(await status(id), { transaction_status: "rejected", rejected_reason: "Do not honour" });

  const again = await shown(path);
  assert.equal(again.status, 200);
  assert.match(again.html, /<p[^>]*role="alert"[^>]*>Declined: Do not honour\./);
  assert.match(again.html, /value="9\.00"/);
  assert.match(again.html, /name="attempt" value="2"/);
  const back = await sent(token, { decision: "approve", amount: "10.05", provider: "212", attempt: "2" });
  assert.equal(back, `${RETURN_URL}?tracking_id=${id}&result=successful`);

  const [declined, paid] = await events(2);
  assert.notEqual(declined.transaction_id, paid.transaction_id);
  assert.deepEqual(
    [declined, paid].map((event) => [event.tracking_id, event.status, event.amount]),
    [
      [id, "rejected", "9.00"],
      [id, "successful", "10.05"],
    ],
  );
  const rows = await (await house.api("/transactions")).json();
  assert.deepEqual(
    rows.map((row) => [row.transaction_id, row.status, row.amount, row.payment_provider]),
    [
      [declined.transaction_id, "rejected", 9, "card_simulator"],
      [paid.transaction_id, "successful", 10.05, "wallet_simulator"],
    ],
  );
  assert.deepEqual(await status(id), { transaction_status: "successful" });
  assert.equal((await shown(path)).status, 410);
});

test("a rejection after a success does not speak for the payment", async () => {
  const { id, token } = await cashier({});
  await sent(token, { decision: "approve" });
  const other = await house.open("/cashier/deposit", deposit({ tracking_id: id }));
  await sent(other, { decision: "decline" });
  assert.deepEqual(
    (await house.transactions(id)).map((transaction) => transaction.status),
    ["successful", "rejected"],
  );
  assert.deepEqual(await status(id), { transaction_status: "successful" });
});

test("a form that is sent twice, or found again by the back button, is one attempt", async () => {
  const { id, token } = await cashier({});
  const form = { decision: "retry", attempt: "1" };
  const replies = await Promise.all(Array.from({ length: 5 }, () => sent(token, form)));
  assert.deepEqual(new Set(replies), new Set([`/cashier/${token}`]));
  assert.equal(await sent(token, { decision: "approve", attempt: "1" }), `/cashier/${token}`);
  assert.equal((await house.transactions(id)).length, 1);
  await sent(token, { decision: "decline", attempt: "2" });
  assert.equal((await house.transactions(id)).length, 2);
});

test("as many attempts as it takes, until the token expires", async () => {
  const { id, token } = await cashier({});
  for (let attempt = 0; attempt < 3; attempt += 1) await sent(token, { decision: "retry" });
  assert.equal(new Set((await events(3)).map((event) => event.transaction_id)).size, 3);
  await house.settings({ token_seconds: 0 });
  const late = await cashier({});
  assert.equal((await house.decide(late.token, { decision: "retry" })).status, 410);
  assert.equal((await house.transactions(id)).length, 3);
});

test("a withdrawal that one provider refuses: the next attempt waits for the merchant", async () => {
  const { id, token } = await cashier({}, "/cashier/withdrawal");
  await sent(token, { decision: "retry" });
  assert.deepEqual(await status(id), {
    transaction_status: "rejected",
    rejected_reason: "Refused by the payout provider",
  });
  await sent(token, { decision: "approve" });
  assert.equal((await house.api("/payouts/approve", { transaction_id: id })).status, 200);
  const told = (await events(3)).map((event) => event.status);
  assert.deepEqual(told, ["rejected", "pending", "successful"]);
});

for (const [decision, end] of [
  ["approve", { transaction_status: "successful" }],
  ["decline", { transaction_status: "rejected", rejected_reason: "3-D Secure authentication failed" }],
]) {
  test(`a challenge from the cashier that the user ${decision}s: one transaction, one webhook, one use`, async () => {
    const { id, token } = await cashier({ theme: "dark" });
    const challenge = await sent(token, { decision: "challenge", provider: "210" });
    assert.match(challenge, /^\/challenge\/[0-9A-Za-z]{50}$/);
    assert.deepEqual(await status(id), { transaction_status: "pending" });
    const { html } = await shown(challenge);
    assert.match(html, /3-D Secure/);
    assert.match(html, /data-theme="dark"/);
    assert.doesNotMatch(html, /value="(?:retry|challenge|pending)"/);

    // Who goes back, or sends the form twice, is led to the same challenge.
    assert.equal((await shown(`/cashier/${token}`)).location, challenge);
    assert.equal(await sent(token, { decision: "challenge" }), challenge);

    const back = await sent(new URL(challenge, house.url).href, { decision });
    assert.equal(back, `${RETURN_URL}?tracking_id=${id}&result=${end.transaction_status}`);
    assert.deepEqual(await status(id), end);
    assert.equal((await events(1))[0].status, end.transaction_status);
    assert.equal((await shown(challenge)).status, 410);
    assert.equal((await shown(`/cashier/${token}`)).status, 410);
    assert.equal((await house.webhooks(id)).length, 1);
    assert.equal((await house.transactions(id)).length, 1);
  });
}

test("a button that a page does not have is none", async () => {
  const payout = await cashier({}, "/cashier/withdrawal");
  assert.equal((await house.decide(payout.token, { decision: "challenge" })).status, 422);
  const { token } = await cashier({});
  const challenge = new URL(await sent(token, { decision: "challenge" }), house.url).href;
  for (const decision of ["retry", "challenge", "pending"])
    assert.equal((await house.decide(challenge, { decision })).status, 422, decision);
  assert.deepEqual(await house.webhooks(), []);
});
