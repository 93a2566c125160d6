//! From text to cells. What separates them, and where quotes end, is known to the crate `csv`.

use csv::{ReaderBuilder, StringRecord};

use super::columns::{Column, Heading};
use crate::limits::MAX_ENTRIES;
use crate::problem::{Notices, Place, ReadError, ReadErrorKind, Reason};
use crate::text;

/// What may separate cells.
const DELIMITERS: [u8; 3] = [b';', b',', b'\t'];

/// Cells beyond these are no table of sessions.
const MAX_COLUMNS: usize = 200;

/// A table whose headings are known.
#[derive(Debug)]
pub(super) struct Table {
    /// The column of each heading, counted from zero.
    pub(super) headings: Vec<(Heading, usize)>,
    /// As they are written, for messages.
    names: Vec<String>,
    pub(super) rows: Vec<Row>,
}

#[derive(Debug)]
pub(super) struct Row {
    pub(super) line: usize,
    cells: StringRecord,
}

impl Table {
    pub(super) fn has(&self, heading: Heading) -> bool {
        self.headings.iter().any(|(known, _)| *known == heading)
    }

    /// A cell as it was written; empty if there is none.
    pub(super) fn cell(&self, row: &Row, heading: Heading) -> String {
        let column = self.headings.iter().find(|(known, _)| *known == heading);
        let cell = column.and_then(|(_, column)| row.cells.get(*column));
        harmful(cell.unwrap_or_default()).to_owned()
    }

    /// The same as one line.
    pub(super) fn line(&self, row: &Row, column: Column) -> String {
        text::line(&self.cell(row, Heading::plain(column)))
    }

    /// Where a cell is.
    pub(super) fn place(&self, row: &Row, heading: Heading) -> Place {
        let column = self.headings.iter().find(|(known, _)| *known == heading);
        match column {
            Some((_, column)) => self.place_of(row.line, *column),
            None => Place::Line(row.line),
        }
    }

    fn place_of(&self, line: usize, column: usize) -> Place {
        let name = self.names.get(column).map_or("", String::as_str);
        Place::Cell {
            line,
            column: [&letters(column), " (", &text::shown(name), ")"].concat(),
        }
    }
}

impl Row {
    pub(super) fn is_empty(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim().is_empty())
    }
}

/// What spreadsheets call a column: A, B, … Z, AA, ….
fn letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(
            b'A' + u8::try_from(rest % 26).unwrap_or_default(),
        ));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

/// Whether the first line has headings of ours.
pub(crate) fn looks_like_one(text: &str) -> bool {
    delimiter_of(without_hint(text).0).is_some()
}

/// Excel is told what separates cells by a first line, which is not of the table.
fn without_hint(text: &str) -> (&str, usize) {
    let first_line = text.lines().next().unwrap_or_default();
    let is_hint = first_line.len() <= 6
        && first_line
            .trim_end()
            .to_ascii_lowercase()
            .starts_with("sep=");
    match text.split_once('\n') {
        Some((_, rest)) if is_hint => (rest, 1),
        _ => (text, 0),
    }
}

/// That with which most headings are known, if what a session needs is among them.
fn delimiter_of(text: &str) -> Option<u8> {
    let known = |delimiter: u8| {
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(text.as_bytes());
        let mut first = StringRecord::new();
        let is_there = reader.read_record(&mut first).unwrap_or(false);
        let headings: Vec<Heading> = first.iter().filter_map(Heading::find).collect();
        let has = |column: Column| headings.iter().any(|heading| heading.column == column);
        let is_enough = is_there && has(Column::Title) && (has(Column::Start) || has(Column::Day));
        is_enough.then_some(headings.len())
    };
    let found = DELIMITERS.iter().filter_map(|it| Some((known(*it)?, *it)));
    // The first of equals: what is one heading in all of them has no separator at all.
    found
        .rev()
        .max_by_key(|(count, _)| *count)
        .map(|(_, delimiter)| delimiter)
}

/// A line that no table has, by which quotes that never end are noticed.
const LAST_LINE: &str = "\u{1}the last line\u{1}";

pub(super) fn read(text: &str, notices: &mut Notices) -> Result<Table, ReadError> {
    let (body, lines_before) = without_hint(text);
    let missing = || {
        let what = "headings of title and start, as `keruen template` writes them,";
        ReadError::new(Place::Line(1), ReadErrorKind::Missing(what))
    };
    let delimiter = delimiter_of(body).ok_or_else(missing)?;
    let whole = [body, "\n", LAST_LINE, "\n"].concat();
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(whole.as_bytes());
    let mut lines = Lines::new(&whole, lines_before);
    let mut table: Option<Table> = None;
    let mut record = StringRecord::new();
    let mut last_line = 1;
    loop {
        let is_there = reader.read_record(&mut record).map_err(|error| {
            let kind = ReadErrorKind::Malformed(error.to_string());
            ReadError::new(Place::Line(last_line), kind)
        })?;
        let position = record.position().map_or(0, csv::Position::byte);
        last_line = lines.at(usize::try_from(position).unwrap_or(usize::MAX));
        if record.get(0) == Some(LAST_LINE) && record.len() == 1 {
            break;
        }
        if !is_there || record.iter().any(|cell| cell.contains(LAST_LINE)) {
            let kind = ReadErrorKind::OpenQuote;
            return Err(ReadError::new(Place::Line(last_line), kind));
        }
        match &mut table {
            None => table = Some(with_headings(&record, last_line, notices)?),
            Some(table) => {
                if table.rows.len() > MAX_ENTRIES {
                    let kind = ReadErrorKind::TooManyEntries;
                    return Err(ReadError::new(Place::Line(last_line), kind));
                }
                table.rows.push(Row {
                    line: last_line,
                    cells: record.clone(),
                });
            }
        }
    }
    let table = table.ok_or_else(missing)?;
    check_lengths(&table, text, notices)?;
    Ok(table)
}

fn with_headings(
    record: &StringRecord,
    line: usize,
    notices: &mut Notices,
) -> Result<Table, ReadError> {
    if record.len() > MAX_COLUMNS {
        let kind = ReadErrorKind::TooManyEntries;
        return Err(ReadError::new(Place::Line(line), kind));
    }
    let mut table = Table {
        headings: Vec::new(),
        names: record.iter().map(text::line).collect(),
        rows: Vec::new(),
    };
    for (column, name) in record.iter().enumerate() {
        let place = table.place_of(line, column);
        match Heading::find(name) {
            Some(heading) if table.has(heading) => {
                let wanted = "a heading that no column before it has";
                notices.warn(&place, "", Reason::WrongKind { wanted });
            }
            Some(heading) => table.headings.push((heading, column)),
            None if name.trim().is_empty() => {}
            None => notices.warn(&place, "", Reason::UnknownField(text::shown(name))),
        }
    }
    Ok(table)
}

/// A row that ends early is a file that does, if nothing comes after it; otherwise it is said.
fn check_lengths(table: &Table, text: &str, notices: &mut Notices) -> Result<(), ReadError> {
    let expected = table.names.len();
    for row in &table.rows {
        if row.cells.len() != expected && !row.is_empty() {
            let reason = Reason::CellCount {
                expected,
                found: row.cells.len(),
            };
            notices.warn(&Place::Line(row.line), "", reason);
        }
    }
    let is_ended = text.ends_with(['\n', '\r']);
    match table.rows.last() {
        Some(row) if row.cells.len() < expected && !is_ended => Err(ReadError::new(
            Place::Line(row.line),
            ReadErrorKind::Truncated,
        )),
        _ => Ok(()),
    }
}

/// Numbers of lines, counted forwards only. Blank lines before a row are not of it.
struct Lines<'a> {
    text: &'a str,
    position: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str, lines_before: usize) -> Self {
        Self {
            text,
            position: 0,
            line: 1 + lines_before,
        }
    }

    fn at(&mut self, position: usize) -> usize {
        let rest = self.text.get(position..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
        let position = (position + blank).min(self.text.len());
        if let Some(passed) = self.text.as_bytes().get(self.position..position) {
            self.line += passed.iter().filter(|byte| **byte == b'\n').count();
            self.position = position;
        }
        self.line
    }
}

/// What makes a spreadsheet calculate a cell instead of showing it.
fn is_formula(cell: &str) -> bool {
    cell.starts_with(['\t', '\r'])
        || cell
            .trim_start()
            .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
}

fn is_quoted(cell: &str) -> bool {
    is_formula(cell.trim_start_matches('\''))
}

/// A cell that every spreadsheet shows as it stands: an apostrophe before it says that it is text.
pub(crate) fn harmless(cell: &str) -> String {
    if is_quoted(cell) {
        ["'", cell].concat()
    } else {
        cell.to_owned()
    }
}

/// The cell of which [`harmless`] made this.
fn harmful(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_quoted(rest) => rest,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn columns_are_called_as_in_spreadsheets() {
        assert_eq!(
            [0, 25, 26, 701, 702].map(letters),
            ["A", "Z", "AA", "ZZ", "AAA"]
        );
    }

    #[test]
    fn lines_are_counted_past_quoted_breaks_and_blank_lines() {
        let text = "sep=;\r\nTitle;Start\r\n\"a\r\nb\";1\r\n\r\n\r\nc;2\r\n";
        let mut notices = Notices::default();
        let table = read(text, &mut notices).expect("readable");
        let lines: Vec<usize> = table.rows.iter().map(|row| row.line).collect();
        assert_eq!(lines, [3, 7]);
        let heading = Heading::plain(Column::Title);
        assert_eq!(table.cell(&table.rows[0], heading), "a\r\nb");
        assert_eq!(
            table.place(&table.rows[1], heading).to_string(),
            "line 7, column A (Title)"
        );
    }

    #[test]
    fn a_quote_that_never_ends_and_a_row_that_ends_early_are_refused() {
        let error = |text: &str| read(text, &mut Notices::default()).map(drop);
        let kinds = error("Title,Start\na,1\n\"b,2\nc,3\n").expect_err("an open quote");
        assert_eq!(
            (kinds.place, kinds.kind),
            (Place::Line(3), ReadErrorKind::OpenQuote)
        );
        let early = error("Title,Start\na").expect_err("a row that ends early");
        assert_eq!(early.kind, ReadErrorKind::Truncated);
        assert!(error("Title,Start\na\n").is_ok());
    }

    proptest! {
        #[test]
        fn what_is_made_harmless_comes_back(cell in "['=+@ \t-]{0,4}\\PC{0,8}") {
            let harmless = harmless(&cell);
            prop_assert_eq!(harmful(&harmless), &cell);
            prop_assert!(!is_formula(&harmless));
        }
    }
}
