// Schemathesis against the real Worker in workerd, with the simulated gateway behind it: whatever worker/openapi.yaml allows and forbids is tried, and every answer
// must be one that it documents. Seeded and bounded. `cargo xtask test hostile` installs it (schemathesis.requirements.txt).

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, it } from "node:test";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { startSimulator, startWorker, WORKER_VARS } from "../support/workerd.mjs";

const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const METHODS = ["get", "post", "put", "patch", "delete"];
const ADMIN_TOKEN = "obviously-fake-admin-token-of-32-bytes-or-more";

let directory;
let simulator;
let worker;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "edge-cashier-schemathesis-"));
  simulator = await startSimulator();
  worker = await startWorker({
    vars: {
      GATEWAY_BASE_URL: simulator.url,
      CASHIER_URL: `${simulator.url}/cashier/{token}`,
      ADMIN_TOKEN,
      CARD_PAYMENTS: "enabled",
    },
  });
});

after(async () => {
  await worker?.stop();
  await simulator?.stop();
  if (directory) await rm(directory, { recursive: true });
});

it("every answer is one that openapi.yaml documents", { timeout: 400_000 }, async () => {
  const report = join(directory, "report.json");
  const run = spawn(
    "python3",
    [
      "-m",
      "schemathesis.cli",
      "--config-file",
      here("schemathesis.toml"),
      "run",
      here("../../worker/openapi.yaml"),
      "--url",
      worker.url,
      "--no-color",
      "--checks",
      "all",
      "--report-json-path",
      report,
      "--warnings",
      "off",
    ],
    {
      cwd: directory,
      env: {
        ...process.env,
        SCHEMATHESIS_HOOKS: here("schemathesis_hooks.py"),
        PROOF_SECRETS: JSON.stringify({
          admin: ADMIN_TOKEN,
          ticket: WORKER_VARS.TICKET_SECRET,
          audience: WORKER_VARS.TICKET_AUDIENCE,
          webhook: WORKER_VARS.WEBHOOK_PASSWORDS,
        }),
        PYTHONDONTWRITEBYTECODE: "1",
      },
    },
  );
  let output = "";
  for (const stream of [run.stdout, run.stderr])
    stream.setEncoding("utf8").on("data", (text) => (output += text));
  const [status] = await once(run, "close");
  const {
    operations,
    test_cases: cases,
    valid_rates: rates,
    running_time: seconds,
  } = JSON.parse(await readFile(report, "utf8").catch(() => assert.fail(output)));
  assert.equal(status, 0, output);
  // What it did not try is no proof of anything.
  const { paths } = parse(await readFile(here("../../worker/openapi.yaml"), "utf8"));
  const documented = Object.values(paths).flatMap((item) =>
    Object.keys(item).filter((key) => METHODS.includes(key)),
  );
  assert.equal(operations.tested, documented.length);
  assert.equal(operations.errored + cases.errored, 0);
  assert.ok(cases.generated >= 60 * documented.length, `${cases.generated} requests are too few`);
  console.log(
    `schemathesis: ${cases.generated} requests to ${operations.tested} operations in ${Math.round(seconds)} s`,
  );
  for (const [operation, phases] of Object.entries(rates)) {
    const count = (kind) => Object.values(phases).reduce((sum, phase) => sum + phase[kind], 0);
    assert.ok(count("accepted") + count("unreachable") > 0, `no valid request came through to ${operation}`);
    console.log(
      `  ${operation}: valid ones ${count("accepted")} accepted, ${count("unreachable")} not found, ${count("rejected")} refused`,
    );
  }
});
