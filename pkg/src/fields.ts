/** Objects of fields whose names come from outside. */
import type { JsonObject, JsonValue } from "./types.js";

/** Adds a field. `__proto__` as a plain assignment would set the prototype. */
export function add(to: JsonObject, name: string, value: JsonValue): void {
  Object.defineProperty(to, name, { value, enumerable: true, configurable: true, writable: true });
}

/** The known fields, and all others under `extra`, where they cannot be taken for known ones. */
export function split(fields: JsonObject, known: readonly string[]): JsonObject {
  const extra: JsonObject = {};
  const result: JsonObject = {};
  for (const [name, value] of Object.entries(fields)) add(known.includes(name) ? result : extra, name, value);
  if (Object.keys(extra).length > 0) result["extra"] = extra;
  return result;
}
