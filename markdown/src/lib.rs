//! Markdown as a tree of known elements.
//!
//! No HTML within a text is ever interpreted, so nothing written in a note or a material can become
//! markup: the tree knows only the elements of [`Element`]. The client makes DOM nodes of it, one by
//! one; the server writes it as HTML with every text escaped ([`html`]).

mod evidence;
pub mod html;
mod link;
mod tree;

pub use evidence::{Evidence, evidence};
pub use link::Destination;
pub use tree::{Element, Node, parse};
