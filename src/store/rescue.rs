//! What a person wrote with a group stays theirs when they lose the group: it becomes a note of their own.
//!
//! To read and write long texts is for code that comes after the app can be used. Until it is here, a group that is lost
//! stays; the server says it again at each exchange.

use std::future::Future;
use std::pin::Pin;

use std::collections::BTreeSet;

use keruen_domain::model::{Material, Note, View, fields};
use keruen_domain::text::Text;
use keruen_domain::{Collection, ContentHash, FieldKey, RecordId, RecordKey, ScopeId};

use super::schema::Upload;
use super::{Store, StoreError, Write};

/// Does it; a function of the code that comes later.
pub(super) type Rescue = for<'a> fn(
    &'a Store,
    &'a [ScopeId],
    u64,
) -> Pin<Box<dyn Future<Output = Result<(), StoreError>> + 'a>>;

impl Store {
    /// From now on groups may be lost.
    pub fn rescue_before_loss(&self) {
        self.rescue.set(Some(|store, lost, phone_ms| {
            Box::pin(store.rescue_notes(lost, phone_ms))
        }));
    }

    /// Sees to what was written in scopes that are about to go, and takes away those of which that cannot be done yet.
    pub(super) async fn before_loss(
        &self,
        lost: &mut Vec<ScopeId>,
        phone_ms: u64,
    ) -> Result<(), StoreError> {
        match self.rescue.get() {
            Some(rescue) => rescue(self, lost, phone_ms).await,
            None => {
                lost.retain(|scope| !matches!(scope, ScopeId::Group(_)));
                Ok(())
            }
        }
    }

    /// Copies the notes of these groups in which this device wrote anything among the owner's own, with their files that
    /// are here. Done again, it changes nothing. Notes of others go with the group.
    async fn rescue_notes(&self, lost: &[ScopeId], phone_ms: u64) -> Result<(), StoreError> {
        let is_lost = |scope: ScopeId| matches!(scope, ScopeId::Group(_)) && lost.contains(&scope);
        let (mut writes, mut uploads) = (Vec::new(), Vec::new());
        {
            let replica = self.replica();
            let notes = replica.records(Collection::NOTE);
            let notes = notes.filter_map(|record| Note::of(&record));
            let mut rescued = BTreeSet::new();
            for note in notes.filter(|note| is_lost(note.record().key.scope)) {
                let text = Text::of(note.record(), fields::BODY);
                let is_mine = |device| device == self.device();
                if !text.stretches().iter().any(|of| is_mine(of.device)) {
                    continue;
                }
                rescued.insert(note.id());
                let body = text.to_string();
                let mut key = own(Collection::NOTE, note.id().into());
                if let Some(before) = replica.get(&key) {
                    let before = Note::of(&before);
                    if before.is_some_and(|before| before.body() == body) {
                        continue;
                    }
                    key.id = RecordId::new(phone_ms, (self.random)());
                }
                writes.push(Write::new(key, move |edit| note.copy_into(edit, &body)));
            }
            let materials = replica.records(Collection::MATERIAL);
            let materials = materials.filter_map(|record| Material::of(&record));
            for material in materials.filter(|of| is_lost(of.record().key.scope)) {
                let of_rescued = material.note().is_some_and(|note| rescued.contains(&note));
                let key = own(Collection::MATERIAL, material.record().key.id);
                let file = material.file().filter(|file| self.has_file(&file.sha256));
                let (Some(file), true, None) = (file, of_rescued, replica.get(&key)) else {
                    continue;
                };
                let Ok(sha256) = file.sha256.parse::<ContentHash>() else {
                    continue;
                };
                uploads.push(Upload {
                    sha256,
                    scope: ScopeId::OWN,
                    size_bytes: file.size_bytes,
                    name: file.name.to_string(),
                    media_type: file.media_type.to_string(),
                    added_ms: phone_ms,
                    was_here: true,
                    is_wanted: true,
                    is_paused: false,
                    at_any_cost: false,
                    location: None,
                    sent_bytes: 0,
                    failure: None,
                });
                writes.push(Write::new(key, move |edit| {
                    for name in KEPT {
                        let value = material.record().value(name).clone();
                        edit.set(FieldKey::register(name), value);
                    }
                }));
            }
        }
        if writes.is_empty() {
            return Ok(());
        }
        // A file that is on its way and not yet named is harmless; one that is named and never goes is not.
        for upload in &uploads {
            self.put_upload(upload).await?;
        }
        self.commit(writes, phone_ms).await.map(drop)
    }
}

/// What a file of a note is.
const KEPT: [&str; 7] = [
    fields::TITLE,
    fields::NOTE,
    fields::KIND,
    fields::FILE_SHA256,
    fields::FILE_SIZE_BYTES,
    fields::FILE_TYPE,
    fields::FILE_NAME,
];

const fn own(collection: Collection, id: RecordId) -> RecordKey {
    RecordKey {
        scope: ScopeId::OWN,
        collection,
        id,
    }
}
