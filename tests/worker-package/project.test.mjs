// Both packages as a user gets them: `npx edge-cashier worker` out of one tarball writes a project, the other is installed into it, and wrangler deploys
// and runs it. The tarballs come from `npm pack`, the project is outside the work tree, and nothing uses a network but this machine's own.
import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { parseEnv } from "node:util";
import { emptyProject, installPacked } from "../runtimes/support/project.mjs";
import { must, root, start } from "../runtimes/support/run.mjs";
import { startGateway } from "../support/gateway.mjs";
import { event, openSession, readSession, sendWebhook, signature, ticket } from "../support/payments.mjs";

const home = mkdtempSync(join(tmpdir(), "edge-cashier-worker-"));
const project = join(home, "payments");
const built = join(home, "built");
const file = (name) => join(project, name);
let gateway;
let secrets;

before(async () => {
  gateway = await startGateway();
  const shop = await emptyProject();
  await must("npx", ["--no", "--offline", "edge-cashier", "worker", project], { cwd: shop });
  // All of wrangler cannot be had without a network: the work tree's is put there, and npm refuses it unless it is the version that the project asks for.
  mkdirSync(file("node_modules"));
  symlinkSync(join(root, "node_modules/wrangler"), file("node_modules/wrangler"));
  await installPacked(project, "edge-cashier-worker");
});
after(async () => {
  await gateway?.stop();
  rmSync(home, { recursive: true, force: true });
});

test("npm run deploy takes the entry, the bindings and the wasm as one compiled module", async () => {
  const { stdout } = await must("npm", ["run", "deploy", "--", "--dry-run", "--outdir", built], {
    cwd: project,
  });
  assert.match(stdout, /env\.PAYMENT \(Payment\) +Durable Object/);
  assert.match(stdout, /env\.ATTEMPTS \(Attempts\) +Durable Object/);
  assert.match(stdout, /env\.DB .*D1 Database/);
  assert.match(stdout, /env\.EVENTS \(edge_cashier\) +Analytics Engine Dataset/);
  assert.match(stdout, /env\.SESSION_RATE \(120 requests\/60s\) +Rate Limit/);
  const wasm = readdirSync(built).filter((name) => name.endsWith(".wasm"));
  assert.equal(wasm.length, 1, String(wasm));
  const packed = readFileSync(file("node_modules/edge-cashier-worker/dist/index_bg.wasm"));
  assert.ok(readFileSync(join(built, wasm[0])).equals(packed));
});

// A Worker that does not start never says that it is ready.
describe("npm run dev", { timeout: 120_000 }, () => {
  let running;
  afterEach(() => running?.stop());

  /** Starts it with the example's secrets, less those of `without`, and gives its origin. */
  async function dev({ without } = {}) {
    const example = readFileSync(file(".dev.vars.example"), "utf8");
    secrets = parseEnv(example);
    writeFileSync(file(".dev.vars"), example.replace(new RegExp(`^${without}=.*$`, "m"), ""));
    running = start(
      "npm",
      ["run", "dev", "--", "--ip", "127.0.0.1", "--port", "0", "--inspector-port", "0"],
      {
        cwd: project,
        env: { CLOUDFLARE_CF_FETCH_ENABLED: "false" },
      },
    );
    const [, url] = await running.printed(/Ready on (http:\/\/\S+)/);
    return { url };
  }

  const health = async ({ url }) => {
    const response = await fetch(`${url}/healthz`);
    return { http: response.status, ...(await response.json()) };
  };

  test("as it was written names what is to be filled in, and a secret that is not set with the command that sets it", async () => {
    const { http, code, detail } = await health(await dev({ without: "TICKET_SECRET" }));
    assert.deepEqual({ http, code }, { http: 503, code: "configuration" });
    const variables = [...detail.matchAll(/(?:^|; )([A-Z_]+): is missing/g)].map(([, name]) => name);
    assert.deepEqual(variables.sort(), [
      "ALLOWED_ORIGINS",
      "CASHIER_URL",
      "GATEWAY_BASE_URL",
      "TICKET_SECRET",
    ]);
    assert.match(detail, /TICKET_SECRET: is missing; set it with `wrangler secret put TICKET_SECRET`/);
  });

  test("with its variables filled in opens a session from a ticket and records the gateway's webhook", async () => {
    const values = {
      GATEWAY_BASE_URL: gateway.url,
      CASHIER_URL: `${gateway.url}/cashier/{token}`,
      ALLOWED_ORIGINS: "https://shop.example.com",
    };
    let config = readFileSync(file("wrangler.jsonc"), "utf8");
    for (const [name, value] of Object.entries(values))
      config = config.replace(`"${name}": ""`, `"${name}": "${value}"`);
    writeFileSync(file("wrangler.jsonc"), config);
    const worker = await dev();
    const manifest = readFileSync(file("node_modules/edge-cashier-worker/package.json"), "utf8");
    const { version } = JSON.parse(manifest);
    assert.deepEqual(await health(worker), { http: 200, status: "ok", version });

    const payment = await ticket({}, { secret: secrets.TICKET_SECRET });
    const opened = await openSession(worker, payment.jwt);
    assert.equal(opened.status, 201, await opened.clone().text());
    const { cashier_url } = await opened.json();
    assert.match(cashier_url, new RegExp(`^${gateway.url}/cashier/fake-token-\\d+$`));
    assert.deepEqual(
      gateway.requests.map(({ headers }) => headers["x-api-key"]),
      [secrets.GATEWAY_API_KEY],
    );

    const paid = event(payment);
    const forged = await sendWebhook(worker, paid, { sign: signature(paid, "another password") });
    assert.equal(forged.status, 401);
    const recorded = await sendWebhook(worker, paid, { sign: signature(paid, secrets.WEBHOOK_PASSWORDS) });
    assert.equal(recorded.status, 204, await recorded.text());
    const state = await (await readSession(worker, payment)).json();
    assert.equal(state.state, "successful", JSON.stringify(state));
  });
});

test("git ignores the secrets and what npm and wrangler write", async () => {
  await must("git", ["init", "--quiet"], { cwd: project });
  const { stdout } = await must("git", ["ls-files", "--others"], { cwd: project });
  for (const folder of [".dev.vars", ".wrangler/", "node_modules/"])
    assert.match(stdout, new RegExp(`^${folder}`, "m"));
  const kept = await must("git", ["ls-files", "--others", "--exclude-standard"], { cwd: project });
  assert.deepEqual(kept.stdout.trim().split("\n"), [
    ".dev.vars.example",
    ".gitignore",
    "README.md",
    "package.json",
    "src/index.js",
    "wrangler.jsonc",
  ]);
});
