//! What is written: an event with its sessions, as records say it.

use std::collections::BTreeMap;
use std::sync::Arc;

use keruen_domain::model::{
    Event, EventStatus, Material, Moment, Person, Programme, Session, Translated, View as _, fields,
};
use keruen_domain::{EventId, Language, MaterialId, PersonId, Record};

use crate::zone::Zone;

/// An event of a programme and its sessions, in the order of their beginnings.
#[derive(Clone, Debug)]
pub struct Agenda {
    pub(super) programme: Programme,
    pub(super) event: Event,
    pub(super) sessions: Vec<TimedSession>,
    pub(super) people: BTreeMap<PersonId, Person>,
    pub(super) materials: BTreeMap<MaterialId, Material>,
    /// Where its clocks are.
    pub(super) zone: Option<Zone>,
    /// Sessions that nobody has given a time.
    pub(super) untimed: usize,
    pub(super) language: Language,
}

/// A session with its times.
#[derive(Clone, Debug)]
pub(super) struct TimedSession {
    pub(super) session: Session,
    pub(super) start: Moment,
    pub(super) end: Moment,
}

impl Agenda {
    /// The event with all its sessions, out of its programme's records; `None` if it, or the programme, is
    /// not among them or is deleted. Texts are chosen by the language, as the app does.
    pub fn of(records: &[Arc<Record>], event: EventId, language: Language) -> Option<Self> {
        let event = records
            .iter()
            .filter_map(Event::of)
            .find(|it| it.id() == event)?;
        let of_event = |session: &Session| session.event() == Some(event.id());
        let sessions: Vec<Session> = records
            .iter()
            .filter_map(Session::of)
            .filter(of_event)
            .collect();
        let count = sessions.len();
        let mut sessions: Vec<TimedSession> = sessions.into_iter().filter_map(timed).collect();
        sessions.sort_by_key(|timed| (timed.start, timed.end, timed.session.id()));
        let people = records.iter().filter_map(Person::of);
        let materials = records.iter().filter_map(Material::of);
        Some(Self {
            programme: records.iter().find_map(Programme::of)?,
            untimed: count - sessions.len(),
            sessions,
            people: people.map(|person| (person.id(), person)).collect(),
            materials: materials.map(|it| (it.id(), it)).collect(),
            zone: event.zone().and_then(Zone::find),
            event,
            language,
        })
    }

    /// What the event is called, in the agenda's language if it has a name in it.
    pub fn title(&self) -> String {
        let title = self.best(&self.event.title());
        title.map_or_else(String::new, |text| text.content)
    }

    /// How many sessions it holds.
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Whether it holds no session with a time.
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    pub(super) fn best(&self, translated: &Translated) -> Option<Text> {
        let (content, language) = translated.best(self.language)?;
        Some(Text {
            content: content.to_owned(),
            language,
        })
    }

    /// The names of those who speak, as far as their cards are known.
    pub(super) fn speakers(&self, session: &Session) -> Vec<String> {
        let people = session.speakers().filter_map(|id| self.people.get(&id));
        let mut names: Vec<String> = people
            .filter_map(|person| person.name().map(str::to_owned))
            .collect();
        names.sort_unstable();
        names
    }
}

/// A text and the language that it is in, as far as that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) content: String,
    pub(super) language: Option<Language>,
}

fn timed(session: Session) -> Option<TimedSession> {
    let (start, end) = (session.start()?, session.end()?);
    Some(TimedSession {
        session,
        start,
        end,
    })
}

impl TimedSession {
    /// Whether it, or all of the event, was called off.
    pub(super) fn is_cancelled(&self, event: &Event) -> bool {
        self.session.is_cancelled() || event.status() == EventStatus::Cancelled
    }

    /// When it was last edited, in milliseconds since 1970 (UTC).
    pub(super) fn edited_ms(&self) -> u64 {
        let last = self.session.record().last_edit();
        last.map_or(0, |stamp| stamp.time.unix_ms())
    }

    /// When somebody last changed when or where it is, in milliseconds since 1970 (UTC).
    pub(super) fn moved_ms(&self) -> u64 {
        const OF_TIME_AND_PLACE: [&str; 5] = [
            fields::START,
            fields::END,
            fields::OFFSET_MINUTES,
            fields::ROOM,
            fields::STATUS,
        ];
        let is_of_them = |name: &str| {
            let field = name.split(':').next().unwrap_or(name);
            OF_TIME_AND_PLACE.contains(&field)
        };
        let fields = self.session.record().fields();
        let written = fields
            .filter(|(key, _)| is_of_them(key.as_str()))
            .filter_map(|(_, register)| register.winner());
        let last = written.map(|version| version.stamp.time.unix_ms()).max();
        last.unwrap_or_default()
    }
}
