// The workflows hold to what keeps a release safe: least permissions, pinned actions, no stored token.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { before, test } from "node:test";
import { installTools } from "../runtimes/support/tools.mjs";

const root = resolve(import.meta.dirname, "../..");
const folder = join(root, ".github/workflows");
const workflows = {};
const steps = (job) => Object.values(job.jobs).flatMap((one) => one.steps);
before(async () => {
  const tools = join(root, "tests/types");
  await installTools(tools);
  const { parse } = createRequire(join(tools, "package.json"))("yaml");
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name), "utf8");
    workflows[name] = { ...parse(text), text };
  }
});

test("there are two, and each may only read unless a job asks for more", () => {
  assert.deepEqual(Object.keys(workflows).sort(), ["ci.yml", "publish.yml"]);
  for (const [name, workflow] of Object.entries(workflows))
    assert.deepEqual(workflow.permissions, { contents: "read" }, name);
});

test("every action is pinned by commit, with its version beside it", () => {
  for (const [name, { text }] of Object.entries(workflows)) {
    const uses = text.split("\n").filter((line) => /^\s*-?\s*uses:/.test(line));
    assert.ok(uses.length >= 3, name);
    for (const line of uses) assert.match(line, /uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/, name);
  }
});

test("no checkout leaves its token behind, no job runs without a limit, no secret is read", () => {
  for (const [name, workflow] of Object.entries(workflows)) {
    for (const step of steps(workflow)) {
      if (step.uses?.startsWith("actions/checkout@"))
        assert.equal(step.with["persist-credentials"], false, name);
    }
    for (const [id, job] of Object.entries(workflow.jobs))
      assert.ok(job["timeout-minutes"] > 0, `${name}, ${id}`);
    assert.doesNotMatch(workflow.text, /\bsecrets\./, name);
  }
});

test("changes run the command that people use", () => {
  const { on, jobs } = workflows["ci.yml"];
  assert.ok("pull_request" in on && on.push.branches.includes("main"));
  assert.ok(jobs.everything.steps.some((step) => step.run === ".ci/run"));
});

test("only a tag publishes, only after the build, by trusted publishing with provenance", () => {
  const { on, jobs } = workflows["publish.yml"];
  assert.deepEqual(on, { push: { tags: ["v*.*.*"] } });
  assert.equal(jobs.build.permissions, undefined);
  for (const name of ["npm", "crates"]) {
    assert.equal(jobs[name].needs, "build");
    assert.deepEqual(jobs[name].permissions, { contents: "read", "id-token": "write" });
    assert.ok(jobs[name].environment);
  }
  const commands = (name) => jobs[name].steps.map((step) => step.run ?? "").join("\n");
  assert.match(commands("npm"), /npm publish .*--provenance/);
  // Projects that the one's command makes depend on the other.
  assert.match(commands("npm"), /for package in edge-cashier-worker edge-cashier; do/);
  assert.match(commands("build"), /npm pack .* \.\/pkg \.\/worker\/npm$/m);
  assert.match(commands("crates"), /cargo publish --locked/);
  assert.match(commands("build"), /EDGE_CASHIER_TARBALL=/);
  assert.match(commands("build"), /EDGE_CASHIER_WORKER_TARBALL=/);
  // Where a registry would believe us, none of our tools, tests and packages runs.
  assert.doesNotMatch(
    commands("npm") + commands("crates"),
    /npm (ci|install)|cargo (xtask|build|test)|\.ci\/run/,
  );
});
