//! What the server has acknowledged, summed up as it lies on disk.

use std::collections::{BTreeSet, HashMap, HashSet};

use keruen_domain::encoding::DecodeError;
use keruen_domain::page::{self, Directory};
use keruen_domain::protocol::v1::ScopeCursor;
use keruen_domain::sync::Summed;
use keruen_domain::{Record, RecordKey, Sum};

use super::schema::{Table, page_prefix, row_prefix, scope_key, unseal};
use super::{Durability, Store, StoreError};

/// Records between two pauses: a few milliseconds, and not fifty on a slow phone.
const SLICE: usize = 100;

impl Store {
    /// Sums up what the server has acknowledged, scope by scope, without this device's own changes.
    /// `pause` is waited for again and again, so that other things can be done meanwhile.
    ///
    /// Scopes that are being read anew are left out; those that are read by snapshot have no cursor.
    pub async fn sum_up(&self, pause: impl AsyncFn()) -> Result<Vec<Summed>, StoreError> {
        let mut sums = Vec::new();
        for at in self.settled_scopes().await? {
            if let Some(sum) = self.sum_of(&at, &pause).await? {
                sums.push(Summed { at, sum });
            }
        }
        Ok(sums)
    }

    pub(super) async fn settled_scopes(&self) -> Result<Vec<ScopeCursor>, StoreError> {
        const TABLES: [Table; 2] = [Table::Cursors, Table::Rereads];
        let transaction = self.begin(&TABLES, Durability::ReadOnly).await?;
        let rereads: BTreeSet<String> = transaction
            .keys(Table::Rereads)
            .await?
            .into_iter()
            .collect();
        let cursors = transaction.all(Table::Cursors).await?;
        let cursors = cursors
            .iter()
            .filter_map(|bytes| unseal::<ScopeCursor>(bytes).ok());
        Ok(cursors
            .filter(|at| !rereads.contains(&scope_key(at.scope)))
            .collect())
    }

    /// `None` if the scope was read on meanwhile, or something of it cannot be read.
    ///
    /// One page at a time: all that a phone holds, read at once, would take several times as much
    /// memory as it has for the app, which would never give it back.
    async fn sum_of(
        &self,
        at: &ScopeCursor,
        pause: &impl AsyncFn(),
    ) -> Result<Option<Sum>, StoreError> {
        const TABLES: [Table; 2] = [Table::Pages, Table::Rows];
        let transaction = self.begin(&TABLES, Durability::ReadOnly).await?;
        let pages = transaction
            .keys_in(Table::Pages, &page_prefix(at.scope))
            .await?;
        let rows = transaction
            .all_in(Table::Rows, &row_prefix(at.scope))
            .await?;
        transaction.commit().await?;
        // What stands in more than one place, which is to be merged before it is added.
        let mut several: HashMap<RecordKey, Record> = HashMap::new();
        for rows in rows.chunks(SLICE) {
            for row in rows {
                let Ok(row) = unseal::<Record>(row) else {
                    return Ok(None);
                };
                several.insert(row.key, row);
            }
            pause().await;
        }
        let mut once: HashSet<RecordKey> = HashSet::new();
        for page in &pages {
            let Some(page) = self.page(page).await? else {
                return Ok(None);
            };
            let Ok(keys) = keys_of(&page) else {
                return Ok(None);
            };
            for key in keys {
                if !once.insert(key) {
                    several.entry(key).or_insert_with(|| Record::new(key));
                }
            }
            pause().await;
        }
        drop(once);
        let mut sum = Sum::default();
        for page in &pages {
            let Some(page) = self.page(page).await? else {
                return Ok(None);
            };
            for (number, record) in records_of(&page).enumerate() {
                let Ok(record) = record else {
                    return Ok(None);
                };
                match several.get_mut(&record.key) {
                    Some(known) => known.merge(record),
                    None => sum += Sum::of(&record),
                }
                if number % SLICE == SLICE - 1 {
                    pause().await;
                }
            }
            pause().await;
        }
        for (number, record) in several.values().enumerate() {
            sum += Sum::of(record);
            if number % SLICE == SLICE - 1 {
                pause().await;
            }
        }
        // What the server sent is written together with its cursor, and a record whose page was
        // written anew meanwhile is left out: so the cursor tells whether all of it is of one moment.
        let transaction = self.begin(&[Table::Cursors], Durability::ReadOnly).await?;
        let cursor = transaction
            .get(Table::Cursors, &scope_key(at.scope))
            .await?;
        let is_still_there = cursor.and_then(|bytes| unseal(&bytes).ok()) == Some(*at);
        Ok(is_still_there.then_some(sum))
    }

    async fn page(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let transaction = self.begin(&[Table::Pages], Durability::ReadOnly).await?;
        transaction.get(Table::Pages, key).await
    }
}

fn keys_of(page: &[u8]) -> Result<Vec<RecordKey>, DecodeError> {
    if let Ok(Directory { scope, places }) = page::index(page) {
        return Ok(places.iter().map(|place| place.key_in(scope)).collect());
    }
    let records = page::decode(page)?;
    Ok(records.iter().map(|record| record.key).collect())
}

/// The records of a page, each read when it is its turn.
fn records_of(page: &[u8]) -> Box<dyn Iterator<Item = Result<Record, DecodeError>> + '_> {
    match page::index(page) {
        Ok(Directory { scope, places }) => Box::new(
            places
                .into_iter()
                .map(move |place| place.record(scope, page)),
        ),
        // One of the first form is read as a whole.
        Err(_) => match page::decode(page) {
            Ok(records) => Box::new(records.into_iter().map(Ok)),
            Err(error) => Box::new(std::iter::once(Err(error))),
        },
    }
}
