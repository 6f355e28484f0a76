import {
  Gateway,
  GatewayError,
  ValidationError,
  version,
  Webhook,
  WebhookVerificationError,
} from "edge-cashier";
import { awaitResult, openCashier } from "edge-cashier/launcher";
import { Webhook as SmallWebhook } from "edge-cashier/webhook";
import { runChecks } from "./checks.mjs";

// Each name on its own, as people import them: what a bundler drops as unused is then missing here.
const main = { Gateway, GatewayError, ValidationError, version, Webhook, WebhookVerificationError };
const packed = { main, webhook: { Webhook: SmallWebhook }, launcher: { awaitResult, openCashier } };

if (typeof document === "undefined") {
  runChecks(packed, { gatewayUrl: process.argv[2] }).then((results) =>
    console.log(`CHECKS ${JSON.stringify(results)}`),
  );
} else {
  runChecks(packed, { inBrowser: true }).then((results) => {
    globalThis.checks = results;
  });
}
