//! Notes as Markdown files: out of the app, and into it.

use std::collections::BTreeSet;

use keruen_domain::model::{Note, fields};
use keruen_domain::{Collection, FieldKey, Language, NoteId, RecordKey, ScopeId};
use keruen_formats::notes::{
    MOST_ARCHIVE_BYTES, MOST_FILE_BYTES, NoteFile, ReadNote, Unreadable, archive, read, unpack,
};
use leptos::prelude::untrack;

use super::{AppState, ChosenFile, Time, subject_title};
use crate::platform::{hand_on_text, now_ms, save_file};
use crate::store::Write;

const MARKDOWN: &str = "text/markdown;charset=utf-8";
const HTML: &str = "text/html;charset=utf-8";
const ZIP: &str = "application/zip";

/// What files hold that somebody chose.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NotesInFiles {
    /// Notes that are not on this phone.
    pub new: Vec<ReadNote>,
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
            about: about.collect(),
        }
    }

    /// Hands a note to the browser as a Markdown file; whether it took it.
    pub fn save_note_file(&self, id: NoteId, language: Language) -> bool {
        let file = untrack(|| self.note(id).map(|note| self.note_file(&note, language)));
        file.is_some_and(|file| save_file(&file.name(), MARKDOWN, file.to_markdown().as_bytes()))
    }

    /// Hands all notes to the browser, a Markdown file each in one archive that is called so; whether it took it.
    pub fn save_note_files(&self, name: &str, language: Language) -> bool {
        let files = untrack(|| {
            let notes = self.notes().into_iter();
            let files = notes.map(|note| self.note_file(&note, language));
            files.collect::<Vec<_>>()
        });
        archive(&files).is_some_and(|bytes| save_file(&dated(name, "zip"), ZIP, &bytes))
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
            notes.map(|note| note.body().trim().to_owned()).collect()
        });
        let mut take = |name: &str, read: Result<ReadNote, Unreadable>| match read {
            Ok(note) if here.insert(note.body.trim().to_owned()) => found.new.push(note),
            Ok(_) => found.here += 1,
            Err(why) => found.unreadable.push((name.to_owned(), why)),
        };
        for file in files {
            let name = file.name();
            let is_archive = name.to_lowercase().ends_with(".zip");
            let most = if is_archive {
                MOST_ARCHIVE_BYTES
            } else {
                MOST_FILE_BYTES
            };
            let bytes = file.bytes(0..file.size_bytes().min(most as u64 + 1)).await;
            let Some(bytes) = bytes else {
                take(&name, Err(Unreadable::NotText));
                continue;
            };
            if !is_archive {
                take(&name, read(&bytes));
                continue;
            }
            match unpack(&bytes) {
                Some(files) => files
                    .iter()
                    .for_each(|(name, bytes)| take(name, read(bytes))),
                None => take(&name, Err(Unreadable::OtherArchive)),
            }
        }
        found
    }

    /// Takes notes of files as one's own, all of them or none; whether they are saved.
    pub async fn take_notes(&self, notes: Vec<ReadNote>) -> bool {
        let mut taken = BTreeSet::new();
        let writes = notes.into_iter().map(|note| {
            let key_of = |id: NoteId| RecordKey {
                scope: ScopeId::OWN,
                collection: Collection::NOTE,
                id: id.into(),
            };
            // One that was here and has other words now, or is in the bin, is another note.
            let is_free = |id: &NoteId| untrack(|| self.record(&self.key_of_note(*id)).is_none());
            let id = note.id.filter(is_free);
            let id = id.filter(|id| taken.insert(*id));
            let id = id.unwrap_or_else(Self::new_note_id);
            Write::new(key_of(id), move |edit| {
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
            })
        });
        let writes: Vec<Write> = writes.collect();
        self.commit_all(writes).await
    }
}

/// The name of a file of today.
fn dated(name: &str, ending: &str) -> String {
    let day = Time::phone_wall(now_ms()).date();
    [name, " ", &day.to_string(), ".", ending].concat()
}
