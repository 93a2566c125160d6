//! What can be found, and the words by which it is.

use std::sync::Arc;

use keruen_domain::model::{
    Event, Material, Note, Person, Programme, Session, Subject, Translated, View,
};
use keruen_domain::{Collection, Record, RecordId};

use super::super::AppState;
use crate::store::Replica;

/// Something that was found.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// A session.
    Session(Session),
    /// A material.
    Material(Material),
    /// A note.
    Note(Note),
    /// Somebody.
    Person(Person),
    /// An event.
    Event(Event),
    /// A programme.
    Programme(Programme),
}

/// The words of something: what stands above all, names, tags, and the rest.
#[derive(Default)]
pub(super) struct Words {
    pub(super) title: String,
    pub(super) names: String,
    pub(super) tags: String,
    pub(super) body: String,
}

impl Found {
    /// What a record is, if it is something that can be found.
    pub(super) fn of(record: &Arc<Record>) -> Option<Self> {
        match record.key.collection {
            Collection::SESSION => Session::of(record).map(Self::Session),
            Collection::MATERIAL => Material::of(record).and_then(Self::material),
            Collection::NOTE => Note::of(record).map(Self::Note),
            Collection::PERSON => Person::of(record).map(Self::Person),
            Collection::EVENT => Event::of(record).map(Self::Event),
            Collection::PROGRAMME => Programme::of(record).map(Self::Programme),
            _ => None,
        }
    }

    /// The one of this identifier.
    pub(super) fn at(replica: &Replica, collection: Collection, id: RecordId) -> Option<Self> {
        match collection {
            Collection::SESSION => replica.find(id).map(Self::Session),
            Collection::MATERIAL => replica.find(id).and_then(Self::material),
            Collection::NOTE => replica.find(id).map(Self::Note),
            Collection::PERSON => replica.find(id).map(Self::Person),
            Collection::EVENT => replica.find(id).map(Self::Event),
            Collection::PROGRAMME => replica.find(id).map(Self::Programme),
            _ => None,
        }
    }

    /// Files of notes are found by the note's words.
    fn material(material: Material) -> Option<Self> {
        material
            .note()
            .is_none()
            .then_some(Self::Material(material))
    }

    /// Its words. Whoever takes others from a record, or takes them from another one as well, makes
    /// [`super::kept::WORDS`] one more, and [`super::live::Live`] tell when they change.
    pub(super) fn words(&self, replica: &Replica) -> Words {
        match self {
            Self::Session(session) => {
                let people = session
                    .speakers()
                    .filter_map(|id| replica.find::<Person>(id));
                let people = people.filter_map(|person| person.name().map(str::to_owned));
                let names = [people.collect::<Vec<_>>().join("\n"), all(&session.room())];
                Words {
                    title: all(&session.title()),
                    names: names.join("\n"),
                    body: all(&session.summary()),
                    ..Words::default()
                }
            }
            Self::Material(material) => Words {
                title: all(&material.title()),
                tags: material.topic().unwrap_or_default().to_owned(),
                body: [all(&material.summary()), all(&material.body())].join("\n"),
                ..Words::default()
            },
            Self::Note(note) => Words {
                title: note.heading(),
                tags: note.tags().collect::<Vec<_>>().join("\n"),
                body: note.body().into_owned(),
                ..Words::default()
            },
            Self::Person(person) => Words {
                title: person.name().unwrap_or_default().to_owned(),
                body: [all(&person.organisation()), all(&person.post())].join("\n"),
                ..Words::default()
            },
            Self::Event(event) => Words {
                title: all(&event.title()),
                names: [all(&event.city()), all(&event.venue())].join("\n"),
                ..Words::default()
            },
            Self::Programme(programme) => Words {
                title: all(&programme.title()),
                names: all(&programme.organisers()),
                ..Words::default()
            },
        }
    }

    /// All its words.
    pub(super) fn text(&self, replica: &Replica) -> String {
        let words = self.words(replica);
        [words.title, words.names, words.tags, words.body].join("\n")
    }

    /// What the person reads of it beside its title, in their own language first.
    pub fn text_in(&self, language: keruen_domain::Language) -> String {
        let best = |text: Translated| {
            let best = text.best(language).map(|(text, _)| text.to_owned());
            best.unwrap_or_default()
        };
        match self {
            Self::Session(session) => best(session.summary()),
            Self::Material(material) => {
                [best(material.summary()), best(material.body())].join("\n")
            }
            Self::Note(note) => note.body().into_owned(),
            Self::Person(person) => [best(person.post()), best(person.organisation())].join("\n"),
            Self::Event(event) => [best(event.city()), best(event.venue())].join("\n"),
            Self::Programme(programme) => best(programme.organisers()),
        }
    }

    /// What kind of thing it is.
    pub fn collection(&self) -> Collection {
        self.record().key.collection
    }

    fn record(&self) -> &Record {
        match self {
            Self::Session(of) => of.record(),
            Self::Material(of) => of.record(),
            Self::Note(of) => of.record(),
            Self::Person(of) => of.record(),
            Self::Event(of) => of.record(),
            Self::Programme(of) => of.record(),
        }
    }

    /// What leads to somebody: the first session in which they speak.
    pub fn place_of_person(state: &AppState, person: &Person) -> Option<Subject> {
        let sessions = state.all::<Session>();
        let spoken = sessions
            .iter()
            .filter(|session| session.speakers().any(|id| id == person.id()));
        let first = spoken.min_by_key(|session| (session.start(), session.id()))?;
        Some(Subject::Session(first.id()))
    }
}

fn all(text: &Translated) -> String {
    text.texts().collect::<Vec<_>>().join("\n")
}
