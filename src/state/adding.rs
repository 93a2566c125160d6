//! Files of the person's own that become files of a programme or a note: copied onto this device, part by part, so that
//! they are here whatever becomes of where they lay, and go to the server by themselves.

use keruen_domain::content::ContentHasher;
use keruen_domain::model::FileInfo;
use keruen_domain::parts::{Division, USUAL_PART_BYTES};
use keruen_domain::{ContentHash, ScopeId};
use keruen_formats::MediaCheck;

use super::AppState;
use crate::platform::{ChosenFile, now_ms};
use crate::store::{HeldFile, StoreError, Upload};

/// Why a file could not be added. Nothing of it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotAdded {
    /// There is nothing in it.
    Empty,
    /// It is larger than any file may be.
    TooLarge,
    /// Its content is not what the end of its name says.
    WrongType,
    /// The browser cannot read it, or it changed while it was read.
    Unreadable,
    /// There is no room for it on this device: so many bytes are left to files.
    NoRoom(u64),
    /// It was given up meanwhile.
    GivenUp,
    /// The device could not keep it.
    Store(StoreError),
}

impl AppState {
    /// Copies a file onto this device for a scope. It is sent once a material bears it
    /// ([`AppState::save_material`]); until then it can be given up. `progress` is told how much of the work is
    /// done, in bytes of twice the file: it is read once to know it, and once to keep it.
    pub async fn add_file(
        &self,
        scope: ScopeId,
        chosen: &ChosenFile,
        progress: impl Fn(u64),
    ) -> Result<FileInfo, NotAdded> {
        let size_bytes = chosen.size_bytes();
        if size_bytes == 0 {
            return Err(NotAdded::Empty);
        }
        let parts = Division::new(size_bytes, USUAL_PART_BYTES).ok_or(NotAdded::TooLarge)?;
        if let Some(room_bytes) = self.downloads().room_bytes().await
            && room_bytes < size_bytes
        {
            return Err(NotAdded::NoRoom(room_bytes));
        }
        let name = file_name(&chosen.name());
        let (sha256, media_type) = known(chosen, &name, parts, &progress).await?;
        let digits = sha256.to_string();
        let store = self.store();
        let upload = Upload {
            sha256,
            scope,
            size_bytes,
            name: name.clone(),
            media_type: media_type.to_owned(),
            added_ms: now_ms(),
            was_here: store.has_file(&digits),
            is_wanted: false,
            is_paused: false,
            at_any_cost: false,
            location: None,
            sent_bytes: 0,
            failure: None,
        };
        let begun = store.begin_upload(&upload).await;
        begun.map_err(NotAdded::Store)?;
        if !upload.was_here {
            let copied = self
                .copy(chosen, sha256, parts, media_type, &progress)
                .await;
            if let Err(why) = copied {
                // What is left of it, the next start removes.
                let _ = store.give_up_upload(&sha256, scope).await;
                return Err(why);
            }
        }
        Ok(FileInfo {
            sha256: digits.into(),
            size_bytes,
            media_type: media_type.into(),
            name: name.into(),
        })
    }

    async fn copy(
        &self,
        chosen: &ChosenFile,
        sha256: ContentHash,
        parts: Division,
        media_type: &str,
        progress: &impl Fn(u64),
    ) -> Result<(), NotAdded> {
        let (store, digits) = (self.store(), sha256.to_string());
        let mut hasher = ContentHasher::default();
        for part in 0..parts.count() {
            let bytes = part_of(chosen, parts, part).await?;
            hasher.take(&bytes);
            let kept = store.keep_own_part(&digits, part, &bytes).await;
            if !kept.map_err(no_room_or)? {
                return Err(NotAdded::GivenUp);
            }
            progress(parts.size_bytes() + parts.start(part));
        }
        if hasher.finish() != sha256 {
            return Err(NotAdded::Unreadable);
        }
        let held = HeldFile {
            size_bytes: parts.size_bytes(),
            part_bytes: parts.part_bytes(),
            media_type: media_type.to_owned(),
            is_usual: true,
        };
        let completed = store.complete_own(&digits, &held).await;
        if completed.map_err(no_room_or)? {
            Ok(())
        } else {
            Err(NotAdded::GivenUp)
        }
    }

    /// Gives up a file that was added and that no material bears.
    pub async fn give_up_file(&self, scope: ScopeId, sha256: &str) {
        let Ok(sha256) = sha256.parse() else {
            return;
        };
        if let Err(error) = self.store().give_up_upload(&sha256, scope).await {
            self.not_saved(&error);
        }
    }
}

/// The file's hash and what it is.
async fn known(
    chosen: &ChosenFile,
    name: &str,
    parts: Division,
    progress: &impl Fn(u64),
) -> Result<(ContentHash, &'static str), NotAdded> {
    let mut hasher = ContentHasher::default();
    let mut check = MediaCheck::of(name);
    for part in 0..parts.count() {
        let bytes = part_of(chosen, parts, part).await?;
        hasher.take(&bytes);
        check.take(&bytes);
        progress(parts.start(part));
    }
    let media_type = check.finish().ok_or(NotAdded::WrongType)?;
    Ok((hasher.finish(), media_type))
}

async fn part_of(chosen: &ChosenFile, parts: Division, part: u32) -> Result<Vec<u8>, NotAdded> {
    let start = parts.start(part);
    let end = start + u64::from(parts.length(part));
    chosen.bytes(start..end).await.ok_or(NotAdded::Unreadable)
}

fn no_room_or(error: StoreError) -> NotAdded {
    match error {
        StoreError::Full => NotAdded::NoRoom(0),
        error => NotAdded::Store(error),
    }
}

/// A name that leads nowhere and is not too long; its end says what the file is.
fn file_name(given: &str) -> String {
    const MOST_CHARACTERS: usize = 120;
    let name: String = given
        .chars()
        .map(|one| match one {
            '/' | '\\' => '-',
            one if one.is_control() => ' ',
            one => one,
        })
        .collect();
    let name = name.trim();
    let count = name.chars().count();
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if count > MOST_CHARACTERS => (stem, [".", ending].concat()),
        _ => (name, String::new()),
    };
    let left = MOST_CHARACTERS.saturating_sub(ending.chars().count());
    let stem: String = stem.chars().take(left).collect();
    if stem.is_empty() && ending.is_empty() {
        "file".to_owned()
    } else {
        stem + &ending
    }
}

#[cfg(test)]
mod tests {
    use super::file_name;

    #[test]
    fn names_lead_nowhere_and_keep_their_end() {
        assert_eq!(file_name("../../etc/passwd"), "..-..-etc-passwd");
        assert_eq!(file_name(" Қол өнері.pdf "), "Қол өнері.pdf");
        assert_eq!(file_name("a\nb.txt"), "a b.txt");
        assert_eq!(file_name(""), "file");
        let long = ["ә".repeat(300).as_str(), ".pptx"].concat();
        let name = file_name(&long);
        assert!(name.ends_with("ә.pptx") && name.chars().count() == 120);
    }
}
