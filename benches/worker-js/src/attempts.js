// From an attempt to its payment and what its webhooks were, as worker/src/attempt.rs keeps it: spread over 256 objects by the hash of the attempt's id.
import { DurableObject } from "cloudflare:workers";

const DAY_MS = 24 * 60 * 60 * 1000;
const KEPT_FOR_MS = 40 * DAY_MS;

const SCHEMA = `
    CREATE TABLE IF NOT EXISTS attempt
    (transaction_id TEXT PRIMARY KEY, tracking_id TEXT, missed INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;

    CREATE TABLE IF NOT EXISTS counted
    (transaction_id TEXT, outcome TEXT, webhooks INTEGER NOT NULL, PRIMARY KEY (transaction_id, outcome)) WITHOUT ROWID;

    CREATE TABLE IF NOT EXISTS total (outcome TEXT PRIMARY KEY, webhooks INTEGER NOT NULL) WITHOUT ROWID;
`;

const encoder = new TextEncoder();

/** The name of the object that knows an attempt. */
export async function shard(transactionId) {
  const digest = await crypto.subtle.digest("SHA-256", encoder.encode(transactionId));
  return new Uint8Array(digest)[0].toString(16).padStart(2, "0");
}

export class Attempts extends DurableObject {
  #ready = false;

  /** Notes an attempt's payment and how many of its webhooks had each outcome; gives whether it was missed before any webhook named it. */
  async report(transactionId, trackingId, counts) {
    await this.#prepare();
    return this.ctx.storage.transactionSync(() => this.#keep(transactionId, trackingId, counts));
  }

  #keep(transactionId, trackingId, counts) {
    const { sql } = this.ctx.storage;
    for (const [outcome, webhooks] of Object.entries(counts)) {
      sql.exec(
        `INSERT INTO total (outcome, webhooks)
         SELECT ?2, max(0, ?3 - coalesce((SELECT webhooks FROM counted WHERE transaction_id = ?1 AND outcome = ?2), 0))
         WHERE true ON CONFLICT (outcome) DO UPDATE SET webhooks = webhooks + excluded.webhooks
         WHERE excluded.webhooks <> 0`,
        transactionId,
        outcome,
        webhooks,
      );
      sql.exec(
        `INSERT INTO counted (transaction_id, outcome, webhooks) VALUES (?, ?, ?)
         ON CONFLICT (transaction_id, outcome) DO UPDATE SET webhooks = excluded.webhooks
         WHERE webhooks <> excluded.webhooks`,
        transactionId,
        outcome,
        webhooks,
      );
    }
    const { missed } = sql
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
    const { sql } = this.ctx.storage;
    const before = Date.now() - KEPT_FOR_MS;
    sql.exec(
      "DELETE FROM counted WHERE transaction_id IN (SELECT transaction_id FROM attempt WHERE at < ?)",
      before,
    );
    sql.exec("DELETE FROM attempt WHERE at < ?", before);
    await this.ctx.storage.setAlarm(Date.now() + DAY_MS);
  }

  async #prepare() {
    if (this.#ready) return;
    const { storage } = this.ctx;
    if ((await storage.getAlarm()) === null) await storage.setAlarm(Date.now() + DAY_MS);
    storage.sql.exec(SCHEMA);
    this.#ready = true;
  }
}
