//! What packs say of records, on top of what the server has.
//!
//! It is merged like any other: the newest word of each field is shown, whoever brought it, and a pack that is
//! opened again, or an older one, changes nothing. It is never sent, since nobody knows who wrote it: the people who did
//! send their changes themselves. It goes once the server says the same, or when the person removes it, or after a
//! while.

use std::collections::BTreeSet;

use keruen_domain::{Record, RecordKey, ScopeId};

use super::device::take_edition;
use super::schema::{Received, row_key, row_prefix, seal, unseal};
use super::{Committed, Durability, Store, StoreError, Table};

/// How long a pack's word counts that the server never said.
const COUNTS_MS: u64 = 60 * 24 * 60 * 60 * 1_000;

/// What came by packs into one scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedPack {
    /// The scope.
    pub scope: ScopeId,
    /// Of how many records they say something that the server has not said.
    pub records: usize,
    /// When the newest was made, by its maker's clock in milliseconds since 1970 (UTC).
    pub made_ms: u64,
    /// When one was opened last, by the phone's clock, likewise.
    pub opened_ms: u64,
}

impl Store {
    /// Takes in what a pack says; of how many records it says something new.
    pub async fn receive(
        &self,
        records: Vec<Record>,
        made_ms: u64,
        opened_ms: u64,
    ) -> Result<usize, StoreError> {
        const TABLES: [Table; 8] = [
            Table::Meta,
            Table::Pages,
            Table::Replaced,
            Table::Rows,
            Table::Outbox,
            Table::Postponed,
            Table::Attention,
            Table::Received,
        ];
        let transaction = self.begin(&TABLES, Durability::Relaxed).await?;
        let keys: BTreeSet<RecordKey> = records.iter().map(|record| record.key).collect();
        let (mut standing, _) = self.standing(&transaction, keys).await?;
        let mut news = Vec::new();
        for record in records {
            let row = row_key(&record.key);
            let known = transaction.get(Table::Received, &row).await?;
            let known = known.and_then(|bytes| unseal::<Received>(&bytes).ok());
            let current = standing.remove(&record.key);
            let mut shown = current
                .and_then(super::commit::Standing::into_current)
                .unwrap_or_else(|| Record::new(record.key));
            if let Some(known) = &known {
                shown.merge(known.record.clone());
            }
            if shown.includes(&record) {
                continue;
            }
            let merged = match known {
                Some(mut known) => {
                    known.record.merge(record);
                    known.made_ms = known.made_ms.max(made_ms);
                    known.opened_ms = opened_ms;
                    known
                }
                None => Received {
                    record,
                    made_ms,
                    opened_ms,
                },
            };
            transaction.put(Table::Received, &row, &seal(&merged))?;
            news.push(merged.record);
        }
        if news.is_empty() {
            return Ok(0);
        }
        let edition = take_edition(&transaction).await?;
        transaction.commit().await?;
        let count = news.len();
        self.publish(&Committed {
            edition,
            received: news,
            ..Committed::default()
        });
        Ok(count)
    }

    /// What came by packs and was not said by the server, by scope.
    pub async fn received_packs(&self) -> Result<Vec<ReceivedPack>, StoreError> {
        let transaction = self.begin(&[Table::Received], Durability::ReadOnly).await?;
        let mut packs: Vec<ReceivedPack> = Vec::new();
        for bytes in transaction.all(Table::Received).await? {
            let Ok(received) = unseal::<Received>(&bytes) else {
                continue;
            };
            let scope = received.record.key.scope;
            match packs.iter_mut().find(|pack| pack.scope == scope) {
                Some(pack) => {
                    pack.records += 1;
                    pack.made_ms = pack.made_ms.max(received.made_ms);
                    pack.opened_ms = pack.opened_ms.max(received.opened_ms);
                }
                None => packs.push(ReceivedPack {
                    scope,
                    records: 1,
                    made_ms: received.made_ms,
                    opened_ms: received.opened_ms,
                }),
            }
        }
        Ok(packs)
    }

    /// Removes what packs said of a scope.
    pub async fn remove_received(&self, scope: ScopeId) -> Result<(), StoreError> {
        self.drop_received(&row_prefix(scope), |_, _| true).await
    }

    /// Removes what the server has said by now, and what is too old to count.
    pub async fn tidy_received(&self, now_ms: u64) -> Result<(), StoreError> {
        let is_over = |store: &Self, received: &Received| {
            let is_old = now_ms.saturating_sub(received.opened_ms) > COUNTS_MS;
            let acknowledged = store.replica.borrow().acknowledged(&received.record.key);
            is_old || acknowledged.is_some_and(|known| known.includes(&received.record))
        };
        self.drop_received("", is_over).await
    }

    async fn drop_received(
        &self,
        prefix: &str,
        goes: impl Fn(&Self, &Received) -> bool,
    ) -> Result<(), StoreError> {
        const TABLES: [Table; 2] = [Table::Meta, Table::Received];
        let transaction = self.begin(&TABLES, Durability::Relaxed).await?;
        let mut gone = Vec::new();
        for key in transaction.keys_in(Table::Received, prefix).await? {
            let bytes = transaction.get(Table::Received, &key).await?;
            match bytes.map(|bytes| unseal::<Received>(&bytes)) {
                Some(Ok(received)) if goes(self, &received) => {
                    transaction.delete(Table::Received, &key)?;
                    gone.push(received.record.key);
                }
                Some(Err(_)) => transaction.delete(Table::Received, &key)?,
                Some(Ok(_)) | None => {}
            }
        }
        let edition = match gone.is_empty() {
            true => 0,
            false => take_edition(&transaction).await?,
        };
        transaction.commit().await?;
        self.publish(&Committed {
            edition,
            received_gone: gone,
            ..Committed::default()
        });
        Ok(())
    }
}
