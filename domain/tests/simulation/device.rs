//! A phone: its storage, its tabs with an engine each, its clock and what it knows of its owner.

use keruen_domain::sync::{Engine, Event};
use keruen_domain::{DeviceId, PersonId};

use crate::store::Store;

pub(crate) const TABS: usize = 2;

pub(crate) struct Tab {
    pub(crate) engine: Engine,
    pub(crate) leads: bool,
    /// Counts wishes to be woken: only the last one counts.
    pub(crate) timer: u64,
}

pub(crate) struct Device {
    pub(crate) id: DeviceId,
    pub(crate) owner: PersonId,
    pub(crate) store: Store,
    pub(crate) tabs: Vec<Tab>,
    /// Counts crashes: what belongs to an earlier life never comes back.
    pub(crate) life: u64,
    pub(crate) has_token: bool,
    /// What to add to the true time to get the phone's.
    pub(crate) skew_ms: i64,
    pub(crate) out_of_reach_until_ms: u64,
}

impl Device {
    pub(crate) fn new(id: DeviceId, owner: PersonId, has_token: bool, skew_ms: i64) -> Self {
        Self {
            id,
            owner,
            store: Store::new(id),
            tabs: tabs(has_token),
            life: 0,
            has_token,
            skew_ms,
            out_of_reach_until_ms: 0,
        }
    }

    pub(crate) fn phone_ms(&self, now_ms: u64) -> u64 {
        now_ms.saturating_add_signed(self.skew_ms)
    }

    /// All that was only in memory is gone.
    pub(crate) fn crash(&mut self) {
        self.life += 1;
        self.tabs = tabs(self.has_token);
    }

    /// What tabs are told when another one takes the lead. The one before may hear of it late.
    pub(crate) fn lead(&mut self, leader: usize) -> Vec<(usize, Event)> {
        let mut told = Vec::new();
        for (number, tab) in self.tabs.iter_mut().enumerate() {
            let leads = number == leader;
            if tab.leads != leads {
                tab.leads = leads;
                told.push((number, Event::Leads(leads)));
            }
        }
        told
    }
}

fn tabs(has_token: bool) -> Vec<Tab> {
    let tab = |_| Tab {
        engine: Engine::new(has_token),
        leads: false,
        timer: 0,
    };
    (0..TABS).map(tab).collect()
}
