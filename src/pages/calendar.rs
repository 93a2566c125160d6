//! The agenda beyond one event: one's own, and what the second part of the program adds to cards and lists.

mod changes;
mod days;
mod editor;
mod fields;
mod marks;
mod own;
mod tools;

use leptos::prelude::*;

use super::address::Address;
use super::not_found::NotFoundPage;
use crate::i18n::{Messages, use_translations};
pub(super) use changes::Changes;
pub(super) use editor::EditorPage;
pub(super) use marks::{OwnAgendaPart, SessionMarks};
use own::OwnAgendaPage;
pub(super) use tools::{DayTools, SessionTools};

/// The pages below `/agenda` that are no event.
#[component]
pub(super) fn CalendarPage() -> impl IntoView {
    let part = Address::of_context().at::<String>(1);
    move || match part.get().as_deref() {
        Some("mine") => view! { <OwnAgendaPage /> }.into_any(),
        _ => view! { <NotFoundPage /> }.into_any(),
    }
}

/// The ways to them, above the list of events.
#[component]
pub(super) fn CalendarWays() -> impl IntoView {
    let t = use_translations();
    let way = move |href: &'static str, words: fn(&Messages) -> &'static str| {
        view! {
            <a class="button" href=href>
                {t.say(words)}
            </a>
        }
    };
    view! {
        <p class="row-of-buttons calendar-ways">
            {way("/agenda/mine", Messages::calendar_my_agenda)}
        </p>
    }
}
