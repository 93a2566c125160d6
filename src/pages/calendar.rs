//! The agenda beyond one event: one's own, and what the second part of the program adds to cards and lists.

mod changes;
mod clocks;
mod days;
mod editor;
mod list;
mod marks;
mod month;
mod own;
mod reminders;
mod rooms;
mod tools;
mod ways;
mod when;

use leptos::prelude::*;

use super::address::Address;
use super::not_found::NotFoundPage;
pub(super) use changes::{Changes, arrow, span_words};
pub(super) use clocks::VenueClock;
pub(super) use editor::EditorPage;
use list::ListPage;
pub(super) use marks::{OwnAgendaPart, SessionMarks};
use month::MonthPage;
use own::OwnAgendaPage;
pub(super) use reminders::Reminders;
use rooms::RoomsPage;
pub(super) use tools::{DayTools, SessionTools};
pub(super) use ways::{CalendarWays, DayWays};

/// The pages below `/agenda` that are no event.
#[component]
pub(super) fn CalendarPage() -> impl IntoView {
    let part = Address::of_context().at::<String>(1);
    move || match part.get().as_deref() {
        Some("list") => view! { <ListPage /> }.into_any(),
        Some("month") => view! { <MonthPage /> }.into_any(),
        Some("rooms") => view! { <RoomsPage /> }.into_any(),
        Some("mine") => view! { <OwnAgendaPage /> }.into_any(),
        _ => view! { <NotFoundPage /> }.into_any(),
    }
}
