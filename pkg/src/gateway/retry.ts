/** Whether to send a failed request again, and after how long. */
import type { OperationName } from "../types.js";
import type { Failure } from "./failure.js";
import { OPERATIONS } from "./operations.js";

/** "Not now": request timeout, too early, too many requests. */
export function isBusy({ status }: Failure): boolean {
  return status === 408 || status === 425 || status === 429;
}

/** Whether the same request, which was sent so often, may be sent again as it is: doing so can harm nobody and may help. */
export function isRetryable(operation: OperationName, failure: Failure, attempts: number): boolean {
  if (attempts === 0) return true;
  if (!OPERATIONS[operation].repeatable) return false;
  if (failure.class === "caller") return isBusy(failure);
  // A reply that was cut on the way may come whole the next time; a redirect will not.
  return failure.class !== "unreadable" || (failure.status ?? 0) < 300;
}

/** The longest wait after the first failure, in milliseconds; it doubles with each further one. */
const FIRST_WAIT_MS = 500;
/** No wait is longer than this. A gateway that asks for more is not asked again. */
const LONGEST_WAIT_MS = 30_000;

/**
 * How many milliseconds to wait before the request is sent again, which has failed `attempts` times; nothing to give up. The wait is exponential with full
 * jitter (`random` is from 0 up to 1), so that clients that failed together do not come back together. `Retry-After` is the least to wait.
 */
export function waitBefore(
  operation: OperationName,
  failure: Failure,
  attempts: number,
  maxRetries: number,
  random: number,
): number | undefined {
  const asked = failure.retryAfterMs ?? 0;
  const gaveUp = failure.class === "aborted" || attempts > maxRetries || asked > LONGEST_WAIT_MS;
  if (gaveUp || !isRetryable(operation, failure, attempts)) return undefined;
  const longest = Math.min(FIRST_WAIT_MS * 2 ** (attempts - 1), LONGEST_WAIT_MS);
  return Math.min(asked + Math.floor(longest * random), LONGEST_WAIT_MS);
}
