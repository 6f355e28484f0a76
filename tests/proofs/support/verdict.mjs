// Compares what the Worker kept and what the merchant got with what the rules say.

import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { asMerchant, eventually, readSession } from "../../support/payments.mjs";
import { eventKey, expectedDeliveries } from "./ledger.mjs";
import { inParallel, openedFor } from "./load.mjs";

/** Waits until no message of the payments waits any more. */
export async function untilDelivered(worker, payments) {
  let waiting = payments;
  const ask = async () => {
    const still = [];
    await inParallel(waiting, 16, async (payment) => {
      const query = "SELECT count(*) AS count FROM delivery WHERE state = 'waiting'";
      const [{ count }] = await worker.sql(payment.tracking_id, query);
      if (count > 0) still.push(payment);
    });
    waiting = still;
    return waiting.length;
  };
  await eventually(ask, (left) => left === 0, {
    withinMs: 300_000,
    everyMs: 250,
    what: "payments with messages that wait",
  });
}

/**
 * Judges every payment. `answered` are the true webhooks that were answered 204.
 * @returns {Promise<{ recorded: number, messages: number, takenTwice: number, ofStates: Record<string, number> }>} counts; `takenTwice` are the messages that the
 *   merchant accepted more than once
 */
export async function judge({ worker, merchant, payments, answered }) {
  const total = { recorded: 0, messages: 0, takenTwice: 0, ofStates: {} };
  const outcomes = { first: 0, duplicate: 0, stale: 0, conflict: 0 };
  const promised = Map.groupBy(answered, ({ data }) => data.tracking_id);
  await inParallel(payments, 16, async (payment) => {
    const id = payment.tracking_id;
    const rows = await worker.sql(id, "SELECT * FROM webhook ORDER BY seq");
    const events = rows.map(({ body }) => JSON.parse(body));

    for (const { outcome, copies } of rows) {
      outcomes[outcome] += 1;
      outcomes.duplicate += copies - 1;
    }

    // Recorded: each answered webhook, once; nothing else.
    const copies = new Map(rows.map((row, index) => [eventKey(events[index]), row.copies]));
    assert.equal(copies.size, rows.length, `${id}: an event has two records`);
    const sent = Map.groupBy(promised.get(id) ?? [], ({ data }) => eventKey(data));
    assert.deepEqual([...copies.keys()].toSorted(), [...sent.keys()].toSorted(), `${id}: the records`);
    for (const [key, list] of sent) {
      assert.ok(copies.get(key) >= list.length, `${id}: a copy that was answered 204 was not counted`);
    }

    // The state, by the rules, for the order of arrival that the records tell.
    const { deliveries, state } = expectedDeliveries(openedFor(payment), events);
    const view = await (await readSession(worker, payment)).json();
    assert.equal(view.state, state, `${id}: the state`);

    // Delivered: each change, in order, each under one id of its own; nothing else.
    const got = merchant.of(id);
    const ids = [...new Set(got.map((message) => message.id))];
    assert.equal(ids.length, deliveries.length, `${id}: as many ids as changes`);
    for (const [index, { event, type, state: after }] of deliveries.entries()) {
      const tries = got.filter((message) => message.id === ids[index]);
      assert.ok(tries.at(-1).accepted, `${id}: change ${index} was given up before the merchant took it`);
      if (tries.filter(({ accepted }) => accepted).length > 1) total.takenTwice += 1;
      for (const { data, type: told, body, fault } of tries) {
        assert.equal(fault, undefined);
        assert.equal(body, tries[0].body, `${id}: every try says the same`);
        assert.equal(told, type, `${id}: the type of change ${index}`);
        assert.deepEqual(
          [data.transaction_id, data.status, data.amount, data.state],
          [event.transaction_id, event.status, event.amount, after],
        );
      }
    }
    const order = got.map((message) => ids.indexOf(message.id));
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
      `${id}: a later change came before an earlier one`,
    );
    assert.ok(
      got.filter(({ type }) => type === "payment.successful").every((one) => one.id === successId(got)),
    );
    total.recorded += rows.length;
    total.messages += deliveries.length;
    total.ofStates[state] = (total.ofStates[state] ?? 0) + 1;
  });
  // Counted: as it is recorded, however often an alarm was interrupted and reported again.
  await eventually(
    async () => (await (await asMerchant(worker, "/v1/stats")).json()).webhooks,
    (counts) => isDeepStrictEqual(counts, outcomes),
  );
  const known = new Set(payments.map(({ tracking_id }) => tracking_id));
  assert.ok(merchant.messages.every(({ data, fault }) => !fault && known.has(data.tracking_id)));
  return total;
}

/** The one message of success. */
const successId = (got) => got.find(({ type }) => type === "payment.successful").id;

/** How many messages were sent once, twice, and so on: `1×: 900, 2×: 80`. */
export function tries(merchant) {
  const perMessage = Object.values(Object.groupBy(merchant.messages, ({ id }) => id)).map(
    ({ length }) => length,
  );
  const counts = Object.entries(Object.groupBy(perMessage, String));
  return counts.map(([times, list]) => `${times}×: ${list.length}`).join(", ");
}
