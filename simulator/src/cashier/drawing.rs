//! The pages' drawings: a few lines each, in the text's own colour.

use maud::{Markup, PreEscaped, html};

/// Draws a lock.
pub(super) fn lock() -> Markup {
    drawing(r#"<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>"#)
}

/// Draws the usual kinds of providers.
pub(super) fn icon(name: &str) -> Markup {
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
