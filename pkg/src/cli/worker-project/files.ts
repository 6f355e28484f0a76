import devVars from "../../../../worker/.dev.vars.example";
import workerConfig from "../../../../worker/wrangler.jsonc";
import readme from "./README.md";

/** Returns the files of a project that deploys the Worker, by their paths in it. */
export function projectFiles(version: string): Record<string, string> {
  return {
    ".dev.vars.example": devVars,
    ".gitignore": ".dev.vars\n.wrangler\nnode_modules\n",
    "README.md": readme,
    "package.json": manifest(version),
    "src/index.js": 'export { Attempts, default, Payment } from "edge-cashier-worker";\n',
    "wrangler.jsonc": OWN_CONFIG + sharedConfig(),
  };
}

function manifest(version: string): string {
  const contents = {
    name: "payments-worker",
    private: true,
    type: "module",
    scripts: { dev: "wrangler dev", deploy: "wrangler deploy" },
    // Exactly the version of this command: its wrangler.jsonc is made for it.
    dependencies: { "edge-cashier-worker": version },
    devDependencies: { wrangler: __WRANGLER_VERSION__ },
  };
  return `${JSON.stringify(contents, null, 2)}\n`;
}

/** Returns the part of the Worker's own wrangler.jsonc that every deployment has: the bindings, and what goes with them. */
function sharedConfig(): string {
  const [, shared] = workerConfig.split(/^ *\/\/ What every deployment has\..*\n\n/m);
  if (!shared) throw new Error("worker/wrangler.jsonc has lost the line before what every deployment has");
  return shared;
}

/**
 * What a project has instead of the demo's files and values. Required variables are empty, so that a Worker on which somebody forgot one says so
 * instead of calling an example's address.
 */
const OWN_CONFIG = `// The Worker of edge-cashier. Secrets are not in here: see README.md.
{
  "$schema": "node_modules/wrangler/config-schema.json",
  "main": "src/index.js",

  // Yours to fill in: /healthz names what is missing or wrong. They are no secrets; those are set by \`wrangler secret put\`.
  "vars": {
    // The gateway's address, as the merchant portal shows it: "https://gateway.example.com"
    "GATEWAY_BASE_URL": "",
    // The hosted cashier's address with {token} in it: "https://cashier.example.com/{token}"
    "CASHIER_URL": "",
    // The storefronts whose pages may call this Worker, with commas between them: "https://shop.example.com"
    "ALLOWED_ORIGINS": "",
    // What your backend's tickets carry in their claim aud.
    "TICKET_AUDIENCE": "edge-cashier",
    // The gateway's paths where your merchant portal shows others than the defaults, which are placeholders.
    // "GATEWAY_ROUTES": "{\\"hosted_deposit\\": \\"POST /path\\", \\"hosted_withdrawal\\": \\"POST /path\\"}",
    // How long the gateway may take to answer.
    // "GATEWAY_TIMEOUT_MS": "15000",
    // Each change of a payment is delivered there, signed with the secret DELIVERY_SECRET.
    // "MERCHANT_WEBHOOK_URL": "https://…",
    // "CONFIRM_WITH_GATEWAY": "true",
    // "RETENTION_DAYS": "400",
    // How many days of the gateway's list are compared with what its webhooks told, every hour.
    // "RECONCILIATION_DAYS": "3",
    // Cards of your own form pass through the Worker then, and PCI DSS applies: see the Worker's documentation first.
    // "CARD_PAYMENTS": "disabled",
  },

`;
