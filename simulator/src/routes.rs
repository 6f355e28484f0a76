//! Every route of the simulator.

use std::time::Duration;

use axum::http::{HeaderValue, Method, header};
use axum::middleware::{from_fn, from_fn_with_state, map_response};
use axum::routing::{MethodRouter, any, delete, get, post, put};
use axum::{Extension, Json, Router};
use edge_cashier::OperationName;
use serde_json::json;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use worker::Env;

use crate::cards::CARDS;
use crate::config::ShopConfig;
use crate::reply::{not_found, rejections_in_json, wrong_method};
use crate::store::PageKind;
use crate::webhook::Outbox;
use crate::{api, cashier, control, shop, transport};

/// Routes what the entry answers itself, and everything else to the object.
pub(crate) fn entry(config: ShopConfig, env: Env) -> Router {
    let storefront = AllowOrigin::list(HeaderValue::from_str(&config.origin));
    let cors = CorsLayer::new()
        .allow_origin(storefront)
        .allow_methods([Method::GET, Method::POST, Method::PUT])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .max_age(Duration::from_secs(600));
    let shop = Router::new()
        .route("/shop/users", get(shop::users))
        .route("/shop/sign-in", post(shop::sign_in))
        .route("/shop/tickets", post(shop::ticket))
        .route("/shop/payouts/{tracking_id}/approve", post(shop::approve))
        .route("/shop/payouts/{tracking_id}/reject", post(shop::reject))
        .route("/shop/deliveries/{id}/replay", post(shop::replay))
        .method_not_allowed_fallback(wrong_method)
        .with_state(config.clone());
    // The rest of the shop needs the object's storage.
    let shop = Router::new()
        .route("/shop/{*rest}", any(transport::forward))
        .with_state(env.clone())
        .merge(shop)
        .layer(cors)
        .layer(from_fn_with_state(config, shop::storefront_alone));
    let health = Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") }));
    Router::new()
        .merge(shop)
        .route("/healthz", get(health))
        .layer(no_store())
        .route("/assets/cashier.css", get(cashier::style))
        .route("/assets/cashier.js", get(cashier::script))
        .route("/assets/control.css", get(control::style))
        .route("/assets/control.js", get(control::script))
        .method_not_allowed_fallback(wrong_method)
        .fallback(transport::forward)
        .with_state(env)
}

/// Routes what the object answers.
pub(crate) fn object(outbox: Outbox) -> Router {
    let operation = |name, handler| api::operation(name, &outbox.store, handler);
    // One route, one line.
    #[rustfmt::skip]
    let api = Router::new()
        .route("/cashier/deposit", operation(OperationName::HostedDeposit, post(api::hosted_deposit)))
        .route("/cashier/withdrawal", operation(OperationName::HostedWithdrawal, post(api::hosted_withdrawal)))
        .route("/payments/direct", operation(OperationName::DirectPayment, post(api::direct_payment)))
        .route("/payments/card", operation(OperationName::CardPayment, post(api::card_payment)))
        .route("/payouts/reject", operation(OperationName::RejectPayout, post(api::reject_payout)))
        .route("/payouts/approve", operation(OperationName::ApprovePayout, post(api::approve_payout)))
        .route("/transactions", operation(OperationName::ListTransactions, get(api::list_transactions)))
        .route("/transactions/{id}", operation(OperationName::TransactionStatus, get(api::transaction_status)))
        .layer(map_response(rejections_in_json));

    let of_kind = |kind: PageKind, handler: MethodRouter<Outbox>| {
        handler.fallback(cashier::wrong_method).layer(Extension(kind))
    };
    let pages = Router::new()
        .route("/return", get(cashier::returned).fallback(cashier::wrong_method))
        .route("/cashier/{token}", of_kind(PageKind::Cashier, get(cashier::show)))
        .route(
            "/cashier/{token}/decision",
            of_kind(PageKind::Cashier, post(cashier::decide)),
        )
        .route(
            "/provider/{token}",
            of_kind(PageKind::Provider, get(cashier::show)),
        )
        .route(
            "/provider/{token}/decision",
            of_kind(PageKind::Provider, post(cashier::decide)),
        )
        .route(
            "/challenge/{token}",
            of_kind(PageKind::Challenge, get(cashier::show)),
        )
        .route(
            "/challenge/{token}/decision",
            of_kind(PageKind::Challenge, post(cashier::decide)),
        );

    #[rustfmt::skip]
    let control = Router::new()
        .route("/control", get(control::show))
        .route("/control/", get(control::show))
        .route("/control/requests", get(control::requests))
        .route("/control/transactions", get(control::transactions))
        .route("/control/webhooks", get(control::webhooks).post(control::resend))
        .route("/control/webhooks/release", post(control::release))
        .route("/control/settings", get(control::settings).put(control::put_settings))
        .route("/control/scenarios", get(control::scenarios))
        .route("/control/scenarios/{name}", put(control::apply_scenario))
        .route("/control/cards", get(Json(CARDS)))
        .route("/control/state", delete(control::reset))
        .route("/control/act", post(control::act))
        .route("/control/form", post(control::put_form))
        .route("/control/{*rest}", any(control::not_found))
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn(control::same_site))
        .layer(map_response(rejections_in_json));

    let shop = Router::new()
        .route("/shop/webhooks", post(shop::receive))
        .route("/shop/deliveries", get(shop::list))
        .route("/shop/faults", get(shop::show).put(shop::change))
        .route("/shop/faults/resend", post(shop::resend))
        .method_not_allowed_fallback(wrong_method);

    let safe = |name, value| SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value));
    pages
        .merge(shop)
        // A page's address holds its token.
        .layer(safe(header::REFERRER_POLICY, "no-referrer"))
        // Without a referrer, a browser would not say that a form comes from the page itself.
        .merge(control.layer(safe(header::REFERRER_POLICY, "same-origin")))
        .fallback(not_found)
        .layer(no_store())
        .layer(safe(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .merge(api)
        .with_state(outbox)
}

fn no_store() -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
}
