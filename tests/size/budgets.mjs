// What each artefact may weigh, gzipped, in kilobytes of 1000 bytes: a guard against accidents, and no reason to write what a crate has. A change of a number needs its
// reason in the commit. The design's figures for the first two are 130 and 20: they are from a prototype whose wasm read no passwords and events, explained nothing,
// and had neither errors nor redaction; now all of that is in the core, on kept crates.
export const budgets = {
  "npm client (wasm + glue)": { budget: 200 },
  "edge-cashier/webhook (wasm + glue)": { budget: 80 },
  // What Node and every bundler without a plugin take: the wasm as base64, a third longer.
  "npm client, wasm inlined (default entry)": { budget: 260 },
  "edge-cashier/webhook, wasm inlined": { budget: 105 },
  // What every page loads: 3 KB of 1024 bytes.
  "edge-cashier/launcher": { budget: 3.072 },
  // What comes to it with `mode: "iframe"`.
  "edge-cashier/launcher, the frame's part": { budget: 1.1 },
  // The launcher and what the element adds, in one file.
  "edge-cashier/button (dist/button.js)": { budget: 5.5 },
  "storefront, before the inspector": { budget: 100 },
  // The whole client with its wasm as base64, so that the page needs no connection once it is loaded.
  "webhook inspector, its own files": { budget: 270 },
  // 625 KB of 1024 bytes; the smallest limit of Cloudflare is 3 MB.
  "Worker (index.js + wasm)": { budget: 640 },
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
