//! Search over everything on a phone, in Kazakh, Russian and English.
//!
//! Pure: no I/O, no clock. The caller gives texts as [`Document`]s and keeps the bytes that
//! [`Index::seal`] and [`Index::seal_changes`] make. `docs/search.md` says how words are folded and stemmed,
//! and what is not found.
//!
//! ```
//! use keruen_search::{Document, Index, Options};
//!
//! let mut index = Index::new();
//! index.put(&Document { key: b"1", title: "Қызылордадағы кездесу", ..Document::default() });
//! let results = index.search("кызылорда", &Options::default());
//! assert_eq!(results.hits[0].key, b"1");
//! ```

mod alias;
mod answers;
mod bytes;
mod document;
mod fold;
mod highlight;
mod index;
mod kazakh;
mod overlay;
mod query;
mod results;
mod script;
mod segment;
mod slip;
mod stem;
mod words;

pub use bytes::Damage;
pub use document::Document;
pub use highlight::{excerpt, highlights};
pub use index::Index;
pub use query::Match;
pub use results::{Hit, Options, Results, TextOf};
