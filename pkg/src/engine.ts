/**
 * The WebAssembly module behind the classes: loaded once, entered through {@link enter}, and replaced by a fresh instance should it ever trap.
 */
import load, { __wbg_reset_state, fields, initSync as loadSync, input, type Exports } from "#wasm";
import { EdgeCashierError } from "./errors.js";
import { errorOf } from "./thrown.js";

/** Bytes before the body in the module's input: the digits of a signature. */
const DIGITS = 40;
/** Space for the body at first: most webhooks have some 200 bytes. */
const FIRST_CAPACITY = 4096;
/** From this length on a text is encoded first: three bytes for each of its characters would be more than it needs, and more than there may be. */
const LONG_TEXT = 1 << 20;
/** Positions of the body's fields: start and end for each of the seven. */
const FIELDS = 14;

/**
 * The loaded module with views of its memory that are valid for the moment.
 * @internal
 */
export interface Engine {
  readonly exports: Exports;
  /** The longest body that fits. */
  readonly capacity: number;
  /** Where the signature's digits are written. */
  digits: Uint8Array;
  /** Where the body is written. */
  body: Uint8Array;
  /** The positions of the fields that the module found. */
  fields: Uint32Array;
  /** The digits and the body behind them as Node's Buffer, where there is one: it writes text several times as fast as a TextEncoder. */
  writer: TextWriter | undefined;
}

/** What of Node's `Buffer` is used. Deno and Bun have it too, and Workers that ask for Node's modules. */
interface TextWriter {
  write(text: string, at: number, length: number, encoding: "utf8" | "latin1"): number;
}
interface Globals {
  readonly Buffer?: { from(memory: ArrayBuffer, at: number, length: number): TextWriter };
}

const encoder = new TextEncoder();

let engine: Engine | undefined;

// The types of Node know neither `WebAssembly` nor `BufferSource`: a server's project must compile without a browser's types.
type CompiledModule = typeof globalThis extends { WebAssembly: { Module: { prototype: infer Module } } }
  ? Module
  : object;
type HttpResponse = typeof globalThis extends { Response: { prototype: infer Response } } ? Response : object;
type WasmBytes = ArrayBuffer | ArrayBufferView;

/** What `./slim` loads the module from. */
export type WasmSource =
  | CompiledModule
  | WasmBytes
  | HttpResponse
  | URL
  | string
  | Promise<HttpResponse | CompiledModule | WasmBytes>;

/**
 * Loads the module at once, from a compiled `WebAssembly.Module` or its bytes. A second call does nothing.
 */
export function initSync(module: CompiledModule | WasmBytes): void {
  if (engine === undefined) install(loadSync({ module: bytesOf(module) }));
}

/**
 * Loads the module, from a URL, a `Response`, bytes or a compiled module. A second call does nothing; after a failed one it can be called again.
 */
export async function init(source: WasmSource): Promise<void> {
  if (engine === undefined) install(await load({ module_or_path: await source }));
}

function bytesOf(module: WebAssembly.Module | BufferSource): WebAssembly.Module | ArrayBuffer | Uint8Array {
  return ArrayBuffer.isView(module)
    ? new Uint8Array(module.buffer, module.byteOffset, module.byteLength)
    : module;
}

function install(exports: Exports): void {
  engine = viewsOf(exports, FIRST_CAPACITY);
}

function viewsOf(exports: Exports, capacity: number): Engine {
  const at = input(capacity) >>> 0;
  const places = fields() >>> 0;
  const { buffer } = exports.memory;
  return {
    exports,
    capacity,
    digits: new Uint8Array(buffer, at, DIGITS),
    body: new Uint8Array(buffer, at + DIGITS, capacity),
    fields: new Uint32Array(buffer, places, FIELDS),
    writer: (globalThis as Globals).Buffer?.from(buffer, at, DIGITS + capacity),
  };
}

/**
 * Returns the module with space for a body of `capacity` bytes.
 * @internal
 */
export function engineFor(capacity: number): Engine {
  if (engine === undefined) throw notInitialised();
  // A view has no length once its memory has grown; what it had is still there.
  if (engine.capacity < capacity || engine.fields.length === 0) {
    engine = viewsOf(engine.exports, Math.max(capacity, engine.capacity));
  }
  return engine;
}

/** How many entries are under way: the code of a caller's getter runs inside the module and may enter it again. */
let depth = 0;
let trapped = false;

/**
 * Writes a body into the module's memory and returns its length in bytes.
 * @internal
 */
export function writeBody(body: string | Uint8Array): number {
  if (typeof body !== "string") {
    engineFor(body.length).body.set(body);
    return body.length;
  }
  if (body.length > LONG_TEXT) {
    // A byte for each character is the least: what cannot fit is refused before it is encoded.
    engineFor(body.length);
    return writeBody(encoder.encode(body));
  }
  // A character of a JavaScript string takes at most three bytes of UTF-8.
  const capacity = body.length * 3;
  const { writer, body: memory } = engineFor(capacity);
  return writer?.write(body, DIGITS, capacity, "utf8") ?? encoder.encodeInto(body, memory).written;
}

/**
 * Writes a signature's digits before the body; returns false when it has not just as many bytes.
 * @internal
 */
export function writeDigits(digits: string): boolean {
  if (digits.length !== DIGITS) return false;
  const { writer, digits: memory } = engineFor(0);
  return (writer?.write(digits, 0, DIGITS, "utf8") ?? encoder.encodeInto(digits, memory).written) === DIGITS;
}

/**
 * Returns a getter of an object inside the module, which is made on first use, and again after the instance was replaced. Nobody has to free it.
 * @internal
 */
export function resident<T>(make: () => T): () => T {
  let made: { readonly inside: Exports; readonly object: T } | undefined;
  return () => {
    const { exports } = engineFor(0);
    if (made?.inside !== exports) made = { inside: exports, object: make() };
    return made.object;
  };
}

/**
 * Runs something inside the module. Nothing that input can reach traps; if something did all the same, or the stack ran out,
 * the instance is thrown away when nobody is in it any more, so that the next call finds a sound one.
 */
export function enter<T>(run: () => T): T {
  if (engine === undefined) throw notInitialised();
  // Where the stack ran out, replacing may have failed too.
  if (trapped && depth === 0) replace();
  depth++;
  try {
    const result = run();
    if (trapped) throw internal(undefined);
    return result;
  } catch (cause) {
    const meant = cause instanceof EdgeCashierError ? cause : errorOf(cause);
    trapped ||= meant === undefined;
    throw meant ?? internal(cause);
  } finally {
    depth--;
    if (trapped && depth === 0) replace();
  }
}

/** What rejects each call that waits for the instance. */
const waiting = new Set<(error: EdgeCashierError) => void>();
/**
 * Runs something asynchronous inside the module, and rejects when its instance is replaced meanwhile. It begins in a job of its own: were the instance replaced
 * in between, the module's own job would end the process.
 */
export function pending<T>(run: () => Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    waiting.add(reject);
    Promise.resolve()
      .then(() => (waiting.has(reject) ? enter(run) : new Promise<never>(() => {})))
      .then(resolve, (thrown: unknown) => reject(errorOf(thrown) ?? failed(thrown)))
      .finally(() => waiting.delete(reject));
  });
}

/** Puts a fresh instance in the place of one that trapped. */
function replace(): void {
  const left = [...waiting];
  waiting.clear();
  for (const reject of left) reject(failed(undefined));
  __wbg_reset_state();
  // `initSync` gives the exports of the instance that there is.
  install(loadSync({ module: new Uint8Array() }));
  trapped = false;
}

function internal(cause: unknown): EdgeCashierError {
  return new EdgeCashierError(
    "internal_error",
    "edge-cashier failed inside; nothing is known about this call's outcome, later calls work. Please report it with the cause.",
    { cause },
  );
}

/** A call of the gateway that ended inside. */
function failed(thrown: unknown): EdgeCashierError {
  if (thrown instanceof EdgeCashierError) return thrown;
  return new EdgeCashierError(
    "internal_error",
    "edge-cashier failed inside. Whether a request was sent is not known: read the transaction's state before you send it again. Please report it.",
  );
}

function notInitialised(): EdgeCashierError {
  return new EdgeCashierError(
    "not_initialised",
    'edge-cashier/slim was used before its WebAssembly was loaded: call `await init(...)` or `initSync(module)` first, or import "edge-cashier", which loads it by itself.',
  );
}
