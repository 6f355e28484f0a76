// What each artefact may weigh, gzipped, in kilobytes of 1000 bytes: a guard against accidents, and no reason to write what a crate has. A change of a number needs its
// reason in the commit.
export const budgets = {
  "npm client (wasm + glue)": { budget: 130 },
  "edge-cashier/webhook (wasm + glue)": { budget: 20 },
  "edge-cashier/launcher": { budget: 3 },
  "Worker (index.js + wasm)": { budget: 600 },
};

/** The artefacts that passed their budget, and those with a budget that were not measured. */
export function overruns(artefacts) {
  return Object.entries(budgets).flatMap(([name, { budget }]) => {
    const artefact = artefacts.find((one) => one.name === name);
    if (!artefact) return [`${name} was not measured`];
    const kilobytes = artefact.gzip / 1000;
    return kilobytes <= budget
      ? []
      : [`${name} weighs ${kilobytes.toFixed(1)} KB gzipped, its budget is ${budget} KB`];
  });
}
