//! What people write in long texts: words, each another one, between those that they see; and words
//! that they remove.
//!
//! No order and no merging is known here. Of each text remain the words that were written and that
//! nobody who saw them removed, each of them once and in one piece.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use keruen_app::store::Write;
use keruen_domain::model::fields;
use keruen_domain::{ChangeId, Collection, Record, RecordId, RecordKey, ScopeId, text};

use crate::ledger::real_key;
use crate::people::change_of;
use crate::tape::Step;
use crate::world::{Came, Spot, World};

/// How many texts a person has.
const TEXTS: u64 = 2;

/// What was ever written in texts and removed from them.
#[derive(Default)]
pub(crate) struct Texts {
    words: BTreeMap<RecordKey, BTreeMap<String, ChangeId>>,
    removed: BTreeMap<RecordKey, Vec<(String, ChangeId)>>,
    /// Words that nobody holds any more, and nobody is to blame for that.
    forgiven: BTreeSet<(RecordKey, String)>,
    /// With which change, by which device, in which text.
    changes: BTreeMap<ChangeId, (usize, RecordKey)>,
}

/// A text that somebody writes in.
pub(crate) fn key(step: Step) -> RecordKey {
    RecordKey {
        scope: ScopeId::OWN,
        collection: Collection::NOTE,
        id: RecordId::new(1_000 + u64::from(step.record) % TEXTS, [0; 10]),
    }
}

const LENGTH: usize = 3;

/// A word that has no character with any other in common: what changed is told by characters.
fn word(number: i64) -> String {
    let characters = '\u{20000}'..'\u{2FFFF}';
    let before = usize::try_from(number).unwrap_or(0) * LENGTH;
    characters.skip(before).take(LENGTH).collect()
}

fn words(text: &str) -> Vec<&str> {
    let starts = text.char_indices().map(|(start, _)| start).step_by(LENGTH);
    let ends = starts.clone().skip(1).chain([text.len()]);
    starts
        .zip(ends)
        .map(|(start, end)| &text[start..end])
        .collect()
}

/// Somebody writes a word into the text that they have before them, or removes one, or both. Gives
/// what they have before them then.
pub(crate) fn act(
    world: &mut World,
    spot: Spot,
    key: RecordKey,
    seen: Option<Arc<Record>>,
    step: Step,
) -> Option<Arc<Record>> {
    let before = seen.as_deref().map(|seen| text::read(seen, fields::BODY));
    let before = before.unwrap_or_default().into_owned();
    let mut now = words(&before);
    let place = match step.amount {
        // At the end, as most is written.
        0..=99 => now.len(),
        amount => usize::from(amount) % (now.len() + 1),
    };
    let mut place = place;
    let mut removed = None;
    if step.chance < 80 && !now.is_empty() {
        place = usize::from(step.amount) % now.len();
        removed = Some(now.remove(place).to_owned());
    }
    let word = word(world.ledger.number());
    if step.chance >= 30 || removed.is_none() {
        now.insert(place, &word);
    }
    let after = now.concat();
    let written = write(world, spot, key, seen.clone(), after.clone())?;
    let change = change_of(world, spot.device, &written);
    let real = real_key(key, world.devices[spot.device].owner);
    if after.contains(&word) {
        let words = world.texts.words.entry(real).or_default();
        words.insert(word, change);
        world.told.count("word written");
    }
    if let Some(word) = removed {
        let gone = world.texts.removed.entry(real).or_default();
        gone.push((word, change));
        world.told.count("word removed");
    }
    world.texts.changes.insert(change, (spot.device, real));
    let store = world.tab(spot)?.store.clone();
    let mut known = seen.map_or(Record::new(key), |seen| store.corrected(&seen));
    known.merge(written);
    assert_eq!(
        text::read(&known, fields::BODY),
        after,
        "people see what they wrote"
    );
    world.publish(spot);
    Some(Arc::new(known))
}

fn write(
    world: &mut World,
    spot: Spot,
    key: RecordKey,
    seen: Option<Arc<Record>>,
    after: String,
) -> Option<Record> {
    world.devices[spot.device].take_drawn();
    let phone_ms = world.devices[spot.device].phone_ms(world.now_ms);
    let edit = Write::having_seen(key, seen, move |edit| {
        edit.write_text(fields::BODY, &after);
    });
    let came = world.with_store(spot, false, async |store| {
        store.commit(vec![edit], phone_ms).await
    })?;
    match came {
        Came::Back(Ok(mut written)) => written.pop(),
        Came::Back(Err(_)) | Came::Died { .. } => {
            world.told.count("edit failed");
            None
        }
    }
}

impl Texts {
    /// All texts that were ever written in.
    pub(crate) fn keys(&self) -> BTreeSet<RecordKey> {
        self.words.keys().copied().collect()
    }

    /// All changes, each with the device that made it and the text.
    pub(crate) fn changes(&self) -> &BTreeMap<ChangeId, (usize, RecordKey)> {
        &self.changes
    }

    /// After the server was put back: what none of these records holds need not come back. Gives how
    /// much that is.
    pub(crate) fn forgive<'a>(&mut self, held: impl Fn(&RecordKey) -> &'a [Record]) -> usize {
        let mut forgiven = 0;
        for (key, words) in &self.words {
            let texts = held(key).iter();
            let texts: Vec<_> = texts
                .map(|record| text::read(record, fields::BODY))
                .collect();
            for word in words.keys() {
                let is_held = texts.iter().any(|text| text.contains(word));
                if !is_held && self.forgiven.insert((*key, word.clone())) {
                    forgiven += 1;
                }
            }
        }
        forgiven
    }

    /// The server has forgotten a text with what had arrived of it.
    pub(crate) fn forget(&mut self, key: &RecordKey, had_arrived: impl Fn(ChangeId) -> bool) {
        let words = self.words.get(key).into_iter().flatten();
        let gone = words.filter(|(_, change)| had_arrived(**change));
        self.forgiven
            .extend(gone.map(|(word, _)| (*key, word.clone())));
    }

    /// A text holds what is left of all that was written in it and counts.
    pub(crate) fn check(
        &self,
        key: &RecordKey,
        record: Option<&Record>,
        counts: impl Fn(ChangeId) -> bool,
        may_be_more: bool,
    ) {
        let text = record.map(|record| text::read(record, fields::BODY));
        let text = text.unwrap_or_default();
        let there = words(&text);
        let mut held: BTreeSet<&str> = BTreeSet::new();
        for word in &there {
            assert!(held.insert(word), "{key:?} has {word} twice: {text}");
        }
        let removed = self.removed.get(key).into_iter().flatten();
        let gone: BTreeSet<&str> = removed
            .filter(|(_, change)| counts(*change))
            .map(|(word, _)| word.as_str())
            .collect();
        // Whether a removal that was refused comes with a later one is left open.
        let maybe_gone: BTreeSet<&str> = self
            .removed
            .get(key)
            .into_iter()
            .flatten()
            .map(|(word, _)| word.as_str())
            .collect();
        for (word, change) in &self.words[key] {
            let word = word.as_str();
            let is_forgiven = self.forgiven.contains(&(*key, word.to_owned()));
            if counts(*change) && !maybe_gone.contains(word) && !is_forgiven {
                assert!(held.contains(word), "{key:?} has lost {word}: {text}");
            }
        }
        let known: BTreeSet<&str> = self.words[key].keys().map(String::as_str).collect();
        for word in held {
            assert!(known.contains(word), "{key:?}: nobody wrote {word}: {text}");
            let came_back = gone.contains(word) && !may_be_more;
            assert!(!came_back, "{key:?}: {word} has come back: {text}");
        }
    }
}
