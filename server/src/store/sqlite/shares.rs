//! Shares in tables.

use keruen_domain::protocol::shares::Shared;
use keruen_domain::{
    Collection, MaterialId, PersonId, ProgrammeId, Record, ScopeId, SessionId, ShareId, encoding,
};
use rusqlite::{Params, params};
use uuid::Uuid;

use super::scopes;
use super::transaction::SqliteTransaction;
use crate::secrets::SecretHash;
use crate::store::{KeptShare, ReadShares, StoreError, WriteShares};

const COLUMNS: &str = "id, programme, kind, thing, made_by, made_ms, expires_ms, passphrase, note, openings, revoked_ms";

const MATERIAL: &str = "material";
const SESSION: &str = "session";
const MATERIALS: &str = "materials";
const AGENDA: &str = "agenda";

/// What is shared, in two columns.
const fn columns(shared: Shared) -> (&'static str, Option<Uuid>) {
    match shared {
        Shared::Material(id) => (MATERIAL, Some(id.uuid())),
        Shared::Session(id) => (SESSION, Some(id.uuid())),
        Shared::Materials => (MATERIALS, None),
        Shared::Agenda => (AGENDA, None),
    }
}

fn from_columns(kind: &str, thing: Option<[u8; 16]>) -> Result<Shared, StoreError> {
    match (kind, thing.map(Uuid::from_bytes)) {
        (MATERIAL, Some(id)) => Ok(Shared::Material(MaterialId::from_uuid(id))),
        (SESSION, Some(id)) => Ok(Shared::Session(SessionId::from_uuid(id))),
        (MATERIALS, None) => Ok(Shared::Materials),
        (AGENDA, None) => Ok(Shared::Agenda),
        _ => Err(StoreError::Damaged { what: "a share" }),
    }
}

fn share_in(row: &rusqlite::Row<'_>) -> Result<KeptShare, StoreError> {
    let uuid = |column| row.get(column).map(Uuid::from_bytes);
    Ok(KeptShare {
        id: ShareId::from_uuid(uuid(0)?),
        programme: ProgrammeId::from_uuid(uuid(1)?),
        shared: from_columns(row.get_ref(2)?.as_str().unwrap_or_default(), row.get(3)?)?,
        made_by: PersonId::from_uuid(uuid(4)?),
        made_ms: row.get(5)?,
        expires_ms: row.get(6)?,
        passphrase: row.get(7)?,
        note: row.get(8)?,
        openings: row.get(9)?,
        revoked_ms: row.get(10)?,
    })
}

impl SqliteTransaction<'_> {
    fn find_shares(
        &self,
        condition: &str,
        values: impl Params,
    ) -> Result<Vec<KeptShare>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM shares WHERE {condition}");
        let mut statement = self.connection().prepare_cached(&sql)?;
        let mut rows = statement.query(values)?;
        let mut shares = Vec::new();
        while let Some(row) = rows.next()? {
            shares.push(share_in(row)?);
        }
        Ok(shares)
    }
}

impl ReadShares for SqliteTransaction<'_> {
    fn share(&self, hash: &SecretHash) -> Result<Option<KeptShare>, StoreError> {
        Ok(self.find_shares("hash = ?1", [hash.0])?.pop())
    }

    fn share_named(&self, id: ShareId) -> Result<Option<KeptShare>, StoreError> {
        let id = id.uuid();
        Ok(self.find_shares("id = ?1", [id.as_bytes()])?.pop())
    }

    fn shares(&self, maker: PersonId) -> Result<Vec<KeptShare>, StoreError> {
        let maker = maker.uuid();
        self.find_shares(
            "made_by = ?1 ORDER BY made_ms DESC, id DESC",
            [maker.as_bytes()],
        )
    }

    fn collection(
        &self,
        scope: ScopeId,
        collection: Collection,
    ) -> Result<Vec<Record>, StoreError> {
        let Some(held) = scopes::find(self.connection(), scope)? else {
            return Ok(Vec::new());
        };
        let mut statement = self.connection().prepare_cached(
            "SELECT record FROM records
             WHERE scope = ?1 AND collection = ?2 AND deleted_ms IS NULL ORDER BY id",
        )?;
        let mut rows = statement.query(params![held.number, collection.to_string()])?;
        let mut records = Vec::new();
        while let Some(row) = rows.next()? {
            // One damaged record must not keep the others from everybody.
            match encoding::decode(row.get_ref(0)?.as_blob().unwrap_or_default()) {
                Ok(record) => records.push(record),
                Err(error) => tracing::error!(%scope, %error, "a row was left out"),
            }
        }
        Ok(records)
    }
}

impl WriteShares for SqliteTransaction<'_> {
    fn add_share(&mut self, hash: &SecretHash, share: &KeptShare) -> Result<(), StoreError> {
        let (kind, thing) = columns(share.shared);
        self.connection().execute(
            &format!(
                "INSERT INTO shares (hash, {COLUMNS})
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)"
            ),
            params![
                hash.0,
                share.id.uuid().as_bytes(),
                share.programme.uuid().as_bytes(),
                kind,
                thing.as_ref().map(Uuid::as_bytes),
                share.made_by.uuid().as_bytes(),
                share.made_ms,
                share.expires_ms,
                share.passphrase,
                share.note,
                share.openings,
                share.revoked_ms,
            ],
        )?;
        Ok(())
    }

    fn revoke_share(&mut self, id: ShareId, now_ms: u64) -> Result<(), StoreError> {
        self.connection().execute(
            "UPDATE shares SET revoked_ms = ?2 WHERE id = ?1 AND revoked_ms IS NULL",
            params![id.uuid().as_bytes(), now_ms],
        )?;
        Ok(())
    }

    fn count_openings(&mut self, id: ShareId, openings: u64) -> Result<(), StoreError> {
        let mut statement = self
            .connection()
            .prepare_cached("UPDATE shares SET openings = openings + ?2 WHERE id = ?1")?;
        statement.execute(params![id.uuid().as_bytes(), openings])?;
        Ok(())
    }

    fn prune_shares(&mut self, before_ms: u64, at_most: u32) -> Result<u32, StoreError> {
        let mut statement = self.connection().prepare_cached(
            "DELETE FROM shares WHERE id IN (
                 SELECT id FROM shares
                 WHERE min(ifnull(revoked_ms, expires_ms), ifnull(expires_ms, revoked_ms)) < ?1
                 LIMIT ?2)",
        )?;
        let forgotten = statement.execute(params![before_ms, at_most])?;
        Ok(u32::try_from(forgotten).unwrap_or(u32::MAX))
    }
}
