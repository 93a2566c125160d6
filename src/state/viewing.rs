//! Files that are on this phone: looking at them, handing them on, removing them.

use keruen_domain::MaterialId;
use keruen_domain::model::FileInfo;
use keruen_domain::parts::Division;

use super::AppState;
use crate::platform::{
    FileToHandOn, ObjectUrl, Pieces, can_hand_on_file, save_object, worker_answers,
};
use crate::store::FileForm;

/// Longer files are not given to the share sheet: other programs may read them into memory at once.
pub const MOST_HANDED_ON_BYTES: u64 = 100_000_000;

/// Where a page can look at a file.
pub enum FileAddress {
    /// The service worker gives it, a part at a time (`public/service-worker.js`).
    Worker(String),
    /// The browser holds it for this page.
    Object(ObjectUrl),
}

impl FileAddress {
    /// The address.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Worker(address) => address,
            Self::Object(url) => url.as_str(),
        }
    }
}

impl AppState {
    /// Whether a file is on this phone.
    pub fn has_file(&self, sha256: &str) -> bool {
        self.follow_files();
        self.store().has_file(sha256)
    }

    /// Where a file that is on this phone can be looked at. Nothing of it is held in memory, unless it was
    /// kept in one piece by an earlier version.
    pub async fn file_address(&self, file: &FileInfo) -> Option<FileAddress> {
        if worker_answers() && self.is_in_parts(file).await? {
            return Some(FileAddress::Worker(["/files/", &file.sha256].concat()));
        }
        self.file_object(file).await.map(FileAddress::Object)
    }

    /// Where the picture of a material can be looked at, if one of its forms is on this phone: the one for a
    /// screen before the whole file.
    pub fn picture_address(&self, id: MaterialId) -> Option<String> {
        super::follow(self.files_changed);
        let material = self.material(id)?;
        let file = material.file()?;
        if !file.media_type.starts_with("image/") || !worker_answers() {
            return None;
        }
        let forms = material.forms();
        let (medium, light) = match forms {
            Some(forms) => (forms.medium, Some(forms.light)),
            None => (None, None),
        };
        let mut known = medium.into_iter().chain([file]).chain(light);
        let here = known.find(|file| self.store().has_file(&file.sha256))?;
        Some(["/files/", &here.sha256].concat())
    }

    async fn is_in_parts(&self, file: &FileInfo) -> Option<bool> {
        match self.store().file_form(&file.sha256).await {
            Ok(form) => form.map(|form| matches!(form, FileForm::InParts(_))),
            Err(error) => {
                self.not_saved(&error);
                None
            }
        }
    }

    /// Hands a file that is on this phone to the browser, which keeps it as it keeps downloads; whether that
    /// could be done.
    pub async fn save_file(&self, file: &FileInfo) -> bool {
        let url = self.file_object(file).await;
        url.is_some_and(|url| save_object(&file.name, url))
    }

    /// Whether the phone's share sheet takes a file of this kind.
    pub fn sheet_takes(file: &FileInfo) -> bool {
        can_hand_on_file(&file.name, &file.media_type)
    }

    /// A file that is on this phone, ready for the share sheet; none that is longer than
    /// [`MOST_HANDED_ON_BYTES`].
    pub async fn file_to_hand_on(&self, file: &FileInfo) -> Option<FileToHandOn> {
        if file.size_bytes > MOST_HANDED_ON_BYTES {
            return None;
        }
        let pieces = self.file_pieces(file).await?;
        FileToHandOn::of_pieces(&pieces, &file.name, &file.media_type)
    }

    /// An address of all of a file that is on this phone.
    async fn file_object(&self, file: &FileInfo) -> Option<ObjectUrl> {
        let pieces = self.file_pieces(file).await?;
        ObjectUrl::of_pieces(&pieces, &file.media_type)
    }

    /// All of a file that is on this phone, held by the browser.
    async fn file_pieces(&self, file: &FileInfo) -> Option<Pieces> {
        let store = self.store();
        let form = match store.file_form(&file.sha256).await {
            Ok(form) => form?,
            Err(error) => {
                self.not_saved(&error);
                return None;
            }
        };
        let held = match form {
            FileForm::Whole(bytes) => {
                let whole = Pieces::default();
                return whole.take(&bytes).then_some(whole);
            }
            FileForm::InParts(held) => held,
        };
        let pieces = Pieces::default();
        for part in 0..Division::new(held.size_bytes, held.part_bytes)?.count() {
            let bytes = store.file_part(&file.sha256, part).await.ok()??;
            if !pieces.take(&bytes) {
                return None;
            }
        }
        Some(pieces)
    }

    /// The bytes of a file that is on this phone and not longer than this.
    pub async fn file_bytes(&self, file: &FileInfo, most_bytes: u64) -> Option<Vec<u8>> {
        match self.store().file(&file.sha256, most_bytes).await {
            Ok(bytes) => bytes,
            Err(error) => {
                self.not_saved(&error);
                None
            }
        }
    }

    /// Removes a file from this phone, and what came of it if it was still to come.
    /// Whether it is gone: what waits to be sent stays.
    pub async fn remove_file(&self, sha256: &str) -> bool {
        let store = self.store();
        let removed = match store.call_off_download(sha256).await {
            Ok(()) => store.remove_file(sha256).await,
            Err(error) => Err(error),
        };
        removed.unwrap_or_else(|error| {
            self.not_saved(&error);
            false
        })
    }
}
