/** Put in by the build. */
declare const __VERSION__: string;
declare const __WRANGLER_VERSION__: string;

/** A wasm file, compiled by the runtime or the bundler that imports it. */
declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}
declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}

/** Files that the command line carries as text. */
declare module "*.example" {
  const text: string;
  export default text;
}
declare module "*.jsonc" {
  const text: string;
  export default text;
}
declare module "*.md" {
  const text: string;
  export default text;
}
