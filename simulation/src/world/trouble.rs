//! What goes wrong with whole pages and phones, and what their owners do about it.

use keruen_domain::sync::Event;

use super::storage::Came;
use super::{Happening, Spot, World};
use crate::device::TABS;
use crate::server::person;
use crate::trace::trace;

/// How long it takes until somebody opens a page again, at most, in milliseconds.
const AWAY_MS: u64 = 4_000;

impl World {
    /// A page is gone, with all that was only in memory. Its owner opens it again.
    pub(crate) fn kill(&mut self, spot: Spot, how: &'static str) {
        if self.tab(spot).is_none() {
            return;
        }
        self.told.count(how);
        trace!("{:>8} {spot} {how}", self.passed_ms());
        let Spot { device, tab, .. } = spot;
        self.devices[device].tabs[tab] = None;
        self.soon(AWAY_MS, Happening::Open { device, tab });
        if self.leader(device).is_none()
            && let Some(heir) = self.spots(device).first()
        {
            self.lead(device, heir.tab);
        }
    }

    /// All pages of a phone are gone.
    pub(crate) fn kill_all(&mut self, device: usize, how: &'static str) {
        self.told.count(how);
        trace!("{:>8} device {device}: {how}", self.passed_ms());
        for spot in self.spots(device) {
            self.devices[device].tabs[spot.tab] = None;
            self.soon(
                AWAY_MS,
                Happening::Open {
                    device,
                    tab: spot.tab,
                },
            );
        }
    }

    /// The battery is out: the last commits that were not strict may be gone too.
    pub(crate) fn lose_power(&mut self, device: usize, amount: u8) {
        self.kill_all(device, "power lost");
        let memory = &self.devices[device].memory;
        let lost = usize::from(amount) % (memory.commits_at_risk() + 1);
        memory.lose_power(lost);
        if lost > 0 {
            self.told.count("power loss took commits");
            // What the server had acknowledged is on a device's disk for speed only. Where the server
            // was put back since, that may have been the last copy.
            if self.restored {
                self.forgive_what_nobody_holds();
            }
        }
    }

    /// The page that leads, if one does.
    pub(crate) fn leader(&self, device: usize) -> Option<usize> {
        let tabs = &self.devices[device].tabs;
        (0..TABS).find(|tab| tabs[*tab].as_ref().is_some_and(|tab| tab.leads))
    }

    /// One page gets the lead. The one before hears of it, perhaps late.
    pub(crate) fn lead(&mut self, device: usize, leader: usize) {
        for spot in self.spots(device) {
            let leads = spot.tab == leader;
            let Some(tab) = self.tab(spot) else { continue };
            if tab.leads != leads {
                tab.leads = leads;
                self.tell_lead(spot, leads);
            }
        }
    }

    /// A page hears that it leads, or late that it does not; of one after the other.
    fn tell_lead(&mut self, spot: Spot, leads: bool) {
        let most_ms = if leads { 20 } else { 2_000 };
        let hears_ms = self.now_ms + 1 + self.hardship.random.below(most_ms);
        let now_ms = self.now_ms;
        let Some(tab) = self.tab(spot) else { return };
        tab.last_lead_ms = tab.last_lead_ms.max(hears_ms);
        let pause_ms = tab.last_lead_ms - now_ms;
        self.after(pause_ms, Happening::Tell(spot, Event::Leads(leads)));
    }

    /// The lock went wrong: all pages lead, until one is made to.
    pub(crate) fn lead_all(&mut self, device: usize) {
        let mut led = 0;
        for spot in self.spots(device) {
            let Some(tab) = self.tab(spot) else { continue };
            led += 1;
            if !tab.leads {
                tab.leads = true;
                self.tell_lead(spot, true);
            }
        }
        if led == TABS {
            self.told.count("both tabs led");
        }
    }

    /// The phone's owner gets a token and gives it to the app.
    pub(crate) fn join(&mut self, device: usize) {
        let Some(&spot) = self.spots(device).first() else {
            return;
        };
        let owner = self.devices[device].owner;
        if owner == person(100) {
            return;
        }
        self.serial += 1;
        let token = format!("token-{}", self.serial);
        self.server.tokens.insert(token.clone(), owner);
        self.told.count("joined");
        let came = self.with_store(spot, true, async |store| store.set_token(Some(token)).await);
        if let Some(Came::Back(Ok(()))) = came {
            self.publish(spot);
        }
    }

    /// The server knows the phone's token no more. The phone learns of it when it is refused.
    pub(crate) fn end_token(&mut self, device: usize) {
        let disk = self.devices[device].on_disk();
        if let Some(token) = disk.store.token()
            && self.server.tokens.remove(&token).is_some()
        {
            self.told.count("token ended");
        }
    }
}
