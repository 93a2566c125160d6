//! What was kept from links: copies among what is one's own, so that they open without a network and
//! without the link. Where an original is on the device too, its copy gives way to it.

use std::collections::BTreeSet;
use std::sync::Arc;

use keruen_domain::model::{Event, Material, Person, Programme, Session, View, fields};
use keruen_domain::protocol::shares::paths;
use keruen_domain::{Collection, Edit, EventId, FieldKey, Record, RecordKey, ScopeId, Value};
use leptos::prelude::untrack;

use super::AppState;
use crate::store::{Replica, Write};

/// Something that was kept from a link.
#[derive(Clone)]
pub enum Kept {
    /// An agenda: a programme with its events and their sessions.
    Agenda(Programme),
    /// A session of a programme that is not on the device.
    Session(Session),
    /// A material.
    Material(Material),
}

/// How what a link opens stands to what is on the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Something of it is not here.
    Absent,
    /// It was kept before, and stays as it was then.
    Copy,
    /// It is here by itself, and what changes arrives.
    Original,
}

impl AppState {
    /// How what a link opens stands to what is on the device.
    pub fn standing_of(&self, records: &[Arc<Record>]) -> Standing {
        const LOOKED_AT: [Collection; 3] =
            [Collection::EVENT, Collection::SESSION, Collection::MATERIAL];
        self.follow_programmes();
        let store = self.store();
        let replica = store.replica();
        let keys = records.iter().map(|record| own(record));
        let mut standing = Standing::Original;
        for key in keys.filter(|key| LOOKED_AT.contains(&key.collection)) {
            if replica.gives_way(&key) {
                continue;
            }
            if replica.get(&key).is_none_or(|copy| copy.is_deleted()) {
                return Standing::Absent;
            }
            standing = Standing::Copy;
        }
        standing
    }

    /// Keeps what a link opened, and has its files come. What was kept from the link before becomes what it
    /// is now. Whether the device could.
    pub async fn keep_shared(&self, records: Vec<Arc<Record>>, secret: &str, ticket: &str) -> bool {
        let writes = untrack(|| self.copies(&records));
        if !self.commit_all(writes).await {
            return false;
        }
        let materials = records.iter().filter_map(Material::of);
        let files = materials.filter_map(|of| of.file()).map(|file| {
            let mut from = [paths::PAGE, secret, paths::FILES, &file.sha256].concat();
            if !ticket.is_empty() {
                from.push_str(paths::TICKET);
                from.push_str(ticket);
            }
            (file, Some(from))
        });
        self.downloads().ask_for_from(files);
        true
    }

    /// What makes the device hold what a link opened, where it does not hold the originals.
    fn copies(&self, records: &[Arc<Record>]) -> Vec<Write> {
        let store = self.store();
        let replica = store.replica();
        let events: BTreeSet<EventId> = records
            .iter()
            .filter_map(Event::of)
            .map(|event| event.id())
            .collect();
        let is_agenda = records.first().and_then(Programme::of).is_some() && !events.is_empty();
        let mut writes = Vec::new();
        for record in records {
            let key = own(record);
            // A programme without its events would be an empty one in the agenda.
            let is_wanted = is_agenda || key.collection != Collection::PROGRAMME;
            if !is_wanted || replica.gives_way(&key) {
                continue;
            }
            let content = record.clone();
            let known = replica.get(&key);
            writes.push(Write::new(key, move |edit| {
                mirror(edit, &content, known.as_deref());
            }));
        }
        if is_agenda {
            let is_gone = |session: &Session| {
                let of_it = session.event().is_some_and(|event| events.contains(&event));
                let is_told = |record: &Arc<Record>| record.key.id == session.record().key.id;
                of_it && !records.iter().any(is_told)
            };
            let gone = own_of::<Session>(&replica)
                .filter(is_gone)
                .map(|session| deletion(&session));
            writes.extend(gone);
        }
        writes
    }

    /// What was kept from links and is not here otherwise: agendas, sessions, materials.
    pub fn kept(&self) -> Vec<Kept> {
        self.follow_programmes();
        let agendas = self.programmes().into_iter().filter(is_copy);
        let agendas = agendas.map(Kept::Agenda);
        let single = self.single_events();
        let sessions = single.iter().flat_map(|event| {
            let sessions = self.sessions_of(event.id(), |_| true);
            sessions.into_iter().map(Kept::Session)
        });
        let materials = self.materials_in(ScopeId::OWN).into_iter();
        agendas
            .chain(sessions)
            .chain(materials.map(Kept::Material))
            .collect()
    }

    /// Removes something that was kept, with what came along with it and belongs to nothing else that was.
    pub async fn remove_kept(&self, kept: Kept) {
        let (removed, files) = untrack(|| self.with_what_came_along(&kept));
        if !self.commit_all(removed).await {
            return;
        }
        for sha256 in files {
            self.remove_file(&sha256).await;
        }
    }

    /// The deletions, and the files that nothing else needs.
    fn with_what_came_along(&self, kept: &Kept) -> (Vec<Write>, Vec<Box<str>>) {
        let store = self.store();
        let replica = store.replica();
        let own_events: Vec<Event> = own_of(&replica).collect();
        let is_removed = |session: &Session| match kept {
            Kept::Agenda(programme) => own_events.iter().any(|event| {
                event.programme() == Some(programme.id()) && session.event() == Some(event.id())
            }),
            Kept::Session(kept) => session.id() == kept.id(),
            Kept::Material(_) => false,
        };
        let (removed, others): (Vec<Session>, Vec<Session>) =
            own_of(&replica).partition(is_removed);
        // What sessions bring along goes with the last that needs it.
        let lost = |belongs: &dyn Fn(&Session) -> bool| {
            removed.iter().any(belongs) && !others.iter().any(belongs)
        };
        let mut writes: Vec<Write> = removed.iter().map(deletion).collect();
        if let Kept::Agenda(programme) = kept {
            writes.push(deletion(programme));
        }
        let events = own_events.iter().filter(|event| {
            let is_its = matches!(kept, Kept::Agenda(of) if event.programme() == Some(of.id()));
            is_its || lost(&|session| session.event() == Some(event.id()))
        });
        writes.extend(events.map(deletion));
        let speakers = own_of::<Person>(&replica)
            .filter(|person| lost(&|session| session.speakers().any(|of| of == person.id())));
        writes.extend(speakers.map(|person| deletion(&person)));
        let (removed, others): (Vec<Material>, Vec<Material>) =
            replica.all().partition(|material: &Material| {
                let is_it = matches!(kept, Kept::Material(of) if of.id() == material.id());
                let came_along = || lost(&|of| of.materials().any(|used| used == material.id()));
                is_copy(material) && (is_it || came_along())
            });
        writes.extend(removed.iter().map(deletion));
        let files = removed.iter().filter_map(|of| Some(of.file()?.sha256));
        let is_needed = |sha256: &str| {
            let mut files = others.iter().filter_map(Material::file);
            files.any(|file| *file.sha256 == *sha256)
        };
        (writes, files.filter(|sha256| !is_needed(sha256)).collect())
    }
}

/// Where the copy of a record is.
fn own(record: &Record) -> RecordKey {
    RecordKey {
        scope: ScopeId::OWN,
        ..record.key
    }
}

/// The copies of which the originals are not here.
fn own_of<V: View>(replica: &Replica) -> impl Iterator<Item = V> {
    replica.all().filter(is_copy)
}

fn is_copy<V: View>(of: &V) -> bool {
    of.record().key.scope == ScopeId::OWN
}

fn deletion<V: View>(copy: &V) -> Write {
    Write::new(copy.record().key, |edit| {
        edit.delete();
    })
}

/// Makes a copy say what the original says, and nothing else.
fn mirror(edit: &mut Edit<'_>, original: &Record, copy: Option<&Record>) {
    edit.set(FieldKey::deleted(), false);
    for (key, register) in original.fields().filter(|(key, _)| !key.is_deleted()) {
        edit.set(key.clone(), register.value().clone());
    }
    if let (Collection::EVENT, ScopeId::Programme(programme)) =
        (original.key.collection, original.key.scope)
    {
        edit.set(
            FieldKey::register(fields::PROGRAMME),
            Value::Reference(programme.into()),
        );
    }
    for (key, register) in copy.into_iter().flat_map(Record::fields) {
        let is_told = original.field(key.as_str()).is_some();
        let is_told = is_told || key.as_str() == fields::PROGRAMME;
        if !is_told && !key.is_deleted() && register.winner().is_some() {
            edit.set(key.clone(), Value::Nothing);
        }
    }
}
