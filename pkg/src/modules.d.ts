/** Put in by the build. */
declare const __VERSION__: string;

/** A wasm file, compiled by the runtime or the bundler that imports it. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}
