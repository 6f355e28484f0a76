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
import {
  ADMIN_TOKEN,
  asMerchant,
  event,
  eventually,
  openSession,
  readSession,
  sendWebhook,
  ticket,
} from "../support/payments.mjs";
import { startStage } from "../support/scenario.mjs";
import { WORKER_VARS } from "../support/workerd.mjs";

const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const METHODS = ["get", "post", "put", "patch", "delete"];

let directory;
let stage;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "edge-cashier-schemathesis-"));
  stage = await startStage();
});

after(async () => {
  await stage?.stop();
  if (directory) await rm(directory, { recursive: true });
});

it("every answer is one that openapi.yaml documents", { timeout: 400_000 }, async () => {
  const { worker } = stage;
  const known = await seeded();
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
        HIDDEN: JSON.stringify(worker.secrets),
        KNOWN_IDS: JSON.stringify(known),
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
    console.log(
      `  ${operation}: valid ones ${count("accepted")} accepted, ${count("unreachable")} not found, ${count("rejected")} refused`,
    );
    assert.ok(count("accepted") > 0, `no valid request came through to ${operation}`);
  }
});

/** One of each thing that has an id, by the operation that takes the id. */
async function seeded() {
  const { worker, merchant, simulator } = stage;
  const settings = { webhook_url: `${worker.url}/v1/webhooks` };
  await fetch(`${simulator.url}/control/settings`, { method: "PUT", body: JSON.stringify(settings) });
  const json = async (path) => (await asMerchant(worker, path)).json();

  const session = await opened();
  await decide(session, "approve");
  const isPaid = async () => (await (await readSession(worker, session)).json()).state === "successful";
  await eventually(isPaid, Boolean);

  // Parked at once by 410, and a conflict.
  const contradicted = await opened();
  merchant.plan(contradicted.tracking_id, Array(1000).fill({ status: 410, text: "" }));
  await sendWebhook(worker, event(contradicted, { amount: "9.99", status: "pending" }));
  const find = (path) => async () =>
    (await json(path)).items.find(({ tracking_id }) => tracking_id === contradicted.tracking_id);
  const parked = await eventually(find("/v1/deliveries"), Boolean);
  const conflict = await eventually(find("/v1/exceptions"), Boolean);
  const [delivered] = await merchant.got(session.tracking_id, 1);

  return {
    "GET /v1/sessions/{tracking_id}": [session.tracking_id],
    "GET /v1/deliveries/{id}": [delivered.id, parked.id],
    "POST /v1/deliveries/{id}/replay": [delivered.id, parked.id],
    "POST /v1/exceptions/{id}/resolve": [conflict.id],
    "POST /v1/payouts/{tracking_id}/approve": [await payout()],
    "POST /v1/payouts/{tracking_id}/reject": [await payout()],
    "GET /v1/transactions/{id}": [session.tracking_id],
  };

  async function opened(changes) {
    const payment = await ticket(changes);
    const response = await openSession(worker, payment.jwt);
    assert.equal(response.status, 201);
    return { ...payment, page: (await response.json()).cashier_url };
  }

  /** The user's decision in the cashier. */
  async function decide({ page }, decision) {
    const body = new URLSearchParams({ decision });
    const response = await fetch(`${page}/decision`, { method: "POST", body, redirect: "manual" });
    assert.equal(response.status, 303);
  }

  /** The tracking id of one that waits for the merchant. */
  async function payout() {
    const payment = await opened({ operation: "hosted_withdrawal" });
    await decide(payment, "approve");
    const isPending = async () => (await (await readSession(worker, payment)).json()).state === "pending";
    await eventually(isPending, Boolean);
    return payment.tracking_id;
  }
}
