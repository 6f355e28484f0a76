/** Any range of days, in pieces that the gateway lists. */
import { ValidationError } from "../errors.js";
import { copy, isFields } from "../json.js";
import type { ListTransactionsRequest } from "../types.js";
import { dayText, today } from "./days.js";
import { Report } from "./report.js";
import { dayIn, ENDS_BEFORE_START, RANGE } from "./requests.js";
import { check } from "./shape.js";

/** Whether the gateway's "7 days" count both ends is not said. Seven calendar days are right either way. */
const DAYS = 7;
/** More days than this are a mistake in a date: thousands of calls. */
const MAX_DAYS = 20 * 366;

/** The requests that cover a range of days, both ends included: in order, no day twice, none missing. @throws ValidationError */
export function windowsOf(range: unknown): ListTransactionsRequest[] {
  const { data, violations, cause } = copy(range, "options");
  const report = new Report();
  check(RANGE, data, "", report);
  const fields = isFields(data) ? data : {};
  const to = dayIn(fields, "to") ?? today();
  const from = dayIn(fields, "from") ?? to;
  const all = violations.length > 0 ? violations : report.violations;
  if (all.length === 0) {
    if (to < from) report.add("to", "range", ENDS_BEFORE_START);
    if (to - from > MAX_DAYS) {
      const message = "is more than 20 years after `from`; ask for less at a time";
      report.add("to", "range", message);
    }
  }
  if (all.length > 0) throw new ValidationError(all, cause === undefined ? undefined : { cause });
  const windows: ListTransactionsRequest[] = [];
  for (let first = from; first <= to; first += DAYS)
    windows.push({ from: dayText(first), to: dayText(Math.min(first + DAYS - 1, to)) });
  return windows;
}
