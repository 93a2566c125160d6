//! One's own agenda as a calendar to subscribe to: what is asked about its address, online only.
//!
//! The calendar is [`paths::ADDRESS`], the secret and [`paths::END`]: of the sessions that its person marked
//! ([`Mark`](crate::model::Mark)), those that they may read now, of all programmes. `?lang=` and a language's
//! code choose the language. Whoever has the address reads it; a person has one at most.
//!
//! Questions are asked as those of [`super::people`], by everybody of themselves.

use serde::{Deserialize, Serialize};

/// Where each question is asked.
pub mod paths {
    /// `()` → `Option<`[`super::Feed`]`>`: whether there is one.
    pub const FEED: &str = "/api/v1/calendar";
    /// `()` → [`NewSecret`](super::super::people::NewSecret). The address that there was before opens nothing
    /// any more.
    pub const NEW: &str = "/api/v1/calendar/new";
    /// `()` → `()`: there is none from now on.
    pub const REVOKE: &str = "/api/v1/calendar/revoke";
    /// The calendar: this, its secret, and [`END`].
    pub const ADDRESS: &str = "/c/";
    /// How its address ends: some programs look at it.
    pub const END: &str = ".ics";
}

/// Limits that both sides know.
pub mod limits {
    /// Sessions of one calendar; of more marks than that, those of the newest sessions count.
    pub const MAX_SESSIONS: usize = 1_000;
}

/// That somebody's calendar can be subscribed to. Its secret is told once, when it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Feed {
    /// When its address was made, in milliseconds since 1970 (UTC).
    pub made_ms: u64,
}
