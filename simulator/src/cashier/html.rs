//! The pages' HTML. `maud` escapes every value that is put into it.

use axum::http::StatusCode;
use axum::response::Response;
use maud::{DOCTYPE, Markup, html};

use super::button::Decision;
use super::drawing::{icon, lock};
use super::form::{Entered, Problem};
use super::visit::{Notice, Visit};
use crate::cards::reasons;
use crate::page::origin;
use crate::settings::{Provider, Settings};
use crate::store::PageKind;
use crate::webhook::with_minor_units;

/// The words of one page.
struct Words {
    title: &'static str,
    lead: &'static str,
    approve: &'static str,
    decline: &'static str,
    retry: &'static str,
    providers: &'static str,
}

fn words(kind: PageKind, is_payout: bool) -> Words {
    match (kind, is_payout) {
        (PageKind::Challenge, _) => Words {
            title: "Confirm it is you",
            lead: "Your bank wants to be sure that you are making this payment (3-D Secure).",
            approve: "Authentication succeeds",
            decline: "Authentication fails",
            retry: "",
            providers: "",
        },
        (_, true) => Words {
            title: "Withdrawal",
            lead: "will be paid to you by",
            approve: "Confirm withdrawal",
            decline: "Cancel",
            retry: "Refuse, then try again",
            providers: "How do you want to be paid?",
        },
        (_, false) => Words {
            title: "Deposit",
            lead: "to be paid to",
            approve: "Approve payment",
            decline: "Decline",
            retry: "Decline and retry",
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
    let html = document(title, settings, theme, &body);
    crate::page::page(status, html, frame_ancestors(settings), None)
}

/// Returns the page that stands in for the shop's own, where no shop runs.
pub(super) fn returned(settings: &Settings, tracking_id: Option<&str>, result: Option<&str>) -> Response {
    let body = html! {
        p.lead.notice {
            "The simulator's own page, in the place of the shop's: the return URL leads to yours once it is set. "
            "What it is told proves nothing; the webhook does."
        }
        dl.facts {
            div { dt { "Reference" } dd { code { (tracking_id.unwrap_or("none")) } } }
            div { dt { "Result" } dd { (result.unwrap_or("none")) } }
        }
        a.back href="/control" { "What happened, on the control page" }
    };
    let html = document("Back at the shop", settings, None, &body);
    crate::page::page(StatusCode::OK, html, frame_ancestors(settings), None)
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
    let entered = problem.map(|(_, entered)| entered);
    let asked = entered.and_then(|entered| entered.provider.as_ref()?.parse().ok());
    let chosen = asked.or_else(|| settings.providers.first().map(|provider| provider.id));
    let body = html! {
        @if let Some((Problem::General(text), _)) = problem {
            p.problem role="alert" { (text) }
        } @else if let Some(reason) = &checkout.declined_reason {
            p.problem role="alert" data-testid="cashier-declined" {
                "Declined: " (reason) ". Nothing was paid. You can try again."
            }
        }
        form method="post" action=(action) {
            // A form that is sent twice is not a second attempt.
            input type="hidden" name="attempt" value=(checkout.attempt);
            (amount(visit, &words, problem))
            @if checkout.kind == PageKind::Cashier {
                fieldset.providers {
                    legend { (words.providers) }
                    @for provider in &settings.providers { (choice(provider, Some(provider.id) == chosen)) }
                }
            } @else if checkout.kind == PageKind::Provider {
                p.provider-name { (transaction.payment_provider) }
            } @else if let Some(last_four) = &transaction.card_last_four {
                p.provider-name { "Card ending in " (last_four) }
            }
            (outcome(visit, &words))
        }
        dl.facts {
            @if let Some(payer) = &checkout.payer { div { dt { "Customer" } dd { (payer) } } }
            div { dt { "Reference" } dd { code { (transaction.tracking_id) } } }
        }
    };
    document(words.title, settings, theme, &body)
}

/// The buttons, each a way in which the payment can end.
fn outcome(visit: &Visit<'_>, words: &Words) -> Markup {
    let (kind, is_payout) = (visit.checkout.kind, visit.transaction.is_payout());
    let has = |button: Decision| button.is_on(kind, is_payout);
    html! {
        section.outcome aria-labelledby="outcome" {
            h2 id="outcome" { span.badge { "Simulator" } " How should it end?" }
            div.buttons {
                button.approve type="submit" name="decision" value="approve" data-testid="cashier-approve" {
                    (words.approve)
                }
                @if has(Decision::Challenge) {
                    button type="submit" name="decision" value="challenge" data-testid="cashier-challenge" {
                        "Ask for " span.whole { "3-D Secure" }
                    }
                }
                @if has(Decision::Pending) {
                    button type="submit" name="decision" value="pending" data-testid="cashier-pending" {
                        "Leave pending"
                    }
                }
                button.decline type="submit" name="decision" value="decline" data-testid="cashier-decline" {
                    (words.decline)
                }
                @if has(Decision::Retry) {
                    button.decline type="submit" name="decision" value="retry" data-testid="cashier-decline-retry" {
                        (words.retry)
                    }
                }
            }
            @if kind != PageKind::Challenge && !is_payout {
                label.reason for="reason" { "If declined, because of" }
                select id="reason" name="reason" {
                    @for reason in reasons() { option { (reason) } }
                }
            }
        }
    }
}

fn amount(visit: &Visit<'_>, words: &Words, problem: Option<(&Problem, &Entered)>) -> Markup {
    let Visit {
        settings,
        checkout,
        transaction,
    } = visit;
    let is_locked = checkout.amount_is_locked;
    let is_challenge = checkout.kind == PageKind::Challenge;
    // What the user entered is kept.
    let entered = problem
        .and_then(|(_, entered)| entered.amount.clone())
        .filter(|_| !is_locked);
    let value = entered.unwrap_or_else(|| with_minor_units(&transaction.amount, &transaction.currency));
    let problem = match problem {
        Some((Problem::Amount(text), _)) => Some(text),
        _ => None,
    };
    let hint = match (is_locked, &checkout.amount_limit) {
        (true, _) => format!("Set by {}. It cannot be changed.", settings.merchant_name),
        (false, Some(limit)) => {
            let currency = &transaction.currency;
            format!(
                "You may change it, up to {} {currency}.",
                with_minor_units(limit, currency)
            )
        }
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

fn document(title: &str, settings: &Settings, theme: Option<&str>, body: &Markup) -> Markup {
    let merchant = &settings.merchant_name;
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
                script src="/assets/cashier.js" defer data-shop-origin=[origin(&settings.return_url)] {}
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
