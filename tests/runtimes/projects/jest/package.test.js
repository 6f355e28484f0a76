// A test as Jest runs it with no configuration: CommonJS, in a context of its own.
const main = require("edge-cashier");
const launcher = require("edge-cashier/launcher");
const webhook = require("edge-cashier/webhook");
const { runChecks } = require("./checks.js");

test("the package", async () => {
  const results = await runChecks({ main, webhook, launcher }, { gatewayUrl: process.env.GATEWAY_URL });
  // Past Jest's console, which decorates what it prints.
  process.stdout.write(`\nCHECKS ${JSON.stringify(results)}\n`);
});
