/** Any range of days, in pieces that the gateway lists. */
import type { ListTransactionsRequest } from "../types.js";
import { dayText, today } from "./calendar.js";
import { checked, isFields, NO_FIELDS, type Json } from "./data.js";
import { dayIn, ENDS_BEFORE_START, RANGE } from "./requests.js";
import { check } from "./shape.js";

/** Whether the gateway's "7 days" count both ends is not said. Seven calendar days are right either way. */
const DAYS = 7;
/** More days than this are a mistake in a date: thousands of calls. */
const MAX_DAYS = 20 * 366;

/** The requests that cover a range of days, both ends included: in order, no day twice, none missing. @throws ValidationError */
export function windowsOf(range: unknown): ListTransactionsRequest[] {
  const data = checked(
    range,
    () => "",
    (data, root, report) => {
      check(RANGE, data, root, report);
      if (report.violations.length > 0) return;
      const [from, to] = endsOf(data);
      if (to < from) report.add("to", "range", ENDS_BEFORE_START);
      if (to - from > MAX_DAYS)
        report.add("to", "range", "is more than 20 years after `from`; ask for less at a time");
    },
  );
  const [from, to] = endsOf(data);
  const windows: ListTransactionsRequest[] = [];
  for (let first = from; first <= to; first += DAYS)
    windows.push({ from: dayText(first), to: dayText(Math.min(first + DAYS - 1, to)) });
  return windows;
}

/** Without a last day it is today, without a first one the last. */
function endsOf(range: Json): [from: number, to: number] {
  const fields = isFields(range) ? range : NO_FIELDS;
  const to = dayIn(fields, "to") ?? today();
  return [dayIn(fields, "from") ?? to, to];
}
