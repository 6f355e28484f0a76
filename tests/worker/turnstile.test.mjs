// Turnstile, where it is switched on: no session without a token that Cloudflare accepts. Cloudflare itself cannot be reached from a test; what it is asked, and what it
// answers, is as its documentation says.

import assert from "node:assert/strict";
import { after, before, beforeEach, it } from "node:test";
import { fetch as pass, Response } from "miniflare";
import { refused } from "../support/answers.mjs";
import { startGateway } from "../support/gateway.mjs";
import { lineWith, openSession, ticket } from "../support/payments.mjs";
import { startWorker } from "../support/workerd.mjs";

const SECRET = "obviously-fake-turnstile-secret-4711";
const asked = [];
let verdict;
let gateway;
let worker;

before(async () => {
  gateway = await startGateway();
  worker = await startWorker({
    vars: { GATEWAY_BASE_URL: gateway.url, TURNSTILE_SECRET: SECRET },
    async outbound(request) {
      if (new URL(request.url).host !== "challenges.cloudflare.com") return pass(request);
      asked.push({ url: request.url, ...(await request.json()) });
      return verdict();
    },
  });
});

after(async () => {
  await worker?.stop();
  await gateway?.stop();
});

beforeEach(() => {
  verdict = () => Response.json({ success: true, "error-codes": [] });
  asked.length = 0;
  gateway.requests.length = 0;
});

const open = async (contents, jwt) =>
  openSession(worker, jwt ?? (await ticket()).jwt, {
    body: contents && JSON.stringify(contents),
    headers: { "cf-connecting-ip": "203.0.113.7" },
  });

/** Refused before the gateway was asked, without Turnstile's secret and the customer's token. */
async function refusedUnasked(response, status, code) {
  const problem = JSON.stringify(await refused(response, status, code));
  assert.ok(!problem.includes(SECRET) && !problem.includes("token-of-the-widget"), problem);
  assert.equal(gateway.requests.length, 0);
}

it("a token that Cloudflare accepts opens the session", async () => {
  const response = await open({ turnstile_token: "token-of-the-widget" });
  assert.equal(response.status, 201);
  assert.deepEqual(asked, [
    {
      url: "https://challenges.cloudflare.com/turnstile/v0/siteverify",
      secret: SECRET,
      response: "token-of-the-widget",
      remoteip: "203.0.113.7",
    },
  ]);
});

it("without a token, or with something else, the gateway and Cloudflare are not asked", async () => {
  await refusedUnasked(await open(), 403, "turnstile_failed");
  await refusedUnasked(await open({}), 403, "turnstile_failed");
  await refusedUnasked(await open({ turnstile_token: "t", amount: 1 }), 400, "unexpected_body");
  await refusedUnasked(await open({ turnstile_token: 7 }), 400, "unexpected_body");
  await refusedUnasked(await open({ turnstile_token: "t" }, "forged"), 401, "invalid_ticket");
  await refusedUnasked(await open({ turnstile_token: "t".repeat(5000) }), 413, "payload_too_large");
  assert.equal(asked.length, 0);
});

it("a token that Cloudflare refuses opens nothing", async () => {
  verdict = () => refusal("timeout-or-duplicate");
  await refusedUnasked(await open({ turnstile_token: "token-of-the-widget" }), 403, "turnstile_failed");
});

const refusal = (...codes) => Response.json({ success: false, "error-codes": codes });

for (const [name, answer, cause = ""] of [
  ["is down", () => new Response("no", { status: 502 })],
  ["cannot be reached", () => Promise.reject(new Error("no network"))],
  ["does not know the secret", () => refusal("invalid-input-secret"), "invalid-input-secret"],
  ["fails by itself", () => refusal("timeout-or-duplicate", "internal-error"), "internal-error"],
])
  it(`when Cloudflare ${name}, nobody passes and the log says so`, async () => {
    verdict = answer;
    const response = await open({ turnstile_token: "token-of-the-widget" });
    const id = response.headers.get("x-request-id");
    assert.ok(Number(response.headers.get("retry-after")) > 0);
    await refusedUnasked(response, 503, "turnstile_unavailable");
    assert.ok((await lineWith(worker, id, "turnstile")).message.includes(cause));
    assert.ok(!worker.logs.some(({ message }) => message.includes(SECRET) || message.includes("token-of")));
  });
