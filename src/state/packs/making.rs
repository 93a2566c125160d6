//! Giving a programme from phone to phone: a pack is made piece by piece, and never held whole.

use std::collections::BTreeSet;

use keruen_domain::model::{FileInfo, Material, Note, Subject, View};
use keruen_domain::{ContentHash, ProgrammeId, Record, ScopeId, page};
use keruen_formats::pack::zip::clean_name;
use keruen_formats::pack::{
    ENDING, FileEntry, GIVEN, MANIFEST, MEDIA_TYPE, Manifest, NOTES, PROGRAMME, README,
    RecordsEntry, given, read_me,
};
use leptos::prelude::untrack;

use super::PackTrouble;
use crate::platform::{ObjectUrl, Pieces, now_ms, save_object};
use crate::state::archive::Archive;
use crate::state::{AppState, Time, group_of};

/// A pack that was made.
pub struct MadePack {
    pieces: Pieces,
    name: String,
    /// Its length.
    pub size_bytes: u64,
}

impl MadePack {
    /// Hands it to the browser, which keeps it as it keeps downloads; whether that could be done.
    pub fn save(&self) -> bool {
        let url = ObjectUrl::of_pieces(&self.pieces, MEDIA_TYPE);
        url.is_some_and(|url| save_object(&self.name, url))
    }
}

impl AppState {
    /// The files of a programme's materials that are on this phone, and could go into a pack.
    pub fn files_to_give(&self, programme: ProgrammeId) -> Vec<(FileInfo, Material)> {
        let store = self.store();
        let materials = self.materials_in(ScopeId::Programme(programme)).into_iter();
        let files = materials.filter_map(|material| Some((material.file()?, material)));
        let mut files: Vec<_> = files
            .filter(|(file, _)| store.has_file(&file.sha256))
            .collect();
        files.sort_by(|(one, _), (other, _)| one.sha256.cmp(&other.sha256));
        files.dedup_by(|(one, _), (other, _)| one.sha256 == other.sha256);
        files
    }

    /// One's own notes about what is in a programme.
    pub fn notes_to_give(&self, programme: ProgrammeId) -> Vec<Note> {
        let scope = ScopeId::Programme(programme);
        let mut notes: Vec<Note> = self.all();
        // What a group writes is not the giver's alone.
        notes.retain(|note| group_of(note).is_none());
        notes.retain(|note| {
            let scope_of = |subject| match subject {
                Subject::Event(id) => self.event(id).map(|of| of.record().key.scope),
                Subject::Session(id) => self.session(id).map(|of| of.record().key.scope),
                Subject::Material(id) => self.material(id).map(|of| of.record().key.scope),
                Subject::Programme(id) => Some(ScopeId::Programme(id)),
            };
            note.subjects()
                .into_iter()
                .any(|subject| scope_of(subject) == Some(scope))
        });
        notes
    }

    /// Makes a pack of a programme, which is called so, with these files, and one's notes if they are to go along. `progress` is told how
    /// many bytes of files are in it.
    pub async fn make_pack(
        &self,
        programme: ProgrammeId,
        title: String,
        files: Vec<FileInfo>,
        with_notes: bool,
        progress: impl Fn(u64),
    ) -> Result<MadePack, PackTrouble> {
        let scope = ScopeId::Programme(programme);
        let (records, notes) = untrack(|| {
            let store = self.store();
            let replica = store.replica();
            let all = GIVEN.into_iter().flat_map(|of| replica.records(of));
            let records = given(scope, &all.collect::<Vec<_>>());
            let notes = self.notes_to_give(programme).into_iter();
            let notes = notes.map(|note| Record::clone(note.record()));
            (records, notes.collect::<Vec<_>>())
        });
        let records = page::encode(scope, &records);
        let notes = with_notes.then(|| page::encode(ScopeId::OWN, &notes));
        let entry = |page: &Vec<u8>| RecordsEntry {
            sha256: ContentHash::of(page),
            size_bytes: page.len() as u64,
        };
        let light = untrack(|| self.light_forms(scope));
        let known = light.iter().chain(&files).filter_map(|file| {
            Some(FileEntry {
                sha256: file.sha256.parse().ok()?,
                size_bytes: file.size_bytes,
                media_type: file.media_type.to_string(),
                name: file.name.to_string(),
            })
        });
        let manifest = Manifest {
            made_ms: now_ms().saturating_add_signed(self.store().clock_offset_ms()),
            programme,
            title: title.clone(),
            records: entry(&records),
            notes: notes.as_ref().map(entry),
            files: known.collect(),
        };
        let mut making = Archive::default();
        making.add(README, read_me(&manifest).as_bytes())?;
        making.add(MANIFEST, manifest.to_json().as_bytes())?;
        making.add(PROGRAMME, &records)?;
        if let Some(notes) = &notes {
            making.add(NOTES, notes)?;
        }
        let store = self.store();
        for file in &manifest.files {
            let (digits, name) = (file.sha256.to_string(), file.entry_name());
            let added = making.add_file(&store, &digits, &name, file.size_bytes, &progress);
            added.await?;
        }
        let (pieces, size_bytes) = making.finish()?;
        let day = Time::phone_wall(now_ms()).date();
        let name = [&clean_name(&title), " ", &day.to_string(), ".", ENDING].concat();
        Ok(MadePack {
            pieces,
            name,
            size_bytes,
        })
    }

    /// The small pictures of pictures that are on this phone: a few KB each, so nobody is asked.
    fn light_forms(&self, scope: ScopeId) -> Vec<FileInfo> {
        let (store, mut seen) = (self.store(), BTreeSet::new());
        let materials = self.materials_in(scope).into_iter();
        let mut light: Vec<_> = materials
            .filter_map(|material| Some(material.forms()?.light))
            .collect();
        light.retain(|form| store.has_file(&form.sha256) && seen.insert(form.sha256.clone()));
        light
    }
}
