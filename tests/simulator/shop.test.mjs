// The demo shop's backend: its tickets verified by another implementation, and its doors closed to everybody else.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { decodeProtectedHeader, jwtVerify, SignJWT } from "jose";
import { AUDIENCE, STOREFRONT, start, TICKET_SECRET } from "./support.mjs";

let house;
before(async () => {
  house = await start();
});
after(() => house?.stop());

const SECRET = new TextEncoder().encode(TICKET_SECRET);
const post = (path, body, headers = {}) =>
  fetch(`${house.url}/shop/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: STOREFRONT, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
const signIn = async (user_id = "demo-1001") =>
  (await (await post("sign-in", { user_id })).json()).shop_session;
const ticket = (session, body) => post("tickets", body, { authorization: `Bearer ${session}` });
const ASKED = { operation: "hosted_deposit", amount: "10.05", currency: "EUR", theme: "dark" };

test("the demo's users have a name, a country and a currency, and nothing private", async () => {
  const users = await (await fetch(`${house.url}/shop/users`)).json();
  assert.equal(users.length, 3);
  for (const user of users) assert.deepEqual(Object.keys(user), ["user_id", "name", "country", "currency"]);
});

test("a ticket is a JWT that jose verifies, with the shop's own data about the user", async () => {
  const reply = await ticket(await signIn(), ASKED);
  assert.equal(reply.status, 201);
  const { ticket: jwt, tracking_id, expires_at } = await reply.json();
  assert.equal(decodeProtectedHeader(jwt).alg, "HS256");
  const { payload } = await jwtVerify(jwt, SECRET, { audience: AUDIENCE, algorithms: ["HS256"] });
  const { iat, exp, customer, ...rest } = payload;
  assert.deepEqual(rest, {
    sub: "demo-1001",
    jti: tracking_id,
    aud: AUDIENCE,
    mode: "test",
    operation: "hosted_deposit",
    amount: "10.05",
    currency: "EUR",
    amount_restricted: true,
    theme: "dark",
  });
  assert.equal(exp - iat, 600);
  assert.ok(Math.abs(iat - Date.now() / 1000) < 60);
  assert.equal(Date.parse(expires_at), exp * 1000);
  assert.match(tracking_id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(customer.email, "erika@example.com");
  assert.equal(customer.country_code, "DE");
  assert.deepEqual(customer.phone, { country: "DE", number: 3023125001, prefix: 49 });
});

test("the ticket does not verify with another secret", async () => {
  const { ticket: jwt } = await (await ticket(await signIn(), ASKED)).json();
  await assert.rejects(jwtVerify(jwt, new TextEncoder().encode(`${TICKET_SECRET}x`)), {
    code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED",
  });
});

test("every ticket has a tracking id of its own", async () => {
  const session = await signIn();
  const replies = await Promise.all(Array.from({ length: 20 }, () => ticket(session, ASKED)));
  const ids = await Promise.all(replies.map(async (reply) => (await reply.json()).tracking_id));
  assert.equal(new Set(ids).size, 20);
});

test("a withdrawal and a direct payment have tickets too", async () => {
  const session = await signIn("demo-1002");
  for (const asked of [
    { operation: "hosted_withdrawal", amount: 25, currency: "GBP" },
    { operation: "direct_payment", amount: "5.50", currency: "GBP", provider_id: 211 },
  ]) {
    const { ticket: jwt } = await (await ticket(session, asked)).json();
    const { payload } = await jwtVerify(jwt, SECRET, { audience: AUDIENCE });
    assert.equal(payload.operation, asked.operation);
    assert.equal(payload.provider_id, asked.provider_id);
    assert.equal(payload.amount, String(asked.amount));
    // Fields that the operation does not have, and the Worker refuses.
    assert.equal(payload.amount_restricted, undefined);
    assert.equal("max_deposit_limit" in payload.customer, asked.operation === "direct_payment");
  }
});

test("without a session of this shop there is no ticket", async () => {
  const claims = { aud: "edge-cashier-demo-shop-session" };
  const forged = await new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256" })
    .setSubject("demo-1001")
    .setExpirationTime("1h")
    .sign(SECRET);
  const session = await signIn();
  const { ticket: launch } = await (await ticket(session, ASKED)).json();
  const [header, payload, signature] = session.split(".");
  const other = Buffer.from(
    JSON.stringify({ ...JSON.parse(Buffer.from(payload, "base64url")), sub: "demo-1003" }),
  );
  const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url");
  for (const [name, value] of Object.entries({
    "no session": "",
    "a launch ticket": launch,
    "signed with the tickets' secret": forged,
    "another user put in": `${header}.${other.toString("base64url")}.${signature}`,
    "no algorithm": `${none}.${payload}.`,
    garbage: "a.b.c",
  })) {
    const reply = await ticket(value, ASKED);
    assert.equal(reply.status, 401, name);
  }
  assert.equal((await post("tickets", ASKED)).status, 401);
});

test("amounts, currencies, operations and themes are checked", async () => {
  const session = await signIn();
  for (const [change, field] of [
    [{ amount: "0.99" }, /^amount/],
    [{ amount: "10000.01" }, /^amount/],
    [{ amount: "10.005" }, /^amount/],
    [{ amount: "ten" }, /^amount/],
    [{ currency: "EURO" }, /^currency/],
    [{ operation: "card_payment" }, /^operation/],
    [{ operation: "direct_payment" }, /^provider_id/],
    [{ theme: "pink" }, /^theme/],
    [{ user_id: "someone-else" }, /user_id/],
  ]) {
    const reply = await ticket(session, { ...ASKED, ...change });
    assert.equal(reply.status, 422, JSON.stringify(change));
    assert.match((await reply.json()).error, field);
  }
  assert.equal((await ticket(session, "{")).status, 422);
  assert.equal((await post("sign-in", { user_id: "nobody" })).status, 404);
  assert.equal((await post("sign-in", {})).status, 422);
});

test("the storefront's origin may read the replies, and no other origin gets one", async () => {
  const preflight = (origin) =>
    fetch(`${house.url}/shop/tickets`, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST" },
    });
  const own = await preflight(STOREFRONT);
  assert.equal(own.status, 204);
  assert.equal(own.headers.get("access-control-allow-origin"), STOREFRONT);
  assert.match(own.headers.get("access-control-allow-headers"), /authorization/);
  assert.match(own.headers.get("vary"), /Origin/i);
  for (const origin of [
    "http://localhost:8788",
    `${STOREFRONT}.example.com`,
    "https://localhost:8787",
    "null",
  ]) {
    for (const reply of [
      await preflight(origin),
      await post("sign-in", { user_id: "demo-1001" }, { origin }),
    ]) {
      assert.equal(reply.status, 403, origin);
      assert.equal(reply.headers.get("access-control-allow-origin"), null);
    }
  }
});
