//! The days of an event, side by side.

use leptos::prelude::*;

use crate::i18n::{Messages, use_translations};

/// One day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayTab {
    /// Where it leads.
    pub href: String,
    /// The short day of the week.
    pub weekday: String,
    /// The day of the month.
    pub number: String,
    /// The month as it follows the day, for those who do not see the heading below.
    pub month: String,
    /// Whether this is the present day at the venue.
    pub is_today: bool,
}

/// The days of an event as links; each day has its address, so Back works.
#[component]
pub fn DayTabs(
    /// The days in their order.
    #[prop(into)]
    days: Signal<Vec<DayTab>>,
    /// Position of the day that is shown.
    #[prop(into)]
    current: Signal<usize>,
) -> impl IntoView {
    let t = use_translations();
    let tab = move |(position, day): (usize, DayTab)| {
        view! {
            <a
                class="day-tab"
                class:is-today=day.is_today
                href=day.href
                aria-current=move || (current.get() == position).then_some("page")
            >
                <span class="day-tab-weekday">{day.weekday}</span>
                " "
                <span class="day-tab-number">{day.number}</span>
                " "
                <span class="visually-hidden">{day.month}</span>
            </a>
        }
    };
    view! {
        <nav class="day-tabs" aria-label=t.say(Messages::agenda_days)>
            {move || days.get().into_iter().enumerate().map(tab).collect_view()}
        </nav>
    }
}
