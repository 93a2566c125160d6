//! The merge keeps its promises: the same for all, whatever way changes take; nothing that a person
//! wrote is lost without somebody having seen it.

use keruen_domain::access::{Action, Actor, may};
use keruen_domain::testing::history::{self, Played, play, steps};
use keruen_domain::testing::{arbitrary, note_key, reproducible};
use keruen_domain::{
    Author, Clock, DeviceId, Edit, FieldKey, Hlc, Record, Register, ScopeId, Stamp, Value, encoding,
};
use proptest::prelude::*;
use proptest::sample::Index;

fn merged(mut one: Record, other: &Record) -> Record {
    one.merge(other.clone());
    one
}

fn any_note() -> impl Strategy<Value = Record> {
    arbitrary::record_at(note_key(1))
}

/// All that a register shows: what counts, then what people may still choose.
fn shown(register: Option<&Register>) -> Vec<Stamp> {
    let winner = register.and_then(Register::winner);
    let others = register.into_iter().flat_map(Register::others);
    winner.into_iter().chain(others).map(|v| v.stamp).collect()
}

/// A record without content in which this was written.
fn edited(before: Option<&Record>, stamp: Stamp, author: Author, text: &str) -> Record {
    let mut edit = Edit::new(note_key(1), before, stamp, author);
    edit.set(FieldKey::register("body"), text);
    edit.finish().expect("another text is an edit")
}

fn at(unix_ms: u64, device: u64) -> Stamp {
    Stamp {
        time: Hlc::from_unix_ms(unix_ms),
        device: DeviceId(device),
    }
}

proptest! {
    #![proptest_config(reproducible(1_000))]

    #[test]
    fn merging_is_commutative(one in any_note(), other in any_note()) {
        prop_assert_eq!(merged(one.clone(), &other), merged(other, &one));
    }

    #[test]
    fn merging_is_associative(one in any_note(), two in any_note(), three in any_note()) {
        let left = merged(merged(one.clone(), &two), &three);
        let right = merged(one, &merged(two, &three));
        prop_assert_eq!(left, right);
    }

    #[test]
    fn merging_is_idempotent_and_grows(one in any_note(), other in any_note()) {
        prop_assert_eq!(merged(one.clone(), &one), one.clone());
        let both = merged(one.clone(), &other);
        prop_assert!(both.includes(&one) && both.includes(&other));
        prop_assert_eq!(merged(both.clone(), &other), both.clone());
        prop_assert_eq!(one.includes(&other), both == one);
    }

    #[test]
    fn stored_and_read_again_it_is_the_same(record in arbitrary::record()) {
        let binary = encoding::decode(&encoding::encode(&record));
        prop_assert_eq!(binary, Ok(record.clone()));
        let text = serde_json::to_string(&record).expect("records can be written as JSON");
        let read: Record = serde_json::from_str(&text).expect("what was written can be read");
        prop_assert_eq!(read, record);
    }
}

proptest! {
    #![proptest_config(reproducible(300))]

    /// Whoever has all changes has the same record, in whatever order and however often they came,
    /// and through whomever.
    #[test]
    fn the_same_changes_make_the_same_record(
        steps in steps(40),
        order in proptest::collection::vec((any::<Index>(), any::<bool>()), 0..60),
    ) {
        let played = play(&steps);
        let whole = played.whole();
        let mut elsewhere = Record::new(note_key(1));
        for (index, through_a_replica) in order {
            if through_a_replica {
                elsewhere.merge(index.get(&played.replicas).clone());
            } else if !played.changes.is_empty() {
                elsewhere.merge(index.get(&played.changes).clone());
            }
        }
        for change in played.changes.iter().rev() {
            elsewhere.merge(change.clone());
        }
        prop_assert_eq!(&elsewhere, &whole);
        for mut replica in played.replicas {
            prop_assert!(whole.includes(&replica), "no replica knows what nobody wrote");
            for change in &played.changes {
                replica.merge(change.clone());
            }
            prop_assert_eq!(&replica, &whole);
        }
    }

    /// Held against a list of who wrote what and had seen what: what nobody replaced knowingly is
    /// there, the latest counts, and nothing else is there.
    #[test]
    fn what_nobody_replaced_knowingly_is_kept(steps in steps(60)) {
        let played = play(&steps);
        let whole = played.whole();
        for field in played.fields() {
            let survivors = played.survivors(field.as_str());
            let register = whole.field(field.as_str());
            prop_assert!(history::shows(register, &survivors), "{:?}: {:?} for {:?}", field, register, survivors);
        }
    }

    /// Somebody who has seen everything and writes has the last word, whatever clocks say.
    #[test]
    fn a_later_write_that_knew_all_settles_it(steps in steps(40), phone_ms in 0_u64..20) {
        let played = play(&steps);
        let whole = played.whole();
        let mut clock = Clock::new(DeviceId(9), Hlc::default(), 0);
        clock.observe(whole.latest_reading(clock.device()));
        let stamp = clock.stamp(phone_ms);
        let mut after = whole.clone();
        after.merge(edited(Some(&whole), stamp, Author::Person, "settled"));
        prop_assert_eq!(shown(after.field("body")), vec![stamp]);
        // Old news that comes late changes nothing.
        for late in played.changes.iter().chain(&played.replicas) {
            after.merge(late.clone());
        }
        prop_assert_eq!(shown(after.field("body")), vec![stamp]);
    }

    /// Once somebody who knew all has deleted, whatever older comes late: no content, still deleted.
    #[test]
    fn a_deletion_that_knew_all_is_final(steps in steps(40)) {
        let played = play(&steps);
        let whole = played.whole();
        let mut clock = Clock::new(DeviceId(9), Hlc::default(), 0);
        clock.observe(whole.latest_reading(clock.device()));
        let mut edit = Edit::new(whole.key, Some(&whole), clock.stamp(0), Author::Person);
        edit.delete();
        let mut tombstone = whole.clone();
        tombstone.merge(edit.finish().unwrap_or(Record::new(whole.key)));
        for late in played.changes.iter().chain(&played.replicas) {
            tombstone.merge(late.clone());
        }
        prop_assert!(tombstone.is_deleted());
        for (key, register) in tombstone.fields().filter(|(key, _)| !key.is_deleted()) {
            prop_assert!(register.winner().is_none(), "{:?} was cleared", key);
        }
        let mut again = Edit::new(whole.key, Some(&tombstone), clock.stamp(0), Author::Person);
        again.delete();
        prop_assert_eq!(again.finish(), None, "deleting twice says nothing new");
    }

    /// Who is nobody reads public programmes and nothing else.
    #[test]
    fn nobody_may_do_nothing_but_read_public_programmes(
        record in arbitrary::record(),
        before in proptest::option::of(arbitrary::record()),
        public in proptest::collection::btree_set(arbitrary::scope(), 0..4),
    ) {
        let public_programmes = public.into_iter().filter_map(|scope| match scope {
            ScopeId::Programme(programme) => Some(programme),
            ScopeId::Group(_) | ScopeId::Person(_) => None,
        });
        let nobody = Actor { public_programmes: public_programmes.collect(), ..Actor::default() };
        let reads = matches!(record.key.scope, ScopeId::Programme(p) if nobody.public_programmes.contains(&p));
        prop_assert_eq!(may(&nobody, Action::Read, &record.key).is_ok(), reads);
        let write = Action::Write { before: before.as_ref(), change: &record };
        prop_assert!(may(&nobody, write, &record.key).is_err());
    }

    /// What is a person's own is nobody else's, whatever they are elsewhere; and nobody writes
    /// where they may not read.
    #[test]
    fn own_scopes_are_closed_and_writers_are_readers(
        record in arbitrary::record(),
        before in proptest::option::of(arbitrary::record()),
        person in proptest::option::of(0_u8..3),
        organises_everything in any::<bool>(),
        roles in proptest::collection::btree_map(0_u8..3, arbitrary::role(), 0..3),
        groups in proptest::collection::btree_map(0_u8..3, (any::<bool>(), 0_u8..3), 0..3),
    ) {
        let programme = |number: u8| keruen_domain::ProgrammeId::new(1, [number; 10]);
        let group = |number: u8| keruen_domain::GroupId::new(1, [number; 10]);
        let actor = Actor {
            person: person.map(|number| keruen_domain::PersonId::new(1, [number; 10])),
            organises_everything,
            roles: roles.into_iter().map(|(number, role)| (programme(number), role)).collect(),
            groups: groups.iter().filter(|(_, (inside, _))| *inside).map(|(number, _)| group(*number)).collect(),
            programme_of_group: groups.iter().map(|(number, (_, of))| (group(*number), programme(*of))).collect(),
            public_programmes: Default::default(),
        };
        let reads = may(&actor, Action::Read, &record.key);
        let writes = may(&actor, Action::Write { before: before.as_ref(), change: &record }, &record.key);
        if let ScopeId::Person(owner) = record.key.scope {
            prop_assert_eq!(reads.is_ok(), actor.person == Some(owner));
            prop_assert_eq!(writes.is_ok(), actor.person == Some(owner));
        }
        prop_assert!(writes.is_err() || reads.is_ok());
    }
}

#[test]
fn two_people_writing_at_once_lose_neither_text() {
    let first = edited(None, at(1, 1), Author::Person, "Budget");
    let one = merged(
        first.clone(),
        &edited(Some(&first), at(2, 1), Author::Person, "Budget 2026"),
    );
    let other = merged(
        first.clone(),
        &edited(Some(&first), at(3, 2), Author::Person, "Бюджет"),
    );
    let both = merged(one, &other);
    assert_eq!(both.value("body").as_text(), Some("Бюджет"));
    let register = both.field("body").expect("it was written");
    let others: Vec<_> = register.others().map(|v| v.value.clone()).collect();
    assert_eq!(others, [Value::from("Budget 2026")]);
    assert_eq!(both.contested().count(), 1);
    // Choosing the text that counts already settles it too.
    let chosen = merged(
        both.clone(),
        &edited(Some(&both), at(4, 1), Author::Person, "Бюджет"),
    );
    assert_eq!(chosen.contested().count(), 0);
}

/// A device's stamps alone say that it knew its earlier writes; two tabs of it did not. Both go on
/// saving.
#[test]
fn two_tabs_of_one_device_lose_neither_text() {
    let opened = edited(None, at(1, 1), Author::Person, "Budget");
    let one_tab = edited(Some(&opened), at(2, 1), Author::Person, "Budget 2026");
    let mut current = merged(opened.clone(), &one_tab);
    let mut in_front = opened.clone();
    let mut elsewhere = Record::new(opened.key);
    for (time, text) in [(3, "Budget and"), (4, "Budget and hall")] {
        let mut edit = Edit::new(opened.key, Some(&in_front), at(time, 1), Author::Person);
        edit.set(FieldKey::register("body"), text);
        let finished = edit
            .finish_beside(&current)
            .expect("another text is an edit");
        in_front.merge(finished.seen);
        current.merge(finished.change.clone());
        elsewhere.merge(finished.change);
        assert_eq!(shown(current.field("body")), [at(time, 1), at(2, 1)]);
        assert_eq!(shown(in_front.field("body")), [at(time, 1)]);
    }
    // Elsewhere too, in whatever order the changes come.
    elsewhere.merge(one_tab);
    elsewhere.merge(opened);
    assert_eq!(elsewhere, current);
    let settled = edited(
        Some(&current),
        at(5, 1),
        Author::Person,
        "Budget 2026 and hall",
    );
    assert_eq!(shown(merged(current, &settled).field("body")), [at(5, 1)]);
}

#[test]
fn what_a_machine_wrote_and_lost_is_not_shown() {
    let imported = edited(None, at(5, 1), Author::Machine, "imported");
    let typed = edited(None, at(9, 2), Author::Person, "typed");
    let both = merged(imported.clone(), &typed);
    assert_eq!(shown(both.field("body")), [at(9, 2)]);
    // The other way round a person's words are.
    let imported_later = edited(None, at(12, 1), Author::Machine, "imported later");
    assert_eq!(
        shown(merged(imported_later, &typed).field("body")),
        [at(12, 1), at(9, 2)]
    );
}

/// The history that forbids to drop a machine's losing version: who knew only the winner removes it.
#[test]
fn a_removal_that_did_not_know_the_import_meets_it_in_any_order() {
    let imported = edited(None, at(5, 1), Author::Machine, "imported");
    let typed = edited(None, at(9, 2), Author::Person, "typed");
    let mut edit = Edit::new(note_key(1), Some(&typed), at(10, 2), Author::Person);
    edit.delete();
    let deletion = edit.finish().expect("it was not deleted before");
    let early = merged(merged(imported.clone(), &deletion), &typed);
    let late = merged(merged(imported, &typed), &deletion);
    assert_eq!(early, late);
    assert!(late.is_deleted());
}

/// A repeated import that finds what it would write leaves people's dispute to people.
#[test]
fn a_machine_that_says_what_stands_there_settles_nothing() {
    let imported = edited(None, at(5, 1), Author::Machine, "from the file");
    let typed = edited(None, at(2, 2), Author::Person, "typed");
    let both = merged(imported, &typed);
    let mut again = Edit::new(both.key, Some(&both), at(20, 3), Author::Machine);
    again.set(FieldKey::register("body"), "from the file");
    assert_eq!(again.finish(), None);
}

#[test]
fn edits_do_not_bring_a_deleted_record_back_and_a_restore_does() {
    let first = edited(None, at(1, 1), Author::Person, "Ask about the budget");
    let mut edit = Edit::new(first.key, Some(&first), at(2, 1), Author::Person);
    edit.delete();
    let tombstone = merged(
        first.clone(),
        &edit.finish().expect("it was not deleted before"),
    );
    assert!(tombstone.is_deleted());
    assert_eq!(tombstone.value("body"), &Value::Nothing);
    // Somebody else wrote on meanwhile, and somebody writes although it is deleted.
    let meanwhile = edited(Some(&first), at(3, 2), Author::Person, "and about the hall");
    let afterwards = edited(Some(&tombstone), at(4, 3), Author::Person, "too late");
    let all = merged(merged(tombstone, &meanwhile), &afterwards);
    assert!(all.is_deleted());
    assert_eq!(
        shown(all.field("body")),
        [at(4, 3), at(3, 2)],
        "kept in the tombstone"
    );
    let mut edit = Edit::new(all.key, Some(&all), at(5, 1), Author::Person);
    edit.restore(&first);
    let restored = merged(all.clone(), &edit.finish().expect("it was deleted"));
    assert!(!restored.is_deleted());
    assert_eq!(
        restored.value("body").as_text(),
        Some("Ask about the budget")
    );
}

/// Whatever is decoded is in its normal form: order, repetition and dangling indices of the sender
/// leave no trace.
#[test]
fn careless_senders_are_put_in_order() {
    let read = |text: &str| serde_json::from_str::<Record>(text).expect("well-formed JSON");
    let key = serde_json::to_string(&note_key(1)).expect("keys can be written");
    let stamps = r#"[{"time":"0000000000010000","device":"0000000000000001"},
        {"time":"0000000000020000","device":"0000000000000001"},
        {"time":"0000000000010000","device":"0000000000000001"}]"#;
    let careless = read(&format!(
        r#"{{"key":{key},"stamps":{stamps},"fields":[
            {{"key":"empty","versions":[],"seen":[]}},
            {{"key":"dangling","versions":[{{"stamp":7,"author":"Person","value":"Nothing"}}],"seen":[9]}},
            {{"key":"body","versions":[{{"stamp":2,"author":"Person","value":{{"Text":"a"}}}},
                {{"stamp":1,"author":"Person","value":{{"Text":"b"}}}},
                {{"stamp":0,"author":"Person","value":{{"Text":"a"}}}}],"seen":[0,1,0]}},
            {{"key":"body","versions":[],"seen":[1]}}]}}"#
    ));
    let tidy = read(&format!(
        r#"{{"key":{key},"stamps":{stamps},"fields":[{{"key":"body","versions":[],"seen":[1]}}]}}"#
    ));
    assert_eq!(
        careless, tidy,
        "the second entry of the field has replaced what the first holds"
    );
    assert_eq!(encoding::encode(&careless), encoding::encode(&tidy));
}

/// The generator would prove nothing if its histories never had people disagree.
#[test]
fn histories_have_what_they_are_made_for() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::new(reproducible(1));
    let histories: Vec<Played> = (0..200)
        .map(|_| {
            let tree = history::steps(60)
                .new_tree(&mut runner)
                .expect("any steps will do");
            play(&tree.current())
        })
        .collect();
    let count = |holds: &dyn Fn(&Record) -> bool| {
        histories
            .iter()
            .filter(|played| holds(&played.whole()))
            .count()
    };
    assert!(count(&|record| record.contested().count() > 0) > 20);
    assert!(count(&Record::is_deleted) > 20);
    assert!(count(&|record| !record.is_deleted()) > 20);
}
