// The hosted cashier: what the page offers, what it lets be changed, and what a decision does.

import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { deposit, RETURN_URL, start, withdrawal } from "./support.mjs";

let house;
before(async () => {
  house = await start();
});
after(() => house?.stop());
beforeEach(() => house.reset());

const page = async (token, query = "") => {
  const reply = await fetch(`${house.url}/cashier/${token}${query}`);
  return { status: reply.status, headers: reply.headers, html: await reply.text() };
};

for (const [decision, status] of [
  ["approve", "successful"],
  ["decline", "rejected"],
  ["pending", "pending"],
]) {
  test(`a deposit that the user ${decision}s is ${status}, and the user is sent back`, async () => {
    const body = deposit({ tracking_id: "order 1&2" });
    const token = await house.open("/cashier/deposit", body);
    const reply = await house.decide(token, { decision, provider: "211", amount: "10.05" });
    assert.equal(reply.status, 303);
    const back = new URL(reply.headers.get("location"));
    assert.equal(back.origin + back.pathname, RETURN_URL);
    assert.deepEqual(
      [...back.searchParams],
      [
        ["tracking_id", "order 1&2"],
        ["result", status],
      ],
    );
    const [webhook] = await house.receiver.until(1);
    const { transaction_id, ...rest } = JSON.parse(webhook.body);
    assert.match(transaction_id, /^[0-9a-z]{15}$/);
    assert.deepEqual(rest, {
      user_id: "128",
      tracking_id: "order 1&2",
      status,
      currency: "EUR",
      amount: "10.05",
      transaction_type: "deposit",
    });
    const [transaction] = await house.transactions("order 1&2");
    assert.equal(transaction.payment_provider, "Bank transfer");
  });
}

test("the result page's own query is kept", async () => {
  await house.settings({ return_url: `${RETURN_URL}?lang=de` });
  const token = await house.open("/cashier/deposit", deposit({ tracking_id: "a" }));
  const reply = await house.decide(token, { decision: "approve" });
  assert.equal(reply.headers.get("location"), `${RETURN_URL}?lang=de&tracking_id=a&result=successful`);
});

test("a locked amount is shown as such and cannot be changed by a forged form", async () => {
  const body = deposit();
  const token = await house.open("/cashier/deposit", body);
  assert.match((await page(token)).html, /<input[^>]*name="amount"[^>]*value="10\.05"[^>]*readonly/);
  for (const amount of ["0.01", "10.06", "", "abc"]) {
    const reply = await house.decide(token, { decision: "approve", amount });
    assert.equal(reply.status, 422, amount);
    const html = await reply.text();
    assert.match(html, /cannot be changed/);
    assert.match(html, /value="10\.05"/);
  }
  assert.deepEqual(await house.webhooks(), []);
  const [transaction] = await house.transactions(body.request.tracking_id);
  assert.equal(transaction.amount, "10.05");
  assert.equal(transaction.status, "pending");
  const reply = await house.decide(token, { decision: "approve", amount: "10.050" });
  assert.equal(reply.status, 303, "the same amount is the same, however it is written");
});

/** A withdrawal of 1250 EUR; gives its tracking id and its token. */
async function openWithdrawal() {
  const body = withdrawal({ amount: 1250 });
  return { id: body.request.tracking_id, token: await house.open("/cashier/withdrawal", body) };
}

test("a withdrawal's amount is locked", async () => {
  const { token } = await openWithdrawal();
  const { html } = await page(token);
  assert.match(html, /<input[^>]*value="1250\.00"[^>]*readonly/);
  assert.match(html, /Withdrawal/);
  assert.equal((await house.decide(token, { decision: "approve", amount: "9999" })).status, 422);
});

test("withdrawal_amount_editable: the user may ask for less, and the payout and its webhooks carry that", async () => {
  await house.settings({ withdrawal_amount_editable: true });
  const { id, token } = await openWithdrawal();
  const { html } = await page(token);
  assert.doesNotMatch(html, /readonly/);
  assert.match(html, /up to 1250\.00 EUR/);
  for (const [amount, problem] of [
    ["0", /in digits/],
    ["0.001", /at most 2 decimals/],
    ["1250.01", /withdraw 1250\.00 EUR at most/],
  ]) {
    const reply = await house.decide(token, { decision: "approve", amount });
    assert.equal(reply.status, 422, amount);
    assert.match(await reply.text(), problem, amount);
  }
  assert.equal((await house.decide(token, { decision: "approve", amount: "1249.9" })).status, 303);
  assert.equal((await house.api("/payouts/approve", { transaction_id: id })).status, 200);
  const webhooks = await house.receiver.until(2);
  assert.deepEqual(
    webhooks.map(({ body }) => [JSON.parse(body).status, JSON.parse(body).amount]),
    [
      ["pending", "1249.90"],
      ["successful", "1249.90"],
    ],
  );
  const [row] = await (await house.api("/transactions")).json();
  assert.equal(row.amount, 1249.9);
});

test("an amount that is not locked may be changed, exactly, up to the user's limit", async () => {
  const body = deposit({ amount_restricted: false });
  const token = await house.open("/cashier/deposit", body);
  assert.doesNotMatch((await page(token)).html, /readonly/);
  for (const [amount, problem] of [
    ["0", /in digits/],
    ["-5", /in digits/],
    ["1e2", /in digits/],
    ["1,50", /in digits/],
    ["10.005", /at most 2 decimals/],
    ["1000.01", /limit is 1000\.00 EUR/],
  ]) {
    const reply = await house.decide(token, { decision: "approve", amount, provider: "212" });
    assert.equal(reply.status, 422, amount);
    const html = await reply.text();
    assert.match(html, problem, amount);
    assert.ok(html.includes(`value="${amount}"`), "what was entered is kept");
    assert.match(html, /value="212" checked/);
  }
  assert.equal((await house.decide(token, { decision: "approve", amount: "999.9" })).status, 303);
  const [webhook] = await house.receiver.until(1);
  assert.equal(JSON.parse(webhook.body).amount, "999.90");
});

test("a token works once: sent twice, also at the same instant, it pays once", async () => {
  const body = deposit();
  const token = await house.open("/cashier/deposit", body);
  const replies = await Promise.all(
    Array.from({ length: 8 }, () => house.decide(token, { decision: "approve" })),
  );
  for (const reply of replies) {
    assert.equal(reply.status, 303);
    assert.match(reply.headers.get("location"), /result=successful/);
  }
  const late = await house.decide(token, { decision: "decline" });
  assert.match(late.headers.get("location"), /result=successful/);
  await house.receiver.until(1);
  assert.equal((await house.webhooks(body.request.tracking_id)).length, 1);
  const used = await page(token);
  assert.equal(used.status, 410);
  assert.match(used.html, /used already/);
  assert.match(used.html, new RegExp(`href="${RETURN_URL}\\?tracking_id=`));
});

for (const theme of ["light", "dark"]) {
  test(`an expired token cannot be used, and a page in the request's theme says so: ${theme}`, async () => {
    await house.settings({ token_seconds: 0 });
    const body = deposit({ theme });
    const token = await house.open("/cashier/deposit", body);
    const { status, html } = await page(token);
    assert.equal(status, 410);
    assert.match(html, /This payment page has expired\. Nothing was paid\./);
    assert.ok(html.includes(`data-theme="${theme}"`));
    assert.ok(
      html.includes(`href="${RETURN_URL}?tracking_id=${body.request.tracking_id}&amp;result=pending"`),
    );
    const reply = await house.decide(token, { decision: "approve" });
    assert.equal(reply.status, 410);
    assert.match(await reply.text(), new RegExp(`data-theme="${theme}"`));
    assert.equal((await house.transactions(body.request.tracking_id))[0].status, "pending");
    assert.deepEqual(await house.webhooks(), []);
  });
}

test("an unknown token, and a token at another kind of page, are 404", async () => {
  const token = await house.open("/cashier/deposit", deposit());
  for (const path of [
    "/cashier/unknown",
    `/provider/${token}`,
    `/challenge/${token}`,
    "/cashier/",
    "/cashier/a/b/c",
  ]) {
    assert.equal((await fetch(house.url + path)).status, 404, path);
  }
  assert.equal((await fetch(`${house.url}/cashier/${token}`, { method: "POST" })).status, 405);
  assert.equal((await fetch(`${house.url}/cashier/${token}/decision`)).status, 405);
});

test("a form without a known decision or provider changes nothing", async () => {
  const token = await house.open("/cashier/deposit", deposit());
  for (const form of [{}, { decision: "steal" }, { decision: "approve", provider: "1" }]) {
    assert.equal((await house.decide(token, form)).status, 422, JSON.stringify(form));
  }
  assert.deepEqual(await house.webhooks(), []);
});

test("whatever the merchant sends is escaped", async () => {
  const attack = `"><script>alert(1)</script>'&`;
  await house.settings({ merchant_name: attack, providers: [{ id: 1, name: attack, description: attack }] });
  const body = deposit({ tracking_id: attack });
  body.request.customer.first_name = attack;
  const token = await house.open("/cashier/deposit", body);
  for (const { html } of [await page(token), { html: await (await fetch(`${house.url}/control`)).text() }]) {
    assert.doesNotMatch(html, /<script(?! src="\/assets\/(?:cashier|control)\.js")/i);
    assert.match(html, /&lt;script&gt;/);
    assert.doesNotMatch(html, /=""&gt;/);
  }
});

test("the page has a strict policy: no inline script, no foreign resource, its form leads back and nowhere else", async () => {
  const token = await house.open("/cashier/deposit", deposit());
  const { headers, html } = await page(token);
  const csp = headers.get("content-security-policy");
  assert.match(csp, /default-src 'none'/);
  assert.match(csp, /script-src 'self';/);
  assert.doesNotMatch(csp, /unsafe/);
  assert.match(csp, /form-action 'self' http:\/\/localhost:8787;/);
  assert.equal(headers.get("referrer-policy"), "no-referrer");
  assert.equal(headers.get("cache-control"), "no-store");
  const scripts = html.match(/<script[^>]*>[^<]*/g);
  assert.deepEqual(scripts, [
    `<script src="/assets/cashier.js" defer data-shop-origin="${new URL(RETURN_URL).origin}">`,
  ]);
  assert.doesNotMatch(html, /\sstyle=|\son[a-z]+=/i);
  for (const [file, type] of [
    ["cashier.css", "text/css; charset=utf-8"],
    ["cashier.js", "text/javascript; charset=utf-8"],
  ]) {
    assert.equal((await fetch(`${house.url}/assets/${file}`)).headers.get("content-type"), type);
  }
  await house.settings({ frame_ancestors: "none" });
  assert.match((await page(token)).headers.get("content-security-policy"), /frame-ancestors 'none'/);
});

test("the theme is the merchant's, and the address may ask for another", async () => {
  const token = await house.open("/cashier/deposit", deposit({ theme: "dark" }));
  assert.match((await page(token)).html, /data-theme="dark"/);
  assert.match((await page(token, "?theme=light")).html, /data-theme="light"/);
  const other = await house.open("/cashier/deposit", deposit({ theme: "midnight" }));
  assert.doesNotMatch((await page(other)).html, /data-theme/);
});
