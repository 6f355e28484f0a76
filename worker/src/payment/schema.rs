//! The tables of a payment's SQLite, and how an older database becomes one of today.

/// The tables of a new payment, in one go: most payments see three webhooks, and applying [`MIGRATIONS`] one by one took longer than keeping those.
/// `tests/worker/outbox.test.mjs` compares the two.
pub(super) const SCHEMA: &str = "
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
";

/// Makes an older database one of today. Each entry is applied once, in this order; its index is the schema's version. Entries that were released are never changed,
/// only added.
pub(super) const MIGRATIONS: [&str; 7] = [
    "
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
",
    "
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
",
    "
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
        ended_at INTEGER
    );
",
    // A payment of before the column had 0 in it, which is long past every retention.
    "
    UPDATE payment SET
        tracking_id = coalesce(
            (SELECT tracking_id FROM session),
            (SELECT json_extract(event, '$.tracking_id') FROM webhook LIMIT 1)
        ),
        touched_at = max(
            coalesce((SELECT max(ticket_at, coalesce(opened_at, 0)) FROM session), 0),
            coalesce((SELECT max(received_at) FROM webhook), 0)
        )
    WHERE touched_at = 0;
",
    "
    ALTER TABLE payment ADD COLUMN changes INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE payment ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE payment ADD COLUMN index_at INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE payment ADD COLUMN index_tries INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE payment ADD COLUMN attempts_told INTEGER NOT NULL DEFAULT 0;

    CREATE TABLE told (id TEXT PRIMARY KEY, exception TEXT NOT NULL) WITHOUT ROWID;

    CREATE TABLE listed (transaction_id TEXT PRIMARY KEY, listing TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
",
    // How many cards were sent before the column is not known: the last one is taken for an attempt that no webhook has reported.
    "
    ALTER TABLE session ADD COLUMN attempts_due INTEGER NOT NULL DEFAULT 0;
    UPDATE session SET attempts_due = 1 + (SELECT count(DISTINCT json_extract(event, '$.transaction_id')) FROM webhook)
    WHERE opened_at IS NOT NULL;
",
    "
    ALTER TABLE payout ADD COLUMN unconfirmed INTEGER NOT NULL DEFAULT 0;
",
];
