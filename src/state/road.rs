//! What the next days need of this phone, and what lies on it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use keruen_domain::EventId;
use keruen_domain::downloads::{Removable, in_order_of_removal, to_make_room};
use keruen_domain::model::{Event, FileInfo, Material, Session};
use leptos::prelude::untrack;

use super::{AppState, FormOfFile};
use crate::platform::is_installed;
use crate::store::FileOnDevice;

/// What a day of an event that is ahead needs.
#[derive(Clone, PartialEq)]
pub struct RoadDay {
    /// The event.
    pub event: Event,
    /// The day, by the venue's calendar.
    pub day: NaiveDate,
    /// The files of its sessions that are not over, each once.
    pub files: Vec<FileInfo>,
}

/// A file on this phone.
#[derive(Clone, PartialEq)]
pub struct FileHere {
    /// Its SHA-256 in hexadecimal digits.
    pub sha256: String,
    /// The material that it belongs to, if that is on this phone.
    pub material: Option<Material>,
    /// What it is to it.
    pub form: FormOfFile,
    /// Its length.
    pub size_bytes: u64,
    /// The day of an event that uses it last.
    pub last_used: Option<(Event, NaiveDate)>,
    /// Whether all sessions that use it are over.
    pub is_over: bool,
    /// Whether it came by a link, so that nobody knows whether it can be fetched again.
    pub is_by_link: bool,
    /// Whether the person wants it to stay when room is made.
    pub is_pinned: bool,
}

impl AppState {
    /// Draws again whoever asks here when a file comes or goes.
    pub fn follow_files(&self) {
        super::follow(self.files_changed);
    }

    /// Whether the app was installed: it is not shown in a browser's window.
    pub fn is_installed() -> bool {
        is_installed()
    }

    /// The days ahead whose sessions have files, the next first.
    pub fn road(&self) -> Vec<RoadDay> {
        self.follow_programmes();
        let (now_ms, downloads) = (self.time.now_ms(), self.downloads());
        let mut days: BTreeMap<(NaiveDate, EventId), RoadDay> = BTreeMap::new();
        for event in self.events() {
            let sessions = self.sessions_of(event.id(), |outline| {
                outline.end.is_some_and(|end| end.unix_ms() > now_ms)
            });
            for session in sessions.iter().filter(|session| !session.is_cancelled()) {
                let Some(day) = session.start().map(|start| start.day()) else {
                    continue;
                };
                let materials = self.materials_of(session);
                for file in materials.iter().filter_map(|of| downloads.wanted_file(of)) {
                    let entry = days.entry((day, event.id())).or_insert_with(|| RoadDay {
                        event: event.clone(),
                        day,
                        files: Vec::new(),
                    });
                    if !entry.files.iter().any(|known| known.sha256 == file.sha256) {
                        entry.files.push(file);
                    }
                }
            }
        }
        days.into_values().collect()
    }

    /// All files on this phone, in the order in which they could go. What cannot be read counts as none.
    pub async fn files_here(&self) -> Vec<FileHere> {
        let in_order = in_order_of_removal(self.removable_files().await);
        in_order.into_iter().map(|of| of.file).collect()
    }

    /// Those of them that may go so that there is so much more room: sessions that are over longest ago first.
    /// Nothing that waits to be sent is among them, and none where all would not be enough.
    pub async fn files_that_can_go(&self, lacks_bytes: u64) -> Vec<FileHere> {
        let files = self.removable_files().await;
        let now_ms = untrack(|| self.time.now_ms());
        let chosen = to_make_room(files, lacks_bytes, now_ms);
        chosen.into_iter().map(|of| of.file).collect()
    }

    async fn removable_files(&self) -> Vec<Removable<FileHere>> {
        let files = self.store().files_on_device().await.unwrap_or_default();
        untrack(|| {
            let (now_ms, uploads) = (self.time.now_ms(), self.uploads());
            let files = files.into_iter().map(|file| {
                let file = self.file_here(file, now_ms);
                let last_used_ms = self.last_use(&file).map(|(_, ends_ms)| ends_ms);
                let is_data = file.form == FormOfFile::Light;
                Removable {
                    size_bytes: file.size_bytes,
                    last_used_ms,
                    is_pinned: file.is_pinned || is_data,
                    can_come_again: !file.is_by_link && !uploads.is_to_go(&file.sha256),
                    file,
                }
            });
            files.collect()
        })
    }

    fn file_here(&self, file: FileOnDevice, now_ms: i64) -> FileHere {
        let FileOnDevice { sha256, held } = file;
        let (material, form) = match self.material_and_form(&sha256) {
            Some((material, form)) => (Some(material), form),
            None => (None, FormOfFile::Full),
        };
        // Only full files were ever kept without it.
        let told = material.as_ref().and_then(Material::file);
        let told_bytes = told.map_or(0, |file| file.size_bytes);
        let mut here = FileHere {
            size_bytes: held.as_ref().map_or(told_bytes, |held| held.size_bytes),
            is_by_link: held.is_some_and(|held| !held.is_usual),
            is_pinned: self.downloads().is_pinned(&sha256),
            sha256,
            material,
            form,
            last_used: None,
            is_over: false,
        };
        if let Some((session, ends_ms)) = self.last_use(&here) {
            let event = session.event().and_then(|id| self.event(id));
            here.last_used = event.zip(session.start().map(|start| start.day()));
            here.is_over = ends_ms < now_ms;
        }
        here
    }

    /// The last session that uses a file, and when it ends.
    fn last_use(&self, file: &FileHere) -> Option<(Session, i64)> {
        let sessions = self.sessions_with(file.material.as_ref()?.id());
        let ends = |session: Session| {
            let ends_ms = session.end()?.unix_ms();
            Some((session, ends_ms))
        };
        let uses = sessions.into_iter().filter_map(ends);
        uses.max_by_key(|(_, ends_ms)| *ends_ms)
    }
}
