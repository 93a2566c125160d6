//! Stamps from too far ahead: what the server makes of them loses nothing, brings nothing back, and is
//! the same on every replica.

use std::collections::BTreeSet;

use keruen_domain::testing::{arbitrary, note_key, reproducible};
use keruen_domain::{
    Author, Clock, DeviceId, Edit, FieldKey, Hlc, Record, RecordKey, ScopeId, Value,
};
use proptest::collection::vec;
use proptest::prelude::*;

const DEVICES: usize = 3;
const FIELDS: [&str; 2] = ["body", "title:kk"];
const START_MS: u64 = 1_700_000_000_000;
const BOUND_MS: u64 = 10 * 60 * 1_000;
/// How far each phone's clock is ahead: years; a little more than the bound at first; not at all.
fn ahead_ms(device: usize, now_ms: u64) -> u64 {
    match device {
        0 => 300_000_000_000,
        1 if now_ms < START_MS + 8_000 => BOUND_MS + 5_000,
        _ => 0,
    }
}

#[derive(Clone, Debug)]
enum Step {
    /// Who writes has seen all that the device holds, or nothing of it.
    Write {
        device: usize,
        field: usize,
        is_blind: bool,
    },
    /// The device's changes reach the server; its answer reaches the device or is lost.
    Exchange { device: usize, is_lost: bool },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => (0..DEVICES, 0..FIELDS.len(), any::<bool>())
            .prop_map(|(device, field, is_blind)| Step::Write { device, field, is_blind }),
        2 => (0..DEVICES, any::<bool>())
            .prop_map(|(device, is_lost)| Step::Exchange { device, is_lost }),
    ];
    vec(step, 0..40)
}

struct Device {
    clock: Clock,
    replica: Record,
    outbox: Vec<Record>,
}

struct Written {
    field: usize,
    value: Value,
    knew: BTreeSet<Value>,
}

fn held(record: &Record, field: &str) -> BTreeSet<Value> {
    let register = record.field(field).into_iter();
    register
        .flat_map(|register| register.winner().into_iter().chain(register.others()))
        .map(|version| version.value.clone())
        .collect()
}

struct World {
    devices: Vec<Device>,
    server: Record,
    now_ms: u64,
    written: Vec<Written>,
}

impl World {
    fn new() -> Self {
        let device = |number| Device {
            clock: Clock::new(DeviceId(number), Hlc::default(), 0),
            replica: Record::new(note_key(1)),
            outbox: Vec::new(),
        };
        Self {
            devices: (1..=DEVICES as u64).map(device).collect(),
            server: Record::new(note_key(1)),
            now_ms: START_MS,
            written: Vec::new(),
        }
    }

    fn latest(&self) -> Hlc {
        Hlc::from_unix_ms(self.now_ms + BOUND_MS)
    }

    fn play(&mut self, step: &Step) {
        self.now_ms += 1_000;
        match *step {
            Step::Write {
                device: number,
                field,
                is_blind,
            } => {
                let device = &mut self.devices[number];
                let reading = device.replica.latest_reading(device.clock.device());
                device.clock.observe(reading);
                let phone_ms = self.now_ms + ahead_ms(number, self.now_ms);
                let stamp = device.clock.stamp(phone_ms);
                let value = Value::from(self.written.len().to_string());
                let before = (!is_blind).then_some(&device.replica);
                let knew = before.map(|before| held(before, FIELDS[field]));
                let knew = knew.unwrap_or_default();
                let mut edit = Edit::new(note_key(1), before, stamp, Author::Person);
                edit.set(FieldKey::register(FIELDS[field]), value.clone());
                let finished = edit.finish_beside(&device.replica);
                let change = finished.expect("a new text is an edit").change;
                device.replica.merge(change.clone());
                device.outbox.push(change);
                self.written.push(Written { field, value, knew });
            }
            Step::Exchange { device, is_lost } => self.exchange(device, is_lost),
        }
    }

    fn exchange(&mut self, number: usize, is_lost: bool) {
        for change in self.devices[number].outbox.clone() {
            self.take(&change);
            let before = self.server.clone();
            self.take(&change);
            assert_eq!(self.server, before, "a repeated change changes nothing");
        }
        let late = self.devices[number].outbox.iter();
        let highest = late.map(|change| change.latest_reading(DeviceId(0))).max();
        assert!(
            self.server.latest_reading(DeviceId(0)) <= self.latest(),
            "{highest:?}"
        );
        if !is_lost {
            let device = &mut self.devices[number];
            device.outbox.clear();
            device.replica.merge(self.server.clone());
            assert_eq!(
                device.replica, self.server,
                "the device holds what the server holds"
            );
        }
    }

    fn take(&mut self, change: &Record) {
        let now = Hlc::from_unix_ms(self.now_ms);
        let bounded = change.bounded(Some(&self.server), self.latest(), now);
        self.server.merge(bounded.unwrap_or_else(|| change.clone()));
    }
}

proptest! {
    #![proptest_config(reproducible(2_000))]

    /// What is held at the end is what nobody who knew it has replaced, by values: bounding has neither
    /// lost one nor brought one back, and all replicas are equal.
    #[test]
    fn bounding_changes_no_meaning(steps in steps()) {
        let mut world = World::new();
        steps.iter().for_each(|step| world.play(step));
        for number in (0..DEVICES).chain(0..DEVICES) {
            world.exchange(number, false);
        }
        for (place, field) in FIELDS.iter().enumerate() {
            let of_field = || world.written.iter().filter(|written| written.field == place);
            let expected: BTreeSet<Value> = of_field()
                .filter(|written| !of_field().any(|later| later.knew.contains(&written.value)))
                .map(|written| written.value.clone())
                .collect();
            prop_assert_eq!(held(&world.server, field), expected);
        }
        for device in &world.devices {
            prop_assert_eq!(&device.replica, &world.server);
        }
    }

    /// Nor does anything that can be decoded, honest or not, break the bound or panic.
    #[test]
    fn whatever_comes_is_bounded_once(
        change in arbitrary::record_at(note_key(1)),
        before in arbitrary::record_at(note_key(1)),
        latest in arbitrary::reading(),
    ) {
        let bounded = change.bounded(Some(&before), latest, Hlc::default());
        let is_late = change.fields().any(|(_, register)| {
            let all = register.winner().into_iter().chain(register.others());
            all.into_iter().any(|version| version.stamp.time > latest)
        });
        prop_assert!(bounded.is_some() || !is_late);
        if let Some(bounded) = bounded {
            let mut row = before.clone();
            row.merge(bounded);
            let mut replica = before;
            replica.merge(change);
            replica.merge(row.clone());
            prop_assert_eq!(replica, row);
        }
    }
}

fn edited(key: RecordKey, ms: u64, text: &str) -> Record {
    let stamp = Clock::new(DeviceId(1), Hlc::default(), 0).stamp(ms);
    let mut edit = Edit::new(key, None, stamp, Author::Person);
    edit.set(FieldKey::register("body"), text);
    edit.finish().expect("a new text is an edit")
}

#[test]
fn what_is_not_late_stays_as_it_is() {
    let change = edited(note_key(1), START_MS, "tea");
    let now = Hlc::from_unix_ms(START_MS - 1);
    assert_eq!(change.bounded(None, Hlc::from_unix_ms(START_MS), now), None);
    let bounded = change.bounded(None, now, now).unwrap();
    assert_eq!(bounded.key.scope, ScopeId::OWN);
    assert_eq!(bounded.value("body").as_text(), Some("tea"));
}

/// What a device wrote since its clock was put right is not what others know under its other name.
#[test]
fn who_knew_the_double_did_not_know_what_its_device_wrote_since() {
    let late = Hlc::from_unix_ms(START_MS + BOUND_MS);
    let now = Hlc::from_unix_ms(START_MS);
    let first = edited(note_key(1), START_MS + BOUND_MS + 5, "tea");
    let row = first.bounded(None, late, now).expect("it is late");
    let after = |device, ms, text: &str| {
        let mut clock = Clock::new(DeviceId(device), Hlc::default(), 0);
        clock.observe(row.latest_reading(DeviceId(device)));
        let mut edit = Edit::new(note_key(1), Some(&row), clock.stamp(ms), Author::Person);
        edit.set(FieldKey::register("body"), text);
        edit.finish().expect("a new text is an edit")
    };
    let late = Hlc::from_unix_ms(START_MS + 2 * BOUND_MS);
    let mut held = row.clone();
    for change in [
        after(1, START_MS + 6, "tea and salt"),
        after(2, START_MS + BOUND_MS, "milk"),
    ] {
        let bounded = change.bounded(Some(&held), late, now);
        held.merge(bounded.unwrap_or(change));
    }
    let both = ["milk", "tea and salt"].map(Value::from);
    assert_eq!(self::held(&held, "body"), BTreeSet::from(both));
}

#[test]
fn only_the_last_readings_exhaust_clocks() {
    assert!(edited(note_key(1), u64::MAX, "tea").exhausts_clocks());
    assert!(edited(note_key(1), (1 << 48) - 1, "tea").exhausts_clocks());
    assert!(!edited(note_key(1), (1 << 48) - 2, "tea").exhausts_clocks());
}
