//! What can be wrong with a file, and where. Typed; the English words here are for the command line.

use std::collections::HashMap;
use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::limits::MAX_ENTRIES;

/// Where in a file something is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Nowhere in particular.
    File,
    /// A line, counted from one.
    Line(usize),
    /// A cell of a table: its line, counted from one, and its column as spreadsheets call it.
    Cell {
        /// The line.
        line: usize,
        /// The column, with its heading.
        column: String,
    },
    /// A path such as `sessions[3].start`.
    Path(String),
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => formatter.write_str("the file"),
            Self::Line(line) => write!(formatter, "line {line}"),
            Self::Cell { line, column } => write!(formatter, "line {line}, column {column}"),
            Self::Path(path) if path.is_empty() => formatter.write_str("the top level"),
            Self::Path(path) => formatter.write_str(path),
        }
    }
}

/// Why a whole file was refused: what is wrong, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// Where it was noticed.
    pub place: Place,
    /// What is wrong.
    pub kind: ReadErrorKind,
}

/// What is wrong with a whole file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadErrorKind {
    /// There is nothing in it.
    Empty,
    /// It has more bytes than [`crate::limits::MAX_FILE_BYTES`].
    TooLarge,
    /// It is not UTF-8 text.
    NotText,
    /// It is of no supported format; what it looks like, if that is known.
    NotRecognised(Option<&'static str>),
    /// It ends before it is complete.
    Truncated,
    /// A quote begins in it that never ends.
    OpenQuote,
    /// It breaks the rules of its format; the parser's words.
    Malformed(String),
    /// Things stand in one another too deeply.
    TooDeep,
    /// It has more entries than [`crate::limits::MAX_ENTRIES`].
    TooManyEntries,
    /// It holds more than [`crate::limits::MAX_ALL_TEXT_BYTES`] of text.
    TooMuchText,
    /// It is of a later version of Keruen's format.
    UnsupportedVersion(String),
    /// Something without which nothing can be imported is missing.
    Missing(&'static str),
    /// It asks for a file outside its own folder.
    UnsafePath(String),
    /// It has a document type definition, which could define anything.
    DocumentType,
}

impl ReadError {
    pub(crate) fn new(place: Place, kind: ReadErrorKind) -> Self {
        Self { place, kind }
    }

    pub(crate) fn of_file(kind: ReadErrorKind) -> Self {
        Self::new(Place::File, kind)
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.place != Place::File {
            write!(formatter, "{}: ", self.place)?;
        }
        fmt::Display::fmt(&self.kind, formatter)
    }
}

impl fmt::Display for ReadErrorKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => formatter.write_str("the file is empty; fetch it again"),
            Self::TooLarge => write!(
                formatter,
                "the file is larger than {} MB; split it into several",
                crate::limits::MAX_FILE_BYTES / 1024 / 1024
            ),
            Self::NotText => formatter.write_str(
                "this is not UTF-8 text; export it again in UTF-8 (in Excel: \"CSV UTF-8\"), since Kazakh letters are lost in others",
            ),
            Self::NotRecognised(Some(looks_like)) => write!(
                formatter,
                "this looks like {looks_like}, not like a schedule; give an iCalendar file, a frab schedule (XML or JSON), an answer of pretalx, a table (CSV) with the headings that `keruen template` writes, or Keruen JSON"
            ),
            Self::NotRecognised(None) => formatter.write_str(
                "this is no schedule that can be read; give an iCalendar file, a frab schedule (XML or JSON), an answer of pretalx, a table (CSV) with the headings that `keruen template` writes, or Keruen JSON",
            ),
            Self::Truncated => {
                formatter.write_str("the file ends before it is complete; fetch it again")
            }
            Self::OpenQuote => formatter.write_str(
                "a quote begins here that never ends, or the file ends before it is complete; close it or fetch the file again",
            ),
            Self::Malformed(detail) => {
                write!(formatter, "the file is damaged: {detail}; fetch or export it again")
            }
            Self::TooDeep => formatter.write_str(
                "things stand in one another too deeply for a schedule; export it again",
            ),
            Self::TooMuchText => write!(
                formatter,
                "its entries, repeated ones counted each time, have more than {} MB of text; split it into several",
                crate::limits::MAX_ALL_TEXT_BYTES / 1024 / 1024
            ),
            Self::TooManyEntries => write!(
                formatter,
                "the file has more than {} entries; split it into several",
                crate::limits::MAX_ENTRIES
            ),
            Self::UnsupportedVersion(version) => write!(
                formatter,
                "version {version} of Keruen's format is not known here; renew Keruen or export as version 1"
            ),
            Self::Missing(what) => write!(formatter, "{what} is missing; add it to the file"),
            Self::UnsafePath(path) => write!(
                formatter,
                "{path:?} leads out of the file's own folder; use relative paths without `..`"
            ),
            Self::DocumentType => formatter.write_str(
                "document type definitions are not read; remove the <!DOCTYPE …[…]> part",
            ),
        }
    }
}

impl std::error::Error for ReadError {}

/// Why an entry, or a part of one, was left out or read in a way that deserves a word.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It has no identifier; one was made from its start and title.
    MissingId,
    /// Another entry before it has the same identifier.
    DuplicateId(String),
    /// It has no title.
    MissingTitle,
    /// It does not say when it begins.
    MissingStart,
    /// A time or date that is none.
    BadTime(String),
    /// A date that may be two days, such as `05/12/2025`.
    AmbiguousDay(String),
    /// A time zone that is not known.
    UnknownZone(String),
    /// Times without a zone were taken as UTC.
    NoZone,
    /// A local time that came twice; the first was taken.
    AmbiguousTime(String),
    /// A local time that the clocks jumped over; the time after the jump was taken.
    SkippedTime(String),
    /// A start and a zone that disagree; the written start was believed.
    OffsetDisagrees,
    /// It ends before it begins; it was imported without a length.
    EndBeforeStart,
    /// It lasts whole days.
    WholeDays,
    /// It repeats by a rule that is not read; the rule. Only its first occurrence was imported.
    RepetitionNotRead(String),
    /// It repeats without an end, and nothing else in the calendar says until when; only its first occurrence was
    /// imported.
    EndlessRepetition,
    /// It repeats without an end; it was imported until this day, the last of the other entries.
    RepetitionsUntil(String),
    /// It repeats more often than is imported.
    RepetitionsCut {
        /// How often it was imported.
        most: usize,
    },
    /// A field that means nothing here.
    UnknownField(String),
    /// A value of another kind than wanted.
    WrongKind {
        /// What should stand there.
        wanted: &'static str,
    },
    /// A word that is not one of those allowed.
    UnknownWord(String),
    /// Something that the file does not hold is referred to.
    UnknownReference(String),
    /// An address that is not `http` or `https`, or is too long.
    UnusableAddress(String),
    /// A text that was too long and was cut.
    TextCut {
        /// To how many bytes.
        limit_bytes: usize,
    },
    /// It has more fields or bytes than a record may have.
    RecordTooLarge,
    /// Lines that are no properties were read as the continuation of the line before.
    BrokenLine,
    /// A property that cannot be read.
    UnreadableProperty,
    /// An undefined entity was left as it stands.
    UnknownEntity(String),
    /// Things of this kind are not imported.
    KindNotImported(String),
    /// Attendees and organisers are not imported: personal data needs consent.
    PeopleLeftOut,
    /// The calendar has no name; what it was identified by.
    UnnamedCalendar,
    /// The file does not say of which programme it is; its own name was taken.
    UnnamedFile,
    /// A page of a list, of which others are not in the file.
    FurtherPages,
    /// A talk that is not of the programme; its state.
    NotAccepted(String),
    /// A row with more or fewer cells than the headings.
    CellCount {
        /// How many headings there are.
        expected: usize,
        /// How many cells it has.
        found: usize,
    },
    /// There was more to be said than anybody would read.
    FurtherWarnings {
        /// How much more.
        count: usize,
    },
    /// A file that belongs to it cannot be had.
    FileNotReadable {
        /// Its path.
        path: String,
        /// Why.
        problem: String,
    },
    /// A file whose content is not what its name says.
    FileNotItsType(String),
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingId => formatter.write_str(
                "it has no identifier, so one was made from its start and title: if these change, a second import adds it anew",
            ),
            Self::DuplicateId(id) => {
                write!(formatter, "an entry before it has the same identifier {id:?}")
            }
            Self::MissingTitle => formatter.write_str("it has no title"),
            Self::MissingStart => formatter.write_str("it does not say when it begins"),
            Self::BadTime(text) => write!(formatter, "{text:?} is no time that can be read"),
            Self::AmbiguousDay(text) => write!(
                formatter,
                "{text:?} may be two different days; write it as 2025-05-12 or 12.05.2025"
            ),
            Self::UnknownZone(zone) => write!(formatter, "the time zone {zone:?} is not known"),
            Self::NoZone => {
                formatter.write_str("it has times without a time zone; they were taken as UTC")
            }
            Self::AmbiguousTime(text) => write!(
                formatter,
                "the clocks showed {text} twice; the first of the two was taken"
            ),
            Self::SkippedTime(text) => write!(
                formatter,
                "the clocks never showed {text}; the same moment after the jump was taken"
            ),
            Self::OffsetDisagrees => formatter.write_str(
                "the start does not fit the schedule's time zone; the hour that is written was believed",
            ),
            Self::EndBeforeStart => {
                formatter.write_str("it ends before it begins; it was imported without a length")
            }
            Self::WholeDays => {
                formatter.write_str("it has dates without hours; it was imported as whole days")
            }
            Self::RepetitionNotRead(rule) => write!(
                formatter,
                "it repeats by the rule {rule:?}, and only rules by days and weeks are read; only its first occurrence was imported"
            ),
            Self::EndlessRepetition => formatter.write_str(
                "it repeats without an end, and nothing else in the calendar says until when; only its first occurrence was imported",
            ),
            Self::RepetitionsUntil(last) => write!(
                formatter,
                "it repeats without an end; it was imported until {last}, the last day of the other entries"
            ),
            Self::RepetitionsCut { most } => {
                write!(formatter, "it repeats more than {most} times; that many were imported")
            }
            Self::UnknownField(name) => write!(formatter, "the field {name:?} is not known"),
            Self::WrongKind { wanted } => write!(formatter, "here should stand {wanted}"),
            Self::UnknownWord(word) => write!(formatter, "{word:?} is not one of the known words"),
            Self::UnknownReference(id) => {
                write!(formatter, "{id:?} is referred to, but the file does not hold it")
            }
            Self::UnusableAddress(url) => write!(
                formatter,
                "{url:?} is left out: only http and https addresses of ordinary length are taken"
            ),
            Self::TextCut { limit_bytes } => {
                write!(formatter, "a text was longer than {limit_bytes} bytes and was cut")
            }
            Self::RecordTooLarge => {
                formatter.write_str("it has more fields or text than one record can hold")
            }
            Self::BrokenLine => formatter.write_str(
                "a line that is no property was read as the continuation of the one before",
            ),
            Self::UnreadableProperty => formatter.write_str("a property cannot be read"),
            Self::UnknownEntity(name) => {
                write!(formatter, "the entity &{name}; is not defined and was left as it stands")
            }
            Self::KindNotImported(kind) => write!(formatter, "{kind} is not imported"),
            Self::PeopleLeftOut => formatter.write_str(
                "attendees and organisers are not imported, since they did not consent",
            ),
            Self::UnnamedCalendar => formatter.write_str(
                "the calendar has no name (X-WR-CALNAME); calendars of the same program would become one programme: give `--as NAME`",
            ),
            Self::FurtherPages => formatter.write_str(
                "this is one page of several; what the others hold is left as it is",
            ),
            Self::NotAccepted(state) => {
                write!(formatter, "it is not of the programme: its state is {state:?}")
            }
            Self::UnnamedFile => formatter.write_str(
                "the programme's name is not in the file, so the file's own name was taken: if that changes, a second import adds everything anew; give `--as NAME`",
            ),
            Self::CellCount { expected, found } => {
                write!(formatter, "it has {found} cells under {expected} headings")
            }
            Self::FurtherWarnings { count } => write!(formatter, "{count} further warnings"),
            Self::FileNotReadable { path, problem } => write!(formatter, "{path:?}: {problem}"),
            Self::FileNotItsType(name) => write!(
                formatter,
                "the content of {name:?} is not what its name says"
            ),
        }
    }
}

/// Something that people should know about an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Where it is.
    pub place: Place,
    /// What it is called, or its identifier.
    pub entry: Option<String>,
    /// What is to be said.
    pub reason: Reason,
    /// At how many other places the same is to be said.
    pub more: usize,
}

impl fmt::Display for Notice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.place, formatter)?;
        if let Some(entry) = &self.entry {
            write!(formatter, " ({entry})")?;
        }
        write!(formatter, ": {}", self.reason)?;
        match self.more {
            0 => Ok(()),
            1 => formatter.write_str(" (and at one more place)"),
            more => write!(formatter, " (and at {more} more places)"),
        }
    }
}

impl Serialize for Notice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut form = serializer.serialize_struct("Notice", 5)?;
        form.serialize_field("place", &self.place)?;
        form.serialize_field("entry", &self.entry)?;
        form.serialize_field("reason", &self.reason)?;
        form.serialize_field("more", &self.more)?;
        form.serialize_field("text", &self.to_string())?;
        form.end()
    }
}

/// What a reader says besides its records.
#[derive(Debug, Default)]
pub(crate) struct Notices {
    skipped: Vec<Notice>,
    warnings: Vec<Notice>,
    /// Warnings that are said once, by their place in `warnings`.
    said: HashMap<Reason, usize>,
    /// Warnings beyond [`MAX_WARNINGS`].
    unsaid: usize,
}

/// A file made to be a nuisance must not fill the memory with words about it.
const MAX_WARNINGS: usize = 10_000;

impl Notices {
    /// An entry was left out.
    pub(crate) fn skip(&mut self, place: &Place, entry: &str, reason: Reason) {
        // With one more, the file is refused as a whole.
        if self.skipped.len() < MAX_ENTRIES + 2 {
            self.skipped.push(notice(place, entry, reason));
        }
    }

    /// An entry was imported, but.
    pub(crate) fn warn(&mut self, place: &Place, entry: &str, reason: Reason) {
        if self.warnings.len() < MAX_WARNINGS {
            self.warnings.push(notice(place, entry, reason));
        } else {
            self.unsaid += 1;
        }
    }

    /// The same for something that is likely to be so in every entry: said once and counted.
    pub(crate) fn warn_once(&mut self, place: &Place, entry: &str, reason: Reason) {
        let said = self.said.get(&reason).copied();
        match said.and_then(|index| self.warnings.get_mut(index)) {
            Some(warning) => warning.more += 1,
            None => {
                if self.warnings.len() < MAX_WARNINGS {
                    self.said.insert(reason.clone(), self.warnings.len());
                }
                self.warn(place, entry, reason);
            }
        }
    }

    /// How many entries were left out so far.
    pub(crate) fn skipped_count(&self) -> usize {
        self.skipped.len()
    }

    /// What was left out, and what else is to be said.
    pub(crate) fn into_parts(mut self) -> (Vec<Notice>, Vec<Notice>) {
        if self.unsaid > 0 {
            let reason = Reason::FurtherWarnings { count: self.unsaid };
            self.warnings.push(notice(&Place::File, "", reason));
        }
        (self.skipped, self.warnings)
    }
}

fn notice(place: &Place, entry: &str, reason: Reason) -> Notice {
    let mut entry = entry.to_owned();
    if entry.len() > 120 {
        let end = entry.floor_char_boundary(117);
        entry.truncate(end);
        entry.push('…');
    }
    Notice {
        place: place.clone(),
        entry: Some(entry).filter(|entry| !entry.is_empty()),
        reason,
        more: 0,
    }
}
