// The table of docs/tickets.md: each mistake of a signer, made, and the answer of the real Worker word for word. Then the exchange of the secret.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, describe, it } from "node:test";
import { UnsecuredJWT } from "jose";
import { startGateway } from "../support/gateway.mjs";
import { claims, openSession, readSession, sign } from "../support/payments.mjs";
import { startWorker, WORKER_VARS } from "../support/workerd.mjs";
import { table } from "./document.mjs";

const NEW_SECRET = "obviously-fake-new-ticket-secret-of-32-bytes";
const OLD_SECRET = WORKER_VARS.TICKET_SECRET;

let gateway;

before(async () => {
  gateway = await startGateway();
});

after(() => gateway?.stop());

const now = () => Math.floor(Date.now() / 1000);
const encoded = (text) => Buffer.from(text).toString("base64url");

/** A JWT of any header and payload, with an honest HMAC: what a library would not sign. */
function hmac(header, payload) {
  const message = `${encoded(header)}.${encoded(payload)}`;
  return `${message}.${createHmac("sha256", OLD_SECRET).update(message).digest("base64url")}`;
}

const HS256 = '{"alg":"HS256"}';
/** By the first word(s) of the row's first cell: tickets that make that mistake. */
const mistakes = {
  "no header": () => [""],
  "cut off": async () => {
    const ticket = await sign(claims());
    return [ticket.slice(0, ticket.lastIndexOf(".")), `"${ticket}"`, "hello", "a.b.c"];
  },
  "not signed": () => [new UnsecuredJWT(claims()).encode(), hmac('{"alg":"none"}', JSON.stringify(claims()))],
  "signed with RS256": () => [
    hmac('{"alg":"RS256"}', JSON.stringify(claims())),
    hmac('{"alg":"EdDSA"}', JSON.stringify(claims())),
  ],
  "signed with HS384": async () => [await sign(claims(), { alg: "HS512", secret: OLD_SECRET.repeat(2) })],
  "no alg": () => [hmac("{}", JSON.stringify(claims())), hmac('{"alg":"hs256"}', JSON.stringify(claims()))],
  "another secret": async () => [
    await sign(claims(), { secret: NEW_SECRET }),
    (await sign(claims())).replace(/\.[^.]*\./, `.${encoded(JSON.stringify(claims({ amount: "0.01" })))}.`),
  ],
  "a header with crit": () => [hmac('{"alg":"HS256","crit":["b64"],"b64":true}', JSON.stringify(claims()))],
  "more than 16 KB": async () => [await sign(claims({ settings: { text: "x".repeat(16_000) } }))],
  "a list as payload": () => [
    hmac(HS256, "[1]"),
    hmac(HS256, JSON.stringify(claims()).replace("{", '{"exp":1,')),
    hmac(HS256, JSON.stringify(claims({ exp: [now()] }))),
  ],
  "no exp": async () => [await sign(claims({ exp: undefined }))],
  "exp in milliseconds": async () => [await sign(claims({ exp: Date.now() + 600_000 }))],
  "exp in quotes": () => [hmac(HS256, JSON.stringify(claims({ exp: String(now() + 600) })))],
  "good for an hour": async () => [await sign(claims({ exp: now() + 3600 }))],
  "beyond exp": async () => [await sign(claims({ iat: now() - 700, exp: now() - 61 }))],
  "the backend's clock": async () => [await sign(claims({ iat: now() + 120, exp: now() + 720 }))],
  "nbf in the future": async () => [await sign(claims({ nbf: now() + 120 }))],
  "no aud": async () => [
    await sign(claims({ aud: undefined })),
    hmac(HS256, JSON.stringify(claims({ aud: 7 }))),
  ],
  "another aud": async () => [await sign(claims({ aud: "another" })), await sign(claims({ aud: [] }))],
};

describe("each mistake of the document", () => {
  let worker;
  before(async () => {
    worker = await startWorker({ vars: { GATEWAY_BASE_URL: gateway.url } });
  });
  after(() => worker?.stop());

  const rows = table("mistake");
  it("is made here", () => {
    assert.equal(rows.length, Object.keys(mistakes).length);
  });

  for (const [name, tickets] of Object.entries(mistakes)) {
    it(`is answered with its code and its remedy: ${name}`, async () => {
      const row = rows.find(([mistake]) => mistake.startsWith(name));
      assert.ok(row, "the document has no such row");
      for (const ticket of await tickets()) {
        const response = await openSession(worker, ticket);
        const { code, detail } = await response.json();
        assert.deepEqual([response.status, code, detail], [401, row[1], row[2]]);
      }
      assert.equal(gateway.requests.length, 0);
    });
  }

  it("is answered under the name of the claim that has it", async () => {
    for (const [ticket, detail] of [
      [await sign(claims({ iat: Date.now() })), /^The claim iat must be in seconds, not milliseconds/],
      [await sign(claims({ nbf: Date.now() })), /^The claim nbf must be in seconds, not milliseconds/],
      [hmac(HS256, JSON.stringify(claims({ nbf: "soon" }))), /^The claim nbf must be a number/],
    ]) {
      assert.match((await (await openSession(worker, ticket)).json()).detail, detail);
    }
  });

  it("is none within the minute that clocks may differ", async () => {
    for (const changes of [
      { iat: now() - 640, exp: now() - 40 },
      { iat: now() + 40, nbf: now() + 40, exp: now() + 940 },
    ]) {
      assert.equal((await openSession(worker, await sign(claims(changes)))).status, 201);
    }
    gateway.requests.length = 0;
  });
});

describe("while the secret is changed", () => {
  const tickets = async () => {
    const [old, fresh] = [claims(), claims()];
    return {
      old: { jwt: await sign(old), tracking_id: old.jti },
      fresh: { jwt: await sign(fresh, { secret: NEW_SECRET }), tracking_id: fresh.jti },
    };
  };

  it("tickets of both secrets open a payment and read it, and of no third", async (t) => {
    const worker = await startWorker({
      vars: { GATEWAY_BASE_URL: gateway.url, TICKET_SECRET: JSON.stringify([NEW_SECRET, OLD_SECRET]) },
    });
    t.after(() => worker.stop());
    for (const ticket of Object.values(await tickets())) {
      assert.equal((await openSession(worker, ticket.jwt)).status, 201);
      assert.equal((await readSession(worker, ticket)).status, 200);
    }
    const third = await sign(claims(), { secret: "obviously-fake-third-ticket-secret-of-32-bytes" });
    assert.equal((await openSession(worker, third)).status, 401);
  });

  it("the old secret's are refused once it is gone", async (t) => {
    const worker = await startWorker({ vars: { GATEWAY_BASE_URL: gateway.url, TICKET_SECRET: NEW_SECRET } });
    t.after(() => worker.stop());
    const { old, fresh } = await tickets();
    assert.equal((await openSession(worker, fresh.jwt)).status, 201);
    assert.equal((await openSession(worker, old.jwt)).status, 401);
  });

  it("a secret that is too short or there twice is named, and never shown", async (t) => {
    const worker = await startWorker({
      vars: { TICKET_SECRET: JSON.stringify([OLD_SECRET, "short-4711", OLD_SECRET]) },
    });
    t.after(() => worker.stop());
    const response = await fetch(`${worker.url}/healthz`);
    const body = await response.text();
    assert.equal(response.status, 503);
    assert.match(body, /TICKET_SECRET: \[1\]: is shorter than 32 bytes/);
    assert.match(body, /TICKET_SECRET: \[2\]: is there twice/);
    assert.ok(!body.includes("4711") && !body.includes(OLD_SECRET));
  });
});
