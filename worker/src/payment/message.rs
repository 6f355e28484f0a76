//! What the Worker says to a payment's Durable Object and what it hears back, both as JSON.
//!
//! The object has no public address: only this Worker can call it, so a command is trusted. What cannot be read all the same (two versions of the Worker, while one
//! replaces the other) is an error on either side, and nothing is done.

use serde_json::Value;

use crate::json::{self, Members};
use crate::problem::Problem;

/// Something that a payment is told to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    Open(Open),
    Read(Read),
    Record(Record),
}

/// Open the session of a verified ticket, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Open {
    pub(crate) request_id: String,
    pub(crate) tracking_id: String,
    pub(crate) user_id: String,
    /// The gateway operation's name.
    pub(crate) operation: String,
    /// The operation's request in the core's form, valid, with the connection's `ip` in it.
    pub(crate) request: Value,
    /// Identifies the ticket's contents, see [`crate::ticket::launch`].
    pub(crate) digest: String,
    /// The ticket's amount, digit for digit.
    pub(crate) amount: String,
    /// What a webhook has to say for this payment to count as paid, see [`super::expectation`].
    pub(crate) expected: String,
}

/// Say how the payment stands, now or as soon as something changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) user_id: String,
    /// How long to wait for a change, in milliseconds; 0 does not wait.
    pub(crate) wait_ms: u64,
    /// The version that the asker has seen; without one, the version at the time of the call.
    pub(crate) version: Option<i64>,
}

/// Keep a webhook whose signature was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) request_id: String,
    /// [`edge_cashier::WebhookEvent`] as JSON: what was read from the bytes that were signed.
    pub(crate) event: String,
    /// The body exactly as it came: the evidence, together with its signature.
    pub(crate) body: String,
    pub(crate) signature: String,
    /// Which form of the body was signed: `canonical` or `raw`.
    pub(crate) matched: String,
    /// Which password signed it, while passwords are being rotated.
    pub(crate) password_id: Option<String>,
}

impl Command {
    pub(crate) fn to_json(&self) -> Value {
        let text = |text: &String| Value::from(text.as_str());
        json::object(match self {
            Command::Open(open) => vec![
                ("command", Value::from("open")),
                ("request_id", text(&open.request_id)),
                ("tracking_id", text(&open.tracking_id)),
                ("user_id", text(&open.user_id)),
                ("operation", text(&open.operation)),
                ("request", open.request.clone()),
                ("digest", text(&open.digest)),
                ("amount", text(&open.amount)),
                ("expected", text(&open.expected)),
            ],
            Command::Read(read) => vec![
                ("command", Value::from("read")),
                ("user_id", text(&read.user_id)),
                ("wait_ms", Value::from(read.wait_ms)),
                ("version", read.version.map_or(Value::Null, Value::from)),
            ],
            Command::Record(record) => vec![
                ("command", Value::from("record")),
                ("request_id", text(&record.request_id)),
                ("event", text(&record.event)),
                ("body", text(&record.body)),
                ("signature", text(&record.signature)),
                ("matched", text(&record.matched)),
                ("password_id", json::optional(record.password_id.clone())),
            ],
        })
    }

    #[inline(never)]
    pub(super) fn from_text(command: &str) -> Option<Self> {
        let mut members = json::parse_object(command.as_bytes())?;
        Some(match members.text("command")?.as_str() {
            "open" => Command::Open(Open {
                request_id: members.text("request_id")?,
                tracking_id: members.text("tracking_id")?,
                user_id: members.text("user_id")?,
                operation: members.text("operation")?,
                request: members.value("request")?,
                digest: members.text("digest")?,
                amount: members.text("amount")?,
                expected: members.text("expected")?,
            }),
            "read" => Command::Read(Read {
                user_id: members.text("user_id")?,
                wait_ms: members.integer("wait_ms")?.unsigned_abs(),
                version: members.integer("version"),
            }),
            "record" => Command::Record(Record {
                request_id: members.text("request_id")?,
                event: members.text("event")?,
                body: members.text("body")?,
                signature: members.text("signature")?,
                matched: members.text("matched")?,
                password_id: members.text("password_id"),
            }),
            _ => return None,
        })
    }
}

/// The answer to a command. To [`Command::Open`] it is an [`Opened`]; to [`Command::Read`] the public view of the payment; to [`Command::Record`] the outcome, and
/// the webhook is on disk.
pub(crate) type Reply = Result<Value, Problem>;

pub(super) fn reply_text(reply: Reply) -> String {
    let member = match reply {
        Ok(value) => ("ok", value),
        Err(problem) => ("problem", problem.to_json()),
    };
    json::text(&json::object(vec![member]))
}

#[inline(never)]
pub(crate) fn read_reply(text: &str) -> Option<Reply> {
    let mut members = json::parse_object(text.as_bytes())?;
    match members.value("ok") {
        Some(value) => Some(Ok(value)),
        None => Problem::from_json(members.value("problem")?).map(Err),
    }
}

/// A session that is open at the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opened {
    /// False when the same ticket had opened it before.
    pub(crate) created: bool,
    /// The public reply.
    pub(crate) session: Value,
}

impl Opened {
    pub(super) fn into_json(self) -> Value {
        json::object(vec![
            ("created", Value::from(self.created)),
            ("session", self.session),
        ])
    }

    pub(crate) fn from_json(value: Value) -> Option<Self> {
        let mut members = Members::of(value)?;
        Some(Self {
            created: members.value("created")?.as_bool()?,
            session: members.value("session")?,
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::problem::Code;

    #[test]
    fn a_command_arrives_as_it_was_sent() {
        let text = |text: &str| text.to_owned();
        let request = serde_json::from_str(r#"{"request":{"amount":200.00,"user_id":"128"}}"#).unwrap();
        let commands = [
            Command::Open(Open {
                request_id: text("r-1"),
                tracking_id: text("order-1"),
                user_id: text("128"),
                operation: text("hosted_deposit"),
                request,
                digest: text("d"),
                amount: text("200.00"),
                expected: text("{}"),
            }),
            Command::Read(Read {
                user_id: text("128"),
                wait_ms: 25_000,
                version: Some(0),
            }),
            Command::Read(Read {
                user_id: text("128"),
                wait_ms: 0,
                version: None,
            }),
            Command::Record(Record {
                request_id: text("r-1"),
                event: text("{}"),
                body: text("{ \"ü\": 1.0 }"),
                signature: text("AB"),
                matched: text("raw"),
                password_id: None,
            }),
        ];
        for command in commands {
            let sent = json::text(&command.to_json());
            assert_eq!(Command::from_text(&sent), Some(command), "{sent}");
        }
        assert_eq!(Command::from_text(r#"{"command":"forget"}"#), None);
    }

    #[test]
    fn a_reply_arrives_as_it_was_sent() {
        let opened = Opened {
            created: true,
            session: json!({ "token": "abc" }),
        };
        let reply = read_reply(&reply_text(Ok(opened.clone().into_json()))).unwrap();
        assert_eq!(Opened::from_json(reply.unwrap()), Some(opened));
        let problem = Problem::new(Code::TicketReused, "A fresh jti.");
        assert_eq!(read_reply(&reply_text(Err(problem.clone()))), Some(Err(problem)));
        assert_eq!(read_reply("{}"), None);
    }
}
