//! Addresses of people's own agendas in a table.

use keruen_domain::PersonId;
use rusqlite::params;
use uuid::Uuid;

use super::transaction::SqliteTransaction;
use crate::secrets::SecretHash;
use crate::store::StoreError;
use crate::store::calendars::{ReadCalendars, WriteCalendars};

impl ReadCalendars for SqliteTransaction<'_> {
    fn calendar(&self, hash: &SecretHash) -> Result<Option<PersonId>, StoreError> {
        self.one(
            "SELECT person FROM calendars WHERE hash = ?1",
            [hash.0],
            |row| Ok(PersonId::from_uuid(Uuid::from_bytes(row.get(0)?))),
        )
    }

    fn calendar_of(&self, person: PersonId) -> Result<Option<u64>, StoreError> {
        self.one(
            "SELECT made_ms FROM calendars WHERE person = ?1",
            [person.uuid().as_bytes()],
            |row| row.get(0),
        )
    }
}

impl WriteCalendars for SqliteTransaction<'_> {
    fn put_calendar(
        &mut self,
        person: PersonId,
        hash: &SecretHash,
        made_ms: u64,
    ) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO calendars (person, hash, made_ms) VALUES (?1, ?2, ?3)
             ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, made_ms = excluded.made_ms",
            params![person.uuid().as_bytes(), hash.0, made_ms],
        )
    }

    fn remove_calendar(&mut self, person: PersonId) -> Result<(), StoreError> {
        self.run(
            "DELETE FROM calendars WHERE person = ?1",
            [person.uuid().as_bytes()],
        )
    }
}
