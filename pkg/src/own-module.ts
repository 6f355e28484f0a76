/** Next.js hands over a module of another realm, which the loader would take for bytes; with this realm's prototype it is known for what it is. */
export function ownModule(module: WebAssembly.Module): WebAssembly.Module {
  if (!(module instanceof WebAssembly.Module)) Object.setPrototypeOf(module, WebAssembly.Module.prototype);
  return module;
}
