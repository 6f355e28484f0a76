// The scenarios: files, control API and docs/scenarios.md say the same, and each runs through Worker and simulator to its documented end.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { documented, runScenario, scenarios, startStage } from "../support/scenario.mjs";

const all = scenarios();
let stage;
before(async () => {
  stage = await startStage();
});
after(() => stage?.stop());

const control = (path, init) => fetch(`${stage.simulator.url}/control/${path}`, init);

it("the control API lists every file as it is", async () => {
  assert.deepEqual(await (await control("scenarios")).json(), all);
});

it("docs/scenarios.md has a row for each, and no other", async () => {
  const page = await readFile(new URL("../../docs/scenarios.md", import.meta.url), "utf8");
  const rows = page.split("\n").filter((line) => line.startsWith("| `"));
  assert.deepEqual(rows, all.map(documented));
});

/** What the pages of the demo do not have: a card form, another event, the cron, the next password, a second decision. */
const beyondThePages = ({ steps }) =>
  steps.some(({ action }) => ["pay_card", "reconcile", "rotate_password"].includes(action)) ||
  steps.some(({ event = {} }) => Object.keys(event).some((name) => name !== "status")) ||
  steps.filter(({ action }) => action === "payout").length > 1;

it("a scenario says what it takes by hand exactly where the demo's pages are not enough, and the control page shows it", async () => {
  const names = (which) => all.filter(which).map(({ name }) => name);
  assert.deepEqual(
    names(({ by_hand }) => by_hand !== undefined),
    names(beyondThePages),
  );
  const page = await (await fetch(`${stage.simulator.url}/control`)).text();
  assert.equal([...page.matchAll(/By hand: /g)].length, names(beyondThePages).length);
});

it("a scenario that is not there is refused, with the names of those that are", async () => {
  const response = await control("scenarios/none", { method: "PUT" });
  assert.equal(response.status, 404);
  assert.match((await response.json()).error, /approved-deposit, .*wrong-password/);
});

it("applying one ends the faults of another, and keeps where webhooks go", async () => {
  const webhook_url = "http://localhost:9/kept";
  const body = JSON.stringify({ webhook_url, fault: { kind: "html" }, auto_approve: true });
  assert.equal((await control("settings", { method: "PUT", body })).status, 200);
  const settings = await (await control("scenarios/duplicate-webhooks", { method: "PUT" })).json();
  assert.equal(settings.webhook_url, webhook_url);
  assert.equal(settings.fault, null);
  assert.equal(settings.auto_approve, false);
  assert.equal(settings.webhook_fault.duplicate, 2);
  assert.deepEqual(await (await control("settings")).json(), settings);
});

describe("each ends as documented", () => {
  for (const scenario of all)
    it(scenario.name, async () => {
      assert.deepEqual(await runScenario(stage, scenario), scenario.expected);
    });
});
