import * as main from "edge-cashier";
import * as launcher from "edge-cashier/launcher";
import type { init } from "edge-cashier/slim";
import * as webhook from "edge-cashier/webhook";
import { runChecks } from "./checks.js";

// Each entry's types were found, and are no `any`.
export type Loading = ReturnType<typeof init>;
export function textOf(error: unknown): string {
  // @ts-expect-error the body as text, not the parsed object
  if (error === null) new webhook.Webhook("password").verify({}, "signature");
  // @ts-expect-error an amount is a number or text
  if (error === undefined) ({ amount: true }) satisfies Partial<main.HostedDepositRequest>;
  // @ts-expect-error not a mode
  if (error === "") void launcher.openCashier({ endpoint: "/", ticket: "", mode: "carrier pigeon" });
  return error instanceof main.ValidationError ? error.violations.map(({ path }) => path).join() : "";
}

runChecks({ main, webhook, launcher }, { gatewayUrl: process.argv[2] }).then((results) =>
  console.log(`CHECKS ${JSON.stringify(results)}`),
);
