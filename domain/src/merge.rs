//! How concurrent versions meet: the one rule, used by device, server and import alike.
//!
//! A register is a multi-value register with a causal context (the "optimised" form of Bieniusa et
//! al., "An Optimized Conflict-free Replicated Set", 2012, with one element per write). It holds
//! the versions that nobody has replaced, and per device up to which reading its writes are known.
//!
//! ```text
//!  a has   { A1 }            b has   { A1 }
//!  writes  A2 (knows A1)     writes  B1 (knows A1)
//!       \                      /
//!        merge: A1 is known to both and held by neither → gone
//!               A2 is unknown to b → stays     B1 is unknown to a → stays
//!        { B1, A2 } if B1's stamp is greater: B1 counts, A2 is kept for people to see
//!       /                      \
//!  whoever writes next knows both → { C1 }
//! ```
//!
//! **Laws** (property-tested): merging is commutative, associative and idempotent, whatever way and
//! however often the parts of a history arrive. Hence the order of arrival decides nothing. They
//! hold for everything that can be decoded, not only for what honest devices write: some replicas
//! hold a version afterwards exactly if each of them holds it or has never seen it, and one holds it.
//!
//! **What counts** is the version with the greatest [`Stamp`]. All that lost are kept until somebody
//! who knew them writes; those of people are shown ([`Register::others`]), those of machines are not.
//! Letting a machine's go at once would break the laws: when the winner is then removed by somebody
//! who knew nothing but the winner, the loser would count again on the replicas that heard of the
//! removal first, and only there.

use std::collections::BTreeMap;

use crate::clock::{Hlc, Stamp};
use crate::id::DeviceId;
use crate::mutation::{self, Mutation};
use crate::record::{Author, Record, Register, Version};
use crate::value::{FieldKey, Value};

impl Register {
    /// A register into which one value was written by somebody who had seen `before`.
    pub(crate) fn written(before: Option<&Self>, version: Version) -> Self {
        let mut seen = before.map(Self::context).unwrap_or_default();
        raise(&mut seen, version.stamp);
        let mut register = Self {
            versions: vec![version],
            seen,
        };
        register.normalise();
        register
    }

    /// A register from which all that was there was removed.
    pub(crate) fn cleared(before: &Self) -> Self {
        Self {
            versions: Vec::new(),
            seen: before.context(),
        }
    }

    /// Takes in what another replica knows of the same register.
    pub fn merge(&mut self, other: Self) {
        if mutation::is(Mutation::LastArrivalCounts) {
            *self = other;
            return;
        }
        let own_context = self.context();
        let other_context = other.context();
        // What one side has seen and no longer holds, it has replaced.
        self.versions
            .retain(|version| !covers(&other_context, version.stamp) || other.holds(version.stamp));
        let mut news = other.versions;
        news.retain(|version| !covers(&own_context, version.stamp) || self.holds(version.stamp));
        self.versions.append(&mut news);
        for (device, time) in own_context.into_iter().chain(other_context) {
            raise(&mut self.seen, Stamp { time, device });
        }
        self.normalise();
    }

    /// Whether merging `other` would change nothing.
    pub fn includes(&self, other: &Self) -> bool {
        let mut merged = self.clone();
        merged.merge(other.clone());
        merged == *self
    }

    /// Whether a version of this stamp is, or was, held here.
    pub(crate) fn has_seen(&self, stamp: Stamp) -> bool {
        self.latest_of(stamp.device)
            .is_some_and(|latest| latest >= stamp.time)
    }

    /// Up to which reading this device's writes are known here.
    pub(crate) fn latest_of(&self, device: DeviceId) -> Option<Hlc> {
        let held = self
            .versions
            .iter()
            .filter(|version| version.stamp.device == device);
        let held = held.map(|version| version.stamp.time);
        held.chain(self.seen.get(&device).copied()).max()
    }

    /// All that is known here: per device the latest reading, whether still held or replaced.
    pub(crate) fn context(&self) -> BTreeMap<DeviceId, Hlc> {
        let mut context = self.seen.clone();
        for version in &self.versions {
            raise(&mut context, version.stamp);
        }
        context
    }

    /// Whether a version of this stamp is held. Registers are in their normal form between merges.
    pub(crate) fn holds(&self, stamp: Stamp) -> bool {
        self.versions
            .binary_search_by(|version| stamp.cmp(&version.stamp))
            .is_ok()
    }

    /// Greatest stamp first, no stamp twice, and `seen` without what the versions show by
    /// themselves: equal knowledge is then equal in memory.
    ///
    /// Two versions of one stamp come from a device that was cloned, or lies. Which of them stays
    /// does not depend on who merges; a person's goes before a machine's.
    pub(crate) fn normalise(&mut self) {
        self.seen = self.context();
        self.versions.sort_unstable_by(|one, other| {
            (other.stamp, one.author, &other.value).cmp(&(one.stamp, other.author, &one.value))
        });
        self.versions.dedup_by_key(|version| version.stamp);
        if mutation::is(Mutation::OnlyOneVersionKept) {
            self.versions.truncate(1);
        }
        if mutation::is(Mutation::ReplacedIsForgotten) {
            self.seen.clear();
        }
        for version in &self.versions {
            if self.seen.get(&version.stamp.device) == Some(&version.stamp.time) {
                self.seen.remove(&version.stamp.device);
            }
        }
    }

    /// Whether it says nothing at all, as if it were not there.
    pub(crate) fn is_empty(&self) -> bool {
        self.versions.is_empty() && self.seen.is_empty()
    }
}

fn raise(context: &mut BTreeMap<DeviceId, Hlc>, stamp: Stamp) {
    let latest = context.entry(stamp.device).or_default();
    *latest = stamp.time.max(*latest);
}

fn covers(context: &BTreeMap<DeviceId, Hlc>, stamp: Stamp) -> bool {
    context
        .get(&stamp.device)
        .is_some_and(|latest| *latest >= stamp.time)
}

impl Record {
    /// Takes in what another replica knows of the same record, or a change of it.
    ///
    /// Deletion is a field like any other: a later edit of another field does not undo it, writing
    /// to it again (a restore) does. A tombstone has no content, because deleting clears the
    /// fields that the deleting person had seen; what others wrote at the same time stays in it.
    pub fn merge(&mut self, other: Self) {
        debug_assert_eq!(
            self.key, other.key,
            "only versions of one record can be merged"
        );
        for (key, register) in other.fields {
            match self.fields.entry(key) {
                std::collections::btree_map::Entry::Occupied(mut held) => {
                    held.get_mut().merge(register)
                }
                std::collections::btree_map::Entry::Vacant(free) => {
                    free.insert(register);
                }
            }
        }
    }

    /// Whether merging `other` would change nothing.
    pub fn includes(&self, other: &Self) -> bool {
        other.fields.iter().all(|(key, register)| {
            self.fields
                .get(key)
                .is_some_and(|held| held.includes(register))
        })
    }

    /// Makes a change of the device `own` claim to have seen no more of others than stands in `known`: what its writer
    /// had in front of them besides came from somebody who may have made it up, and must not silence anybody.
    pub fn claim_no_more_than(&mut self, known: &Self, own: DeviceId) {
        for (key, register) in &mut self.fields {
            let known = known.fields.get(key);
            register.seen.retain(|device, reading| {
                let latest = known.and_then(|known| known.latest_of(*device));
                match latest {
                    _ if *device == own => true,
                    Some(latest) => {
                        *reading = latest.min(*reading);
                        true
                    }
                    None => false,
                }
            });
            register.versions.retain(|version| {
                let is_known = known.is_some_and(|known| known.has_seen(version.stamp));
                version.stamp.device == own || is_known
            });
        }
    }

    /// The fields in which people wrote different things at the same time. A text's are none: it
    /// shows all that they wrote.
    pub fn contested(&self) -> impl Iterator<Item = (&FieldKey, &Register)> {
        self.fields.iter().filter(|(key, register)| {
            let has_one_value = !key.is_deleted() && !key.is_piece() && !key.is_removals();
            has_one_value && register.others().next().is_some()
        })
    }

    pub(crate) fn write(&mut self, key: FieldKey, before: Option<&Register>, version: Version) {
        self.fields.insert(key, Register::written(before, version));
    }

    /// Adds to a change made under `stamp` what its device wrote earlier and `before` does not show.
    pub(crate) fn hold_beside(&mut self, before: Option<&Self>, current: &Self, stamp: Stamp) {
        for (key, register) in &mut self.fields {
            let before = before.and_then(|record| record.fields.get(key));
            let is_own = |device| device == stamp.device || device == stamp.device.double();
            let is_unseen = |own: &&Version| {
                is_own(own.stamp.device)
                    && own.stamp < stamp
                    && !before.is_some_and(|before| before.holds(own.stamp))
            };
            let held = current
                .fields
                .get(key)
                .map_or(&[][..], |held| &held.versions);
            register
                .versions
                .extend(held.iter().filter(is_unseen).cloned());
            register.normalise();
        }
    }

    pub(crate) fn clear(&mut self, key: FieldKey, before: &Register) {
        self.fields.insert(key, Register::cleared(before));
    }
}

/// Whether writing `value` after `before` would say anything new. A person who chooses the value
/// that counts already settles a dispute; a machine that finds it there has nothing to say, or each
/// repeated import would throw away what somebody typed.
pub(crate) fn is_news(before: Option<&Register>, value: &Value, author: Author) -> bool {
    match before {
        None => *value != Value::Nothing,
        Some(register) => {
            let settles = author == Author::Person && register.others().next().is_some();
            settles || register.value() != value
        }
    }
}
