//! What is due, happens.

use keruen_domain::encoding;
use keruen_domain::sync::{Effect, Event, Wake};

use super::{Happening, Spot, World};
use crate::hardship::Trouble;
use crate::trace::trace;

impl World {
    pub(super) fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Tell(spot, event) => self.tell(spot, event),
            Happening::Perform(spot, effect) => self.perform(spot, effect),
            Happening::Timer(spot, timer) => {
                if self.tab(spot).is_some_and(|tab| tab.timer == timer) {
                    self.tell(spot, Event::Woke(Wake::Timer));
                }
            }
            Happening::Gathered(spot, gathering) => {
                if self.tab(spot).is_some_and(|tab| tab.gathering == gathering) {
                    self.tell(spot, Event::Woke(Wake::Commit));
                }
            }
            Happening::Message(spot, bytes) => {
                if let Some(tab) = self.tab(spot) {
                    tab.unheard -= 1;
                    let committed = encoding::decode(&bytes).expect("tabs speak one language");
                    tab.hear(&committed);
                    self.react(spot, &committed);
                }
            }
            Happening::Request(spot, request) => self.serve(spot, request),
            Happening::Hint(spot) => self.hear_hint(spot),
            Happening::Open { device, tab } => self.open(device, tab),
        }
    }

    pub(super) fn tell(&mut self, spot: Spot, event: Event) {
        let now_ms = self.devices[spot.device].phone_ms(self.now_ms);
        let random = self.hardship.random.bits() as u32;
        let passed_ms = self.passed_ms();
        let Some(tab) = self.tab(spot) else { return };
        trace!("{passed_ms:>8} {spot} {event:?}");
        let effects = tab.engine.handle(event, now_ms, random);
        for effect in effects {
            match effect {
                Effect::WakeAfter { pause_ms } => {
                    let Some(tab) = self.tab(spot) else { return };
                    tab.timer += 1;
                    let timer = tab.timer;
                    self.after(u64::from(pause_ms), Happening::Timer(spot, timer));
                }
                Effect::Report(_) => {}
                effect => {
                    if self.hardship.strikes(Trouble::Death, 6) {
                        return self.kill(spot, "tab died");
                    }
                    self.soon(30, Happening::Perform(spot, effect));
                }
            }
        }
    }

    fn perform(&mut self, spot: Spot, effect: Effect) {
        trace!("{:>8} {spot} does {effect:?}", self.passed_ms());
        match effect {
            Effect::Read {
                exchange,
                max_changes,
                knows_time,
            } => self.read(spot, exchange, max_changes, knows_time),
            Effect::Send { exchange, request } => self.send(spot, exchange, request),
            Effect::Save { exchange, plan } => self.save(spot, exchange, plan),
            Effect::Fetch { exchange, chunk } => self.fetch(spot, exchange, chunk),
            Effect::Sum { exchange } => self.sum_up(spot, exchange),
            Effect::WakeAfter { .. } | Effect::Report(_) => {}
        }
    }
}
