/** Objects of fields whose names come from outside. */

/**
 * Adds a field. `__proto__` as a plain assignment would set the prototype. A descriptor without one does not read `get` from an `Object.prototype` that some other
 * program has changed.
 */
export function add(to: object, name: string, value: unknown): void {
  Reflect.defineProperty(to, name, {
    __proto__: null,
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  } as PropertyDescriptor);
}

/** A copy of the fields that an object has itself, without a prototype from which others could come; anything else as it is. */
export function ownFields(of: unknown): unknown {
  return typeof of === "object" && of !== null ? Object.assign(Object.create(null), of) : of;
}
