//! What the person wrote.

mod bin;
mod list;
mod wanted;
mod ways;

use keruen_domain::NoteId;
use keruen_domain::model::Subject;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::address::Address;
use super::evidence::{self, EvidenceList};
use super::frame::show_frame;
use super::links::new_note_href;
use super::note::NotePage;
use super::note_files::{self, NoteFiles};
use super::pictures::show_pictures;
use crate::components::{EmptyState, Panes};
use crate::i18n::{Messages, use_translations};
use crate::state::AppState;
use list::NoteList;

/// The address at which a new note begins.
const NEW: &str = "new";

/// What the page at this path is about.
fn subject_at(path: &str) -> Option<Subject> {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let (place, id) = (parts.next()?, parts.next()?);
    match place {
        "session" => id.parse().ok().map(Subject::Session),
        "materials" => id.parse().ok().map(Subject::Material),
        "agenda" => id.parse().ok().map(Subject::Event),
        _ => None,
    }
}

/// The list of notes, with the chosen one beside it on a wide screen.
#[component]
pub(super) fn NotesPage() -> impl IntoView {
    show_pictures();
    let t = use_translations();
    let address = Address::of_context();
    let chosen = address.at::<NoteId>(1);
    let section = address.at::<String>(1);
    let state = AppState::of_context();
    spawn_local(async move { state.empty_bin().await });
    // From anywhere: about what is shown there, or what is going on.
    Effect::new(move || {
        if section.get().as_deref() == Some(NEW) {
            let from = address.parameter("from").unwrap_or_default();
            let about = untrack(|| {
                subject_at(&from).or_else(|| state.session_of_now().map(Subject::Session))
            });
            address.go(&new_note_href(about), true);
        }
    });
    let is_evidence = Memo::new(move |_| section.get().as_deref() == Some(evidence::SECTION));
    let is_files = Memo::new(move |_| section.get().as_deref() == Some(note_files::SECTION));
    let is_detail_open =
        Signal::derive(move || chosen.get().is_some() || is_evidence.get() || is_files.get());
    show_frame(
        t.signal(Messages::notes_title),
        Signal::derive(move || is_detail_open.get().then(|| "/notes".to_owned())),
    );
    view! {
        <Panes
            is_detail_open=is_detail_open
            list=move || view! { <NoteList chosen=chosen /> }
        >
            {move || match chosen.get() {
                None if is_files.get() => view! { <NoteFiles /> }.into_any(),
                None if is_evidence.get() => view! { <EvidenceList /> }.into_any(),
                None => view! { <NoNoteChosen /> }.into_any(),
                Some(id) => view! { <NotePage id=id /> }.into_any(),
            }}
        </Panes>
    }
}

/// What stands beside the list until one is chosen.
#[component]
fn NoNoteChosen() -> impl IntoView {
    let t = use_translations();
    view! {
        <EmptyState
            title=t.signal(Messages::notes_choose)
            text=t.signal(Messages::notes_private)
        />
    }
}
