//! The backup file, and texts that could not be saved.

use std::sync::Arc;

use keruen_domain::backup::{Backup, EXTENSION};
use keruen_domain::model::{Subject, fields};
use keruen_domain::{FieldKey, NoteId, Record, text};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{AppState, Time, Trouble};
use crate::platform::{
    Area, now_ms, read_value, remove_value, save_file, sleep_ms, value_names, write_value,
};
use crate::store::{Restored, StoreError, Write, rescue_from_browser};

/// Where texts wait that were typed as the page went away, or that could not be saved: what this
/// begins with, and the note.
const PARKED: &str = "keruen.parked_note";
/// How long after a text could not be saved the next attempt comes, in milliseconds.
pub const SAVE_AGAIN_MS: u32 = 3_000;
const MEDIA_TYPE: &str = "application/octet-stream";

/// A note's text that is not in the database.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Unsaved {
    pub(super) id: NoteId,
    pub(super) about: Option<Subject>,
    pub(super) body: String,
    /// What the writer had in front of them.
    pub(super) seen: Option<Arc<Record>>,
}

impl Unsaved {
    /// The edit that saves it.
    pub(super) fn write(self, state: &AppState, phone_ms: u64) -> Write {
        let Self {
            id,
            about,
            body,
            seen,
        } = self;
        let key = state.key_of_note(id);
        // Of a group that the writer has left there is nothing here any more: what they wrote is theirs.
        let seen = seen.filter(|seen| seen.key == key);
        let is_new = seen.is_none();
        Write::having_seen(key, seen, move |edit| {
            edit.write_text(fields::BODY, &body);
            if is_new {
                edit.set(
                    FieldKey::register(fields::CREATED),
                    i64::try_from(phone_ms).unwrap_or(0),
                );
                if let Some(about) = about {
                    edit.set(FieldKey::register(fields::ABOUT), about.to_string());
                }
            }
        })
    }

    fn parked_name(id: NoteId) -> String {
        [PARKED, ".", &id.to_string()].concat()
    }

    /// What it was made of is kept with it, so that only what was typed is put on whatever the note
    /// holds by then.
    fn park(&self) {
        let about = self.about.map(|about| about.to_string());
        let seen = self.seen.as_deref();
        let seen = seen.map(|seen| text::read(seen, fields::BODY));
        let seen = seen.unwrap_or_default();
        let parts = [
            &self.id.to_string(),
            "\n#",
            &seen.len().to_string(),
            " ",
            &about.unwrap_or_default(),
            "\n",
            &seen,
            &self.body,
        ];
        write_value(Area::Lasting, &Self::parked_name(self.id), &parts.concat());
    }

    /// Reads what was parked, put on what the device has of the note now.
    fn read(state: &AppState, parked: &str) -> Option<Self> {
        let parked = Parked::read(parked)?;
        let key = state.key_of_note(parked.id);
        let now = state.store().replica().get(&key);
        let standing = now.as_deref().map(|now| text::read(now, fields::BODY));
        let standing = standing.unwrap_or_default();
        let body = text::put_on(&standing, parked.seen.unwrap_or(&standing), parked.body);
        let (id, about) = (parked.id, parked.about);
        drop(standing);
        Some(Self {
            id,
            about,
            body,
            seen: now,
        })
    }
}

/// A text that waits: what it was made of, if that is known, and what was made of it.
struct Parked<'a> {
    id: NoteId,
    about: Option<Subject>,
    seen: Option<&'a str>,
    body: &'a str,
}

impl<'a> Parked<'a> {
    fn read(parked: &'a str) -> Option<Self> {
        let mut parts = parked.splitn(3, '\n');
        let id = parts.next()?.parse().ok()?;
        let (about, body) = (parts.next()?, parts.next()?);
        // Earlier versions did not tell what was seen.
        let Some((length, about)) = about.strip_prefix('#').and_then(|it| it.split_once(' '))
        else {
            let about = about.parse().ok();
            return Some(Self {
                id,
                about,
                seen: None,
                body,
            });
        };
        let (seen, body) = body.split_at_checked(length.parse().ok()?)?;
        let about = about.parse().ok();
        Some(Self {
            id,
            about,
            seen: Some(seen),
            body,
        })
    }
}

/// A file to be handed to its person.
fn hand_out(backup: &Backup) -> bool {
    let day = Time::phone_wall(backup.made_at_ms).date().to_string();
    let name = ["keruen-", &day, ".", EXTENSION].concat();
    save_file(&name, MEDIA_TYPE, &backup.encode())
}

impl AppState {
    /// Puts a note's text where it outlives a page that is going away this very moment: the
    /// database would answer too late. It is written to the note when the app is next opened, or
    /// forgotten as soon as the note is saved. `seen` is what the writer had in front of them.
    pub fn park_note(&self, id: NoteId, about: Option<Subject>, body: &str, seen: Option<&Record>) {
        if !self.store().is_current() {
            return;
        }
        let unsaved = Unsaved {
            id,
            about,
            body: body.to_owned(),
            seen: seen.cloned().map(Arc::new),
        };
        unsaved.park();
    }

    /// Whether texts were parked when the page last went away.
    pub fn has_parked_notes(&self) -> bool {
        !value_names(Area::Lasting, PARKED).is_empty()
    }

    /// Writes the texts that were parked when the page last went away. Called once.
    pub fn take_in_parked_notes(&self) {
        for name in value_names(Area::Lasting, PARKED) {
            let parked = read_value(Area::Lasting, &name).unwrap_or_default();
            let Some(unsaved) = Unsaved::read(self, &parked) else {
                remove_value(Area::Lasting, &name);
                continue;
            };
            let state = *self;
            spawn_local(async move {
                let id = unsaved.id;
                if state.write_unsaved(unsaved).await.is_ok() {
                    remove_value(Area::Lasting, &name);
                } else {
                    state.keep_trying(id);
                }
            });
        }
    }

    /// A note's text is not in the database: it is kept in memory and outside the database until
    /// it is.
    pub(super) fn keep_unsaved(&self, unsaved: Unsaved) {
        unsaved.park();
        self.unsaved.update(|all| {
            all.retain(|other| other.id != unsaved.id);
            all.push(unsaved);
        });
    }

    /// A note's text is in the database.
    pub(super) fn forget_unsaved(&self, id: NoteId) {
        remove_value(Area::Lasting, &Unsaved::parked_name(id));
        if !self.is_unsaved(id) {
            return;
        }
        self.unsaved
            .update(|all| all.retain(|other| other.id != id));
        let is_over = self.unsaved.with_untracked(Vec::is_empty)
            && matches!(self.trouble.get_untracked(), Some(Trouble::NotSaved(_)));
        if is_over {
            self.trouble.set(None);
        }
    }

    /// Whether the last text of a note could not be saved yet.
    pub fn is_unsaved(&self, id: NoteId) -> bool {
        let is_it = |all: &Vec<Unsaved>| all.iter().any(|unsaved| unsaved.id == id);
        if leptos::reactive::graph::Observer::get().is_some() {
            self.unsaved.with(is_it)
        } else {
            self.unsaved.with_untracked(is_it)
        }
    }

    /// Tries again to save the text of a note that no page holds any more, until it is saved.
    pub fn keep_trying(&self, id: NoteId) {
        let is_trying = self.orphans.with_value(|orphans| !orphans.is_empty());
        self.orphans.update_value(|orphans| orphans.push(id));
        if is_trying {
            return;
        }
        let state = *self;
        spawn_local(async move {
            while let Some(id) = state.orphans.with_value(|orphans| orphans.last().copied()) {
                let all = state.unsaved.get_untracked();
                let text = all.into_iter().find(|unsaved| unsaved.id == id);
                if let Some(text) = text {
                    sleep_ms(SAVE_AGAIN_MS).await;
                    drop(state.write_unsaved(text).await);
                    // A shorter text may fit where a longer one does not.
                    state
                        .orphans
                        .update_value(|orphans| orphans.rotate_right(1));
                } else {
                    state
                        .orphans
                        .update_value(|orphans| orphans.retain(|orphan| *orphan != id));
                }
            }
        });
    }

    /// Everything that the server does not have yet and this person's own records, as a file that
    /// the browser is handed; whether it took it.
    pub async fn save_backup(&self) -> bool {
        let phone_ms = now_ms();
        let unsaved = self.unsaved.get_untracked().into_iter();
        let mut writes: Vec<Write> = unsaved
            .map(|unsaved| unsaved.write(self, phone_ms))
            .collect();
        if writes.is_empty() {
            let names = value_names(Area::Lasting, PARKED).into_iter();
            let parked = names.filter_map(|name| read_value(Area::Lasting, &name));
            let parked = parked.filter_map(|text| Unsaved::read(self, &text));
            writes.extend(parked.map(|unsaved| unsaved.write(self, phone_ms)));
        }
        let backup = self.store().backup(writes, phone_ms).await;
        hand_out(&backup)
    }

    /// The same where the app could not start.
    pub async fn rescue_backup() -> bool {
        match rescue_from_browser(now_ms()).await {
            Ok(backup) => hand_out(&backup),
            Err(_) => false,
        }
    }

    /// Merges a backup into what is here.
    pub async fn restore(&self, backup: &Backup) -> Result<Restored, StoreError> {
        self.store().restore(backup, now_ms()).await
    }
}
