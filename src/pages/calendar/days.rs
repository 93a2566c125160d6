//! Sessions of any events, day by day.

use chrono::NaiveDate;
use keruen_domain::EventId;
use keruen_domain::model::Session;
use leptos::prelude::*;

use crate::components::{SessionPhase, TranslatedText};
use crate::i18n::{format, use_translations};
use crate::pages::agenda::slots_of;
use crate::pages::card::Card;
use crate::pages::links::{day_href, phase};
use crate::state::AppState;

/// A day of an event.
type Place = (NaiveDate, Option<EventId>);

/// The days, each with its place; sessions at the same time side by side where there is space.
#[component]
pub(super) fn Days(
    /// In the order of their starts.
    sessions: Vec<Session>,
) -> impl IntoView {
    let mut days: Vec<(Place, Vec<Session>)> = Vec::new();
    for session in sessions {
        let Some(start) = session.start() else {
            continue;
        };
        let of = (start.day(), session.event());
        match days.iter_mut().find(|(day, _)| *day == of) {
            Some((_, sessions)) => sessions.push(session),
            None => days.push((of, vec![session])),
        }
    }
    let day = |((day, event), sessions)| view! { <Day day=day event=event sessions=sessions /> };
    days.into_iter().map(day).collect_view()
}

#[component]
fn Day(day: NaiveDate, event: Option<EventId>, sessions: Vec<Session>) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let city = event
        .and_then(|id| state.event(id))
        .map(|event| event.city())
        .filter(|city| !city.is_empty());
    let heading = move || format::weekday_and_day(t.language(), day);
    let card = move |session: Session| {
        let moment = session.clone();
        let phase = Signal::derive(move || match phase(&moment, state.time.now_ms()) {
            SessionPhase::Next => SessionPhase::Later,
            phase => phase,
        });
        view! { <Card session=session phase=phase /> }
    };
    let slots = slots_of(sessions).into_iter();
    view! {
        <section class="stack-close day-sessions">
            <h2>
                {match event {
                    Some(event) => {
                        view! { <a href=day_href(event, day)>{heading}</a> }.into_any()
                    }
                    None => heading.into_any(),
                }}
                {city
                    .map(|city| {
                        view! {
                            " · "
                            <TranslatedText text=city is_unlabelled=true />
                        }
                    })}
            </h2>
            {slots
                .map(|slot| {
                    view! { <div class="session-slot">{slot.into_iter().map(card).collect_view()}</div> }
                })
                .collect_view()}
        </section>
    }
}
