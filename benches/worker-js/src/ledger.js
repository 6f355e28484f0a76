// What an event is, given those before it and what the payment was opened for: `duplicate`, `conflict`, `stale` or `first`. Finality is per attempt
// (transaction id), and a success is never taken back.

const isFinal = ({ status }) => status === "successful" || status === "rejected";

/** The same event as ours has it: extra fields do not count, and amounts compare by value. */
function same(a, b) {
  return (
    a.transaction_id === b.transaction_id &&
    a.status === b.status &&
    equalAmounts(a.amount, b.amount) &&
    a.currency === b.currency &&
    a.user_id === b.user_id &&
    a.transaction_type === b.transaction_type
  );
}

function equalAmounts(a, b) {
  return a === b || plain(a) === plain(b);
}

/** A decimal without the zeros that do not change its value. */
function plain(amount) {
  const [whole, fraction = ""] = amount.split(".");
  return `${whole.replace(/^0+(?=\d)/, "")}.${fraction.replace(/0+$/, "")}`;
}

function isExpected(event, expected) {
  return (
    !expected ||
    ((expected.amount === null || equalAmounts(expected.amount, event.amount)) &&
      expected.currency === event.currency &&
      expected.user_id === event.user_id &&
      expected.transaction_type === event.transaction_type)
  );
}

export function outcome(event, earlier, expected) {
  if (earlier.some((one) => same(one, event))) return "duplicate";
  if (!isExpected(event, expected)) return "conflict";
  const finals = earlier.filter((one) => isFinal(one) && isExpected(one, expected));
  const success = established(finals);
  const decided = finals.some((one) => one.transaction_id === event.transaction_id);
  if (isFinal(event)) {
    if (decided) return "conflict";
    if (success && event.status === "successful") return "conflict";
  }
  return success || decided ? "stale" : "first";
}

/** The first success whose attempt had no other final before it. */
function established(finals) {
  const ended = new Set();
  for (const event of finals) {
    if (!ended.has(event.transaction_id) && event.status === "successful") return event;
    ended.add(event.transaction_id);
  }
  return undefined;
}
