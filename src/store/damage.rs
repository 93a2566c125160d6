//! What cannot be read.

use std::collections::BTreeSet;

use keruen_domain::protocol::v1::ScopeCursor;
use keruen_domain::protocol::v2::RereadReason;
use keruen_domain::{Record, page};

use super::device::next_position;
use super::schema::{
    AttentionEntry, DEVICE_KEY, DeviceMeta, FROZEN_KEY, OutboxEntry, Table, unseal,
};
use super::{Backend, Durability, Store, StoreError, outbox, reread};

impl Store {
    /// Looks through the next sealed page that was not looked through since the store was opened;
    /// `false` when none is left. Opening looks at the structure of pages only.
    ///
    /// What is damaged is set aside, see [`Store::set_damage_aside`].
    pub fn look_through_a_page(&self) -> bool {
        let page = self.replica.borrow_mut().next_unread_page();
        let Some(bytes) = page else {
            return false;
        };
        if page::decode(&bytes).is_err() {
            self.is_damaged.set(true);
        }
        true
    }

    /// Moves what was found damaged out of the way, and tells how many pieces that were. The server
    /// sends again what it has of them.
    pub async fn set_damage_aside(&self) -> Result<usize, StoreError> {
        if self.is_damaged.replace(false) {
            set_aside(&self.backend).await
        } else {
            Ok(0)
        }
    }
}

/// Moves what cannot be read out of the way, untouched, so that it is neither fatal nor lost.
pub(super) async fn set_aside(backend: &Backend) -> Result<usize, StoreError> {
    const WATCHED: [Table; 6] = [
        Table::Pages,
        Table::Replaced,
        Table::Rows,
        Table::Outbox,
        Table::Postponed,
        Table::Attention,
    ];
    let mut moved = 0;
    let mut is_knowledge_lost = false;
    let transaction = backend.begin(&Table::ALL, Durability::Strict).await?;
    for table in WATCHED {
        for key in transaction.keys(table).await? {
            let Some(bytes) = transaction.get(table, &key).await? else {
                continue;
            };
            let readable = match table {
                Table::Pages | Table::Replaced => page::decode(&bytes).is_ok(),
                Table::Rows => unseal::<Record>(&bytes).is_ok(),
                Table::Outbox => outbox::read(&bytes).is_ok(),
                Table::Attention => unseal::<AttentionEntry>(&bytes).is_ok(),
                _ => unseal::<OutboxEntry>(&bytes).is_ok(),
            };
            if !readable {
                transaction.put(Table::SetAside, &format!("{}:{key}", table.name()), &bytes)?;
                transaction.delete(table, &key)?;
                is_knowledge_lost |= matches!(table, Table::Pages | Table::Rows);
                moved += 1;
            }
        }
    }
    for key in [FROZEN_KEY, DEVICE_KEY] {
        let Some(bytes) = transaction.get(Table::Meta, key).await? else {
            continue;
        };
        let readable = match key {
            DEVICE_KEY => unseal::<DeviceMeta>(&bytes).is_ok(),
            _ => unseal::<u64>(&bytes).is_ok(),
        };
        if !readable {
            transaction.put(Table::SetAside, &format!("meta:{key}"), &bytes)?;
            transaction.delete(Table::Meta, key)?;
            // Whatever waits may have been sent.
            let position = next_position(&transaction).await?;
            outbox::freeze(&transaction, position)?;
            moved += 1;
        }
    }
    // The server has what was lost and sends everything from the beginning. What is left is held
    // against that: of what was deleted long ago, no tombstone comes.
    if is_knowledge_lost {
        for bytes in transaction.all(Table::Cursors).await? {
            if let Ok(at) = unseal::<ScopeCursor>(&bytes) {
                reread::begin(
                    &transaction,
                    at.scope,
                    RereadReason::TooOld,
                    &BTreeSet::new(),
                )
                .await?;
            }
        }
        transaction.delete_prefix(Table::Cursors, "")?;
        transaction.delete_prefix(Table::Snapshots, "")?;
    }
    transaction.commit().await?;
    Ok(moved)
}
