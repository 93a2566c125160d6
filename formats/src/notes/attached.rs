//! Photos and other files of notes: beside the notes in an archive, below one folder.

use std::collections::BTreeSet;

use crate::pack::zip::clean_name;

/// The folder in an archive.
pub const FOLDER: &str = "files/";

/// What a file is called in an archive, so that a link to it needs no marks: another name than all that are taken.
pub fn attached_name(name: &str, taken: &mut BTreeSet<String>) -> String {
    let fit = |letter: char| match letter {
        letter if letter.is_whitespace() => '-',
        '(' | ')' | '[' | ']' | '%' | '#' => '-',
        letter => letter,
    };
    let name: String = clean_name(name).chars().map(fit).collect();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
    let point = if ending.is_empty() { "" } else { "." };
    let mut number = 1;
    loop {
        let counted = match number {
            1 => String::new(),
            number => format!("-{number}"),
        };
        let name = [FOLDER, stem, &counted, point, ending].concat();
        // On some systems names that differ only in capitals are the same.
        if taken.insert(name.to_lowercase()) {
            return name;
        }
        number += 1;
    }
}

/// The files of an archive to which a text leads, each once.
pub fn attached_names(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("](") {
        if let Some((place, _)) = after.split_once(')')
            && place.starts_with(FOLDER)
        {
            found.insert(place.to_owned());
        }
        rest = after;
    }
    found
}

/// A text without where its files are: the same for a note and for what it became in an archive.
pub fn comparable(text: &str) -> String {
    const OWN: &str = "/materials/";
    let mut parts = text.split("](");
    let mut bare = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        bare.push_str("](");
        let is_file = part.starts_with(FOLDER) || part.starts_with(OWN);
        match part.split_once(')') {
            Some((_, after)) if is_file => {
                bare.push(')');
                bare.push_str(after);
            }
            _ => bare.push_str(part),
        }
    }
    bare.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_names_to_which_a_text_can_lead() {
        let mut taken = BTreeSet::new();
        let mut name = |name: &str| attached_name(name, &mut taken);
        assert_eq!(name("IMG 20 (1).jpg"), "files/IMG-20--1-.jpg");
        assert_eq!(name("img 20 (1).JPG"), "files/img-20--1--2.JPG");
        assert_eq!(name("../қол.png"), "files/-қол.png");
        assert_eq!(name("plan"), "files/plan");
        assert_eq!(name("plan"), "files/plan-2");
    }

    #[test]
    fn the_files_of_a_text_are_found() {
        let text =
            "![a](files/a.jpg) [b](https://files/c) [d](files/d.pdf) ![a](files/a.jpg) [x](files/";
        let names: Vec<String> = attached_names(text).into_iter().collect();
        assert_eq!(names, ["files/a.jpg", "files/d.pdf"]);
    }

    #[test]
    fn a_note_and_its_file_compare_alike() {
        let note = "One ![a](/materials/1) and [b](/session/2)\n";
        let file = "One ![a](files/a.jpg) and [b](/session/2)";
        assert_eq!(comparable(note), comparable(file));
        assert_ne!(comparable(note), comparable("One ![c](files/a.jpg)"));
        assert_eq!(comparable("a [b](c"), "a [b](c");
    }
}
