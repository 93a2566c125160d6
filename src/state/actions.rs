//! What people do. Each act ends in one commit, whose notice brings the result back to the view.

use std::sync::Arc;

use keruen_domain::model::{FileInfo, Subject, fields};
use keruen_domain::text::{self, Passage};
use keruen_domain::{ChangeId, Collection, FieldKey, NoteId, Record, RecordKey, ScopeId};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{AppState, Trouble, follow};
use crate::platform::{
    Area, ask_to_persist, now_ms, random_bytes, read_value, remove_value, write_value,
};
use crate::store::{StoreError, Write};
use crate::sync::{FileFailure, fetch_file};

/// Something done that can be taken back.
#[derive(Clone, Debug, PartialEq)]
pub enum Undo {
    /// A note was deleted.
    NoteDeleted(NoteId),
}

/// How a file stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fetching {
    /// It is on this phone.
    Here,
    /// It is on its way.
    OnItsWay,
    /// It is not here.
    NotHere,
}

/// Where a text waits that was typed as the page went away.
const PARKED: &str = "keruen.parked_note";

/// Where a note stands.
fn note_key(id: NoteId) -> RecordKey {
    RecordKey {
        scope: ScopeId::OWN,
        collection: Collection::NOTE,
        id: id.into(),
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

impl AppState {
    /// The place of a note of this device's owner.
    pub fn key_of_note(id: NoteId) -> RecordKey {
        note_key(id)
    }

    /// An identifier for a note that is about to be written.
    pub fn new_note_id() -> NoteId {
        NoteId::new(now_ms(), random_bytes())
    }

    /// Writes a note's text; the first text makes the note. `seen` is what the writer had in front
    /// of them. Returns what they now have in front of them, once it is safe on the device.
    pub async fn write_note(
        &self,
        id: NoteId,
        about: Option<Subject>,
        body: String,
        seen: Option<Arc<Record>>,
    ) -> Result<Option<Arc<Record>>, StoreError> {
        let is_new = seen.is_none();
        let phone_ms = now_ms();
        let write = Write::having_seen(note_key(id), seen.clone(), move |edit| {
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
        });
        let written = self.save(write, phone_ms).await;
        let written = written.inspect_err(|error| self.not_saved(error))?;
        self.forget_parked(id);
        Ok(match (seen, written.into_iter().next()) {
            (Some(seen), Some(delta)) => {
                let mut now = Record::clone(&seen);
                now.merge(delta);
                Some(Arc::new(now))
            }
            (seen, delta) => delta.map(Arc::new).or(seen),
        })
    }

    /// Puts a note's text where it outlives a page that is going away this very moment: the
    /// database would answer too late. It is written to the note when the app is next opened, or
    /// forgotten as soon as the note is saved. `seen` is what the writer had in front of them.
    pub fn park_note(&self, id: NoteId, about: Option<Subject>, body: &str, seen: Option<&Record>) {
        let about = about.map(|about| about.to_string()).unwrap_or_default();
        let seen = seen.map(|seen| text::read(seen, fields::BODY));
        let seen = seen.unwrap_or_default();
        let length = seen.len().to_string();
        write_value(
            Area::Lasting,
            PARKED,
            &[
                &id.to_string(),
                "\n#",
                &length,
                " ",
                &about,
                "\n",
                &seen,
                body,
            ]
            .concat(),
        );
    }

    fn forget_parked(&self, id: NoteId) {
        let parked = read_value(Area::Lasting, PARKED);
        if parked.is_some_and(|parked| parked.starts_with(&id.to_string())) {
            remove_value(Area::Lasting, PARKED);
        }
    }

    /// Writes the text that was parked when the page last went away.
    pub(super) fn take_in_parked_note(&self) {
        let Some(parked) = read_value(Area::Lasting, PARKED) else {
            return;
        };
        let Some(parked) = Parked::read(&parked) else {
            remove_value(Area::Lasting, PARKED);
            return;
        };
        let Parked { id, about, .. } = parked;
        let now = self.store().replica().get(&note_key(id)).cloned();
        let standing = now.as_deref().map(|now| text::read(now, fields::BODY));
        let standing = standing.unwrap_or_default();
        let body = text::put_on(&standing, parked.seen.unwrap_or(&standing), parked.body);
        let (state, now) = (*self, now.clone());
        // Saving it forgets what was parked.
        spawn_local(async move { drop(state.write_note(id, about, body, now).await) });
    }

    /// Writes a passage that was removed from a note's text into it again, where it stood.
    pub fn bring_back(&self, seen: Arc<Record>, passage: &Passage) {
        let body = text::read(&seen, fields::BODY);
        let start = body.char_indices().nth(passage.place);
        let (before, after) = body.split_at(start.map_or(body.len(), |(start, _)| start));
        let body = [before, &passage.text, after].concat();
        let id = seen.key.id.into();
        let state = *self;
        spawn_local(async move { drop(state.write_note(id, None, body, Some(seen)).await) });
    }

    /// Deletes a note. Its text stays where it is, so that it can be brought back.
    pub fn delete_note(&self, id: NoteId) {
        self.mark_deleted(id, true);
        self.undo.set(Some(Undo::NoteDeleted(id)));
    }

    /// Brings a deleted note back.
    pub fn restore_note(&self, id: NoteId) {
        self.undo.set(None);
        self.mark_deleted(id, false);
    }

    /// Takes the text out of a deleted note too, everywhere: nothing brings it back.
    pub fn delete_note_for_good(&self, id: NoteId) {
        self.undo.set(None);
        self.commit(Write::new(note_key(id), |edit| {
            edit.delete();
        }));
    }

    fn mark_deleted(&self, id: NoteId, is_deleted: bool) {
        self.commit(Write::new(note_key(id), move |edit| {
            edit.set(FieldKey::deleted(), is_deleted);
        }));
    }

    /// Takes the last act back.
    pub fn undo_last(&self) {
        if let Some(Undo::NoteDeleted(id)) = self.undo.get_untracked() {
            self.restore_note(id);
        }
    }

    fn commit(&self, write: Write) {
        let state = *self;
        spawn_local(async move {
            if let Err(error) = state.save(write, now_ms()).await {
                state.not_saved(&error);
            }
        });
    }

    async fn save(&self, write: Write, phone_ms: u64) -> Result<Vec<Record>, StoreError> {
        self.saving.update(|count| *count += 1);
        let outcome = self.store().commit(vec![write], phone_ms).await;
        self.saving.update(|count| *count -= 1);
        outcome
    }

    fn not_saved(&self, error: &StoreError) {
        self.trouble.set(Some(Trouble::NotSaved(error.clone())));
    }

    /// How a file stands.
    pub fn file_state(&self, file: &FileInfo) -> Fetching {
        follow(self.files_changed);
        if self.store().has_file(&file.sha256) {
            Fetching::Here
        } else if self.fetching.with(|files| files.contains(&file.sha256)) {
            Fetching::OnItsWay
        } else {
            Fetching::NotHere
        }
    }

    /// Fetches a file and keeps it on this phone.
    pub fn fetch_file(&self, file: FileInfo) {
        if self.file_state(&file) != Fetching::NotHere {
            return;
        }
        let (state, store) = (*self, self.store());
        state.fetching.update(|files| {
            files.insert(file.sha256.clone());
        });
        spawn_local(async move {
            let outcome = fetch_file(&store, &file).await;
            state.fetching.update(|files| {
                files.remove(&file.sha256);
            });
            if let Err(failure) = outcome {
                state.trouble.set(Some(match failure {
                    FileFailure::Unreachable => Trouble::FileUnreachable,
                    FileFailure::NotThere => Trouble::FileNotThere,
                    FileFailure::Damaged => Trouble::FileDamaged,
                    FileFailure::Store(error) => Trouble::NotSaved(error),
                }));
            }
        });
    }

    /// The bytes of a file that is on this phone.
    pub async fn file_bytes(&self, file: &FileInfo) -> Option<Vec<u8>> {
        match self.store().file(&file.sha256).await {
            Ok(bytes) => bytes,
            Err(error) => {
                self.not_saved(&error);
                None
            }
        }
    }

    /// Removes a file from this phone.
    pub fn remove_file(&self, file: &FileInfo) {
        let (state, store, sha256) = (*self, self.store(), file.sha256.clone());
        spawn_local(async move {
            if let Err(error) = store.remove_file(&sha256).await {
                state.not_saved(&error);
            }
        });
    }

    /// Exchanges with the server now.
    pub fn sync_now(&self) {
        self.driver().sync_now();
    }

    /// Makes this browser a device of whoever the token belongs to.
    pub fn connect(&self, token: String) {
        self.keep_token(Some(token));
    }

    /// Forgets whose device this is. What is on it stays.
    pub fn disconnect(&self) {
        self.keep_token(None);
    }

    fn keep_token(&self, token: Option<String>) {
        let (state, store) = (*self, self.store());
        spawn_local(async move {
            if let Err(error) = store.set_token(token).await {
                state.not_saved(&error);
            }
        });
    }

    /// Offers a refused change to the server again.
    pub fn offer_again(&self, change: ChangeId) {
        let (state, store) = (*self, self.store());
        spawn_local(async move {
            if let Err(error) = store.offer_again(change).await {
                state.not_saved(&error);
            }
        });
    }

    /// Takes a refused change off the list.
    pub fn dismiss(&self, change: ChangeId) {
        let (state, store) = (*self, self.store());
        spawn_local(async move {
            if let Err(error) = store.dismiss(change).await {
                state.not_saved(&error);
            }
        });
    }

    /// Asks the browser to keep the data; whether it agreed.
    pub async fn ask_to_persist() -> bool {
        ask_to_persist().await
    }
}
