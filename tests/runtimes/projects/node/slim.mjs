import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { init, Webhook } from "edge-cashier/slim";
import { body, password, signature } from "./checks.mjs";

let early;
try {
  early = new Webhook(password);
} catch (error) {
  early = error.code;
}
// A load that failed can be repeated.
const failed = await init(new Uint8Array([1, 2, 3])).then(
  () => false,
  () => true,
);
await init(readFileSync(fileURLToPath(import.meta.resolve("edge-cashier/core.wasm"))));
const verified = new Webhook(password).verify(body, signature).amount;
console.log(`CHECKS ${JSON.stringify({ early, failed, verified })}`);
