// Bad people: other users, other origins, wrong credentials, tricks with paths and headers. Every route is taken from openapi.yaml, so that a new one is tried too.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { contract } from "../support/contract.mjs";
import { ADMIN_TOKEN, event, eventually, readSession, sendWebhook, sign } from "../support/payments.mjs";
import { send } from "./requests.mjs";
import { address, CUSTOMER, startStand } from "./stand.mjs";

const EVIL = [
  "https://evil.example",
  "https://shop.example.com.evil.example",
  "null",
  "http://shop.example.com",
  "file://",
];
const now = () => Math.floor(Date.now() / 1000);
const bearer = (token) => ({ authorization: `Bearer ${token}` });

const { document } = await contract();

let stand;
let call;

before(async () => {
  stand = await startStand();
  call = stand.call;
});

after(() => stand?.stop());

/** The operations that ask for these credentials. */
const secured = (scheme) => stand.operations.filter(({ security }) => security.includes(scheme));

/** The gateway sees nothing while `work` is done. */
async function unseen(work) {
  const seen = [stand.gateway.requests.length, stand.merchant.requests.length];
  await work();
  assert.deepEqual([stand.gateway.requests.length, stand.merchant.requests.length], seen);
}

/** A payment that is open, with what its owner sees. */
async function opened(changes) {
  const payment = await stand.ticket(changes);
  const answer = await call("/v1/sessions", { method: "POST", headers: bearer(payment.jwt) });
  assert.equal(answer.status, 201, answer.shown);
  return payment;
}

describe("a ticket", () => {
  it("that is missing, forged, altered or out of time opens and reads nothing, on every route that takes one", async () => {
    const { jwt, claims, tracking_id } = await opened();
    const [head, body, mac] = jwt.split(".");
    const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const bad = [
      [{}, "missing_ticket"],
      [{ authorization: "" }, "missing_ticket"],
      [{ cookie: `authorization=Bearer ${jwt}` }, "missing_ticket"],
      [{ authorization: `Basic ${jwt}` }, "missing_ticket"],
      [bearer(await sign(claims, { secret: "another-obviously-fake-secret-of-32-bytes" })), "invalid_ticket"],
      [bearer(await sign(claims, { alg: "HS512", secret: "x".repeat(64) })), "invalid_ticket"],
      [bearer(`${encode({ alg: "none" })}.${body}.`), "invalid_ticket"],
      [bearer(`${encode({ alg: "none" })}.${body}.${mac}`), "invalid_ticket"],
      [bearer(`${head}.${body}.`), "invalid_ticket"],
      [bearer(`${head}.${body}.${mac.slice(0, -2)}`), "invalid_ticket"],
      [bearer(`${head}.${encode({ ...claims, amount: "0.01" })}.${mac}`), "invalid_ticket"],
      [bearer(`${head}.${encode({ ...claims, sub: "129" })}.${mac}`), "invalid_ticket"],
      [bearer(ADMIN_TOKEN), "invalid_ticket"],
      [bearer(await sign({ ...claims, iat: now() - 90_000, exp: now() - 89_900 })), "expired_ticket"],
      [bearer(await sign({ ...claims, exp: now() + 86_400 })), "ticket_lifetime"],
      [bearer(await sign({ ...claims, nbf: now() + 300 })), "ticket_not_yet_valid"],
      [bearer(await sign({ ...claims, aud: "another-shop" })), "wrong_audience"],
    ];
    const routes = secured("ticket");
    assert.ok(routes.length >= 2);
    await unseen(async () => {
      for (const route of routes)
        for (const [headers, code] of bad) {
          // Nor does it count in the query or in the body.
          for (const query of ["", `?authorization=Bearer%20${jwt}&ticket=${jwt}&token=${jwt}`]) {
            const answer = await call(address(route, tracking_id) + query, { method: route.method, headers });
            assert.equal(answer.status, 401, answer.shown);
            assert.equal(answer.json().code, code, answer.shown);
            assert.match(answer.headers.get("www-authenticate"), /^Bearer/, answer.shown);
          }
        }
    });
  });

  it("of another user or of another payment is 403, and shows nothing of the payment", async () => {
    const payment = await opened({ sub: "the-owner" });
    const others = [
      await stand.ticket({ jti: payment.tracking_id, sub: "somebody-else" }),
      await stand.ticket({ jti: payment.tracking_id, sub: "the-owner " }),
      await stand.ticket({ sub: "the-owner" }),
    ];
    const routes = secured("ticket").filter(({ path }) => path.includes("{"));
    assert.ok(routes.length > 0);
    for (const route of routes)
      for (const { jwt } of others) {
        const answer = await call(address(route, payment.tracking_id), {
          method: route.method,
          headers: bearer(jwt),
        });
        assert.equal(answer.status, 403, answer.shown);
        assert.equal(answer.json().code, "ticket_mismatch");
        assert.ok(!answer.text.includes("the-owner") && !answer.text.includes("10.05"), answer.text);
      }
  });

  it("cannot take over the tracking id of another user's payment", async () => {
    const payment = await opened({ sub: "the-owner" });
    const thief = await stand.ticket({ jti: payment.tracking_id, sub: "somebody-else" });
    await unseen(async () => {
      const answer = await call("/v1/sessions", { method: "POST", headers: bearer(thief.jwt) });
      assert.equal(answer.status, 409, answer.shown);
      assert.equal(answer.json().code, "ticket_reused");
      assert.ok(!answer.text.includes("fake-token"), answer.text);
    });
    assert.equal((await (await readSession(stand.worker, payment)).json()).state, "opened");
  });
});

describe("the admin token", () => {
  it("missing, off by one, or in another place is 401 on every route for the merchant's backend", async () => {
    const payment = await opened();
    const changed = (at) =>
      ADMIN_TOKEN.slice(0, at) + (ADMIN_TOKEN[at] === "x" ? "y" : "x") + ADMIN_TOKEN.slice(at + 1);
    const wrong = [
      ADMIN_TOKEN.slice(1),
      ADMIN_TOKEN.slice(0, -1),
      `${ADMIN_TOKEN}x`,
      `x${ADMIN_TOKEN}`,
      changed(0),
      changed(20),
      changed(ADMIN_TOKEN.length - 1),
      ADMIN_TOKEN.toUpperCase(),
      `${ADMIN_TOKEN.slice(0, 20)} ${ADMIN_TOKEN.slice(20)}`,
      `${ADMIN_TOKEN} ${ADMIN_TOKEN}`,
      `"${ADMIN_TOKEN}"`,
      `["${ADMIN_TOKEN}"]`,
      encodeURIComponent(ADMIN_TOKEN).replaceAll("-", "%2D"),
      payment.jwt,
      "null",
      "undefined",
    ];
    const headers = [
      {},
      { authorization: "Bearer" },
      { authorization: ADMIN_TOKEN },
      { authorization: `Basic ${btoa(`:${ADMIN_TOKEN}`)}` },
      { cookie: `token=${ADMIN_TOKEN}` },
      { "x-api-key": ADMIN_TOKEN },
      { "proxy-authorization": `Bearer ${ADMIN_TOKEN}` },
      ...wrong.map(bearer),
    ];
    const query = new URLSearchParams({
      token: ADMIN_TOKEN,
      admin_token: ADMIN_TOKEN,
      authorization: `Bearer ${ADMIN_TOKEN}`,
    });
    const routes = secured("admin");
    assert.ok(routes.length > 0);
    await unseen(async () => {
      for (const route of routes)
        for (const header of headers) {
          const answer = await call(`${address(route, payment.tracking_id)}?${query}`, {
            method: route.method,
            headers: header,
          });
          assert.equal(answer.status, 401, answer.shown);
          assert.match(answer.json().code, /^(missing|invalid)_admin_token$/, answer.shown);
          assert.match(answer.headers.get("www-authenticate"), /^Bearer/, answer.shown);
        }
    });
    // The right one comes in, or all of this was for nothing.
    for (const route of routes) {
      const answer = await call(address(route, payment.tracking_id), {
        method: route.method,
        headers: bearer(ADMIN_TOKEN),
      });
      assert.notEqual(answer.status, 401, answer.shown);
    }
  });
});

it("a page of another origin may read no answer of any route", async () => {
  for (const origin of EVIL)
    for (const route of stand.operations)
      for (const method of [route.method, "OPTIONS"]) {
        const headers = { origin, "access-control-request-method": route.method };
        const answer = await call(address(route, "x"), { method, headers });
        for (const name of [...answer.headers.keys()].filter((name) =>
          name.startsWith("access-control-allow"),
        ))
          assert.fail(`${name}: ${answer.shown}`);
      }
});

describe("a path", () => {
  it("with tricks in it leads to no other payment", async () => {
    // Of one user, so that nothing but the path stands between them.
    const victim = await opened();
    const own = await opened();
    const [mine, theirs] = [own.tracking_id, victim.tracking_id];
    const tricks = [
      `/v1/sessions/${mine}/../${theirs}`,
      `/v1/sessions/${mine}/%2e%2e/${theirs}`,
      `/v1/sessions/${mine}%2f..%2f${theirs}`,
      `/v1/sessions/${mine}%2f%2e%2e%2f${theirs}`,
      `/v1/sessions/${mine}%5c..%5c${theirs}`,
      `/v1/sessions/${mine}/..;/${theirs}`,
      `/v1/sessions//${theirs}`,
      `/v1//sessions/${theirs}`,
      `//v1/sessions/${theirs}`,
      `/v1/sessions/./${theirs}`,
      `/v1/sessions/${theirs}/`,
      `/v1/sessions/${theirs}%00`,
      `/v1/sessions/${theirs}%00${mine}`,
      `/v1/sessions/${theirs}?tracking_id=${mine}`,
      `/v1/sessions/${theirs}#${mine}`,
      `/v1/sessions/${theirs}%23${mine}`,
      `/v1/sessions/${theirs};${mine}`,
      `/v1/sessions/%2${theirs}`,
      `/v1/sessions/%25${theirs}`,
      `/v1/sessions/${theirs.toUpperCase()}`,
      `http://evil.example/v1/sessions/${theirs}`,
    ];
    for (const path of tricks) {
      const head = [
        `GET ${path} HTTP/1.1`,
        "host: cashier.example.com",
        `authorization: Bearer ${own.jwt}`,
        "connection: close",
        "",
        "",
      ];
      const answer = await send(new URL(stand.worker.url), {
        bytes: Buffer.from(head.join("\r\n")),
        method: "GET",
      });
      stand.answers.push(`${answer.status} ${answer.body}`);
      assert.ok(answer.status >= 400 && answer.status < 500, `${path}: ${answer.status} ${answer.body}`);
      assert.ok(!answer.body.includes(theirs), `${path}: ${answer.body}`);
    }
  });

  it("that stands in a tracking id reaches no other payment, here and at the gateway", async () => {
    const victim = await opened({ sub: "victim" });
    const shown = await (await readSession(stand.worker, victim)).json();
    const ids = [
      `../${victim.tracking_id}`,
      `x/../${victim.tracking_id}`,
      `${victim.tracking_id}/`,
      `${victim.tracking_id}?x`,
      `${victim.tracking_id}#x`,
      `%2e%2e/${victim.tracking_id}`,
    ];
    for (const jti of ids) {
      const payment = await opened({ jti, sub: "thief" });
      assert.equal((await sendWebhook(stand.worker, event(payment))).status, 204);
      const state = await (await readSession(stand.worker, payment)).json();
      assert.deepEqual([state.tracking_id, state.state], [jti, "successful"]);
      // The gateway is asked before the success is delivered: about this id, which is one piece of the path.
      await told(({ tracking_id }) => tracking_id === jti);
    }
    for (const { path } of stand.gateway.requests)
      assert.ok(!new URL(path, stand.gateway.url).pathname.split("/").includes(victim.tracking_id), path);
    assert.deepEqual(await (await readSession(stand.worker, victim)).json(), shown);
  });
});

describe("line ends, NUL and other letters", () => {
  const NASTY = [
    "a\r\nx-injected: yes",
    "a\nx-injected: yes",
    "a\rx-injected: yes",
    "a\u0000b",
    "a\u2028b",
    "\u00e4\u00f6\u00fc",
    "\ud83d\ude00",
    "a\u0085x-injected: yes",
  ];
  const names = ({ headers }) => Object.keys(headers).sort();

  /** Sends what one field has become to the gateway, or is refused: the gateway sees the usual headers and the usual path, and the field as data. */
  async function tried(path, nasty, usual, { claims, body }) {
    const before = stand.gateway.requests.length;
    const { jwt } = await stand.ticket(claims);
    const answer = await call(path, {
      method: "POST",
      headers: { ...bearer(jwt), "content-type": "application/json" },
      body: body && JSON.stringify(body),
    });
    assert.ok([201, 422].includes(answer.status), answer.shown);
    assert.equal(answer.headers.get("x-injected"), null);
    const sent = stand.gateway.requests.slice(before);
    assert.equal(sent.length, answer.status === 201 ? 1 : 0, answer.shown);
    for (const request of sent) {
      assert.deepEqual([request.path, names(request)], [usual.path, names(usual)]);
      assert.ok(
        JSON.stringify(JSON.parse(request.body)).includes(JSON.stringify(nasty).slice(1, -1)),
        request.body,
      );
    }
    return sent.length;
  }

  const { Ticket, CardDetails, Webhook } = document.components.schemas;
  const fields = ({ properties }) => Object.keys(properties);
  // Without what is checked with the signature and not passed on, and what holds fields of its own.
  const OTHERS = ["aud", "exp", "iat", "nbf", "iss", "operation", "customer", "settings", "extra"];
  const CLAIMS = fields(Ticket).filter((claim) => !OTHERS.includes(claim));

  it("in a ticket's claims are refused, or are data in the gateway's body and nothing else", async () => {
    const plain = await opened();
    const usual = stand.gateway.requests.at(-1);
    const customer = await fieldsOfCustomer();
    assert.ok(CLAIMS.length > 8 && customer.length > 9, `${CLAIMS} ${customer}`);
    let arrived = 0;
    for (const nasty of NASTY)
      for (const claims of [
        ...CLAIMS.map((claim) => ({ [claim]: nasty })),
        ...customer.map((field) => ({ customer: { [field]: nasty } })),
        { customer: { [nasty]: nasty } },
        { settings: { [nasty]: nasty } },
        { extra: { [nasty]: nasty } },
      ])
        arrived += await tried("/v1/sessions", nasty, usual, { claims });
    assert.ok(arrived > NASTY.length, `${arrived} came through`);
    assert.equal((await readSession(stand.worker, plain)).status, 200);
  });

  it("in a card's fields are refused, or are data in the gateway's body and nothing else", async () => {
    const claims = { operation: "card_payment", routing_id: 7 };
    const good = {
      holder_name: "A",
      card_number: "4111111111111111",
      cvc: "737",
      exp_month: "12",
      exp_year: "2035",
    };
    assert.deepEqual(fields(CardDetails).sort(), Object.keys(good).sort());
    const path = "/v1/card-payments";
    const paid = (card_details, nasty, usual) =>
      tried(path, nasty, usual, { claims, body: { card_details } });
    const plain = await call(path, {
      method: "POST",
      headers: { ...bearer((await stand.ticket(claims)).jwt), "content-type": "application/json" },
      body: JSON.stringify({ card_details: good }),
    });
    assert.equal(plain.status, 201, plain.shown);
    const usual = stand.gateway.requests.at(-1);
    let arrived = 0;
    for (const nasty of NASTY)
      for (const field of fields(CardDetails))
        arrived += await paid({ ...good, [field]: nasty }, nasty, usual);
    assert.ok(arrived > 0 && arrived < NASTY.length * fields(CardDetails).length, `${arrived} came through`);
  });

  it("in the address that a request comes from never reach the gateway", async () => {
    const from = async (ip) => {
      const before = stand.gateway.requests.length;
      const { jwt } = await stand.ticket();
      const headers = { ...bearer(jwt), "cf-connecting-ip": ip };
      const { status } = await call("/v1/sessions", { method: "POST", headers });
      return [status, stand.gateway.requests.slice(before).map(({ body }) => JSON.parse(body).request.ip)];
    };
    assert.deepEqual(await from("203.0.113.9"), [201, ["203.0.113.9"]]);
    // No line ends and no NUL: HTTP has no way to send them in a header, and every client refuses to.
    for (const nasty of [
      "a b",
      "203.0.113.9\tb",
      "203.0.113.9, 203.0.113.10",
      '"',
      "203.0.113.9%0d%0a",
      "\\r\\n",
    ])
      assert.deepEqual(await from(nasty), [422, []], nasty);
    // A header that is not ASCII is left out.
    assert.deepEqual(await from("203.0.113.\u00e4"), [201, [undefined]]);
  });

  it("in what the gateway sends are data in the merchant's body and nothing else", async () => {
    const payment = await opened();
    assert.equal((await sendWebhook(stand.worker, event(payment, { status: "pending" }))).status, 204);
    const usual = names(await told(({ tracking_id }) => tracking_id === payment.tracking_id));
    for (const nasty of NASTY)
      for (const field of fields(Webhook)) {
        const data = event(await stand.ticket(), { status: "pending", [field]: `${nasty}-${field}` });
        const answer = await sendWebhook(stand.worker, data);
        // An amount is digits, and nothing else is taken.
        assert.equal(answer.status, field === "amount" ? 400 : 204);
        if (field === "amount") continue;
        const message = await told((sent) => sent[field] === data[field]);
        assert.deepEqual(names(message), usual);
        assert.match(message.headers["webhook-id"], /^[\x21-\x7e]+$/);
      }
  });

  it("in the request's own headers come back in no answer", async () => {
    for (const name of [
      "x-request-id",
      "origin",
      "authorization",
      "x-signature",
      "user-agent",
      "cf-connecting-ip",
    ]) {
      const answer = await call("/healthz", { headers: { [name]: "injected\u00e4" } });
      assert.ok(!JSON.stringify([...answer.headers]).includes("injected"), answer.shown);
    }
  });
});

// Secrets of the configuration are searched for in every suite (tests/support/secrets.mjs).
it("no answer and no line of the log holds a ticket or anything of the customer", async () => {
  const { answers, tokens, worker } = stand;
  assert.ok(
    answers.length > 300 && worker.logs.length > answers.length,
    `${answers.length} answers, ${worker.logs.length} lines`,
  );
  const personal = [...Object.values(CUSTOMER), ...tokens];
  for (const text of [...answers, ...worker.logs.map(({ message }) => message)])
    for (const secret of personal) assert.ok(!text.includes(secret), `${secret} in ${text}`);
  assert.ok(worker.answers() >= answers.length, "every answer was searched for secrets as well");
  console.log(
    `searched ${answers.length} answers and ${worker.logs.length} lines for ${personal.length} tickets and names`,
  );
});

/** Waits until the merchant is told of such a payment, and gives the message. */
function told(isAbout) {
  const message = () => stand.merchant.requests.find(({ body }) => isAbout(JSON.parse(body).data));
  return eventually(message, Boolean, { what: `a message with ${isAbout}` });
}

/** Of `customer` in a ticket, as the core reads it. */
async function fieldsOfCustomer() {
  const source = await readFile(new URL("../../src/person/customer.rs", import.meta.url), "utf8");
  const structs = ["Customer", "DepositCustomer"].map(
    (name) => source.split(`pub struct ${name} {`)[1].split("\n}")[0],
  );
  const names = structs.flatMap((text) => [...text.matchAll(/^ {4}pub (\w+):/gm)].map(([, name]) => name));
  // They are where the others are merged into.
  return names.filter((name) => !["extra", "customer"].includes(name));
}
