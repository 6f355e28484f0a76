//! The pages that the user sees: the hosted cashier, a provider's own page, and the 3-D Secure challenge.

mod decision;
mod page;

use worker::{Method, Request, Response, State, Url};

use crate::clock;
use crate::http::{self, PagePolicy};
use crate::settings::Settings;
use crate::store::{Checkout, Kind, Stage, Store, Transaction};

/// The pages' style sheet.
pub(crate) const STYLE: &str = include_str!("cashier.css");

/// What a page is about.
struct Visit<'a> {
    settings: &'a Settings,
    checkout: Checkout,
    transaction: Transaction,
}

impl Visit<'_> {
    /// Where the user goes afterwards. `result` tells the page there what to show, and proves nothing.
    fn return_url(&self) -> String {
        let Ok(mut url) = Url::parse(&self.settings.return_url) else {
            return self.settings.return_url.clone();
        };
        url.query_pairs_mut()
            .append_pair("tracking_id", &self.transaction.tracking_id)
            .append_pair("result", &self.transaction.status);
        url.into()
    }

    /// `light`, `dark`, or nothing for what the user's device prefers.
    fn theme(&self, asked: Option<&str>) -> Option<&'static str> {
        match asked.unwrap_or(&self.checkout.theme) {
            "light" => Some("light"),
            "dark" => Some("dark"),
            _ => None,
        }
    }
}

/// Answers a request below `/cashier`, `/provider` or `/challenge`.
pub(crate) async fn serve(
    state: &State,
    store: &Store,
    kind: Kind,
    rest: &[&str],
    request: Request,
) -> worker::Result<Response> {
    let (token, is_decision) = match rest {
        [token] => (*token, false),
        [token, "decision"] => (*token, true),
        _ => return http::error(404, "nothing is here"),
    };
    let is_right_method = match request.method() {
        Method::Post => is_decision,
        Method::Get | Method::Head => !is_decision,
        _ => false,
    };
    let settings = store.settings()?;
    if !is_right_method {
        return notice(
            &settings,
            405,
            "Not this way",
            "This address takes another method.",
            None,
            None,
        );
    }
    let asked = request
        .url()?
        .query_pairs()
        .find(|(name, _)| name == "theme")
        .map(|(_, theme)| theme.into_owned());
    let asked = asked.as_deref();

    let found = store.checkout(token)?.filter(|checkout| checkout.kind == kind);
    let Some(checkout) = found else {
        let text = "This payment link is not known. It may have been mistyped.";
        return notice(&settings, 404, "Link not found", text, None, asked);
    };
    let Some(transaction) = store.transaction(checkout.transaction_row)? else {
        return notice(
            &settings,
            404,
            "Link not found",
            "This payment is not known.",
            None,
            asked,
        );
    };
    let visit = Visit {
        settings: &settings,
        checkout,
        transaction,
    };

    if visit.checkout.used_at.is_some() || visit.transaction.stage == Stage::Settled {
        // Who sends the form twice is sent on twice, and nothing else happens.
        if is_decision {
            return http::see_other(&visit.return_url());
        }
        let text = "This payment page has been used already. Each link works once.";
        return notice(&settings, 410, "Already used", text, Some(&visit), asked);
    }
    if visit.checkout.expires_at <= clock::now() {
        let text = "This payment page has expired. Nothing was paid.";
        return notice(&settings, 410, "Link expired", text, Some(&visit), asked);
    }
    if is_decision {
        return decision::take(state, store, visit, request).await;
    }
    show(&visit, 200, asked, None)
}

/// The page itself, with what is wrong with the form if it was sent.
fn show(
    visit: &Visit<'_>,
    status: u16,
    asked: Option<&str>,
    problem: Option<&page::FormProblem>,
) -> worker::Result<Response> {
    let html = page::checkout(visit, visit.theme(asked), problem);
    http::page(
        status,
        html,
        &policy(visit.settings, Some(&visit.settings.return_url)),
    )
}

/// A page that only says something.
fn notice(
    settings: &Settings,
    status: u16,
    title: &str,
    text: &str,
    visit: Option<&Visit<'_>>,
    asked: Option<&str>,
) -> worker::Result<Response> {
    let theme = match (visit, asked) {
        (Some(visit), asked) => visit.theme(asked),
        (None, Some("dark")) => Some("dark"),
        (None, Some("light")) => Some("light"),
        (None, _) => None,
    };
    let back = visit.map(Visit::return_url);
    let html = page::notice(&settings.merchant_name, title, text, back.as_deref(), theme);
    http::page(status, html, &policy(settings, None))
}

fn policy<'a>(settings: &'a Settings, form_target: Option<&'a str>) -> PagePolicy<'a> {
    let frame_ancestors = match settings.frame_ancestors.as_str() {
        "none" | "" => "'none'",
        others => others,
    };
    PagePolicy {
        frame_ancestors,
        form_target,
    }
}
