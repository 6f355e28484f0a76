// The whole house on this machine: the Worker with the storefront, the simulated gateway with the demo shop's backend,
// each in real workerd on a free port, and a real Chromium to visit them.
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { buildStorefront } from "../../www/build.mjs";
import { startSimulator, startWorker, WORKER_VARS } from "../support/workerd.mjs";

/** Secrets that no browser may ever see. */
export const SECRETS = {
  "the gateway's API key": WORKER_VARS.GATEWAY_API_KEY,
  "the webhook password": WORKER_VARS.WEBHOOK_PASSWORDS,
  "the ticket secret": WORKER_VARS.TICKET_SECRET,
};

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

/** Starts everything; `stop` ends it. */
export async function startHouse() {
  // Each needs to know where the other will be.
  const [workerPort, simulatorPort] = [await freePort(), await freePort()];
  const shop = `http://127.0.0.1:${workerPort}`;
  const gateway = `http://127.0.0.1:${simulatorPort}`;
  const assets = await mkdtemp(join(tmpdir(), "edge-cashier-www-"));
  await buildStorefront({ out: assets, shopOrigin: gateway });

  const simulator = await startSimulator({
    port: simulatorPort,
    vars: { WEBHOOK_URL: `${shop}/v1/webhooks`, RETURN_URL: `${shop}/`, SHOP_ORIGIN: shop },
  });
  const worker = await startWorker({
    port: workerPort,
    assets,
    vars: {
      GATEWAY_BASE_URL: gateway,
      CASHIER_URL: `${gateway}/cashier/{token}`,
      ALLOWED_ORIGINS: shop,
      GATEWAY_TIMEOUT_MS: "2000",
    },
  });
  return {
    shop,
    gateway,
    worker,
    simulator,
    /** Asks the simulator's control API. */
    async control(path, method = "GET", contents) {
      const json = { headers: { "content-type": "application/json" }, body: JSON.stringify(contents) };
      const reply = await fetch(`${gateway}/control/${path}`, { method, ...(contents && json) });
      const text = await reply.text();
      if (!reply.ok) throw new Error(`${method} /control/${path} answered ${reply.status}: ${text}`);
      return text === "" ? undefined : JSON.parse(text);
    },
    async stop() {
      await Promise.all([worker.stop(), simulator.stop()]);
      await rm(assets, { recursive: true, force: true });
    },
  };
}

/** Chromium as it starts on every machine, in a container and as root too. */
export function startBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
    ],
  });
}
