//! Making materials: texts, files, links. For trainers and organisers, also without a network.

mod add;
mod details;
mod editor;
mod sending;
mod unfinished;

pub(super) use add::{AddMaterials, not_added_words};
pub(super) use editor::{ChangeLink, MakerPage};
pub(super) use sending::{SendingMark, SendingPart, UploadsPart};
pub(super) use unfinished::UnfinishedPart;
