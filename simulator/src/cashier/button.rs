//! The buttons with which the user, or whoever plays the user, decides.

use crate::store::PageKind;

/// What a button decides.
#[derive(Clone, Copy, PartialEq, Eq, strum::EnumString)]
#[strum(serialize_all = "snake_case")]
pub(super) enum Decision {
    Approve,
    Decline,
    Pending,
    /// Rejects this attempt and lets the user make another.
    Retry,
    /// Has the card's issuer ask the user.
    Challenge,
}

impl Decision {
    /// Tells whether a page has this button.
    pub(super) fn is_on(self, page: PageKind, is_payout: bool) -> bool {
        match self {
            Self::Approve | Self::Decline => true,
            Self::Pending => page != PageKind::Challenge,
            Self::Retry => page == PageKind::Cashier,
            Self::Challenge => page == PageKind::Cashier && !is_payout,
        }
    }
}
