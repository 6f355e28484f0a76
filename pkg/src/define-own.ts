/**
 * `Object.defineProperty` with a descriptor that takes nothing from an `Object.prototype` that some other program has changed. The build puts it in the place of
 * the host's in wasm-bindgen's glue, which marks each object of an exported class.
 */
export function defineOwn<T extends object>(object: T, name: PropertyKey, descriptor: PropertyDescriptor): T {
  const own = { __proto__: null, ...descriptor } as PropertyDescriptor;
  if (!Reflect.defineProperty(object, name, own)) throw new TypeError("the property cannot be defined");
  return object;
}
