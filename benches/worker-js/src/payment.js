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
];

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
   * Keeps a verified webhook, exactly once. There is no await in it, so equal webhooks that come together are handled one after the other; the runtime holds the
   * answer back until the rows are on disk.
   */
  record(webhook) {
    this.#migrate();
    return this.#storage.transactionSync(() => this.#keep(webhook));
  }

  #keep({ event, body, signature, matched, requestId }) {
    const sql = this.#sql;
    const [session] = sql.exec("SELECT * FROM session").toArray();
    const expected = session && JSON.parse(session.expected);
    const now = Date.now();
    const text = JSON.stringify(event);
    const rows = sql.exec("SELECT seq, event, received_at, copies FROM webhook ORDER BY seq").toArray();
    const known = rows.find((row) => row.event === text);
    if (known) {
      sql.exec("UPDATE webhook SET copies = copies + 1, last_received_at = ? WHERE seq = ?", now, known.seq);
      return "duplicate";
    }
    const earlier = rows.map((row) => JSON.parse(row.event));
    const found = outcome(event, earlier, expected);
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
