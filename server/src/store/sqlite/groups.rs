//! Groups in the database's tables.

use keruen_domain::{GroupId, PersonId, ProgrammeId};
use rusqlite::{Row, params};
use uuid::Uuid;

use super::transaction::SqliteTransaction;
use crate::store::StoreError;
use crate::store::groups::{KeptGroup, ReadGroups, WriteGroups};

const GROUP: &str = "id, programme, name, made_ms";

fn group(row: &Row<'_>) -> rusqlite::Result<KeptGroup> {
    Ok(KeptGroup {
        id: group_id(row)?,
        programme: ProgrammeId::from_uuid(Uuid::from_bytes(row.get(1)?)),
        name: row.get(2)?,
        made_ms: row.get(3)?,
    })
}

fn group_id(row: &Row<'_>) -> rusqlite::Result<GroupId> {
    Ok(GroupId::from_uuid(Uuid::from_bytes(row.get(0)?)))
}

fn person_id(row: &Row<'_>) -> rusqlite::Result<PersonId> {
    Ok(PersonId::from_uuid(Uuid::from_bytes(row.get(0)?)))
}

impl ReadGroups for SqliteTransaction<'_> {
    fn group(&self, id: GroupId) -> Result<Option<KeptGroup>, StoreError> {
        self.one(
            &format!("SELECT {GROUP} FROM groups WHERE id = ?1"),
            [id.uuid().as_bytes()],
            group,
        )
    }

    fn groups(&self, programme: ProgrammeId) -> Result<Vec<KeptGroup>, StoreError> {
        self.all(
            &format!("SELECT {GROUP} FROM groups WHERE programme = ?1 ORDER BY made_ms, id"),
            [programme.uuid().as_bytes()],
            group,
        )
    }

    fn groups_with(&self, person: PersonId) -> Result<Vec<GroupId>, StoreError> {
        self.all(
            "SELECT group_id FROM group_members WHERE person = ?1 ORDER BY group_id",
            [person.uuid().as_bytes()],
            group_id,
        )
    }

    fn group_people(&self, group: GroupId) -> Result<Vec<PersonId>, StoreError> {
        self.all(
            "SELECT person FROM group_members WHERE group_id = ?1 ORDER BY person",
            [group.uuid().as_bytes()],
            person_id,
        )
    }
}

impl WriteGroups for SqliteTransaction<'_> {
    fn add_group(&mut self, group: &KeptGroup) -> Result<(), StoreError> {
        self.change(
            "INSERT INTO groups (id, programme, name, made_ms) VALUES (?1, ?2, ?3, ?4)",
            params![
                group.id.uuid().as_bytes(),
                group.programme.uuid().as_bytes(),
                group.name,
                group.made_ms,
            ],
        )
    }

    fn put_into_group(&mut self, group: GroupId, person: PersonId) -> Result<(), StoreError> {
        self.change(
            "INSERT INTO group_members (person, group_id) VALUES (?1, ?2)
             ON CONFLICT (person, group_id) DO NOTHING",
            [person.uuid().as_bytes(), group.uuid().as_bytes()],
        )
    }

    fn take_out_of_group(&mut self, group: GroupId, person: PersonId) -> Result<(), StoreError> {
        self.change(
            "DELETE FROM group_members WHERE person = ?1 AND group_id = ?2",
            [person.uuid().as_bytes(), group.uuid().as_bytes()],
        )
    }
}
