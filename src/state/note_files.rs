//! Notes as Markdown files: out of the app, and into it.

use std::collections::BTreeSet;

use keruen_domain::model::{FileInfo, Note, NoteColour, fields};
use keruen_domain::{Collection, FieldKey, Language, MaterialId, NoteId, RecordKey, ScopeId};
use keruen_formats::notes::{
    FOLDER, MOST_FILE_BYTES, NoteFile, ReadNote, Unreadable, attached_name, attached_names,
    comparable, names, read,
};
use leptos::prelude::untrack;

use super::archive::{self, Archive, NotArchived};
use super::attached::address;
use super::{AppState, ChosenFile, NotAdded, ObjectUrl, Time, subject_title};
use crate::platform::{Pieces, hand_on_text, now_ms, save_file, save_object};
use crate::store::Write;

const MARKDOWN: &str = "text/markdown;charset=utf-8";
const HTML: &str = "text/html;charset=utf-8";
const ZIP: &str = "application/zip";

/// A note that a file holds.
#[derive(Clone)]
pub struct FoundNote {
    note: ReadNote,
    /// Files of it, each with the place that the text names.
    attached: Vec<(String, ChosenFile)>,
}

/// What files hold that somebody chose.
#[derive(Clone, Default)]
pub struct NotesInFiles {
    /// Notes that are not on this phone.
    pub new: Vec<FoundNote>,
    /// How many are here already.
    pub here: usize,
    /// The files that are none, each with the reason.
    pub unreadable: Vec<(String, Unreadable)>,
}

impl AppState {
    fn note_file(&self, note: &Note, language: Language) -> NoteFile {
        let subjects = note.subjects().into_iter();
        let about = subjects.map(|subject| {
            let title = subject_title(self, subject);
            let title = title.as_ref().and_then(|title| title.best(language));
            let title = title.map(|(title, _)| title.to_owned());
            (subject, title.unwrap_or_default())
        });
        NoteFile {
            id: note.id(),
            heading: note.heading(),
            body: note.body().into_owned(),
            created_ms: note.created_ms(),
            edited_ms: note
                .edited_ms()
                .and_then(|edited| i64::try_from(edited).ok()),
            tags: note.tags().map(str::to_owned).collect(),
            colour: note.colour(),
            is_pinned: note.is_pinned(),
            about: about.collect(),
        }
    }

    /// Hands a note to the browser, as a Markdown file or, with files of its own that are on this phone, as an archive;
    /// whether it took it.
    pub async fn save_note_file(&self, id: NoteId, language: Language) -> bool {
        let Some(note) = untrack(|| self.note(id)) else {
            return false;
        };
        let file = untrack(|| self.note_file(&note, language));
        if untrack(|| self.attached_here(id)).is_empty() {
            return save_file(&file.name(), MARKDOWN, file.to_markdown().as_bytes());
        }
        let name = file.name();
        let stem = name.strip_suffix(".md").unwrap_or(&name);
        self.save_archive(vec![note], &dated(stem, "zip"), language)
            .await
    }

    /// Hands all notes to the browser, a Markdown file each in one archive that is called so, with their files that are
    /// on this phone; whether it took it.
    pub async fn save_note_files(&self, name: &str, language: Language) -> bool {
        let notes = untrack(|| self.notes());
        self.save_archive(notes, &dated(name, "zip"), language)
            .await
    }

    async fn save_archive(&self, notes: Vec<Note>, name: &str, language: Language) -> bool {
        let url = match self.archive_of(notes, language).await {
            Ok(pieces) => ObjectUrl::of_pieces(&pieces, ZIP),
            Err(NotArchived::Store(error)) => {
                self.not_saved(&error);
                None
            }
            Err(NotArchived::Unreadable | NotArchived::TooLarge) => None,
        };
        url.is_some_and(|url| save_object(name, url))
    }

    async fn archive_of(
        &self,
        notes: Vec<Note>,
        language: Language,
    ) -> Result<Pieces, NotArchived> {
        let (mut taken, mut attached) = (BTreeSet::new(), Vec::new());
        let files = notes.iter().map(|note| {
            let mut file = untrack(|| self.note_file(note, language));
            for (id, info) in untrack(|| self.attached_here(note.id())) {
                let name = attached_name(&info.name, &mut taken);
                let place = [&address(id), ")"].concat();
                file.body = file.body.replace(&place, &[&name, ")"].concat());
                attached.push((name, info));
            }
            file
        });
        let files: Vec<NoteFile> = files.collect();
        let mut archive = Archive::default();
        for (name, file) in names(&files).iter().zip(&files) {
            archive.add(name, file.to_markdown().as_bytes())?;
        }
        let store = self.store();
        for (name, info) in attached {
            let added = archive.add_file(&store, &info.sha256, &name, info.size_bytes, |_| ());
            added.await?;
        }
        Ok(archive.finish()?.0)
    }

    /// The files of a note that are on this phone, each in its largest form that is.
    fn attached_here(&self, note: NoteId) -> Vec<(MaterialId, FileInfo)> {
        let store = self.store();
        let files = self.files_of_note(note).into_iter();
        let files = files.filter_map(|material| {
            let forms = material.forms();
            let (medium, light) = forms.map_or((None, None), |of| (of.medium, Some(of.light)));
            let mut forms = [material.file(), medium, light].into_iter().flatten();
            let here = forms.find(|file| store.has_file(&file.sha256))?;
            Some((material.id(), here))
        });
        files.collect()
    }

    /// Hands a page to the browser that is called so; whether it took it.
    pub fn save_page(name: &str, page: &str) -> bool {
        save_file(&dated(name, "html"), HTML, page.as_bytes())
    }

    /// Opens the phone's share sheet with a text.
    pub async fn hand_on_text(title: &str, text: &str) {
        hand_on_text(title, text).await;
    }

    /// Reads files that hold notes. Nothing is changed.
    pub async fn read_note_files(&self, files: Vec<ChosenFile>) -> NotesInFiles {
        let mut found = NotesInFiles::default();
        let mut here: BTreeSet<String> = untrack(|| {
            let notes = self.notes().into_iter();
            notes.map(|note| comparable(&note.body())).collect()
        });
        let mut take = |name: &str, read: Result<FoundNote, Unreadable>| match read {
            Ok(found_note) if here.insert(comparable(&found_note.note.body)) => {
                found.new.push(found_note);
            }
            Ok(_) => found.here += 1,
            Err(why) => found.unreadable.push((name.to_owned(), why)),
        };
        for file in files {
            let name = file.name();
            if !name.to_lowercase().ends_with(".zip") {
                let note = read_note(&file).await;
                let bare = note.map(|note| FoundNote {
                    note,
                    attached: Vec::new(),
                });
                take(&name, bare);
                continue;
            }
            match read_archive(&file).await {
                Some(notes) => notes.into_iter().for_each(|(name, note)| take(&name, note)),
                None => take(&name, Err(Unreadable::OtherArchive)),
            }
        }
        found
    }

    /// Takes notes of files as one's own, all of them or none; whether they are saved. Files that could not be taken
    /// along are told with the reason: the text says still what they were called.
    pub async fn take_notes(&self, notes: Vec<FoundNote>) -> (bool, Vec<(String, NotAdded)>) {
        let (mut taken, mut failed) = (BTreeSet::new(), Vec::new());
        let mut writes = Vec::new();
        for FoundNote { mut note, attached } in notes {
            // One that was here and has other words now, or is in the bin, is another note.
            let is_free = |id: &NoteId| untrack(|| self.record(&self.key_of_note(*id)).is_none());
            let id = note.id.filter(is_free);
            let id = id.filter(|id| taken.insert(*id));
            let id = id.unwrap_or_else(Self::new_note_id);
            for (place, file) in attached {
                match self.add_file_to_note(id, &file, |_| ()).await {
                    Ok(Some(material)) => {
                        let (old, new) =
                            ([&place, ")"].concat(), [&address(material), ")"].concat());
                        note.body = note.body.replace(&old, &new);
                    }
                    Ok(None) => return (false, failed),
                    Err(why) => failed.push((file.name(), why)),
                }
            }
            writes.push(taking(id, note));
        }
        (self.commit_all(writes).await, failed)
    }
}

/// The beginning of a note with what a file says of it.
fn taking(id: NoteId, note: ReadNote) -> Write {
    let key = RecordKey {
        scope: ScopeId::OWN,
        collection: Collection::NOTE,
        id: id.into(),
    };
    Write::new(key, move |edit| {
        edit.write_text(fields::BODY, &note.body);
        let now_ms = i64::try_from(now_ms()).unwrap_or(0);
        let created_ms = note.created_ms.unwrap_or(now_ms);
        edit.set(FieldKey::register(fields::CREATED), created_ms);
        if let Some(about) = note.about.first() {
            edit.set(FieldKey::register(fields::ABOUT), about.to_string());
        }
        for subject in &note.about {
            let subject = subject.to_string();
            edit.set(FieldKey::member(fields::SUBJECTS, &subject), true);
        }
        for tag in &note.tags {
            edit.set(FieldKey::member(fields::TAGS, tag), true);
        }
        if note.colour != NoteColour::None {
            edit.set(FieldKey::register(fields::COLOUR), note.colour.word());
        }
        if note.is_pinned {
            edit.set(FieldKey::register(fields::PINNED), true);
        }
    })
}

async fn read_note(file: &ChosenFile) -> Result<ReadNote, Unreadable> {
    let length = file.size_bytes().min(MOST_FILE_BYTES as u64 + 1);
    let bytes = file.bytes(0..length).await.ok_or(Unreadable::NotText)?;
    read(&bytes)
}

/// The notes of an archive as this app makes them, with the names of their files; `None` for any other, and for one in
/// which a note or a file of one is not as it was written.
async fn read_archive(
    archive: &ChosenFile,
) -> Option<Vec<(String, Result<FoundNote, Unreadable>)>> {
    let entries = archive::entries(archive).await?;
    let mut notes = Vec::new();
    for entry in entries
        .iter()
        .filter(|entry| !entry.name.starts_with(FOLDER))
    {
        if !archive::is_whole(archive, entry).await {
            return None;
        }
        let file = archive.part(&entry.name, entry.content())?;
        let note = match read_note(&file).await {
            Ok(note) => note,
            Err(why) => {
                notes.push((entry.name.clone(), Err(why)));
                continue;
            }
        };
        let mut attached = Vec::new();
        for place in attached_names(&note.body) {
            let Some(entry) = entries.iter().find(|entry| entry.name == place) else {
                continue;
            };
            if !archive::is_whole(archive, entry).await {
                return None;
            }
            let name = place.strip_prefix(FOLDER).unwrap_or(&place);
            attached.push((place.clone(), archive.part(name, entry.content())?));
        }
        notes.push((entry.name.clone(), Ok(FoundNote { note, attached })));
    }
    Some(notes)
}

/// The name of a file of today.
fn dated(name: &str, ending: &str) -> String {
    let day = Time::phone_wall(now_ms()).date();
    [name, " ", &day.to_string(), ".", ending].concat()
}
