//! What the forms have in common in which organisers and trainers change something.

mod draft;
mod edits;
mod fields;
mod mark_buttons;
mod markdown_field;
mod marks;
mod typed;

pub(super) use draft::Draft;
pub(super) use edits::Edits;
pub(super) use fields::{Ticks, Translations};
pub(super) use mark_buttons::{EvidenceChoice, MarkButtons};
pub(super) use markdown_field::PicturesOf;
pub(super) use typed::Typed;
