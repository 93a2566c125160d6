//! The notes that were deleted.

use keruen_domain::NoteId;
use keruen_domain::model::Note;
use leptos::prelude::*;

use crate::components::{Icon, IconName, NoteRowView};
use crate::i18n::{Messages, use_translations};
use crate::pages::links::note_row;
use crate::state::AppState;

/// The notes that were deleted and hold their text still.
#[component]
pub(super) fn Bin() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let is_any = Memo::new(move |_| !state.deleted_notes().is_empty());
    let row = move |note: Note| {
        let view = note_row(&state, &note, &t);
        view! { <BinRow id=note.id() note=view /> }
    };
    let notes = move || {
        let notes = state.deleted_notes().into_iter();
        notes.map(row).collect_view()
    };
    let count = move || t.notes_bin(state.deleted_notes().len() as u64);
    view! {
        <Show when=move || is_any.get()>
            <details class="bin">
                <summary>{count}</summary>
                <p class="small quiet">{t.say(Messages::notes_bin_days)}</p>
                <div class="stack">{notes}</div>
            </details>
        </Show>
    }
}

#[component]
fn BinRow(id: NoteId, note: NoteRowView) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let NoteRowView { title, excerpt, .. } = note;
    // What nothing brings back is asked about.
    let is_asked = RwSignal::new(false);
    let delete = move |_| {
        if is_asked.get() {
            state.delete_note_for_good(id);
        }
        is_asked.set(true);
    };
    view! {
        <article class="card stack-close">
            <h3 class="row-title">{title}</h3>
            {(!excerpt.is_empty()).then(|| view! { <p class="row-excerpt">{excerpt}</p> })}
            <p class="row-of-buttons">
                <button type="button" class="button" on:click=move |_| state.restore_note(id)>
                    <Icon name=IconName::Undo />
                    {t.say(Messages::notes_bring_back)}
                </button>
                <button type="button" class="button button-danger" on:click=delete>
                    {move || {
                        if is_asked.get() {
                            t.notes_delete_for_good_sure()
                        } else {
                            t.notes_delete_for_good()
                        }
                    }}
                </button>
            </p>
        </article>
    }
}
