//! Files that are to come: the queue, and the parts that are here of them.
//!
//! A part is kept only while its file is in the queue, so that one who calls a download off leaves
//! nothing behind, whatever another tab is doing.

use std::collections::BTreeSet;

use super::schema::{
    Download, DownloadFailure, HeldFile, PartList, part_key, part_of_key, part_prefix, seal, unseal,
};
use super::{Committed, Durability, Store, StoreError, Table};

/// A download, and which of its parts are here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Queued {
    /// What is to come.
    pub download: Download,
    /// The parts that are here.
    pub kept: BTreeSet<u32>,
}

impl Store {
    /// Adds files to the queue; those that are on the device, or in it, stay as they are, but that they
    /// are no longer put off. Anything that was asked for is asked for again by this.
    pub async fn queue_downloads(&self, downloads: Vec<Download>) -> Result<(), StoreError> {
        let transaction = self.begin(&[Table::Downloads], Durability::Strict).await?;
        for download in downloads {
            let key = download.sha256.to_string();
            if self.has_file(&key) {
                continue;
            }
            let before = transaction.get(Table::Downloads, &key).await?;
            let before = before.and_then(|bytes| unseal::<Download>(&bytes).ok());
            let queued = match before {
                Some(before) => Download {
                    is_paused: false,
                    failure: None,
                    // Where it was not, it is not asked for again: a link may have been taken back since.
                    from: match before.failure {
                        Some(DownloadFailure::NotThere) => download.from,
                        _ => before.from,
                    },
                    ..before
                },
                None => download,
            };
            transaction.put(Table::Downloads, &key, &seal(&queued))?;
        }
        transaction.commit().await
    }

    /// The queue, in no order. What cannot be read of it is left out: its parts go when it is asked for again.
    pub async fn downloads(&self) -> Result<Vec<Queued>, StoreError> {
        const TABLES: [Table; 2] = [Table::Downloads, Table::Parts];
        let transaction = self.begin(&TABLES, Durability::ReadOnly).await?;
        let mut queue = Vec::new();
        for bytes in transaction.all(Table::Downloads).await? {
            let Ok(download) = unseal::<Download>(&bytes) else {
                continue;
            };
            let prefix = part_prefix(&download.sha256.to_string());
            let keys = transaction.keys_in(Table::Parts, &prefix).await?;
            let kept = keys.iter().filter_map(|key| part_of_key(key)).collect();
            queue.push(Queued { download, kept });
        }
        Ok(queue)
    }

    /// Changes what is in the queue under this name; whether it is there.
    pub async fn change_download(
        &self,
        sha256: &str,
        change: impl FnOnce(&mut Download),
    ) -> Result<bool, StoreError> {
        let transaction = self.begin(&[Table::Downloads], Durability::Relaxed).await?;
        let bytes = transaction.get(Table::Downloads, sha256).await?;
        let Some(mut download) = bytes.and_then(|bytes| unseal::<Download>(&bytes).ok()) else {
            return Ok(false);
        };
        change(&mut download);
        transaction.put(Table::Downloads, sha256, &seal(&download))?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Takes a file out of the queue, with all that came of it.
    pub async fn call_off_download(&self, sha256: &str) -> Result<(), StoreError> {
        const TABLES: [Table; 3] = [Table::Downloads, Table::Parts, Table::Held];
        let transaction = self.begin(&TABLES, Durability::Relaxed).await?;
        transaction.delete(Table::Downloads, sha256)?;
        // Another tab may have completed it a moment ago.
        if transaction.get(Table::Held, sha256).await?.is_none() {
            transaction.delete_prefix(Table::Parts, &part_prefix(sha256))?;
        }
        transaction.commit().await
    }

    /// Keeps how a file is divided. Parts that are here and may be of another division go.
    pub async fn divide_download(&self, sha256: &str, list: PartList) -> Result<bool, StoreError> {
        const TABLES: [Table; 2] = [Table::Downloads, Table::Parts];
        let transaction = self.begin(&TABLES, Durability::Relaxed).await?;
        let bytes = transaction.get(Table::Downloads, sha256).await?;
        let Some(mut download) = bytes.and_then(|bytes| unseal::<Download>(&bytes).ok()) else {
            return Ok(false);
        };
        if download.parts.as_ref().map(|before| before.part_bytes) != Some(list.part_bytes) {
            transaction.delete_prefix(Table::Parts, &part_prefix(sha256))?;
        }
        download.parts = Some(list);
        transaction.put(Table::Downloads, sha256, &seal(&download))?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Keeps a part that was compared with its hash; `false` if its file is not wanted any more.
    pub async fn keep_part(
        &self,
        sha256: &str,
        part: u32,
        bytes: &[u8],
    ) -> Result<bool, StoreError> {
        const TABLES: [Table; 2] = [Table::Downloads, Table::Parts];
        let transaction = self.begin(&TABLES, Durability::Relaxed).await?;
        if transaction.get(Table::Downloads, sha256).await?.is_none() {
            return Ok(false);
        }
        transaction.put(Table::Parts, &part_key(sha256, part), bytes)?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Drops parts that are not what they should be.
    pub async fn drop_parts(&self, sha256: &str, parts: &[u32]) -> Result<(), StoreError> {
        let transaction = self.begin(&[Table::Parts], Durability::Relaxed).await?;
        for part in parts {
            transaction.delete(Table::Parts, &part_key(sha256, *part))?;
        }
        transaction.commit().await
    }

    /// The file is here: all parts were compared with the whole. `false` if it is not wanted any more.
    pub async fn complete_download(
        &self,
        sha256: &str,
        held: &HeldFile,
    ) -> Result<bool, StoreError> {
        const TABLES: [Table; 2] = [Table::Downloads, Table::Held];
        let transaction = self.begin(&TABLES, Durability::Relaxed).await?;
        if transaction.get(Table::Downloads, sha256).await?.is_none() {
            return Ok(false);
        }
        transaction.delete(Table::Downloads, sha256)?;
        transaction.put(Table::Held, sha256, &seal(held))?;
        transaction.commit().await?;
        self.publish(&Committed {
            files_kept: vec![sha256.to_owned()],
            ..Committed::default()
        });
        Ok(true)
    }
}
