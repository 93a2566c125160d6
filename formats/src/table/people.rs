//! Several people in one cell.

/// More people than any session has: beyond them, a cell is no list of people.
const MOST: usize = 500;

/// Names with `;` between them. What would be taken for that is marked by `\`.
pub(crate) fn joined(names: &[String]) -> String {
    let mut cell = String::new();
    for name in names {
        if !cell.is_empty() {
            cell.push_str("; ");
        }
        for character in name.chars() {
            if matches!(character, ';' | '\\') {
                cell.push('\\');
            }
            cell.push(character);
        }
    }
    // A single name with a comma would be two.
    if names.len() == 1 && cell.contains(',') {
        cell.push(';');
    }
    cell
}

/// The names in a cell: with `;` or a line for each, otherwise with commas.
pub(crate) fn split(cell: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut name = String::new();
    let mut is_separated = false;
    let mut characters = cell.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if matches!(characters.peek(), Some(';' | '\\')) => {
                name.extend(characters.next());
            }
            ';' | '\n' | '\r' => {
                is_separated = true;
                names.push(std::mem::take(&mut name));
            }
            other => name.push(other),
        }
    }
    names.push(name);
    if !is_separated && !cell.contains('\\') {
        names = cell.split(',').map(str::to_owned).collect();
    }
    names
        .iter()
        .map(|name| crate::text::line(name))
        .filter(|name| !name.is_empty())
        .take(MOST)
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn people_separate_names_in_their_ways() {
        for cell in [
            "Айгүл, Bolat",
            "Айгүл; Bolat;",
            "Айгүл\r\nBolat",
            " Айгүл ;; Bolat",
        ] {
            assert_eq!(split(cell), ["Айгүл", "Bolat"], "{cell}");
        }
        assert_eq!(split("Иванов, Иван;"), ["Иванов, Иван"]);
        assert!(split(" ").is_empty());
    }

    proptest! {
        #[test]
        fn names_come_back(names in prop::collection::vec("[a-zҚ,;\\\\]{1,6}", 0..4)) {
            prop_assert_eq!(split(&joined(&names)), names);
        }
    }
}
