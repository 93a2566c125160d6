//! Files of materials: kept by choice, found by their SHA-256.
//!
//! A file lies in parts ([`super::downloads`] tells how they come); those that were kept before the
//! database knew parts lie in one piece.

use keruen_domain::parts::Division;

use super::schema::{HeldFile, part_key, part_prefix, seal, unseal};
use super::{Committed, Durability, Store, StoreError, Table};

/// How a file lies on the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileForm {
    /// In one piece, of so many bytes.
    Whole(Vec<u8>),
    /// In parts, which are read one by one.
    InParts(HeldFile),
}

/// A file on the device, as a list of them shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileOnDevice {
    /// Its SHA-256 in hexadecimal digits.
    pub sha256: String,
    /// What is known of it; nothing of one that lies in one piece.
    pub held: Option<HeldFile>,
}

impl Store {
    /// How a file lies on the device, if it is there.
    pub async fn file_form(&self, sha256: &str) -> Result<Option<FileForm>, StoreError> {
        const TABLES: [Table; 2] = [Table::Files, Table::Held];
        let transaction = self.begin(&TABLES, Durability::ReadOnly).await?;
        let held = transaction.get(Table::Held, sha256).await?;
        if let Some(held) = held.as_deref().and_then(|bytes| unseal(bytes).ok()) {
            return Ok(Some(FileForm::InParts(held)));
        }
        let whole = transaction.get(Table::Files, sha256).await?;
        Ok(whole.map(FileForm::Whole))
    }

    /// A part of a file, if it is on the device.
    pub async fn file_part(&self, sha256: &str, part: u32) -> Result<Option<Vec<u8>>, StoreError> {
        let transaction = self.begin(&[Table::Parts], Durability::ReadOnly).await?;
        transaction.get(Table::Parts, &part_key(sha256, part)).await
    }

    /// A file in one piece, if it is on the device and not longer than this.
    pub async fn file(&self, sha256: &str, most_bytes: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let held = match self.file_form(sha256).await? {
            None => return Ok(None),
            Some(FileForm::Whole(bytes)) => {
                let fits = u64::try_from(bytes.len()).is_ok_and(|length| length <= most_bytes);
                return Ok(fits.then_some(bytes));
            }
            Some(FileForm::InParts(held)) => held,
        };
        let parts = Division::new(held.size_bytes, held.part_bytes);
        let Some(parts) = parts.filter(|parts| parts.size_bytes() <= most_bytes) else {
            return Ok(None);
        };
        let mut whole = Vec::new();
        for part in 0..parts.count() {
            match self.file_part(sha256, part).await? {
                Some(bytes) => whole.extend_from_slice(&bytes),
                None => return Ok(None),
            }
        }
        Ok(Some(whole))
    }

    /// Keeps a file that came in one piece and was compared with its name, as its only part.
    pub async fn keep_small_file(
        &self,
        sha256: &str,
        media_type: &str,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        const TABLES: [Table; 3] = [Table::Downloads, Table::Held, Table::Parts];
        let Ok(part_bytes @ 1..=Division::MOST_PART_BYTES) = u32::try_from(bytes.len()) else {
            return Ok(());
        };
        if self.has_file(sha256) {
            return Ok(());
        }
        let held = HeldFile {
            size_bytes: u64::from(part_bytes),
            part_bytes,
            media_type: media_type.to_owned(),
            is_usual: true,
        };
        let transaction = self.begin(&TABLES, Durability::Relaxed).await?;
        // It may have been asked for meanwhile, and be divided otherwise.
        transaction.delete(Table::Downloads, sha256)?;
        transaction.delete_prefix(Table::Parts, &part_prefix(sha256))?;
        transaction.put(Table::Parts, &part_key(sha256, 0), bytes)?;
        transaction.put(Table::Held, sha256, &seal(&held))?;
        transaction.commit().await?;
        self.publish(&Committed {
            light_files_kept: vec![sha256.to_owned()],
            ..Committed::default()
        });
        Ok(())
    }

    /// All files on the device, without their content.
    pub async fn files_on_device(&self) -> Result<Vec<FileOnDevice>, StoreError> {
        const TABLES: [Table; 2] = [Table::Files, Table::Held];
        let transaction = self.begin(&TABLES, Durability::ReadOnly).await?;
        let whole = transaction.keys(Table::Files).await?;
        let keys = transaction.keys(Table::Held).await?;
        let held = transaction.all(Table::Held).await?;
        let in_parts = keys.into_iter().zip(held).map(|(sha256, bytes)| {
            let held = unseal(&bytes).ok();
            FileOnDevice { sha256, held }
        });
        let in_one_piece = whole.into_iter().map(|sha256| {
            let held = None;
            FileOnDevice { sha256, held }
        });
        Ok(in_parts.chain(in_one_piece).collect())
    }

    /// Removes a file from the device; it can be fetched again. One that the server does not have yet stays.
    /// Whether it is gone.
    pub async fn remove_file(&self, sha256: &str) -> Result<bool, StoreError> {
        const TABLES: [Table; 4] = [Table::Files, Table::Held, Table::Parts, Table::Uploads];
        let transaction = self.begin(&TABLES, Durability::Relaxed).await?;
        let prefix = part_prefix(sha256);
        let uploads = transaction.keys_in(Table::Uploads, &prefix).await?;
        if !uploads.is_empty() {
            return Ok(false);
        }
        transaction.delete(Table::Files, sha256)?;
        transaction.delete(Table::Held, sha256)?;
        transaction.delete_prefix(Table::Parts, &part_prefix(sha256))?;
        transaction.commit().await?;
        self.publish(&Committed {
            files_removed: vec![sha256.to_owned()],
            ..Committed::default()
        });
        Ok(true)
    }
}
