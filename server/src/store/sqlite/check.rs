//! Whether everything that lies in a data folder is what was put there.

use std::fs::File;
use std::io;
use std::path::Path;

use keruen_domain::{Collection, ContentHash, Record, RecordId, RecordKey, ScopeId, Sum, encoding};
use rusqlite::Connection;
use sha2::Digest as _;

use super::connection::{Database, KEPT_VERSION};
use super::scopes;
use crate::snapshot;
use crate::store::{self, Chunks as _, Elsewhere, ScopeState, StoreError};

/// What was looked at, and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Scopes that were looked at.
    pub scopes: u64,
    /// Records, deleted ones too.
    pub records: u64,
    /// Files of materials.
    pub files: u64,
    /// Chunks of snapshots.
    pub chunks: u64,
    /// What is wrong, a sentence each.
    pub faults: Vec<String>,
}

/// Looks at everything in this folder, as it is at one moment; a server may be running on it.
pub fn check(folder: &Path, elsewhere: Option<&dyn Elsewhere>) -> Result<Findings, StoreError> {
    let database = Database::new(folder);
    let connection = database.open_reading()?;
    let view = connection.unchecked_transaction()?;
    let mut findings = Findings::default();
    check_database(&view, &mut findings)?;
    if findings.faults.is_empty() {
        // What cannot be read as a database cannot be read as records either.
        check_scopes(&view, &mut findings)?;
        check_files(&database, elsewhere, &view, &mut findings)?;
        check_chunks(&database, &view, &mut findings)?;
    }
    view.rollback()?;
    Ok(findings)
}

fn check_database(connection: &Connection, findings: &mut Findings) -> Result<(), StoreError> {
    let version: usize = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version != KEPT_VERSION {
        findings.faults.push(format!(
            "the tables are of version {version}, this program's of version {KEPT_VERSION}: start the server once to bring older ones up to date"
        ));
    }
    let mut statement = connection.prepare("PRAGMA integrity_check")?;
    let told = statement.query_map([], |row| row.get::<_, String>(0))?;
    for line in told {
        let line = line?;
        if line != "ok" {
            findings.faults.push(format!("the database: {line}"));
        }
    }
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    let told = statement.query_map([], |row| row.get::<_, String>(0))?;
    for table in told {
        let table = table?;
        findings
            .faults
            .push(format!("a row of {table} points to nothing"));
    }
    Ok(())
}

fn check_scopes(connection: &Connection, findings: &mut Findings) -> Result<(), StoreError> {
    for (scope, state) in scopes::all(connection)? {
        findings.scopes += 1;
        let found = check_rows(connection, scope, &state, findings)?;
        let faults = &mut findings.faults;
        if found.sum != state.sum {
            faults.push(format!("{scope}: the sum is not that of its rows"));
        }
        if found.live_rows != state.live_rows {
            faults.push(format!("{scope}: the count is not that of its live rows"));
        }
        if found.last_sequence > state.last_sequence || state.pruned_through > state.last_sequence {
            faults.push(format!("{scope}: a sequence number was never given out"));
        }
    }
    for shared in scopes::shared(connection)? {
        if shared.is_public != is_public(connection, shared.scope)? {
            let scope = shared.scope;
            findings.faults.push(format!(
                "{scope}: who may read it is not what its record says"
            ));
        }
    }
    Ok(())
}

/// The state as the rows themselves tell it.
fn check_rows(
    connection: &Connection,
    scope: ScopeId,
    state: &ScopeState,
    findings: &mut Findings,
) -> Result<ScopeState, StoreError> {
    let mut told = ScopeState::default();
    let Some(held) = scopes::find(connection, scope)? else {
        return Ok(told);
    };
    let mut statement = connection.prepare_cached(
        "SELECT sequence, collection, id, record, addend, deleted_ms IS NULL FROM records
         WHERE scope = ?1 ORDER BY sequence",
    )?;
    let mut rows = statement.query([held.number])?;
    while let Some(row) = rows.next()? {
        findings.records += 1;
        let sequence: u64 = row.get(0)?;
        told.last_sequence = sequence;
        let mut fault = |what: &str| {
            let faults = &mut findings.faults;
            faults.push(format!("{scope}, row {sequence}: {what}"));
        };
        if sequence == 0 || sequence > state.last_sequence {
            fault("its sequence number was never given out");
        }
        let bytes: Vec<u8> = row.get(3)?;
        let Ok(record) = encoding::decode::<Record>(&bytes) else {
            fault("it cannot be read");
            continue;
        };
        if encoding::encode(&record) != bytes {
            fault("it is not in its normal form");
        }
        let collection: String = row.get(1)?;
        let key = record.key;
        let is_at_its_place = key.scope == scope
            && key.collection.to_string() == collection
            && *key.id.uuid().as_bytes() == row.get::<_, [u8; 16]>(2)?;
        if !is_at_its_place {
            fault("it is a record of another place");
        }
        let addend = Sum::of(&record);
        if scopes::sum_stored(row.get(4)?) != addend {
            fault("what it adds to the sum is wrong");
        }
        if row.get::<_, bool>(5)? == record.is_deleted() {
            fault("whether it is deleted is wrong");
        }
        told.sum += addend;
        told.live_rows += u64::from(!record.is_deleted());
    }
    Ok(told)
}

fn is_public(connection: &Connection, scope: ScopeId) -> Result<bool, StoreError> {
    let (ScopeId::Programme(programme), Some(held)) = (scope, scopes::find(connection, scope)?)
    else {
        return Ok(false);
    };
    let key = RecordKey {
        scope,
        collection: Collection::PROGRAMME,
        id: RecordId::from(programme),
    };
    let mut statement = connection.prepare_cached(
        "SELECT record FROM records WHERE scope = ?1 AND collection = ?2 AND id = ?3",
    )?;
    let id = key.id.uuid();
    let collection = key.collection.to_string();
    let mut rows = statement.query(rusqlite::params![held.number, collection, id.as_bytes()])?;
    let Some(row) = rows.next()? else {
        return Ok(false);
    };
    let record = encoding::decode::<Record>(&row.get::<_, Vec<u8>>(0)?);
    Ok(record.is_ok_and(|record| store::is_public(&record)))
}

fn check_files(
    database: &Database,
    elsewhere: Option<&dyn Elsewhere>,
    connection: &Connection,
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let mut statement =
        connection.prepare("SELECT sha256, max(size_bytes) FROM files GROUP BY sha256")?;
    let listed = statement.query_map([], |row| {
        Ok((ContentHash(row.get(0)?), row.get::<_, u64>(1)?))
    })?;
    for file in listed {
        let (name, size_bytes) = file?;
        findings.files += 1;
        let path = database.files().path(&name);
        let what = match hash_of(&path) {
            Ok((hash, length)) if hash == name && length == size_bytes => continue,
            Ok(_) => "is not what was stored",
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // What it holds there would have to be fetched to be looked at.
                match elsewhere.map(|elsewhere| elsewhere.holds(&name, size_bytes)) {
                    Some(Ok(true)) => continue,
                    Some(Err(error)) => return Err(error),
                    Some(Ok(false)) | None => "is missing",
                }
            }
            Err(_) => "cannot be read",
        };
        findings.faults.push(format!("the file {name} {what}"));
    }
    Ok(())
}

fn hash_of(path: &Path) -> io::Result<(ContentHash, u64)> {
    let mut hasher = sha2::Sha256::new();
    let mut file = File::open(path)?;
    let length = io::copy(&mut file, &mut HashWriter(&mut hasher))?;
    Ok((ContentHash(hasher.finalize().into()), length))
}

struct HashWriter<'a>(&'a mut sha2::Sha256);

impl io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn check_chunks(
    database: &Database,
    connection: &Connection,
    findings: &mut Findings,
) -> Result<(), StoreError> {
    let mut statement =
        connection.prepare("SELECT sha256, max(size_bytes) FROM chunks GROUP BY sha256")?;
    let listed = statement.query_map([], |row| {
        Ok((ContentHash(row.get(0)?), row.get::<_, usize>(1)?))
    })?;
    for chunk in listed {
        let (name, size_bytes) = chunk?;
        findings.chunks += 1;
        let kept = database.chunks().get(&name)?;
        let what = match kept
            .as_deref()
            .map(|bytes| (bytes.len(), snapshot::decompress(bytes)))
        {
            None => "is missing",
            Some((length, Some(content)))
                if length == size_bytes && ContentHash::of(&content) == name =>
            {
                continue;
            }
            Some(_) => "is not what was made",
        };
        findings.faults.push(format!(
            "the chunk {name} {what}: start the server anew, and it is made again"
        ));
    }
    Ok(())
}
