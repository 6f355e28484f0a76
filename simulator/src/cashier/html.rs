//! The pages' HTML. `maud` escapes every value that is put into it.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::form::{Entered, Problem};
use super::visit::{Notice, Visit};
use crate::settings::{Provider, Settings};
use crate::store::Kind;
use crate::webhook::with_minor_units;

/// Why a provider may decline.
pub(super) const REASONS: [&str; 4] = [
    "Insufficient funds",
    "Do not honour",
    "Expired card",
    "Suspected fraud",
];

/// The words of one page.
struct Words {
    title: &'static str,
    lead: &'static str,
    approve: &'static str,
    decline: &'static str,
    pending: Option<&'static str>,
    providers: &'static str,
}

fn words(kind: Kind, is_payout: bool) -> Words {
    match (kind, is_payout) {
        (Kind::Challenge, _) => Words {
            title: "Confirm it is you",
            lead: "Your bank wants to be sure that you are making this payment (3-D Secure).",
            approve: "Authentication succeeds",
            decline: "Authentication fails",
            pending: None,
            providers: "",
        },
        (_, true) => Words {
            title: "Withdrawal",
            lead: "will be paid to you by",
            approve: "Confirm withdrawal",
            decline: "Cancel",
            pending: Some("Leave pending"),
            providers: "How do you want to be paid?",
        },
        (_, false) => Words {
            title: "Deposit",
            lead: "to be paid to",
            approve: "Approve payment",
            decline: "Decline",
            pending: Some("Leave pending"),
            providers: "How do you want to pay?",
        },
    }
}

/// Returns the page on which the user decides, with what is wrong with the form if it was sent.
pub(super) fn page(
    visit: &Visit<'_>,
    theme: Option<&str>,
    problem: Option<(&Problem, &Entered)>,
) -> Response {
    let status = problem.map_or(StatusCode::OK, |_| StatusCode::UNPROCESSABLE_ENTITY);
    let theme = known_theme(theme.unwrap_or(&visit.checkout.theme));
    let return_url = Some(visit.settings.return_url.as_str());
    let html = checkout(visit, theme, problem);
    crate::page::page(status, html, frame_ancestors(visit.settings), return_url)
}

/// Returns a page that only says something, with the way back if there is one.
pub(super) fn notice(
    settings: &Settings,
    (status, title, text): Notice,
    visit: Option<&Visit<'_>>,
    theme: Option<&str>,
) -> Response {
    let theme = theme
        .or(visit.map(|visit| visit.checkout.theme.as_str()))
        .and_then(known_theme);
    let merchant = &settings.merchant_name;
    let body = html! {
        p.lead.notice { (text) }
        @if let Some(visit) = visit {
            a.back href=(visit.return_url()) data-testid="cashier-back" { "Back to " (merchant) }
        }
    };
    let html = document(title, merchant, theme, &body);
    crate::page::page(status, html, frame_ancestors(settings), None)
}

/// Takes `light` or `dark`; anything else is what the user's device prefers.
fn known_theme(theme: &str) -> Option<&str> {
    Some(theme).filter(|theme| matches!(*theme, "light" | "dark"))
}

fn frame_ancestors(settings: &Settings) -> &str {
    match settings.frame_ancestors.as_str() {
        "none" | "" => "'none'",
        others => others,
    }
}

fn checkout(visit: &Visit<'_>, theme: Option<&str>, problem: Option<(&Problem, &Entered)>) -> Markup {
    let Visit {
        settings,
        checkout,
        transaction,
    } = visit;
    let words = words(checkout.kind, transaction.is_payout());
    let action = format!("{}/decision", checkout.path());
    let merchant = &settings.merchant_name;
    let entered = problem.map(|(_, entered)| entered);
    let asked = entered.and_then(|entered| entered.provider.as_ref()?.parse().ok());
    let chosen = asked.or_else(|| settings.providers.first().map(|provider| provider.id));
    let body = html! {
        @if let Some((Problem::General(text), _)) = problem { p.problem role="alert" { (text) } }
        form method="post" action=(action) {
            (amount(visit, &words, problem))
            @if checkout.kind == Kind::Cashier {
                fieldset.providers {
                    legend { (words.providers) }
                    @for provider in &settings.providers { (choice(provider, Some(provider.id) == chosen)) }
                }
            } @else if checkout.kind == Kind::Provider {
                p.provider-name { (transaction.payment_provider) }
            } @else if let Some(last_four) = &transaction.card_last_four {
                p.provider-name { "Card ending in " (last_four) }
            }
            section.outcome aria-labelledby="outcome" {
                h2 id="outcome" { span.badge { "Simulator" } " How should it end?" }
                button.approve type="submit" name="decision" value="approve" data-testid="cashier-approve" {
                    (words.approve)
                }
                div.row {
                    button.decline type="submit" name="decision" value="decline" data-testid="cashier-decline" {
                        (words.decline)
                    }
                    @if let Some(pending) = words.pending {
                        button.pending type="submit" name="decision" value="pending" data-testid="cashier-pending" {
                            (pending)
                        }
                    }
                }
                @if checkout.kind != Kind::Challenge && !transaction.is_payout() {
                    label.reason for="reason" { "If declined, because of" }
                    select id="reason" name="reason" {
                        @for reason in REASONS { option { (reason) } }
                    }
                }
            }
        }
        dl.facts {
            @if let Some(payer) = &checkout.payer { div { dt { "Customer" } dd { (payer) } } }
            div { dt { "Reference" } dd { code { (transaction.tracking_id) } } }
        }
    };
    document(words.title, merchant, theme, &body)
}

fn amount(visit: &Visit<'_>, words: &Words, problem: Option<(&Problem, &Entered)>) -> Markup {
    let Visit {
        settings,
        checkout,
        transaction,
    } = visit;
    let is_locked = checkout.amount_is_locked;
    let is_challenge = checkout.kind == Kind::Challenge;
    // What the user entered is kept.
    let entered = problem
        .and_then(|(_, entered)| entered.amount.clone())
        .filter(|_| !is_locked);
    let value = entered.unwrap_or_else(|| with_minor_units(&transaction.amount, &transaction.currency));
    let problem = match problem {
        Some((Problem::Amount(text), _)) => Some(text),
        _ => None,
    };
    let hint = match (is_locked, &checkout.deposit_limit) {
        (true, _) => format!("Set by {}. It cannot be changed.", settings.merchant_name),
        (false, Some(limit)) => format!("You may change it, up to {limit} {}.", transaction.currency),
        (false, None) => "You may change it.".to_owned(),
    };
    html! {
        @if is_challenge { p.lead { (words.lead) } }
        div.amount data-locked[is_locked] data-long[value.len() > 7] {
            label for="amount" { "Amount" }
            div.field {
                // A locked amount is not a disabled one: it stays readable for every reader.
                input id="amount" name="amount" inputmode="decimal" autocomplete="off" required
                    value=(value) readonly[is_locked] size=(value.len().clamp(4, 14))
                    aria-describedby=(if problem.is_some() { "amount-problem amount-hint" } else { "amount-hint" })
                    aria-invalid[problem.is_some()] data-testid="cashier-amount";
                span.currency { (transaction.currency) }
            }
            @if let Some(problem) = problem {
                p.problem id="amount-problem" role="alert" { (problem) }
            }
            p.hint id="amount-hint" { @if is_locked { (lock()) } (hint) }
        }
        @if !is_challenge {
            p.lead { (words.lead) " " strong { (settings.merchant_name) } }
        }
    }
}

fn choice(provider: &Provider, is_chosen: bool) -> Markup {
    html! {
        label.choice {
            input.choice-input type="radio" name="provider" value=(provider.id) checked[is_chosen];
            (icon(&provider.name))
            span.choice-text {
                span.choice-name { (provider.name) }
                @if !provider.description.is_empty() { span.choice-description { (provider.description) } }
            }
            span.mark aria-hidden="true" {}
        }
    }
}

fn document(title: &str, merchant: &str, theme: Option<&str>, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" data-theme=[theme] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                meta name="color-scheme" content=(theme.unwrap_or("light dark"));
                title { (title) " · " (merchant) " · Simulated cashier" }
                link rel="stylesheet" href="/assets/cashier.css";
            }
            body {
                header.test-mode { "Test mode: no money moves" }
                main.card {
                    div.heading {
                        span.logo aria-hidden="true" { (merchant.chars().next().unwrap_or('·')) }
                        div { p.merchant { (merchant) } h1 { (title) } }
                    }
                    (body)
                }
                footer { "Simulated cashier, for development and tests" }
            }
        }
    }
}

fn lock() -> Markup {
    drawing(r#"<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>"#)
}

/// Draws the usual kinds of providers.
fn icon(name: &str) -> Markup {
    let name = name.to_ascii_lowercase();
    drawing(if name.contains("card") {
        r#"<rect x="3" y="5.5" width="18" height="13" rx="2.5"/><path d="M3 10h18M7 15h3"/>"#
    } else if name.contains("bank") {
        r#"<path d="M4 9.5 12 5l8 4.5M4 19h16M6.5 10v6.5M10.2 10v6.5M13.8 10v6.5M17.5 10v6.5"/>"#
    } else {
        r#"<path d="M4 8.5A2.5 2.5 0 0 1 6.5 6H18v3M4 8.5v8A2.5 2.5 0 0 0 6.5 19H20V9H6.5A2.5 2.5 0 0 1 4 8.5"/><path d="M16.5 14h.01"/>"#
    })
}

/// Draws lines of our own, so nothing in them needs escaping.
fn drawing(lines: &'static str) -> Markup {
    html! {
        svg viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="1.7"
            stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" { (PreEscaped(lines)) }
    }
}
