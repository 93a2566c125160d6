//! A note in a list.

use leptos::prelude::*;

use super::{NoteMark, NoteState};
use crate::i18n::use_translations;

/// What a row shows of a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteRowView {
    /// Where the row leads.
    pub href: String,
    /// Its first line; empty while nothing is written.
    pub title: String,
    /// The text after the first line, shortened.
    pub excerpt: String,
    /// What it is about: the title of a session, a material or an event.
    pub about: Option<String>,
    /// Whose it is besides, if a group writes it.
    pub group: Option<String>,
    /// When it was last changed, in words.
    pub edited: String,
}

/// A note: first line, some of the text, what it is about, and where its last text is.
#[component]
pub fn NoteRow(
    /// The note.
    note: NoteRowView,
    /// Where its last text is.
    #[prop(into)]
    state: Signal<NoteState>,
) -> impl IntoView {
    let t = use_translations();
    let NoteRowView {
        href,
        title,
        excerpt,
        about,
        group,
        edited,
    } = note;
    let title = move || {
        if title.is_empty() {
            t.notes_untitled().to_owned()
        } else {
            title.clone()
        }
    };
    view! {
        <article class="row">
            <div class="row-text">
                <h3 class="row-title">
                    <a class="row-link" href=href>
                        {title}
                    </a>
                </h3>
                {(!excerpt.is_empty()).then(|| view! { <p class="row-excerpt">{excerpt}</p> })}
                {about.map(|about| view! { <p class="row-about">{move || t.notes_about(&about)}</p> })}
                <p class="row-facts">
                    {group.map(|group| view! { <span>{group}</span> })}
                    <span>{edited}</span>
                    <NoteMark state />
                </p>
            </div>
        </article>
    }
}
