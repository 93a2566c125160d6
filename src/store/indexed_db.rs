//! The browser's database.

mod opening;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use indexed_db_futures::KeyRange;
use indexed_db_futures::database::Database;
use indexed_db_futures::error::Error;
use indexed_db_futures::internals::SystemRepr;
use indexed_db_futures::object_store::ObjectStore;
use indexed_db_futures::prelude::*;
use indexed_db_futures::transaction::{
    Transaction, TransactionDurability, TransactionMode, TransactionOptions,
};
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};

use super::backend::Durability;
use super::error::StoreError;
use super::schema::{Table, VERSION};
use crate::platform::{lent, taken};
use opening::{PATIENCE_MS, delete, open};

/// An open database. When a newer version of the app asks for it, it closes at once; the next
/// transaction then says so.
pub struct IndexedDb {
    name: String,
    /// Transactions borrow their handle for as long as they like, so handles are never freed. There
    /// is one more only when the browser closed the last one under us.
    handle: Cell<&'static Database>,
    /// Whether the last handle was opened on a database that was not there any more.
    made_anew: Cell<bool>,
}

impl IndexedDb {
    /// Opens the database of this name, bringing it up to date.
    pub async fn open(name: &str) -> Result<Self, StoreError> {
        Self::open_within(name, PATIENCE_MS).await
    }

    /// The same; gives up with [`StoreError::Blocked`] after this time.
    pub async fn open_within(name: &str, patience_ms: u32) -> Result<Self, StoreError> {
        let (handle, _) = open(name, Some(VERSION), patience_ms).await?;
        Ok(Self::on(name, handle))
    }

    /// Deletes the database of this name; tabs that have it open close it first.
    pub(super) async fn delete(name: &str) -> Result<(), StoreError> {
        delete(name).await
    }

    /// Opens the database for reading, though a newer version of the app may have been here.
    pub(super) async fn open_as_it_is(name: &str) -> Result<Self, StoreError> {
        match open(name, Some(VERSION), PATIENCE_MS).await {
            Ok((handle, _)) => Ok(Self::on(name, handle)),
            // So it is there, and opening it without a version makes no new one.
            Err(StoreError::Newer) => {
                let (handle, _) = open(name, None, PATIENCE_MS).await?;
                Ok(Self::on(name, handle))
            }
            Err(other) => Err(other),
        }
    }

    fn on(name: &str, handle: &'static Database) -> Self {
        Self {
            name: name.to_owned(),
            handle: Cell::new(handle),
            made_anew: Cell::new(false),
        }
    }

    /// Whether the database was gone and had to be made anew for the last transaction, until
    /// [`IndexedDb::is_filled`].
    pub(super) const fn was_made_anew(&self) -> bool {
        self.made_anew.get()
    }

    /// The database that was made anew holds again what it should.
    pub(super) fn is_filled(&self) {
        self.made_anew.set(false);
    }

    pub(super) async fn begin(
        &self,
        tables: &[Table],
        durability: Durability,
    ) -> Result<IndexedDbTransaction, StoreError> {
        match IndexedDbTransaction::begin(self.handle.get(), tables, durability) {
            // A dead handle stays dead; a new one may work.
            Err(StoreError::Closed) => {
                let (handle, is_new) = open(&self.name, Some(VERSION), PATIENCE_MS).await?;
                self.handle.set(handle);
                self.made_anew.set(self.made_anew.get() || is_new);
                IndexedDbTransaction::begin(self.handle.get(), tables, durability)
            }
            other => other,
        }
    }
}

/// From this many keys, a look at what there is between them is worth its request. A request for one
/// value costs as much as one for a hundred.
const MANY: usize = 32;
/// What lies between many keys is read in one go if it is at most so many times as much.
const SPARSE: usize = 4;

/// A transaction of IndexedDB.
pub struct IndexedDbTransaction {
    transaction: Transaction<'static>,
    read_only: bool,
}

impl IndexedDbTransaction {
    fn begin(
        database: &'static Database,
        tables: &[Table],
        durability: Durability,
    ) -> Result<Self, StoreError> {
        let names: Vec<&str> = tables.iter().map(|table| table.name()).collect();
        let builder = database.transaction(names);
        let with = |durability| {
            let mut options = TransactionOptions::new();
            options.set_durability(durability);
            options
        };
        let transaction = match durability {
            Durability::ReadOnly => builder.build(),
            Durability::Relaxed => builder
                .with_mode(TransactionMode::Readwrite)
                .with_options(with(TransactionDurability::Relaxed))
                .build(),
            Durability::Strict => builder
                .with_mode(TransactionMode::Readwrite)
                .with_options(with(TransactionDurability::Strict))
                .build(),
        };
        let read_only = durability == Durability::ReadOnly;
        Ok(Self {
            transaction: transaction.map_err(of_request)?,
            read_only,
        })
    }

    fn store(&self, table: Table) -> Result<ObjectStore<'_>, StoreError> {
        let store = self.transaction.object_store(table.name());
        store.map_err(of_request)
    }

    pub(super) async fn get_many(
        &self,
        table: Table,
        keys: &[String],
    ) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        if let Some(range) = range_of(keys) {
            let most = SPARSE * keys.len();
            let present = self
                .keys_within(table, range.clone(), at_most(most + 1))
                .await?;
            if present.len() <= most {
                let values = self.values_within(table, range).await?;
                let values: BTreeMap<String, Vec<u8>> = present.into_iter().zip(values).collect();
                return Ok(keys.iter().map(|key| values.get(key).cloned()).collect());
            }
        }
        let store = self.store(table)?;
        let requests: Result<Vec<_>, Error> = keys
            .iter()
            .map(|key| store.get::<JsValue, _, _>(key.as_str()).primitive())
            .collect();
        let mut values = Vec::with_capacity(keys.len());
        for request in requests.map_err(of_request)? {
            values.push(
                request
                    .await
                    .map_err(of_request)?
                    .map(|value| bytes_of(&value)),
            );
        }
        Ok(values)
    }

    pub(super) async fn first(&self, table: Table, limit: u32) -> Result<Vec<Vec<u8>>, StoreError> {
        let store = self.store(table)?;
        let request = store.get_all::<JsValue>().with_limit(limit).primitive();
        let found = request.map_err(of_request)?.await.map_err(of_request)?;
        found
            .map(|value| value.map(|value| bytes_of(&value)).map_err(of_request))
            .collect()
    }

    pub(super) async fn all_of<const COUNT: usize>(
        &self,
        tables: [Table; COUNT],
    ) -> Result<[Vec<Vec<u8>>; COUNT], StoreError> {
        let mut requests = Vec::with_capacity(COUNT);
        for table in tables {
            let store = self.store(table)?;
            requests.push(store.get_all::<JsValue>().primitive().map_err(of_request)?);
        }
        let mut found = [const { Vec::new() }; COUNT];
        for (place, request) in found.iter_mut().zip(requests) {
            for value in request.await.map_err(of_request)? {
                place.push(bytes_of(&value.map_err(of_request)?));
            }
        }
        Ok(found)
    }

    pub(super) async fn keys(&self, table: Table) -> Result<Vec<String>, StoreError> {
        self.keys_in(table, "").await
    }

    pub(super) async fn keys_in(
        &self,
        table: Table,
        prefix: &str,
    ) -> Result<Vec<String>, StoreError> {
        let end = end_of(prefix);
        self.keys_within(table, beginning_with(prefix, &end), u32::MAX)
            .await
    }

    pub(super) async fn all_in(
        &self,
        table: Table,
        prefix: &str,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let end = end_of(prefix);
        self.values_within(table, beginning_with(prefix, &end))
            .await
    }

    /// The first `limit` keys in a range, in their order.
    async fn keys_within(
        &self,
        table: Table,
        range: KeyRange<&str>,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        let store = self.store(table)?;
        let request = store
            .get_all_keys::<String>()
            .with_query::<&str, _>(range)
            .with_limit(limit)
            .primitive();
        let found = request.map_err(of_request)?.await.map_err(of_request)?;
        found.map(|key| key.map_err(of_request)).collect()
    }

    /// The values in a range, in the order of their keys.
    pub(super) async fn values_within(
        &self,
        table: Table,
        range: KeyRange<&str>,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        let store = self.store(table)?;
        let request = store
            .get_all::<JsValue>()
            .with_query::<&str, _>(range)
            .primitive();
        let found = request.map_err(of_request)?.await.map_err(of_request)?;
        found
            .map(|value| value.map(|value| bytes_of(&value)).map_err(of_request))
            .collect()
    }

    pub(super) fn put(&self, table: Table, key: &str, value: &[u8]) -> Result<(), StoreError> {
        let store = self.store(table)?;
        let put = |value: &Uint8Array| store.put(JsValue::from(value)).with_key(key).primitive();
        lent(value, put).map(drop).map_err(of_request)
    }

    pub(super) fn delete(&self, table: Table, key: &str) -> Result<(), StoreError> {
        let store = self.store(table)?;
        store.delete(key).primitive().map(drop).map_err(of_request)
    }

    pub(super) async fn delete_many(
        &self,
        table: Table,
        keys: &[String],
    ) -> Result<(), StoreError> {
        if let Some(range) = range_of(keys) {
            let leaving: BTreeSet<&String> = keys.iter().collect();
            let most = at_most(leaving.len() + 1);
            let present = self.keys_within(table, range.clone(), most).await?;
            if present.iter().all(|key| leaving.contains(key)) {
                return self.delete_within(table, range);
            }
        }
        keys.iter().try_for_each(|key| self.delete(table, key))
    }

    pub(super) fn delete_prefix(&self, table: Table, prefix: &str) -> Result<(), StoreError> {
        let end = end_of(prefix);
        self.delete_within(table, beginning_with(prefix, &end))
    }

    fn delete_within(&self, table: Table, range: KeyRange<&str>) -> Result<(), StoreError> {
        let store = self.store(table)?;
        store
            .delete::<&str, _>(range)
            .primitive()
            .map(drop)
            .map_err(of_request)
    }

    pub(super) async fn commit(self) -> Result<(), StoreError> {
        if self.read_only {
            return Ok(());
        }
        let raw: web_sys::IdbTransaction =
            JsValue::from(self.transaction.as_sys()).unchecked_into();
        self.transaction
            .commit()
            .await
            .map_err(|error| match error {
                // An abort: why, only the transaction itself knows. WebKit says nothing on a full disk.
                Error::MissingData(_) => match raw.error() {
                    Some(reason) => of_exception(&reason.name()),
                    None => StoreError::Failed("AbortError".to_owned()),
                },
                other => of_request(other),
            })
    }
}

/// Keys hold no character beyond this one.
fn end_of(prefix: &str) -> String {
    format!("{prefix}\u{ffff}")
}

fn beginning_with<'a>(prefix: &'a str, end: &'a str) -> KeyRange<&'a str> {
    KeyRange::Bound(prefix, false, end, true)
}

/// From the least of these keys to the greatest; `None` if they are few.
fn range_of(keys: &[String]) -> Option<KeyRange<&str>> {
    let (least, greatest) = (keys.iter().min()?, keys.iter().max()?);
    (keys.len() >= MANY).then_some(KeyRange::Bound(least, false, greatest, false))
}

fn at_most(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn bytes_of(value: &JsValue) -> Vec<u8> {
    value.dyn_ref::<Uint8Array>().map(taken).unwrap_or_default()
}

fn of_exception(name: &str) -> StoreError {
    match name {
        "QuotaExceededError" => StoreError::Full,
        "InvalidStateError" => StoreError::Closed,
        "VersionError" => StoreError::Newer,
        "SecurityError" => StoreError::Absent,
        other => StoreError::Failed(other.to_owned()),
    }
}

fn of_request(error: Error) -> StoreError {
    match error {
        Error::DomException(exception) => {
            of_exception(&web_sys::DomException::from(exception).name())
        }
        Error::Unknown(error) => {
            let name = js_sys::Reflect::get(error.as_ref(), &"name".into());
            let name = name.ok().and_then(|name| name.as_string());
            of_exception(name.as_deref().unwrap_or("Error"))
        }
        Error::Serialisation(_) | Error::MissingData(_) => StoreError::Failed("Error".to_owned()),
    }
}
