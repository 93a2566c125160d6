//! Room on a full phone: what may go, what the person wants to stay, and what went by itself.

use keruen_domain::model::{FileInfo, Material};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{Downloads, FormOfFile, QueueStand, choice};
use crate::state::FileHere;

impl Downloads {
    /// Whether the person wants a file to stay when room is made.
    pub fn is_pinned(&self, sha256: &str) -> bool {
        self.pinned.with(|pinned| pinned.contains(sha256))
    }

    /// Notes that.
    pub fn pin(&self, sha256: &str, is_pinned: bool) {
        // Another tab may have noted something since.
        let mut pinned = choice::read_pinned();
        if is_pinned {
            pinned.insert(sha256.to_owned());
        } else {
            pinned.remove(sha256);
        }
        choice::write_pinned(&pinned);
        self.pinned.set(pinned);
        self.runner().say_changed();
    }

    /// Whether what may go goes by itself when a file has no room.
    pub fn makes_room(&self) -> bool {
        self.makes_room.get()
    }

    /// Keeps another choice of that.
    pub fn choose_makes_room(&self, makes_room: bool) {
        choice::write_makes_room(makes_room);
        self.makes_room.set(makes_room);
        self.try_again();
    }

    /// What may go so that the next file has room; nothing if there is room, or all would not be enough.
    pub async fn can_go(&self) -> Vec<FileHere> {
        match self.stand.get_untracked() {
            QueueStand::Full {
                lacks_bytes,
                room_bytes,
            } => self.can_go_for(lacks_bytes, room_bytes).await,
            _ => Vec::new(),
        }
    }

    pub(super) async fn can_go_for(
        &self,
        lacks_bytes: u64,
        room_bytes: Option<u64>,
    ) -> Vec<FileHere> {
        let lacks_bytes = lacks_bytes.saturating_sub(room_bytes.unwrap_or_default());
        self.state.files_that_can_go(lacks_bytes.max(1)).await
    }

    /// Removes these, and tries again what had no room.
    pub fn make_room(&self, files: Vec<FileHere>) {
        let downloads = *self;
        spawn_local(async move {
            for file in files {
                downloads.state.remove_file(&file.sha256).await;
            }
            downloads.try_again();
        });
    }

    /// Removes these as the person had chosen beforehand, and notes it for them. Whether anything went.
    pub(super) async fn make_room_by_itself(&self, files: Vec<FileHere>) -> bool {
        let mut gone = choice::read_made_room();
        let before = gone.len();
        for file in files {
            if self.state.remove_file(&file.sha256).await {
                gone.insert(file.sha256);
            }
        }
        let is_any = gone.len() > before;
        choice::write_made_room(&gone);
        self.made_room.set(gone);
        self.runner().say_changed();
        is_any
    }

    /// What went by itself and the person has not said that they have seen, with the materials. What is here
    /// again is no loss.
    pub fn made_room(&self) -> Vec<(Material, FileInfo)> {
        let gone = self.made_room.get();
        let file_of = |sha256: &String| {
            if self.state.has_file(sha256) {
                return None;
            }
            let (material, form) = self.state.material_and_form(sha256)?;
            let file = match form {
                FormOfFile::Full => material.file(),
                FormOfFile::Medium => material.forms().and_then(|forms| forms.medium),
                FormOfFile::Light => None,
            };
            Some((material, file?))
        };
        gone.iter().filter_map(file_of).collect()
    }

    /// The person has seen what went.
    pub fn forget_made_room(&self) {
        choice::write_made_room(&std::collections::BTreeSet::new());
        self.made_room.update(std::collections::BTreeSet::clear);
        self.runner().say_changed();
    }
}
