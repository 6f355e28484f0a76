// Runs the simulated gateway alone, for a merchant's own backend. What is not given is as in simulator/.dev.vars.example, and users return to a page of its own.
//
//   node xtask/js/simulator.mjs [--port 8788] [--api-key KEY] [--webhook-url URL] [--webhook-password PASSWORD] [--return-url URL] [--seed NUMBER]
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs, parseEnv } from "node:util";
import { root, secret, serve } from "./servers.mjs";

const { values: options } = parseArgs({
  options: {
    port: { type: "string", default: "8788" },
    "api-key": { type: "string" },
    "webhook-url": { type: "string" },
    "webhook-password": { type: "string" },
    "return-url": { type: "string" },
    seed: { type: "string" },
  },
});
const examples = parseEnv(readFileSync(join(root, "simulator/.dev.vars.example"), "utf8"));
const address = `http://localhost:${options.port}`;
const variables = {
  API_KEYS: options["api-key"] ?? examples.API_KEYS,
  WEBHOOK_URL: options["webhook-url"] ?? examples.WEBHOOK_URL,
  WEBHOOK_PASSWORD: options["webhook-password"] ?? examples.WEBHOOK_PASSWORD,
  RETURN_URL: options["return-url"] ?? `${address}/return`,
  ...(options.seed !== undefined && { SEED: options.seed }),
  // The demo shop's backend is not used here: no storefront knows this secret.
  SHOP_TICKET_SECRET: secret("simulator_ticket_secret"),
  SHOP_AUDIENCE: examples.SHOP_AUDIENCE,
  SHOP_ORIGIN: examples.SHOP_ORIGIN,
};

await serve({
  command: "simulator",
  // A second one on another port keeps what is its own.
  home: join(root, "target/simulator", options.port),
  servers: [{ name: "simulator", title: "simulator", port: options.port, portFlag: "--port", variables }],
  ready() {
    console.log(`
The simulated gateway is ready (Ctrl-C ends it and forgets everything).

  API                ${address}
  x-api-key          ${variables.API_KEYS}
  webhooks go to     ${variables.WEBHOOK_URL}
  and are signed by  ${variables.WEBHOOK_PASSWORD}
  users return to    ${variables.RETURN_URL}
  cashier            ${address}/cashier/{token}
  control page       ${address}/control
`);
  },
});
