//! Scopes and their sequence numbers.

use keruen_domain::{GroupId, PersonId, ProgrammeId, ScopeId};
use rusqlite::{Connection, OptionalExtension as _, params};
use uuid::Uuid;

use crate::store::{SharedScope, StoreError};

const PROGRAMME: &str = "programme";
const GROUP: &str = "group";
const PERSON: &str = "person";

const fn columns(scope: ScopeId) -> (&'static str, Uuid) {
    match scope {
        ScopeId::Programme(id) => (PROGRAMME, id.uuid()),
        ScopeId::Group(id) => (GROUP, id.uuid()),
        ScopeId::Person(id) => (PERSON, id.uuid()),
    }
}

/// The scope of these columns.
pub(super) fn from_columns(kind: &str, id: [u8; 16]) -> Result<ScopeId, StoreError> {
    let id = Uuid::from_bytes(id);
    match kind {
        PROGRAMME => Ok(ScopeId::Programme(ProgrammeId::from_uuid(id))),
        GROUP => Ok(ScopeId::Group(GroupId::from_uuid(id))),
        PERSON => Ok(ScopeId::Person(PersonId::from_uuid(id))),
        _ => Err(StoreError::Damaged { what: "a scope" }),
    }
}

/// The number under which a scope's rows are stored, with the last sequence given out in it.
pub(super) fn find(
    connection: &Connection,
    scope: ScopeId,
) -> Result<Option<(i64, u64)>, StoreError> {
    let (kind, id) = columns(scope);
    let mut statement = connection
        .prepare_cached("SELECT number, last_sequence FROM scopes WHERE kind = ?1 AND id = ?2")?;
    let found = statement.query_row(params![kind, id.as_bytes()], |row| {
        Ok((row.get(0)?, row.get(1)?))
    });
    Ok(found.optional()?)
}

/// The same, of a scope that is made when it is not there.
pub(super) fn find_or_add(
    connection: &Connection,
    scope: ScopeId,
) -> Result<(i64, u64), StoreError> {
    if let Some(found) = find(connection, scope)? {
        return Ok(found);
    }
    let (kind, id) = columns(scope);
    connection.execute(
        "INSERT INTO scopes (kind, id) VALUES (?1, ?2)",
        params![kind, id.as_bytes()],
    )?;
    Ok((connection.last_insert_rowid(), 0))
}

pub(super) fn set_last_sequence(
    connection: &Connection,
    number: i64,
    sequence: u64,
) -> Result<(), StoreError> {
    let mut statement =
        connection.prepare_cached("UPDATE scopes SET last_sequence = ?2 WHERE number = ?1")?;
    statement.execute(params![number, sequence])?;
    Ok(())
}

pub(super) fn set_public(
    connection: &Connection,
    number: i64,
    is_public: bool,
) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE scopes SET public = ?2 WHERE number = ?1",
        params![number, is_public],
    )?;
    Ok(())
}

pub(super) fn shared(connection: &Connection) -> Result<Vec<SharedScope>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT kind, id, public FROM scopes WHERE kind IN ('programme', 'group') ORDER BY number",
    )?;
    let mut rows = statement.query([])?;
    let mut scopes = Vec::new();
    while let Some(row) = rows.next()? {
        scopes.push(SharedScope {
            scope: from_columns(row.get_ref(0)?.as_str().unwrap_or_default(), row.get(1)?)?,
            is_public: row.get(2)?,
        });
    }
    Ok(scopes)
}
