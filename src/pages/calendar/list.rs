//! `/agenda/list`: the sessions of all events, day by day, as far as they fit what was chosen.

use std::collections::BTreeSet;

use keruen_domain::model::{Session, SessionKind, View, fields};
use keruen_domain::{EventId, PersonId, SessionId};
use leptos::prelude::*;

use super::days::Days;
use crate::components::EmptyState;
use crate::i18n::{Messages, use_language, use_translations};
use crate::pages::address::Address;
use crate::pages::frame::show_frame;
use crate::pages::links::best;
use crate::state::AppState;

/// How many sessions are drawn first: as many as a phone shows.
const FIRST: usize = 6;
/// How many are drawn right after those, and with each press.
const AT_ONCE: usize = 30;

/// What was chosen; an empty text is no choice.
#[derive(Clone, Copy)]
struct Choice {
    event: RwSignal<String>,
    kind: RwSignal<String>,
    topic: RwSignal<String>,
    speaker: RwSignal<String>,
    room: RwSignal<String>,
    language: RwSignal<String>,
    with_past: RwSignal<bool>,
}

impl Choice {
    fn begun(event: String, is_all_over: bool) -> Self {
        let none = || RwSignal::new(String::new());
        Self {
            // Who comes from one event wants to see all of it.
            with_past: RwSignal::new(is_all_over || !event.is_empty()),
            event: RwSignal::new(event),
            kind: none(),
            topic: none(),
            speaker: none(),
            room: none(),
            language: none(),
        }
    }

    /// Whether a session fits all that was chosen.
    fn fits(self, session: &Session, now_ms: i64) -> bool {
        let is = |chosen: RwSignal<String>, value: Option<&str>| {
            chosen.with(|chosen| chosen.is_empty() || value == Some(chosen))
        };
        let is_ahead = session.end().is_some_and(|end| end.unix_ms() > now_ms);
        (is_ahead || self.with_past.get())
            && is(self.kind, Some(session.kind().word()))
            && is(self.topic, session.text(fields::TRACK))
            && is(self.language, session.text(fields::LANGUAGE))
            && self.speaker.with(|chosen| {
                let chosen = chosen.parse::<PersonId>();
                chosen.map_or(true, |chosen| session.speakers().any(|of| of == chosen))
            })
            && self.room.with(|chosen| {
                chosen.is_empty() || session.room().texts().any(|room| room == chosen)
            })
    }
}

/// The page.
#[component]
pub(in crate::pages) fn ListPage() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    show_frame(
        t.signal(Messages::calendar_list),
        Signal::derive(|| Some("/agenda".to_owned())),
    );
    let event = Address::of_context().parameter("event").unwrap_or_default();
    let is_all_over = untrack(|| !state.events().iter().any(|event| state.is_ahead(event)));
    let choice = Choice::begun(event, is_all_over);
    let all = Memo::new(move |_| {
        state.follow_programmes();
        let chosen = choice.event.with(|chosen| chosen.parse::<EventId>().ok());
        let events = state.events().into_iter().map(|event| event.id());
        let events = events.filter(|event| chosen.is_none_or(|chosen| chosen == *event));
        let mut sessions: Vec<Session> = events
            .flat_map(|event| state.sessions_of(event, |_| true))
            .collect();
        sessions.sort_by_key(|session| (session.start(), session.end(), session.id()));
        sessions
    });
    let found = Memo::new(move |_| {
        let now_ms = state.time.now_ms();
        let fitting = |session: &&Session| choice.fits(session, now_ms);
        all.with(|all| all.iter().filter(fitting).cloned().collect::<Vec<_>>())
    });
    let shown = RwSignal::new(FIRST);
    // Another choice begins from the top.
    Effect::watch(
        move || found.with(|found| (found.len(), found.first().map(Session::id))),
        move |_: &(usize, Option<SessionId>), _, _| {
            shown.set(FIRST);
            AppState::after_drawing(move || {
                shown.try_set(AT_ONCE);
            });
        },
        true,
    );
    view! {
        <div class="stack">
            <Choices choice=choice all=all />
            <p class="quiet" role="status">
                {move || t.calendar_found(found.with(Vec::len) as u64)}
            </p>
            {move || {
                if found.with(Vec::is_empty) {
                    return view! {
                        <EmptyState
                            title=t.signal(Messages::calendar_none_found_title)
                            text=t.signal(Messages::calendar_none_found_text)
                        />
                    }
                        .into_any();
                }
                let sessions = found.with(|found| found.iter().take(shown.get()).cloned().collect());
                view! { <Days sessions=sessions /> }.into_any()
            }}
            {move || {
                (found.with(Vec::len) > shown.get())
                    .then(|| {
                        view! {
                            <p>
                                <button
                                    type="button"
                                    class="button"
                                    on:click=move |_| shown.update(|shown| *shown += AT_ONCE)
                                >
                                    {t.say(Messages::calendar_more)}
                                </button>
                            </p>
                        }
                    })
            }}
        </div>
    }
}

/// The fields to choose in: those with something to choose between.
#[component]
fn Choices(choice: Choice, all: Memo<Vec<Session>>) -> impl IntoView {
    let t = use_translations();
    let language = use_language();
    let state = AppState::of_context();
    let events = move || {
        let events = state.events().into_iter();
        let named =
            events.map(|event| (event.id().to_string(), best(&event.city(), language.get())));
        named.collect::<Vec<_>>()
    };
    let of_sessions = move |values: &dyn Fn(&Session) -> Vec<(String, String)>| {
        let mut found: BTreeSet<(String, String)> = BTreeSet::new();
        all.with(|all| found.extend(all.iter().flat_map(values)));
        let mut found: Vec<(String, String)> = found.into_iter().collect();
        found.sort_by(|(_, one), (_, other)| one.cmp(other));
        found
    };
    let same = |text: Option<&str>| -> Vec<(String, String)> {
        text.map(|text| (text.to_owned(), text.to_owned()))
            .into_iter()
            .collect()
    };
    let kinds = move || {
        of_sessions(&|session| {
            let kind: SessionKind = session.kind();
            vec![(kind.word().to_owned(), t.session_kind(kind).to_owned())]
        })
    };
    let topics = move || of_sessions(&|session| same(session.text(fields::TRACK)));
    let languages = move || of_sessions(&|session| same(session.text(fields::LANGUAGE)));
    let rooms = move || {
        of_sessions(&|session| {
            let room = best(&session.room(), language.get());
            same(Some(&*room).filter(|room| !room.is_empty()))
        })
    };
    let speakers = move || {
        of_sessions(&|session| {
            let speakers = state.speakers_of(session).into_iter();
            let named =
                speakers.filter_map(|of| Some((of.id().to_string(), of.name()?.to_owned())));
            named.collect()
        })
    };
    // What there is to choose from is gathered from all sessions: only for who looks.
    let is_open = RwSignal::new(false);
    let fields = move || {
        view! {
            <div class="stack-close">
                <Choose label=Messages::calendar_filter_event chosen=choice.event options=Signal::derive(events) />
                <Choose label=Messages::calendar_kind chosen=choice.kind options=Signal::derive(kinds) />
                <Choose label=Messages::calendar_filter_topic chosen=choice.topic options=Signal::derive(topics) />
                <Choose label=Messages::calendar_filter_speaker chosen=choice.speaker options=Signal::derive(speakers) />
                <Choose label=Messages::calendar_room chosen=choice.room options=Signal::derive(rooms) />
                <Choose label=Messages::calendar_filter_language chosen=choice.language options=Signal::derive(languages) />
                <label class="choice">
                    <input
                        type="checkbox"
                        prop:checked=choice.with_past
                        on:change=move |event| choice.with_past.set(event_target_checked(&event))
                    />
                    <span>{t.say(Messages::calendar_filter_past)}</span>
                </label>
            </div>
        }
    };
    view! {
        <details class="card filters" on:toggle=move |_| is_open.set(true)>
            <summary>{t.say(Messages::calendar_filter)}</summary>
            {move || is_open.get().then(fields)}
        </details>
    }
}

#[component]
fn Choose(
    label: fn(&Messages) -> &'static str,
    chosen: RwSignal<String>,
    options: Signal<Vec<(String, String)>>,
) -> impl IntoView {
    const FEWEST: usize = 2;
    let t = use_translations();
    let has_choice =
        Memo::new(move |_| options.with(Vec::len) >= FEWEST || !chosen.with(String::is_empty));
    let option = move |(value, name): (String, String)| {
        let is_it = {
            let value = value.clone();
            move || chosen.with(|chosen| *chosen == value)
        };
        view! {
            <option value=value selected=is_it>
                {name}
            </option>
        }
    };
    view! {
        <Show when=move || has_choice.get()>
            <label class="stack-close">
                <span>{t.say(label)}</span>
                <select class="field" on:change=move |event| chosen.set(event_target_value(&event))>
                    <option value="">{t.say(Messages::calendar_filter_all)}</option>
                    {move || options.get().into_iter().map(option).collect_view()}
                </select>
            </label>
        </Show>
    }
}
