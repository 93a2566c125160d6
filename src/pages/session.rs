//! One session: when, where, who, what, with its materials and notes.

use keruen_domain::model::{Person, Session, Subject, View, fields};
use keruen_domain::protocol::shares::Shared;
use keruen_domain::{ScopeId, SessionId};
use leptos::prelude::*;

use super::address::Address;
use super::agenda::KeptMark;
use super::calendar::{OwnAgendaPart, Reminders, SessionTools};
use super::downloads::{DownloadAll, wanted};
use super::frame::show_frame;
use super::links::{best, day_href, material_row, new_note_href, note_row, note_state};
use super::making::AddMaterials;
use super::not_found::NotOnPhone;
use super::packs::ReceivedMark;
use super::pictures::show_pictures;
use super::share_part::SharePart;
use super::thumbnail::thumbnail;
use super::versions::OtherVersions;
use crate::components::{
    Icon, IconName, Markdown, MaterialRow, NoteRow, SampleLabel, TranslatedText,
};
use crate::i18n::{Messages, format, use_language, use_translations};
use crate::state::AppState;

/// A session.
#[component]
pub(super) fn SessionPage() -> impl IntoView {
    show_pictures();
    let t = use_translations();
    let state = AppState::of_context();
    let id = Address::of_context().at::<SessionId>(1);
    let session = move || id.get().and_then(|id| state.session(id));
    let place = Memo::new(move |_| match session()?.record().key.scope {
        ScopeId::Programme(programme) => Some((programme, id.get()?)),
        _ => None,
    });
    show_frame(
        Signal::derive(move || {
            session().map_or_else(
                || t.agenda_kind_other().to_owned(),
                |session| t.session_kind(session.kind()).to_owned(),
            )
        }),
        Signal::derive(move || {
            let session = session()?;
            Some(day_href(session.event()?, session.start()?.day()))
        }),
    );
    view! {
        {move || {
            state.follow_programmes();
            match session() {
            None => view! { <NotOnPhone /> }.into_any(),
            Some(session) => view! { <SessionDetail session=session /> }.into_any(),
        }}}
        // It keeps what it is doing while the session above is drawn anew.
        {move || place.get().map(|(programme, id)| view! { <AddMaterials programme=programme session=id /> })}
        <SharePart
            thing=Signal::derive(move || {
                let session = session()?;
                Some((session.record().key.scope, Shared::Session(session.id())))
            })
            title=Signal::derive(move || {
                session().map(|session| best(&session.title(), t.language())).unwrap_or_default()
            })
        />
    }
}

#[component]
fn SessionDetail(session: Session) -> impl IntoView {
    let t = use_translations();
    let language = use_language();
    let state = AppState::of_context();
    let subject = Subject::Session(session.id());
    let is_copy = session.record().key.scope == ScopeId::OWN;
    let times = session.start().zip(session.end());
    let event = session.event().and_then(|id| state.event(id));
    let city = event.map(|event| event.city()).unwrap_or_default();
    let sample = move |session: &Session, field: &str| {
        session
            .is_sample(field)
            .then(|| view! { " " <SampleLabel /> })
    };
    let summary = session.summary();
    let summary_text = summary.clone();
    let speakers = state.speakers_of(&session);
    let materials = state.materials_of(&session);
    let files = wanted(state, &materials);
    let room = session.room();
    view! {
        <article class="stack session-detail">
            <header class="stack-close">
                <h2 class="detail-title">
                    <TranslatedText text=session.title() />
                    {sample(&session, fields::TITLE)}
                </h2>
                {times
                    .map(|(start, end)| {
                        view! {
                            <div class="session-card-fact">
                                <Icon name=IconName::Clock />
                                <span>
                                    {move || format::weekday_and_day(t.language(), start.day())} ", "
                                    {format::time_range(start.wall().time(), end.wall().time())} " · "
                                    {move || t.agenda_venue_time(&best(&city, t.language()))}
                                    {sample(&session, fields::START)}
                                </span>
                            </div>
                        }
                    })}
                {(!room.is_empty())
                    .then(|| {
                        view! {
                            <div class="session-card-fact">
                                <Icon name=IconName::Place />
                                <span>
                                    <TranslatedText text=room />
                                    {sample(&session, fields::ROOM)}
                                </span>
                            </div>
                        }
                    })}
            </header>
            <div class="stack">
            {session
                .is_cancelled()
                .then(|| view! { <p class="session-warning">{t.say(Messages::calendar_cancelled)}</p> })}
            <OwnAgendaPart id=session.id() />
            <SessionTools session=session.clone() />
            <Reminders
                sessions=Signal::stored(vec![session.clone()])
                name=Signal::derive({
                    let title = session.title();
                    move || best(&title, language.get())
                })
            />
            {is_copy.then(|| view! { <KeptMark /> })}
            <ReceivedMark of=session.clone() />
            <OtherVersions record=session.record().clone() />
            {(!summary.is_empty())
                .then(|| {
                    let text = Signal::derive(move || best(&summary_text, language.get()));
                    view! {
                        <section class="stack-close">
                            <Markdown text=text first_heading=3 />
                            {sample(&session, fields::ABSTRACT)}
                        </section>
                    }
                })}
            {(!speakers.is_empty())
                .then(|| {
                    view! {
                        <section class="stack-close">
                            <h2>{t.say(Messages::agenda_speakers)}</h2>
                            {speakers
                                .into_iter()
                                .map(|person| view! { <Speaker person=person /> })
                                .collect_view()}
                        </section>
                    }
                })}
            </div>
            <div class="stack session-aside">
            {(!materials.is_empty())
                .then(|| {
                    view! {
                        <section class="stack-close">
                            <h2>{t.say(Messages::agenda_materials)}</h2>
                            <div class="rows">
                                {materials
                                    .into_iter()
                                    .map(|material| {
                                        let row = material_row(&material);
                                        let picture = thumbnail(state, &material);
                                        let is_on_phone = Signal::derive(move || {
                                            state.is_on_phone(&material)
                                        });
                                        view! { <MaterialRow material=row is_on_phone=is_on_phone picture=picture /> }
                                    })
                                    .collect_view()}
                            </div>
                            <DownloadAll files=files of=t.signal(Messages::agenda_materials) />
                        </section>
                    }
                })}
            <NotesAbout subject=subject />
            </div>
        </article>
    }
}

#[component]
fn Speaker(person: Person) -> impl IntoView {
    let post = person.post();
    let organisation = person.organisation();
    view! {
        <p class="session-card-fact">
            <Icon name=IconName::Person />
            <span>
                <strong>{person.name().unwrap_or_default().to_owned()}</strong>
                {(!post.is_empty())
                    .then(|| {
                        view! {
                            <br />
                            <span class="quiet">
                                <TranslatedText text=post />
                            </span>
                        }
                    })}
                {(!organisation.is_empty())
                    .then(|| {
                        view! {
                            <br />
                            <span class="quiet">
                                <TranslatedText text=organisation />
                            </span>
                        }
                    })}
            </span>
        </p>
    }
}

/// The person's notes about something, and the way to a new one.
#[component]
pub(super) fn NotesAbout(
    /// About what.
    subject: Subject,
) -> impl IntoView {
    let t = use_translations();
    let state = AppState::of_context();
    view! {
        <section class="stack-close">
            <h2>{t.say(Messages::agenda_my_notes)}</h2>
            {move || {
                let notes = state.notes_about(subject);
                (!notes.is_empty())
                    .then(|| {
                        view! {
                            <div class="rows">
                                {notes
                                    .into_iter()
                                    .map(|note| {
                                        let id = note.id();
                                        let row = note_row(&state, &note, &t);
                                        let mark = Signal::derive(move || note_state(&state, id));
                                        view! { <NoteRow note=row state=mark /> }
                                    })
                                    .collect_view()}
                            </div>
                        }
                    })
            }}
            <p>
                <a class="button button-primary" href=new_note_href(Some(subject))>
                    <Icon name=IconName::Edit />
                    {t.say(Messages::today_write_note)}
                </a>
            </p>
        </section>
    }
}
