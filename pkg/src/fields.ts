/** Objects of fields whose names come from outside. */
import type { JsonObject, JsonValue } from "./types.js";

/**
 * Adds a field. `__proto__` as a plain assignment would set the prototype. A descriptor without one does not read `get` from an `Object.prototype` that some other
 * program has changed.
 */
export function add(to: object, name: string, value: unknown): void {
  Object.defineProperty(to, name, {
    __proto__: null,
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  } as PropertyDescriptor);
}

/** A field that the object has itself. */
export function own(of: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(of, name) ? of[name] : undefined;
}

/** The known fields, and all others under `extra`, where they cannot be taken for known ones. */
export function split(fields: JsonObject, known: readonly string[]): JsonObject {
  const extra: JsonObject = {};
  const result: JsonObject = {};
  for (const [name, value] of Object.entries(fields)) add(known.includes(name) ? result : extra, name, value);
  if (Object.keys(extra).length > 0) add(result, "extra", extra);
  return result;
}
