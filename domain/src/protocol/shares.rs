//! Links that let anyone who has them read one thing: what their makers ask, online only.
//!
//! The link itself is a page, `GET /s/{secret}`, made by the server for browsers without the app; what it
//! shows is fetched by the app with [`paths::OPEN`]. Questions are asked as those of [`super::people`].

use serde::{Deserialize, Serialize};

use super::people::Texts;
use crate::id::{MaterialId, ProgrammeId, SessionId, ShareId};
use crate::record::Record;

/// Where each question is asked.
pub mod paths {
    /// The page of a share: this and its secret.
    pub const PAGE: &str = "/s/";
    /// A file of a share: its page's address, this, and the SHA-256 of the file.
    pub const FILES: &str = "/files/";
    /// What stands between the address of a file and [`super::Opened::Records::ticket`], if that is not
    /// empty.
    pub const TICKET: &str = "?ticket=";
    /// [`super::OpenShare`] → [`super::Opened`]. For everybody who has the link.
    pub const OPEN: &str = "/api/v1/shares/open";
    /// [`super::NewShare`] → [`super::super::people::NewSecret`]. For trainers and organisers of the programme.
    pub const NEW: &str = "/api/v1/shares/new";
    /// `()` → `Vec<`[`super::Share`]`>`: one's own.
    pub const LIST: &str = "/api/v1/shares";
    /// [`ShareId`](crate::ShareId) → `()`. For its maker and the programme's organisers.
    pub const REVOKE: &str = "/api/v1/shares/revoke";
}

/// Limits that both sides know.
pub mod limits {
    /// Shares of one person that can be opened.
    pub const MAX_SHARES: usize = 1_000;
    /// The fewest characters of a passphrase.
    pub const MIN_PASSPHRASE_CHARACTERS: usize = 6;
}

/// What a share opens.
///
/// The order of the variants is part of the sent form: add at the end only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Shared {
    /// One material, with its file.
    Material(MaterialId),
    /// One session, with the materials that belong to it.
    Session(SessionId),
    /// All materials of the programme.
    Materials,
    /// The agenda of all the programme's events.
    Agenda,
}

/// A new share.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewShare {
    /// Of which programme.
    pub programme: ProgrammeId,
    /// What of it.
    pub shared: Shared,
    /// For how long it can be opened, in milliseconds, ten years at most; `None` until it is revoked.
    #[cfg_attr(
        feature = "openapi",
        schema(minimum = 1, maximum = 316_224_000_000_u64)
    )]
    pub valid_ms: Option<u64>,
    /// What must be typed to open it; empty for nothing.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::NewPassphrase))]
    pub passphrase: String,
    /// What it is for, for its maker; may be empty.
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub note: String,
}

/// A share that somebody made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Share {
    /// By which it is revoked.
    pub id: ShareId,
    /// Of which programme.
    pub programme: ProgrammeId,
    /// What of it.
    pub shared: Shared,
    /// What that is called now; nothing if it is gone.
    pub title: Texts,
    /// When it was made, in milliseconds since 1970 (UTC).
    pub made_ms: u64,
    /// Until when it can be opened, in milliseconds since 1970 (UTC); `None` until it is revoked.
    pub expires_ms: Option<u64>,
    /// How often its page or its content was opened; by whom is not known.
    pub openings: u64,
    /// Whether a passphrase must be typed.
    pub has_passphrase: bool,
    /// What it is for.
    pub note: String,
    /// Whether it was taken back.
    pub is_revoked: bool,
}

/// Opening a share from within the app.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OpenShare {
    /// The link's.
    #[cfg_attr(feature = "openapi", schema(max_length = 64))]
    pub secret: String,
    /// What was typed; empty if nothing.
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub passphrase: String,
}

/// What a share holds.
///
/// The order of the variants is part of the sent form: add at the end only.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Opened {
    /// The passphrase is missing or is not this one.
    NeedsPassphrase,
    /// It is open.
    Records {
        /// The records as they stand, in their own scope: the shared one first, then what belongs to it. Of
        /// all materials or the agenda, that of the programme is the first.
        records: Vec<Record>,
        /// What opens the files of a share with a passphrase for some hours, see [`paths::TICKET`]; empty for
        /// others.
        #[cfg_attr(feature = "openapi", schema(max_length = 64))]
        ticket: String,
    },
}

super::hidden!(NewShare, OpenShare, Opened);
