//! A table from a file of values that are set apart by commas, semicolons or tabs.

use leptos::prelude::*;

use crate::i18n::use_translations;

/// So many rows and columns are shown: more would make a phone slow, and the file can be opened elsewhere.
const MOST_ROWS: usize = 200;
const MOST_COLUMNS: usize = 30;

/// The table; its first row is taken for the headings.
#[component]
pub fn CsvTable(
    /// The file's text.
    text: String,
) -> impl IntoView {
    let t = use_translations();
    let mut rows = rows_of(&text);
    let left = rows.len().saturating_sub(MOST_ROWS + 1) as u64;
    rows.truncate(MOST_ROWS + 1);
    let mut rows = rows.into_iter();
    let headings = rows.next().unwrap_or_default().into_iter();
    let headings = headings.map(|cell| view! { <th scope="col">{cell}</th> });
    let rows = rows.map(|row| {
        let cells = row.into_iter().map(|cell| view! { <td>{cell}</td> });
        view! { <tr>{cells.collect_view()}</tr> }
    });
    view! {
        <div
            class="csv-scroll"
            style:overflow="auto"
            style:max-height="80dvh"
            style:border="1px solid var(--line)"
            style:border-radius="var(--radius-small)"
            tabindex="0" role="region" aria-label=move || t.materials_title()>
            <table
                class="csv"
                style:border-collapse="collapse"
                style:font-size="var(--note)"
                style:font-variant-numeric="tabular-nums"
            >
                <thead>
                    <tr>{headings.collect_view()}</tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
        {(left > 0).then(|| view! { <p class="small quiet">{move || t.downloads_table_more(left)}</p> })}
    }
}

/// The rows of such a file (RFC 4180), whatever sets its values apart: of comma, semicolon and tab the one
/// that its first line has most of. Values after the last column that is shown are left out.
fn rows_of(text: &str) -> Vec<Vec<String>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = text.lines().next().unwrap_or_default();
    let count = |mark: char| first.matches(mark).count();
    // Of equals the last is taken.
    let marks = ['\t', ';', ','];
    let apart = marks
        .into_iter()
        .max_by_key(|mark| count(*mark))
        .unwrap_or(',');
    let mut rows = Vec::new();
    let (mut row, mut cell) = (Vec::new(), String::new());
    let mut is_quoted = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if is_quoted && letters.peek() == Some(&'"') => {
                cell.push('"');
                letters.next();
            }
            '"' if is_quoted => is_quoted = false,
            '"' if cell.is_empty() => is_quoted = true,
            letter if is_quoted => cell.push(letter),
            '\r' => {}
            '\n' => {
                end_cell(&mut row, &mut cell);
                end_row(&mut rows, &mut row);
            }
            letter if letter == apart => end_cell(&mut row, &mut cell),
            letter => cell.push(letter),
        }
    }
    end_cell(&mut row, &mut cell);
    end_row(&mut rows, &mut row);
    rows
}

fn end_cell(row: &mut Vec<String>, cell: &mut String) {
    let cell = std::mem::take(cell);
    if row.len() < MOST_COLUMNS {
        row.push(cell);
    }
}

fn end_row(rows: &mut Vec<Vec<String>>, row: &mut Vec<String>) {
    let row = std::mem::take(row);
    if row.iter().any(|cell| !cell.is_empty()) {
        rows.push(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_set_apart_by_what_the_first_line_has_most_of() {
        for text in ["a,b\n1,2\n", "a;b\r\n1;2", "\u{feff}a\tb\n\n1\t2\n"] {
            assert_eq!(rows_of(text), [["a", "b"], ["1", "2"]], "{text:?}");
        }
        assert_eq!(
            rows_of("Аты;Қала, облыс;Жасы\nАйгүл;Ақтау;31"),
            [["Аты", "Қала, облыс", "Жасы"], ["Айгүл", "Ақтау", "31"]]
        );
    }

    #[test]
    fn quoted_values_hold_marks_lines_and_quotes() {
        let rows = rows_of("name,words\n\"one, two\",\"he said \"\"yes\"\"\nand went\"");
        assert_eq!(rows[1], ["one, two", "he said \"yes\"\nand went"]);
    }

    #[test]
    fn nonsense_is_some_table() {
        for text in ["", "\"", "\"\"\"", ",,,\n;;;", "\n\n\r\n"] {
            let _ = rows_of(text);
        }
        let wide = ",".repeat(10_000);
        assert!(rows_of(&wide).iter().all(|row| row.len() <= MOST_COLUMNS));
    }
}
