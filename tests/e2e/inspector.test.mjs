// The webhook inspector in real Chromium, as the Worker serves it: what the core says, and that nothing leaves the page.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Webhook } from "edge-cashier";
import { launch } from "../launcher/browsers.mjs";
import { assertFits, assertLargeTargets, assertNoViolation, tabTo } from "../support/accessible.mjs";
import { setUp } from "./setup.mjs";

/** The gateway's published example. */
const PUBLISHED = {
  body: '{"transaction_id":"r21nmrtpcmrcava","user_id":"1111222","tracking_id":"b8f04416-116a-11ed-861d-0242ac120002","status":"rejected","currency":"GBP","amount":"200.00","transaction_type":"withdrawal"}',
  signature: "5FDDA8F46411C132DCFBEE53C39BA06298CB48BC",
  password: "spg_test_companyxxxxQyGAheyMqcHVmp8ZMQtkYcev27sCu7RF",
};

const { servers, visit } = setUp();

/** Opens the page, and waits until the core runs and the browser has fetched all it wants. */
async function inspect(options = {}) {
  const customer = await visit({ open: false, ...options });
  const { tab } = customer;
  await tab.goto(`${servers.shop}/inspector`, { waitUntil: "networkidle" });
  await tab.waitForSelector("[data-core=ready]");
  return customer;
}

/** Enters a webhook and asks. A body in bytes goes through the file field. */
async function ask(tab, { body, signature = "", password = "", candidate = "" }) {
  if (typeof body === "string") await tab.fill("#body", body);
  else {
    await tab.setInputFiles("#body-file", { name: "webhook", mimeType: "application/json", buffer: body });
    await tab.locator("#body-note", { hasText: `${body.length} bytes` }).waitFor();
  }
  await tab.fill("#signature", signature);
  await tab.fill("#password", password);
  // Not by `fill`, which waits for the folded part to be opened.
  await tab.locator("#candidate").evaluate((field, text) => (field.value = text), candidate);
  await tab.click("#verify");
  await tab.waitForSelector("#result:not([hidden])");
}

const text = (tab, selector) => tab.locator(selector).textContent();

/** The rows of a list of terms: `{ term: description }`. */
const rows = (tab, selector) =>
  tab
    .locator(`${selector} > div`)
    .evaluateAll((divs) =>
      Object.fromEntries(divs.map(({ children: [dt, dd] }) => [dt.textContent, dd.textContent])),
    );

test("the published example verifies by one click, with its event, text and signature", async () => {
  const customer = await inspect();
  const { tab } = customer;
  await tab.getByRole("button", { name: "Published example" }).click();
  await tab.waitForSelector("#result:not([hidden])");
  assert.equal(await text(tab, "#verdict"), "verified");
  assert.equal(await text(tab, "#reason"), "matched_canonical");
  for (const [field, value] of Object.entries(PUBLISHED))
    assert.equal(await tab.inputValue(`#${field}`), value);
  const { signature } = PUBLISHED;
  assert.deepEqual(await rows(tab, "#signatures"), { Received: signature, Expected: signature });
  assert.deepEqual(await rows(tab, "#event"), { ...JSON.parse(PUBLISHED.body), matched: "canonical" });
  assert.equal(await text(tab, "#signed"), `${PUBLISHED.body}+ password`);
  assert.equal(await tab.locator("#changes").isVisible(), false);
});

test("Firefox runs the core under the same policy, and sends nothing either", async () => {
  const firefox = await launch("Firefox");
  try {
    const tab = await firefox.newPage();
    const mistakes = [];
    const requests = [];
    tab.on("console", (message) => message.type() === "error" && mistakes.push(message.text()));
    tab.on("pageerror", (error) => mistakes.push(String(error)));
    await tab.goto(`${servers.shop}/inspector`, { waitUntil: "networkidle0" });
    await tab.waitForSelector("[data-core=ready]");
    tab.on("request", (request) => requests.push(request.url()));
    await tab.click("#example");
    await tab.waitForSelector("#result:not([hidden])");
    const shown = await tab.$$eval("#verdict, #signed", (all) => all.map(({ textContent }) => textContent));
    assert.deepEqual(shown, ["verified", `${PUBLISHED.body}+ password`]);
    assert.deepEqual([mistakes, requests], [[], []]);
  } finally {
    await firefox.close();
  }
});

test("each mistake among the vectors is answered in the core's own words", async () => {
  const { vectors } = JSON.parse(readFileSync(new URL("../vectors/explain.json", import.meta.url), "utf8"));
  const customer = await inspect();
  const { tab } = customer;
  const seen = new Set();
  for (const { name, body, body_hex, password, candidates, signature, reason } of vectors) {
    // A field of one line cannot hold a line end; the page says so when one is pasted.
    if (/[\r\n]/.test(password + signature)) continue;
    const bytes = Buffer.from(body_hex ?? body, body_hex === undefined ? "utf8" : "hex");
    // Nor can a text field hold every text: browsers make each line end one character.
    const given = body !== undefined && !/\r/.test(body) ? body : bytes;
    const candidate = candidates.at(-1)?.password ?? "";
    await ask(tab, { body: given, signature, password, candidate });
    assert.equal(await text(tab, "#reason"), reason, name);
    const words = new Webhook(password).explain(bytes, signature, candidate ? { candidates: candidate } : {});
    const shown = { verdict: await text(tab, "#verdict"), reason, hint: await text(tab, "#hint") };
    assert.deepEqual(shown, words, name);
    // A webhook that does not verify has no event that could be taken for one.
    assert.equal(await tab.locator("#event-part").isVisible(), shown.verdict === "verified", name);
    seen.add(reason);
  }
  const all = new Set(vectors.map(({ reason }) => reason));
  assert.deepEqual(seen, all);
});

test("what changed between the body and the signed text is marked in both", async () => {
  const customer = await inspect();
  const { tab } = customer;
  const marks = () =>
    tab.evaluate(() =>
      ["#changes del", "#signed ins"].map((which) =>
        [...document.querySelectorAll(which)].map(({ textContent }) => textContent),
      ),
    );
  const { password } = PUBLISHED;
  await ask(tab, { body: '{"a": 1.0,\n"b":"\\/", "c":"é"}', password });
  assert.equal(await text(tab, "#signed"), '{"a":1,"b":"/","c":"é"}+ password');
  assert.deepEqual(await marks(), [
    ["·1.0", "↵\n", "\\/", "·"],
    ["1", "/"],
  ]);
  assert.equal(
    await text(tab, "#signed-summary"),
    "It is your body with 4 parts left out and 2 parts put in.",
  );
  await ask(tab, { body: '{"b":1,"1":2}', password });
  assert.equal(await text(tab, "#signed"), '{"1":2,"b":1}+ password');
  await ask(tab, { body: '{"a":1}', password });
  assert.deepEqual(await marks(), [[], []]);
  await ask(tab, { body: '{"a":', password });
  assert.match(await text(tab, "#signed"), /not JSON/);
});

test("without a password there is no verdict and no signature, but the text that is signed", async () => {
  const customer = await inspect();
  const { tab } = customer;
  await ask(tab, { ...PUBLISHED, password: "" });
  assert.equal(await text(tab, "#verdict"), "No verdict yet");
  assert.match(await text(tab, "#password-error"), /is empty: copy it from the merchant portal/);
  assert.equal(await tab.getAttribute("#password", "aria-invalid"), "true");
  assert.equal(await tab.evaluate(() => document.activeElement.id), "password");
  assert.equal(await tab.locator("#signatures > div").count(), 0);
  assert.equal(await text(tab, "#signed"), PUBLISHED.body);
  // What is wrong with a field is said at the field, and taken back once it is right.
  await ask(tab, { ...PUBLISHED, signature: "" });
  assert.equal(await text(tab, "#password-error"), "");
  assert.match(await text(tab, "#signature-error"), /no signature/);
  const signature = createHash("sha1").update(`[1]${PUBLISHED.password}`).digest("hex");
  await ask(tab, { ...PUBLISHED, body: "[1]", signature });
  assert.equal(await text(tab, "#verdict"), "verified");
  assert.match(await text(tab, "#body-error"), /not a payment's webhook/);
  await ask(tab, { ...PUBLISHED, body: Buffer.alloc(8 * 1024 * 1024 + 1, " ") });
  assert.equal(await text(tab, "#verdict"), "No verdict yet");
  assert.match(await text(tab, "#body-error"), /more than 8388608 bytes/);
});

test("nothing that is entered leaves the page, and nothing is stored", async () => {
  const customer = await inspect();
  const { tab } = customer;
  const requests = [];
  tab.context().on("request", (request) => requests.push(request.url()));
  tab.on("websocket", (socket) => requests.push(socket.url()));
  await tab.getByRole("button", { name: "Published example" }).click();
  await ask(tab, { ...PUBLISHED, body: PUBLISHED.body.replace("200.00", "300.00"), candidate: "another" });
  await ask(tab, { ...PUBLISHED, body: Buffer.from("\ufeff{}") });
  assert.equal(await text(tab, "#reason"), "byte_order_mark");
  await tab.waitForLoadState("networkidle");
  assert.deepEqual(requests, []);
  assert.equal(tab.url(), `${servers.shop}/inspector`);
  const stored = await tab.evaluate(async () => [
    Object.keys(localStorage),
    Object.keys(sessionStorage),
    await indexedDB.databases(),
    await caches.keys(),
    document.cookie,
  ]);
  assert.deepEqual(stored, [[], [], [], [], ""]);
  assert.ok(!(await tab.content()).includes(PUBLISHED.password), "the password is in the document");
  // The page itself could not: its policy allows no connection, not even to its own origin.
  customer.provoked = /\/config\.json/;
  const refused = await tab.evaluate(async () => {
    const violated = new Promise((done) => document.addEventListener("securitypolicyviolation", done));
    const failed = await fetch("/config.json").catch((error) => error.name);
    return [failed, (await violated).effectiveDirective];
  });
  assert.deepEqual(refused, ["TypeError", "connect-src"]);
});

test("the shop's pages neither load the core nor may run WebAssembly; the inspector's policy is its own", async () => {
  const customer = await visit({ open: false });
  const { tab } = customer;
  const seen = await customer.collectEverything();
  await tab.goto(servers.shop);
  await customer.signIn("EUR");
  await customer.orderDeposit("10.05");
  await customer.decide("approve");
  await customer.sees("successful");
  const loaded = await seen();
  assert.ok(loaded.some(({ from }) => from.endsWith("/app.js")));
  // What a module begins with, as bytes and in base64.
  const core = ({ from, text }) =>
    /inspector|wasm/.test(new URL(from, servers.shop).pathname) || /\0asm|AGFzbQ/.test(text);
  assert.deepEqual(
    loaded.filter(core).map(({ from }) => from),
    [],
  );
  const outcome = await tab.evaluate(() =>
    WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])).then(
      () => "compiled",
      (error) => error.name,
    ),
  );
  assert.equal(outcome, "CompileError");

  const policyOf = async (path) => (await fetch(servers.shop + path)).headers.get("content-security-policy");
  assert.doesNotMatch(await policyOf("/"), /wasm/);
  assert.deepEqual((await policyOf("/inspector")).split("; "), [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'none'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ]);
});

test("a core that cannot be loaded, or may not run, is said plainly", async () => {
  const failures = {
    "does not arrive": (tab) => tab.route("**/inspector-core-*", (route) => route.abort()),
    "may not run": (tab) =>
      tab.route("**/inspector", async (route) => {
        const response = await route.fetch();
        const headers = response.headers();
        const policy = headers["content-security-policy"].replace(" 'wasm-unsafe-eval'", "");
        await route.fulfill({ response, headers: { ...headers, "content-security-policy": policy } });
      }),
  };
  for (const [name, prepare] of Object.entries(failures)) {
    const customer = await visit({ open: false });
    const { tab } = customer;
    await prepare(tab);
    await tab.goto(`${servers.shop}/inspector`);
    await tab.waitForSelector("#core-failed:not([hidden])");
    assert.match(await text(tab, "#core-failed"), /could not be loaded.*Reload it/s, name);
    assert.notEqual(await text(tab, "#core-failed-cause"), "", name);
    await tab.fill("#body", "{}");
    await tab.click("#verify");
    assert.equal(await tab.evaluate(() => document.activeElement.id), "core-failed", name);
    assert.equal(await tab.locator("#result").isVisible(), false, name);
  }
});

test("a core that fails while it works is said plainly, and its next answer takes that back", async () => {
  const customer = await inspect();
  const { tab } = customer;
  await tab.evaluate(() => {
    const { encodeInto } = TextEncoder.prototype;
    TextEncoder.prototype.encodeInto = () => {
      TextEncoder.prototype.encodeInto = encodeInto;
      throw new Error("broken on purpose");
    };
  });
  const example = tab.getByRole("button", { name: "Published example" });
  await example.click();
  await tab.waitForSelector("#core-failed:not([hidden])");
  assert.match(await text(tab, "#core-failed"), /The verifier has failed.*broken on purpose/s);
  assert.equal(await tab.locator("#result").isVisible(), false);
  await example.click();
  await tab.waitForSelector("#result:not([hidden])");
  assert.equal(await tab.locator("#core-failed").isVisible(), false);
  assert.equal(await text(tab, "#verdict"), "verified");
});

test("a line end that is pasted with a password is told, since the field drops it", async () => {
  const customer = await inspect({ permissions: ["clipboard-read", "clipboard-write"] });
  const { tab } = customer;
  for (const [pasted, told] of [
    [`${PUBLISHED.password}\n`, /has a line end/],
    [PUBLISHED.password, /^$/],
  ]) {
    await tab.evaluate((copied) => navigator.clipboard.writeText(copied), pasted);
    await tab.fill("#password", "");
    await tab.focus("#password");
    await tab.keyboard.press("Control+V");
    assert.equal(await tab.inputValue("#password"), PUBLISHED.password);
    assert.match(await text(tab, "#password-note"), told);
  }
});

test("by keyboard alone; the password stays hidden until it is shown, and a change is marked", async () => {
  const customer = await inspect();
  const { tab } = customer;
  await tabTo(tab, "example");
  await tab.keyboard.press("Enter");
  await tab.waitForSelector("#result:not([hidden])");
  await tabTo(tab, "body-file");
  await tabTo(tab, "body");
  await tab.keyboard.press("Control+A");
  await tab.keyboard.type("{}");
  assert.equal(await tab.locator("#stale").isVisible(), true);
  assert.equal(await tab.getAttribute("#password", "type"), "password");
  await tab.keyboard.press("Control+Enter");
  await tab.waitForSelector("#result:not(.stale)");
  assert.equal(await text(tab, "#verdict"), "refused");
  await tab.locator("#announcer", { hasText: /^refused: / }).waitFor({ state: "attached" });
  await tabTo(tab, "reveal");
  await tab.keyboard.press("Space");
  assert.equal(await tab.getAttribute("#password", "type"), "text");
  await tabTo(tab, "verify");
  await tab.keyboard.press("Tab");
  await tab.keyboard.press("Enter");
  assert.equal(await tab.locator("#result").isVisible(), false);
  assert.deepEqual(
    await tab.locator("form textarea, form input").evaluateAll((all) => all.map(({ value }) => value)),
    ["", "", "", "", ""],
  );
});

const STATES = {
  empty: () => {},
  verified: (tab) => tab.getByRole("button", { name: "Pretty-printed" }).click(),
  refused: (tab) => tab.getByRole("button", { name: "Prefix on the signature" }).click(),
  changed: (tab) => tab.fill("#body", "{"),
  "no password": (tab) => ask(tab, { ...PUBLISHED, password: "" }),
  opened: (tab) => tab.click("#more summary"),
};

for (const colorScheme of ["light", "dark"]) {
  test(`axe finds no violation, and nothing is wider than a phone (${colorScheme})`, async () => {
    const customer = await inspect({ colorScheme, viewport: { width: 360, height: 780 } });
    const { tab } = customer;
    for (const [state, reach] of Object.entries(STATES)) {
      await reach(tab);
      await assertNoViolation(tab, state);
      await assertFits(tab, state);
      await assertLargeTargets(tab, state);
    }
  });
}
