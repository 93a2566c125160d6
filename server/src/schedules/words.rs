//! What is wrong with a file, in the words of whoever chose it.

use keruen_domain::Language;
use keruen_formats::{Notice, Place, ReadError, ReadErrorKind, Reason};

use crate::pages::{Words, words_of};

/// Why a whole file is refused: what, where, what to do.
pub(super) fn error(error: &ReadError, language: Language) -> String {
    let words = words_of(language);
    let what = match &error.kind {
        ReadErrorKind::Empty => words.read_empty.to_owned(),
        ReadErrorKind::TooLarge | ReadErrorKind::TooMuchText => words.read_too_large.to_owned(),
        ReadErrorKind::NotText => words.read_not_text.to_owned(),
        ReadErrorKind::NotRecognised(_) => words.read_not_recognised.to_owned(),
        ReadErrorKind::Truncated => words.read_truncated.to_owned(),
        ReadErrorKind::OpenQuote => words.read_open_quote.to_owned(),
        ReadErrorKind::Malformed(detail) => with_text(words.read_malformed, detail),
        ReadErrorKind::TooDeep => words.read_too_deep.to_owned(),
        ReadErrorKind::TooManyEntries => words.read_too_many.to_owned(),
        ReadErrorKind::UnsupportedVersion(version) => with_text(words.read_version, version),
        ReadErrorKind::Missing(what) => with_text(words.read_missing, what),
        ReadErrorKind::UnsafePath(path) => with_text(words.read_unsafe_path, path),
        ReadErrorKind::DocumentType => words.read_document_type.to_owned(),
    };
    joined([place(words, &error.place), Some(what), None])
}

/// What is to be said of an entry, with where it stands and what it is called.
pub(super) fn notice(notice: &Notice, language: Language) -> String {
    let words = words_of(language);
    let (open, close) = match language {
        Language::English => ("“", "”"),
        Language::Kazakh | Language::Russian => ("«", "»"),
    };
    let entry = notice.entry.as_ref();
    let entry = entry.map(|entry| [open, entry, close].concat());
    let reason = reason(words, &notice.reason);
    let line = joined([place(words, &notice.place), entry, Some(reason)]);
    if notice.more == 0 {
        return line;
    }
    let more = with_count(words.read_more, notice.more);
    format!("{line} ({more})")
}

/// That a zone was chosen which is none.
pub(super) fn unknown_zone(zone: &str, language: Language) -> String {
    with_text(words_of(language).read_unknown_zone, zone)
}

fn joined(parts: [Option<String>; 3]) -> String {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join(": ")
}

fn place(words: &Words, place: &Place) -> Option<String> {
    let line_of = |text: &str, line: usize| text.replace("{line}", &line.to_string());
    match place {
        Place::File => None,
        Place::Line(line) => Some(line_of(words.read_line, *line)),
        Place::Cell { line, column } => Some(with_text(&line_of(words.read_cell, *line), column)),
        Place::Path(path) => Some(path.clone()).filter(|path| !path.is_empty()),
    }
}

fn reason(words: &Words, reason: &Reason) -> String {
    let (words, text) = match reason {
        Reason::MissingId => (words.read_no_id, ""),
        Reason::MissingTitle => (words.read_no_title, ""),
        Reason::MissingStart => (words.read_no_start, ""),
        Reason::NoZone => (words.read_no_zone, ""),
        Reason::OffsetDisagrees => (words.read_offset, ""),
        Reason::EndBeforeStart => (words.read_end_first, ""),
        Reason::WholeDays => (words.read_whole_days, ""),
        Reason::EndlessRepetition => (words.read_endless, ""),
        Reason::TextCut { .. } => (words.read_text_cut, ""),
        Reason::RecordTooLarge => (words.read_record_too_large, ""),
        Reason::BrokenLine => (words.read_broken_line, ""),
        Reason::UnreadableProperty => (words.read_property, ""),
        Reason::PeopleLeftOut => (words.read_people, ""),
        Reason::UnnamedCalendar | Reason::UnnamedFile => (words.read_unnamed, ""),
        Reason::FurtherPages => (words.read_pages, ""),
        Reason::DuplicateId(text) => (words.read_duplicate, text.as_str()),
        Reason::BadTime(text) => (words.read_bad_time, text.as_str()),
        Reason::AmbiguousDay(text) => (words.read_ambiguous_day, text.as_str()),
        Reason::UnknownZone(text) => (words.read_unknown_zone, text.as_str()),
        Reason::AmbiguousTime(text) => (words.read_twice, text.as_str()),
        Reason::SkippedTime(text) => (words.read_never, text.as_str()),
        Reason::RepetitionNotRead(text) => (words.read_rule, text.as_str()),
        Reason::RepetitionsUntil(text) => (words.read_repeats_until, text.as_str()),
        Reason::UnknownField(text) => (words.read_unknown_field, text.as_str()),
        Reason::WrongKind { wanted } => (words.read_wrong_kind, *wanted),
        Reason::UnknownWord(text) => (words.read_unknown_word, text.as_str()),
        Reason::UnknownReference(text) => (words.read_unknown_reference, text.as_str()),
        Reason::UnusableAddress(text) => (words.read_address, text.as_str()),
        Reason::UnknownEntity(text) => (words.read_entity, text.as_str()),
        Reason::KindNotImported(text) => (words.read_kind, text.as_str()),
        Reason::NotAccepted(text) => (words.read_not_accepted, text.as_str()),
        Reason::FileNotReadable { path, .. } => (words.read_file_missing, path.as_str()),
        Reason::FileNotItsType(text) => (words.read_file_type, text.as_str()),
        Reason::RepetitionsCut { most } => return with_count(words.read_repeats_cut, *most),
        Reason::FurtherWarnings { count } => return with_count(words.read_further, *count),
        Reason::CellCount { expected, found } => {
            let words = words.read_cells.replace("{line}", &expected.to_string());
            return with_count(&words, *found);
        }
    };
    with_text(words, text)
}

fn with_text(words: &str, text: &str) -> String {
    words.replace("{text}", text)
}

fn with_count(words: &str, count: usize) -> String {
    words.replace("{count}", &count.to_string())
}
