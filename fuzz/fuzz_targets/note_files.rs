//! A Markdown file that becomes a note, and the file that is written of that note.
#![no_main]

use keruen_domain::NoteId;
use keruen_formats::notes::{NoteFile, attached_names, comparable, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(note) = read(bytes) else {
        return;
    };
    assert!(
        attached_names(&note.body)
            .iter()
            .all(|place| note.body.contains(place.as_str()))
    );
    assert_eq!(comparable(&comparable(&note.body)), comparable(&note.body));
    let file = NoteFile {
        id: note.id.unwrap_or(NoteId::new(1, [1; 10])),
        heading: String::new(),
        body: note.body.clone(),
        created_ms: note.created_ms,
        edited_ms: None,
        tags: note.tags.clone(),
        colour: note.colour,
        is_pinned: note.is_pinned,
        about: note
            .about
            .iter()
            .map(|subject| (*subject, "title".to_owned()))
            .collect(),
    };
    let again = match read(file.to_markdown().as_bytes()) {
        Ok(again) => again,
        // With its lines it may be too long.
        Err(_) => return,
    };
    assert_eq!(again.body, note.body, "the text");
    assert_eq!(again.tags, note.tags, "the tags");
    assert_eq!(again.about, note.about, "what it is about");
    assert_eq!(
        (again.colour, again.is_pinned),
        (note.colour, note.is_pinned)
    );
    // Seconds are enough in a file.
    assert_eq!(
        again.created_ms.map(|ms| ms.div_euclid(1_000)),
        note.created_ms.map(|ms| ms.div_euclid(1_000))
    );
});
