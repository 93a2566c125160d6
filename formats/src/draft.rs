//! What a reader makes of a file: records that are not in the database yet.

use std::collections::{BTreeMap, HashMap};

use keruen_domain::model::fields;
use keruen_domain::protocol::limits::MAX_FIELDS;
use keruen_domain::{
    Collection, FieldKey, Language, ProgrammeId, RecordId, RecordKey, ScopeId, Value,
};

use crate::detect::Format;
use crate::identity;
use crate::limits::{MAX_ALL_TEXT_BYTES, MAX_ENTRIES, MAX_LINE_BYTES, MAX_TEXT_BYTES};
use crate::problem::{Notice, Notices, Place, ReadError, ReadErrorKind, Reason};
use crate::{Options, text};

/// A record as a file wants it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordDraft {
    /// Where it will be.
    pub key: RecordKey,
    /// What people would call it.
    pub label: String,
    /// Where in the file it stands.
    pub place: Place,
    /// All of its fields.
    pub fields: BTreeMap<FieldKey, Value>,
}

/// A file that belongs to a material.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDraft {
    /// Its path beside the imported file.
    pub path: String,
    /// SHA-256 of its bytes in 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Its length.
    pub size_bytes: u64,
    /// Its media type.
    pub media_type: &'static str,
    /// The name under which it is saved.
    pub name: String,
}

/// All that a file holds, and what was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What the file was.
    pub format: Format,
    /// The programme that it describes.
    pub programme: ProgrammeId,
    /// What people would call the programme.
    pub title: String,
    /// The programme first, unless the file is read into another one, then the rest in the order of the file.
    pub records: Vec<RecordDraft>,
    /// The materials' files.
    pub files: Vec<FileDraft>,
    /// Whether the file holds only some of what its records say: what it does not hold is left as it is.
    pub is_partial: bool,
    /// Entries that were left out.
    pub skipped: Vec<Notice>,
    /// What else should be known.
    pub warnings: Vec<Notice>,
}

/// A draft in the making.
pub(crate) struct Drafting {
    format: Format,
    programme: ProgrammeId,
    /// What identifiers are made from: the programme's own, or, of a file that is read into another programme,
    /// one that no other file has.
    seed: ProgrammeId,
    is_partial: bool,
    title: String,
    records: Vec<RecordDraft>,
    /// Of all texts in them.
    text_bytes: usize,
    positions: HashMap<(Collection, RecordId), usize>,
    pub(crate) files: Vec<FileDraft>,
    pub(crate) notices: Notices,
}

impl Drafting {
    /// A draft of the programme that is called `name` in files of this format, or of the one that it is to be
    /// read into.
    pub(crate) fn new(format: Format, name: &str, options: &Options<'_>) -> Self {
        let own = identity::programme_id(format, name);
        let programme = options.into.unwrap_or(own);
        let seed = if programme == own {
            own
        } else {
            identity::guest_id(programme, format, name)
        };
        Self {
            is_partial: false,
            seed,
            ..Self::of_own(format, programme)
        }
    }

    /// A draft of a programme that a file of ours names, and which holds only some of what is in its records.
    pub(crate) fn of_own(format: Format, programme: ProgrammeId) -> Self {
        Self {
            format,
            programme,
            seed: programme,
            is_partial: true,
            title: String::new(),
            records: Vec::new(),
            text_bytes: 0,
            positions: HashMap::new(),
            files: Vec::new(),
            notices: Notices::default(),
        }
    }

    /// The file holds only some of what is in its records.
    pub(crate) fn holds_a_part(&mut self) {
        self.is_partial = true;
    }

    pub(crate) fn id(&self, collection: Collection, source: &str) -> RecordId {
        identity::record_id(self.seed, collection, source)
    }

    /// A record to be filled, with the identifier made from `source`.
    pub(crate) fn begin(
        &self,
        collection: Collection,
        source: &str,
        label: &str,
        place: Place,
    ) -> RecordDraft {
        self.begin_as(collection, self.id(collection, source), label, place)
    }

    /// The same with an identifier that the file names.
    pub(crate) fn begin_as(
        &self,
        collection: Collection,
        id: RecordId,
        label: &str,
        place: Place,
    ) -> RecordDraft {
        RecordDraft {
            key: RecordKey {
                scope: ScopeId::Programme(self.programme),
                collection,
                id,
            },
            label: label.to_owned(),
            place,
            fields: BTreeMap::new(),
        }
    }

    /// Whether a record with this identifier was taken already.
    pub(crate) fn holds(&self, collection: Collection, id: RecordId) -> bool {
        self.positions.contains_key(&(collection, id))
    }

    /// Takes a record. One whose identifier was taken already is left out with a notice, as is one
    /// that is too large.
    pub(crate) fn push(&mut self, record: RecordDraft, source: &str) -> Result<bool, ReadError> {
        let position = (record.key.collection, record.key.id);
        if self.positions.contains_key(&position) {
            let reason = Reason::DuplicateId(text::shown(source));
            self.notices.skip(&record.place, &record.label, reason);
            return Ok(false);
        }
        let size_bytes: usize = record
            .fields
            .iter()
            .map(|(key, value)| {
                // Twice the key leaves room for stamps and lengths.
                2 * key.as_str().len() + 64 + value.as_text().map_or(16, str::len)
            })
            .sum();
        // What a person adds later must still fit.
        if record.fields.len() > MAX_FIELDS / 2
            || size_bytes > keruen_domain::protocol::limits::MAX_RECORD_BYTES * 9 / 10
        {
            self.notices
                .skip(&record.place, &record.label, Reason::RecordTooLarge);
            return Ok(false);
        }
        if self.records.len() > MAX_ENTRIES {
            return Err(ReadError::new(record.place, ReadErrorKind::TooManyEntries));
        }
        let texts = record.fields.values().filter_map(Value::as_text);
        self.text_bytes += texts.map(str::len).sum::<usize>();
        if self.text_bytes > MAX_ALL_TEXT_BYTES {
            return Err(ReadError::new(record.place, ReadErrorKind::TooMuchText));
        }
        if record.key.collection == Collection::PROGRAMME {
            self.title.clone_from(&record.label);
        }
        self.positions.insert(position, self.records.len());
        self.records.push(record);
        Ok(true)
    }

    pub(crate) fn record_mut(
        &mut self,
        collection: Collection,
        id: RecordId,
    ) -> Option<&mut RecordDraft> {
        let position = self.positions.get(&(collection, id))?;
        self.records.get_mut(*position)
    }

    /// The draft; an error if there is no programme in it, or too much of everything.
    pub(crate) fn finish(mut self) -> Result<Draft, ReadError> {
        let is_programme = |record: &RecordDraft| record.key.collection == Collection::PROGRAMME;
        self.records.sort_by_key(|record| !is_programme(record));
        if !self.records.first().is_some_and(is_programme) {
            return Err(ReadError::of_file(ReadErrorKind::Missing("the programme")));
        }
        if self.seed != self.programme {
            // What the programme is called and is for, its organisers said.
            self.records.remove(0);
        }
        if self.records.len() + self.notices.skipped_count() > MAX_ENTRIES + 1 {
            return Err(ReadError::of_file(ReadErrorKind::TooManyEntries));
        }
        let (skipped, warnings) = self.notices.into_parts();
        Ok(Draft {
            format: self.format,
            programme: self.programme,
            title: self.title,
            records: self.records,
            files: self.files,
            is_partial: self.is_partial,
            skipped,
            warnings,
        })
    }
}

impl RecordDraft {
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.fields.insert(FieldKey::register(name), value.into());
    }

    /// Says nothing of this field.
    pub(crate) fn leave(&mut self, name: &str) {
        self.fields.remove(&FieldKey::register(name));
    }

    /// A line of text in this language, or without one. Empty text says nothing.
    pub(crate) fn line(
        &mut self,
        name: &str,
        language: Option<Language>,
        content: &str,
        notices: &mut Notices,
    ) {
        self.text(name, language, text::line(content), MAX_LINE_BYTES, notices);
    }

    /// A longer text in this language, or without one. Empty text says nothing.
    pub(crate) fn block(
        &mut self,
        name: &str,
        language: Option<Language>,
        content: &str,
        notices: &mut Notices,
    ) {
        self.text(
            name,
            language,
            text::block(content),
            MAX_TEXT_BYTES,
            notices,
        );
    }

    /// The same as it stands: what looks like markup was written so.
    pub(crate) fn own_block(
        &mut self,
        name: &str,
        language: Option<Language>,
        content: &str,
        notices: &mut Notices,
    ) {
        self.text(
            name,
            language,
            text::lines(content),
            MAX_TEXT_BYTES,
            notices,
        );
    }

    fn text(
        &mut self,
        name: &str,
        language: Option<Language>,
        content: String,
        limit_bytes: usize,
        notices: &mut Notices,
    ) {
        if content.is_empty() {
            return;
        }
        let content = text::cut(content, limit_bytes, &self.place, &self.label, notices);
        let key = match language {
            Some(language) => FieldKey::translated(name, language),
            None => FieldKey::register(name),
        };
        self.fields.insert(key, content.into());
    }

    /// A member of a set.
    pub(crate) fn member(&mut self, set: &str, member: &str, notices: &mut Notices) {
        let key = FieldKey::member(set, member);
        if member.is_empty() {
            return;
        }
        if key.as_str().len() > FieldKey::MAX_BYTES {
            let reason = Reason::WrongKind {
                wanted: "a shorter text",
            };
            notices.warn(&self.place, &self.label, reason);
            return;
        }
        self.fields.insert(key, true.into());
    }

    /// An address that may be shown as a link; any other is left out with a notice.
    pub(crate) fn address(&mut self, name: &str, url: &str, notices: &mut Notices) {
        let url = url.trim();
        if url.is_empty() {
            return;
        }
        if text::is_web_address(url) && url.len() <= MAX_LINE_BYTES {
            self.set(name, url);
        } else {
            let shown = text::shown(url);
            notices.warn(&self.place, &self.label, Reason::UnusableAddress(shown));
        }
    }

    /// When it begins and ends, with the venue's offset at the beginning.
    pub(crate) fn times(&mut self, span: crate::zone::Span, notices: &mut Notices) {
        let start_ms = span.start.unix_ms();
        let mut end_ms = span.end_ms;
        if end_ms < start_ms {
            notices.warn(&self.place, &self.label, Reason::EndBeforeStart);
            end_ms = start_ms;
        }
        self.set(fields::START, start_ms);
        self.set(fields::END, end_ms);
        self.set(
            fields::OFFSET_MINUTES,
            i64::from(span.start.offset_minutes()),
        );
    }
}
