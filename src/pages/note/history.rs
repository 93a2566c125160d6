//! What was written in a note and removed.

use keruen_domain::NoteId;
use keruen_domain::model::{Note, View, fields};
use keruen_domain::text::{Passage, Text};
use leptos::prelude::*;

use super::super::links::time_words;
use crate::components::{Icon, IconName};
use crate::i18n::{Messages, use_translations};
use crate::state::AppState;

/// The last passages that were removed, by anybody, each with the way back.
#[component]
pub(super) fn History(id: NoteId) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    // Drawn anew only when they change, so that what was unfolded stays so.
    let passages = Memo::new(move |_| state.note(id).map_or_else(Vec::new, |note| removed(&note)));
    let entry = move |passage: Passage| {
        let when = time_words(&t, passage.removed_ms);
        let words = passage.text.trim().to_owned();
        let bring_back = move |_| {
            if let Some(note) = state.note(id) {
                state.bring_back(note.record().clone(), &passage);
            }
        };
        view! {
            <li class="stack-close">
                <p class="row-facts">{t.notes_removed_at(&when)}</p>
                <p class="lines">{words}</p>
                <p>
                    <button type="button" class="button" on:click=bring_back>
                        <Icon name=IconName::Undo />
                        {t.notes_bring_back()}
                    </button>
                </p>
            </li>
        }
    };
    let is_any = Memo::new(move |_| passages.with(|passages| !passages.is_empty()));
    view! {
        <Show when=move || is_any.get()>
            <details class="card history">
                <summary>{t.say(Messages::notes_history)}</summary>
                <ol class="stack">
                    {move || passages.get().into_iter().map(entry).collect_view()}
                </ol>
            </details>
        </Show>
    }
}

/// A corrected word is no passage, and one that stands in the text again is not removed.
fn removed(note: &Note) -> Vec<Passage> {
    const LEAST_CHARACTERS: usize = 8;
    const AT_MOST: usize = 20;
    let text = Text::of(note.record(), fields::BODY);
    let body = text.to_string();
    let mut passages = text.passages();
    passages.retain(|passage| {
        let words = passage.text.trim();
        words.chars().count() >= LEAST_CHARACTERS && !body.contains(words)
    });
    passages.truncate(AT_MOST);
    passages
}
