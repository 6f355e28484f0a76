// Everything on this machine: the Worker with the storefront, the simulated gateway with the demo shop's backend,
// each in real workerd on a free port, and a real Chromium to visit them.
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { buildStorefront } from "../../www/build.mjs";
import { DELIVERY_SECRET } from "../support/merchant.mjs";
import { ADMIN_TOKEN } from "../support/payments.mjs";
import { startSimulator, startWorker, WORKER_VARS } from "../support/workerd.mjs";

/** Secrets that no browser may ever see. */
export const SECRETS = {
  "the gateway's API key": WORKER_VARS.GATEWAY_API_KEY,
  "the webhook password": WORKER_VARS.WEBHOOK_PASSWORDS,
  "the ticket secret": WORKER_VARS.TICKET_SECRET,
  "the token of the merchant's backend": ADMIN_TOKEN,
  "the secret of deliveries": DELIVERY_SECRET,
};

/** Two ports that nobody uses, held until both are known: one after the other could be the same. */
async function freePorts() {
  const probes = [createServer(), createServer()];
  await Promise.all(probes.map((probe) => once(probe.listen(0, "127.0.0.1"), "listening")));
  const ports = probes.map((probe) => probe.address().port);
  await Promise.all(probes.map((probe) => once(probe.close(), "close")));
  return ports;
}

/** How often to start on other ports, when another program took one between its choice and its use. */
const TRIES = 5;

/** Starts everything; `stop` ends it. */
export async function startServers() {
  for (let tries = 1; ; tries++) {
    try {
      return await startOn(await freePorts());
    } catch (error) {
      if (error.code !== "ERR_ADDRESS_IN_USE" || tries === TRIES) throw error;
    }
  }
}

/** Each needs to know where the other will be. */
async function startOn([workerPort, simulatorPort]) {
  const shop = `http://127.0.0.1:${workerPort}`;
  const gateway = `http://127.0.0.1:${simulatorPort}`;
  const assets = await mkdtemp(join(tmpdir(), "edge-cashier-www-"));
  await buildStorefront({ out: assets, shopOrigin: gateway });

  const simulator = await startSimulator({
    port: simulatorPort,
    vars: {
      WEBHOOK_URL: `${shop}/v1/webhooks`,
      RETURN_URL: `${shop}/`,
      SHOP_ORIGIN: shop,
      SHOP_ADMIN_TOKEN: ADMIN_TOKEN,
      SHOP_DELIVERY_SECRET: DELIVERY_SECRET,
    },
  });
  const starting = startWorker({
    port: workerPort,
    assets,
    vars: {
      GATEWAY_BASE_URL: gateway,
      CASHIER_URL: `${gateway}/cashier/{token}`,
      ALLOWED_ORIGINS: shop,
      GATEWAY_TIMEOUT_MS: "2000",
      ADMIN_TOKEN,
      MERCHANT_WEBHOOK_URL: `${gateway}/shop/webhooks`,
      DELIVERY_SECRET,
    },
  });
  const worker = await starting.catch(async (error) => {
    await simulator.stop();
    throw error;
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

/** Chromium as it starts on every machine, in a container and as root too; with its popup blocker on, as customers have it. */
export function startBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    ignoreDefaultArgs: ["--disable-popup-blocking"],
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
    ],
  });
}
