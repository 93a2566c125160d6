//! What the server says by itself to pages that listen: how far scopes go by now.

use keruen_domain::sync::Event;

use super::{Happening, Spot, World};
use crate::hardship::Trouble;

/// What moves is put together for so long, at most, in milliseconds.
const GATHERED_MS: u64 = 1_000;

impl World {
    /// A page that leads and has reached the server begins to listen, if its device does that.
    pub(super) fn listen(&mut self, spot: Spot) {
        let listens = self.devices[spot.device].listens;
        let Some(tab) = self.tab(spot) else { return };
        if listens && tab.leads && !tab.is_live {
            tab.is_live = true;
            self.tell(spot, Event::Live(true));
            self.hint(spot);
        }
    }

    /// Something was written: whoever listens will hear of it.
    pub(crate) fn hint_all(&mut self) {
        for device in 0..self.devices.len() {
            for spot in self.spots(device) {
                self.hint(spot);
            }
        }
    }

    fn hint(&mut self, spot: Spot) {
        let Some(tab) = self.tab(spot) else { return };
        if tab.is_live && !tab.is_hint_due {
            tab.is_hint_due = true;
            self.soon(GATHERED_MS, Happening::Hint(spot));
        }
    }

    /// A hint arrives, or the connection turns out to be broken.
    pub(super) fn hear_hint(&mut self, spot: Spot) {
        let is_broken = self.devices[spot.device].out_of_reach_until_ms > self.now_ms
            || self.hardship.strikes(Trouble::AnswersLost, 40);
        let Some(tab) = self.tab(spot) else { return };
        tab.is_hint_due = false;
        if !tab.is_live {
            return;
        }
        let (leads, token) = (tab.leads, tab.store.token());
        let cursors = self.server.hint(token.as_deref());
        match cursors.filter(|_| leads && !is_broken) {
            Some(cursors) => {
                self.told.count("hint given");
                self.tell(spot, Event::Hint(cursors));
            }
            None => {
                if let Some(tab) = self.tab(spot) {
                    tab.is_live = false;
                }
                self.tell(spot, Event::Live(false));
            }
        }
    }
}
