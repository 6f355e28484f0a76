// A seeded load: many payments with several attempts, every webhook many times, all of it shuffled, and a tenth of it forged.

import { randomUUID } from "node:crypto";
import { event, openSession, sendWebhook, signature, ticket } from "../../support/payments.mjs";

/** Mulberry32: the same numbers for the same seed, everywhere. */
export function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const between = (draw, from, to) => from + Math.floor(draw() * (to - from + 1));

export function shuffle(draw, list) {
  for (let index = list.length - 1; index > 0; index -= 1) {
    const other = between(draw, 0, index);
    [list[index], list[other]] = [list[other], list[index]];
  }
  return list;
}

/** Does `work` for each of the items, at most `width` at a time. */
export async function inParallel(items, width, work) {
  let next = 0;
  const lane = async () => {
    while (next < items.length) await work(items[next++]);
  };
  await Promise.all(Array.from({ length: width }, lane));
}

/** What a payment's session was opened for, as an event states it. */
export const openedFor = ({ claims }) => ({
  amount: claims.amount,
  currency: claims.currency,
  user_id: claims.sub,
  transaction_type: "deposit",
});

/** Opens `count` sessions. */
export async function openPayments(worker, count) {
  const payments = Array.from({ length: count });
  const opened = [];
  await inParallel(payments, 16, async () => {
    const payment = await ticket({ jti: randomUUID() });
    const response = await openSession(worker, payment.jwt);
    if (response.status !== 201) throw new Error(`a session was answered ${response.status}`);
    opened.push(payment);
  });
  return opened;
}

/** The different events of a payment: one to four attempts, most with one end, some with two, some with another amount. */
function eventsOf(draw, payment) {
  const events = [];
  for (let attempt = between(draw, 1, 4); attempt > 0; attempt -= 1) {
    const of = (status, changes) =>
      events.push(
        event(payment, { transaction_id: `t${attempt}-${payment.tracking_id}`, status, ...changes }),
      );
    if (draw() < 0.6) of("pending");
    if (draw() < 0.1) of("processing");
    if (draw() < 0.45) of("rejected");
    if (draw() < 0.35) of("successful");
    if (draw() < 0.08) of("successful", { amount: "9999.00" });
  }
  return events.length > 0 ? events : [event(payment, { status: "pending" })];
}

/** Every webhook that is to be sent, as `{ data, body, sign, forged }`: each event 5 to 20 times, and one forged for every nine true ones, shuffled. */
export function webhooks(draw, payments) {
  const list = [];
  for (const payment of payments) {
    for (const data of eventsOf(draw, payment)) {
      const [body, sign] = [JSON.stringify(data), signature(data)];
      for (let copy = between(draw, 5, 20); copy > 0; copy -= 1)
        list.push({ data, body, sign, forged: false });
    }
  }
  const forgeries = Math.round(list.length / 9);
  for (let count = 0; count < forgeries; count += 1) {
    const { data, sign } = list[between(draw, 0, list.length - 1)];
    // The signature of the body before it was changed, one by another password, and none.
    const changed = { ...data, transaction_id: `forged-${count}`, status: "successful" };
    const signs = [sign, signature(changed, "obviously-wrong-password"), null];
    list.push({ data: changed, body: JSON.stringify(changed), sign: signs[count % 3], forged: true });
  }
  return shuffle(draw, list);
}

/**
 * Sends one webhook until it is answered for good, as the gateway does: again after a 5xx or a broken connection.
 * @returns {Promise<{ status: number, tries: number, ms: number }>} the last answer and its time
 */
export async function sendUntilAnswered(worker, { data, body, sign }, patience = 600) {
  for (let tries = 1; tries <= patience; tries += 1) {
    const from = performance.now();
    const status = await sendWebhook(worker, data, { body, sign }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      () => 0,
    );
    if (status !== 0 && status < 500) return { status, tries, ms: performance.now() - from };
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error("a webhook was never answered");
}

/**
 * Answers for a merchant's endpoint that fails three requests in ten, each message twice at most (else a proof would wait for hours), and is slow for one in twenty.
 * Failing is a 500, a 302 or a closed connection.
 */
export function unreliable(seed) {
  const draw = random(seed);
  const failures = new Map();
  let failed = 0;
  const answer = ({ id }) => {
    const before = failures.get(id) ?? 0;
    if (before < 2 && draw() < 0.33) {
      failures.set(id, before + 1);
      failed += 1;
      return [{ status: 500 }, { status: 302, headers: { location: "/elsewhere" } }, "reset"][failed % 3];
    }
    return draw() < 0.05 ? { delayMs: between(draw, 200, 1500), status: 200 } : { status: 204 };
  };
  return { answer, count: () => failed };
}

/** The value below which the part `part` of the numbers is. */
export function percentile(numbers, part) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}
