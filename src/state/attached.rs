//! Files in notes: photos, papers, recordings. Each is a material in the note's own scope that stands in no list of
//! materials, so that it travels, is looked at and is kept like all others.

use keruen_domain::model::{Material, Note, View, fields};
use keruen_domain::{
    Collection, ContentHash, FieldKey, MaterialId, NoteId, RecordKey, ScopeId, Value,
};
use leptos::prelude::untrack;

use super::making::{fields_of, title_of};
use super::{AppState, NotAdded};
use crate::platform::{ChosenFile, now_ms};
use crate::store::{Upload, Write};

/// What is written into a note for a file: a picture is shown there, another file is a link.
pub fn mention(file_name: &str, id: MaterialId, is_picture: bool) -> String {
    let words = title_of(file_name);
    let words: String = words
        .chars()
        .filter(|letter| !matches!(letter, '[' | ']' | '\\') && !letter.is_control())
        .collect();
    let mark = if is_picture { "!" } else { "" };
    [mark, "[", &words, "](", &address(id), ")"].concat()
}

/// The text without what was written for a file.
pub fn without_mention(text: &str, id: MaterialId) -> String {
    let target = ["](", &address(id), ")"].concat();
    let mut text = text.to_owned();
    while let Some(end) = text.find(&target) {
        let Some(begin) = text[..end].rfind('[') else {
            break;
        };
        let begin = if text[..begin].ends_with('!') {
            begin - 1
        } else {
            begin
        };
        text.replace_range(begin..end + target.len(), "");
        // A line of its own goes whole.
        let begins_line = text[..begin].is_empty() || text[..begin].ends_with('\n');
        if begins_line && text[begin..].starts_with('\n') {
            text.remove(begin);
        }
    }
    text
}

/// Where a material is: what a text says of it.
pub(super) fn address(id: MaterialId) -> String {
    format!("/materials/{id}")
}

impl AppState {
    /// Copies a file onto this device for a note; it goes to the server by itself. The note need not be written
    /// yet. `progress` is told what [`AppState::add_file`] tells. `Ok(None)` if it could not be saved, which is
    /// said elsewhere.
    ///
    /// # Errors
    ///
    /// When the file cannot be taken: nothing of it is kept.
    pub async fn add_file_to_note(
        &self,
        note: NoteId,
        chosen: &ChosenFile,
        progress: impl Fn(u64),
    ) -> Result<Option<MaterialId>, NotAdded> {
        let scope = self.key_of_note(note).scope;
        let file = self.add_file(scope, chosen, progress).await?;
        let id = Self::new_material_id();
        let key = RecordKey {
            scope,
            collection: Collection::MATERIAL,
            id: id.into(),
        };
        let mut edited = fields_of(&file);
        let text = |value: &str| Value::Text(value.into());
        edited.push((
            FieldKey::register(fields::TITLE),
            text(&title_of(&file.name)),
        ));
        edited.push((FieldKey::register(fields::NOTE), text(&note.to_string())));
        let is_saved = self.save_material(key, None, edited, Vec::new()).await;
        if !is_saved {
            self.give_up_file(scope, &file.sha256).await;
        }
        Ok(is_saved.then_some(id))
    }

    /// Takes a file out of a note, and off this device if nothing else has it; whether that worked, else it
    /// says so.
    pub async fn remove_from_note(&self, material: &Material) -> bool {
        let is_saved = self.delete_material(material).await;
        if is_saved {
            self.drop_files_of(material).await;
        }
        is_saved
    }

    /// Removes the files of a material that is no more, as far as no other has them.
    pub(super) async fn drop_files_of(&self, material: &Material) {
        let forms = material.forms().into_iter();
        let forms = forms.flat_map(|forms| [Some(forms.light), forms.medium]);
        for file in [material.file()].into_iter().chain(forms).flatten() {
            if untrack(|| self.material_of_file(&file.sha256)).is_none() {
                self.remove_file(&file.sha256).await;
            }
        }
    }

    /// Whether the owner of this device may put files into a note, as far as is known here.
    pub fn may_add_to_note(&self, note: NoteId) -> bool {
        let ScopeId::Group(group) = self.key_of_note(note).scope else {
            return true;
        };
        let known = self.known_groups();
        let known = known.iter().find(|known| known.group == group);
        known.is_none_or(|known| known.may_write)
    }

    /// What becomes of the files of a note that begins anew in another scope: the text for it, the edits, and
    /// what is to be sent there.
    pub(super) fn files_moved(
        &self,
        note: &Note,
        to: (ScopeId, NoteId),
        stays: bool,
    ) -> (String, Vec<Write>, Vec<Material>) {
        let (scope, new_note) = to;
        let mut body = note.body().into_owned();
        let (mut writes, mut moved) = (Vec::new(), Vec::new());
        for material in untrack(|| self.files_of_note(note.id())) {
            let Some(file) = material.file() else {
                continue;
            };
            let new = Self::new_material_id();
            body = body.replace(&address(material.id()), &address(new));
            let key = RecordKey {
                scope,
                collection: Collection::MATERIAL,
                id: new.into(),
            };
            let title = material.text(fields::TITLE).unwrap_or_default().to_owned();
            writes.push(Write::new(key, move |edit| {
                for (field, value) in fields_of(&file) {
                    edit.set(field, value);
                }
                edit.set(FieldKey::register(fields::TITLE), title);
                edit.set(FieldKey::register(fields::NOTE), new_note.to_string());
            }));
            if !stays {
                writes.push(Write::new(material.record().key, |edit| {
                    edit.delete();
                }));
            }
            moved.push(material);
        }
        (body, writes, moved)
    }

    /// Has files go that came along, also those of which this device has only a smaller form: the server gives
    /// what it holds already from one scope to the other.
    pub(super) async fn send_moved(&self, moved: Vec<Material>, scope: ScopeId) {
        for material in moved {
            let Some(file) = material.file() else {
                continue;
            };
            let Ok(sha256) = file.sha256.parse::<ContentHash>() else {
                continue;
            };
            let upload = Upload {
                sha256,
                scope,
                size_bytes: file.size_bytes,
                name: file.name.to_string(),
                media_type: file.media_type.to_string(),
                added_ms: now_ms(),
                was_here: true,
                is_wanted: true,
                is_paused: false,
                at_any_cost: false,
                location: None,
                sent_bytes: 0,
                failure: None,
            };
            if let Err(error) = self.store().put_upload(&upload).await {
                self.not_saved(&error);
            }
            self.uploads().want(scope, &file).await;
            if untrack(|| self.material(material.id())).is_none() {
                self.uploads().no_longer_of(&material).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_for_a_file_goes_again() {
        let [one, two] = [1, 2].map(|number| MaterialId::new(number, [1; 10]));
        let picture = mention("Hall_[old].jpg", one, true);
        assert_eq!(picture, format!("![Hall old](/materials/{one})"));
        let paper = mention("Plan.pdf", two, false);
        assert_eq!(paper, format!("[Plan](/materials/{two})"));
        let text = format!("Begin\n{picture}\nend, see {paper}. {picture}");
        assert_eq!(
            without_mention(&text, one),
            format!("Begin\nend, see {paper}. ")
        );
        assert_eq!(
            without_mention(&text, two),
            format!("Begin\n{picture}\nend, see . {picture}")
        );
        assert_eq!(without_mention(&format!("{picture}\nend"), one), "end");
        let other = format!("](/materials/{one}) қол");
        assert_eq!(without_mention(&other, one), other, "it is no link");
    }
}
