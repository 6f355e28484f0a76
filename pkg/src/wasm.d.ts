/** The glue that wasm-bindgen writes: the build resolves `#wasm` to it. */
declare module "#wasm" {
  /** The exports of the instance itself. */
  export interface Exports {
    readonly memory: WebAssembly.Memory;
  }
  // Of src/js/input.rs and src/js/webhook.rs. A body is read from the input buffer; `length` is its length in bytes.
  export function input(capacity: number): number;
  export function fields(): number;
  export function canonicalize(length: number): string;
  export function extra(length: number): import("./types.js").JsonObject;
  export class Webhook {
    constructor(password: unknown);
    verifyFast(length: number): number;
    verify(length: number, signature: string): import("./webhook-types.js").WebhookEvent;
    passwordId(place: number): string | undefined;
    sign(length: number): string;
    /** Not in the small module. */
    explain(length: number, signature: string, options: unknown): import("./webhook-types.js").Explanation;
  }
  // Of src/js/gateway.rs. What they throw is read by `errorOf`.
  export class Gateway {
    constructor(options: unknown, runtime: string | undefined);
    /** The options as they were read; they hold the API key. */
    options(): object;
    request(operation: unknown, request: unknown): import("./types.js").BuiltRequest;
    requestOfText(operation: string, json: string): import("./types.js").BuiltRequest;
    prepare(
      operation: unknown,
      request: unknown,
      callOptions: unknown,
      seen: Set<string> | undefined,
    ): () => Promise<unknown>;
  }
  export function operations(): import("./types.js").OperationName[];
  export function splitRange(range: unknown): {
    readonly windows: readonly import("./types.js").ListTransactionsRequest[];
    readonly signal: AbortSignal | undefined;
  };
  export function initSync(options: { module: WebAssembly.Module | ArrayBuffer | Uint8Array }): Exports;
  export default function init(options: { module_or_path: unknown }): Promise<Exports>;
  export function __wbg_reset_state(): void;
}
