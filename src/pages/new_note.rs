//! The way to a new note, on every page.

use leptos::prelude::*;

use super::address::{Address, Screen};
use crate::components::{Icon, IconName};
use crate::i18n::{Messages, use_translations};

/// A round button at the edge. The notes' own page has one with words, and who came by a link has not decided yet.
#[component]
pub(super) fn NewNoteLink() -> impl IntoView {
    let t = use_translations();
    let address = Address::of_context();
    let screen = address.screen();
    move || {
        let is_elsewhere = !matches!(screen.get(), Screen::Notes | Screen::Link);
        is_elsewhere.then(|| {
            let href = ["/notes/new?from=", &address.path()].concat();
            view! {
                <a class="new-note" href=href aria-label=t.say(Messages::notes_new)>
                    <Icon name=IconName::Edit />
                </a>
            }
        })
    }
}
