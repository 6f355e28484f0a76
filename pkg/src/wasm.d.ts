/** The glue that wasm-bindgen writes: the build resolves `#wasm` to the full module's or to the webhook module's. */
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

  export function check(config: string): string;
  export function request(config: string, operation: string, request: string): string;
  export function received(config: string, facts: string, body: string): string;
  export function windows(range: string, today: number): string;
}
