// A million verifications in one process: genuine ones and refused ones, short and long, by verifiers that are kept and by new ones. The event loop turns now and then,
// as it does between requests: finalizers run only then.
import { createHash } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";
import { body, password, signature } from "./checks.mjs";

const memories = [];
const Instance = WebAssembly.Instance;
// The package does not show its memory, so it is noted where it is made.
WebAssembly.Instance = class extends Instance {
  constructor(...args) {
    super(...args);
    memories.push(this.exports.memory);
  }
};
const entries = { main: await import("edge-cashier"), webhook: await import("edge-cashier/webhook") };
const { Webhook, WebhookVerificationError } = entries[process.argv[2]];

const total = 1_000_000;
const webhook = new Webhook(password);
const bytes = new TextEncoder().encode(body);
const respelled = body.replace(/,/g, ", ");
const long = JSON.stringify({ ...JSON.parse(body), note: "x".repeat(16_000) });
const longSignature = createHash("sha1")
  .update(long + password)
  .digest("hex");
let genuine = 0;
let refused = 0;

function step(number) {
  try {
    if (number % 100 === 0) webhook.verify(long, longSignature);
    else if (number % 10 === 1) webhook.verify(respelled, signature);
    else if (number % 10 === 2) webhook.verify(body, longSignature);
    else if (number % 10 === 3) new Webhook(`${password}${number % 7}`).verify(body, signature);
    else if (number % 2 === 0) webhook.verify(bytes, signature);
    else webhook.verify(body, signature);
    genuine += 1;
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    refused += 1;
  }
}

async function sample() {
  globalThis.gc();
  await turn();
  const { heapUsed, rss } = process.memoryUsage();
  return { wasm: memories.map((memory) => memory.buffer.byteLength), heapUsed, rss };
}

async function steps(count) {
  for (let number = 0; number < count; number++) {
    step(number);
    if (number % 100 === 0) await turn();
  }
}

await steps(total / 10);
[genuine, refused] = [0, 0];
const samples = [await sample()];
for (let part = 0; part < 10; part++) {
  await steps(total / 10);
  samples.push(await sample());
}
console.log(`MEMORY ${JSON.stringify({ genuine, refused, samples })}`);
