//! What a page shows.

use std::sync::Arc;

use keruen_domain::model::{Event, FileInfo, Material, Person, Programme, Session, View};
use keruen_domain::protocol::shares::Shared;
use keruen_domain::{
    ContentHash, MaterialId, ProgrammeId, Record, RecordId, RecordKey, ScopeId, SessionId,
    Translated,
};

use crate::store::{ReadTransaction, StoreError};

/// The live records that belong to a share, as they stand at one moment.
pub struct Content {
    /// What is shared.
    pub shared: Shared,
    /// The programme itself.
    pub programme: Programme,
    /// Events: all of an agenda, or the one of a session.
    pub events: Vec<Event>,
    /// Sessions: all of an agenda, or the shared one.
    pub sessions: Vec<Session>,
    /// Materials: all, those of a session, or the shared one.
    pub materials: Vec<Material>,
    /// Cards of those who speak in the sessions.
    pub speakers: Vec<Person>,
}

impl Content {
    /// What is shared of this programme; `None` if it is not there any more.
    pub fn read(
        transaction: &dyn ReadTransaction,
        programme: ProgrammeId,
        shared: Shared,
    ) -> Result<Option<Self>, StoreError> {
        let look = Look {
            transaction,
            scope: ScopeId::Programme(programme),
        };
        let Some(programme) = look.one(programme.into())? else {
            return Ok(None);
        };
        let mut content = Self {
            shared,
            programme,
            events: Vec::new(),
            sessions: Vec::new(),
            materials: Vec::new(),
            speakers: Vec::new(),
        };
        let is_there = match shared {
            Shared::Material(id) => look.material(id, &mut content)?,
            Shared::Session(id) => look.session(id, &mut content)?,
            Shared::Materials => {
                content.materials = look.all()?;
                true
            }
            Shared::Agenda => {
                look.agenda(&mut content)?;
                true
            }
        };
        Ok(is_there.then_some(content))
    }

    /// The records in the order in which they are told, see
    /// [`Opened`](keruen_domain::protocol::shares::Opened).
    pub fn records(&self) -> Vec<Record> {
        let whole = matches!(self.shared, Shared::Materials | Shared::Agenda);
        let programme = whole.then(|| self.programme.record());
        let sessions = self.sessions.iter().map(View::record);
        let events = self.events.iter().map(View::record);
        let materials = self.materials.iter().map(View::record);
        let speakers = self.speakers.iter().map(View::record);
        let records = programme.into_iter().chain(sessions);
        let records = records.chain(events).chain(materials).chain(speakers);
        records.map(|record| Record::clone(record)).collect()
    }

    /// What a calendar of an event is made of.
    pub fn agenda_records(&self) -> Vec<Arc<Record>> {
        let mut records = vec![self.programme.record().clone()];
        records.extend(self.events.iter().map(|it| it.record().clone()));
        records.extend(self.sessions.iter().map(|it| it.record().clone()));
        records.extend(self.speakers.iter().map(|it| it.record().clone()));
        records
    }

    /// What the shared thing is called; of all materials and of the agenda, the programme.
    pub fn title(&self) -> Translated {
        match self.shared {
            Shared::Material(_) => self.materials.first().map(Material::title),
            Shared::Session(_) => self.sessions.first().map(Session::title),
            Shared::Materials | Shared::Agenda => Some(self.programme.title()),
        }
        .unwrap_or_default()
    }

    /// One of the materials.
    pub fn material(&self, id: MaterialId) -> Option<&Material> {
        self.materials.iter().find(|material| material.id() == id)
    }

    /// The file with this content, if one of the materials has it.
    pub fn file(&self, sha256: &ContentHash) -> Option<FileInfo> {
        let name = sha256.to_string();
        let materials = self.materials.iter();
        let mut files = materials.flat_map(|material| {
            let forms = material.forms();
            let (light, medium) = forms.map(|forms| (forms.light, forms.medium)).unzip();
            [material.file(), light, medium.flatten()]
        });
        files.find_map(|file| file.filter(|file| *file.sha256 == *name))
    }
}

/// A look into one scope.
struct Look<'a> {
    transaction: &'a dyn ReadTransaction,
    scope: ScopeId,
}

impl Look<'_> {
    fn one<T: View>(&self, id: RecordId) -> Result<Option<T>, StoreError> {
        let key = RecordKey {
            scope: self.scope,
            collection: T::COLLECTION,
            id,
        };
        let row = self.transaction.row(&key)?;
        Ok(row.and_then(|row| T::of(&Arc::new(row.record))))
    }

    fn some<T: View>(&self, ids: impl Iterator<Item = RecordId>) -> Result<Vec<T>, StoreError> {
        let found = ids.map(|id| self.one(id)).filter_map(Result::transpose);
        found.collect()
    }

    fn all<T: View>(&self) -> Result<Vec<T>, StoreError> {
        let records = self.transaction.collection(self.scope, T::COLLECTION)?;
        let views = records.into_iter().map(Arc::new);
        Ok(views.filter_map(|record| T::of(&record)).collect())
    }

    fn material(&self, id: MaterialId, content: &mut Content) -> Result<bool, StoreError> {
        content.materials.extend(self.one(id.into())?);
        Ok(!content.materials.is_empty())
    }

    fn session(&self, id: SessionId, content: &mut Content) -> Result<bool, StoreError> {
        let Some(session) = self.one::<Session>(id.into())? else {
            return Ok(false);
        };
        let event = session.event().map(RecordId::from);
        content.events = self.some(event.into_iter())?;
        content.materials = self.some(session.materials().map(RecordId::from))?;
        content.speakers = self.some(session.speakers().map(RecordId::from))?;
        content.sessions.push(session);
        Ok(true)
    }

    fn agenda(&self, content: &mut Content) -> Result<(), StoreError> {
        content.events = self.all()?;
        content.sessions = self.all()?;
        let mut speakers: Vec<RecordId> = content
            .sessions
            .iter()
            .flat_map(|session| session.speakers().map(RecordId::from))
            .collect();
        speakers.sort_unstable();
        speakers.dedup();
        content.speakers = self.some(speakers.into_iter())?;
        Ok(())
    }
}
