/** The glue that wasm-bindgen writes: the build resolves `#wasm` to the full module's or to the webhook module's. */
declare module "#wasm" {
  /** Exports that take and give numbers only, called without glue. */
  export interface Exports {
    readonly memory: WebAssembly.Memory;
    input(capacity: number): number;
    fields(): number;
    verify(webhook: number, signatureLength: number, bodyLength: number, now: number): number;
    hash(length: number): number;
  }
  export function initSync(options: { module: WebAssembly.Module | ArrayBuffer | Uint8Array }): Exports;
  export default function init(options: { module_or_path: unknown }): Promise<Exports>;
  export function __wbg_reset_state(): void;

  export function configure(
    webhook: number,
    passwords: string,
    lengths: Uint32Array,
    ends: Float64Array,
  ): string;
  export function canonicalize(bodyLength: number): string;
  export function sign(webhook: number, bodyLength: number): string;
  export function explain(
    webhook: number,
    bodyLength: number,
    signature: string,
    now: number,
    candidates: number,
  ): string;
  export function text(): string;

  export function check(config: string): string;
  export function request(config: string, operation: string, request: string): string;
  export function call(config: string, operation: string, request: string, host: object): Promise<string>;
  export function windows(range: string): string;
}
