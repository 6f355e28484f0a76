import * as main from "edge-cashier";
import * as launcher from "edge-cashier/launcher";
import * as webhook from "edge-cashier/webhook";
import { runChecks } from "./checks.mjs";

const results = await runChecks({ main, webhook, launcher }, { gatewayUrl: Deno.args[0] });
console.log(`CHECKS ${JSON.stringify(results)}`);
