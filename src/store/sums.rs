//! What the server has acknowledged, summed up as it lies on disk.

use std::collections::{BTreeSet, HashMap};

use keruen_domain::protocol::v1::ScopeCursor;
use keruen_domain::sync::Summed;
use keruen_domain::{Record, RecordKey, Sum, page};

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
    async fn sum_of(
        &self,
        at: &ScopeCursor,
        pause: &impl AsyncFn(),
    ) -> Result<Option<Sum>, StoreError> {
        const TABLES: [Table; 3] = [Table::Cursors, Table::Pages, Table::Rows];
        // Of one moment: records and cursors are only ever written together.
        let transaction = self.begin(&TABLES, Durability::ReadOnly).await?;
        let cursor = transaction
            .get(Table::Cursors, &scope_key(at.scope))
            .await?;
        let pages = transaction
            .all_in(Table::Pages, &page_prefix(at.scope))
            .await?;
        let rows = transaction
            .all_in(Table::Rows, &row_prefix(at.scope))
            .await?;
        transaction.commit().await?;
        if cursor.and_then(|bytes| unseal(&bytes).ok()) != Some(*at) {
            return Ok(None);
        }
        let mut records: HashMap<RecordKey, Record> = HashMap::new();
        let mut add = |record: Record| match records.get_mut(&record.key) {
            Some(known) => known.merge(record),
            None => {
                records.insert(record.key, record);
            }
        };
        for page in pages {
            let Ok(page) = page::decode(&page) else {
                return Ok(None);
            };
            page.into_iter().for_each(&mut add);
            pause().await;
        }
        for rows in rows.chunks(SLICE) {
            for row in rows {
                let Ok(row) = unseal(row) else {
                    return Ok(None);
                };
                add(row);
            }
            pause().await;
        }
        let mut sum = Sum::default();
        for (number, record) in records.values().enumerate() {
            sum += Sum::of(record);
            if number % SLICE == SLICE - 1 {
                pause().await;
            }
        }
        Ok(Some(sum))
    }
}
