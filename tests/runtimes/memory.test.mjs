// The memory of a million verifications stays flat: the modules' own, JavaScript's, and the process's.
import assert from "node:assert/strict";
import { join } from "node:path";
import { before, test } from "node:test";
import { project } from "./support/project.mjs";
import { must } from "./support/run.mjs";
import { installTools } from "./support/tools.mjs";

const megabyte = 1024 * 1024;
let folder;
before(async () => {
  await installTools(import.meta.dirname);
  folder = await project("node");
});

for (const entry of ["main", "webhook"]) {
  test(`1,000,000 verifications by the ${entry} entry`, async (context) => {
    const node = join(import.meta.dirname, "node_modules/node24/bin/node");
    // A small young generation: V8 would let it grow to tens of megabytes before it collects, which hides what the process itself needs.
    const { stdout } = await must(node, ["--expose-gc", "--max-semi-space-size=1", "memory.mjs", entry], {
      cwd: folder,
      seconds: 180,
    });
    const { genuine, refused, samples } = JSON.parse(/^MEMORY (.*)$/m.exec(stdout)[1]);
    const [first] = samples;
    const last = samples.at(-1);
    const figure = (one) =>
      `wasm ${one.wasm.map((bytes) => bytes / 1024).join(" + ")} KiB, heap ${(one.heapUsed / megabyte).toFixed(2)} MiB, process ${(one.rss / megabyte).toFixed(0)} MiB`;
    context.diagnostic(`after 100,000: ${figure(first)}`);
    context.diagnostic(`after 1,100,000: ${figure(last)}`);

    assert.deepEqual({ genuine, refused }, { genuine: 800_000, refused: 200_000 });
    assert.equal(samples.length, 11);
    assert.ok(
      first.wasm.length >= 1 && first.wasm.every((bytes) => bytes > 0),
      "no WebAssembly memory was seen",
    );
    for (const { wasm } of samples) assert.deepEqual(wasm, first.wasm);
    // 1 byte kept for each verification would be 0.95 MiB.
    assert.ok(
      last.heapUsed - first.heapUsed < 0.5 * megabyte,
      `the heap grew from ${first.heapUsed} to ${last.heapUsed} bytes`,
    );
    assert.ok(last.rss - first.rss < 4 * megabyte, `the process grew from ${first.rss} to ${last.rss} bytes`);
  });
}
