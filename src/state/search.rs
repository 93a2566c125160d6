//! Search over everything that is on this phone: made when it is first asked for, made exact before each answer.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use keruen_domain::model::{
    Event, Material, Note, Person, Programme, Session, Subject, Translated, View,
};
use keruen_domain::{Collection, Record, RecordId};
use keruen_search::{Document, Index, Options};
use leptos::prelude::*;

use super::AppState;
use crate::platform::{Area, read_value, sleep_ms, write_value};

/// So many records are read in a row before the page may do something else.
const AT_ONCE: usize = 200;
/// Where the last searches are kept, a line each.
const RECENT: &str = "keruen.searches";
const MOST_RECENT: usize = 6;
/// What is found of each kind at most.
const MOST_FOUND: usize = 60;

/// The collections that are searched, in the order in which what is found is shown.
const SEARCHED: [Collection; 6] = [
    Collection::SESSION,
    Collection::MATERIAL,
    Collection::NOTE,
    Collection::PERSON,
    Collection::EVENT,
    Collection::PROGRAMME,
];

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

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// The best first.
    pub found: Vec<Found>,
    /// How many of each kind there are, whatever kinds were asked for; none of which there is none.
    pub totals: Vec<(Collection, usize)>,
    /// Nothing has all words: these have some.
    pub is_partial: bool,
}

thread_local! {
    /// That of the page: the state cannot hold it, which is made by the first part of the program.
    static OF_PAGE: RefCell<Index> = RefCell::new(Index::new());
    static IS_MADE: Cell<bool> = const { Cell::new(false) };
}

impl AppState {
    /// Makes the index, a little at a time, unless it is made; `is_ready` becomes true then.
    pub async fn prepare_search(self, is_ready: RwSignal<bool>) {
        if !IS_MADE.get() {
            for collection in SEARCHED {
                let records: Vec<_> = {
                    let store = self.store();
                    let replica = store.replica();
                    replica
                        .records(collection)
                        .map(|record| record.key)
                        .collect()
                };
                for keys in records.chunks(AT_ONCE) {
                    sleep_ms(0).await;
                    let store = self.store();
                    let replica = store.replica();
                    for record in keys.iter().filter_map(|key| replica.get(key)) {
                        OF_PAGE.with_borrow_mut(|index| take(self, index, &record));
                    }
                }
            }
            IS_MADE.set(true);
        }
        is_ready.try_set(true);
    }

    /// Brings the index up to what is on the phone now. Whoever follows this searches again when that changes.
    fn make_exact(&self) {
        self.track(&SEARCHED);
        let store = self.store();
        let replica = store.replica();
        OF_PAGE.with_borrow_mut(|index| {
            let mut present = BTreeSet::new();
            for record in SEARCHED.into_iter().flat_map(|of| replica.records(of)) {
                if take(*self, index, &record) {
                    present.insert(key_of(record.key.collection, record.key.id));
                }
            }
            let gone = index.fingerprints().map(|(key, _)| key);
            let gone: Vec<Vec<u8>> = gone
                .filter(|key| !present.contains(*key))
                .map(<[u8]>::to_vec)
                .collect();
            for key in gone {
                index.remove(&key);
            }
        });
    }

    /// Finds what answers the query, of one collection or of all.
    pub fn search(&self, query: &str, only: Option<Collection>) -> Findings {
        self.make_exact();
        let only = only.map(|collection| [kind_of(collection)]);
        let text_of = |key: &[u8]| self.found(key).map(|found| found.text(self));
        let options = Options {
            kinds: only.as_ref().map(<[u8; 1]>::as_slice),
            limit: MOST_FOUND,
            text_of: Some(&text_of),
        };
        let results = OF_PAGE.with_borrow(|index| index.search(query, &options));
        let found = results.hits.iter().filter_map(|hit| self.found(&hit.key));
        let totals = SEARCHED.into_iter().filter_map(|collection| {
            let total = results.totals.get(&kind_of(collection)).copied();
            Some((collection, total.filter(|total| *total > 0)?))
        });
        Findings {
            found: found.collect(),
            totals: totals.collect(),
            is_partial: results.is_partial,
        }
    }

    fn found(&self, key: &[u8]) -> Option<Found> {
        let (kind, id) = key.split_first()?;
        let id: RecordId = std::str::from_utf8(id).ok()?.parse().ok()?;
        let collection = SEARCHED.into_iter().find(|of| kind_of(*of) == *kind)?;
        let store = self.store();
        let replica = store.replica();
        match collection {
            Collection::SESSION => replica.find(id).map(Found::Session),
            Collection::MATERIAL => replica.find(id).map(Found::Material),
            Collection::NOTE => replica.find(id).map(Found::Note),
            Collection::PERSON => replica.find(id).map(Found::Person),
            Collection::EVENT => replica.find(id).map(Found::Event),
            _ => replica.find(id).map(Found::Programme),
        }
    }

    /// What was searched for lately, the last first.
    pub fn recent_searches(&self) -> Vec<String> {
        let kept = read_value(Area::Lasting, RECENT).unwrap_or_default();
        kept.lines().map(str::to_owned).collect()
    }

    /// Remembers a search that led somewhere.
    pub fn remember_search(&self, query: &str) {
        let query = query.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut recent = self.recent_searches();
        recent.retain(|known| *known != query);
        recent.insert(0, query);
        recent.truncate(MOST_RECENT);
        write_value(Area::Lasting, RECENT, &recent.join("\n"));
    }
}

/// The words of something: what stands above all, names, and the rest.
struct Words {
    title: String,
    names: String,
    body: String,
}

impl Found {
    fn of(record: &Arc<Record>) -> Option<Self> {
        match record.key.collection {
            Collection::SESSION => Session::of(record).map(Self::Session),
            Collection::MATERIAL => Material::of(record).map(Self::Material),
            Collection::NOTE => Note::of(record).map(Self::Note),
            Collection::PERSON => Person::of(record).map(Self::Person),
            Collection::EVENT => Event::of(record).map(Self::Event),
            Collection::PROGRAMME => Programme::of(record).map(Self::Programme),
            _ => None,
        }
    }

    fn words(&self, state: &AppState) -> Words {
        let store = state.store();
        let replica = store.replica();
        let (title, names, body) = match self {
            Self::Session(session) => {
                let people = session
                    .speakers()
                    .filter_map(|id| replica.find::<Person>(id));
                let people = people.filter_map(|person| person.name().map(str::to_owned));
                let names = [people.collect::<Vec<_>>().join("\n"), all(&session.room())];
                (
                    all(&session.title()),
                    names.join("\n"),
                    all(&session.summary()),
                )
            }
            Self::Material(material) => (
                all(&material.title()),
                material.topic().unwrap_or_default().to_owned(),
                [all(&material.summary()), all(&material.body())].join("\n"),
            ),
            Self::Note(note) => (note.heading(), String::new(), note.body().into_owned()),
            Self::Person(person) => (
                person.name().unwrap_or_default().to_owned(),
                String::new(),
                [all(&person.organisation()), all(&person.post())].join("\n"),
            ),
            Self::Event(event) => (
                all(&event.title()),
                [all(&event.city()), all(&event.venue())].join("\n"),
                String::new(),
            ),
            Self::Programme(programme) => (
                all(&programme.title()),
                all(&programme.organisers()),
                String::new(),
            ),
        };
        Words { title, names, body }
    }

    /// All its words.
    fn text(&self, state: &AppState) -> String {
        let Words { title, names, body } = self.words(state);
        [title, names, body].join("\n")
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

/// Puts a record into the index unless it stands there so; whether it belongs there.
fn take(state: AppState, index: &mut Index, record: &Arc<Record>) -> bool {
    let key = key_of(record.key.collection, record.key.id);
    if record.is_deleted() {
        return false;
    }
    let fingerprint = fingerprint(state, record);
    if index.fingerprint(&key) == Some(fingerprint) {
        return true;
    }
    let Some(found) = Found::of(record) else {
        return false;
    };
    let words = found.words(&state);
    index.put(&Document {
        key: &key,
        kind: kind_of(record.key.collection),
        fingerprint,
        title: &words.title,
        names: &words.names,
        tags: "",
        body: &words.body,
    });
    true
}

fn key_of(collection: Collection, id: RecordId) -> Vec<u8> {
    let mut key = vec![kind_of(collection)];
    key.extend_from_slice(id.to_string().as_bytes());
    key
}

fn kind_of(collection: Collection) -> u8 {
    let place = SEARCHED.iter().position(|of| *of == collection);
    place.map_or(u8::MAX, |place| place as u8)
}

/// Another one as soon as anything is that its words are made of: who wrote which field when, and of a session also who
/// speaks in it. Compared while the page lives only.
fn fingerprint(state: AppState, record: &Arc<Record>) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut take = |record: &Record| {
        for (key, register) in record.fields() {
            key.as_str().hash(&mut hasher);
            for version in register.versions() {
                version.stamp.hash(&mut hasher);
            }
        }
    };
    take(record);
    if let Some(session) = Session::of(record) {
        let store = state.store();
        let replica = store.replica();
        for person in session
            .speakers()
            .filter_map(|id| replica.find::<Person>(id))
        {
            take(person.record());
        }
    }
    hasher.finish()
}

fn all(text: &Translated) -> String {
    text.texts().collect::<Vec<_>>().join("\n")
}
