//! Words, numbers and dates in Kazakh, Russian and English.
//!
//! ```ignore
//! let t = use_translations();
//! view! { <p>{move || t.notes_saved_on_phone()}</p> }
//! ```
//!
//! A text read inside a closure of a view follows the chosen language. The pure parts
//! ([`Messages`], [`format`], [`choose`]) know nothing of the browser.

mod choice;
mod failure;
pub mod format;
mod messages;
mod plural;
mod scope;
mod words;

pub use choice::{choose, own_name};
pub use failure::{Failure, FailureWords};
pub use messages::Messages;
pub use scope::{Translations, provide_language, use_language, use_translations};
