//! Tables of spreadsheets (CSV): with commas, semicolons or tabs, headings in English, Russian or Kazakh.
//!
//! ```text
//!  text ──cells──► headings and rows ──mapping──► Draft
//! ```
//!
//! A row is a session. What a table cannot leave to chance stands in its last columns: identifiers, by which
//! a table that Keruen wrote finds its records again.

pub(crate) mod cells;
pub(crate) mod columns;
mod mapping;
pub(crate) mod people;
pub(crate) mod times;
pub(crate) mod words;

use crate::Options;
use crate::draft::Draft;
use crate::problem::{Notices, ReadError};

pub(crate) use cells::looks_like_one;

pub(crate) fn read(text: &str, options: &Options<'_>) -> Result<Draft, ReadError> {
    let mut notices = Notices::default();
    let table = cells::read(text, &mut notices)?;
    mapping::draft(&table, notices, options)
}
