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
  // Of src/js/gateway.rs. What they throw is read by `errorOf`.
  export function checkGateway(options: unknown, runtime: string | undefined): GatewayHandle;
  export function buildRequest(
    options: GatewayHandle,
    runtime: string | undefined,
    operation: unknown,
    request: unknown,
  ): import("./types.js").BuiltRequest;
  export function prepareCall(
    options: GatewayHandle,
    runtime: string | undefined,
    operation: unknown,
    request: unknown,
    callOptions: unknown,
  ): () => Promise<unknown>;
  export function splitRange(range: unknown): {
    readonly windows: readonly import("./types.js").ListTransactionsRequest[];
    readonly signal: AbortSignal | undefined;
  };
  /** Options as the core read them; they hold the API key. */
  export type GatewayHandle = object & { readonly __gateway: never };
  export function initSync(options: { module: WebAssembly.Module | ArrayBuffer | Uint8Array }): Exports;
  export default function init(options: { module_or_path: unknown }): Promise<Exports>;
  export function __wbg_reset_state(): void;
}
