use keruen_domain::SessionId;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn note(heading: &str, body: &str) -> NoteFile {
    NoteFile {
        id: NoteId::new(1, [1; 10]),
        heading: heading.to_owned(),
        body: body.to_owned(),
        created_ms: Some(1_747_110_600_000),
        edited_ms: None,
        tags: vec!["road".to_owned()],
        colour: NoteColour::Gold,
        is_pinned: true,
        about: vec![(
            Subject::Session(SessionId::new(1, [2; 10])),
            "Hubs: \"group 1\" (a)".to_owned(),
        )],
    }
}

#[test]
fn a_note_is_a_file_that_other_programs_read() {
    let written = note("Who?", "Who runs the hub?\n").to_markdown();
    let mut lines = written.lines();
    assert_eq!(lines.next(), Some("---"));
    assert_eq!(lines.next(), Some("created: \"2025-05-13T04:30:00Z\""));
    assert_eq!(lines.next(), Some("tags: [\"road\"]"));
    assert_eq!(lines.next(), Some("colour: \"gold\""));
    assert_eq!(lines.next(), Some("pinned: true"));
    assert!(written.ends_with("\n---\n\nWho runs the hub?\n"));
}

#[test]
fn what_other_programs_write_is_read() {
    let written = "\u{feff}---\r\ntags:\r\n  - Дорога\r\n  - 'two words'\r\ncreated: 2025-05-13\r\n---\r\n\r\nText\r\n";
    let note = read(written.as_bytes()).unwrap();
    assert_eq!(note.body, "Text\n");
    assert_eq!(note.tags, ["дорога", "two words"]);
    assert_eq!(note.created_ms, Some(1_747_094_400_000));
    assert_eq!(read(b"tags: [a]\nText").unwrap().body, "tags: [a]\nText");
    let plain = read(b"---\ntags: [a, b c]\n---\nText").unwrap();
    assert_eq!((plain.tags.len(), plain.body.as_str()), (2, "Text"));
}

#[test]
fn what_is_not_understood_stays_in_the_text() {
    for text in [
        "---\nauthor: Aliya\ntags: [a]\n---\nText",
        "---\ntags: [a]\nText",
        "---\ncreated: yesterday\n---\nText",
        "---\ncolour: mauve\n---\nText",
        "---\npinned: often\n---\nText",
        "---\n\n---x\n",
    ] {
        assert_eq!(read(text.as_bytes()).unwrap().body, text);
    }
}

#[test]
fn what_is_no_note_is_refused_with_the_reason() {
    let long = vec![b'a'; MOST_FILE_BYTES + 1];
    for (bytes, why) in [
        (long.as_slice(), Unreadable::TooLong),
        (b"\xff\xfe", Unreadable::NotText),
        (b"a\0b", Unreadable::NotText),
        (b" \n", Unreadable::Empty),
        (b"---\ntags: [a]\n---\n", Unreadable::Empty),
    ] {
        assert_eq!(read(bytes), Err(why));
    }
}

#[test]
fn names_are_fit_for_every_system_and_each_is_another() {
    for (heading, name) in [
        ("Киіз үй: 1/2?", "Киіз үй- 1-2-.md"),
        ("../../etc", "etc.md"),
        ("CON", "CON-.md"),
        ("lpt1", "lpt1-.md"),
        ("", "file.md"),
        ("v1.2 plan", "v1 2 plan.md"),
    ] {
        let named = note(heading, "x").name();
        assert!(!named.contains(['/', '\\', ':']), "{named}");
        assert_eq!(named.trim_start_matches(['-', ' ']), name);
    }
    let notes = [note("Hub", "1"), note("hub", "2"), note("Hub 2", "3")];
    assert_eq!(names(&notes), ["Hub.md", "hub 2.md", "Hub 2 2.md"]);
}

proptest! {
    /// What goes out comes back.
    #[test]
    fn notes_come_back(
        body in "[a-zқ🐫#\"\\-:\\[\\]\n ]{0,60}",
        tags in vec("[a-zқ🐫\"\\\\,:'\\[\\]-]{1,8}", 0..4),
        title in "[ -~қ]{0,20}",
        created_ms in prop::option::of(0_i64..4_000_000_000),
        (colour, is_pinned) in (prop::sample::select(NoteColour::ALL), any::<bool>()),
    ) {
        let tags: BTreeSet<String> = tags.iter().filter_map(|tag| keruen_domain::model::clean_tag(tag)).collect();
        let mut note = note("x", &body);
        note.tags = tags.into_iter().collect();
        note.about[0].1 = title;
        note.created_ms = created_ms.map(|seconds| seconds * 1_000);
        (note.colour, note.is_pinned) = (colour, is_pinned);
        match read(note.to_markdown().as_bytes()) {
            Ok(read) => {
                prop_assert_eq!(read.body, body);
                prop_assert_eq!(read.tags, note.tags);
                prop_assert_eq!((read.colour, read.is_pinned), (colour, is_pinned));
                prop_assert_eq!(read.created_ms, note.created_ms);
                prop_assert_eq!(read.about, [note.about[0].0]);
                prop_assert_eq!(read.id, Some(note.id));
            }
            Err(why) => {
                prop_assert_eq!(why, Unreadable::Empty);
                prop_assert!(body.trim().is_empty());
            }
        }
    }

    /// No bytes make the reader panic.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200), text in "(---\n)?([a-z]{0,7}:? ?[\\[\\]\"'a, -]{0,8}\n){0,5}(---\n)?.{0,9}") {
        let _ = read(&bytes);
        let _ = read(text.as_bytes());
        let shown = String::from_utf8_lossy(&bytes);
        let _ = (attached_names(&shown), comparable(&shown));
    }
}
