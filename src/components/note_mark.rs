//! The quiet mark that says what has become of a note's text.

use leptos::prelude::*;

use super::{Icon, IconName};
use crate::i18n::use_translations;

/// Where a note's last text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteState {
    /// Typed, not yet on the phone.
    Saving,
    /// Typed, and it could not be saved; it is tried again.
    NotSaved,
    /// On this phone, not yet on the server.
    OnPhone,
    /// On this phone and on the server.
    Sent,
    /// The server refused it; it is kept.
    Refused,
}

/// A shape and a word for where a note's last text is.
#[component]
pub fn NoteMark(
    /// Where it is.
    #[prop(into)]
    state: Signal<NoteState>,
) -> impl IntoView {
    let t = use_translations();
    let look = move || match state.get() {
        NoteState::Saving => (IconName::Edit, "note-mark", t.notes_saving()),
        NoteState::NotSaved => (
            IconName::Attention,
            "note-mark is-refused",
            t.notes_not_saved(),
        ),
        NoteState::OnPhone => (IconName::OnPhone, "note-mark", t.notes_saved_on_phone()),
        NoteState::Sent => (IconName::UpToDate, "note-mark is-sent", t.notes_sent()),
        NoteState::Refused => (
            IconName::Attention,
            "note-mark is-refused",
            t.notes_refused(),
        ),
    };
    view! {
        {move || {
            let (icon, class, word) = look();
            view! {
                <span class=class>
                    <Icon name=icon />
                    {word}
                </span>
            }
        }}
    }
}
