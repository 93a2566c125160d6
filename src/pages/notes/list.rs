//! The list of notes.

use keruen_domain::NoteId;
use keruen_domain::model::{Note, NoteColour};
use leptos::prelude::*;

use super::bin::Bin;
use super::wanted::Wanted;
use super::ways::Ways;
use crate::components::{EmptyState, Icon, IconName, NoteRow};
use crate::i18n::{Messages, use_translations};
use crate::pages::evidence::{self, is_any_evidence};
use crate::pages::links::{new_note_href, note_row, note_state};
use crate::pages::note_files;
use crate::state::AppState;

/// The list, with the ways to find one's way in it.
#[component]
pub(super) fn NoteList(chosen: Memo<Option<NoteId>>) -> impl IntoView {
    const AT_ONCE: usize = 100;
    let t = use_translations();
    let state = AppState::of_context();
    let shown = RwSignal::new(AT_ONCE);
    let wanted = RwSignal::new(Wanted::default());
    let row = move |note: Note| {
        let id = note.id();
        let view = note_row(&state, &note, &t);
        let mark = Signal::derive(move || note_state(&state, id));
        let edge = edge(note.colour());
        view! {
            <div class:is-current=move || chosen.get() == Some(id) style:border-inline-start=edge>
                <NoteRow note=view state=mark />
            </div>
        }
    };
    // All texts are read for it: not at each key, but when somebody comes from a note or goes to one.
    let has_evidence = Memo::new(move |_| {
        chosen.track();
        untrack(|| is_any_evidence(state))
    });
    // The list stays while notes are opened from it; each time another one is meant.
    let new_href = move || {
        chosen.track();
        new_note_href(None)
    };
    view! {
        <h2 class="visually-hidden">{t.say(Messages::notes_title)}</h2>
        <p>
            <a class="button button-primary" href=new_href>
                <Icon name=IconName::Edit />
                {t.say(Messages::notes_new)}
            </a>
        </p>
        <p class="row-of-buttons">
            <Show when=move || has_evidence.get()>
                <a href=evidence::ADDRESS>{t.say(Messages::notes_evidence)}</a>
            </Show>
            <a href=note_files::ADDRESS>{t.say(Messages::notes_files)}</a>
        </p>
        <Ways wanted=wanted />
        {move || {
            let mut notes = state.notes();
            if notes.is_empty() {
                return view! {
                    <EmptyState
                        title=t.signal(Messages::notes_empty_title)
                        text=t.signal(Messages::notes_empty_text)
                    />
                }
                    .into_any();
            }
            let all = notes.len();
            wanted.with(|wanted| wanted.choose(&mut notes));
            let (fit, has_more) = (notes.len(), notes.len() > shown.get());
            view! {
                {(fit < all)
                    .then(|| {
                        let words = t.notes_fit(&fit.to_string(), &all.to_string());
                        view! {
                            <p class="row-of-buttons">
                                <span role="status">{words}</span>
                                <button
                                    type="button"
                                    class="button"
                                    on:click=move |_| wanted.update(Wanted::take_all)
                                >
                                    {t.notes_show_all()}
                                </button>
                            </p>
                        }
                    })}
                <div class="rows">
                    {notes.into_iter().take(shown.get()).map(row).collect_view()}
                </div>
                {has_more
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="button"
                                on:click=move |_| shown.update(|shown| *shown += AT_ONCE)
                            >
                                {t.common_show_more()}
                            </button>
                        }
                    })}
            }
                .into_any()
        }}
        <Bin />
    }
}

/// The edge by which a note's colour is seen in the list; its name is a choice of the list and stands on the note's page.
const fn edge(colour: NoteColour) -> &'static str {
    match colour {
        NoteColour::None => "",
        NoteColour::Red => "0.375rem solid var(--now)",
        NoteColour::Gold => "0.375rem solid var(--gold)",
        NoteColour::Teal => "0.375rem solid var(--primary)",
        NoteColour::Grey => "0.375rem solid var(--line-strong)",
    }
}
