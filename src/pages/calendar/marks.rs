//! What a person's own agenda says of a session: the star, and what it does not go together with.

use keruen_domain::SessionId;
use leptos::prelude::*;

use super::changes::CardChange;
use crate::i18n::{Messages, format, use_translations};
use crate::pages::links::best;
use crate::state::{AppState, Clash};

/// On a card: the star that puts it into one's own agenda, and a warning.
#[component]
pub(in crate::pages) fn SessionMarks(id: SessionId) -> impl IntoView {
    let t = use_translations();
    view! {
        <Star id=id label=t.signal(Messages::calendar_mine) />
        <CardChange id=id />
        <Clashes id=id />
    }
}

/// On the session's own page: the same in words.
#[component]
pub(in crate::pages) fn OwnAgendaPart(id: SessionId) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let is_mine = Memo::new(move |_| state.is_mine(id));
    view! {
        <div class="stack-close own-agenda">
            <p>
                <button
                    type="button"
                    class="button"
                    aria-pressed=move || if is_mine.get() { "true" } else { "false" }
                    on:click=move |_| state.set_mine(id, !is_mine.get_untracked())
                >
                    <StarShape />
                    {move || if is_mine.get() { t.calendar_mine() } else { t.calendar_add_to_mine() }}
                </button>
            </p>
            <CardChange id=id />
            <Clashes id=id />
        </div>
    }
}

#[component]
fn Star(id: SessionId, label: Signal<String>) -> impl IntoView {
    let state = AppState::of_context();
    let is_mine = Memo::new(move |_| state.is_mine(id));
    view! {
        <button
            type="button"
            class="star"
            aria-label=label
            aria-pressed=move || if is_mine.get() { "true" } else { "false" }
            on:click=move |_| state.set_mine(id, !is_mine.get_untracked())
        >
            <StarShape />
        </button>
    }
}

const STAR: &str =
    "m12 2 3.09 6.26L22 9.27l-5 4.87 1.18 6.88L12 17.77l-6.18 3.25L7 14.14 2 9.27l6.91-1.01z";

/// From Lucide, as the other icons; here because only the second part of the program shows it.
#[component]
fn StarShape() -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d=STAR />
        </svg>
    }
}

/// What of one's own agenda it does not go together with.
#[component]
fn Clashes(id: SessionId) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let words = move |clash: &Clash| {
        let title = best(&clash.session().title(), t.language());
        let start = clash.session().start();
        let time = start.map(|start| format::time(start.wall().time()));
        let time = time.unwrap_or_default();
        match clash {
            Clash::Overlap(_) => t.calendar_overlaps(&time, &title),
            Clash::Way(_) => t.calendar_too_short(&time, &title),
        }
    };
    move || {
        let clashes = state
            .session(id)
            .map(|session| state.clashes(&session))
            .unwrap_or_default();
        clashes
            .iter()
            .map(|clash| view! { <p class="session-warning small">{words(clash)}</p> })
            .collect_view()
    }
}
