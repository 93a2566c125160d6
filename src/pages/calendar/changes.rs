//! What changed since somebody last looked: on Today first, and on the cards.

use keruen_domain::model::{Event, Moment, Session};
use keruen_domain::{EventId, SessionId};
use leptos::prelude::*;

use super::clocks::StaleClock;
use crate::components::TranslatedText;
use crate::i18n::{Messages, format, use_translations};
use crate::pages::links::{best, session_href};
use crate::state::{AppState, Looked, News};

/// On Today: of the events that are not over, what changed in which.
#[component]
pub(in crate::pages) fn Changes() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let news = move || {
        state.follow_programmes();
        let events = state
            .events()
            .into_iter()
            .filter(|event| state.is_ahead(event));
        let of = |event: Event| {
            let news = state.news_of(event.id());
            (!news.is_empty()).then_some((event, news))
        };
        events.filter_map(of).collect::<Vec<_>>()
    };
    let changes = move || {
        let news = news();
        let events: Vec<EventId> = news.iter().map(|(event, _)| event.id()).collect();
        let seen = move |_| {
            for event in &events {
                state.look_at(*event);
            }
        };
        let of_event = |(event, news): (Event, Vec<News>)| {
            view! {
                <h3>
                    <TranslatedText text=event.city() is_unlabelled=true />
                </h3>
                <ul class="changes">
                    {news.into_iter().map(|one| view! { <Change news=one /> }).collect_view()}
                </ul>
            }
        };
        (!news.is_empty()).then(|| {
            view! {
                <section class="card stack-close">
                    <h2>{t.say(Messages::calendar_changes)}</h2>
                    {news.into_iter().map(of_event).collect_view()}
                    <p>
                        <button type="button" class="button" on:click=seen>
                            {t.say(Messages::calendar_changes_seen)}
                        </button>
                    </p>
                </section>
            }
        })
    };
    view! {
        <StaleClock />
        {changes}
    }
}

#[component]
fn Change(news: News) -> impl IntoView {
    let t = use_translations();
    match news {
        News::Added(session) => {
            let times = session.start().zip(session.end());
            view! {
                <li>
                    <SessionLink session=session />
                    ": "
                    {t.say(Messages::calendar_added)}
                    " "
                    {move || times.map(|(start, end)| span_words(&t, start, end, true))}
                </li>
            }
            .into_any()
        }
        News::Changed(session, looked) => view! {
            <li>
                <SessionLink session=session.clone() />
                <Differences session=session looked=looked />
            </li>
        }
        .into_any(),
        News::Removed(_, looked) => view! {
            <li>
                <s>{move || best(&looked.title, t.language())}</s>
                ": "
                {t.say(Messages::calendar_removed)}
            </li>
        }
        .into_any(),
    }
}

#[component]
fn SessionLink(session: Session) -> impl IntoView {
    view! {
        <a href=session_href(session.id())>
            <TranslatedText text=session.title() />
        </a>
    }
}

/// Old and new, side by side.
#[component]
fn Differences(session: Session, looked: Looked) -> impl IntoView {
    let t = use_translations();
    let times = session.start().zip(session.end());
    let was_moved = looked.was_moved(&session);
    let was_elsewhere = looked.was_elsewhere(&session);
    let before = looked.times;
    let is_other_day = before
        .zip(times)
        .is_some_and(|((before, _), (now, _))| before.day() != now.day());
    let called_off = (looked.is_cancelled != session.is_cancelled()).then(|| {
        if session.is_cancelled() {
            Messages::calendar_change_cancelled as fn(&Messages) -> &'static str
        } else {
            Messages::calendar_change_takes_place
        }
    });
    let words = move |span: Option<(Moment, Moment)>| {
        span.map(|(start, end)| span_words(&t, start, end, is_other_day))
    };
    let room = session.room();
    view! {
        {was_moved
            .then(|| {
                view! {
                    <p class="small difference">
                        <span class="visually-hidden">{t.say(Messages::calendar_before)}</span>
                        <s>{move || words(before)}</s>
                        {arrow()}
                        <span class="visually-hidden">{t.say(Messages::calendar_now)}</span>
                        <strong>{move || words(times)}</strong>
                    </p>
                }
            })}
        {was_elsewhere
            .then(|| {
                view! {
                    <p class="small difference">
                        <span class="visually-hidden">{t.say(Messages::calendar_before)}</span>
                        <s>{move || best(&looked.room, t.language())}</s>
                        {arrow()}
                        <span class="visually-hidden">{t.say(Messages::calendar_now)}</span>
                        <strong>{move || best(&room, t.language())}</strong>
                    </p>
                }
            })}
        {called_off.map(|words| view! { <p class="small session-warning">{t.say(words)}</p> })}
    }
}

/// Between what was and what is.
pub(in crate::pages) fn arrow() -> impl IntoView {
    view! { <span aria-hidden="true">" → "</span> }
}

/// From when until when, with the day if it is not the same.
pub(in crate::pages) fn span_words(
    t: &Messages,
    start: Moment,
    end: Moment,
    with_day: bool,
) -> String {
    let times = format::time_range(start.wall().time(), end.wall().time());
    if with_day {
        let day = format::weekday_and_day(t.language(), start.day());
        [day.as_str(), ", ", &times].concat()
    } else {
        times
    }
}

/// On a card: what of it changed.
#[component]
pub(super) fn CardChange(id: SessionId) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    move || {
        let session = state.session(id)?;
        let event = state.event(session.event()?)?;
        if !state.is_ahead(&event) {
            return None;
        }
        Some(match state.news_of_session(&session)? {
            News::Added(_) => {
                view! { <p class="small change-mark">{t.calendar_added()}</p> }.into_any()
            }
            News::Changed(session, looked) => {
                view! { <Differences session=session looked=looked /> }.into_any()
            }
            News::Removed(..) => ().into_any(),
        })
    }
}
