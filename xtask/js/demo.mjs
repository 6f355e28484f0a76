// Runs the demo: the Worker with the storefront, and the simulated gateway with the demo shop's backend, each in its
// own workerd through `wrangler dev`. Keys are made anew at every start and live in target/demo only.
//
//   node xtask/js/demo.mjs [--port 8787] [--simulator-port 8788]
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildStorefront } from "../../www/build.mjs";

const { values: options } = parseArgs({
  options: {
    port: { type: "string", default: "8787" },
    "simulator-port": { type: "string", default: "8788" },
  },
});
const root = resolve(import.meta.dirname, "../..");
const home = join(root, "target/demo");
const storefront = `http://localhost:${options.port}`;
const gateway = `http://localhost:${options["simulator-port"]}`;

const secret = (name) => `demo_${name}_${randomBytes(24).toString("base64url")}`;
const gatewayKey = secret("gateway_key");
const webhookPassword = secret("webhook_password");
const ticketSecret = secret("ticket_secret");
const adminToken = secret("admin_token");
const deliverySecret = `whsec_${randomBytes(32).toString("base64")}`;
const audience = "edge-cashier-demo";

const servers = [
  {
    name: "worker",
    port: options.port,
    arguments: ["--assets", join(home, "www")],
    variables: {
      GATEWAY_BASE_URL: gateway,
      CASHIER_URL: `${gateway}/cashier/{token}`,
      ALLOWED_ORIGINS: storefront,
      TICKET_AUDIENCE: audience,
      GATEWAY_API_KEY: gatewayKey,
      WEBHOOK_PASSWORDS: webhookPassword,
      TICKET_SECRET: ticketSecret,
      ADMIN_TOKEN: adminToken,
      MERCHANT_WEBHOOK_URL: `${gateway}/shop/webhooks`,
      DELIVERY_SECRET: deliverySecret,
    },
  },
  {
    name: "simulator",
    port: options["simulator-port"],
    arguments: [],
    variables: {
      API_KEYS: gatewayKey,
      WEBHOOK_URL: `${storefront}/v1/webhooks`,
      WEBHOOK_PASSWORD: webhookPassword,
      RETURN_URL: `${storefront}/`,
      SHOP_TICKET_SECRET: ticketSecret,
      SHOP_AUDIENCE: audience,
      SHOP_ORIGIN: storefront,
      SHOP_ADMIN_TOKEN: adminToken,
      SHOP_DELIVERY_SECRET: deliverySecret,
    },
  },
];

const running = [];
let stopping = false;

function stop(code) {
  if (stopping) return;
  stopping = true;
  process.exitCode = code;
  for (const child of running) child.kill("SIGTERM");
  // wrangler ends workerd and then itself; whoever does not is ended.
  setTimeout(() => {
    for (const child of running) child.kill("SIGKILL");
  }, 5000).unref();
}

function fail(message) {
  console.error(`\ndemo: ${message}`);
  stop(1);
}

/** Refuses a port that somebody else listens on, by either kind of loopback address. */
async function mustBeFree(port, flag) {
  for (const host of ["127.0.0.1", "::1"]) {
    await new Promise((done, refuse) => {
      const probe = createServer();
      probe.once("error", (error) => (error.code === "EADDRINUSE" ? refuse(error) : done()));
      probe.listen({ port: Number(port), host }, () => probe.close(done));
    }).catch(() => {
      throw new Error(`port ${port} is in use: stop what listens there, or choose another with ${flag}`);
    });
  }
}

function start(server) {
  const envFile = join(home, `${server.name}.env`);
  const lines = Object.entries(server.variables).map(([name, value]) => `${name}="${value}"\n`);
  writeFileSync(envFile, lines.join(""), { mode: 0o600 });
  const child = spawn(
    process.execPath,
    [
      join(root, "node_modules/wrangler/bin/wrangler.js"),
      "dev",
      "--config",
      join(root, server.name, "wrangler.jsonc"),
      "--local",
      "--ip",
      "localhost",
      "--port",
      server.port,
      "--inspector-port",
      "0",
      "--persist-to",
      join(home, "state", server.name),
      "--env-file",
      envFile,
      "--show-interactive-dev-session=false",
      "--log-level",
      "warn",
      ...server.arguments,
    ],
    {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
      // Nothing of the demo needs the network: what Cloudflare would tell of a request is made up here.
      env: { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: "false" },
    },
  );
  child.on("exit", (code, signal) => {
    running.splice(running.indexOf(child), 1);
    if (!stopping) fail(`the ${server.name} stopped by itself (${signal ?? code}); its messages are above`);
  });
  running.push(child);
}

/** Resolves when the server says that it is well; tells what it says if it never does. */
async function mustBecomeHealthy(name, url) {
  const deadline = Date.now() + 60_000;
  let last = "no answer";
  while (Date.now() < deadline && !stopping) {
    try {
      const reply = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(2000) });
      if (reply.ok) return;
      last = `${reply.status} ${await reply.text()}`;
    } catch (error) {
      last = error.cause?.code ?? error.message;
    }
    await new Promise((done) => setTimeout(done, 200));
  }
  if (!stopping) throw new Error(`the ${name} did not become healthy within 60 s: ${last}`);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop(0));

try {
  await mustBeFree(options.port, "--port");
  await mustBeFree(options["simulator-port"], "--simulator-port");
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  await buildStorefront({ out: join(home, "www"), shopOrigin: gateway });
  for (const server of servers) start(server);
  await Promise.all([mustBecomeHealthy("Worker", storefront), mustBecomeHealthy("simulator", gateway)]);
  if (!stopping) {
    console.log(`\nThe gateway's control page: ${gateway}/control`);
    console.log(`To take a deposit, open ${storefront}\n`);
  }
} catch (error) {
  fail(error.message);
}
