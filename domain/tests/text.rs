//! Long texts, held against a list of who typed and removed what.
//!
//! Each character that anybody types is another one, so that a text tells which are there.

use std::collections::{BTreeMap, BTreeSet};

use keruen_domain::testing::{note_key, reproducible};
use keruen_domain::text::{self, Splice, Text};
use keruen_domain::{Author, Clock, DeviceId, Edit, FieldKey, Hlc, Record, Value, encoding};
use proptest::collection::vec;
use proptest::prelude::*;

const DEVICES: usize = 3;
const TABS: usize = 2;
const BODY: &str = "body";

/// One thing that happens. Places are taken modulo the length of what there is.
#[derive(Clone, Debug)]
enum Step {
    /// Somebody replaces some of what they see by so many new characters.
    Type {
        device: usize,
        tab: usize,
        place: usize,
        removed: usize,
        typed: usize,
    },
    /// A tab shows what its device knows now.
    Look { device: usize, tab: usize },
    /// A device hears of one change.
    Deliver { device: usize, change: usize },
    /// A device hears of all that another one has.
    Exchange { from: usize, to: usize },
    /// The text is written as a whole, as earlier versions of this program did.
    Whole { device: usize },
}

fn step(is_causal: bool) -> impl Strategy<Value = Step> {
    let device = || 0..DEVICES;
    let tab = || 0..TABS;
    let removed = prop_oneof![3 => Just(0_usize), 1 => 1..4_usize];
    let single = if is_causal { 0 } else { 4 };
    prop_oneof![
        10 => (device(), tab(), any::<usize>(), removed, 0..4_usize)
            .prop_map(|(device, tab, place, removed, typed)| {
                Step::Type { device, tab, place, removed, typed }
            }),
        // At the end, as most is typed.
        6 => (device(), tab(), 1..3_usize)
            .prop_map(|(device, tab, typed)| {
                Step::Type { device, tab, place: usize::MAX, removed: 0, typed }
            }),
        4 => (device(), tab()).prop_map(|(device, tab)| Step::Look { device, tab }),
        single => (device(), any::<usize>())
            .prop_map(|(device, change)| Step::Deliver { device, change }),
        4 => (device(), device()).prop_map(|(from, to)| Step::Exchange { from, to }),
        1 => device().prop_map(|device| Step::Whole { device }),
    ]
}

struct Device {
    clock: Clock,
    replica: Record,
    /// The record that each tab has in front of its writer.
    tabs: [Record; TABS],
    /// What this device has heard of.
    heard: BTreeSet<char>,
}

impl Device {
    fn hear(&mut self, news: &Record) {
        self.replica.merge(news.clone());
        let reading = self.replica.latest_reading(self.clock.device());
        self.clock.observe(reading);
    }
}

/// What came of it.
struct Played {
    devices: Vec<Device>,
    changes: Vec<(Record, BTreeSet<char>)>,
    typed: BTreeSet<char>,
    /// Who typed each.
    writers: BTreeMap<char, DeviceId>,
    removed: BTreeSet<char>,
    /// What writers had in front of them.
    seen: Vec<String>,
}

fn play(steps: &[Step]) -> Played {
    let device = |number| Device {
        clock: Clock::new(DeviceId(number as u64 + 1), Hlc::default(), number * 5),
        replica: Record::new(note_key(1)),
        tabs: [Record::new(note_key(1)), Record::new(note_key(1))],
        heard: BTreeSet::new(),
    };
    let mut played = Played {
        devices: (0..DEVICES as i64).map(device).collect(),
        changes: Vec::new(),
        typed: BTreeSet::new(),
        writers: BTreeMap::new(),
        removed: BTreeSet::new(),
        seen: Vec::new(),
    };
    let mut characters = ('\u{1F300}'..'\u{2FFFF}').chain('\u{4E00}'..'\u{9FFF}');
    for (number, step) in steps.iter().enumerate() {
        let phone_ms = number as u64 / 3 * 700;
        match *step {
            Step::Type {
                device,
                tab,
                place,
                removed,
                typed,
            } => {
                let new: Vec<char> = characters.by_ref().take(typed).collect();
                let writer = DeviceId(device as u64 + 1);
                played.writers.extend(new.iter().map(|one| (*one, writer)));
                write(&mut played, device, tab, phone_ms, place, removed, &new);
            }
            Step::Look { device, tab } => {
                let device = &mut played.devices[device];
                device.tabs[tab] = device.replica.clone();
            }
            Step::Deliver { device, change } => {
                if !played.changes.is_empty() {
                    let (change, typed) = &played.changes[change % played.changes.len()];
                    played.devices[device].hear(change);
                    played.devices[device].heard.extend(typed);
                }
            }
            Step::Exchange { from, to } => {
                let news = played.devices[from].replica.clone();
                let heard = played.devices[from].heard.clone();
                played.devices[to].hear(&news);
                played.devices[to].heard.extend(heard);
            }
            Step::Whole { device } => {
                let device = &mut played.devices[device];
                // Only where there is nothing: it would replace what it has seen.
                if device.replica.field(BODY).is_none() {
                    let new: Vec<char> = characters.by_ref().take(3).collect();
                    let stamp = device.clock.stamp(phone_ms);
                    let mut edit =
                        Edit::new(note_key(1), Some(&device.replica), stamp, Author::Person);
                    edit.set(FieldKey::register(BODY), String::from_iter(&new));
                    let change = edit.finish().expect("it is another text");
                    device.hear(&change);
                    let typed: BTreeSet<char> = new.into_iter().collect();
                    device.heard.extend(&typed);
                    played.typed.extend(&typed);
                    played.changes.push((change, typed));
                }
            }
        }
    }
    played
}

fn write(
    played: &mut Played,
    device: usize,
    tab: usize,
    phone_ms: u64,
    place: usize,
    removed: usize,
    new: &[char],
) {
    let device = &mut played.devices[device];
    let seen = device.tabs[tab].clone();
    let mut characters: Vec<char> = text::read(&seen, BODY).chars().collect();
    let from = place.checked_rem(characters.len() + 1).unwrap_or(0);
    let from = if place == usize::MAX {
        characters.len()
    } else {
        from
    };
    let to = (from + removed).min(characters.len());
    let gone: Vec<char> = characters.splice(from..to, new.iter().copied()).collect();
    let wanted = String::from_iter(&characters);

    let stamp = device.clock.stamp(phone_ms);
    let mut edit =
        Edit::new(note_key(1), Some(&seen), stamp, Author::Person).on(Some(&device.replica), &[]);
    edit.write_text(BODY, &wanted);
    let Some(finished) = edit.finish_beside(&device.replica) else {
        assert!(gone.is_empty() && new.is_empty());
        return;
    };
    device.tabs[tab].merge(finished.seen);
    assert_eq!(
        text::read(&device.tabs[tab], BODY),
        wanted,
        "people see what they wrote"
    );
    device.hear(&finished.change);
    device.heard.extend(new);
    played.seen.push(wanted);
    played.typed.extend(new);
    played.removed.extend(gone);
    let mut typed: BTreeSet<char> = new.iter().copied().collect();
    // A change holds whole pieces, and what it holds besides, others may hear of.
    typed.retain(|character| text::read(&finished.change, BODY).contains(*character));
    assert_eq!(typed.len(), new.len(), "a change holds what was typed");
    played.changes.push((finished.change, typed));
}

impl Played {
    /// The record of somebody who has heard of every change, the last ones first.
    fn whole(&self) -> Record {
        let mut whole = Record::new(note_key(1));
        for (change, _) in self.changes.iter().rev() {
            whole.merge(change.clone());
        }
        whole
    }
}

fn characters(text: &str) -> BTreeSet<char> {
    let set: BTreeSet<char> = text.chars().collect();
    assert_eq!(
        set.len(),
        text.chars().count(),
        "nothing is there twice: {text}"
    );
    set
}

proptest! {
    #![proptest_config(reproducible(400))]

    /// Whatever was typed by anybody and not removed by somebody who saw it is there, once; and
    /// who has heard of everything reads the same.
    #[test]
    fn what_was_typed_and_not_removed_is_in_every_replica(
        steps in vec(step(false), 0..50),
        order in vec(any::<prop::sample::Index>(), 0..40),
    ) {
        let played = play(&steps);
        for device in &played.devices {
            let there = characters(&text::read(&device.replica, BODY));
            let expected: BTreeSet<char> = &device.heard - &played.removed;
            prop_assert!(expected.is_subset(&there), "{expected:?} in {there:?}");
        }
        let whole = played.whole();
        let expected: BTreeSet<char> = &played.typed - &played.removed;
        prop_assert_eq!(characters(&text::read(&whole, BODY)), expected);

        let mut elsewhere = Record::new(note_key(1));
        for index in order {
            if !played.changes.is_empty() {
                elsewhere.merge(index.get(&played.changes).0.clone());
            }
            elsewhere.merge(index.get(&played.devices).replica.clone());
        }
        for (change, _) in &played.changes {
            elsewhere.merge(change.clone());
        }
        prop_assert_eq!(&elsewhere, &whole);
        let stored: Record = encoding::decode(&encoding::encode(&elsewhere)).expect("it was stored");
        prop_assert_eq!(text::read(&stored, BODY), text::read(&whole, BODY));
    }

    /// What stood before something else when anybody saw it stands before it in the end.
    #[test]
    fn the_order_that_people_saw_stays(steps in vec(step(true), 0..50)) {
        let played = play(&steps);
        let whole = text::read(&played.whole(), BODY).into_owned();
        for seen in &played.seen {
            let left: BTreeSet<char> = whole.chars().collect();
            let before: Vec<char> = seen.chars().filter(|it| left.contains(it)).collect();
            let known: BTreeSet<char> = before.iter().copied().collect();
            let after: Vec<char> = whole.chars().filter(|it| known.contains(it)).collect();
            prop_assert_eq!(before, after);
        }
    }

    /// What several people type at one place, each in several goes, forwards or backwards, stands
    /// one after the other.
    #[test]
    fn what_is_typed_at_one_place_is_not_mixed(
        before in 0..4_usize,
        after in 0..4_usize,
        writers in vec((vec(1..5_usize, 1..6), any::<bool>()), 2..5),
    ) {
        let base = "x".repeat(before) + &"y".repeat(after);
        let mut first = Edit::new(note_key(1), None, stamp(9, 1), Author::Person);
        first.write_text(BODY, &base);
        let base_record = first.finish().unwrap_or(Record::new(note_key(1)));
        let mut all = base_record.clone();
        let mut runs = Vec::new();
        for (writer, (goes, is_backwards)) in writers.iter().enumerate() {
            let letter = char::from(b'A' + writer as u8);
            let mut record = base_record.clone();
            let mut typed = 0;
            for (go, length) in goes.iter().enumerate() {
                let mut text: Vec<char> = text::read(&record, BODY).chars().collect();
                let place = before + if *is_backwards { 0 } else { typed };
                text.splice(place..place, std::iter::repeat_n(letter, *length));
                typed += length;
                let stamp = stamp(writer as u64 + 1, 10 + go as u64 * 7);
                let mut edit = Edit::new(note_key(1), Some(&record), stamp, Author::Person);
                edit.write_text(BODY, &String::from_iter(text));
                record.merge(edit.finish().expect("something was typed"));
            }
            runs.push(letter.to_string().repeat(typed));
            all.merge(record);
        }
        let text = text::read(&all, BODY);
        for run in runs {
            prop_assert!(text.contains(&run), "{run} in {text}");
        }
    }

    /// What leads from a text to a later one leaves all that is in both.
    #[test]
    fn splices_lead_to_the_later_text(steps in vec(step(true), 0..40)) {
        let played = play(&steps);
        let whole = played.whole();
        let later = Text::of(&whole, BODY);
        let later_characters = characters(&later.to_string());
        for device in &played.devices {
            let earlier = Text::of(&device.replica, BODY);
            let splices = earlier.splices_to(&later);
            let text = earlier.to_string();
            prop_assert_eq!(Splice::apply(&splices, &text), later.to_string());
            let earlier_characters = characters(&text);
            let come: String = splices.iter().map(|splice| splice.inserted.as_str()).collect();
            prop_assert!(characters(&come).is_disjoint(&earlier_characters));
            let gone: usize = splices.iter().map(|splice| splice.removed).sum();
            prop_assert_eq!(gone, earlier_characters.difference(&later_characters).count());
        }
    }

    /// What was removed is offered, each character once, with the place where it stood.
    #[test]
    fn what_was_removed_is_known(steps in vec(step(true), 0..50)) {
        let played = play(&steps);
        let whole = played.whole();
        let text = Text::of(&whole, BODY);
        let length = text.to_string().chars().count();
        let passages = text.passages();
        let removed: String = passages.iter().map(|passage| passage.text.as_str()).collect();
        prop_assert_eq!(characters(&removed), played.removed);
        prop_assert!(passages.iter().all(|passage| passage.place <= length));
        prop_assert!(passages.is_sorted_by(|one, next| one.removed_ms >= next.removed_ms));
    }

    /// Of each character it is told who typed it. A text that was written as a whole is its writer's, so there is none.
    #[test]
    fn who_wrote_what_is_known(steps in vec(step(true), 0..50)) {
        let steps: Vec<Step> = steps
            .into_iter()
            .filter(|step| !matches!(step, Step::Whole { .. }))
            .collect();
        let played = play(&steps);
        let whole = played.whole();
        let text = Text::of(&whole, BODY);
        let stretches = text.stretches();
        let joined: String = stretches.iter().map(|stretch| stretch.text.as_str()).collect();
        prop_assert_eq!(joined, text.to_string());
        for stretch in stretches {
            for one in stretch.text.chars() {
                prop_assert_eq!(played.writers.get(&one), Some(&stretch.device));
            }
        }
    }

    /// Nothing that can stand in fields makes a reader or a writer panic.
    #[test]
    fn no_fields_make_it_panic(fields in vec(field(), 0..12), new in "[a-cж🐏\n]{0,6}") {
        let record = hostile(&fields);
        let earlier = Text::of(&record, BODY);
        let read = earlier.to_string();
        prop_assert_eq!(&text::read(&record, BODY), &read);
        let _ = (earlier.passages(), earlier.stretches());
        let mut edit = Edit::new(record.key, Some(&record), stamp(1, 50), Author::Person);
        edit.write_text(BODY, &new);
        let mut after = record.clone();
        if let Some(change) = edit.finish() {
            after.merge(change);
        }
        let later = Text::of(&after, BODY);
        let splices = earlier.splices_to(&later);
        prop_assert_eq!(Splice::apply(&splices, &read), later.to_string());
    }
}

fn stamp(device: u64, phone_ms: u64) -> keruen_domain::Stamp {
    Clock::new(DeviceId(device), Hlc::default(), 0).stamp(phone_ms)
}

/// A name and a content as somebody might make them who wants to do harm: pieces that hang on each
/// other, on themselves, on what is not there.
fn field() -> impl Strategy<Value = (String, String, u64)> {
    let stamp = || {
        let names: Vec<String> = (1..=3)
            .map(|device| format!("{:016x}{device:016x}", 5_u64 << 16))
            .collect();
        prop::sample::select(names)
    };
    let origin = prop_oneof![
        Just("^".to_owned()),
        ("[<>]", 0..4_u32).prop_map(|(side, offset)| format!("{side}{offset}")),
        ("[<>]", 0..4_u32, stamp())
            .prop_map(|(side, offset, piece)| format!("{side}{offset}@{piece}")),
        "[<>^@0-9]{0,12}",
    ];
    let run = (origin, 0..4_u32, "[a-cж🐏\n<>^ 0-9]{0,5}")
        .prop_map(|(origin, length, text)| format!("{origin} {length}\n{text}"));
    let content = prop_oneof![
        6 => vec(run, 1..4).prop_map(|runs| runs.concat()),
        2 => "[0-9]{1,3}:[0-4](-[0-9]{1,11})?(,[0-4])?",
        1 => ".{0,12}",
    ];
    let name = prop_oneof![
        6 => stamp().prop_map(|piece| format!("body+{piece}")),
        3 => stamp().prop_map(|piece| format!("body-{piece}")),
        1 => Just("body".to_owned()),
        1 => "body[+-][0-9a-f]{0,33}",
    ];
    (name, content, 1..4_u64)
}

fn hostile(fields: &[(String, String, u64)]) -> Record {
    let mut record = Record::new(note_key(1));
    for (name, content, device) in fields {
        // The reading that the names are made of: a plain text may be called as a piece is.
        let mut edit = Edit::new(record.key, None, stamp(*device, 5), Author::Person);
        edit.set(FieldKey::register(name), content.as_str());
        record.merge(edit.finish().unwrap_or(Record::new(record.key)));
    }
    record
}

/// The histories would prove little if nothing met in them.
#[test]
fn histories_have_what_they_are_made_for() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::new(reproducible(1));
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for _ in 0..500 {
        let tree = vec(step(false), 0..50).new_tree(&mut runner);
        let played = play(&tree.expect("any steps will do").current());
        let whole = played.whole();
        let keys: Vec<&str> = whole.fields().map(|(key, _)| key.as_str()).collect();
        let pieces = keys.iter().filter(|key| key.contains('+')).count();
        let removals = || whole.fields().filter(|(key, _)| key.as_str().contains('-'));
        let met = removals().any(|(_, register)| register.others().next().is_some());
        let mut happened = |what, how_often| *count.entry(what).or_default() += how_often;
        happened("several pieces", usize::from(pieces > 3));
        happened("grown", usize::from(played.changes.len() > 2 * pieces));
        happened("removals met", usize::from(met));
        happened("whole", usize::from(keys.contains(&"body")));
        let is_cut_off = |device: &Device| {
            let own = Text::of(&device.replica, BODY).to_string();
            let whole = text::read(&whole, BODY).into_owned();
            let mut rest = whole.chars();
            own.chars().any(|it| !rest.any(|other| other == it))
        };
        happened(
            "out of order",
            usize::from(played.devices.iter().any(is_cut_off)),
        );
    }
    for what in [
        "several pieces",
        "grown",
        "removals met",
        "whole",
        "out of order",
    ] {
        assert!(count[what] > 10, "{what}: {count:?}");
    }
}

#[test]
fn two_people_who_write_one_text_apart_have_both_in_equal_order() {
    let mut base = Edit::new(note_key(1), None, stamp(1, 1), Author::Person);
    base.set(FieldKey::register(BODY), "Ask about the budget.");
    let base = base.finish().expect("a text is an edit");
    let edited = |device, texts: [&str; 2]| {
        let mut record = base.clone();
        for (time, text) in texts.into_iter().enumerate() {
            let stamp = stamp(device, 9 + time as u64);
            let mut edit = Edit::new(base.key, Some(&record), stamp, Author::Person);
            edit.write_text(BODY, text);
            record.merge(edit.finish().expect("another text is an edit"));
        }
        record
    };
    let one = edited(
        1,
        [
            "Ask about the budget of 2026.",
            "Tea. Ask about the budget of 2026.",
        ],
    );
    let other = edited(
        2,
        [
            "Ask about the budget of the region.",
            "Ask about the hall and the budget of the region.",
        ],
    );
    let mut both = base.clone();
    both.merge(one.clone());
    both.merge(other.clone());
    assert_eq!(
        text::read(&both, BODY),
        "Tea. Ask about the hall and the budget of 2026 of the region."
    );
    assert_eq!(both.contested().count(), 0);
    let mut first_other = other;
    first_other.merge(one);
    first_other.merge(base);
    assert_eq!(first_other, both);
}

/// A program of before pieces, or an import, wrote the text as a whole; twice at the same time.
#[test]
fn whole_texts_that_met_are_both_there_and_can_be_edited() {
    let whole = |device, author, text: &str| {
        let mut edit = Edit::new(note_key(1), None, stamp(device, device), author);
        edit.set(FieldKey::register(BODY), text);
        edit.finish().expect("a text is an edit")
    };
    let mut record = whole(1, Author::Person, "Budget. ");
    record.merge(whole(2, Author::Person, "Hall. "));
    record.merge(whole(3, Author::Person, "Budget. "));
    record.merge(whole(0, Author::Machine, "Imported. "));
    let read = text::read(&record, BODY).into_owned();
    assert_eq!(
        read, "Hall. Budget. ",
        "what is equal once, and no import that lost"
    );
    let mut edit = Edit::new(record.key, Some(&record), stamp(4, 9), Author::Person);
    edit.write_text(BODY, "Tall. Budget of 2026. ");
    record.merge(edit.finish().expect("another text is an edit"));
    assert_eq!(text::read(&record, BODY), "Tall. Budget of 2026. ");
}

/// Who deleted a note had not seen what its writer went on to type, and what they had removed
/// does not come back with it.
#[test]
fn what_was_typed_while_somebody_deleted_comes_back_with_a_restore() {
    let mut clock = Clock::new(DeviceId(1), Hlc::default(), 0);
    let mut record = Record::new(note_key(1));
    for text in ["Ask about the budget", "Ask the budget", "Ask the budget?"] {
        let mut edit = Edit::new(record.key, Some(&record), clock.stamp(1), Author::Person);
        edit.write_text(BODY, text);
        record.merge(edit.finish().expect("another text is an edit"));
    }
    let mut edit = Edit::new(record.key, Some(&record), stamp(2, 90), Author::Person);
    edit.delete();
    let mut tombstone = record.clone();
    tombstone.merge(edit.finish().expect("it was not deleted before"));
    assert_eq!(text::read(&tombstone, BODY), "");
    let mut edit = Edit::new(record.key, Some(&record), clock.stamp(2), Author::Person);
    edit.write_text(BODY, "Ask the budget? And tea.");
    let meanwhile = edit.finish().expect("another text is an edit");
    for is_before in [false, true] {
        let mut restored = tombstone.clone();
        if is_before {
            restored.merge(meanwhile.clone());
        }
        let mut edit = Edit::new(record.key, Some(&restored), stamp(2, 99), Author::Person);
        edit.restore(&record);
        let restore = edit.finish().expect("it was deleted");
        restored.merge(restore);
        restored.merge(meanwhile.clone());
        assert_eq!(text::read(&restored, BODY), "Ask the budget? And tea.");
        assert!(!restored.is_deleted());
    }
}

/// A change that was refused may be offered again: what it holds must not count as known then.
#[test]
fn a_refused_change_that_is_offered_again_brings_its_words() {
    let mut clock = Clock::new(DeviceId(1), Hlc::default(), 0);
    let mut write = |seen: &Record, current: &Record, refused: &[Record], text: &str| {
        let mut edit = Edit::new(seen.key, Some(seen), clock.stamp(1), Author::Person)
            .on(Some(current), refused);
        edit.write_text(BODY, text);
        edit.finish().expect("another text is an edit")
    };
    let nothing = Record::new(note_key(1));
    let sent = write(&nothing, &nothing, &[], "Budget");
    let refused = [write(&sent, &sent, &[], "Budget 2026")];
    // The record is shown without it, and its writer goes on, in the same editor and in a new one.
    let mut seen = sent.clone();
    seen.merge(refused[0].clone());
    for seen in [seen, sent.clone()] {
        let mut all = sent.clone();
        let later = text::read(&seen, BODY).into_owned() + ", hall";
        all.merge(write(&seen, &sent, &refused, &later));
        assert!(text::read(&all, BODY).contains(", hall"));
        all.merge(refused[0].clone());
        let read = text::read(&all, BODY).into_owned();
        assert!(read.contains(" 2026") && read.contains(", hall"), "{read}");
    }
}

/// A server bounds the stamps of a phone that is years ahead; its pieces are its own still.
#[test]
fn a_phone_with_a_wrong_clock_goes_on_in_its_piece() {
    let mut clock = Clock::new(DeviceId(1), Hlc::default(), 0);
    let mut phone = Record::new(note_key(1));
    let mut server = Record::new(note_key(1));
    let mut typed = String::new();
    for pause in 0..10_u64 {
        typed.push_str("word ");
        let stamp = clock.stamp(1_000_000_000 + pause);
        let mut edit = Edit::new(phone.key, Some(&phone), stamp, Author::Person);
        edit.write_text(BODY, &typed);
        let change = edit.finish().expect("something was typed");
        phone.merge(change.clone());
        let now = Hlc::from_unix_ms(5_000 + pause);
        let bounded = change.bounded(Some(&server), now, now);
        server.merge(bounded.expect("its stamps are far ahead"));
        // The news of it comes in time, or after the next change was made.
        if pause % 3 > 0 {
            phone.merge(server.clone());
        }
        assert_eq!(text::read(&phone, BODY), typed);
        assert_eq!(text::read(&server, BODY), typed);
    }
    assert_eq!(server.fields().count(), 1);
}

/// What was stored is read for ever, so it never changes.
#[test]
fn what_stands_in_fields_is_what_it_was() {
    let mut record = Record::new(note_key(1));
    let texts = [
        (1, "Budget"),
        (1, "Budget 2026"),
        (2, "The budget"),
        (1, "A budget"),
    ];
    for (time, (device, text)) in texts.into_iter().enumerate() {
        let stamp = stamp(device, 1_000 * (time as u64 + 1));
        let mut edit = Edit::new(record.key, Some(&record), stamp, Author::Person);
        edit.write_text(BODY, text);
        record.merge(edit.finish().expect("another text is an edit"));
    }
    let fields: Vec<(&str, &str)> = record
        .fields()
        .filter_map(|(key, register)| Some((key.as_str(), register.value().as_text()?)))
        .collect();
    assert_eq!(
        fields,
        [
            (
                "body+0000000003e800000000000000000001",
                "^ 11\nBudget 2026<3@000000000bb800000000000000000002 1\nA"
            ),
            (
                "body+000000000bb800000000000000000002",
                ">10@0000000003e800000000000000000001 10\nThe budget"
            ),
            ("body-0000000003e800000000000000000001", "3:0-10"),
            ("body-000000000bb800000000000000000002", "4:0-2"),
        ]
    );
}

/// What it costs: a day of typing, each pause saved and sent by itself, some of it mended.
#[test]
fn a_day_of_typing_stays_small() {
    let mut clock = Clock::new(DeviceId(1), Hlc::default(), 0);
    let mut record = Record::new(note_key(1));
    let mut text = String::new();
    let mut largest_change_bytes = 0;
    let mut sent_bytes = 0;
    for pause in 0..2_000_u64 {
        match pause % 10 {
            // A word is mended somewhere above.
            7 => {
                let place = (pause as usize * 7919) % text.len();
                text.replace_range(place..place + 1, "m");
            }
            8 => text.truncate(text.len() - 3),
            _ => text.push_str("words, "),
        }
        let mut edit = Edit::new(
            record.key,
            Some(&record),
            clock.stamp(pause * 20_000),
            Author::Person,
        );
        edit.write_text(BODY, &text);
        let Some(change) = edit.finish() else {
            continue;
        };
        let bytes = encoding::encode(&change).len();
        largest_change_bytes = bytes.max(largest_change_bytes);
        sent_bytes += bytes;
        record.merge(change);
    }
    assert_eq!(text::read(&record, BODY), text);
    let bytes = encoding::encode(&record).len();
    println!(
        "{} characters in 2000 pauses: {bytes} bytes in {} fields; \
         {sent_bytes} bytes sent, the largest change {largest_change_bytes}",
        text.len(),
        record.fields().count(),
    );
    assert!(record.fields().count() < 60);
    assert!(bytes < 3 * text.len());
    assert!(largest_change_bytes < 4_096);
    assert_ne!(record.value(BODY), &Value::from(text));
}
