// One payment, one Durable Object: the same tables as our Worker's, and the same rows in one transaction.
import { DurableObject } from "cloudflare:workers";
import { shard } from "./attempts.js";
import { outcome } from "./ledger.js";

/** As in worker/src/payment/schema.rs. */
const SCHEMA = `
    CREATE TABLE migration (id INTEGER PRIMARY KEY);
    INSERT INTO migration (id) VALUES (0), (1), (2), (3), (4), (5), (6);

    CREATE TABLE payment (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        version INTEGER NOT NULL,
        tracking_id TEXT,
        touched_at INTEGER NOT NULL DEFAULT 0,
        changes INTEGER NOT NULL DEFAULT 0,
        seen INTEGER NOT NULL DEFAULT 0,
        index_at INTEGER NOT NULL DEFAULT 0,
        index_tries INTEGER NOT NULL DEFAULT 0,
        attempts_told INTEGER NOT NULL DEFAULT 0
    );
    INSERT INTO payment (id, version) VALUES (1, 0);

    CREATE TABLE session (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        tracking_id TEXT NOT NULL,
        user_id TEXT NOT NULL,
        operation TEXT NOT NULL,
        digest TEXT NOT NULL,
        amount TEXT NOT NULL,
        expected TEXT NOT NULL,
        status TEXT NOT NULL CHECK (status IN ('opening', 'opened', 'unknown')),
        request_id TEXT NOT NULL,
        ticket_at INTEGER NOT NULL,
        opened_at INTEGER,
        reply TEXT,
        attempts_due INTEGER NOT NULL DEFAULT 0
    );

    CREATE TABLE webhook (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        event TEXT NOT NULL,
        body TEXT NOT NULL,
        signature TEXT NOT NULL,
        matched TEXT NOT NULL,
        password_id TEXT,
        outcome TEXT NOT NULL,
        request_id TEXT NOT NULL,
        received_at INTEGER NOT NULL,
        copies INTEGER NOT NULL DEFAULT 1,
        last_received_at INTEGER NOT NULL
    );

    CREATE TABLE delivery (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        body TEXT NOT NULL,
        must_confirm INTEGER NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'parked', 'withheld')),
        created_at INTEGER NOT NULL,
        next_at INTEGER NOT NULL,
        tries INTEGER NOT NULL DEFAULT 0,
        confirmed_at INTEGER,
        delivered_at INTEGER,
        last_answer TEXT
    );

    CREATE TABLE payout (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        decision TEXT NOT NULL CHECK (decision IN ('approved', 'rejected')),
        status TEXT NOT NULL CHECK (status IN ('sending', 'done', 'unknown')),
        transaction_id TEXT,
        amount TEXT NOT NULL,
        currency TEXT NOT NULL,
        reply TEXT,
        request_id TEXT NOT NULL,
        decided_at INTEGER NOT NULL,
        ended_at INTEGER,
        unconfirmed INTEGER NOT NULL DEFAULT 0
    );

    CREATE TABLE told (id TEXT PRIMARY KEY, exception TEXT NOT NULL) WITHOUT ROWID;

    CREATE TABLE listed (transaction_id TEXT PRIMARY KEY, listing TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
`;

/** How long a payment is kept after it was last touched. */
const RETENTION_MS = 400 * 24 * 60 * 60 * 1000;

/** How much later an attempt and its count are reported. */
const REPORT_AFTER_MS = 5_000;

export class Payment extends DurableObject {
  #storage;
  #sql;
  #migrated = false;
  #alarmAt;

  constructor(state, env) {
    super(state, env);
    this.#storage = state.storage;
    this.#sql = state.storage.sql;
  }

  /**
   * Keeps a verified webhook, exactly once. Up to the alarm there is no await in it, so equal webhooks that come together are handled one after the other; the runtime
   * holds the answer back until the rows and the alarm are on disk.
   */
  async record(webhook) {
    const now = Date.now();
    const due = this.#storage.transactionSync(() => {
      this.#migrate();
      return this.#keep(webhook, now);
    });
    this.#migrated = true;
    await this.#setAlarm(due);
  }

  /** Reports the attempts. At the end of the retention time the payment is deleted. */
  async alarm() {
    this.#alarmAt = undefined;
    const payment = this.#sql.exec("SELECT * FROM payment").one();
    if (payment.changes !== payment.seen) await this.#reportAttempts(payment);
    const { touched_at } = this.#sql.exec("SELECT touched_at FROM payment").one();
    const until = touched_at + RETENTION_MS;
    if (until > Date.now()) return this.#setAlarm(until);
    this.#migrated = false;
    await this.#storage.deleteAll();
  }

  async #reportAttempts({ tracking_id, changes, attempts_told }) {
    const rows = this.#sql
      .exec(
        `SELECT json_extract(event, '$.transaction_id') AS transaction_id, outcome,
         max(seq) AS last_seq, count(*) AS rows, sum(copies) AS copies FROM webhook GROUP BY 1, 2`,
      )
      .toArray();
    let last = attempts_told;
    for (const [transaction_id, found] of Map.groupBy(rows, (row) => row.transaction_id)) {
      const counts = {};
      const count = (outcome, webhooks) => {
        if (webhooks > 0) counts[outcome] = (counts[outcome] ?? 0) + webhooks;
      };
      for (const { outcome, last_seq, rows, copies } of found) {
        count(outcome, rows);
        count("duplicate", copies - rows);
        last = Math.max(last, last_seq);
      }
      const attempts = this.env.ATTEMPTS.getByName(await shard(transaction_id));
      await attempts.report(transaction_id, tracking_id, counts);
    }
    this.#sql.exec("UPDATE payment SET seen = ?, attempts_told = ?, index_tries = 0", changes, last);
  }

  /** Sets the alarm unless one is set that comes as early. */
  async #setAlarm(at) {
    if (this.#alarmAt > Date.now() && this.#alarmAt <= at) return;
    this.#alarmAt = at;
    await this.#storage.setAlarm(at);
  }

  /** Gives the time of the next alarm. */
  #keep({ event, body, signature, matched, requestId }, now) {
    const sql = this.#sql;
    const [session] = sql.exec("SELECT expected FROM session").toArray();
    const expected = session && JSON.parse(session.expected);
    const text = JSON.stringify(event);
    const rows = sql.exec("SELECT seq, event FROM webhook ORDER BY seq").toArray();
    const known = rows.find((row) => row.event === text);
    if (known) {
      sql.exec("UPDATE webhook SET copies = copies + 1, last_received_at = ? WHERE seq = ?", now, known.seq);
      return this.#note(event.tracking_id, now, false);
    }
    const earlier = rows.map((row) => JSON.parse(row.event));
    const found = outcome(event, earlier, expected);
    const due = this.#note(event.tracking_id, now, found !== "duplicate");
    sql.exec(
      `INSERT INTO webhook
       (event, body, signature, matched, password_id, outcome, request_id, received_at, last_received_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      text,
      body,
      signature,
      matched,
      null,
      found,
      requestId,
      now,
      now,
    );
    return due;
  }

  /** Notes that something is to be reported, and gives when. */
  #note(trackingId, now, isVisible) {
    const { index_at } = this.#sql
      .exec(
        `UPDATE payment SET tracking_id = ?1, touched_at = ?2, version = version + ?3, changes = changes + 1,
         index_at = iif(changes = seen, ?4, min(index_at, ?4)) RETURNING index_at`,
        trackingId,
        now,
        isVisible ? 1 : 0,
        now + REPORT_AFTER_MS,
      )
      .one();
    return index_at;
  }

  /** Makes the tables of a new payment. */
  #migrate() {
    if (this.#migrated) return;
    const tables = "SELECT count(*) AS count FROM sqlite_master WHERE name = 'migration'";
    if (this.#sql.exec(tables).one().count === 0) this.#sql.exec(SCHEMA);
  }
}
