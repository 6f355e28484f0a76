/**
 * The browser side of edge-cashier: opens the hosted cashier for a launch ticket and waits for the payment's outcome.
 *
 * Plain JavaScript without WebAssembly, inline script, `eval` or dependency, so that it runs under the strictest
 * Content-Security-Policy. The page needs `connect-src` for the Worker.
 *
 * It is two files: what only `mode: "iframe"` needs is in `launcher-frame.js` beside this one (bundlers make a chunk of it), which
 * is loaded when that mode is asked for. For that mode `script-src` must allow the second file, and `frame-src` the cashier.
 *
 * Importing it on a server is harmless; calling it there is a {@link LauncherError} `no_window`.
 *
 * Nothing that happens in a window proves a payment: neither a message, nor a closed window, nor the address that the
 * customer comes back to. Only {@link awaitResult} does, which asks the Worker.
 *
 * @packageDocumentation
 */
export type { Cashier, ResultOptions } from "./launcher/cashier.js";
export { openCashier } from "./launcher/cashier.js";
export type { BlockReason, CashierEvent, CashierMode, CloseReason } from "./launcher/events.js";
export type { LauncherErrorCode, Violation } from "./launcher/error.js";
export { LauncherError } from "./launcher/error.js";
export type { FrameOptions, OpenCashierOptions } from "./launcher/options.js";
export type { AwaitResultOptions, PaymentResult, PaymentState, TimelineEntry } from "./launcher/result.js";
export { awaitResult } from "./launcher/result.js";
