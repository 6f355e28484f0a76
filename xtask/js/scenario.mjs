// Lists the scenarios, or runs those that are named through the Worker and the simulated gateway.
//
//   node xtask/js/scenario.mjs [NAME…]
import { isDeepStrictEqual } from "node:util";
import { runScenario, scenarios, startStage } from "../../tests/support/scenario.mjs";

const known = scenarios();
const names = process.argv.slice(2);
const unknown = names.filter((name) => !known.some((scenario) => scenario.name === name));

if (names.length === 0) {
  const width = Math.max(...known.map(({ name }) => name.length));
  for (const { name, title } of known) console.log(`${name.padEnd(width)}  ${title}`);
  console.log("\nRun one with `cargo xtask scenario NAME`; docs/scenarios.md says what each shows.");
} else if (unknown.length > 0) {
  console.error(`there is no scenario ${unknown.join(", ")}: \`cargo xtask scenario\` lists all`);
  process.exitCode = 2;
} else {
  await runAll(names.map((name) => known.find((scenario) => scenario.name === name)));
}

async function runAll(chosen) {
  const stage = await startStage();
  let failed = 0;
  try {
    for (const scenario of chosen) if (!(await run(stage, scenario))) failed += 1;
  } finally {
    await stage.stop();
  }
  console.log(`\n${chosen.length - failed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

async function run(stage, scenario) {
  console.log(`\n${scenario.name}: ${scenario.title}\n${scenario.description}\n`);
  try {
    let count = 0;
    const end = await runScenario(stage, scenario, ({ text }, result) =>
      console.log(`  ${++count}. ${text} -> ${result}`),
    );
    const passed = isDeepStrictEqual(end, scenario.expected);
    for (const part of Object.keys(scenario.expected)) {
      const [found, wanted] = [end[part], scenario.expected[part]].map(shown);
      console.log(`  ${part}: ${found}${found === wanted ? "" : `, expected ${wanted}`}`);
    }
    console.log(`  ${passed ? "PASS" : "FAIL"}`);
    return passed;
  } catch (error) {
    console.log(`  FAIL ${error.message}`);
    return false;
  }
}

function shown(part) {
  if (!Array.isArray(part)) return String(part);
  const words = part.map((one) =>
    typeof one === "string" ? one : `${one.status} ${one.outcome} x${one.received}`,
  );
  return words.join(", ") || "none";
}
