//! What several devices can do to one record, and what must come of it.
//!
//! Each device has a replica of the record and a clock that may be wrong. It edits what it has in
//! front of it (sometimes an editor that was opened before the latest news came), and hears of the
//! others' changes in any order, several times, or never. Meanwhile a plain list of writes is kept,
//! from which the outcome is told without merging: see [`survivors`].

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;

use super::note_key;
use crate::change::Edit;
use crate::clock::{Clock, Hlc, Stamp};
use crate::id::DeviceId;
use crate::record::{Author, Record, Register};
use crate::value::{FieldKey, Value};

/// How many devices take part.
pub const DEVICES: usize = 4;

const FIELDS: [&str; 3] = ["body", "title:kk", "speakers/aigerim"];

/// One thing that happens. Numbers are taken modulo what there is.
#[derive(Clone, Debug)]
pub enum Step {
    /// A device writes a field of what it has.
    Write {
        /// Which device.
        device: usize,
        /// Which field.
        field: usize,
        /// By whom.
        author: Author,
    },
    /// A device opens an editor: its later [`Step::SaveEditor`] knows only what is there now.
    OpenEditor {
        /// Which device.
        device: usize,
    },
    /// A device writes a field as somebody who saw what was there when the editor was opened.
    SaveEditor {
        /// Which device.
        device: usize,
        /// Which field.
        field: usize,
    },
    /// A device deletes the record.
    Delete {
        /// Which device.
        device: usize,
    },
    /// A device restores the record as it was before it deleted it.
    Restore {
        /// Which device.
        device: usize,
    },
    /// A device hears of one change.
    Deliver {
        /// Which device.
        device: usize,
        /// Which change.
        change: usize,
    },
    /// A device hears of all that another has, as through a pack.
    Exchange {
        /// From which device.
        from: usize,
        /// To which device.
        to: usize,
    },
}

/// One write, as a list keeps it.
#[derive(Clone, Debug)]
pub struct Write {
    /// The field.
    pub field: FieldKey,
    /// Under which stamp.
    pub stamp: Stamp,
    /// By whom.
    pub author: Author,
    /// What; `None` where deleting removed what was there.
    pub value: Option<Value>,
    /// The stamps of the versions that the writer had in front of them.
    pub knew: BTreeSet<Stamp>,
}

/// What a change wrote, as a list keeps it: by somebody who had `before` in front of them.
pub fn writes_of(change: &Record, before: &Record, stamp: Stamp, author: Author) -> Vec<Write> {
    let knew = |key: &FieldKey| {
        let held = before.field(key.as_str()).into_iter();
        let versions = held.flat_map(|register| &register.versions);
        versions.map(|version| version.stamp).collect()
    };
    let write = |(key, register): (&FieldKey, &Register)| Write {
        field: key.clone(),
        stamp,
        author,
        value: register.winner().map(|version| version.value.clone()),
        knew: knew(key),
    };
    change.fields().map(write).collect()
}

/// Of all writes of one field, in the order in which they were made, those that nobody who knew
/// them has replaced: what the register must hold once everything has been delivered, the greatest
/// stamp first.
pub fn survivors<'a>(writes: impl Iterator<Item = &'a Write>) -> Vec<&'a Write> {
    let writes: Vec<&Write> = writes.collect();
    let is_replaced = |position: usize, write: &Write| {
        writes[position + 1..]
            .iter()
            .any(|later| later.knew.contains(&write.stamp))
    };
    let mut survivors: Vec<&Write> = Vec::new();
    for (position, write) in writes.iter().enumerate() {
        if write.value.is_some() && !is_replaced(position, write) {
            survivors.push(write);
        }
    }
    survivors.sort_by_key(|write| std::cmp::Reverse(write.stamp));
    survivors
}

/// Whether a register shows what these survivors say: the latest counts, what people wrote
/// besides is offered, and nothing else is there.
pub fn shows(register: Option<&Register>, survivors: &[&Write]) -> bool {
    let counting = survivors.first();
    let winner = register.and_then(Register::winner);
    let expected = survivors.iter().skip(1).filter(|write| {
        write.author == Author::Person
            && write.value != counting.and_then(|write| write.value.clone())
    });
    let others = register.into_iter().flat_map(Register::others);
    winner.map(|version| (version.stamp, Some(&version.value)))
        == counting.map(|write| (write.stamp, write.value.as_ref()))
        && others
            .map(|version| version.stamp)
            .eq(expected.map(|write| write.stamp))
}

/// What came of a history.
#[derive(Clone, Debug)]
pub struct Played {
    /// Each device's replica.
    pub replicas: Vec<Record>,
    /// All changes in the order in which they were made.
    pub changes: Vec<Record>,
    /// All writes in the order in which they were made.
    pub writes: Vec<Write>,
}

impl Played {
    /// See [`survivors`].
    pub fn survivors(&self, field: &str) -> Vec<&Write> {
        let of_field = |write: &&Write| write.field.as_str() == field;
        survivors(self.writes.iter().filter(of_field))
    }

    /// The names of all fields that were ever written.
    pub fn fields(&self) -> BTreeSet<FieldKey> {
        let names = self.writes.iter().map(|write| write.field.clone());
        names.collect()
    }

    /// The record of somebody who has heard of everything, in the order in which it was made.
    pub fn whole(&self) -> Record {
        let mut whole = Record::new(note_key(1));
        for change in &self.changes {
            whole.merge(change.clone());
        }
        whole
    }
}

/// Any history of up to `length` steps.
pub fn steps(length: usize) -> impl Strategy<Value = Vec<Step>> {
    let device = || 0..DEVICES;
    let field = || 0..FIELDS.len();
    let author = prop_oneof![3 => Just(Author::Person), 2 => Just(Author::Machine)];
    let step = prop_oneof![
        6 => (device(), field(), author)
            .prop_map(|(device, field, author)| Step::Write { device, field, author }),
        1 => device().prop_map(|device| Step::OpenEditor { device }),
        2 => (device(), field()).prop_map(|(device, field)| Step::SaveEditor { device, field }),
        1 => device().prop_map(|device| Step::Delete { device }),
        1 => device().prop_map(|device| Step::Restore { device }),
        5 => (device(), any::<usize>())
            .prop_map(|(device, change)| Step::Deliver { device, change }),
        2 => (device(), device()).prop_map(|(from, to)| Step::Exchange { from, to }),
    ];
    vec(step, 0..length)
}

struct Device {
    clock: Clock,
    replica: Record,
    editor: Option<Record>,
    deleted: Option<Record>,
}

impl Device {
    fn hear(&mut self, news: &Record) {
        self.replica.merge(news.clone());
        let reading = self.replica.latest_reading(self.clock.device());
        self.clock.observe(reading);
    }
}

/// Plays a history. Every value written is another one, so that values tell writes apart.
pub fn play(steps: &[Step]) -> Played {
    let mut devices: Vec<Device> = (0..DEVICES)
        .map(|number| Device {
            // Each phone's clock is wrong by another amount.
            clock: Clock::new(
                DeviceId(number as u64 + 1),
                Hlc::default(),
                (number * number) as i64,
            ),
            replica: Record::new(note_key(1)),
            editor: None,
            deleted: None,
        })
        .collect();
    let mut played = Played {
        replicas: Vec::new(),
        changes: Vec::new(),
        writes: Vec::new(),
    };
    for (number, step) in steps.iter().enumerate() {
        let phone_ms = number as u64 / 3;
        match *step {
            Step::Write {
                device,
                field,
                author,
            } => {
                let before = devices[device].replica.clone();
                edit(
                    &mut devices[device],
                    &before,
                    author,
                    phone_ms,
                    &mut played,
                    |edit| {
                        edit.set(FieldKey::register(FIELDS[field]), number as i64);
                    },
                );
            }
            Step::OpenEditor { device } => {
                devices[device].editor = Some(devices[device].replica.clone());
            }
            Step::SaveEditor { device, field } => {
                if let Some(mut editor) = devices[device].editor.take() {
                    let before = editor.clone();
                    let author = Author::Person;
                    let seen = edit(
                        &mut devices[device],
                        &before,
                        author,
                        phone_ms,
                        &mut played,
                        |edit| {
                            edit.set(FieldKey::register(FIELDS[field]), number as i64);
                        },
                    );
                    if let Some(seen) = seen {
                        editor.merge(seen);
                    }
                    devices[device].editor = Some(editor);
                }
            }
            Step::Delete { device } => {
                let before = devices[device].replica.clone();
                let author = Author::Person;
                edit(
                    &mut devices[device],
                    &before,
                    author,
                    phone_ms,
                    &mut played,
                    |edit| {
                        edit.delete();
                    },
                );
                devices[device].deleted = Some(before);
            }
            Step::Restore { device } => {
                if let Some(content) = devices[device].deleted.take() {
                    let before = devices[device].replica.clone();
                    let author = Author::Person;
                    edit(
                        &mut devices[device],
                        &before,
                        author,
                        phone_ms,
                        &mut played,
                        |edit| {
                            edit.restore(&content);
                        },
                    );
                }
            }
            Step::Deliver { device, change } => {
                if !played.changes.is_empty() {
                    let change = &played.changes[change % played.changes.len()];
                    devices[device].hear(change);
                }
            }
            Step::Exchange { from, to } => {
                let news = devices[from].replica.clone();
                devices[to].hear(&news);
            }
        }
    }
    played.replicas = devices.into_iter().map(|device| device.replica).collect();
    played
}

fn edit(
    device: &mut Device,
    before: &Record,
    author: Author,
    phone_ms: u64,
    played: &mut Played,
    write: impl FnOnce(&mut Edit<'_>),
) -> Option<Record> {
    let stamp = device.clock.stamp(phone_ms);
    let mut edit = Edit::new(before.key, Some(before), stamp, author);
    write(&mut edit);
    let finished = edit.finish_beside(&device.replica)?;
    let writes = writes_of(&finished.seen, before, stamp, author);
    played.writes.extend(writes);
    device.hear(&finished.change);
    played.changes.push(finished.change);
    Some(finished.seen)
}
