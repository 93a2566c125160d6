//! `/edit/SESSION`: an organiser or a trainer makes or changes a session, also without a network.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use keruen_domain::model::{Event, Moment, Session, SessionKind, SessionStatus, View, fields};
use keruen_domain::zones::Doubt;
use keruen_domain::{EventId, FieldKey, PersonId, SessionId, Value};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::when::{Times, When};
use crate::components::{Confirm, EmptyState};
use crate::i18n::{Messages, format, use_translations};
use crate::pages::address::Address;
use crate::pages::editing::{Edits, Ticks, Translations};
use crate::pages::frame::show_frame;
use crate::pages::links::{best, session_href};
use crate::pages::not_found::NotOnPhone;
use crate::state::{AppState, Collision, contents_of, times};

/// The page.
#[component]
pub(in crate::pages) fn EditorPage() -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let address = Address::of_context();
    let id = address.at::<SessionId>(1);
    show_frame(
        t.signal(Messages::calendar_edit_title),
        Signal::derive(move || id.get().map(session_href)),
    );
    move || {
        let Some(id) = id.get() else {
            return view! { <NotOnPhone /> }.into_any();
        };
        // Read once: what arrives meanwhile must not take away what somebody is writing.
        let (session, copied, event) = untrack(|| {
            let session = state.session(id);
            let of = |name: &str| address.parameter(name);
            let copied = of("copy").and_then(|id| state.session(id.parse().ok()?));
            let like = session.as_ref().or(copied.as_ref());
            let event = like
                .and_then(Session::event)
                .or_else(|| of("event")?.parse::<EventId>().ok());
            (session, copied, event.and_then(|id| state.event(id)))
        });
        let Some(event) = event else {
            return view! { <NotOnPhone /> }.into_any();
        };
        let may = match &session {
            Some(session) => state.may_change(session),
            None => state.may_add_to(&event),
        };
        if !may {
            return view! {
                <EmptyState
                    title=t.signal(Messages::calendar_may_not_title)
                    text=t.signal(Messages::calendar_may_not_text)
                />
            }
            .into_any();
        }
        let day = address.parameter("day").unwrap_or_default();
        view! { <Editor id=id session=session copied=copied event=event day=day /> }.into_any()
    }
}

#[component]
fn Editor(
    id: SessionId,
    session: Option<Session>,
    /// What a new one is to be like.
    copied: Option<Session>,
    event: Event,
    /// When a new one is to be.
    day: String,
) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let address = Address::of_context();
    let like = session.clone().or_else(|| copied.clone());
    let mut begun: BTreeMap<FieldKey, Value> = BTreeMap::new();
    if session.is_none() {
        begun.extend(copied.as_ref().map(contents_of).unwrap_or_default());
        let event = Value::Reference(event.id().into());
        begun.insert(FieldKey::register(fields::EVENT), event);
        let kind = FieldKey::register(fields::KIND);
        let workshop = Value::Text(SessionKind::Workshop.word().into());
        begun.entry(kind).or_insert(workshop);
    }
    let edits = Edits {
        seen: StoredValue::new(session.as_ref().map(|session| session.record().clone())),
        fields: RwSignal::new(begun),
        draft: None,
    };
    let wall = |of: Option<Moment>| of.map(Moment::wall);
    let start_wall = wall(like.as_ref().and_then(Session::start));
    let end_wall = wall(like.as_ref().and_then(Session::end));
    let clock = |of: Option<NaiveDateTime>, or: &str| {
        of.map_or_else(|| or.to_owned(), |wall| format::time(wall.time()))
    };
    let first_day = event.first_day().map(|day| day.to_string());
    let day = start_wall
        .map(|wall| wall.date().to_string())
        .or_else(|| Some(day).filter(|day| !day.is_empty()))
        .or(first_day)
        .unwrap_or_default();
    let when = When {
        day: RwSignal::new(day),
        start: RwSignal::new(clock(start_wall, "09:00")),
        end: RwSignal::new(clock(end_wall, "10:00")),
    };
    let event = StoredValue::new(event);
    let span = Memo::new(move |_| event.with_value(|event| when.span(&state, event)));
    let problem = RwSignal::new(None::<fn(&Messages) -> &'static str>);
    let is_new = session.is_none();
    let known_times = session
        .as_ref()
        .and_then(|session| session.start().zip(session.end()));
    let save = move |submitted: leptos::ev::SubmitEvent| {
        submitted.prevent_default();
        let has_title = untrack(|| edits.has_text(fields::TITLE));
        let Some((start, end, _)) = span.get_untracked().filter(|(start, end, _)| start < end)
        else {
            problem.set(Some(Messages::calendar_wrong_times));
            return;
        };
        if !has_title {
            problem.set(Some(Messages::calendar_lacks_title));
            return;
        }
        problem.set(None);
        let mut edited: Vec<(FieldKey, Value)> = edits.fields.get_untracked().into_iter().collect();
        if known_times != Some((start, end)) {
            edited.extend(times(start, end));
        }
        let key = event.with_value(|event| AppState::session_key(event, id));
        spawn_local(async move {
            if state
                .save_session(key, edits.seen.get_value(), edited)
                .await
            {
                address.go(&session_href(id), true);
            }
        });
    };
    let kind_key = FieldKey::register(fields::KIND);
    let kind = untrack(|| edits.text(&kind_key));
    let kinds = SessionKind::ALL.iter().map(move |offered| {
        let is_it = SessionKind::from_word_or_fallback(Some(&kind)) == *offered;
        view! {
            <option value=offered.word() selected=is_it>
                {move || t.session_kind(*offered)}
            </option>
        }
    });
    let status_key = FieldKey::register(fields::STATUS);
    let is_cancelled = untrack(|| edits.text(&status_key)) == SessionStatus::Cancelled.word();
    let call_off = move |event| {
        let status = if event_target_checked(&event) {
            SessionStatus::Cancelled
        } else {
            SessionStatus::Planned
        };
        edits.write(status_key.clone(), Value::Text(status.word().into()));
    };
    let programme = event.with_value(Event::programme);
    let language = untrack(|| t.language());
    let people = programme.map(|programme| untrack(|| state.people_of(programme)));
    let people = people.unwrap_or_default();
    let people = people
        .into_iter()
        .filter_map(|person| Some((person.id().to_string(), person.name()?.to_owned())));
    let scope = event.with_value(|event| event.record().key.scope);
    let materials = untrack(|| state.materials_in(scope)).into_iter();
    let materials =
        materials.map(|material| (material.id().to_string(), best(&material.title(), language)));
    view! {
        <form class="stack detail" on:submit=save>
            <Translations name=fields::TITLE label=Messages::calendar_title edits=edits />
            <label class="stack-close">
                <span>{t.say(Messages::calendar_kind)}</span>
                <select
                    class="field"
                    on:change=move |event| {
                        edits.write(kind_key.clone(), Value::Text(event_target_value(&event).into()));
                    }
                >
                    {kinds.collect_view()}
                </select>
            </label>
            <Times when=when />
            <p class="small" role="status">
                {move || {
                    match span.get() {
                        Some((_, _, Some(Doubt::Twice))) => t.calendar_hour_twice(),
                        Some((_, _, Some(Doubt::Never))) => t.calendar_hour_never(),
                        _ => "",
                    }
                }}
            </p>
            <Translations name=fields::ROOM label=Messages::calendar_room edits=edits />
            <Ticks set=fields::SPEAKERS label=Messages::agenda_speakers options=people.collect() edits=edits />
            <Ticks set=fields::MATERIALS label=Messages::agenda_materials options=materials.collect() edits=edits />
            <Translations
                name=fields::ABSTRACT
                label=Messages::calendar_abstract
                edits=edits
                is_long=true
            />
            <label class="choice">
                <input type="checkbox" checked=is_cancelled on:change=call_off />
                <span>{t.say(Messages::calendar_call_off)}</span>
            </label>
            <Collisions id=id event=event edits=edits span=span />
            <p class="small session-warning" role="alert">
                {move || problem.get().map(|words| words(&t))}
            </p>
            <p class="row-of-buttons">
                <button type="submit" class="button button-primary">
                    {t.say(Messages::calendar_save)}
                </button>
            </p>
        </form>
        {(!is_new).then(|| session.map(|session| view! { <Delete session=session /> }))}
    }
}

/// What would be in the way. It is said and does not hinder: the organiser may know better.
#[component]
fn Collisions(
    id: SessionId,
    event: StoredValue<Event>,
    edits: Edits,
    span: Memo<Option<(Moment, Moment, Option<Doubt>)>>,
) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let found = Memo::new(move |_| {
        let (start, end, _) = span.get()?;
        let speakers = edits.members(fields::SPEAKERS).into_iter();
        let speakers: Vec<PersonId> = speakers.filter_map(|id| id.parse().ok()).collect();
        let rooms = edits.texts(fields::ROOM);
        let event = event.with_value(Event::id);
        let times = (start.unix_ms(), end.unix_ms());
        Some(state.collisions(id, event, times, &rooms, &speakers))
    });
    let words = move |collision: &Collision| match collision {
        Collision::Room(other) => {
            t.calendar_room_taken(&time_of(other), &best(&other.title(), t.language()))
        }
        Collision::Speaker(other, person) => t.calendar_speaker_taken(
            person.name().unwrap_or_default(),
            &time_of(other),
            &best(&other.title(), t.language()),
        ),
    };
    view! {
        <div role="status" class="stack-close">
            {move || {
                let found = found.get().unwrap_or_default();
                found
                    .iter()
                    .map(|collision| view! { <p class="session-warning small">{words(collision)}</p> })
                    .collect_view()
            }}
        </div>
    }
}

fn time_of(session: &Session) -> String {
    let start = session.start();
    start
        .map(|start| format::time(start.wall().time()))
        .unwrap_or_default()
}

#[component]
fn Delete(session: Session) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    let address = Address::of_context();
    let delete = move |()| {
        let session = session.clone();
        spawn_local(async move {
            if state.delete_session(&session).await {
                address.go("/agenda", true);
            }
        });
    };
    view! {
        <div class="detail">
            <Confirm
                label=t.signal(Messages::calendar_delete)
                question=t.signal(Messages::calendar_delete_sure)
                yes=t.signal(Messages::calendar_delete_yes)
                on_yes=delete
            />
        </div>
    }
}
