// What every answer has in common: configuration, CORS, methods, headers, limits, the log, and what the build exports.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { after, before, describe, it } from "node:test";
import { parse } from "yaml";
import { codesOfTheSource, contract } from "../support/contract.mjs";
import { startGateway } from "../support/gateway.mjs";
import {
  event,
  lineWith,
  openSession,
  readSession,
  sendWebhook,
  signature,
  ticket,
} from "../support/payments.mjs";
import { built, startWorker, WORKER_VARS } from "../support/workerd.mjs";

const SHOP = "https://shop.example.com";
const ADDRESSES = [
  "/healthz",
  "/openapi.yaml",
  "/v1/sessions",
  "/v1/sessions/x",
  "/v1/webhooks",
  "/v1/nothing",
];

let gateway;
let worker;

before(async () => {
  gateway = await startGateway();
  worker = await startWorker({ vars: { GATEWAY_BASE_URL: gateway.url } });
});

after(async () => {
  await worker?.stop();
  await gateway?.stop();
});

describe("configuration", () => {
  it("that is whole is healthy", async () => {
    const response = await fetch(`${worker.url}/healthz`);
    assert.equal(response.status, 200);
    const { status, version } = await response.json();
    assert.equal(status, "ok");
    assert.match(version, /^\d+\.\d+\.\d+$/);
  });

  it("that is not makes every answer 503 and names every variable at once, and no value", async () => {
    const bad = await startWorker({
      vars: {
        GATEWAY_BASE_URL: "nonsense-4711",
        TICKET_SECRET: "short-4711",
        WEBHOOK_PASSWORDS: null,
        ALLOWED_ORIGINS: "*",
        GATEWAY_TIMEOUT_MS: "4711s",
      },
    });
    try {
      for (const address of ADDRESSES) {
        for (const method of ["GET", "POST"]) {
          const response = await fetch(bad.url + address, { method });
          assert.equal(response.status, 503, `${method} ${address}`);
          const { code, detail } = await response.json();
          assert.equal(code, "configuration");
          for (const name of [
            "GATEWAY_BASE_URL",
            "TICKET_SECRET",
            "WEBHOOK_PASSWORDS",
            "ALLOWED_ORIGINS",
            "GATEWAY_TIMEOUT_MS",
          ])
            assert.ok(detail.includes(`${name}: `), `${name} in ${detail}`);
          assert.ok(!detail.includes("GATEWAY_API_KEY"), detail);
          assert.ok(!detail.includes("4711"), detail);
        }
      }
    } finally {
      await bad.stop();
    }
  });
});

describe("a variable whose name is a slip", () => {
  for (const [name, value, meant] of [
    ["WEBHOOK_PASSWORD", "obviously-fake-4711", "WEBHOOK_PASSWORDS"],
    ["ALLOW_INSECURE_HTTP", true, "ALLOW_INSECURE"],
    ["GATEWAY_TIMEOUT", 4711, "GATEWAY_TIMEOUT_MS"],
  ])
    it(`is refused and not ignored: ${name}`, async () => {
      const bad = await startWorker({ vars: { [name]: value } });
      try {
        const response = await fetch(`${bad.url}/healthz`);
        assert.equal(response.status, 503);
        const { detail } = await response.json();
        assert.equal(detail, `${name}: is not known; did you mean ${meant}? Rename or remove it`);
      } finally {
        await bad.stop();
      }
    });
});

describe("a browser page", () => {
  const preflight = (address, origin, method) =>
    fetch(worker.url + address, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": method,
        "access-control-request-headers": "authorization",
      },
    });

  it("of an allowed origin may open and read", async () => {
    for (const [address, method] of [
      ["/v1/sessions", "POST"],
      ["/v1/sessions/x", "GET"],
    ]) {
      const response = await preflight(address, SHOP, method);
      assert.equal(response.status, 204);
      assert.equal(response.headers.get("access-control-allow-origin"), SHOP);
      assert.ok(response.headers.get("access-control-allow-methods").split(/, ?/).includes(method));
      assert.ok(response.headers.get("access-control-allow-headers").split(/, ?/).includes("authorization"));
      assert.equal(response.headers.get("access-control-allow-credentials"), null);
      assert.match(response.headers.get("vary"), /\borigin\b/i);
    }
    const opened = await openSession(worker, (await ticket()).jwt, { headers: { origin: SHOP } });
    assert.equal(opened.headers.get("access-control-allow-origin"), SHOP);
    assert.match(opened.headers.get("access-control-expose-headers"), /x-request-id/);
    // A problem must be readable for the page, too.
    const refused = await openSession(worker, "forged", { headers: { origin: SHOP } });
    assert.equal(refused.headers.get("access-control-allow-origin"), SHOP);
  });

  it("of any other origin may not", async () => {
    for (const origin of [
      "https://evil.example",
      `${SHOP}.evil.example`,
      "http://shop.example.com",
      `${SHOP}:444`,
      "null",
    ]) {
      const response = await preflight("/v1/sessions", origin, "POST");
      for (const name of ["origin", "methods", "headers"])
        assert.equal(response.headers.get(`access-control-allow-${name}`), null, `${name} for ${origin}`);
      const answer = await openSession(worker, "forged", { headers: { origin } });
      assert.equal(answer.headers.get("access-control-allow-origin"), null);
      assert.match(answer.headers.get("vary"), /\borigin\b/i);
    }
  });

  it("has no business with webhooks", async () => {
    const response = await preflight("/v1/webhooks", SHOP, "POST");
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("access-control-allow-origin"), null);
  });
});

describe("an address", () => {
  it("answers to its methods and names them otherwise", async () => {
    for (const [address, method, allow] of [
      ["/v1/sessions", "GET", "POST, OPTIONS"],
      ["/v1/sessions/x", "POST", "GET, HEAD, OPTIONS"],
      ["/v1/sessions/x", "DELETE", "GET, HEAD, OPTIONS"],
      ["/v1/webhooks", "GET", "POST"],
      ["/healthz", "POST", "GET, HEAD"],
      ["/openapi.yaml", "PUT", "GET, HEAD"],
    ]) {
      const response = await fetch(worker.url + address, { method });
      assert.equal(response.status, 405, `${method} ${address}`);
      assert.equal(response.headers.get("allow"), allow);
      assert.equal((await response.json()).code, "method_not_allowed");
    }
  });

  it("that does not exist is a problem", async () => {
    for (const address of ["/v1/sessions/", "/v1/sessions/a/b", "/v1/admin", "/v1"]) {
      const response = await fetch(worker.url + address);
      assert.equal(response.status, 404, address);
      assert.equal(response.headers.get("content-type"), "application/problem+json");
      assert.equal((await response.json()).code, "not_found");
    }
  });

  it("answers HEAD like GET, without the body", async () => {
    const payment = await ticket();
    await openSession(worker, payment.jwt);
    for (const address of ["/healthz", "/openapi.yaml", `/v1/sessions/${payment.tracking_id}`]) {
      const headers = { authorization: `Bearer ${payment.jwt}` };
      const head = await fetch(worker.url + address, { method: "HEAD", headers });
      const get = await fetch(worker.url + address, { headers });
      assert.equal(head.status, 200, address);
      assert.equal(head.headers.get("content-type"), get.headers.get("content-type"));
      assert.equal(await head.text(), "");
      assert.ok((await get.text()).length > 0);
    }
  });

  it("has a request id of its own and safe headers in every answer", async () => {
    const ids = new Set();
    for (const address of ADDRESSES) {
      const response = await fetch(worker.url + address, {
        headers: { "x-request-id": "chosen-by-the-client" },
      });
      ids.add(response.headers.get("x-request-id"));
      assert.equal(response.headers.get("x-content-type-options"), "nosniff");
      assert.equal(response.headers.get("cache-control"), "no-store");
      assert.match(response.headers.get("content-security-policy"), /default-src 'none'/);
      await response.text();
    }
    assert.equal(ids.size, ADDRESSES.length);
    assert.ok(!ids.has(null) && !ids.has("chosen-by-the-client"));
    const ray = await fetch(`${worker.url}/healthz`, { headers: { "cf-ray": "8c1f0000deadbeef-FRA" } });
    assert.equal(ray.headers.get("x-request-id"), "8c1f0000deadbeef-FRA");
  });

  it("takes a header that is not ASCII, such as a city's name, and leaves it out", async () => {
    const statuses = [];
    for (const path of ["/healthz", "/v1/sessions/%ff"])
      statuses.push(
        await new Promise((resolve, reject) => {
          const headers = { "cf-ipcity": "S\u00e3o Paulo" };
          request(worker.url + path, { headers }, (response) => resolve(response.resume().statusCode))
            .on("error", reject)
            .end();
        }),
      );
    assert.deepEqual(statuses, [200, 404]);
  });

  it("that is none of the Worker's is a file of the storefront", async () => {
    const response = await fetch(`${worker.url}/`);
    assert.equal(response.status, 200);
    assert.match(response.headers.get("content-type"), /^text\/html/);
  });
});

describe("openapi.yaml", () => {
  it("is served, and has the Worker's addresses and methods and no others", async () => {
    const response = await fetch(`${worker.url}/openapi.yaml`);
    assert.match(response.headers.get("content-type"), /^application\/yaml/);
    const document = parse(await response.text());
    assert.match(document.openapi, /^3\.1/);
    for (const [address, item] of Object.entries(document.paths)) {
      const documented = Object.keys(item).filter((key) =>
        ["get", "post", "put", "patch", "delete"].includes(key),
      );
      const answer = await fetch(worker.url + address.replace(/\{\w+\}/, "x"), { method: "DELETE" });
      assert.equal(answer.status, 405, address);
      const allowed = answer.headers.get("allow").toLowerCase().split(", ");
      assert.deepEqual(
        documented,
        allowed.filter((method) => !["head", "options"].includes(method)),
        address,
      );
    }
    const table = await readFile(new URL("../../worker/src/routes/mod.rs", import.meta.url), "utf8");
    const known = [...table.matchAll(/\.route\(\s*"([^"]+)"/g)].map(([, pattern]) => pattern);
    assert.deepEqual(known.sort(), Object.keys(document.paths).sort());
  });

  it("names every problem code that the Worker has, and each under its status", async () => {
    const source = await codesOfTheSource();
    assert.ok(source.size > 20);
    const { operations, anywhere } = await contract();
    const documented = new Map(anywhere);
    for (const { method, path, responses } of operations)
      for (const [status, codes] of responses) {
        if (status < 400) continue;
        assert.notDeepEqual(codes, [], `${method} ${path} answers ${status}, but no code is named`);
        for (const code of codes) {
          assert.equal(status, source.get(code), `${code} under ${method} ${path}`);
          documented.set(code, status);
        }
      }
    assert.deepEqual(new Map([...documented].sort()), new Map([...source].sort()));
    // The table of `meaning` is what was read: it must have every code.
    const text = await readFile(new URL("../../worker/src/problem.rs", import.meta.url), "utf8");
    const [, variants] = text.match(/enum Code \{([^}]*)\}/);
    assert.equal(source.size, variants.split(",").filter((name) => name.trim()).length);
  });

  it("has no dangling reference", async () => {
    const text = await readFile(new URL("../../worker/openapi.yaml", import.meta.url), "utf8");
    const document = parse(text);
    const references = [...text.matchAll(/\$ref: "#\/([^"]+)"/g)].map(([, path]) => path);
    assert.ok(references.length > 20);
    for (const path of references) {
      const found = path.split("/").reduce((node, key) => node?.[key], document);
      assert.ok(found, path);
    }
  });
});

it("too many questions about one payment are 429, and only that payment's", async () => {
  const limited = await startWorker({
    vars: { GATEWAY_BASE_URL: gateway.url },
    rateLimit: { of: "READ_RATE", limit: 2, period: 60 },
  });
  try {
    const payments = [await ticket(), await ticket()];
    for (const { jwt } of payments) assert.equal((await openSession(limited, jwt)).status, 201);
    const statuses = [];
    for (const index of [0, 0, 0, 1]) statuses.push((await readSession(limited, payments[index])).status);
    assert.deepEqual(statuses, [200, 200, 429, 200]);
  } finally {
    await limited.stop();
  }
});

it("too many sessions from one address are 429 with Retry-After, and only theirs", async () => {
  const limited = await startWorker({
    vars: { GATEWAY_BASE_URL: gateway.url },
    rateLimit: { of: "SESSION_RATE", limit: 3, period: 60 },
  });
  try {
    const { jwt } = await ticket();
    const open = (ip) => openSession(limited, jwt, { headers: { "cf-connecting-ip": ip } });
    const statuses = [];
    for (let count = 0; count < 5; count++) statuses.push((await open("203.0.113.7")).status);
    assert.deepEqual(statuses, [201, 200, 200, 429, 429]);
    const response = await open("203.0.113.7");
    assert.ok(Number(response.headers.get("retry-after")) > 0);
    assert.equal((await response.json()).code, "rate_limited");
    assert.equal((await open("203.0.113.8")).status, 200);
    // Whoever has one IPv6 address has all those of its first 64 bits.
    const network = ["2001:db8:0:7::1", "2001:db8::7:0:0:0:2", "2001:DB8:0:7:ffff::3", "2001:db8:0:7::4"];
    const others = ["2001:db8:0:8::1", "2001:db8:1:7::1"];
    const ofNetwork = [];
    for (const ip of [...network, ...others]) ofNetwork.push((await open(ip)).status);
    assert.deepEqual(ofNetwork, [200, 200, 200, 429, 200, 200]);
    // IPv4 within IPv6 is not one network.
    for (let count = 0; count < 4; count++)
      assert.equal((await open(`::ffff:198.51.100.${count}`)).status, 200);
  } finally {
    await limited.stop();
  }
});

it("too many sessions for one user are 429 too, from whichever addresses, and only theirs", async () => {
  const limited = await startWorker({
    vars: { GATEWAY_BASE_URL: gateway.url },
    rateLimit: { of: "USER_RATE", limit: 3, period: 60 },
  });
  try {
    const open = async (sub, ip) =>
      openSession(limited, (await ticket({ sub })).jwt, { headers: { "cf-connecting-ip": ip } });
    const statuses = [];
    for (let count = 0; count < 5; count++)
      statuses.push((await open("user-1", `203.0.113.${count}`)).status);
    assert.deepEqual(statuses, [201, 201, 201, 429, 429]);
    assert.equal((await open("user-2", "203.0.113.9")).status, 201);
  } finally {
    await limited.stop();
  }
});

it("the log has one line a request and nothing that is secret or personal", async () => {
  const logged = worker.logs.length;
  const payment = await ticket({
    customer: { first_name: "Obviously-Personal", email: "personal@example.com" },
  });
  const session = await (
    await openSession(worker, payment.jwt, { headers: { "cf-connecting-ip": "203.0.113.77" } })
  ).json();
  await readSession(worker, payment, "?wait=0&note=in-the-query");
  const data = event(payment);
  await sendWebhook(worker, data);
  const last = await sendWebhook(worker, data, { sign: "00" });
  await lineWith(worker, last.headers.get("x-request-id"));
  const lines = worker.logs.slice(logged).map(({ message }) => message);
  assert.deepEqual(
    lines
      .map((line) => JSON.parse(line))
      .map(({ event, method, route, status, code }) => [event, method, route, status, code]),
    [
      ["request", "POST", "/v1/sessions", 201, null],
      ["request", "GET", "/v1/sessions/{tracking_id}", 200, null],
      ["request", "POST", "/v1/webhooks", 204, null],
      ["request", "POST", "/v1/webhooks", 401, "signature_not_hex"],
    ],
  );
  const all = lines.join("\n");
  const secrets = [
    payment.jwt,
    payment.tracking_id,
    session.token,
    "Obviously-Personal",
    "personal@example.com",
    "203.0.113.77",
  ];
  secrets.push(
    "in-the-query",
    signature(data),
    WORKER_VARS.GATEWAY_API_KEY,
    WORKER_VARS.WEBHOOK_PASSWORDS,
    WORKER_VARS.TICKET_SECRET,
  );
  for (const secret of secrets) assert.ok(!all.includes(secret), secret);
});

it("the build exports its handlers and its objects and nothing else", async () => {
  const script = await built("worker", "index.js");
  const [, entrypoint] = script.match(/class extends (\w+)\{\};\w+\.prototype\.fetch=/) ?? [];
  assert.ok(entrypoint, "the entrypoint's class was not found");
  // Every exported function of the wasm becomes a method here, callable by any service binding.
  const methods = [...script.matchAll(/\b\w+\.prototype\.(\w+)=function/g)].map(([, name]) => name);
  assert.deepEqual(methods, ["fetch", "scheduled"]);
  const [, list] = script.match(/export\{([^}]*)\}/);
  const exported = list.split(",").map((entry) => entry.split(" as ").at(-1).trim());
  // Three plain classes of the crate `worker` itself, which take no calls from outside.
  const ofTheCrate = ["ContainerStartupOptions", "MinifyConfig", "R2Range"];
  assert.deepEqual(exported.filter((name) => !ofTheCrate.includes(name)).sort(), [
    "Attempts",
    "Payment",
    "default",
  ]);
});
