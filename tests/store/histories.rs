//! Random histories of edits, answers and restarts, on every backend, against a model that is a
//! page long. The image in memory, the image after reopening and the model are always equal.

use std::collections::BTreeMap;
use std::rc::Rc;

use keruen_app::store::{Store, Write};
use keruen_domain::model::fields;
use keruen_domain::sync::SavePlan;
use keruen_domain::testing::reproducible;
use keruen_domain::{ChangeId, FieldKey, Record, RecordKey, Refusal, ScopeId};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::harness::{
    Database, NOON_MS, at, commit, from_server, note, on_every_backend, save, shown,
};

on_every_backend!(image_disk_and_model_are_always_equal);

const NOTES: u8 = 3;
const CASES: u32 = 40;

/// What happens next.
#[derive(Clone, Debug)]
enum Step {
    Write {
        note: u8,
        field: u8,
        text: String,
    },
    Delete {
        note: u8,
    },
    Send {
        most: usize,
    },
    Answer {
        fates: Vec<u8>,
        news: Vec<(u8, u64)>,
        forgets: bool,
    },
    OfferAgain,
    Dismiss,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let of_note = 0..NOTES;
    let written = (of_note.clone(), 0_u8..2, "[а-в]{1,2}");
    let news = vec((of_note.clone(), 0_u64..5), 0..3);
    let answer = (vec(0_u8..4, 4), news, prop::bool::weighted(0.1));
    prop_oneof![
        6 => written.prop_map(|(note, field, text)| Step::Write { note, field, text }),
        1 => of_note.prop_map(|note| Step::Delete { note }),
        4 => (1_usize..4).prop_map(|most| Step::Send { most }),
        4 => answer.prop_map(|(fates, news, forgets)| Step::Answer { fates, news, forgets }),
        1 => Just(Step::OfferAgain),
        1 => Just(Step::Dismiss),
        2 => Just(Step::Reopen),
    ]
}

/// A change on its way.
#[derive(Clone, Debug)]
struct Waiting {
    record: Record,
    /// Since it was first sent.
    id: Option<ChangeId>,
    is_postponed: bool,
}

/// What the device should know.
#[derive(Default)]
struct Model {
    acknowledged: BTreeMap<RecordKey, Record>,
    waiting: BTreeMap<u64, Waiting>,
    next_position: u64,
    attention: BTreeMap<ChangeId, Record>,
    /// Positions that were read for sending and not answered.
    sent: Vec<u64>,
}

fn take_in(records: &mut BTreeMap<RecordKey, Record>, record: Record) {
    match records.get_mut(&record.key) {
        Some(known) => known.merge(record),
        None => {
            records.insert(record.key, record);
        }
    }
}

impl Model {
    fn write(&mut self, delta: Record) {
        let unsent = self
            .waiting
            .values_mut()
            .find(|change| change.id.is_none() && change.record.key == delta.key);
        match unsent {
            Some(change) => change.record.merge(delta),
            None => self.queue(delta, None),
        }
    }

    fn queue(&mut self, record: Record, id: Option<ChangeId>) {
        let waiting = Waiting {
            record,
            id,
            is_postponed: false,
        };
        self.waiting.insert(self.next_position, waiting);
        self.next_position += 1;
    }

    fn image(&self) -> BTreeMap<RecordKey, Record> {
        let mut image = self.acknowledged.clone();
        for change in self.waiting.values() {
            take_in(&mut image, change.record.clone());
        }
        image
    }
}

/// The store and what it should be.
struct Run<'a> {
    database: &'a Database,
    store: Rc<Store>,
    model: Model,
    moment: u64,
}

impl Run<'_> {
    async fn take(&mut self, step: &Step) {
        self.moment += 1;
        let phone_ms = NOON_MS + self.moment;
        match step.clone() {
            Step::Write {
                note: number,
                field,
                text,
            } => {
                let name = [fields::BODY, fields::ABOUT][usize::from(field)];
                let write = Write::new(note(number), move |edit| {
                    edit.set(FieldKey::register(name), text);
                });
                self.commit(write, phone_ms).await;
            }
            Step::Delete { note: number } => {
                let delete = Write::new(note(number), |edit| {
                    edit.delete();
                });
                self.commit(delete, phone_ms).await;
            }
            Step::Send { most } => self.send(most).await,
            Step::Answer {
                fates,
                news,
                forgets,
            } => self.answer(&fates, &news, forgets).await,
            Step::OfferAgain => {
                if let Some((id, record)) = self.model.attention.pop_first() {
                    self.store.offer_again(id).await.expect("offered");
                    self.model.queue(record, Some(id));
                }
            }
            Step::Dismiss => {
                if let Some((id, _)) = self.model.attention.pop_first() {
                    self.store.dismiss(id).await.expect("dismissed");
                }
            }
            Step::Reopen => {
                self.store = self.database.open().await;
                self.model.sent.clear();
                for change in self.model.waiting.values_mut() {
                    change.is_postponed = false;
                }
            }
        }
    }

    async fn commit(&mut self, write: Write, phone_ms: u64) {
        for delta in commit(&self.store, vec![write], phone_ms).await {
            self.model.write(delta);
        }
    }

    async fn send(&mut self, most: usize) {
        let outgoing = self.store.outgoing(most, true).await.expect("the outbox");
        let mut expected = self.model.waiting.iter_mut();
        self.model.sent.clear();
        for change in &outgoing.changes {
            let (position, waiting) = expected
                .find(|(_, waiting)| !waiting.is_postponed)
                .expect("no more is sent than waits");
            assert_eq!(change.record, waiting.record);
            assert_eq!(*waiting.id.get_or_insert(change.id), change.id);
            self.model.sent.push(*position);
        }
        let left = expected.any(|(_, waiting)| !waiting.is_postponed);
        assert_eq!(outgoing.more, left);
        assert!(!left || outgoing.changes.len() == most);
    }

    async fn answer(&mut self, fates: &[u8], news: &[(u8, u64)], forgets: bool) {
        let mut plan = SavePlan {
            cursors: vec![at(ScopeId::OWN, self.moment)],
            ..SavePlan::default()
        };
        if forgets {
            self.model.acknowledged.clear();
            plan.revoked.push(ScopeId::OWN);
        }
        for (position, fate) in std::mem::take(&mut self.model.sent).iter().zip(fates) {
            let Some(waiting) = self.model.waiting.get_mut(position) else {
                continue;
            };
            let id = waiting.id.expect("it was sent");
            match fate {
                0 => {
                    plan.settled.push(id);
                    let record = waiting.record.clone();
                    self.model.waiting.remove(position);
                    take_in(&mut self.model.acknowledged, record);
                }
                1 => {
                    plan.refused.push((id, Refusal::NotJoined));
                    self.model.attention.insert(id, waiting.record.clone());
                    self.model.waiting.remove(position);
                }
                2 => {
                    plan.not_understood.push(id);
                    waiting.is_postponed = true;
                }
                // The answer says nothing of it.
                _ => {}
            }
        }
        for (number, time) in news {
            let record = from_server(note(*number), &format!("Жаңалық {time}"), *time);
            take_in(&mut self.model.acknowledged, record.clone());
            plan.records.push(record);
        }
        save(&self.store, plan).await;
    }

    async fn compare(&self) {
        let model = self.model.image();
        for store in [self.store.clone(), self.database.open().await] {
            let image: BTreeMap<RecordKey, Record> = (0..NOTES)
                .filter_map(|number| shown(&store, &note(number)))
                .map(|record| (record.key, Record::clone(&record)))
                .collect();
            assert_eq!(image, model);
            assert_eq!(store.replica().len(), model.len());
            assert_eq!(store.replica().waiting(), self.model.waiting.len());
            let attention = store.attention().await.expect("the list");
            let listed: BTreeMap<_, _> = attention
                .into_iter()
                .map(|entry| (entry.change.id, entry.change.record))
                .collect();
            assert_eq!(listed, self.model.attention);
        }
    }
}

/// A browser cannot wait inside a property, so each case is drawn here and lived through outside.
async fn image_disk_and_model_are_always_equal(database: &Database) {
    let is_in_memory = matches!(database, Database::InMemory(_));
    let mut runner = TestRunner::new(reproducible(CASES));
    for case in 0..CASES {
        let drawn = vec(step(), 1..25).new_tree(&mut runner).expect("a history");
        let history = drawn.current();
        let database = if is_in_memory {
            Database::in_memory()
        } else {
            Database::in_browser()
        };
        // What a failed case prints before its assertion.
        web_sys::console::log_1(&format!("history {case}: {history:?}").into());
        let mut run = Run {
            store: database.open().await,
            database: &database,
            model: Model::default(),
            moment: 0,
        };
        for step in &history {
            run.take(step).await;
        }
        run.compare().await;
    }
}
