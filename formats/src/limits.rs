//! How large imported things may be. Beyond these a file is refused or a text is cut, with a word
//! about it.

/// Bytes of an imported file.
pub const MAX_FILE_BYTES: usize = 16 * 1024 * 1024;
/// Sessions, materials, people and events of one file together.
pub const MAX_ENTRIES: usize = 50_000;
/// Bytes of a file that belongs to a material.
pub const MAX_COMPANION_BYTES: usize = 50 * 1024 * 1024;
/// Bytes of a line of text: a title, a name, a room, an address.
pub const MAX_LINE_BYTES: usize = 2_000;
/// Bytes of a longer text in one language: an abstract, a material's body.
pub const MAX_TEXT_BYTES: usize = 128 * 1024;
/// Bytes of all texts of one file together, each repetition of an entry counted: a few lines may stand for very much.
pub const MAX_ALL_TEXT_BYTES: usize = 32 * 1024 * 1024;
/// How deep elements or components may stand in one another.
pub const MAX_DEPTH: usize = 64;
