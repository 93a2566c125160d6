//! Stamps from too far ahead are bounded: a phone whose clock is years wrong must not win over everybody
//! for years, and nobody's edit is refused because of a clock.
//!
//! ```text
//!  a's change       { A9 }            9 is years ahead; now is 3
//!  the server keeps { A'3, knows A9 } A' is a's *double*: another device, which only servers write as
//! ```
//!
//! The version gets a reading of the present, and the register remembers the reading that it came with.
//! So the original counts as replaced wherever it still is, on the phone that wrote it above all, which
//! takes in the row and holds what the server holds. The version cannot stay its device's: to the phone
//! it would be one of its own writes from before `A9`, known and no longer held, and both would be gone.

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::{Hlc, Stamp};
use crate::id::DeviceId;
use crate::record::{Record, Register, Version};
use crate::value::FieldKey;

impl DeviceId {
    /// Under which name a server keeps what this device stamped from too far ahead.
    pub(crate) const fn double(self) -> Self {
        Self(!self.0)
    }
}

impl Record {
    /// This change with the present in the place of every stamp later than `latest`, or `None` if there
    /// is none. `before` is the record as it stands where the change is to be merged.
    ///
    /// Their order stays, and what one device wrote later stays later, also if it comes in another
    /// change. What `before` has seen already is left out, so that repeating changes nothing.
    pub fn bounded(&self, before: Option<&Self>, latest: Hlc, now: Hlc) -> Option<Self> {
        let is_late = |stamp: Stamp| stamp.time > latest;
        let mut late = BTreeSet::new();
        let mut first = now;
        let mut found = false;
        for (key, register) in &self.fields {
            let held = before.and_then(|before| before.fields.get(key));
            for version in &register.versions {
                let stamp = version.stamp;
                if !is_late(stamp) {
                    continue;
                }
                found = true;
                if held.is_none_or(|held| !held.has_seen(stamp)) {
                    late.insert(stamp.time);
                    let double = stamp.device.double();
                    let known = [held, Some(register)].into_iter().flatten();
                    for reading in known.filter_map(|register| register.latest_of(double)) {
                        first = first.max(reading.next());
                    }
                }
            }
        }
        let doubles = self.doubles_known(before);
        if !found && doubles.is_empty() {
            return None;
        }
        let mut present = BTreeMap::new();
        for reading in late {
            present.insert(reading, first);
            first = first.next();
        }
        let mut bounded = self.clone();
        for (key, register) in &mut bounded.fields {
            let held = before.and_then(|before| before.fields.get(key));
            register.bound(held, &present, is_late);
        }
        for (key, double) in doubles {
            if let Some(register) = bounded.fields.get_mut(key) {
                let seen = register.seen.entry(double.device).or_default();
                *seen = double.time.max(*seen);
                register.normalise();
            }
        }
        Some(bounded)
    }

    /// What the writer of this change knew by its first name: who knew all that a device stamped from
    /// too far ahead knew what stands for it now, although nobody had told them yet. A deletion
    /// would leave it standing otherwise.
    fn doubles_known<'a>(&'a self, before: Option<&Self>) -> Vec<(&'a FieldKey, Stamp)> {
        let mut known = Vec::new();
        for (key, register) in &self.fields {
            let Some(held) = before.and_then(|before| before.fields.get(key)) else {
                continue;
            };
            for (device, original) in held.context() {
                let knew = register.latest_of(device);
                let double = device.double();
                // Of the two, the double always has the earlier readings: else this is the double, and
                // what its device wrote since is nothing that anybody knows by another name.
                if held.latest_of(double) >= Some(original) {
                    continue;
                }
                let stands = held.versions.iter().map(|version| version.stamp);
                let latest = stands.filter(|stamp| stamp.device == double).max();
                let mut own = register.versions.iter().map(|version| version.stamp);
                let still_holds = own.any(|stamp| stamp.device == device && stamp.time <= original);
                if let Some(latest) = latest
                    && !still_holds
                    && knew.is_some_and(|knew| knew >= original)
                    && !register.has_seen(latest)
                {
                    known.push((key, latest));
                }
            }
        }
        known
    }

    /// Whether it bears a reading after which no clock can go on. Nobody's clock shows these by itself.
    pub fn exhausts_clocks(&self) -> bool {
        self.fields.values().any(|register| {
            let written = register.versions.iter().map(|version| version.stamp.time);
            written
                .chain(register.seen.values().copied())
                .any(Hlc::is_among_the_last)
        })
    }
}

impl Register {
    /// `held` is the register as it stands where this one is to be merged.
    fn bound(
        &mut self,
        held: Option<&Self>,
        present: &BTreeMap<Hlc, Hlc>,
        is_late: impl Fn(Stamp) -> bool,
    ) {
        for mut version in std::mem::take(&mut self.versions) {
            let stamp = version.stamp;
            let double = stamp.device.double();
            let replacing = match held {
                Some(held) if held.holds(stamp) => Some(stamp),
                // Who holds on to what came before holds on to what stands for it now.
                Some(held) if held.has_seen(stamp) => held.standing_of(double, &version),
                _ if is_late(stamp) => present.get(&stamp.time).map(|time| Stamp {
                    time: *time,
                    device: double,
                }),
                _ => Some(stamp),
            };
            if replacing != Some(stamp) {
                let seen = self.seen.entry(stamp.device).or_default();
                *seen = stamp.time.max(*seen);
            }
            if let Some(replacing) = replacing {
                version.stamp = replacing;
                self.versions.push(version);
            }
        }
        self.normalise();
    }

    /// Under which stamp this device holds what `version` says, if it does.
    fn standing_of(&self, device: DeviceId, version: &Version) -> Option<Stamp> {
        let mut versions = self.versions.iter();
        let found = versions.find(|held| {
            held.stamp.device == device
                && held.author == version.author
                && held.value == version.value
        });
        found.map(|held| held.stamp)
    }
}
