use std::collections::BTreeSet;

use keruen_domain::model::fields::BODY;
use keruen_domain::testing::note_key;
use keruen_domain::text::{self, Text};
use keruen_domain::{Author, Clock, DeviceId, Edit, Hlc, Record};
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// Somebody with the note open.
struct Writer {
    typed: Typed,
    /// What they have in front of them.
    seen: Record,
    replica: Record,
    caret: usize,
}

/// A note that some have open.
struct Played {
    writers: Vec<Writer>,
    now_ms: u64,
    /// Each character that somebody types is another one.
    next: char,
}

#[derive(Clone, Debug)]
enum Act {
    Type {
        place: prop::sample::Index,
        removed: usize,
        inserted: usize,
    },
    Undo,
    Redo,
    MoveCaret(prop::sample::Index),
    Save,
    /// Learns what another has saved.
    Hear(usize),
    Wait,
}

impl Played {
    fn new(writers: usize) -> Self {
        let mut next = '\u{4e00}';
        let begun: String = (0..8).map(|_| take_next(&mut next)).collect();
        let mut edit = Edit::new(note_key(1), None, stamp(9, 1), Author::Person);
        edit.write_text(BODY, &begun);
        let record = edit.finish().expect("a text is an edit");
        let writer = |_| Writer {
            typed: Typed::new(&begun),
            seen: record.clone(),
            replica: record.clone(),
            caret: 0,
        };
        Self {
            writers: (0..writers).map(writer).collect(),
            now_ms: 2,
            next,
        }
    }

    fn act(&mut self, who: usize, act: &Act) {
        self.now_ms += 100;
        let now_ms = self.now_ms;
        let others = self.characters_of_others(who);
        let writer = &mut self.writers[who];
        let before: Vec<char> = writer.typed.text().chars().collect();
        match act {
            Act::Type {
                place,
                removed,
                inserted,
            } => {
                let mut text = before.clone();
                let place = place.index(text.len() + 1);
                let end = (place + removed).min(text.len());
                let new: Vec<char> = (0..*inserted).map(|_| take_next(&mut self.next)).collect();
                writer.caret = place + new.len();
                text.splice(place..end, new);
                let text = String::from_iter(text);
                writer.typed.write(&text, now_ms);
                assert_eq!(writer.typed.text(), text);
            }
            Act::Undo | Act::Redo => {
                let is_undo = matches!(act, Act::Undo);
                let place = if is_undo {
                    writer.typed.undo()
                } else {
                    writer.typed.redo()
                };
                let text = writer.typed.text();
                match place {
                    Some(place) => {
                        assert!(place <= text.chars().count());
                        writer.caret = place;
                    }
                    None => assert_eq!(String::from_iter(before.iter()), text),
                }
                // What others wrote neither goes nor comes by it.
                let there = |text: &[char]| -> Vec<char> {
                    let of_others = text.iter().filter(|it| others.contains(it));
                    of_others.copied().collect()
                };
                let after: Vec<char> = text.chars().collect();
                let (before, after) = (there(&before), there(&after));
                if is_undo {
                    assert!(before.iter().all(|it| after.contains(it)));
                }
            }
            Act::MoveCaret(place) => writer.caret = place.index(before.len() + 1),
            Act::Save => self.save(who),
            Act::Hear(other) => {
                let heard = self.writers[*other].replica.clone();
                self.writers[who].replica.merge(heard);
                self.load(who);
            }
            Act::Wait => self.now_ms += 10_000,
        }
    }

    /// Those that were typed by others, as far as this one knows of them.
    fn characters_of_others(&self, who: usize) -> BTreeSet<char> {
        let writer = &self.writers[who];
        let mut all: BTreeSet<char> = text::read(&writer.replica, BODY).chars().collect();
        for step in writer.typed.done.iter().chain(&writer.typed.undone) {
            for flip in &step.flips {
                let cell = writer.typed.cells.iter().find(|cell| cell.id == flip.id);
                all.remove(&cell.expect("it stays").character);
            }
        }
        all
    }

    fn save(&mut self, who: usize) {
        let stamp = stamp(who as u64 + 1, self.now_ms);
        let writer = &mut self.writers[who];
        let goal = writer.typed.text();
        for (number, text) in writer.typed.take_unsaved().into_iter().enumerate() {
            let stamp = Clock::new(stamp.device, stamp.time, 0).stamp(self.now_ms + number as u64);
            let mut edit = Edit::new(note_key(1), Some(&writer.seen), stamp, Author::Person);
            edit.write_text(BODY, &text);
            let delta = edit.finish().expect("each text is another one");
            writer.seen.merge(delta.clone());
            writer.replica.merge(delta);
        }
        assert_eq!(text::read(&writer.seen, BODY), goal);
        self.load(who);
    }

    /// As the editor does: not over what is not saved.
    fn load(&mut self, who: usize) {
        let writer = &mut self.writers[who];
        let shown = writer.typed.text();
        if shown != text::read(&writer.seen, BODY) {
            return;
        }
        let later = Text::of(&writer.replica, BODY);
        let splices = Text::of(&writer.seen, BODY).splices_to(&later);
        let behind = writer
            .caret
            .checked_sub(1)
            .and_then(|it| shown.chars().nth(it));
        [writer.caret] = writer.typed.take(&splices, [writer.caret]);
        let text = writer.typed.text();
        assert_eq!(text, later.to_string());
        // What somebody took away and wrote again is another character, and what two did so is there twice.
        let is_once = |it: char| {
            [&shown, &text]
                .iter()
                .all(|text| text.matches(it).count() == 1)
        };
        let is_new = |it: char| splices.iter().any(|splice| splice.inserted.contains(it));
        let behind = behind.map(|it| (it, text.chars().position(|other| other == it)));
        if let Some((character, Some(place))) = behind
            && !is_new(character)
            && is_once(character)
        {
            assert_eq!(writer.caret, place + 1);
        }
        if behind.is_none() {
            assert_eq!(writer.caret, 0);
        }
        writer.seen = writer.replica.clone();
    }
}

fn take_next(next: &mut char) -> char {
    let taken = *next;
    *next = char::from_u32(u32::from(taken) + 1).expect("there are many");
    taken
}

fn stamp(device: u64, phone_ms: u64) -> keruen_domain::Stamp {
    Clock::new(DeviceId(device), Hlc::default(), 0).stamp(phone_ms)
}

fn act() -> impl Strategy<Value = Act> {
    let place = any::<prop::sample::Index>;
    prop_oneof![
        6 => (place(), 0..4_usize, 0..4_usize)
            .prop_map(|(place, removed, inserted)| Act::Type { place, removed, inserted }),
        3 => Just(Act::Undo),
        2 => Just(Act::Redo),
        2 => place().prop_map(Act::MoveCaret),
        3 => Just(Act::Save),
        4 => (0..3_usize).prop_map(Act::Hear),
        1 => Just(Act::Wait),
    ]
}

proptest! {
    /// Whatever is typed, taken back, done again, saved and heard, in any order: who writes keeps what others wrote, the
    /// caret stays behind its character, and in the end all have the same text.
    #[test]
    fn any_order_of_writing_and_taking_back_agrees(acts in vec((0..3_usize, act()), 0..60)) {
        let mut played = Played::new(3);
        for (who, act) in &acts {
            played.act(*who, act);
        }
        for who in 0..3 {
            played.save(who);
        }
        for who in 0..3 {
            for other in 0..3 {
                played.act(who, &Act::Hear(other));
            }
        }
        let texts: Vec<String> = played.writers.iter().map(|it| it.typed.text()).collect();
        prop_assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    }

    /// Who takes everything back has what there was, and who does it all again what they made of it.
    #[test]
    fn all_the_way_back_and_forth(edits in vec((any::<prop::sample::Index>(), 0..4_usize, "[a-cж🐏\n]{0,3}", 0..3_000_u64), 0..30)) {
        let mut typed = Typed::new("Бағдарлама");
        let mut now_ms = 0;
        for (place, removed, inserted, pause_ms) in edits {
            let mut text: Vec<char> = typed.text().chars().collect();
            let place = place.index(text.len() + 1);
            let end = (place + removed).min(text.len());
            text.splice(place..end, inserted.chars());
            now_ms += pause_ms;
            typed.write(&String::from_iter(text), now_ms);
        }
        let made = typed.text();
        while typed.undo().is_some() {}
        prop_assert_eq!(typed.text(), "Бағдарлама");
        prop_assert!(!typed.can_undo());
        while typed.redo().is_some() {}
        prop_assert_eq!(typed.text(), made);
    }
}

#[test]
fn a_word_is_taken_back_in_one_go_and_a_pause_ends_it() {
    let mut typed = Typed::new("");
    for (text, now_ms) in [
        ("a", 0),
        ("ab", 200),
        ("abc", 400),
        ("abc d", 5_000),
        ("abc de", 5_100),
    ] {
        typed.write(text, now_ms);
    }
    assert_eq!(typed.undo(), Some(3));
    assert_eq!(typed.text(), "abc");
    assert_eq!(typed.undo(), Some(0));
    assert_eq!((typed.text().as_str(), typed.can_undo()), ("", false));
    assert_eq!(typed.redo(), Some(3));
    typed.write("abcx", 20_000);
    assert!(!typed.can_redo());
}

#[test]
fn what_others_wrote_in_between_is_left_alone() {
    let mut typed = Typed::new("Ask.");
    typed.write("Ask about tea.", 0);
    assert_eq!(typed.take_unsaved(), ["Ask about tea."]);
    let theirs = Splice {
        place: 9,
        removed: 0,
        inserted: " green".to_owned(),
    };
    assert_eq!(typed.take(&[theirs], [4, 12]), [4, 18]);
    assert_eq!(typed.text(), "Ask about green tea.");
    typed.undo();
    assert_eq!(typed.text(), "Ask green.");
    // Each text takes away one of the two parts.
    assert_eq!(typed.take_unsaved(), ["Ask green tea.", "Ask green."]);
    assert_eq!(typed.take_unsaved(), [""; 0]);
    typed.redo();
    assert_eq!(typed.text(), "Ask about green tea.");
}
