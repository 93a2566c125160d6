//! Anything that can be decoded, whether or not a device that keeps the rules would write it.
//!
//! Few devices, few times and few fields, so that versions meet often.

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

use crate::clock::{Hlc, Stamp};
use crate::id::{ChangeId, DeviceId, GroupId, PersonId, ProgrammeId, RecordId};
use crate::record::{Author, Collection, Record, RecordKey, Register, ScopeId, Version};
use crate::value::{FieldKey, Value};
use crate::{Change, Role};

/// One of four devices.
pub fn device() -> impl Strategy<Value = DeviceId> {
    (1_u64..=4).prop_map(DeviceId)
}

/// One of twelve readings.
pub fn reading() -> impl Strategy<Value = Hlc> {
    (0_u64..12).prop_map(Hlc::from_unix_ms)
}

/// One of 48 stamps.
pub fn stamp() -> impl Strategy<Value = Stamp> {
    (reading(), device()).prop_map(|(time, device)| Stamp { time, device })
}

/// A person or a machine.
pub fn author() -> impl Strategy<Value = Author> {
    prop_oneof![Just(Author::Person), Just(Author::Machine)]
}

/// A value of any kind.
pub fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Nothing),
        any::<bool>().prop_map(Value::Flag),
        any::<i64>().prop_map(Value::Number),
        "[а-яәіңғүұқөһ a-z]{0,12}".prop_map(Value::from),
        any::<[u8; 10]>().prop_map(|bits| Value::Reference(RecordId::new(1, bits))),
    ]
}

fn version() -> impl Strategy<Value = Version> {
    (stamp(), author(), value()).prop_map(|(stamp, author, value)| Version {
        stamp,
        author,
        value,
    })
}

/// Any register: also with two versions of one device, with two contents under one stamp, with
/// knowledge that no honest history explains.
pub fn register() -> impl Strategy<Value = Register> {
    let seen = btree_map(device(), reading(), 0..4);
    (vec(version(), 0..5), seen).prop_map(|(versions, seen)| {
        let mut register = Register { versions, seen };
        register.normalise();
        register
    })
}

/// One of the names that the rules treat differently.
pub fn field_key() -> impl Strategy<Value = FieldKey> {
    prop_oneof![
        Just(FieldKey::deleted()),
        Just(FieldKey::register("body")),
        Just(FieldKey::translated("title", crate::Language::Kazakh)),
        Just(FieldKey::member("speakers", "aigerim")),
    ]
}

/// Any record at this key.
pub fn record_at(key: RecordKey) -> impl Strategy<Value = Record> {
    btree_map(field_key(), register(), 0..4).prop_map(move |fields| Record {
        key,
        fields: without_empty(fields),
    })
}

fn without_empty(mut fields: BTreeMap<FieldKey, Register>) -> BTreeMap<FieldKey, Register> {
    fields.retain(|_, register| !register.is_empty());
    fields
}

/// One of few scopes of each kind.
pub fn scope() -> impl Strategy<Value = ScopeId> {
    let bits = (0_u8..3).prop_map(|number| [number; 10]);
    prop_oneof![
        Just(ScopeId::OWN),
        bits.clone()
            .prop_map(|bits| ScopeId::Programme(ProgrammeId::new(1, bits))),
        bits.clone()
            .prop_map(|bits| ScopeId::Group(GroupId::new(1, bits))),
        bits.prop_map(|bits| ScopeId::Person(PersonId::new(1, bits))),
    ]
}

/// Any key, also of collections that this version does not know. A programme's own record is as
/// likely as others.
pub fn record_key() -> impl Strategy<Value = RecordKey> {
    let collection = any::<u8>().prop_map(|code| Collection::from_code(code % 8));
    let id = (0_u8..3).prop_map(|number| RecordId::new(1, [number; 10]));
    (scope(), collection, id).prop_map(|(scope, collection, id)| RecordKey {
        scope,
        collection,
        id,
    })
}

/// Any record.
pub fn record() -> impl Strategy<Value = Record> {
    record_key().prop_flat_map(record_at)
}

/// Any change.
pub fn change() -> impl Strategy<Value = Change> {
    (any::<[u8; 10]>(), record()).prop_map(|(bits, record)| Change {
        id: ChangeId::new(1, bits),
        record,
    })
}

/// One of the roles.
pub fn role() -> impl Strategy<Value = Role> {
    prop_oneof![
        Just(Role::Organiser),
        Just(Role::Trainer),
        Just(Role::Participant)
    ]
}
