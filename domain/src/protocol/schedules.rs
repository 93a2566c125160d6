//! Schedules of other programs, which the server reads for an organiser: the app compares what was read with what is
//! on the device, shows it, and writes what its person accepts.

use serde::{Deserialize, Serialize};

use crate::id::ProgrammeId;
use crate::record::Record;

/// Where each question is asked.
pub mod paths {
    /// [`super::ReadSchedule`] → [`super::Reading`]. For organisers of the programme.
    pub const READ: &str = "/api/v1/schedules/read";
    /// A table (CSV) to be filled. For everybody.
    pub const TEMPLATE: &str = "/api/v1/schedules/template.csv";
}

/// Limits that both sides know.
pub mod limits {
    /// Bytes of the file. The command line takes larger ones.
    pub const MAX_FILE_BYTES: usize = 4_000_000;
    /// Bytes of the question in its binary form.
    pub const MAX_QUESTION_BYTES: usize = MAX_FILE_BYTES + 4_000;
    /// Bytes of each text beside the file.
    pub const MAX_TEXT_BYTES: usize = 200;
}

/// A file to be read. Nothing of it is kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReadSchedule {
    /// Its bytes.
    pub file: Vec<u8>,
    /// What it is called, without what stands behind the last point.
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub name: String,
    /// The programme to read it into; `None` for the one that it describes itself, which only who organises
    /// everything may ask for.
    pub into: Option<ProgrammeId>,
    /// IANA name of the zone of times that name none; may be empty.
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub zone: String,
    /// The language of the words in the answer, such as `kk`; English for any that is not known.
    #[cfg_attr(feature = "openapi", schema(max_length = 200))]
    pub language: String,
}

/// What became of it.
///
/// The order of the variants is part of the sent form: add at the end only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Reading {
    /// The file as a whole cannot be taken: what is wrong, where, and what to do.
    Refused(String),
    /// It was read.
    Read(ReadFile),
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReadFile {
    /// The programme that the records are of.
    pub programme: ProgrammeId,
    /// What the file calls its programme.
    pub title: String,
    /// Whether the file holds only some of what its records say: what it does not hold is left as it is.
    pub is_partial: bool,
    /// What it holds, in its order.
    pub records: Vec<ReadRecord>,
    /// Entries that were left out, and why, a line each.
    pub skipped: Vec<String>,
    /// What else should be known.
    pub warnings: Vec<String>,
}

/// A record as the file wants it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReadRecord {
    /// All of its fields, written by a program.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::record::RecordForm))]
    pub record: Record,
    /// What people would call it.
    pub label: String,
}

super::hidden!(ReadSchedule);
