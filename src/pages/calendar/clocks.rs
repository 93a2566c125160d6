//! What the venue's clocks and the phone's say differently, and a phone whose tables are out of date.

use chrono::{NaiveDate, NaiveTime};
use keruen_domain::EventId;
use keruen_domain::zones;
use leptos::prelude::*;

use crate::i18n::{Messages, use_translations};
use crate::state::{AppState, Time};

/// Above a day's sessions: by how much the venue's clocks differ from the phone's, if they do.
#[component]
pub(in crate::pages) fn VenueClock(event: EventId, day: NaiveDate) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    move || {
        let noon = day.and_time(NaiveTime::from_hms_opt(12, 0, 0)?);
        let (noon, _) = state.moment_at(&state.event(event)?, noon)?;
        let phone = Time::phone_offset_minutes(noon.unix_ms());
        let venue = noon.offset_minutes();
        (phone != venue).then(|| {
            let words = t.calendar_other_clock(&utc(venue), &utc(phone));
            view! { <p class="small venue-clock">{words}</p> }
        })
    }
}

/// On Today: that the phone believes in clocks that its country has left.
#[component]
pub(super) fn StaleClock() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    move || {
        // The real present, whatever a demonstration shows.
        let _ = state.time.now_ms();
        let now_ms = i64::try_from(Time::phone_now_ms()).ok()?;
        let truth = zones::offset_minutes(&Time::phone_zone()?, now_ms)?;
        let phone = Time::phone_offset_minutes(now_ms);
        (phone != truth).then(|| {
            view! {
                <section class="card stack-close">
                    <h2>{t.say(Messages::calendar_stale_title)}</h2>
                    <p>{t.calendar_stale_text(&utc(phone), &utc(truth))}</p>
                </section>
            }
        })
    }
}

/// An offset as people write it: `UTC+5`, `UTC+5:30`.
fn utc(minutes: i32) -> String {
    let sign = if minutes < 0 { "−" } else { "+" };
    let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
    if rest == 0 {
        format!("UTC{sign}{hours}")
    } else {
        format!("UTC{sign}{hours}:{rest:02}")
    }
}
