//! Trainers and organisers make materials, on this device: texts, files, links.

use std::sync::Arc;

use keruen_domain::model::{FileInfo, Material, MaterialKind, Session, View, fields};
use keruen_domain::{
    Collection, FieldKey, MaterialId, ProgrammeId, Record, RecordKey, ScopeId, SessionId, Value,
};
use leptos::prelude::untrack;

use super::{AppState, Edited};
use crate::platform::{now_ms, random_bytes};
use crate::store::Write;

impl AppState {
    /// Whether the owner of this device may add materials to a programme.
    pub fn may_add_materials(&self, programme: ProgrammeId) -> bool {
        super::follow(self.roles_changed);
        let key = Self::material_key(programme, MaterialId::new(0, [0; 10]));
        self.may_write(key, None)
    }

    /// Whether they may change a material.
    pub fn may_change_material(&self, material: &Material) -> bool {
        super::follow(self.roles_changed);
        self.may_write(material.record().key, Some(material.record()))
    }

    /// An identifier for a material that is about to be made.
    pub fn new_material_id() -> MaterialId {
        MaterialId::new(now_ms(), random_bytes())
    }

    /// Where a material of a programme is.
    pub fn material_key(programme: ProgrammeId, id: MaterialId) -> RecordKey {
        RecordKey {
            scope: ScopeId::Programme(programme),
            collection: Collection::MATERIAL,
            id: id.into(),
        }
    }

    /// Makes a material of a file that was added, called as the file is, and attaches it to a session; whether
    /// that worked, else it says so.
    pub async fn make_of_file(
        &self,
        programme: ProgrammeId,
        file: &FileInfo,
        session: Option<SessionId>,
    ) -> Option<MaterialId> {
        let id = Self::new_material_id();
        let mut edited = fields_of(file);
        let title = FieldKey::register(fields::TITLE);
        edited.push((title, Value::Text(title_of(&file.name).into())));
        let key = Self::material_key(programme, id);
        let session = session.and_then(|id| untrack(|| self.session(id)));
        let attached = session.map(|session| (session, true));
        let attached = attached.into_iter().collect();
        let is_saved = self.save_material(key, None, edited, attached).await;
        is_saved.then_some(id)
    }

    /// Saves what somebody wrote into a material who had `seen` in front of them, and to which sessions it
    /// belongs now; whether that worked, else it says so. Its file goes to the server by itself.
    pub async fn save_material(
        &self,
        key: RecordKey,
        seen: Option<Arc<Record>>,
        edited: Edited,
        attached: Vec<(Session, bool)>,
    ) -> bool {
        let mut writes = vec![Write::having_seen(key, seen, move |edit| {
            for (field, value) in edited {
                match (field.as_str().split(':').next(), value.as_text()) {
                    (Some(fields::BODY), text) => {
                        edit.write_text(field.as_str(), text.unwrap_or_default());
                    }
                    _ => {
                        edit.set(field, value);
                    }
                }
            }
        })];
        let member = FieldKey::member(fields::MATERIALS, &key.id.to_string());
        writes.extend(attached.into_iter().map(|(session, is_in)| {
            let member = member.clone();
            Write::new(session.record().key, move |edit| {
                edit.set(member, is_in);
            })
        }));
        let here = || untrack(|| self.material(key.id.into()));
        let before = here();
        if !self.commit_all(writes).await {
            return false;
        }
        let file = here().and_then(|material| material.file());
        if let Some(before) = before.filter(|before| before.file() != file) {
            self.uploads().no_longer_of(&before).await;
        }
        if let Some(file) = file {
            self.uploads().want(key.scope, &file).await;
        }
        true
    }

    /// Deletes a material; whether that worked, else it says so. Sessions that name it show it no more.
    pub async fn delete_material(&self, material: &Material) -> bool {
        let write = Write::new(material.record().key, |edit| {
            edit.delete();
        });
        let is_saved = self.commit_all(vec![write]).await;
        if is_saved {
            self.uploads().no_longer_of(material).await;
        }
        is_saved
    }

    /// Takes the file out of a material, and does not send it if it is still here to go.
    pub async fn remove_file_of(&self, material: &Material) -> bool {
        let seen = Some(material.record().clone());
        let write = Write::having_seen(material.record().key, seen, |edit| {
            for name in FILE_FIELDS {
                edit.set(FieldKey::register(name), Value::Nothing);
            }
        });
        let is_saved = self.commit_all(vec![write]).await;
        if is_saved {
            self.uploads().no_longer_of(material).await;
        }
        is_saved
    }
}

const FILE_FIELDS: [&str; 4] = [
    fields::FILE_SHA256,
    fields::FILE_SIZE_BYTES,
    fields::FILE_TYPE,
    fields::FILE_NAME,
];

/// What a material's fields say of its file, and what it is by that.
pub(crate) fn fields_of(file: &FileInfo) -> Edited {
    let text = |name: &'static str, value: &str| {
        let value = Value::Text(value.into());
        (FieldKey::register(name), value)
    };
    let size_bytes = i64::try_from(file.size_bytes).unwrap_or(i64::MAX);
    vec![
        text(fields::KIND, kind_of(&file.media_type).word()),
        text(fields::FILE_SHA256, &file.sha256),
        (
            FieldKey::register(fields::FILE_SIZE_BYTES),
            Value::Number(size_bytes),
        ),
        text(fields::FILE_TYPE, &file.media_type),
        text(fields::FILE_NAME, &file.name),
    ]
}

fn kind_of(media_type: &str) -> MaterialKind {
    match media_type.split('/').next() {
        Some("image") => MaterialKind::Picture,
        Some("audio") => MaterialKind::Audio,
        Some("video") => MaterialKind::Video,
        _ => MaterialKind::File,
    }
}

/// What a file's name says to people: without its end, with spaces.
pub(super) fn title_of(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let title = stem.replace('_', " ");
    let title = title.trim();
    if title.is_empty() {
        name.to_owned()
    } else {
        title.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_what_it_is_and_what_it_is_called() {
        assert_eq!(title_of("Day_1 slides.pptx"), "Day 1 slides");
        assert_eq!(title_of(".pdf"), ".pdf");
        assert_eq!(title_of("README"), "README");
        assert_eq!(kind_of("image/png"), MaterialKind::Picture);
        assert_eq!(kind_of("application/pdf"), MaterialKind::File);
        assert_eq!(kind_of(""), MaterialKind::File);
    }
}
