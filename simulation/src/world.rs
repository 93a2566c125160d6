//! The world of one history: who is in it, what happens next, and when.

mod check;
mod damage;
mod exchange;
mod happen;
mod live;
mod storage;
mod trouble;

pub(crate) use storage::Came;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;

use keruen_app::store::Committed;
use keruen_domain::protocol::v1::Cursor;
use keruen_domain::sync::{Effect, Event, Wake};
use keruen_domain::{RecordKey, ScopeId};

use crate::device::{Device, TABS, Tab};
use crate::hardship::Hardship;
use crate::ledger::Ledger;
use crate::people;
use crate::server::{Server, person};
use crate::tape::{Step, Tape};
use crate::texts::Texts;
use crate::told::Told;
use crate::trace::trace;

const START_MS: u64 = 1_750_000_000_000;
/// How long a healed world is left to itself, in milliseconds: three rests of the engine.
const HEALING_MS: u64 = 200_000;
/// How much time may pass in a step, in milliseconds.
const PAUSES_MS: [u64; 12] = [
    0, 0, 5, 40, 200, 1_000, 1_000, 3_000, 10_000, 25_000, 65_000, 120_000,
];
/// Edits that follow each other this closely travel together, as in the client's driver.
const GATHER_MS: u64 = 1_000;
const MOST_DEVICES: u8 = 4;

/// A page on a device. Another life at the same place is another page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) device: usize,
    pub(crate) tab: usize,
    pub(crate) life: u64,
}

impl fmt::Display for Spot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.device, self.tab, self.life)
    }
}

/// What is going to happen.
pub(crate) enum Happening {
    Tell(Spot, Event),
    Perform(Spot, Effect),
    Timer(Spot, u64),
    Gathered(Spot, u64),
    /// A message of another tab arrives.
    Message(Spot, Rc<[u8]>),
    Request(Spot, exchange::Request),
    /// What the server says by itself arrives.
    Hint(Spot),
    /// Somebody opens a page.
    Open {
        device: usize,
        tab: usize,
    },
}

pub(crate) struct World {
    pub(crate) now_ms: u64,
    serial: u64,
    queue: BTreeMap<(u64, u64), Happening>,
    pub(crate) devices: Vec<Device>,
    pub(crate) server: Server,
    pub(crate) ledger: Ledger,
    pub(crate) texts: Texts,
    pub(crate) hardship: Hardship,
    /// The most records in one answer.
    pub(crate) page_limit: u32,
    /// Whether the server was put back from a backup.
    pub(crate) restored: bool,
    /// Records of which a deletion was forgotten on the server.
    pub(crate) pruned: BTreeSet<RecordKey>,
    /// Which snapshot a device has read a scope by.
    begun_with: BTreeMap<(usize, ScopeId), Cursor>,
    /// Whether a device's disk has lost something that it had from the server.
    damaged: bool,
    healed: bool,
    healed_at_ms: u64,
    requests_after_healing: u64,
    pub(crate) told: Told,
}

/// Plays a history to its end and says what happened in it.
///
/// # Panics
/// When something does not hold that must.
pub fn play(tape: &Tape) -> Told {
    let mut world = World::new(tape.world);
    for (number, step) in tape.steps.iter().enumerate() {
        trace!("== step {number} at {}: {step:?}", world.passed_ms());
        world.hardship = Hardship::of(*step);
        people::step(&mut world, *step);
        let pause_ms = PAUSES_MS[usize::from(step.pause) % PAUSES_MS.len()];
        world.run(pause_ms);
    }
    world.heal();
    world.told
}

impl World {
    fn new(step: Step) -> Self {
        let mut world = Self {
            now_ms: START_MS,
            serial: 0,
            queue: BTreeMap::new(),
            devices: Vec::new(),
            server: Server::new(),
            ledger: Ledger::default(),
            texts: Texts::default(),
            hardship: Hardship::of(Step::default()),
            page_limit: match step.pause % 16 {
                0 => 1_000,
                few => u32::from(few),
            },
            restored: false,
            pruned: BTreeSet::new(),
            begun_with: BTreeMap::new(),
            damaged: false,
            healed: false,
            healed_at_ms: 0,
            requests_after_healing: 0,
            told: Told::default(),
        };
        people::found_programmes(&mut world);
        let count = 1 + usize::from(step.hardship % MOST_DEVICES);
        for number in 0..count {
            let mut device = Device::new(number, person(number / 2));
            let bit = 1 << number;
            device.speaks_version_1 = step.place & bit != 0 && step.record & bit != 0;
            device.listens = step.chance & bit != 0 && !device.speaks_version_1;
            if number > 0 && number + 1 == count && step.way > 200 {
                device.is_visitor = true;
                device.owner = person(100);
            }
            let minutes = i64::from(step.amount) * (number as i64 - 1);
            device.skew_ms = minutes * 60_000;
            world.devices.push(device);
            for tab in 0..TABS {
                world.open(number, tab);
            }
            if step.kind & bit == 0 {
                world.join(number);
            }
        }
        world
    }

    /// How long the history has lasted.
    pub(crate) const fn passed_ms(&self) -> u64 {
        self.now_ms - START_MS
    }

    pub(crate) fn after(&mut self, pause_ms: u64, happening: Happening) {
        self.serial += 1;
        self.queue
            .insert((self.now_ms + pause_ms, self.serial), happening);
    }

    /// After some time, at most this.
    pub(crate) fn soon(&mut self, most_ms: u64, happening: Happening) {
        let pause_ms = 1 + self.hardship.random.below(most_ms);
        self.after(pause_ms, happening);
    }

    /// Lets time pass.
    pub(crate) fn run(&mut self, time_ms: u64) {
        let end_ms = self.now_ms + time_ms;
        while let Some(next) = self.queue.first_entry() {
            let (at_ms, _) = *next.key();
            if at_ms > end_ms {
                break;
            }
            let happening = next.remove();
            self.now_ms = at_ms;
            self.happen(happening);
        }
        self.now_ms = end_ms;
    }

    pub(crate) fn tab(&mut self, spot: Spot) -> Option<&mut Tab> {
        let tab = self.devices[spot.device].tabs[spot.tab].as_mut();
        tab.filter(|tab| tab.life == spot.life)
    }

    /// The page at this place, if one is open.
    pub(crate) fn spot(&self, device: usize, tab: usize) -> Option<Spot> {
        let life = self.devices[device].tabs[tab].as_ref()?.life;
        Some(Spot { device, tab, life })
    }

    /// The pages of a device that are open.
    pub(crate) fn spots(&self, device: usize) -> Vec<Spot> {
        (0..TABS).filter_map(|tab| self.spot(device, tab)).collect()
    }

    /// A page has committed: others are told, and its own engine is woken.
    pub(crate) fn publish(&mut self, spot: Spot) {
        for committed in self.tell_others(spot) {
            self.react(spot, &committed);
        }
    }

    /// Tells the other pages what a page has committed.
    pub(crate) fn tell_others(&mut self, spot: Spot) -> Vec<Committed> {
        let Some(tab) = self.tab(spot) else {
            return Vec::new();
        };
        let commits = tab.commits.take();
        for committed in &commits {
            trace!("{:>8} {spot} committed {committed:?}", self.passed_ms());
            if committed.restamped.is_some() {
                self.told.count("stamps corrected");
            }
            let bytes: Rc<[u8]> = keruen_domain::encoding::encode(committed).into();
            for other in self.spots(spot.device) {
                if other != spot {
                    self.send_message(other, bytes.clone());
                }
            }
        }
        commits
    }

    fn send_message(&mut self, to: Spot, bytes: Rc<[u8]>) {
        let most_ms = 20;
        let arrival_ms = self.now_ms + 1 + self.hardship.random.below(most_ms);
        let now_ms = self.now_ms;
        let Some(tab) = self.tab(to) else { return };
        tab.unheard += 1;
        tab.last_arrival_ms = tab.last_arrival_ms.max(arrival_ms);
        let pause_ms = tab.last_arrival_ms - now_ms;
        self.after(pause_ms, Happening::Message(to, bytes));
    }

    /// What the client's driver does when something was committed.
    fn react(&mut self, spot: Spot, committed: &Committed) {
        if let Some(token) = &committed.token {
            self.tell(spot, Event::HasToken(token.is_some()));
        }
        if committed.by_person
            && let Some(tab) = self.tab(spot)
        {
            tab.gathering += 1;
            let gathering = tab.gathering;
            self.after(GATHER_MS, Happening::Gathered(spot, gathering));
        }
    }

    pub(crate) fn wake(&mut self, spot: Spot, wake: Wake) {
        self.tell(spot, Event::Woke(wake));
    }

    fn heal(&mut self) {
        trace!("== all is well at {}", self.passed_ms());
        self.healed = true;
        self.healed_at_ms = self.now_ms;
        self.hardship = Hardship::of(Step::default());
        for device in 0..self.devices.len() {
            self.devices[device].out_of_reach_until_ms = 0;
            for tab in 0..TABS {
                self.open(device, tab);
            }
            self.lead(device, 0);
            if !self.devices[device].is_visitor {
                self.join(device);
            }
            for spot in self.spots(device) {
                self.wake(spot, Wake::Asked);
            }
        }
        self.run(HEALING_MS);
        self.check_images();
        // What an older server did not understand is offered again when the app is next opened.
        for device in 0..self.devices.len() {
            for tab in 0..TABS {
                self.devices[device].tabs[tab] = None;
                self.open(device, tab);
            }
            self.lead(device, 0);
        }
        self.run(HEALING_MS);
        self.check();
    }
}
