//! What pages ask for. Each query follows the collections that it reads.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::rc::Rc;

use chrono::NaiveDate;
use keruen_domain::model::{
    Event, Material, Moment, Note, Person, Programme, Session, SessionOutline, Subject, Translated,
    View,
};
use keruen_domain::{
    Collection, EventId, MaterialId, NoteId, ProgrammeId, RecordId, ScopeId, SessionId,
};

use super::{AppState, follow};
use crate::store::Slot;

/// An event on one of its days.
#[derive(Clone, Debug, PartialEq)]
pub struct EventDay {
    /// The event.
    pub event: Event,
    /// Which day.
    pub day: NaiveDate,
    /// The day's sessions by their start.
    pub sessions: Vec<Session>,
}

impl AppState {
    /// Whether nothing of any programme is on the device.
    pub fn is_empty(&self) -> bool {
        self.programmes().is_empty() && self.single_events().is_empty()
    }

    pub(super) fn find<V: View>(&self, id: impl Into<RecordId>) -> Option<V> {
        self.track(&[V::COLLECTION]);
        self.store().replica().find(id)
    }

    pub(crate) fn all<V: View>(&self) -> Vec<V> {
        self.track(&[V::COLLECTION]);
        self.store().replica().all().collect()
    }

    /// The programmes, the latest first.
    pub fn programmes(&self) -> Vec<Programme> {
        let mut first_days: BTreeMap<ProgrammeId, NaiveDate> = BTreeMap::new();
        for event in self.all::<Event>() {
            if let (Some(programme), Some(day)) = (event.programme(), event.first_day()) {
                let latest = first_days.entry(programme).or_insert(day);
                *latest = day.max(*latest);
            }
        }
        let mut programmes = self.all::<Programme>();
        programmes.sort_by_key(|programme| {
            (
                Reverse(first_days.get(&programme.id()).copied()),
                programme.id(),
            )
        });
        programmes
    }

    /// A programme.
    pub fn programme(&self, id: ProgrammeId) -> Option<Programme> {
        self.find(id)
    }

    /// All events by their first day.
    pub fn events(&self) -> Vec<Event> {
        let mut events = self.all::<Event>();
        events.sort_by_key(|event| (event.first_day(), event.id()));
        events
    }

    /// The events of which the programme is not on the device, by their first day: those of sessions that were
    /// kept from links.
    pub fn single_events(&self) -> Vec<Event> {
        let mut events = self.events();
        events.retain(|event| {
            let programme = event.programme();
            programme.and_then(|id| self.programme(id)).is_none()
        });
        events
    }

    /// An event.
    pub fn event(&self, id: EventId) -> Option<Event> {
        self.find(id)
    }

    /// The agenda of an event: its sessions by their start, in outline.
    fn agenda_of(&self, event: EventId) -> Rc<[Slot]> {
        self.track(&[Collection::SESSION]);
        self.store().replica().agenda_of(event)
    }

    /// The sessions of an event that fit, by their start.
    pub fn sessions_of(
        &self,
        event: EventId,
        fits: impl Fn(SessionOutline) -> bool,
    ) -> Vec<Session> {
        let slots = self.agenda_of(event);
        let store = self.store();
        let replica = store.replica();
        slots
            .iter()
            .filter(|slot| fits(slot.outline))
            .filter_map(|slot| Session::of(&replica.get(&slot.session)?))
            .collect()
    }

    /// The days of an event: those between its first and last, and any others that have sessions.
    pub fn days_of(&self, event: &Event) -> Vec<NaiveDate> {
        const MOST: usize = 366;
        let span = event.first_day().zip(event.last_day());
        let planned = span.into_iter().flat_map(|(first, last)| {
            first
                .iter_days()
                .take(MOST)
                .take_while(move |day| *day <= last)
        });
        let agenda = self.agenda_of(event.id());
        let held = agenda
            .iter()
            .filter_map(|slot| Some(slot.outline.start?.day()));
        let mut days: Vec<_> = planned.chain(held).collect();
        days.sort_unstable();
        days.dedup();
        days
    }

    /// Whether an event is not over at its venue: its last day is today or comes.
    pub fn is_ahead(&self, event: &Event) -> bool {
        let last = event.last_day();
        let last = last.or_else(|| self.days_of(event).last().copied());
        let now = self.now_at(event, self.time.now_ms());
        last.zip(now).is_some_and(|(last, now)| last >= now.day())
    }

    /// The sessions of an event on one day.
    pub fn sessions_on(&self, event: EventId, day: NaiveDate) -> Vec<Session> {
        self.sessions_of(event, |outline| {
            outline.start.is_some_and(|start| start.day() == day)
        })
    }

    /// The events that have the present day, each by its venue's calendar, and that day's sessions.
    pub fn today(&self) -> Vec<EventDay> {
        let now_ms = self.time.now_ms();
        let days = self.events().into_iter().filter_map(|event| {
            let day = self.now_at(&event, now_ms)?.day();
            let within = event.first_day()? <= day && day <= event.last_day()?;
            within.then(|| EventDay {
                sessions: self.sessions_on(event.id(), day),
                day,
                event,
            })
        });
        days.collect()
    }

    /// What the clocks show at an event's venue: by the offset of its session nearest to then.
    pub fn now_at(&self, event: &Event, now_ms: i64) -> Option<Moment> {
        const KAZAKHSTAN_MINUTES: i32 = 300;
        let agenda = self.agenda_of(event.id());
        let starts = agenda.iter().filter_map(|slot| slot.outline.start);
        let nearest = starts.min_by_key(|start| start.unix_ms().abs_diff(now_ms));
        let offset_minutes = nearest.map_or(KAZAKHSTAN_MINUTES, Moment::offset_minutes);
        Moment::new(now_ms, i64::from(offset_minutes))
    }

    /// A session.
    pub fn session(&self, id: SessionId) -> Option<Session> {
        self.find(id)
    }

    /// The people who speak in a session, by name.
    pub fn speakers_of(&self, session: &Session) -> Vec<Person> {
        let mut people: Vec<Person> = session
            .speakers()
            .filter_map(|person| self.find(person))
            .collect();
        people.sort_by(|one, other| one.name().cmp(&other.name()));
        people
    }

    /// The materials of a session.
    pub fn materials_of(&self, session: &Session) -> Vec<Material> {
        let materials = session.materials();
        let mut materials: Vec<Material> = materials
            .filter_map(|material| self.find(material))
            .collect();
        // Of those without a place, as before.
        materials.sort_by_key(|material| material.place().unwrap_or(i64::MAX));
        materials
    }

    /// The materials of a programme, or those that were kept from links, in no order: theirs depends on the
    /// language they are read in.
    pub fn materials_in(&self, scope: ScopeId) -> Vec<Material> {
        let mut materials = self.with_files_in(scope);
        materials.retain(|material| material.note().is_none());
        materials
    }

    /// The same with files of notes, which are materials by what they hold.
    pub(super) fn with_files_in(&self, scope: ScopeId) -> Vec<Material> {
        let mut materials = self.all::<Material>();
        materials.retain(|material| material.record().key.scope == scope);
        materials
    }

    /// The files of a note, in the order in which they came.
    pub fn files_of_note(&self, note: NoteId) -> Vec<Material> {
        let mut materials = self.all::<Material>();
        materials.retain(|material| material.note() == Some(note));
        materials.sort_by_key(Material::id);
        materials
    }

    /// A material.
    pub fn material(&self, id: MaterialId) -> Option<Material> {
        self.find(id)
    }

    /// The sessions that use a material, by their start.
    pub fn sessions_with(&self, material: MaterialId) -> Vec<Session> {
        let mut sessions = self.all::<Session>();
        sessions.retain(|session| session.materials().any(|used| used == material));
        sessions.sort_by_key(|session| (session.start(), session.id()));
        sessions
    }

    /// Whether all of a material is on this device: its text always is, its file by choice.
    pub fn is_on_phone(&self, material: &Material) -> bool {
        follow(self.files_changed);
        match (material.url(), material.file()) {
            (_, Some(file)) => {
                let store = self.store();
                let has_medium = |sha256: &str| store.has_file(sha256);
                store.has_file(&file.sha256) || material.medium_sha256().is_some_and(has_medium)
            }
            (Some(_), None) => false,
            (None, None) => true,
        }
    }

    /// All notes: the pinned ones, then the others, the last edited first.
    pub fn notes(&self) -> Vec<Note> {
        let mut notes = self.all::<Note>();
        notes.sort_by_key(|note| (!note.is_pinned(), Reverse(note.edited_ms()), note.id()));
        notes
    }

    /// The deleted notes that can be brought back, the last edited first.
    pub fn deleted_notes(&self) -> Vec<Note> {
        self.track(&[Collection::NOTE]);
        let store = self.store();
        let replica = store.replica();
        let records = replica.records(Collection::NOTE);
        let mut notes: Vec<Note> = records
            .filter_map(|record| Note::deleted(&record))
            .collect();
        notes.sort_by_key(|note| (Reverse(note.edited_ms()), note.id()));
        notes
    }

    /// A note that is not deleted.
    pub fn note(&self, id: NoteId) -> Option<Note> {
        self.find(id)
    }

    /// The notes about something, the last edited first.
    pub fn notes_about(&self, subject: Subject) -> Vec<Note> {
        let mut notes = self.notes();
        notes.retain(|note| note.subjects().contains(&subject));
        notes
    }
}

/// What a note's subject is called.
pub fn subject_title(state: &AppState, subject: Subject) -> Option<Translated> {
    let title = match subject {
        Subject::Event(id) => state.event(id)?.title(),
        Subject::Session(id) => state.session(id)?.title(),
        Subject::Material(id) => state.material(id)?.title(),
        Subject::Programme(id) => state.programme(id)?.title(),
    };
    (!title.is_empty()).then_some(title)
}
