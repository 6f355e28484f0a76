/** The glue that wasm-bindgen writes: the build resolves `#wasm` to it. */
declare module "#wasm" {
  /** Exports that take and give numbers only, called without glue. */
  export interface Exports {
    readonly memory: WebAssembly.Memory;
    input(capacity: number): number;
    fields(): number;
    configure(webhook: number, length: number): number;
    verify(webhook: number, bodyLength: number, now: number): number;
    verifyRewritten(webhook: number, bodyLength: number, canonicalLength: number, now: number): number;
    sign(webhook: number, length: number): number;
    hash(length: number): number;
  }
  export function initSync(options: { module: WebAssembly.Module | ArrayBuffer | Uint8Array }): Exports;
  export default function init(options: { module_or_path: unknown }): Promise<Exports>;
  export function __wbg_reset_state(): void;
}
