// One call of the package, told as plain data: the same file runs in Node and inside workerd, so that both are asked the
// same questions.
import { EdgeCashierError, Gateway, GatewayError, ValidationError } from "edge-cashier";

/**
 * @param {{ options: object, method: string, args?: unknown[], abortAfterMs?: number }} task
 * @returns {Promise<{ reply: unknown } | { error: object }>}
 */
export async function perform({ options, method, args = [], abortAfterMs }) {
  try {
    const gateway = new Gateway(options);
    if (method === "transactions") return { reply: await Array.fromAsync(gateway.transactions(...args)) };
    const callOptions = abortAfterMs === undefined ? [] : [{ signal: AbortSignal.timeout(abortAfterMs) }];
    return { reply: await gateway[method](...args, ...callOptions) };
  } catch (error) {
    return { error: facts(error) };
  }
}

function facts(error) {
  if (!(error instanceof EdgeCashierError)) return { unexpected: String(error?.stack ?? error) };
  const { name, code, message, operation, status, retryable, retryAfterMs, requestId, attempts, violations } =
    error;
  return {
    type:
      error instanceof GatewayError
        ? "GatewayError"
        : error instanceof ValidationError
          ? "ValidationError"
          : "other",
    isError: error instanceof Error && typeof error.stack === "string",
    class: error.class,
    report: error.supportReport?.(),
    json: JSON.stringify(error),
    name,
    code,
    message,
    operation,
    status,
    retryable,
    retryAfterMs,
    requestId,
    attempts,
    violations,
  };
}
