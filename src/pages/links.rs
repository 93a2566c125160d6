//! The addresses of things, and the views of rows that lead to them.

use chrono::NaiveDate;
use keruen_domain::model::{
    Material, Note, Session, Subject, Translated, View, fields, without_links,
};
use keruen_domain::{EventId, Language, MaterialId, NoteId, SessionId};

use crate::components::{MaterialRowView, NoteRowView, NoteState, SessionCardView, SessionPhase};
use crate::i18n::{Messages, format};
use crate::state::{AppState, Time, group_of, subject_title};

pub(super) fn session_href(id: SessionId) -> String {
    format!("/session/{id}")
}

pub(super) fn material_href(id: MaterialId) -> String {
    format!("/materials/{id}")
}

pub(super) fn note_href(id: NoteId) -> String {
    format!("/notes/{id}")
}

pub(super) fn event_href(id: EventId) -> String {
    format!("/agenda/{id}")
}

pub(super) fn day_href(event: EventId, day: NaiveDate) -> String {
    format!("/agenda/{event}/{day}")
}

/// Where a new note about something is written. Each call is another note.
pub(super) fn new_note_href(about: Option<Subject>) -> String {
    let id = AppState::new_note_id();
    about.map_or_else(
        || note_href(id),
        |about| format!("/notes/{id}?about={about}"),
    )
}

pub(super) fn subject_href(subject: Subject) -> String {
    match subject {
        Subject::Event(id) => event_href(id),
        Subject::Session(id) => session_href(id),
        Subject::Material(id) => material_href(id),
        // What it is made of.
        Subject::Programme(_) => "/agenda".to_owned(),
    }
}

/// The text in the language, or the next best.
pub(super) fn best(text: &Translated, language: Language) -> String {
    text.best(language)
        .map(|(text, _)| text.to_owned())
        .unwrap_or_default()
}

pub(super) fn session_card(state: &AppState, session: &Session) -> SessionCardView {
    let speakers = state.speakers_of(session);
    SessionCardView {
        href: session_href(session.id()),
        kind: session.kind(),
        start: session.start().map(|start| start.wall().time()),
        end: session.end().map(|end| end.wall().time()),
        title: session.title(),
        room: session.room(),
        speakers: speakers
            .iter()
            .filter_map(|person| person.name())
            .map(str::to_owned)
            .collect(),
        is_sample: session.record().members(fields::SAMPLE).next().is_some(),
        is_cancelled: session.is_cancelled(),
    }
}

/// Where a session stands to the present; what comes next is the caller's to say.
pub(super) fn phase(session: &Session, now_ms: i64) -> SessionPhase {
    match (session.start(), session.end()) {
        (Some(_), Some(end)) if end.unix_ms() <= now_ms => SessionPhase::Past,
        (Some(start), _) if start.unix_ms() <= now_ms => SessionPhase::Now,
        _ => SessionPhase::Later,
    }
}

pub(super) fn material_row(material: &Material) -> MaterialRowView {
    MaterialRowView {
        href: material_href(material.id()),
        kind: material.kind(),
        title: material.title(),
        language: material.language(),
        size_bytes: material.file().map(|file| file.size_bytes),
        is_sample: material.record().members(fields::SAMPLE).next().is_some(),
    }
}

pub(super) fn note_row(state: &AppState, note: &Note, t: &Messages) -> NoteRowView {
    const EXCERPT_CHARACTERS: usize = 120;
    let body = note.body();
    let rest = body
        .lines()
        .map(without_marks)
        .filter(|line| !line.is_empty())
        .skip(1);
    let excerpt = rest.collect::<Vec<_>>().join(" ").replace("**", "");
    let excerpt = without_links(&excerpt)
        .replace("[ ]", "☐")
        .replace("[x]", "☑");
    NoteRowView {
        href: note_href(note.id()),
        title: note.heading(),
        excerpt: excerpt.chars().take(EXCERPT_CHARACTERS).collect(),
        about: note
            .about()
            .and_then(|about| subject_title(state, about))
            .map(|title| best(&title, t.language())),
        group: group_of(note).map(|group| {
            let known = state.known_groups();
            let known = known.into_iter().find(|known| known.group == group);
            known.map_or_else(
                || t.notes_of_some_group().to_owned(),
                |known| t.notes_of_group(&known.name),
            )
        }),
        edited: note
            .edited_ms()
            .map(|edited| edited_words(t, edited))
            .unwrap_or_default(),
    }
}

/// A line of Markdown without the mark at its beginning that makes it a heading, an entry or a quotation.
pub(super) fn without_marks(line: &str) -> &str {
    let line = line.trim();
    let text = line.trim_start_matches(['#', '>', '-', '*', '+']);
    if text.starts_with(' ') || text.is_empty() {
        text.trim_start()
    } else {
        line
    }
}

/// When something was last edited.
pub(super) fn edited_words(t: &Messages, edited_ms: u64) -> String {
    t.notes_edited_at(&time_words(t, edited_ms))
}

/// When something was: the time if that was today, else the day.
pub(super) fn time_words(t: &Messages, unix_ms: u64) -> String {
    let wall = Time::phone_wall(unix_ms);
    let is_today = wall.date() == Time::phone_wall(Time::phone_now_ms()).date();
    if is_today {
        format::time(wall.time())
    } else {
        format::day_with_year(t.language(), wall.date())
    }
}

pub(super) fn note_state(state: &AppState, id: NoteId) -> NoteState {
    let key = state.key_of_note(id);
    if state.is_unsaved(id) {
        NoteState::NotSaved
    } else if state.is_refused(&key) {
        NoteState::Refused
    } else if state.is_sent(&key) {
        NoteState::Sent
    } else {
        NoteState::OnPhone
    }
}
