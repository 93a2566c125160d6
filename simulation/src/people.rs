//! What people do: write, delete and restore, with what they have in front of them; also what they
//! may not. And what happens to them.

use std::sync::Arc;

use keruen_app::store::Write;
use keruen_domain::sync::Wake;
use keruen_domain::{
    Author, ChangeId, Collection, Edit, FieldKey, Record, RecordId, RecordKey, ScopeId, Stamp,
    Value,
};

use crate::ledger::Writer;
use crate::now::now;
use crate::server::{person, programme};
use crate::tape::Step;
use crate::texts;
use crate::trace::trace;
use crate::world::{Came, Spot, World};

const RECORDS: u64 = 3;
/// From this number on, a step's record is a text.
const FIRST_OF_TEXTS: u8 = 176;
const FIELDS: [&str; 2] = ["body", "title:kk"];
/// From 64 records of a scope in one answer on, a device keeps them as sealed pages.
const MANY_SESSIONS: u64 = 70;
const MINUTE_MS: i64 = 60_000;
const YEAR_MS: i64 = 365 * 24 * 60 * MINUTE_MS;

/// What happens in a step.
pub(crate) fn step(world: &mut World, step: Step) {
    let count = world.devices.len();
    let device = usize::from(step.place & 0x0f) % count;
    let tab = usize::from(step.place >> 7);
    match step.kind {
        0 => {}
        1..=119 => act(world, device, tab, step),
        120..=122 => {
            if let Some(spot) = world.spot(device, tab) {
                world.compact(spot);
            }
        }
        123..=125 => world.forget_row(device, step.record),
        // An old app does not hear that it missed a deletion.
        126..=128 => {
            if world.all_are_new() {
                world.prune(u64::from(step.amount) * 500);
            }
        }
        129..=139 => import(world, step),
        140 if step.amount > 127 => import_many(world),
        140..=151 => {
            if let Some(spot) = world.spot(device, tab) {
                world.kill(spot, "tab died");
            }
        }
        152..=160 => world.kill_all(device, "browser died"),
        161..=170 => world.lose_power(device, step.amount),
        171..=180 => world.lead(device, tab),
        181..=187 => world.lead_all(device),
        188..=197 => {
            world.told.count("out of reach");
            let pause_ms = u64::from(step.amount) * 1_000;
            world.devices[device].out_of_reach_until_ms = world.now_ms + pause_ms;
        }
        198..=206 => jump(world, device, step),
        207..=216 => world.join(device),
        217..=224 => world.end_token(device),
        225..=230 => show_programme(world, step.amount.is_multiple_of(2)),
        231..=238 => {
            if let Some(spot) = world.spot(device, tab) {
                let wakes = [Wake::Asked, Wake::Online, Wake::Visible];
                world.wake(spot, wakes[usize::from(step.way) % wakes.len()]);
            }
        }
        239..=245 => reconsider(world, device, step),
        246..=249 => world.server.back_up(),
        250..=252 => {
            // An old app cannot offer again what the backup does not hold.
            if world.all_are_new() {
                world.put_back();
            }
        }
        253..=255 => {
            let made = world.server.make_snapshots(world.now_ms);
            world.told.add_times("snapshot made", made as u64);
        }
    }
}

fn key(scope: ScopeId, collection: Collection, number: u64) -> RecordKey {
    RecordKey {
        scope,
        collection,
        id: RecordId::new(1 + number, [0; 10]),
    }
}

fn session(of: u64, number: u64) -> RecordKey {
    key(
        ScopeId::Programme(programme(of)),
        Collection::SESSION,
        number,
    )
}

fn programme_key(number: u64) -> RecordKey {
    RecordKey {
        scope: ScopeId::Programme(programme(number)),
        collection: Collection::PROGRAMME,
        id: programme(number).into(),
    }
}

/// What a device may hold something of.
pub(crate) fn scopes() -> [ScopeId; 3] {
    let [first, second] = [0, 1].map(|number| ScopeId::Programme(programme(number)));
    [ScopeId::OWN, first, second]
}

/// The programmes as they are when a history begins.
pub(crate) fn found_programmes(world: &mut World) {
    for (number, is_public) in [(0, true), (1, false)] {
        let now_ms = world.now_ms;
        world.server.import(programme_key(number), now_ms, |edit| {
            edit.set(FieldKey::register("public"), is_public);
        });
    }
}

fn show_programme(world: &mut World, is_public: bool) {
    let now_ms = world.now_ms;
    let shown = world.server.import(programme_key(0), now_ms, |edit| {
        edit.set(FieldKey::register("public"), is_public);
    });
    if shown.is_some() {
        world.hint_all();
        world.told.count(if is_public {
            "programme shown"
        } else {
            "programme hidden"
        });
    }
}

fn import(world: &mut World, step: Step) {
    let of = u64::from(step.amount) % 2;
    import_into(
        world,
        session(of, u64::from(step.record) % RECORDS),
        step.way,
    );
    world.told.count("import");
}

fn import_many(world: &mut World) {
    world.page_limit = 1_000;
    for number in 0..MANY_SESSIONS {
        import_into(world, session(0, RECORDS + number), 0);
    }
    world.told.count("import in sealed pages");
}

fn import_into(world: &mut World, key: RecordKey, way: u8) {
    let number = world.ledger.number();
    let field = FieldKey::register(FIELDS[usize::from(way) % FIELDS.len()]);
    let now_ms = world.now_ms;
    let imported = world.server.import(key, now_ms, |edit| {
        edit.set(field, number);
    });
    if let Some((written, before)) = imported {
        trace!("{:>8} imported {written:?}", world.passed_ms());
        let writer = Writer {
            device: None,
            owner: person(0),
            change: None,
        };
        world.ledger.note(&written, Some(&before), writer);
        world.hint_all();
    }
}

fn jump(world: &mut World, device: usize, step: Step) {
    let unit_ms = if step.way < 128 {
        world.told.count("clock jumped by minutes");
        MINUTE_MS
    } else {
        world.told.count("clock jumped by years");
        YEAR_MS / 32
    };
    let skew_ms = (i64::from(step.amount) - 128) * unit_ms;
    world.devices[device].skew_ms = skew_ms;
}

/// Somebody looks at what was refused, and tries again or takes note.
fn reconsider(world: &mut World, device: usize, step: Step) {
    let Some(&spot) = world.spots(device).first() else {
        return;
    };
    let Some(tab) = world.tab(spot) else { return };
    let Ok(entries) = now(tab.store.attention()) else {
        return;
    };
    let Some(entry) = entries.first() else { return };
    let change = entry.change.id;
    if step.way < 170 {
        let came = world.with_store(spot, true, async |store| store.offer_again(change).await);
        if let Some(Came::Back(Ok(()))) = came {
            world.told.count("offered again");
            world.publish(spot);
        }
    } else if now(tab.store.dismiss(change)).is_ok() {
        world.told.count("refusal dismissed");
        world.devices[device].dismissed.push(change);
        world.publish(spot);
    }
}

/// Somebody does something with a record.
fn act(world: &mut World, device: usize, tab: usize, step: Step) {
    let Some(spot) = world
        .spot(device, tab)
        .or_else(|| world.spots(device).first().copied())
    else {
        return;
    };
    if step.record >= FIRST_OF_TEXTS {
        return write_text(world, spot, step);
    }
    let phone = &world.devices[device];
    // Some try what they may not.
    let tries_percent = match (phone.is_visitor, phone.owner == person(0)) {
        (true, _) => 0,
        (false, true) => 50,
        (false, false) => 10,
    };
    let number = u64::from(step.record) % RECORDS;
    let chance = u64::from(step.chance);
    let key = if chance % 100 >= 100 - tries_percent {
        session(u64::from(step.record) / RECORDS % 2, number)
    } else {
        key(ScopeId::OWN, Collection::NOTE, number)
    };
    world.compare_tabs(device, &key);
    let Some(page) = world.tab(spot) else { return };
    let seen = page.shown(&key);
    let is_deleted = seen.as_ref().is_some_and(|record| record.is_deleted());
    let is_informed = page.unheard == 0 && !page.missed;
    let field = FieldKey::register(FIELDS[usize::from(step.amount) % FIELDS.len()]);
    match step.way {
        // An editor stays open while other things happen.
        200..=219 => page.editor = Some((key, seen)),
        220..=255 if page.editor.is_some() => {
            let editor = page.editor.take();
            world.told.count("edit of what was seen before");
            if let Some((key, seen)) = editor {
                let edit = Doing::Set { field };
                let written = write(world, spot, key, seen.clone(), edit, false);
                if let (Some(written), Some(page)) = (written, world.tab(spot)) {
                    let mut seen =
                        seen.map_or(Record::new(key), |seen| page.store.corrected(&seen));
                    seen.merge(written);
                    page.editor = Some((key, Some(Arc::new(seen))));
                }
            }
        }
        160..=179 if seen.is_some() && !is_deleted => {
            write(world, spot, key, seen, Doing::Delete, false);
        }
        160..=199 if is_deleted => {
            write(world, spot, key, seen, Doing::Restore { field }, false);
        }
        // The record as it stands, whatever that is; only somebody who is told everything can say
        // what they knew.
        130..=159 if is_informed => {
            write(world, spot, key, seen, Doing::Set { field }, true);
        }
        _ => {
            write(world, spot, key, seen, Doing::Set { field }, false);
        }
    }
}

/// Somebody writes in a text, maybe in an editor that has been open for a while.
fn write_text(world: &mut World, spot: Spot, step: Step) {
    let key = texts::key(step);
    let Some(page) = world.tab(spot) else { return };
    let opened = page.text_editor.take().filter(|(of, _)| *of == key);
    let is_open = opened.is_some() && step.way < 160;
    let seen = match opened {
        Some((_, seen)) if is_open => seen,
        _ => page.shown(&key),
    };
    if is_open {
        world.told.count("word written in what was seen before");
    }
    let now = texts::act(world, spot, key, seen.clone(), step);
    if let Some(page) = world.tab(spot) {
        page.text_editor = Some((key, now.or(seen)));
    }
}

/// What somebody does to a record.
enum Doing {
    Set { field: FieldKey },
    Delete,
    Restore { field: FieldKey },
}

impl Doing {
    fn apply(&self, number: i64, edit: &mut Edit<'_>) {
        match self {
            Self::Set { field } => {
                edit.set(field.clone(), number);
            }
            Self::Delete => {
                edit.delete();
            }
            Self::Restore { field } => {
                let scrap = key(ScopeId::OWN, Collection::NOTE, 0);
                edit.restore(&Record::new(scrap)).set(field.clone(), number);
            }
        }
    }
}

/// Writes, and notes what was written. Returns what the writer knows to have written.
fn write(
    world: &mut World,
    spot: Spot,
    key: RecordKey,
    seen: Option<Arc<Record>>,
    doing: Doing,
    as_it_stands: bool,
) -> Option<Record> {
    let number = world.ledger.number();
    let doing = Arc::new(doing);
    let does = doing.clone();
    let apply = move |edit: &mut Edit<'_>| does.apply(number, edit);
    let edit = if as_it_stands {
        Write::new(key, apply)
    } else {
        Write::having_seen(key, seen.clone(), apply)
    };
    world.devices[spot.device].take_drawn();
    let shown_before = world.tab(spot)?.shown(&key);
    let phone_ms = world.devices[spot.device].phone_ms(world.now_ms);
    // Only a plain write can be told from what is on disk after its writer died.
    let may_die = matches!(*doing, Doing::Set { .. });
    let came = world.with_store(spot, may_die, async |store| {
        store.commit(vec![edit], phone_ms).await
    })?;
    let written = match came {
        Came::Back(Ok(mut written)) => written.pop()?,
        Came::Back(Err(_)) => {
            world.told.count("edit failed");
            let shown = world.tab(spot)?.shown(&key);
            assert_eq!(shown, shown_before, "a failed edit leaves no trace");
            return None;
        }
        Came::Died { is_done } => {
            let disk = world.devices[spot.device].on_disk();
            let stamp = stamp_of(disk.shown(&key).as_deref(), number);
            assert_eq!(stamp.is_some(), is_done, "an edit is whole or not there");
            world.told.count("commit took an edit that nobody heard of");
            let mut edit = Edit::new(key, seen.as_deref(), stamp?, Author::Person);
            doing.apply(number, &mut edit);
            let written = edit.finish()?;
            note(world, spot.device, &written, seen.as_deref());
            return None;
        }
    };
    note(world, spot.device, &written, seen.as_deref());
    world.told.count(match *doing {
        Doing::Set { .. } => "edit made",
        Doing::Delete => "record deleted",
        Doing::Restore { .. } => "record restored",
    });
    let shown = world
        .tab(spot)?
        .shown(&key)
        .expect("what was written is shown");
    // What was removed may still hold what somebody else wrote meanwhile.
    let set = written
        .fields()
        .filter(|(_, register)| register.winner().is_some());
    for (field, register) in set {
        assert_eq!(
            shown.value(field.as_str()),
            register.value(),
            "people see what they wrote"
        );
    }
    world.publish(spot);
    Some(written)
}

/// The stamp under which this number was written.
fn stamp_of(record: Option<&Record>, number: i64) -> Option<Stamp> {
    let registers = record?.fields().map(|(_, register)| register);
    let mut versions = registers.flat_map(keruen_domain::Register::versions);
    let found = versions.find(|version| version.value == Value::Number(number));
    found.map(|version| version.stamp)
}

fn note(world: &mut World, device: usize, written: &Record, seen: Option<&Record>) {
    let change = change_of(world, device, written);
    let writer = Writer {
        device: Some(device),
        owner: world.devices[device].owner,
        change: Some(change),
    };
    trace!(
        "{:>8} device {device} wrote {written:?}\n           having seen {seen:?}, in {change}",
        world.passed_ms(),
    );
    world.ledger.note(written, seen, writer);
}

/// The change that travels with what a device has just written.
pub(crate) fn change_of(world: &mut World, device: usize, written: &Record) -> ChangeId {
    let phone = &mut world.devices[device];
    let key = written.key;
    if let Some(bits) = phone.take_drawn().pop()
        && let Some(stamp) = written.last_edit()
    {
        let id = ChangeId::new(stamp.time.unix_ms(), bits);
        phone.last_change.insert(key, id);
    }
    let change = phone.last_change.get(&key).copied();
    change.expect("an edit travels with a change")
}
