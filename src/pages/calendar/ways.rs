//! The ways from one event's agenda to the pages beyond it.

use chrono::NaiveDate;
use keruen_domain::EventId;
use leptos::prelude::*;

use super::VenueClock;
use super::rooms::rooms_of;
use crate::i18n::{Messages, use_language, use_translations};
use crate::pages::links::day_href;
use crate::state::AppState;

/// Above the list of events.
#[component]
pub(in crate::pages) fn CalendarWays() -> impl IntoView {
    let t = use_translations();
    let way = move |href: &'static str, words: fn(&Messages) -> &'static str| {
        view! {
            <a class="button" href=href>
                {t.say(words)}
            </a>
        }
    };
    view! {
        <p class="row-of-buttons">
            {way("/agenda/mine", Messages::calendar_my_agenda)}
            {way("/agenda/list", Messages::calendar_list)}
            {way("/agenda/month", Messages::calendar_month)}
        </p>
    }
}

/// Above the sessions of a day.
#[component]
pub(in crate::pages) fn DayWays(event: EventId, day: NaiveDate) -> impl IntoView {
    let t = use_translations();
    let language = use_language();
    let state = AppState::of_context();
    let has_rooms = move || {
        const FEWEST: usize = 2;
        rooms_of(&state.sessions_on(event, day), language.get()).len() >= FEWEST
    };
    let today = Memo::new(move |_| {
        let of = state.event(event)?;
        let today = state.now_at(&of, state.time.now_ms())?.day();
        state.days_of(&of).contains(&today).then_some(today)
    });
    // The day itself comes by its address; what is now on it, by its place on the page.
    let jump = move |_| AppState::show_now();
    view! {
        <VenueClock event=event day=day />
        <p class="row-of-buttons day-ways">
            {move || {
                today
                    .get()
                    .map(|today| {
                        view! {
                            <a class="button" href=day_href(event, today) on:click=jump>
                                {t.say(Messages::calendar_to_now)}
                            </a>
                        }
                    })
            }}
            {move || {
                has_rooms()
                    .then(|| {
                        view! {
                            <a class="button" href=format!("/agenda/rooms/{event}/{day}")>
                                {t.say(Messages::calendar_by_room)}
                            </a>
                        }
                    })
            }}
            <a class="button" href=format!("/agenda/list?event={event}")>
                {t.say(Messages::calendar_filter)}
            </a>
        </p>
    }
}
