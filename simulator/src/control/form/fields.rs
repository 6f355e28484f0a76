//! Every setting with its label, its hint and its kind of control. A test compares the names with those of `GET /control/settings`.

use edge_cashier::OperationName;
use strum::VariantNames;

use crate::fault::{FaultKind, Wire};

/// One control of the form. `name` is the setting's path: `webhook_url`, `fault.kind`.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) hint: &'static str,
    pub(super) kind: Kind,
}

/// What a control takes.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// One line.
    Text,
    /// An address.
    Url,
    /// What the page never shows; empty keeps it.
    Secret,
    /// Several, one a line, that the page never shows; empty keeps them.
    Secrets,
    /// A whole number.
    Number,
    /// A whole number up to a limit, or nothing.
    OptionalNumber(u64),
    /// One line, or nothing; digits alone are a number.
    NumberOrText,
    /// Several lines, or nothing.
    OptionalLines,
    /// A box to tick.
    Flag,
    /// Yes, no, or nothing.
    OptionalFlag(&'static str),
    /// One of some words, or nothing; the text stands for nothing.
    OptionalChoice(&'static [&'static str], &'static str),
    /// The list of providers.
    Providers,
}

/// Some fields under a heading.
pub(super) struct Group {
    pub(super) title: &'static str,
    pub(super) fields: &'static [Field],
}

/// The names of the operations.
#[allow(clippy::indexing_slicing, reason = "a wrong index does not compile")]
const OPERATIONS: [&str; OperationName::ALL.len()] = {
    let mut names = [""; OperationName::ALL.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = OperationName::ALL[at].as_str();
        at += 1;
    }
    names
};

const U16: u64 = u16::MAX as u64;
const U32: u64 = u32::MAX as u64;

const fn field(name: &'static str, kind: Kind, label: &'static str, hint: &'static str) -> Field {
    Field {
        name,
        label,
        hint,
        kind,
    }
}

/// In the order of the page. One field, one line.
#[rustfmt::skip]
pub(super) const GROUPS: [Group; 5] = [
    Group {
        title: "Connection",
        fields: &[
            field("webhook_url", Kind::Url, "Webhook address", "Where webhooks are sent."),
            field("webhook_password", Kind::Secret, "Webhook password", "What they are signed with. Empty: unchanged."),
            field("return_url", Kind::Url, "Return address", "Where the cashier sends the user back to."),
            field("api_keys", Kind::Secrets, "API keys", "Accepted values of x-api-key, one a line. Empty: unchanged."),
        ],
    },
    Group {
        title: "Cashier",
        fields: &[
            field("merchant_name", Kind::Text, "Merchant", "The name that the cashier shows."),
            field("token_seconds", Kind::Number, "Token good for, seconds", "Then the cashier's page has expired."),
            field("frame_ancestors", Kind::Text, "May show it in a frame", "*, none, or origins separated by spaces."),
            field("providers", Kind::Providers, "Providers", "Emptied, a line is taken away. The last line adds one."),
        ],
    },
    Group {
        title: "Behaviour",
        fields: &[
            field("withdrawal_amount_editable", Kind::Flag, "Let the user withdraw less than the merchant's amount", ""),
            field("auto_approve", Kind::Flag, "Pay withdrawals without the merchant's approval", ""),
            field("pending_webhook", Kind::Flag, "Send a pending webhook before the final one", ""),
            field("seed", Kind::OptionalNumber(u64::MAX), "Seed", "Ids and drawn faults are the same in every run. Empty: as at the start."),
        ],
    },
    Group {
        title: "Fault of the API",
        fields: &[
            field("fault.kind", Kind::OptionalChoice(FaultKind::VARIANTS, "none"), "What goes wrong", ""),
            field("fault.operation", Kind::OptionalChoice(&OPERATIONS, "every operation"), "Operation", ""),
            field("fault.times", Kind::OptionalNumber(U32), "Calls that meet it", "Empty: all, until it is taken away."),
            field("fault.status", Kind::OptionalNumber(U16), "HTTP status", "Empty: 500 for status, 502 for html."),
            field("fault.delay_ms", Kind::OptionalNumber(U32), "Delay, milliseconds", "Of a slow reply."),
            field("fault.retry_after", Kind::NumberOrText, "Retry-After", "Seconds, or an HTTP date."),
            field("fault.executed", Kind::OptionalFlag("not with status and html"), "Carry the operation out", ""),
            field("fault.body", Kind::OptionalLines, "Body", "Of a status or html reply, sent as it stands."),
        ],
    },
    Group {
        title: "Faults of webhooks",
        fields: &[
            field("webhook_fault.wire", Kind::OptionalChoice(Wire::VARIANTS, "as documented"), "Form of the body", ""),
            field("webhook_fault.duplicate", Kind::OptionalNumber(U32), "Copies beside each", ""),
            field("webhook_fault.delay_ms", Kind::OptionalNumber(U32), "Late by, milliseconds", ""),
            field("webhook_fault.reorder", Kind::OptionalNumber(U32), "Out of order, held until so many wait", "2 s at most; with a seed, as long as it takes."),
            field("webhook_fault.drop", Kind::OptionalNumber(U32), "Next ones lost", ""),
            field("webhook_fault.drop_percent", Kind::OptionalNumber(U32), "Lost of a hundred", "By a drawn choice."),
            field("webhook_fault.seed", Kind::OptionalNumber(u64::MAX), "Seed of what is drawn", "Empty: the setting above."),
            field("webhook_fault.wrong_password", Kind::Flag, "Sign with another password", ""),
        ],
    },
];
