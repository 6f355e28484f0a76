// Runs the demo: the Worker with the storefront, and the simulated gateway with the demo shop's backend, each in its
// own workerd. Keys are made anew at every start and live in target/demo/PORT only.
//
//   node xtask/js/demo.mjs [--port 8787] [--simulator-port 8788]
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildStorefront } from "../../www/build.mjs";
import { root, secret, serve } from "./servers.mjs";

const { values: options } = parseArgs({
  options: {
    port: { type: "string", default: "8787" },
    "simulator-port": { type: "string", default: "8788" },
  },
});
// A second one on other ports keeps what is its own.
const home = join(root, "target/demo", options.port);
const storefront = `http://localhost:${options.port}`;
const gateway = `http://localhost:${options["simulator-port"]}`;

const gatewayKey = secret("demo_gateway_key");
const webhookPassword = secret("demo_webhook_password");
/** The Worker accepts it too, as while passwords are exchanged: the scenario `rotated-password` can be done by hand. */
const nextPassword = secret("demo_next_webhook_password");
const ticketSecret = secret("demo_ticket_secret");
const adminToken = secret("demo_admin_token");
const deliverySecret = `whsec_${randomBytes(32).toString("base64")}`;
const audience = "edge-cashier-demo";

await serve({
  command: "demo",
  home,
  servers: [
    {
      name: "worker",
      title: "Worker",
      port: options.port,
      portFlag: "--port",
      arguments: ["--assets", join(home, "www")],
      variables: {
        GATEWAY_BASE_URL: gateway,
        CASHIER_URL: `${gateway}/cashier/{token}`,
        ALLOWED_ORIGINS: storefront,
        TICKET_AUDIENCE: audience,
        GATEWAY_API_KEY: gatewayKey,
        WEBHOOK_PASSWORDS: JSON.stringify([
          { id: "next", password: nextPassword },
          { id: "current", password: webhookPassword },
        ]),
        TICKET_SECRET: ticketSecret,
        ADMIN_TOKEN: adminToken,
        MERCHANT_WEBHOOK_URL: `${gateway}/shop/webhooks`,
        DELIVERY_SECRET: deliverySecret,
      },
    },
    {
      name: "simulator",
      title: "simulator",
      port: options["simulator-port"],
      portFlag: "--simulator-port",
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
  ],
  prepare: () => buildStorefront({ out: join(home, "www"), shopOrigin: gateway }),
  ready() {
    console.log(`\nThe gateway's control page: ${gateway}/control`);
    console.log(`The next webhook password, for the scenario rotated-password: ${nextPassword}`);
    console.log(`To take a deposit, open ${storefront}\n`);
  },
});
