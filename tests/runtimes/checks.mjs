// What must hold in every runtime. Copied into each project and run there, so it imports nothing and uses no runtime's own API.
// It only reports: the test on the other side knows which names it must see, so a check that did not run is a failure too.

// The gateway's published example: this body and this password give this signature.
export const password = "spg_test_companyxxxxQyGAheyMqcHVmp8ZMQtkYcev27sCu7RF";
export const body =
  '{"transaction_id":"r21nmrtpcmrcava","user_id":"1111222","tracking_id":"b8f04416-116a-11ed-861d-0242ac120002","status":"rejected","currency":"GBP","amount":"200.00","transaction_type":"withdrawal"}';
export const signature = "5FDDA8F46411C132DCFBEE53C39BA06298CB48BC";

const deposit = {
  mode: "test",
  theme: "dark",
  user_id: "128",
  tracking_id: "order-1",
  ip: "203.0.113.7",
  amount: 10.05,
  currency: "EUR",
  customer: { first_name: "Ada", email: "ada@example.com", country_code: "DE" },
};

function equal(actual, expected, what) {
  if (actual !== expected)
    throw new Error(`${what}: ${JSON.stringify(actual)} instead of ${JSON.stringify(expected)}`);
}

function thrownBy(action) {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

function refusedWith(action, Class, name, code) {
  const error = thrownBy(action);
  if (!(error instanceof Class)) throw new Error(`not a ${name}, but ${error?.name}: ${error?.message}`);
  equal(error instanceof Error, true, "an Error");
  equal(error.name, name, "name");
  equal(error.code, code, "code");
  return error;
}

/** An own spacing, a number with a superfluous zero and an escape: only the canonical form of it is what was signed. */
const respelled = body.replace(/,/g, ", ").replace("GBP", "\\u0047BP");

/**
 * @param packed the package: `edge-cashier` as `main`, `edge-cashier/webhook` as `webhook`, `edge-cashier/launcher` as `launcher`
 * @param where `gatewayUrl` of a server to call, or none where the runtime may not; `inBrowser` where an API key must be refused
 */
export async function runChecks({ main, webhook, launcher }, { gatewayUrl, inBrowser = false }) {
  const results = [];
  const check = async (name, action) => {
    try {
      await action();
      results.push({ name, ok: true });
    } catch (error) {
      results.push({ name, ok: false, detail: String(error?.stack ?? error) });
    }
  };
  const options = { apiKey: "obviously-not-a-key", baseUrl: gatewayUrl ?? "https://gateway.example.com" };

  await check("the published signature verifies", () => {
    const event = new main.Webhook(password).verify(body, signature);
    equal(event.matched, "canonical", "matched");
    for (const [field, value] of Object.entries(JSON.parse(body))) equal(event[field], value, field);
  });
  await check("bytes and another spelling verify too", () => {
    const verifier = new main.Webhook(password);
    equal(
      verifier.verify(new TextEncoder().encode(body), signature.toLowerCase()).amount,
      "200.00",
      "amount",
    );
    equal(verifier.verify(respelled, signature).currency, "GBP", "currency");
  });
  await check("a changed body is refused", () => {
    const verifier = new main.Webhook(password);
    const changed = body.replace("200.00", "900.00");
    refusedWith(
      () => verifier.verify(changed, signature),
      main.WebhookVerificationError,
      "WebhookVerificationError",
      "signature_mismatch",
    );
    equal(verifier.verify(body, signature).amount, "200.00", "the same verifier afterwards");
  });
  await check("another password is refused", () => {
    const verifier = new main.Webhook("obviously-another-password");
    refusedWith(
      () => verifier.verify(body, signature),
      main.WebhookVerificationError,
      "WebhookVerificationError",
      "signature_mismatch",
    );
  });
  await check("edge-cashier/webhook verifies and refuses alike", () => {
    equal(new webhook.Webhook(password).verify(body, signature).status, "rejected", "status");
    const changed = body.replace("rejected", "successful");
    const verifier = new webhook.Webhook(password);
    // The class of the main entry: both entries throw the same one.
    refusedWith(
      () => verifier.verify(changed, signature),
      main.WebhookVerificationError,
      "WebhookVerificationError",
      "signature_mismatch",
    );
    refusedWith(() => new webhook.Webhook(""), main.ValidationError, "ValidationError", "validation_failed");
  });
  await check("edge-cashier/launcher loads", () => {
    equal(typeof launcher.openCashier, "function", "openCashier");
    equal(typeof launcher.awaitResult, "function", "awaitResult");
  });
  await check("the version is the package's", () =>
    equal(/^\d+\.\d+\.\d+/.test(main.version), true, `version ${main.version}`),
  );

  if (inBrowser) {
    await check("an API key in a browser is refused with its reason", () => {
      const error = thrownBy(() => new main.Gateway(options));
      equal(error.code, "api_key_in_browser", "code");
      equal(/browser/i.test(error.message), true, `a reason in "${error.message}"`);
      equal(error.message.includes(options.apiKey), false, "the key in the message");
    });
    await check("edge-cashier/launcher finds its second file", async () => {
      const { fetch } = globalThis;
      const cashier_url = `${location.origin}/favicon.ico`;
      globalThis.fetch = async () => Response.json({ tracking_id: "order-1", cashier_url });
      // A frame that is closed at once was shown; one whose file is missing would become a redirect.
      const closer = new MutationObserver(() => document.querySelector("dialog button")?.click());
      closer.observe(document.body, { childList: true });
      const cashier = await launcher.openCashier({ endpoint: "", ticket: "obviously-fake", mode: "iframe" });
      closer.disconnect();
      globalThis.fetch = fetch;
      equal(cashier.mode, "iframe", "mode");
    });
    return results;
  }

  await check("an amount leaves digit for digit", () => {
    const gateway = new main.Gateway(options);
    const request = gateway.request("hosted_deposit", deposit);
    equal(request.method, "POST", "method");
    equal(request.url, `${options.baseUrl}/cashier/deposit`, "url");
    equal(request.headers["x-api-key"], options.apiKey, "x-api-key");
    equal(/"amount":10\.05[,}]/.test(request.body), true, `10.05 in ${request.body}`);
    // No JavaScript number can hold its last zero: only an exact decimal keeps it.
    const exact = gateway.request("hosted_deposit", { ...deposit, amount: "10.10" });
    equal(/"amount":10\.10[,}]/.test(exact.body), true, `10.10 in ${exact.body}`);
  });
  await check("every violation at once", () => {
    const gateway = new main.Gateway(options);
    const { amount: _, ...rest } = deposit;
    const wrong = { ...rest, amuont: 10.05, currency: "EURO" };
    const error = refusedWith(
      () => gateway.request("hosted_deposit", wrong),
      main.ValidationError,
      "ValidationError",
      "validation_failed",
    );
    const found = error.violations.map((violation) => `${violation.path} ${violation.code}`);
    for (const part of ["amuont unknown_field", "amount required", "currency "]) {
      equal(
        found.some((text) => text.includes(part)),
        true,
        `"${part}" among ${JSON.stringify(found)}`,
      );
    }
  });
  if (gatewayUrl === undefined) return results;
  await check("a call to a local server", async () => {
    const gateway = new main.Gateway({ ...options, cashierUrl: "https://cashier.example.com/{token}" });
    const reply = await gateway.hostedDeposit(deposit);
    equal(reply.token, "token of the local server", "token");
    equal(reply.cashier_url, "https://cashier.example.com/token%20of%20the%20local%20server", "cashier_url");
  });
  await check("a refusal of the local server is a GatewayError", async () => {
    const gateway = new main.Gateway({ ...options, baseUrl: `${gatewayUrl}/refusing` });
    const error = await gateway.hostedDeposit(deposit).then(
      () => undefined,
      (reason) => reason,
    );
    equal(error instanceof main.GatewayError, true, `GatewayError, not ${error?.name}: ${error?.message}`);
    equal(error.status, 422, "status");
    equal(error.operation, "hosted_deposit", "operation");
  });
  return results;
}
