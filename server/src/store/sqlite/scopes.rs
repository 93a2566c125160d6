//! Scopes and their sequence numbers.

use keruen_domain::{GroupId, PersonId, ProgrammeId, ScopeId, Sum};
use rusqlite::{Connection, OptionalExtension as _, params};
use uuid::Uuid;

use crate::store::{ScopeState, SharedScope, StoreError};

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

/// A sum as SQLite holds it: the same bits, signed.
pub(super) const fn stored_sum(sum: Sum) -> i64 {
    sum.0.cast_signed()
}

/// The sum in these bits.
pub(super) const fn sum_stored(stored: i64) -> Sum {
    Sum(stored.cast_unsigned())
}

/// A scope with the number under which its rows are stored.
#[derive(Clone)]
pub(super) struct Held {
    pub(super) number: i64,
    pub(super) state: ScopeState,
}

const STATE_COLUMNS: &str = "last_sequence, sum, live_rows, pruned_through";

/// The state in four columns from `first` on.
fn state_in(row: &rusqlite::Row<'_>, first: usize) -> rusqlite::Result<ScopeState> {
    Ok(ScopeState {
        last_sequence: row.get(first)?,
        sum: sum_stored(row.get(first + 1)?),
        live_rows: row.get(first + 2)?,
        pruned_through: row.get(first + 3)?,
    })
}

/// What is known of a scope; `None` if nothing was ever put into it.
pub(super) fn find(connection: &Connection, scope: ScopeId) -> Result<Option<Held>, StoreError> {
    let (kind, id) = columns(scope);
    let mut statement = connection.prepare_cached(&format!(
        "SELECT number, {STATE_COLUMNS} FROM scopes WHERE kind = ?1 AND id = ?2"
    ))?;
    let found = statement.query_row(params![kind, id.as_bytes()], |row| {
        Ok(Held {
            number: row.get(0)?,
            state: state_in(row, 1)?,
        })
    });
    Ok(found.optional()?)
}

/// The same, of a scope that is made when it is not there.
pub(super) fn find_or_add(connection: &Connection, scope: ScopeId) -> Result<Held, StoreError> {
    if let Some(found) = find(connection, scope)? {
        return Ok(found);
    }
    let (kind, id) = columns(scope);
    connection.execute(
        "INSERT INTO scopes (kind, id) VALUES (?1, ?2)",
        params![kind, id.as_bytes()],
    )?;
    Ok(Held {
        number: connection.last_insert_rowid(),
        state: ScopeState::default(),
    })
}

/// Writes the state back.
pub(super) fn set_state(connection: &Connection, held: &Held) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(
        "UPDATE scopes SET last_sequence = ?2, sum = ?3, live_rows = ?4, pruned_through = ?5
         WHERE number = ?1",
    )?;
    let state = &held.state;
    statement.execute(params![
        held.number,
        state.last_sequence,
        stored_sum(state.sum),
        state.live_rows,
        state.pruned_through
    ])?;
    Ok(())
}

/// All scopes, in the order in which they were made.
pub(super) fn all(connection: &Connection) -> Result<Vec<(ScopeId, ScopeState)>, StoreError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT kind, id, {STATE_COLUMNS} FROM scopes ORDER BY number"
    ))?;
    let mut rows = statement.query([])?;
    let mut scopes = Vec::new();
    while let Some(row) = rows.next()? {
        let scope = from_columns(row.get_ref(0)?.as_str().unwrap_or_default(), row.get(1)?)?;
        scopes.push((scope, state_in(row, 2)?));
    }
    Ok(scopes)
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
