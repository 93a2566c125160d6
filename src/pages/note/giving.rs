//! A note goes to other programs and people: its text, a file, paper.

use keruen_domain::NoteId;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::i18n::{Messages, use_language, use_translations};
use crate::state::AppState;

/// The buttons, folded away: they are needed seldom.
#[component]
pub(super) fn Giving(id: NoteId) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let language = use_language();
    let is_copied = RwSignal::new(false);
    let has_failed = RwSignal::new(false);
    let can_share = AppState::can_hand_on();
    let give = move |_| {
        let Some(note) = untrack(|| state.note(id)) else {
            return;
        };
        spawn_local(async move {
            if can_share {
                AppState::hand_on_text(&note.heading(), &note.body()).await;
            } else {
                is_copied.try_set(AppState::copy_text(&note.body()).await);
            }
        });
    };
    let save = move |_| {
        spawn_local(async move {
            let saved = state.save_note_file(id, language.get_untracked()).await;
            has_failed.try_set(!saved);
        });
    };
    let words = if can_share {
        Messages::notes_share_text
    } else {
        Messages::notes_copy_text
    };
    view! {
        <p class="row-of-buttons">
            <button type="button" class="button" on:click=give>
                {t.say(words)}
            </button>
            <button type="button" class="button" on:click=save>
                {t.say(Messages::notes_save_markdown)}
            </button>
            <button type="button" class="button" on:click=move |_| AppState::print()>
                {t.say(Messages::notes_print)}
            </button>
            <span role="status">{move || is_copied.get().then(|| t.notes_copied())}</span>
            <span role="alert">{move || has_failed.get().then(|| t.notes_out_failed())}</span>
        </p>
    }
}
