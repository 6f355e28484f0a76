// The storefront's security policy, as the Worker serves it and as Chromium keeps it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setUp } from "./setup.mjs";

const { servers, visit } = setUp();

test("the page is served with a policy that names its own files and the two others that it needs", async () => {
  const reply = await fetch(servers.shop);
  const policy = Object.fromEntries(
    reply.headers
      .get("content-security-policy")
      .split("; ")
      .map((directive) => [directive.split(" ")[0], directive.split(" ").slice(1)]),
  );
  assert.deepEqual(policy["default-src"], ["'none'"]);
  assert.deepEqual(policy["script-src"], ["'self'"]);
  assert.deepEqual(policy["style-src"], ["'self'"]);
  assert.deepEqual(policy["connect-src"], ["'self'", servers.gateway]);
  assert.deepEqual(policy["frame-src"], ["'self'", servers.gateway]);
  assert.deepEqual(policy["frame-ancestors"], ["'self'"]);
  assert.equal(reply.headers.get("x-content-type-options"), "nosniff");

  const page = await reply.text();
  assert.match(page, /<script src="\/app\.js" type="module"><\/script>/);
  assert.doesNotMatch(page, /<script(?![^>]* src="\/)/, "an inline script, or one from elsewhere");
  assert.doesNotMatch(page, /\s(?:style|on[a-z]+)=/, "an inline style or handler");
  assert.doesNotMatch(page, /(?:href|src)="(?:https?:)?\/\//, "something from another origin");
});

test("the cashier in a frame may ask for a wallet's payment and for a passkey", async () => {
  const customer = await visit();
  await customer.signIn("EUR");
  await customer.orderDeposit("25", "iframe");
  const cashier = customer.tab.frameLocator("#cashier-frame iframe").locator("[data-testid=cashier-approve]");
  const allowed = await cashier.evaluate(() => document.featurePolicy.allowedFeatures());
  for (const feature of ["payment", "publickey-credentials-create", "publickey-credentials-get"])
    assert.ok(allowed.includes(feature), `${feature} is forbidden`);
  assert.ok(!allowed.includes("camera"));
});

test("the policy is kept: what is injected does not run, and nothing is fetched from elsewhere", async () => {
  const customer = await visit({ open: false });
  customer.provoked = /elsewhere\.example\.com/;
  const { tab } = customer;
  const origins = new Set();
  tab.on("request", (request) => origins.add(new URL(request.url()).origin));
  await tab.goto(servers.shop);
  await tab.waitForSelector(".user");
  assert.deepEqual(origins, new Set([servers.shop, servers.gateway]));
  const outcomes = await tab.evaluate(async () => {
    const attempt = async (act) => {
      try {
        await act();
        return "done";
      } catch (error) {
        return error.name;
      }
    };
    return {
      html: await attempt(() => {
        document.body.innerHTML = "<img src=x>";
      }),
      script: await attempt(() => {
        document.createElement("script").src = "https://elsewhere.example.com/x.js";
      }),
      fetch: await attempt(() => fetch("https://elsewhere.example.com/")),
      ours: await attempt(() => fetch("/config.json")),
    };
  });
  assert.deepEqual(outcomes, { html: "TypeError", script: "TypeError", fetch: "TypeError", ours: "done" });
  // No cookie is set by anybody.
  assert.deepEqual(await tab.context().cookies(), []);
});
