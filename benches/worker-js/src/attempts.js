// From an attempt to its payment, as worker/src/attempt.rs keeps it: spread over 256 objects by the hash of the attempt's id.
import { DurableObject } from "cloudflare:workers";

const DAY_MS = 24 * 60 * 60 * 1000;
const KEPT_FOR_MS = 40 * DAY_MS;

const encoder = new TextEncoder();

/** The name of the object that knows an attempt. */
export async function shard(transactionId) {
  const digest = await crypto.subtle.digest("SHA-256", encoder.encode(transactionId));
  return new Uint8Array(digest)[0].toString(16).padStart(2, "0");
}

export class Attempts extends DurableObject {
  #ready = false;

  /** Notes an attempt's payment; gives whether it was missed before any webhook named it. */
  async learn(transactionId, trackingId) {
    await this.#prepare();
    const { missed } = this.ctx.storage.sql
      .exec(
        `INSERT INTO attempt (transaction_id, tracking_id, missed, at) VALUES (?, ?, 0, ?)
         ON CONFLICT (transaction_id) DO UPDATE SET tracking_id = excluded.tracking_id, at = excluded.at
         RETURNING missed`,
        transactionId,
        trackingId,
        Date.now(),
      )
      .one();
    return missed !== 0;
  }

  async alarm() {
    await this.#prepare();
    this.ctx.storage.sql.exec("DELETE FROM attempt WHERE at < ?", Date.now() - KEPT_FOR_MS);
    await this.ctx.storage.setAlarm(Date.now() + DAY_MS);
  }

  async #prepare() {
    if (this.#ready) return;
    const { storage } = this.ctx;
    if ((await storage.getAlarm()) === null) await storage.setAlarm(Date.now() + DAY_MS);
    storage.sql.exec(
      `CREATE TABLE IF NOT EXISTS attempt
       (transaction_id TEXT PRIMARY KEY, tracking_id TEXT, missed INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID`,
    );
    this.#ready = true;
  }
}
