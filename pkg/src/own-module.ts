/** Gives a module of another realm, such as Next.js passes, this realm's prototype; the loader would take it for bytes. */
export function ownModule(module: WebAssembly.Module): WebAssembly.Module {
  if (!(module instanceof WebAssembly.Module)) Object.setPrototypeOf(module, WebAssembly.Module.prototype);
  return module;
}
