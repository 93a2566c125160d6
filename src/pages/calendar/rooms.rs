//! `/agenda/rooms/EVENT/DAY`: a day with its rooms side by side.

use chrono::{NaiveDate, Timelike};
use keruen_domain::model::{Moment, Session, parse_day};
use keruen_domain::{EventId, Language};
use leptos::prelude::*;

use crate::components::{EmptyState, TranslatedText};
use crate::i18n::{Messages, format, use_language, use_translations};
use crate::pages::address::Address;
use crate::pages::frame::show_frame;
use crate::pages::links::{best, day_href, session_href};
use crate::state::AppState;

/// The page.
#[component]
pub(in crate::pages) fn RoomsPage() -> impl IntoView {
    let t = use_translations();
    let language = use_language();
    let state = AppState::of_context();
    let address = Address::of_context();
    let (event, day) = (address.at::<EventId>(2), address.at::<String>(3));
    let day = Memo::new(move |_| day.get().as_deref().and_then(parse_day));
    let of = move || event.get().zip(day.get());
    show_frame(
        Signal::derive(move || {
            let day = day.get();
            day.map(|day| format::weekday_and_day(language.get(), day))
                .unwrap_or_default()
        }),
        Signal::derive(move || of().map(|(event, day)| day_href(event, day))),
    );
    move || {
        state.follow_programmes();
        let (event, day) = of()?;
        let sessions = state.sessions_on(event, day);
        Some(if sessions.is_empty() {
            view! {
                <EmptyState
                    title=t.signal(Messages::agenda_no_sessions_title)
                    text=t.signal(Messages::agenda_no_sessions_text)
                />
            }
            .into_any()
        } else {
            view! { <Rooms sessions=sessions day=day language=language.get() /> }.into_any()
        })
    }
}

/// The rooms of some sessions as they are called in a language, in order.
pub(super) fn rooms_of(sessions: &[Session], language: Language) -> Vec<String> {
    let mut rooms: Vec<String> = sessions
        .iter()
        .map(|session| best(&session.room(), language))
        .filter(|room| !room.is_empty())
        .collect();
    rooms.sort();
    rooms.dedup();
    rooms
}

/// A grid of five-minute rows; what has no room goes across.
#[component]
fn Rooms(sessions: Vec<Session>, day: NaiveDate, language: Language) -> impl IntoView {
    let rooms = rooms_of(&sessions, language);
    let first = sessions
        .iter()
        .filter_map(|of| row_of(of.start()?, day))
        .min()
        .unwrap_or(0);
    let last = sessions
        .iter()
        .filter_map(|of| row_of(of.end()?, day))
        .max()
        .unwrap_or(0);
    let heads = rooms.iter().enumerate().map(|(position, room)| {
        let area = format!("1 / {}", position + 2);
        view! {
            <h2 style:grid-area=area style:padding-bottom="var(--space-2)" style:font-size="1rem">
                {room.clone()}
            </h2>
        }
    });
    let heads: Vec<_> = heads.collect();
    let hours = (first.div_ceil(ROWS_OF_HOUR)..=last / ROWS_OF_HOUR).map(|hour| {
        let area = format!("{} / 1", hour * ROWS_OF_HOUR - first + 2);
        view! {
            <span
                class="quiet"
                style:grid-area=area
                style:font-size="var(--small)"
                style:font-variant-numeric="tabular-nums"
            >
                {format!("{:02}:00", hour % 24)}
            </span>
        }
    });
    let hours: Vec<_> = hours.collect();
    let placed = sessions.into_iter().filter_map(|session| {
        let (start, end) = session.start().zip(session.end())?;
        let (from, to) = (row_of(start, day)?, row_of(end, day)?);
        let room = best(&session.room(), language);
        let (column, until) = match rooms.iter().position(|of| *of == room) {
            Some(position) => ((position + 2).to_string(), "span 1"),
            None => ("2".to_owned(), "-1"),
        };
        let (from, to) = (from - first + 2, to.max(from + 1) - first + 2);
        let area = format!("{from} / {column} / {to} / {until}");
        let times = format::time_range(start.wall().time(), end.wall().time());
        Some(view! {
            <article
                class="room-session"
                class:is-cancelled=session.is_cancelled()
                style:grid-area=area
                style:margin-bottom="2px"
                style:padding="var(--space-1) var(--space-2)"
                style:border="1px solid var(--line)"
                style:border-radius="var(--radius-small)"
                style:background="var(--raised)"
            >
                <p class="small quiet">{times}</p>
                <h3>
                    <a href=session_href(session.id())>
                        <TranslatedText text=session.title() />
                    </a>
                </h3>
            </article>
        })
    });
    let placed: Vec<_> = placed.collect();
    let columns = format!("3rem repeat({}, minmax(9rem, 1fr))", rooms.len().max(1));
    view! {
        <div style:overflow-x="auto" tabindex="0" role="region" aria-label=format::weekday_and_day(language, day)>
            <div
                class="rooms"
                style:display="grid"
                style:grid-auto-rows="minmax(0.75rem, auto)"
                style:column-gap="var(--space-2)"
                style:min-width="min-content"
                style:grid-template-columns=columns
            >
                {heads}
                {hours}
                {placed}
            </div>
        </div>
    }
}

const ROWS_OF_HOUR: u32 = 12;

/// The row of a moment, counted from midnight; what ends on the next day ends below.
fn row_of(moment: Moment, day: NaiveDate) -> Option<u32> {
    const MINUTES_OF_ROW: u32 = 5;
    let wall = moment.wall();
    let days = u32::try_from((wall.date() - day).num_days()).ok()?;
    let minutes = days * 24 * 60 + wall.hour() * 60 + wall.minute();
    Some(minutes / MINUTES_OF_ROW)
}
