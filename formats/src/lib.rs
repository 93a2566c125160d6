//! Foreign formats: bytes to drafts of records, drafts to changes, and records to text. Pure, so that the server's
//! import and, later, the browser's are one.
//!
//! ```text
//!  bytes ──read──► Draft: records by stable identifiers, with what was skipped and why
//!                    │
//!  rows that are ────┴─plan──► Plan: the changes to be written, and the report
//!  there already ───write────► text for other programs
//! ```
//!
//! It refuses to do I/O and to know the time: files beside an imported one come through
//! [`Companions`], the clock is a parameter.
//!
//! # Promises
//!
//! - A file that is not what it claims, is truncated or is too large gives a [`ReadError`] and
//!   nothing else. What is left out of a readable file is listed in the [`Draft`], each with its
//!   place and the reason.
//! - The same file gives the same identifiers ([`identity`]), so that a second import changes
//!   nothing.
//! - No value that a person wrote is replaced ([`plan`]).
//!
//! # Layout
//!
//! - [`detect`]: what a file is, by its content.
//! - `keruen`, `frab`, `ical`, `pretalx`, `table`: one reader per format.
//! - [`draft`], [`identity`]: what readers produce.
//! - [`write`](mod@write): what other programs read.
//! - [`pack`]: a programme as one file, from phone to phone.
//! - [`plan`], [`report`]: what an import would change, and its story for people.
//! - [`problem`], [`limits`]: what can be wrong, and how large things may be.
//! - `zone`, `text`, `html`, `media`, `json`: what several readers need.

mod companion;
pub mod detect;
pub mod draft;
mod frab;
mod html;
mod ical;
pub mod identity;
mod json;
mod keruen;
pub mod limits;
mod media;
pub mod notes;
pub mod pack;
pub mod plan;
mod pretalx;
pub mod problem;
pub mod report;
mod table;
mod text;
pub mod write;
mod zone;

pub use companion::{CompanionProblem, Companions, NoCompanions};
pub use detect::Format;
pub use draft::{Draft, FileDraft, RecordDraft};
pub use media::MediaCheck;
pub use plan::{Differences, Plan, Wanted, differences, plan};
pub use problem::{Notice, Place, ReadError, ReadErrorKind, Reason};
pub use report::{Counts, Report};

use detect::Document;
use keruen_domain::ProgrammeId;

/// What the importing person wishes.
#[derive(Clone, Debug, Default)]
pub struct Options<'a> {
    /// The name that identifies the programme, instead of the one in the file: two files under one
    /// name and of one format become one programme.
    pub name: Option<&'a str>,
    /// What to call the programme if the file does not say.
    pub fallback_title: Option<&'a str>,
    /// Let anyone read the programme.
    pub public: bool,
    /// IANA name of the zone of times in a file that names none.
    pub zone: Option<&'a str>,
    /// The programme to read the file into, whatever programme the file is of.
    pub into: Option<ProgrammeId>,
}

impl Options<'_> {
    fn zone(&self) -> Option<zone::Zone> {
        self.zone.and_then(zone::Zone::find)
    }

    /// Whether a file that came from a programme of ours is read as that programme's own. Whoever names another
    /// wants that one, whatever the file says.
    fn takes_origin(&self, origin: ProgrammeId) -> bool {
        self.name.is_none() && self.into.is_none_or(|into| into == origin)
    }
}

/// Whether this names a time zone whose history is known.
pub fn is_zone(name: &str) -> bool {
    zone::Zone::find(name).is_some()
}

/// Reads a file of any supported format.
///
/// # Errors
/// If the file as a whole cannot be taken; then nothing of it should be.
pub fn read(
    bytes: &[u8],
    options: &Options<'_>,
    companions: &mut dyn Companions,
) -> Result<Draft, ReadError> {
    let text = detect::text_of(bytes)?;
    match detect::open(&text)? {
        Document::Keruen(value) => keruen::read(&value, options, companions),
        Document::FrabJson(value) => frab::read_json(&value, options),
        Document::Pretalx(value) => pretalx::read(&value, options),
        Document::FrabXml(text) => frab::read_xml(text, options),
        Document::Calendar(text) => ical::read(text, options),
        Document::Table(text) => table::read(text, options),
    }
}
