// The budgets hold, and passing one is noticed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { budgets, overruns } from "../size/budgets.mjs";
import { ours } from "../size/measure.mjs";

test("every artefact is within its budget", async () => {
  assert.deepEqual(overruns(await ours()), []);
});

test("an artefact over its budget is named, and so is one that was not measured", () => {
  const artefacts = Object.entries(budgets).map(([name, { budget }]) => ({ name, gzip: budget * 1000 }));
  assert.deepEqual(overruns(artefacts), []);
  artefacts[0].gzip += 1;
  artefacts.pop();
  const [over, missing] = overruns(artefacts);
  const [[name, { budget }]] = Object.entries(budgets);
  assert.ok(over.startsWith(`${name} weighs `) && over.endsWith(` its budget is ${budget} KB`), over);
  assert.match(missing, /Worker.* was not measured/);
});
