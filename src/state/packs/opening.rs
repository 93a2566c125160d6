//! Taking a programme that came from another phone: read and compared first, taken when the person wants it.

use std::ops::Range;

use keruen_domain::backup::Backup;
use keruen_domain::content::ContentHasher;
use keruen_domain::parts::{Division, USUAL_PART_BYTES};
use keruen_domain::{Collection, Record};
use keruen_formats::pack::{Contents, Opening, PackedFile};

use super::PackTrouble;
use crate::platform::{ChosenFile, now_ms};
use crate::state::AppState;
use crate::store::{Download, HeldFile, PartList, StoreError};

/// A pack that was read and compared with what it says of itself.
#[derive(Clone)]
pub struct OpenedPack {
    chosen: ChosenFile,
    /// What it holds.
    pub contents: Contents,
    /// How many sessions say something new here.
    pub new_sessions: usize,
    /// How many other records do.
    pub new_others: usize,
    /// The files that are not here, and that materials name.
    pub new_files: Vec<PackedFile>,
    /// How many notes are not here.
    pub new_notes: usize,
    /// Records that were written in a future that is none: they are left out.
    pub left_out: usize,
}

impl AppState {
    /// Reads a pack and compares all that is in it with what it says of itself. Nothing is changed. `progress` is told
    /// how many bytes of files were compared.
    pub async fn open_pack(
        &self,
        chosen: ChosenFile,
        progress: impl Fn(u64),
    ) -> Result<OpenedPack, PackTrouble> {
        let mut opening = Opening::new(chosen.size_bytes())?;
        while let Some(range) = opening.wanted() {
            opening.take(&bytes_of(&chosen, range).await?)?;
            progress(opening.compared_bytes());
        }
        let contents = opening.finish().ok_or(PackTrouble::Unreadable)?;
        Ok(self.weigh(chosen, contents))
    }

    /// What of it is new here.
    fn weigh(&self, chosen: ChosenFile, mut contents: Contents) -> OpenedPack {
        let store = self.store();
        let replica = store.replica();
        let left_out =
            contents.leave_out_the_future(now_ms().saturating_add_signed(store.clock_offset_ms()));
        let is_new = |record: &&Record| {
            let known = replica.get(&record.key);
            known.is_none_or(|known| !known.includes(record))
        };
        let (sessions, others): (Vec<&Record>, Vec<&Record>) = contents
            .records
            .iter()
            .filter(is_new)
            .partition(|record| record.key.collection == Collection::SESSION);
        let (new_sessions, new_others) = (sessions.len(), others.len());
        // What is here stays as its writer knows it, whatever a pack calls the same.
        contents
            .notes
            .retain(|note| replica.get(&note.key).is_none());
        let new_notes = contents.notes.len();
        let is_new_file = |file: &&PackedFile| !store.has_file(&file.entry.sha256.to_string());
        let new_files = contents
            .named_files()
            .filter(is_new_file)
            .cloned()
            .collect();
        OpenedPack {
            chosen,
            contents,
            new_sessions,
            new_others,
            new_files,
            new_notes,
            left_out,
        }
    }

    /// Takes what is new in a pack, and its notes if they are wanted: those that are not here become one's own. `progress` is told how many
    /// bytes of files are here.
    pub async fn take_pack(
        &self,
        pack: &OpenedPack,
        with_notes: bool,
        progress: impl Fn(u64),
    ) -> Result<(), PackTrouble> {
        let store = self.store();
        let needed_bytes: u64 = pack
            .new_files
            .iter()
            .map(|file| file.entry.size_bytes)
            .sum();
        if let Some(room_bytes) = self.downloads().room_bytes().await
            && room_bytes < needed_bytes
        {
            return Err(PackTrouble::NoRoom(room_bytes));
        }
        let mut here = 0;
        for file in &pack.new_files {
            let told = |bytes| progress(here + bytes);
            self.take_file(pack, file, told).await?;
            here += file.entry.size_bytes;
        }
        let opened_ms = now_ms();
        let records = pack.contents.records.clone();
        store
            .receive(records, pack.contents.manifest.made_ms, opened_ms)
            .await?;
        if with_notes && pack.new_notes > 0 {
            let backup = Backup {
                made_at_ms: pack.contents.manifest.made_ms,
                device: store.device(),
                changes: Vec::new(),
                refused: Vec::new(),
                records: pack.contents.notes.clone(),
                unreadable: Vec::new(),
            };
            store.restore(&backup, opened_ms).await?;
        }
        Ok(())
    }

    async fn take_file(
        &self,
        pack: &OpenedPack,
        file: &PackedFile,
        progress: impl Fn(u64),
    ) -> Result<(), PackTrouble> {
        let media_type = file.media_type.unwrap_or("application/octet-stream");
        let content = file.content.start;
        let file = &file.entry;
        let (store, digits) = (self.store(), file.sha256.to_string());
        let parts = Division::new(file.size_bytes, USUAL_PART_BYTES);
        let parts = parts.ok_or(PackTrouble::Unreadable)?;
        // If this is broken off, what came counts, and the rest may come from the server.
        let download = Download {
            sha256: file.sha256,
            size_bytes: file.size_bytes,
            media_type: media_type.to_owned(),
            from: None,
            asked_ms: now_ms(),
            is_paused: true,
            at_any_cost: false,
            failure: None,
            parts: None,
        };
        store.call_off_download(&digits).await?;
        store.queue_downloads(vec![download]).await?;
        let list = PartList {
            part_bytes: parts.part_bytes(),
            hashes: Vec::new(),
        };
        store.divide_download(&digits, list).await?;
        let mut hasher = ContentHasher::default();
        for part in 0..parts.count() {
            let start = content + parts.start(part);
            let bytes =
                bytes_of(&pack.chosen, start..start + u64::from(parts.length(part))).await?;
            hasher.take(&bytes);
            let kept = store.keep_part(&digits, part, &bytes).await;
            if !kept.map_err(no_room_or)? {
                return Err(PackTrouble::Unreadable);
            }
            progress(parts.start(part));
        }
        if hasher.finish() != file.sha256 {
            store.call_off_download(&digits).await?;
            return Err(PackTrouble::Unreadable);
        }
        let held = HeldFile {
            size_bytes: file.size_bytes,
            part_bytes: parts.part_bytes(),
            media_type: media_type.to_owned(),
            is_usual: true,
        };
        store.complete_download(&digits, &held).await?;
        Ok(())
    }
}

async fn bytes_of(chosen: &ChosenFile, range: Range<u64>) -> Result<Vec<u8>, PackTrouble> {
    chosen.bytes(range).await.ok_or(PackTrouble::Unreadable)
}

fn no_room_or(error: StoreError) -> PackTrouble {
    match error {
        StoreError::Full => PackTrouble::NoRoom(0),
        error => PackTrouble::Store(error),
    }
}
