//! Three people write one text: each four bytes say who does what and where. Each character that
//! anybody types is another one, so that a text tells which are there.
#![no_main]

use std::collections::BTreeSet;

use keruen_domain::{
    Author, Clock, Collection, DeviceId, Edit, Hlc, Record, RecordId, RecordKey, ScopeId, text,
};
use libfuzzer_sys::fuzz_target;

const BODY: &str = "body";
const MOST_STEPS: usize = 24;
const KEY: RecordKey = RecordKey {
    scope: ScopeId::OWN,
    collection: Collection::NOTE,
    id: RecordId::from_uuid(uuid::Uuid::from_u128(7 << 76)),
};

struct Person {
    clock: Clock,
    replica: Record,
    /// What this person's editor shows; behind the replica until they look.
    editor: Record,
    heard: BTreeSet<char>,
}

impl Person {
    fn hear(&mut self, news: &Record) {
        self.replica.merge(news.clone());
        let reading = self.replica.latest_reading(self.clock.device());
        self.clock.observe(reading);
    }
}

fn set_of(text: &str) -> BTreeSet<char> {
    let set: BTreeSet<char> = text.chars().collect();
    assert_eq!(set.len(), text.chars().count(), "nothing is there twice");
    set
}

fuzz_target!(|bytes: &[u8]| {
    let person = |number: u64| Person {
        clock: Clock::new(DeviceId(number), Hlc::default(), 0),
        replica: Record::new(KEY),
        editor: Record::new(KEY),
        heard: BTreeSet::new(),
    };
    let mut people = [1, 2, 3].map(person);
    let mut letters = '\u{4E00}'..'\u{9FFF}';
    let (mut typed, mut removed) = (BTreeSet::new(), BTreeSet::new());
    let mut changes: Vec<(Record, Vec<char>)> = Vec::new();
    let (steps, _) = bytes.as_chunks::<4>();
    for (number, [what, who, place, extent]) in steps.iter().take(MOST_STEPS).enumerate() {
        let who = usize::from(who % 3);
        match what % 8 {
            0..4 => {
                let person = &mut people[who];
                let seen = person.editor.clone();
                let mut shown: Vec<char> = text::read(&seen, BODY).chars().collect();
                let from = usize::from(*place) % (shown.len() + 1);
                let to = (from + usize::from(extent >> 4)).min(shown.len());
                let new: Vec<char> = letters.by_ref().take(usize::from(extent & 7)).collect();
                removed.extend(shown.splice(from..to, new.iter().copied()));
                let wanted = String::from_iter(&shown);
                let stamp = person.clock.stamp(number as u64 * 700);
                let mut edit = Edit::new(KEY, Some(&seen), stamp, Author::Person)
                    .on(Some(&person.replica), &[]);
                edit.write_text(BODY, &wanted);
                if let Some(finished) = edit.finish_beside(&person.replica) {
                    person.editor.merge(finished.seen);
                    assert_eq!(text::read(&person.editor, BODY), wanted);
                    person.hear(&finished.change);
                    person.heard.extend(&new);
                    typed.extend(&new);
                    changes.push((finished.change, new));
                }
            }
            4 | 5 => people[who].editor = people[who].replica.clone(),
            6 => {
                let from = &people[usize::from(place % 3)];
                let (news, heard) = (from.replica.clone(), from.heard.clone());
                people[who].hear(&news);
                people[who].heard.extend(heard);
            }
            _ if !changes.is_empty() => {
                let (change, new) = &changes[usize::from(*place) % changes.len()];
                people[who].hear(change);
                people[who].heard.extend(new);
            }
            _ => {}
        }
    }
    let mut whole = Record::new(KEY);
    for (change, _) in changes.iter().rev() {
        whole.merge(change.clone());
    }
    let expected: BTreeSet<char> = &typed - &removed;
    assert_eq!(set_of(&text::read(&whole, BODY)), expected);
    for person in &mut people {
        let there = set_of(&text::read(&person.replica, BODY));
        assert!((&person.heard - &removed).is_subset(&there));
        for (change, _) in &changes {
            person.replica.merge(change.clone());
        }
        assert_eq!(person.replica, whole);
    }
});
