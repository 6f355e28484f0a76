// The rules for a payment as the head of src/ledger/mod.rs states them, written down a second time and in another way: one pass over the events in the order of their
// arrival. It is the expectation that the proofs compare the Worker with.

const FINAL = ["successful", "rejected"];

const key = ({ transaction_id, status, amount, currency, user_id, transaction_type }) =>
  JSON.stringify([transaction_id, status, amount, currency, user_id, transaction_type]);

/** Names an event within its payment. */
export { key as eventKey };

export class ExpectedLedger {
  #opened;
  #seen = new Set();
  /** transaction id -> the statuses of its expected events, in the order of arrival */
  #attempts = new Map();
  #success = false;

  /** @param opened what the session was opened for: amount, currency, user_id, transaction_type */
  constructor(opened) {
    this.#opened = opened;
  }

  /** Takes an event and says what it is: `first`, `duplicate`, `stale` or `conflict`. */
  apply(event) {
    if (this.#seen.has(key(event))) return "duplicate";
    this.#seen.add(key(event));
    if (Object.entries(this.#opened).some(([name, value]) => event[name] !== value)) return "conflict";
    const attempt = this.#attempts.get(event.transaction_id) ?? [];
    this.#attempts.set(event.transaction_id, [...attempt, event.status]);
    const ended = attempt.some((status) => FINAL.includes(status));
    if (!FINAL.includes(event.status)) return ended || this.#success ? "stale" : "first";
    if (ended) return "conflict";
    if (this.#success) return event.status === "successful" ? "conflict" : "stale";
    this.#success = event.status === "successful";
    return "first";
  }

  get state() {
    if (this.#success) return "successful";
    const attempts = [...this.#attempts.values()];
    const finals = attempts.map((statuses) => statuses.filter((status) => FINAL.includes(status)));
    if (finals.some(({ length }) => length > 1)) return "conflict";
    const open = attempts.filter((_, index) => finals[index].length === 0);
    if (open.some((statuses) => statuses.includes("pending"))) return "pending";
    if (open.length > 0) return open.flat().toSorted()[0];
    return attempts.length > 0 ? "rejected" : "opened";
  }
}

/** What the merchant is to hear, in this order, of events that arrived in the order given: `{ event, type, state }`. */
export function expectedDeliveries(opened, events) {
  const ledger = new ExpectedLedger(opened);
  const deliveries = [];
  for (const event of events) {
    const outcome = ledger.apply(event);
    const { state } = ledger;
    const known = [...FINAL, "pending"].includes(event.status);
    if (outcome === "first" || outcome === "conflict" || (outcome === "stale" && !known)) {
      const ofState = known ? type(state) : "payment.updated";
      deliveries.push({ event, state, type: outcome === "conflict" ? "payment.conflict" : ofState });
    }
  }
  return { deliveries, state: ledger.state };
}

function type(state) {
  return ["successful", "rejected", "pending", "conflict"].includes(state)
    ? `payment.${state}`
    : "payment.updated";
}
