const main = require("edge-cashier");
const launcher = require("edge-cashier/launcher");
const webhook = require("edge-cashier/webhook");

import("./checks.mjs").then(async ({ runChecks }) => {
  const results = await runChecks({ main, webhook, launcher }, { gatewayUrl: process.argv[2] });
  console.log(`CHECKS ${JSON.stringify(results)}`);
});
