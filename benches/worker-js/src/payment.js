// One payment, one Durable Object: the same tables as our Worker's, and the same rows in one transaction.
import { DurableObject } from "cloudflare:workers";
import { outcome } from "./ledger.js";

/** Each entry is applied once, in this order. */
const MIGRATIONS = [
  `
    CREATE TABLE payment (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        version INTEGER NOT NULL
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
        reply TEXT
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
  `,
  `
    ALTER TABLE payment ADD COLUMN tracking_id TEXT;
    ALTER TABLE payment ADD COLUMN touched_at INTEGER NOT NULL DEFAULT 0;

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
  `,
];

/** How long a payment is kept after it was last touched. */
const RETENTION_MS = 400 * 24 * 60 * 60 * 1000;

export class Payment extends DurableObject {
  #storage;
  #sql;
  #migrated = false;

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
    this.#migrate();
    const now = Date.now();
    const found = this.#storage.transactionSync(() => this.#keep(webhook, now));
    if (found !== "duplicate") await this.#storage.setAlarm(now + RETENTION_MS);
    return found;
  }

  /** The end of the retention time: the payment is deleted, unless something has come since. */
  async alarm() {
    this.#migrate();
    const { touched_at } = this.#sql.exec("SELECT touched_at FROM payment").one();
    const until = touched_at + RETENTION_MS;
    if (until > Date.now()) return this.#storage.setAlarm(until);
    this.#migrated = false;
    await this.#storage.deleteAll();
  }

  #keep({ event, body, signature, matched, requestId }, now) {
    const sql = this.#sql;
    const [session] = sql.exec("SELECT * FROM session").toArray();
    const expected = session && JSON.parse(session.expected);
    const text = JSON.stringify(event);
    const rows = sql.exec("SELECT seq, event, received_at, copies FROM webhook ORDER BY seq").toArray();
    const known = rows.find((row) => row.event === text);
    if (known) {
      sql.exec("UPDATE webhook SET copies = copies + 1, last_received_at = ? WHERE seq = ?", now, known.seq);
      return "duplicate";
    }
    const earlier = rows.map((row) => JSON.parse(row.event));
    const found = outcome(event, earlier, expected);
    sql.exec("UPDATE payment SET tracking_id = ?, touched_at = ?", event.tracking_id, now);
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
    if (found !== "duplicate") sql.exec("UPDATE payment SET version = version + 1");
    return found;
  }

  /** Brings the tables up to date; after the first time it costs nothing. */
  #migrate() {
    if (this.#migrated) return;
    const sql = this.#sql;
    this.#storage.transactionSync(() => {
      sql.exec("CREATE TABLE IF NOT EXISTS migration (id INTEGER PRIMARY KEY)");
      const { count } = sql.exec("SELECT count(*) AS count FROM migration").one();
      for (let id = count; id < MIGRATIONS.length; id++) {
        sql.exec(MIGRATIONS[id]);
        sql.exec("INSERT INTO migration (id) VALUES (?)", id);
      }
    });
    this.#migrated = true;
  }
}
