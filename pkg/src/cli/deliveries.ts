import { randomBytes, randomInt, randomUUID } from "node:crypto";

/** The sample payment that `send` tells of. */
export interface Sample {
  transaction_id: string;
  user_id: string;
  tracking_id: string;
  currency: string;
  amount: string;
  transaction_type: string;
}

/** The gateway's seven fields, in the gateway's order. */
export function webhookBody(sample: Sample, status: string): string {
  return JSON.stringify({
    transaction_id: sample.transaction_id,
    user_id: sample.user_id,
    tracking_id: sample.tracking_id,
    status,
    currency: sample.currency,
    amount: sample.amount,
    transaction_type: sample.transaction_type,
  });
}

export function newTrackingId(): string {
  return randomUUID();
}

/** Shaped like the gateway's own ids, and marked so that a sample is known in a log. */
export function newTransactionId(): string {
  return `sample${randomBytes(6).toString("hex")}`;
}

export function newSeed(): number {
  return randomInt(2 ** 31);
}

/** One status cannot be out of order: it gets the state that comes before it or after it. */
export function withSecondState(statuses: string[]): string[] {
  if (new Set(statuses).size > 1) return statuses;
  return statuses[0] === "pending" ? ["pending", "successful"] : ["pending", ...statuses];
}

/** Each status `count` times, in the order in which a payment goes through them. */
export function repeated(statuses: string[], count: number): string[] {
  return statuses.flatMap((status) => Array.from({ length: count }, () => status));
}

/** Shuffled by the seed, and never left in the order it had: an order that is right by luck would test nothing. */
export function shuffled(statuses: string[], seed: number): string[] {
  const random = generator(seed);
  const result = [...statuses];
  for (let last = result.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const moved = result[last] as string;
    result[last] = result[other] as string;
    result[other] = moved;
  }
  return result.every((status, index) => status === statuses[index]) ? result.reverse() : result;
}

/** Mulberry32: a seeded generator, so that `--seed` repeats an order. Nothing secret depends on it. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
