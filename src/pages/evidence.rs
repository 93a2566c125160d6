//! `/notes/evidence`: what was marked as evidence in all notes, kind by kind.

use keruen_domain::NoteId;
use leptos::prelude::*;

use super::links::note_href;
use crate::components::{EmptyState, Evidence, evidence, evidence_words};
use crate::i18n::{Messages, use_translations};
use crate::state::AppState;

/// What follows `/notes/` in its address.
pub(super) const SECTION: &str = "evidence";

/// Its address.
pub(super) const ADDRESS: &str = "/notes/evidence";

/// A sentence, and where it stands.
#[derive(Clone, PartialEq)]
struct Piece {
    kind: Evidence,
    words: String,
    note: NoteId,
    heading: String,
}

fn pieces(state: AppState) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for note in state.notes() {
        let (id, heading) = (note.id(), note.heading());
        let found = evidence(&note.body()).into_iter();
        pieces.extend(found.map(|(kind, words)| Piece {
            kind,
            words,
            note: id,
            heading: heading.clone(),
        }));
    }
    pieces
}

/// Whether anything is marked.
pub(super) fn is_any_evidence(state: AppState) -> bool {
    let notes = state.notes();
    notes.iter().any(|note| !evidence(&note.body()).is_empty())
}

/// The sentences, by kind, each with the note in which it stands.
#[component]
pub(super) fn EvidenceList() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let pieces = Memo::new(move |_| pieces(state));
    let row = move |piece: Piece| {
        let shown = if piece.heading == piece.words {
            String::new()
        } else {
            piece.heading
        };
        view! {
            <article class="row">
                <div class="row-text">
                    <a class="row-link" href=note_href(piece.note)>
                        {piece.words}
                    </a>
                    <p class="row-facts">{shown}</p>
                </div>
            </article>
        }
    };
    let of_kind = move |kind: Evidence| {
        let of_it = pieces.get().into_iter().filter(|piece| piece.kind == kind);
        let of_it: Vec<Piece> = of_it.collect();
        (!of_it.is_empty()).then(|| {
            let title = format!("{} ({})", evidence_words(&t, kind), of_it.len());
            view! {
                <section class="stack-close">
                    <h3>{title}</h3>
                    <div class="rows">{of_it.into_iter().map(row).collect_view()}</div>
                </section>
            }
        })
    };
    view! {
        <div class="stack">
            <h2>{t.say(Messages::notes_evidence)}</h2>
            {move || {
                if pieces.with(Vec::is_empty) {
                    return view! {
                        <EmptyState
                            title=t.signal(Messages::notes_evidence_none)
                            text=t.signal(Messages::notes_evidence_how)
                        />
                    }
                        .into_any();
                }
                Evidence::ALL.map(of_kind).into_iter().collect_view().into_any()
            }}
        </div>
    }
}
