//! Programmes, their events, and the sessions of an event by day.

use chrono::NaiveDate;
use keruen_domain::model::{Event, EventStatus, Programme, Session, View, fields, parse_day};
use keruen_domain::{EventId, ScopeId};
use leptos::prelude::*;

use super::address::Address;
use super::card::Card;
use super::frame::show_frame;
use super::later::{Extra, LaterPart};
use super::links::{best, day_href, phase};
use super::not_found::NotOnPhone;
use super::today::EventRow;
use crate::components::{
    DayTab, DayTabs, EmptyState, Icon, IconName, NowLine, Panes, SampleLabel, SessionPhase,
    TranslatedText,
};
use crate::i18n::{Messages, format, use_translations};
use crate::state::AppState;

/// The agenda: on a phone the list of events or one event, on a wide screen both.
#[component]
pub fn AgendaPage() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let address = Address::of_context();
    let chosen = address.at::<EventId>(1);
    let day_text = address.at::<String>(2);
    let day = Memo::new(move |_| day_text.get().as_deref().and_then(parse_day));
    let is_chosen = Signal::derive(move || chosen.get().is_some());
    show_frame(
        Signal::derive(move || {
            let event = chosen.get().and_then(|id| state.event(id));
            event.map_or_else(
                || t.agenda_title().to_owned(),
                |event| best(&event.city(), t.language()),
            )
        }),
        Signal::derive(move || chosen.get().map(|_| "/agenda".to_owned())),
    );
    view! {
        <Panes
            is_detail_open=is_chosen
            list=move || view! { <Programmes chosen=chosen /> }
        >
            {move || match chosen.get() {
                None => {
                    view! {
                        <EmptyState
                            title=t.signal(Messages::agenda_choose_event)
                            text=""
                        />
                    }
                        .into_any()
                }
                Some(id) => {
                    state.follow_programmes();
                    match state.event(id) {
                        None => view! { <NotOnPhone /> }.into_any(),
                        Some(event) => view! { <EventDetail event=event day=day /> }.into_any(),
                    }
                }
            }}
        </Panes>
    }
}

/// All programmes with their events, the latest first.
#[component]
fn Programmes(chosen: Memo<Option<EventId>>) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let row = move |event: Event| {
        let id = event.id();
        let is_current = Signal::derive(move || chosen.get() == Some(id));
        view! { <EventRow event=event is_current=is_current /> }
    };
    let section = move |programme: Programme| {
        let id = programme.id();
        let events: Vec<_> = state
            .events()
            .into_iter()
            .filter(|event| event.programme() == Some(id))
            .collect();
        view! {
            <section class="stack-close">
                <h2 class="programme-title">
                    <TranslatedText text=programme.title() />
                </h2>
                <div class="rows">{events.into_iter().map(row).collect_view()}</div>
                <ProgrammeFacts programme=programme />
            </section>
        }
    };
    view! {
        <Extra part=LaterPart::CalendarWays />
        {move || {
            let programmes = state.programmes();
            let single = state.single_events();
            if programmes.is_empty() && single.is_empty() {
                view! {
                    <EmptyState
                        title=t.signal(Messages::today_no_programme_title)
                        text=t.signal(Messages::today_no_programme_text)
                    />
                }
                    .into_any()
            } else {
                view! {
                    {programmes.into_iter().map(section).collect_view()}
                    {(!single.is_empty()).then(|| {
                        view! {
                            <section class="stack-close">
                                <h2 class="programme-title">{t.shares_opened_title()}</h2>
                                <div class="rows">{single.into_iter().map(row).collect_view()}</div>
                            </section>
                        }
                    })}
                }
                    .into_any()
            }
        }}
    }
}

/// What a programme is about, who holds it, and where its facts come from.
#[component]
fn ProgrammeFacts(programme: Programme) -> impl IntoView {
    let t = use_translations();
    let summary = programme.translated(fields::SUMMARY);
    let aims = programme.translated(fields::AIMS);
    let organisers = programme.organisers();
    let sources: Vec<String> = programme.sources().map(str::to_owned).collect();
    view! {
        <details class="programme-facts">
            <summary>{t.say(Messages::agenda_about)}</summary>
            <div class="stack-close">
                <p>
                    <TranslatedText text=summary />
                </p>
                {(!aims.is_empty())
                    .then(|| {
                        view! {
                            <h3>{t.say(Messages::agenda_aims)}</h3>
                            <p class="lines">
                                <TranslatedText text=aims />
                            </p>
                        }
                    })}
                {(!organisers.is_empty())
                    .then(|| {
                        view! {
                            <h3>{t.say(Messages::agenda_organisers)}</h3>
                            <p class="lines">
                                <TranslatedText text=organisers />
                            </p>
                        }
                    })}
                {(!sources.is_empty())
                    .then(|| {
                        view! {
                            <h3>{t.say(Messages::agenda_sources)}</h3>
                            <ul class="sources">
                                {sources
                                    .into_iter()
                                    .map(|source| view! { <li><Source source=source /></li> })
                                    .collect_view()}
                            </ul>
                        }
                    })}
            </div>
        </details>
    }
}

/// An address where facts come from: a link if it is one that a browser may follow.
#[component]
fn Source(source: String) -> impl IntoView {
    if source.starts_with("https://") {
        view! {
            <a href=source.clone() rel="noopener noreferrer" target="_blank">
                {source.clone()}
            </a>
        }
        .into_any()
    } else {
        view! { <span>{source}</span> }.into_any()
    }
}

/// One event: where and when, its days, and the sessions of one day.
#[component]
fn EventDetail(event: Event, day: Memo<Option<NaiveDate>>) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let days = state.days_of(&event);
    let now = state.now_at(&event, state.time.now_ms());
    let today = now.map(|now| now.day());
    // Without a day in the address: today, or the first.
    let shown = {
        let days = days.clone();
        Memo::new(move |_| {
            day.get()
                .filter(|day| days.contains(day))
                .or_else(|| today.filter(|today| days.contains(today)))
                .or_else(|| days.first().copied())
        })
    };
    let id = event.id();
    let tabs = {
        let days = days.clone();
        Signal::derive(move || {
            days.iter()
                .map(|day| DayTab {
                    href: day_href(id, *day),
                    weekday: format::weekday(t.language(), *day).to_owned(),
                    number: chrono::Datelike::day(day).to_string(),
                    month: format::month_of_day(t.language(), *day).to_owned(),
                    is_today: today == Some(*day),
                })
                .collect::<Vec<_>>()
        })
    };
    let has_several_days = days.len() > 1;
    let current = Signal::derive(move || {
        days.iter()
            .position(|day| shown.get() == Some(*day))
            .unwrap_or(0)
    });
    let event = StoredValue::new(event);
    view! {
        <EventHeader event=event.get_value() />
        {has_several_days.then(|| view! { <DayTabs days=tabs current=current /> })}
        {move || shown.get().map(|day| view! { <DaySessions event=event.get_value() day=day /> })}
    }
}

/// Where and when.
#[component]
fn EventHeader(event: Event) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let city = event.city();
    let local_time = city.clone();
    let venue = event.venue();
    let venue_is_sample = event.is_sample(fields::VENUE);
    let days = event.first_day().zip(event.last_day());
    let title = event.title();
    let is_copy = event.record().key.scope == ScopeId::OWN;
    let programme = event.programme().and_then(|id| state.programme(id));
    let programme_title = programme
        .map(|programme| programme.title())
        .unwrap_or_default();
    view! {
        <header class="stack-close event-header">
            <h2>
                <TranslatedText text=if title.is_empty() { programme_title } else { title } />
            </h2>
            <p class="session-card-fact">
                <Icon name=IconName::Agenda />
                <span>
                    {move || days.map(|(first, last)| format::day_range(t.language(), first, last))}
                </span>
            </p>
            <div class="session-card-fact">
                <Icon name=IconName::Place />
                <span>
                    <TranslatedText text=city is_unlabelled=true />
                    {(!venue.is_empty())
                        .then(|| {
                            view! {
                                ", "
                                <TranslatedText text=venue is_unlabelled=true />
                            }
                        })}
                    {venue_is_sample.then(|| view! { " " <SampleLabel /> })}
                </span>
            </div>
            {(event.status() == EventStatus::Announced)
                .then(|| {
                    view! {
                        <p class="small quiet">
                            {t.say(Messages::agenda_status_announced_explanation)}
                        </p>
                    }
                })}
            {(event.status() == EventStatus::Cancelled)
                .then(|| {
                    view! { <p><strong>{t.say(Messages::agenda_status_cancelled)}</strong></p> }
                })}
            <p class="small quiet">
                {move || t.agenda_venue_time(&best(&local_time, t.language()))}
            </p>
            {is_copy.then(|| view! { <KeptMark /> })}
        </header>
    }
}

/// Says of something that was kept from a link that it stays as it was.
#[component]
pub(super) fn KeptMark() -> impl IntoView {
    let t = use_translations();
    view! {
        <p class="small quiet">
            {t.say(Messages::shares_kept_copy)} " "
            <a href="/more/kept">{t.say(Messages::shares_kept_title)}</a>
        </p>
    }
}

/// About how many sessions are drawn in one go, so that a tap is answered at once: as many as a phone shows.
const AT_ONCE: usize = 6;
/// Where many rooms have sessions that overlap all day long, a slot has no end: it goes on in the next one.
const MOST_IN_A_SLOT: usize = 4;

/// The sessions of one day, with the line of the present moment. What runs at the same time in
/// several rooms stands side by side where there is space.
#[component]
fn DaySessions(event: Event, day: NaiveDate) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let id = event.id();
    let now = Memo::new(move |_| state.now_at(&event, state.time.now_ms()));
    let is_today = move || now.get().is_some_and(|now| now.day() == day);
    let time = Signal::derive(move || now.get().map(|now| now.wall().time()).unwrap_or_default());
    let card = move |session: Session| {
        let moment = session.clone();
        let phase = Signal::derive(move || {
            if is_today() {
                phase(&moment, state.time.now_ms())
            } else {
                SessionPhase::Later
            }
        });
        view! { <Card session=session phase=phase /> }
    };
    view! {
        <section class="stack-close day-sessions">
            <h2>{move || format::weekday_and_day(t.language(), day)}</h2>
            <Extra part=LaterPart::DayWays(id, day) />
            {move || {
                let sessions = state.sessions_on(id, day);
                if sessions.is_empty() {
                    return view! {
                        <EmptyState
                            title=t.signal(Messages::agenda_no_sessions_title)
                            text=t.signal(Messages::agenda_no_sessions_text)
                        />
                    }
                        .into_any();
                }
                let slots = slots_of(sessions);
                let pieces = slots.iter().flat_map(|slot| slot.chunks(MOST_IN_A_SLOT));
                let slots: Vec<Vec<Session>> = pieces.map(<[Session]>::to_vec).collect();
                let now_ms = is_today().then(|| state.time.now_ms());
                let line_before = now_ms.and_then(|now_ms| {
                    slots.iter().position(|slot| {
                        slot[0].start().is_some_and(|start| start.unix_ms() > now_ms)
                    })
                });
                let draw = move |(position, slot): (usize, Vec<Session>)| {
                    view! {
                        {(line_before == Some(position)).then(|| view! { <NowLine time=time /> })}
                        <div class="session-slot">{slot.into_iter().map(card).collect_view()}</div>
                    }
                };
                let slots: Vec<_> = slots.into_iter().enumerate().collect();
                by_and_by(slots, move |slot| draw(slot).into_any())
            }}
            <Extra part=LaterPart::DayTools(id, day) />
        </section>
    }
}

/// Draws some now, and the rest once these are on the screen.
fn by_and_by(
    mut now: Vec<(usize, Vec<Session>)>,
    draw: impl Fn((usize, Vec<Session>)) -> AnyView + Copy + Send + Sync + 'static,
) -> AnyView {
    let mut count = 0;
    let enough = now.iter().position(|(_, slot)| {
        count += slot.len();
        count >= AT_ONCE
    });
    let rest = now.split_off(enough.map_or(now.len(), |last| last + 1));
    let now = now.into_iter().map(draw).collect_view();
    if rest.is_empty() {
        return now.into_any();
    }
    let is_drawn = RwSignal::new(false);
    AppState::after_drawing(move || {
        is_drawn.try_set(true);
    });
    let rest = move || is_drawn.get().then(|| by_and_by(rest.clone(), draw));
    view! { {now} {rest} }.into_any()
}

/// Sessions that overlap, taken together.
pub(super) fn slots_of(sessions: Vec<Session>) -> Vec<Vec<Session>> {
    let mut slots: Vec<Vec<Session>> = Vec::new();
    let mut slot_end = None;
    for session in sessions {
        match slots.last_mut() {
            Some(slot) if session.start() < slot_end => slot.push(session.clone()),
            _ => {
                slot_end = None;
                slots.push(vec![session.clone()]);
            }
        }
        slot_end = slot_end.max(session.end());
    }
    slots
}
