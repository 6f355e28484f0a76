import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";

// Next itself stands three folders up, beside the other tools; a user's project has it in its own node_modules and needs none of this.
const tools = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");

export default { turbopack: { root: tools }, outputFileTracingRoot: tools };
