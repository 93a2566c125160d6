//! Identifiers that a second import finds again.
//!
//! UUIDs of version 5 (RFC 9562): a programme's from the format and its name in the file, a
//! record's from the programme's and its own `id`, `guid` or `UID`. So a renamed session keeps its
//! identifier, and equal ids of two programmes do not meet. The names that go in are stored by
//! everybody who ever imported: they never change.

use keruen_domain::{Collection, ProgrammeId, RecordId};
use uuid::Uuid;

use crate::detect::Format;

/// Chosen at random, once and for all.
const NAMESPACE: Uuid = Uuid::from_u128(0x5b1f_0c2e_9d64_4a37_8e1b_6f7a_c3d2_9084);

/// The programme with this name in files of this format.
pub fn programme_id(format: Format, name: &str) -> ProgrammeId {
    let name = [format.family(), "\n", name].concat();
    ProgrammeId::from_uuid(Uuid::new_v5(&NAMESPACE, name.as_bytes()))
}

/// By what the records of such a file are told from those of other files that were read into the same programme.
pub(crate) fn guest_id(into: ProgrammeId, format: Format, name: &str) -> ProgrammeId {
    let name = [format.family(), "\n", name].concat();
    ProgrammeId::from_uuid(Uuid::new_v5(&into.uuid(), name.as_bytes()))
}

/// The record of this programme with this identifier in the file.
pub fn record_id(programme: ProgrammeId, collection: Collection, source: &str) -> RecordId {
    if collection == Collection::PROGRAMME {
        return programme.into();
    }
    let name = format!("{collection}\n{source}");
    RecordId::from_uuid(Uuid::new_v5(&programme.uuid(), name.as_bytes()))
}

/// Whether an import made this identifier: people's devices make others.
pub fn is_imported(id: RecordId) -> bool {
    id.uuid().get_version_num() == 5
}

/// Names that files of ours give to records: the identifier with that of its programme.
pub(crate) mod own {
    use super::{ProgrammeId, RecordId};

    const HOST: &str = ".keruen";

    pub(crate) fn name(record: RecordId, programme: ProgrammeId) -> String {
        format!("{record}@{programme}{HOST}")
    }

    /// The record and the programme that such a name names.
    pub(crate) fn parse(name: &str) -> Option<(RecordId, ProgrammeId)> {
        let (record, programme) = name.strip_suffix(HOST)?.split_once('@')?;
        Some((record.parse().ok()?, programme.parse().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_the_same_forever() {
        let programme = programme_id(Format::Keruen, "aktau-2016");
        assert_eq!(
            programme.to_string(),
            "1908ff61-df69-5996-9bf1-3f10b72451bf"
        );
        let session = record_id(programme, Collection::SESSION, "opening");
        assert_eq!(session.to_string(), "c0cdfff4-99d0-50fc-a6aa-65f748b2840d");
        assert!(is_imported(session));
    }

    #[test]
    fn formats_programmes_and_collections_do_not_meet() {
        let programme = programme_id(Format::Keruen, "x");
        assert_ne!(programme, programme_id(Format::FrabXml, "x"));
        assert_eq!(
            programme_id(Format::FrabJson, "x"),
            programme_id(Format::FrabXml, "x"),
            "one schedule in two notations is one programme"
        );
        assert_ne!(
            record_id(programme, Collection::SESSION, "1"),
            record_id(programme, Collection::PERSON, "1")
        );
    }
}
