//! What was written in a note and removed.

use keruen_domain::NoteId;
use keruen_domain::model::{View, fields};
use keruen_domain::text::Text;
use leptos::prelude::*;

use super::super::links::time_words;
use crate::components::{Icon, IconName};
use crate::i18n::{Messages, use_translations};
use crate::state::AppState;

/// The last passages that were removed, by anybody, each with the way back. A corrected word is
/// none, and one that stands in the text again is not either.
#[component]
pub(super) fn History(id: NoteId) -> impl IntoView {
    const LEAST_CHARACTERS: usize = 8;
    const AT_MOST: usize = 20;
    let t = use_translations();
    let state = AppState::of_context();
    move || {
        let record = state.note(id)?.record().clone();
        let text = Text::of(&record, fields::BODY);
        let body = text.to_string();
        let mut passages = text.passages();
        passages.retain(|passage| {
            let words = passage.text.trim();
            words.chars().count() >= LEAST_CHARACTERS && !body.contains(words)
        });
        passages.truncate(AT_MOST);
        (!passages.is_empty()).then(|| {
            let entry = |passage: keruen_domain::text::Passage| {
                let when = time_words(&t, passage.removed_ms);
                let words = passage.text.trim().to_owned();
                let seen = record.clone();
                view! {
                    <li class="stack-close">
                        <p class="row-facts">{t.notes_removed_at(&when)}</p>
                        <p class="lines">{words}</p>
                        <p>
                            <button
                                type="button"
                                class="button"
                                on:click=move |_| state.bring_back(seen.clone(), &passage)
                            >
                                <Icon name=IconName::Undo />
                                {t.notes_bring_back()}
                            </button>
                        </p>
                    </li>
                }
            };
            view! {
                <details class="card history">
                    <summary>{t.say(Messages::notes_history)}</summary>
                    <ol class="stack">{passages.into_iter().map(entry).collect_view()}</ol>
                </details>
            }
        })
    }
}
