import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, describe, test } from "node:test";
import { SIMULATOR_VARS, startSimulator, startWorker, WORKER_VARS } from "../support/workerd.mjs";
import { serve, stage } from "./stage.mjs";

const TICKET_SECRET = "ticket_secret_example_of_32_bytes_or_more";
const TICKET_AUDIENCE = "shop-example";

/** A JWT's claims, if the signature is HS256 of this secret: by node:crypto, not by the library that made it. */
function claimsOf(jwt, secret) {
  const [header, payload, signature] = jwt.split(".");
  assert.deepEqual(JSON.parse(Buffer.from(header, "base64url")), { alg: "HS256" });
  assert.equal(createHmac("sha256", secret).update(`${header}.${payload}`).digest("base64url"), signature);
  return JSON.parse(Buffer.from(payload, "base64url"));
}

describe("examples/ticket-node", () => {
  const folder = stage("ticket-node");
  let shop;
  before(async () => {
    const env = { TICKET_SECRET, TICKET_AUDIENCE, CASHIER_ENDPOINT: "https://cashier.example.com" };
    shop = await serve(folder, process.execPath, ["server.js"], { env });
  });
  after(() => shop?.stop());

  const launch = (order, init) => fetch(`${shop.origin}/orders/${order}/ticket`, { method: "POST", ...init });

  test("signs a launch ticket for its own order and user, whatever the browser says", async () => {
    const before = Math.floor(Date.now() / 1000);
    const response = await launch("order-1", {
      body: JSON.stringify({ amount: "0.01", sub: "somebody else" }),
    });
    assert.equal(response.status, 201);
    assert.equal(response.headers.get("cache-control"), "no-store");
    const { ticket, tracking_id, endpoint } = await response.json();
    assert.equal(endpoint, "https://cashier.example.com");
    const { iat, exp, jti, ...claims } = claimsOf(ticket, TICKET_SECRET);
    assert.equal(jti, tracking_id);
    assert.match(jti, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.ok(iat >= before && exp - iat === 600);
    assert.deepEqual(claims, {
      operation: "hosted_deposit",
      amount: "10.05",
      currency: "EUR",
      amount_restricted: true,
      customer: { first_name: "John", last_name: "Doe", email: "john.doe@example.com", country_code: "GB" },
      sub: "128",
      aud: TICKET_AUDIENCE,
    });
  });

  test("the Worker opens the cashier for it, once", async (t) => {
    const returnTo = {
      WEBHOOK_URL: "http://localhost:9/webhooks",
      RETURN_URL: shop.origin,
      SHOP_ORIGIN: shop.origin,
    };
    const simulator = await startSimulator({ vars: { ...SIMULATOR_VARS, ...returnTo } });
    t.after(() => simulator.stop());
    const worker = await startWorker({
      vars: {
        GATEWAY_BASE_URL: simulator.url,
        CASHIER_URL: `${simulator.url}/cashier/{token}`,
        GATEWAY_API_KEY: WORKER_VARS.GATEWAY_API_KEY,
        GATEWAY_TIMEOUT_MS: "10000",
        TICKET_SECRET,
        TICKET_AUDIENCE,
      },
    });
    t.after(() => worker.stop());
    const { ticket, tracking_id } = await (await launch("order-1")).json();
    const open = async () => {
      const response = await fetch(`${worker.url}/v1/sessions`, {
        method: "POST",
        headers: { authorization: `Bearer ${ticket}` },
      });
      return { status: response.status, session: await response.json() };
    };
    const { status, session } = await open();
    assert.equal(status, 201, JSON.stringify(session));
    assert.equal(session.tracking_id, tracking_id);
    assert.equal(session.operation, "hosted_deposit");
    const page = await (await fetch(session.cashier_url)).text();
    assert.match(page, /10\.05/);
    assert.deepEqual(await open(), { status: 200, session });
  });

  test("each ticket is for a payment of its own", async () => {
    const ids = await Promise.all(
      [1, 2, 3].map(async () => (await (await launch("order-1")).json()).tracking_id),
    );
    assert.equal(new Set(ids).size, 3);
  });

  test("an unknown order has no ticket", async () => {
    const response = await launch("order-2");
    assert.equal(response.status, 404);
    await response.body?.cancel();
  });

  test("hands out the page, its script and the launcher", async () => {
    const page = await (await fetch(shop.origin)).text();
    assert.match(page, /<script type="module" src="\/shop\.js">/);
    const script = await (await fetch(`${shop.origin}/shop.js`)).text();
    assert.match(script, /from "\/launcher\.js"/);
    const launcher = await fetch(`${shop.origin}/launcher.js`);
    assert.equal(launcher.headers.get("content-type"), "text/javascript");
    const source = await launcher.text();
    assert.match(source, /export\s*\{[^}]*openCashier/);
    // These two files are all that is handed out: they may not need another.
    const frame = await fetch(`${shop.origin}/launcher-frame.js`);
    assert.equal(frame.headers.get("content-type"), "text/javascript");
    const imports = [...(source + (await frame.text())).matchAll(/\bfrom\s*"[^"]*"|import\s*\([^)]*\)/g)];
    assert.deepEqual(imports.join(), 'import("./launcher-frame.js")');
  });

  test("does not start with a secret that is too short", async () => {
    const start = serve(folder, process.execPath, ["server.js"], { env: { TICKET_SECRET: "short" } });
    await assert.rejects(start, /TICKET_SECRET is missing or too short/);
  });
});
