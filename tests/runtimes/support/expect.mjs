// Which checks each kind of runtime must have reported, and how a report is read.
import assert from "node:assert/strict";

const everywhere = [
  "the published signature verifies",
  "bytes and another spelling verify too",
  "a changed body is refused",
  "another password is refused",
  "edge-cashier/webhook verifies and refuses alike",
  "edge-cashier/launcher loads",
  "the version is the package's",
];
const withoutNetwork = [...everywhere, "an amount leaves digit for digit", "every violation at once"];

/** By kind of runtime: the names of all its checks, in order. */
export const checks = {
  browser: [
    ...everywhere,
    "an API key in a browser is refused with its reason",
    "edge-cashier/launcher finds its second file",
  ],
  withoutNetwork,
  server: [...withoutNetwork, "a call to a local server", "a refusal of the local server is a GatewayError"],
};

/** All checks of that kind were run, and each holds. */
export function assertChecks(kind, results) {
  assert.ok(Array.isArray(results), `no list of checks, but ${JSON.stringify(results)}`);
  const broken = results
    .filter((result) => result.ok !== true)
    .map((result) => `${result.name}: ${result.detail}`);
  assert.deepEqual(broken, []);
  assert.deepEqual(
    results.map((result) => result.name),
    checks[kind],
  );
}

/** The list that a project printed as its line `CHECKS […]`. */
export function printedChecks({ code, stdout, stderr }) {
  const line = stdout.split("\n").find((text) => text.startsWith("CHECKS "));
  assert.ok(line, `no line of checks (exit ${code})\n${stdout}\n${stderr}`);
  assert.equal(code, 0, stderr);
  return JSON.parse(line.slice("CHECKS ".length));
}
