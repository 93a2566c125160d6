//! What goes into a pack.

use std::collections::BTreeSet;
use std::sync::Arc;

use keruen_domain::model::{Session, View as _};
use keruen_domain::{Collection, Record, ScopeId};

use super::Manifest;

/// The collections of a programme that go into packs.
pub const GIVEN: [Collection; 5] = [
    Collection::PROGRAMME,
    Collection::EVENT,
    Collection::SESSION,
    Collection::MATERIAL,
    Collection::PERSON,
];

/// Of these records those that a pack of the programme holds: its own, and the cards of those people only who speak in it.
pub fn given(scope: ScopeId, records: &[Arc<Record>]) -> Vec<Arc<Record>> {
    let is_of_scope =
        |record: &&Arc<Record>| record.key.scope == scope && GIVEN.contains(&record.key.collection);
    let of_scope = || records.iter().filter(is_of_scope);
    let speakers: BTreeSet<_> = of_scope()
        .filter_map(Session::of)
        .flat_map(|session| session.speakers().collect::<Vec<_>>())
        .collect();
    let is_given = |record: &&Arc<Record>| {
        let is_person = record.key.collection == Collection::PERSON;
        !is_person || speakers.contains(&record.key.id.into())
    };
    of_scope().filter(is_given).cloned().collect()
}

/// For people who open it without Keruen.
pub fn read_me(manifest: &Manifest) -> String {
    let mut lines = vec![
        "Keruen".to_owned(),
        manifest.title.clone(),
        String::new(),
        "Open this file in Keruen: More, Packs.".to_owned(),
        "Откройте этот файл в приложении Keruen: «Ещё», «Пакеты».".to_owned(),
        "Бұл файлды Keruen қолданбасында ашыңыз: «Тағы», «Бумалар».".to_owned(),
        String::new(),
    ];
    let files = manifest.files.iter();
    lines.extend(files.map(|file| [&file.entry_name(), " - ", &file.name].concat()));
    lines.push(String::new());
    lines.join("\r\n")
}
