//! Where must I be, with what, in which room.

use keruen_domain::model::{Event, Session, SessionKind, Subject};
use leptos::prelude::*;

use super::agenda::slots_of;
use super::card::Card;
use super::frame::show_frame;
use super::later::{Extra, LaterPart};
use super::links::{day_href, event_href, material_row, new_note_href, phase};
use crate::components::{EmptyState, Icon, IconName, MaterialRow, SessionPhase, TranslatedText};
use crate::i18n::{Messages, format, use_translations};
use crate::state::{AppState, EventDay};

const MINUTE_MS: i64 = 60_000;

/// Today.
#[component]
pub fn TodayPage() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    show_frame(t.signal(Messages::today_title), None.into());
    view! {
        <div class="today">
            <div class="stack">
            <Extra part=LaterPart::Changes />
            {move || {
                state.follow_programmes();
                let days = state.today();
                if state.is_empty() {
                    view! { <NoProgramme /> }.into_any()
                } else if days.iter().all(|day| day.sessions.is_empty()) {
                    view! { <NothingToday /> }.into_any()
                } else {
                    days.into_iter().map(|day| view! { <EventToday day=day /> }).collect_view().into_any()
                }
            }}
            </div>
            <div class="stack today-aside">
                <Extra part=LaterPart::RoadLine />
                <p>
                    <a class="button" href=new_note_href(None)>
                        <Icon name=IconName::Edit />
                        {t.say(Messages::notes_new)}
                    </a>
                </p>
            </div>
        </div>
    }
}

/// Before the first sync, or without any programme.
#[component]
fn NoProgramme() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let is_first_load = move || state.status.get().last_contact_ms.is_none();
    let title = move || {
        if is_first_load() {
            t.common_first_load()
        } else {
            t.today_no_programme_title()
        }
    };
    view! {
        <EmptyState
            title=Signal::derive(move || title().to_owned())
            text=t.signal(Messages::today_no_programme_text)
        />
    }
}

/// No session anywhere today: what is coming, and what was.
#[component]
fn NothingToday() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let parted = move || {
        let events = state.events().into_iter();
        events.partition::<Vec<_>, _>(|event| state.is_ahead(event))
    };
    let list = move |events: Vec<Event>| {
        events
            .into_iter()
            .map(|event| view! { <EventRow event=event /> })
            .collect_view()
    };
    view! {
        <EmptyState
            title=t.signal(Messages::today_nothing_today_title)
            text=t.signal(Messages::today_nothing_today_text)
        />
        {move || {
            let (upcoming, mut past) = parted();
            past.reverse();
            let section = |title: String, events: Vec<Event>| {
                (!events.is_empty())
                    .then(|| {
                        view! {
                            <section class="stack-close">
                                <h2>{title}</h2>
                                <div class="rows">{list(events)}</div>
                            </section>
                        }
                    })
            };
            view! {
                {section(t.today_upcoming().to_owned(), upcoming)}
                {section(t.today_past().to_owned(), past)}
            }
        }}
    }
}

/// An event in a list: programme, town, days.
#[component]
pub(super) fn EventRow(
    /// The event.
    event: Event,
    /// Whether it is the one that is shown beside the list.
    #[prop(optional, into)]
    is_current: Signal<bool>,
) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let city = event.city();
    let days = event.first_day().zip(event.last_day());
    let href = event_href(event.id());
    let programme = event.programme().and_then(|id| state.programme(id));
    let title = if event.title().is_empty() {
        programme
            .map(|programme| programme.title())
            .unwrap_or_default()
    } else {
        event.title()
    };
    view! {
        <article class="row" class:is-current=is_current>
            <div class="row-text">
                <h3 class="row-title">
                    <a
                        class="row-link"
                        href=href
                        aria-current=move || is_current.get().then_some("page")
                    >
                        <TranslatedText text=title />
                    </a>
                </h3>
                <p class="row-facts">
                    <span>
                        <TranslatedText text=city is_unlabelled=true />
                    </span>
                    <span>
                        {move || {
                            days.map(|(first, last)| format::day_range(t.language(), first, last))
                        }}
                    </span>
                    {(event.status() == keruen_domain::model::EventStatus::Announced)
                        .then(|| {
                            view! {
                                <span title=t.say(Messages::agenda_status_announced_explanation)>{t.say(Messages::agenda_status_announced)}</span>
                            }
                        })}
                </p>
            </div>
        </article>
    }
}

/// One event's day: now, next, and what is later.
#[component]
fn EventToday(day: EventDay) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let EventDay {
        event,
        day,
        sessions,
    } = day;
    let now_ms = state.time.now_ms();
    let (now, next, later) = split(&sessions, now_ms);
    let is_over = now.is_empty() && next.is_empty();
    let days = state.days_of(&event);
    let number = days
        .iter()
        .position(|of_event| *of_event == day)
        .map(|position| position + 1);
    let tomorrow = days.iter().find(|of_event| **of_event > day).copied();
    let tomorrow_start = tomorrow.and_then(|day| {
        state
            .sessions_on(event.id(), day)
            .first()
            .and_then(Session::start)
    });
    let total = days.len();
    let city = event.city();
    let agenda = day_href(event.id(), day);
    let slot = move |sessions: Vec<Session>, phase: SessionPhase| {
        let is_only = sessions.len() == 1;
        let highlight = move |session| {
            view! { <Highlight session=session phase=phase now_ms=now_ms is_only=is_only /> }
        };
        (!sessions.is_empty()).then(|| {
            view! {
                <div class="session-slot">{sessions.into_iter().map(highlight).collect_view()}</div>
            }
        })
    };
    view! {
        <section class="stack">
            <h2 class="today-day">
                <TranslatedText text=city is_unlabelled=true />
                " · "
                {move || format::weekday_and_day(t.language(), day)}
                {move || {
                    number
                        .filter(|_| total > 1)
                        .map(|number| {
                            [" · ", &t.today_day_of_event(&number.to_string(), &total.to_string())].concat()
                        })
                }}
            </h2>
            {is_over
                .then(|| {
                    view! {
                        <EmptyState
                            title=t.signal(Messages::today_day_over_title)
                            text=Signal::derive(move || {
                                tomorrow_start
                                    .map(|start| t.today_day_over_text(&format::time(start.wall().time())))
                                    .unwrap_or_default()
                            })
                        />
                    }
                })}
            {slot(now, SessionPhase::Now)}
            {slot(next, SessionPhase::Next)}
            {(!later.is_empty())
                .then(|| {
                    view! {
                        <section class="stack-close">
                            <h2>{t.say(Messages::today_later)}</h2>
                            {slots_of(later)
                                .into_iter()
                                .map(|slot| {
                                    let card = |session: Session| {
                                        view! { <Card session=session /> }
                                    };
                                    view! {
                                        <div class="session-slot">
                                            {slot.into_iter().map(card).collect_view()}
                                        </div>
                                    }
                                })
                                .collect_view()}
                        </section>
                    }
                })}
            <p>
                <a class="button" href=agenda>
                    {t.say(Messages::today_to_agenda)}
                </a>
            </p>
        </section>
    }
}

/// What goes on now, what begins next (all that begin together), and what comes after.
fn split(sessions: &[Session], now_ms: i64) -> (Vec<Session>, Vec<Session>, Vec<Session>) {
    let mut now = Vec::new();
    let mut coming = Vec::new();
    for session in sessions {
        match phase(session, now_ms) {
            SessionPhase::Now => now.push(session.clone()),
            SessionPhase::Later => coming.push(session.clone()),
            SessionPhase::Past | SessionPhase::Next => {}
        }
    }
    let next_start = coming.first().and_then(Session::start);
    let (next, later) = coming
        .into_iter()
        .partition(|session| session.start() == next_start);
    (now, next, later)
}

/// A session of the moment, with what belongs to it one tap away.
#[component]
fn Highlight(
    session: Session,
    phase: SessionPhase,
    now_ms: i64,
    /// Whether nothing else goes on at the same time.
    is_only: bool,
) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let countdown = Signal::derive({
        let session = session.clone();
        move || match phase {
            SessionPhase::Now => session
                .end()
                .map(|end| t.today_until(&format::time(end.wall().time()))),
            _ => session.start().map(|start| {
                let minutes = (start.unix_ms() - now_ms).max(0) / MINUTE_MS;
                format::until(&t, minutes.unsigned_abs())
            }),
        }
    });
    let materials = state.materials_of(&session);
    let about = Subject::Session(session.id());
    let is_break = session.kind() == SessionKind::Break;
    view! {
        <div class="stack-close highlight">
            <Card session=session phase=phase countdown=countdown />
            {(!materials.is_empty())
                .then(|| {
                    view! {
                        <h3 class="small quiet">{t.say(Messages::today_session_materials)}</h3>
                        <div class="rows">
                            {materials
                                .into_iter()
                                .map(|material| {
                                    let row = material_row(&material);
                                    let is_on_phone = Signal::derive(move || {
                                        state.is_on_phone(&material)
                                    });
                                    view! { <MaterialRow material=row is_on_phone=is_on_phone /> }
                                })
                                .collect_view()}
                        </div>
                    }
                })}
            {(!is_break && phase == SessionPhase::Now)
                .then(|| {
                    view! {
                        <p>
                            <a class="button" class:button-primary=is_only href=new_note_href(Some(about))>
                                <Icon name=IconName::Edit />
                                {t.say(Messages::today_write_note)}
                            </a>
                        </p>
                    }
                })}
        </div>
    }
}
