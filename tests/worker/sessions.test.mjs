// Opening a session: what a ticket has to be, and that one ticket is one gateway call however and whenever it is shown.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, beforeEach, describe, it } from "node:test";
import { UnsecuredJWT } from "jose";
import { refused } from "../support/answers.mjs";
import { opens, startGateway } from "../support/gateway.mjs";
import { claims, openSession, readSession, sign, ticket } from "../support/payments.mjs";
import { startWorker, WORKER_VARS } from "../support/workerd.mjs";

let gateway;
let worker;

before(async () => {
  gateway = await startGateway();
  worker = await startWorker({
    vars: { GATEWAY_BASE_URL: `${gateway.url}/api`, CASHIER_URL: `${gateway.url}/cashier?t={token}` },
  });
});

after(async () => {
  await worker?.stop();
  await gateway?.stop();
});

beforeEach(() => {
  gateway.behave = opens;
  gateway.requests.length = 0;
});

const json = (text) => JSON.parse(text);

describe("a good ticket", () => {
  it("opens the cashier with the ticket's money and user and the connection's address", async () => {
    gateway.behave = { json: { token: "a token/with+signs" } };
    const { jwt, tracking_id } = await ticket({
      customer: { first_name: "John", country_code: "GB" },
      theme: "dark",
    });
    const response = await openSession(worker, jwt, { headers: { "cf-connecting-ip": "203.0.113.7" } });
    assert.equal(response.status, 201);
    assert.deepEqual(await response.json(), {
      tracking_id,
      operation: "hosted_deposit",
      token: "a token/with+signs",
      cashier_url: `${gateway.url}/cashier?t=a%20token%2Fwith%2Bsigns`,
    });
    assert.equal(gateway.requests.length, 1);
    const [{ method, path, headers, body }] = gateway.requests;
    assert.equal(`${method} ${path}`, "POST /api/cashier/deposit");
    assert.equal(headers["x-api-key"], WORKER_VARS.GATEWAY_API_KEY);
    assert.ok(body.includes('"amount":10.05,'), body);
    const { request } = json(body);
    assert.equal(request.user_id, "128");
    assert.equal(request.tracking_id, tracking_id);
    assert.equal(request.currency, "EUR");
    assert.equal(request.theme, "dark");
    assert.equal(request.ip, "203.0.113.7");
    assert.deepEqual(request.customer, { first_name: "John", country_code: "GB" });
  });

  it("carries an amount digit for digit", async () => {
    const { jwt } = await ticket({ amount: "1000000000000.10" });
    assert.equal((await openSession(worker, jwt)).status, 201);
    assert.ok(gateway.requests[0].body.includes('"amount":1000000000000.10,'), gateway.requests[0].body);
  });

  for (const [said, sent] of [
    [{}, true],
    [{ amount_restricted: null }, true],
    [{ amount_restricted: true }, true],
    [{ amount_restricted: false }, false],
  ])
    it(`locks the amount in the cashier when a webhook must carry it: ${JSON.stringify(said)}`, async () => {
      const { jwt } = await ticket(said);
      gateway.requests.length = 0;
      assert.equal((await openSession(worker, jwt)).status, 201);
      assert.equal(json(gateway.requests[0].body).request.amount_restricted, sent);
    });

  it("opens a withdrawal", async () => {
    const { jwt, tracking_id } = await ticket({ operation: "hosted_withdrawal" });
    const response = await openSession(worker, jwt);
    assert.equal(response.status, 201);
    assert.equal((await response.json()).tracking_id, tracking_id);
    assert.equal(gateway.requests[0].path, "/api/cashier/withdrawal");
  });

  it("opens a direct payment and gives the provider's address", async () => {
    gateway.behave = { json: { url: "https://provider.example.com/pay/1", transaction_status: "pending" } };
    const { jwt, tracking_id } = await ticket({ operation: "direct_payment", provider_id: 210 });
    const response = await openSession(worker, jwt);
    assert.equal(response.status, 201);
    assert.deepEqual(await response.json(), {
      tracking_id,
      operation: "direct_payment",
      redirect_url: "https://provider.example.com/pay/1",
      transaction_status: "pending",
    });
    assert.equal(gateway.requests[0].path, "/api/payments/direct");
    assert.equal(json(gateway.requests[0].body).request.provider_id, 210);
  });

  it("takes nothing from the browser's body", async () => {
    const { jwt } = await ticket();
    for (const body of ['{"amount":1}', "[]", "null", "x", '{"a":1'])
      await refused(await openSession(worker, jwt, { body }), 400, "unexpected_body");
    await refused(await openSession(worker, jwt, { body: " ".repeat(5000) }), 413, "payload_too_large");
    assert.equal(gateway.requests.length, 0);
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/json5"])
      await refused(
        await openSession(worker, jwt, { body: "{}", headers: { "content-type": type } }),
        400,
        "invalid_body",
      );
    assert.equal((await openSession(worker, jwt, { body: " {} " })).status, 201);
  });
});

describe("a ticket that the merchant did not sign for us, now", () => {
  const now = () => Math.floor(Date.now() / 1000);
  const cases = {
    "another secret": [
      () => sign(claims(), { secret: "another-obviously-fake-secret-0123456789" }),
      "invalid_ticket",
    ],
    "another algorithm": [() => sign(claims(), { alg: "HS512" }), "invalid_ticket"],
    "alg none": [() => new UnsecuredJWT(claims()).encode(), "invalid_ticket"],
    "no JWT": [() => "not.a.jwt", "invalid_ticket"],
    expired: [() => sign(claims({ iat: now() - 700, exp: now() - 61 })), "expired_ticket"],
    "no exp": [() => sign(claims({ exp: undefined })), "invalid_ticket"],
    "too long a life": [() => sign(claims({ iat: now(), exp: now() + 901 })), "ticket_lifetime"],
    "a stretched life": [() => sign(claims({ iat: now() + 9000, exp: now() + 9900 })), "ticket_lifetime"],
    "no iat and too long": [() => sign(claims({ iat: undefined, exp: now() + 990 })), "ticket_lifetime"],
    "not yet valid": [() => sign(claims({ nbf: now() + 300 })), "ticket_not_yet_valid"],
    "another audience": [() => sign(claims({ aud: "another" })), "wrong_audience"],
    "no audience": [() => sign(claims({ aud: undefined })), "wrong_audience"],
  };
  for (const [name, [make, code]] of Object.entries(cases)) {
    it(`is refused with 401 and the gateway is not called: ${name}`, async () => {
      const response = await openSession(worker, await make());
      await refused(response, 401, code);
      assert.match(response.headers.get("www-authenticate"), /^Bearer/);
      assert.equal(gateway.requests.length, 0);
    });
  }

  it("is refused with each single character of a good one changed", async () => {
    const { jwt } = await ticket();
    // Every 7th place: header, claims and signature are all hit.
    for (let at = 0; at < jwt.length - 1; at += 7) {
      if (jwt[at] === ".") continue;
      const forged = jwt.slice(0, at) + (jwt[at] === "A" ? "B" : "A") + jwt.slice(at + 1);
      await refused(await openSession(worker, forged), 401, "invalid_ticket");
    }
    assert.equal(gateway.requests.length, 0);
  });

  it("is asked for when there is none", async () => {
    for (const authorization of ["", "Bearer ", "Basic abc"]) {
      const response = await fetch(`${worker.url}/v1/sessions`, {
        method: "POST",
        headers: { authorization },
      });
      await refused(response, 401, "missing_ticket");
    }
    assert.equal(gateway.requests.length, 0);
  });
});

/** DD/MM/YYYY by UTC; two days ahead, so that no midnight between here and the Worker matters. */
function dayAfterTomorrow() {
  const [year, month, day] = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10).split("-");
  return `${day}/${month}/${year}`;
}

describe("a genuine ticket with bad contents", () => {
  it("is refused with every violation at once, under the claims' names", async () => {
    const response = await openSession(
      worker,
      await sign(claims({ sub: undefined, amount: "10.055", currency: "EUR", amuont: 3, ip: "203.0.113.7" })),
    );
    const problem = await refused(response, 422, "invalid_request");
    const found = Object.fromEntries(problem.violations.map(({ path, code }) => [path, code]));
    assert.deepEqual(found, {
      sub: "required",
      amount: "decimals",
      amuont: "unknown_field",
      ip: "unknown_field",
    });
    assert.equal(gateway.requests.length, 0);
  });

  const cases = {
    "no jti": [{ jti: undefined }, "jti"],
    "a number as sub": [{ sub: 128 }, "sub"],
    "a number as jti": [{ jti: 4711 }, "jti"],
    "no operation": [{ operation: undefined }, "operation"],
    "an operation that is not for browsers": [{ operation: "approve_payout" }, "operation"],
    "no amount": [{ amount: undefined }, "amount"],
    "a negative amount": [{ amount: -1 }, "amount"],
    "an exponent": [{ amount: "1e3" }, "amount"],
    "a birth date in the future": [{ customer: { dob: dayAfterTomorrow() } }, "customer.dob"],
    "a control character in a name": [{ customer: { first_name: "John\r\nX" } }, "customer.first_name"],
    "no currency": [{ currency: undefined }, "currency"],
    "a currency that is none": [{ currency: "EURO" }, "currency"],
    "another user id": [{ user_id: "1" }, "user_id"],
    "a body in the ticket": [{ request: { amount: 1 } }, "request"],
    "a claim of another operation": [
      { operation: "hosted_withdrawal", amount_restricted: true },
      "amount_restricted",
    ],
  };
  for (const [name, [changes, path]] of Object.entries(cases)) {
    it(`is refused with 422: ${name}`, async () => {
      const problem = await refused(
        await openSession(worker, await sign(claims(changes))),
        422,
        "invalid_request",
      );
      assert.ok(
        problem.violations.some((violation) => violation.path === path),
        JSON.stringify(problem.violations),
      );
      assert.equal(gateway.requests.length, 0);
    });
  }
});

describe("a tracking id", () => {
  it("gives the same session to the same ticket, with one gateway call", async () => {
    const { jwt } = await ticket();
    const first = await openSession(worker, jwt);
    const again = await openSession(worker, jwt);
    assert.deepEqual([first.status, again.status], [201, 200]);
    assert.deepEqual(await again.json(), await first.json());
    assert.equal(gateway.requests.length, 1);
  });

  it("gives it to a freshly signed ticket with the same contents, wherever the buyer is now", async () => {
    const contents = claims();
    const first = await openSession(worker, await sign(contents), {
      headers: { "cf-connecting-ip": "203.0.113.7" },
    });
    const { amount, currency, ...rest } = contents;
    const fresh = {
      currency,
      amount: Number(amount),
      ...rest,
      iat: contents.iat + 5,
      exp: contents.exp + 5,
      iss: "shop",
    };
    const again = await openSession(worker, await sign(fresh), {
      headers: { "cf-connecting-ip": "203.0.113.8" },
    });
    assert.deepEqual([first.status, again.status], [201, 200]);
    assert.deepEqual(await again.json(), await first.json());
    assert.equal(gateway.requests.length, 1);
  });

  it("calls the gateway once for the same ticket at the same instant", async () => {
    gateway.behave = () => ({ delayMs: 100, json: { token: `token-${gateway.requests.length}` } });
    const { jwt } = await ticket();
    const responses = await Promise.all(Array.from({ length: 20 }, () => openSession(worker, jwt)));
    const sessions = await Promise.all(responses.map((response) => response.json()));
    assert.equal(gateway.requests.length, 1);
    assert.deepEqual(responses.map(({ status }) => status).sort(), [...Array(19).fill(200), 201]);
    for (const session of sessions) assert.deepEqual(session, sessions[0]);
  });

  for (const [name, change] of Object.entries({
    amount: { amount: "10.06" },
    currency: { currency: "GBP" },
    user: { sub: "129" },
    operation: { operation: "hosted_withdrawal" },
    customer: { customer: { first_name: "Jane" } },
    restriction: { amount_restricted: false },
  })) {
    it(`is refused with 409 for another ${name}, and the gateway is not called`, async () => {
      const contents = claims();
      assert.equal((await openSession(worker, await sign(contents))).status, 201);
      await refused(await openSession(worker, await sign({ ...contents, ...change })), 409, "ticket_reused");
      assert.equal(gateway.requests.length, 1);
    });
  }

  it("is refused with 409 for other contents while it is being opened", async () => {
    const asked = Promise.withResolvers();
    const answer = Promise.withResolvers();
    gateway.behave = () => {
      asked.resolve();
      return answer.promise;
    };
    const contents = claims();
    const opening = openSession(worker, await sign(contents));
    await asked.promise;
    await refused(await openSession(worker, await sign({ ...contents, amount: "1" })), 409, "ticket_reused");
    answer.resolve({ json: { token: "t" } });
    assert.equal((await opening).status, 201);
    assert.equal(gateway.requests.length, 1);
  });

  it("may be any text that fits into an address", async () => {
    const jti = `Bestellung № 1/${randomUUID()}?a=b#c%20`;
    const opened = await ticket({ jti });
    assert.equal((await openSession(worker, opened.jwt)).status, 201);
    const state = await readSession(worker, opened);
    assert.equal(state.status, 200);
    assert.equal((await state.json()).tracking_id, jti);
  });
});
