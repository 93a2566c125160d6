//! Files of this device that programmes, groups or the owner's own notes are to have.
//!
//! ```text
//!  begin ──part…part──► completed: it is here like any other file
//!                        ├─ wanted: a material bears it ──sent──► forgotten; the file stays
//!                        └─ given up, or nobody came back ──► gone, unless it was here before
//! ```

use keruen_domain::{ContentHash, ScopeId};

use super::schema::{HeldFile, Upload, part_key, part_prefix, seal, upload_key};
use super::{Committed, Durability, Store, StoreError, Table};

/// What nobody wanted for so long is not waited for: the form was left, or the page died. Who comes back to what they
/// began to write finds the file that they chose.
const FORGOTTEN_MS: u64 = 30 * 24 * 60 * 60 * 1_000;

impl Store {
    /// Takes note of a file that is about to be copied. If it was on its way here, it is no longer.
    pub async fn begin_upload(&self, upload: &Upload) -> Result<(), StoreError> {
        const TABLES: [Table; 4] = [Table::Uploads, Table::Downloads, Table::Parts, Table::Held];
        let sha256 = upload.sha256.to_string();
        let transaction = self.begin(&TABLES, Durability::Strict).await?;
        let key = upload_key(&upload.sha256, upload.scope);
        let known = transaction.get(Table::Uploads, &key).await?;
        let is_known = known.is_some_and(|bytes| Upload::unseal(&bytes).is_ok());
        if !is_known {
            transaction.put(Table::Uploads, &key, &upload.seal())?;
        }
        transaction.delete(Table::Downloads, &sha256)?;
        if transaction.get(Table::Held, &sha256).await?.is_none() {
            // They may be of another division.
            transaction.delete_prefix(Table::Parts, &part_prefix(&sha256))?;
        }
        transaction.commit().await
    }

    /// Takes note of a file that another scope has and this one is to have, too, whether or not it is on this
    /// device.
    pub async fn put_upload(&self, upload: &Upload) -> Result<(), StoreError> {
        let key = upload_key(&upload.sha256, upload.scope);
        let transaction = self.begin(&[Table::Uploads], Durability::Strict).await?;
        transaction.put(Table::Uploads, &key, &upload.seal())?;
        transaction.commit().await
    }

    /// Keeps a part of a file that is being copied; `false` if that was given up.
    pub async fn keep_own_part(
        &self,
        sha256: &str,
        part: u32,
        bytes: &[u8],
    ) -> Result<bool, StoreError> {
        const TABLES: [Table; 2] = [Table::Uploads, Table::Parts];
        let transaction = self.begin(&TABLES, Durability::Relaxed).await?;
        let prefix = part_prefix(sha256);
        let uploads = transaction.keys_in(Table::Uploads, &prefix).await?;
        if uploads.is_empty() {
            return Ok(false);
        }
        transaction.put(Table::Parts, &part_key(sha256, part), bytes)?;
        transaction.commit().await?;
        Ok(true)
    }

    /// All parts of a file are here. They are on disk when this returns. `false` if it was given up.
    pub async fn complete_own(&self, sha256: &str, held: &HeldFile) -> Result<bool, StoreError> {
        const TABLES: [Table; 2] = [Table::Uploads, Table::Held];
        // A strict transaction writes what relaxed ones before it left to the system, too.
        let transaction = self.begin(&TABLES, Durability::Strict).await?;
        let prefix = part_prefix(sha256);
        let uploads = transaction.keys_in(Table::Uploads, &prefix).await?;
        if uploads.is_empty() {
            return Ok(false);
        }
        transaction.put(Table::Held, sha256, &seal(held))?;
        transaction.commit().await?;
        self.publish(&Committed {
            files_kept: vec![sha256.to_owned()],
            ..Committed::default()
        });
        Ok(true)
    }

    /// All files that are to go, or are being copied. What cannot be read is left out.
    pub async fn uploads(&self) -> Result<Vec<Upload>, StoreError> {
        let transaction = self.begin(&[Table::Uploads], Durability::ReadOnly).await?;
        let rows = transaction.all(Table::Uploads).await?;
        Ok(rows
            .iter()
            .filter_map(|bytes| Upload::unseal(bytes).ok())
            .collect())
    }

    /// Changes what is known of a file that is to go; whether it is there.
    pub async fn change_upload(
        &self,
        sha256: &ContentHash,
        scope: ScopeId,
        change: impl FnOnce(&mut Upload),
    ) -> Result<bool, StoreError> {
        let key = upload_key(sha256, scope);
        let transaction = self.begin(&[Table::Uploads], Durability::Strict).await?;
        let bytes = transaction.get(Table::Uploads, &key).await?;
        let Some(mut upload) = bytes.and_then(|bytes| Upload::unseal(&bytes).ok()) else {
            return Ok(false);
        };
        change(&mut upload);
        transaction.put(Table::Uploads, &key, &upload.seal())?;
        transaction.commit().await?;
        Ok(true)
    }

    /// The server has the file, or needs it no more. It stays on the device, and can be fetched again.
    pub async fn forget_upload(
        &self,
        sha256: &ContentHash,
        scope: ScopeId,
    ) -> Result<(), StoreError> {
        let transaction = self.begin(&[Table::Uploads], Durability::Strict).await?;
        transaction.delete(Table::Uploads, &upload_key(sha256, scope))?;
        transaction.commit().await
    }

    /// Gives up a file that no material bears: it goes, unless it was on the device before or another
    /// scope is to have it. One that is wanted by now stays.
    pub async fn give_up_upload(
        &self,
        sha256: &ContentHash,
        scope: ScopeId,
    ) -> Result<(), StoreError> {
        const TABLES: [Table; 3] = [Table::Uploads, Table::Parts, Table::Held];
        let (name, key) = (sha256.to_string(), upload_key(sha256, scope));
        let transaction = self.begin(&TABLES, Durability::Strict).await?;
        let bytes = transaction.get(Table::Uploads, &key).await?;
        let upload = bytes.and_then(|bytes| Upload::unseal(&bytes).ok());
        let Some(upload) = upload.filter(|upload| !upload.is_wanted) else {
            return Ok(());
        };
        let prefix = part_prefix(&name);
        let all = transaction.keys_in(Table::Uploads, &prefix).await?;
        let is_last = all.len() == 1;
        transaction.delete(Table::Uploads, &key)?;
        let goes = is_last && !upload.was_here;
        if goes {
            transaction.delete(Table::Held, &name)?;
            transaction.delete_prefix(Table::Parts, &prefix)?;
        }
        transaction.commit().await?;
        if goes {
            self.publish(&Committed {
                files_removed: vec![name],
                ..Committed::default()
            });
        }
        Ok(())
    }

    /// Gives up what was added long ago and no material bears; `bears` says of which one does, which is then
    /// wanted.
    pub async fn tidy_uploads(
        &self,
        now_ms: u64,
        bears: impl Fn(&Upload) -> bool,
    ) -> Result<(), StoreError> {
        for upload in self.uploads().await? {
            let (sha256, scope) = (upload.sha256, upload.scope);
            if upload.is_wanted {
                continue;
            }
            if bears(&upload) && self.has_file(&sha256.to_string()) {
                self.change_upload(&sha256, scope, |upload| upload.is_wanted = true)
                    .await?;
            } else if now_ms.saturating_sub(upload.added_ms) > FORGOTTEN_MS {
                self.give_up_upload(&sha256, scope).await?;
            }
        }
        Ok(())
    }
}
