//! The order of events: what happens when, what gets lost, and what must hold in the end.

mod check;
mod network;

use std::collections::BTreeMap;

use keruen_domain::access::Role;
use keruen_domain::sync::{Effect, Event, SaveFailure, Wake};
use keruen_domain::{DeviceId, ProgrammeId};

use crate::device::{Device, TABS};
use crate::people::{self, Ledger};
use crate::random::Random;
use crate::server::Server;
use crate::told::Told;

const START_MS: u64 = 1_747_000_000_000;
/// How long people and the network do as they like.
const TROUBLE_MS: u64 = 10 * 60 * 1_000;
/// Within this time after the trouble everything has arrived everywhere: the longest pause that the
/// server asks for, a rest, and the work itself.
const HEALING_MS: u64 = 3 * 60 * 1_000;

/// To which tab, in which life of its device.
#[derive(Clone, Copy, Debug)]
struct To {
    device: usize,
    tab: usize,
    life: u64,
}

enum Happening {
    Tell(To, Event),
    Timer(To, u64),
    Perform(To, Effect),
    Request {
        to: To,
        exchange: u64,
        sent_ms: u64,
        token: bool,
        bytes: Vec<u8>,
    },
    Act(usize),
    Import,
    Trouble(usize),
    Heal,
}

pub(crate) struct World {
    random: Random,
    now_ms: u64,
    healed: bool,
    serial: u64,
    queue: BTreeMap<(u64, u64), Happening>,
    devices: Vec<Device>,
    server: Server,
    ledger: Ledger,
    requests_after_healing: u64,
    told: Told,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let programme = ProgrammeId::new(1, [7; 10]);
        let page_limit = 1 + random.index(12);
        let mut world = Self {
            server: Server::new(programme, page_limit),
            random,
            now_ms: START_MS,
            healed: false,
            serial: 0,
            queue: BTreeMap::new(),
            devices: Vec::new(),
            ledger: Ledger::default(),
            requests_after_healing: 0,
            told: Told::default(),
        };
        for number in 0..2 + world.random.index(4) {
            let owner = people::person(number / 2);
            let role = if number / 2 == 0 {
                Role::Organiser
            } else {
                Role::Participant
            };
            world.server.roles.insert(owner, role);
            let id = DeviceId(number as u64 + 1);
            let has_token = world.random.percent(70);
            if has_token {
                world.server.owners.insert(id, owner);
            }
            let skew_ms = world.random.below(7_200_000) as i64 - 3_600_000;
            world
                .devices
                .push(Device::new(id, owner, has_token, skew_ms));
            world.lead(number, 0);
            for _ in 0..3 + world.random.below(20) {
                world.some_time(Happening::Act(number));
            }
            for _ in 0..world.random.below(12) {
                world.some_time(Happening::Trouble(number));
            }
        }
        for _ in 0..world.random.below(5) {
            world.some_time(Happening::Import);
        }
        world.after(TROUBLE_MS, Happening::Heal);
        world
    }

    fn after(&mut self, pause_ms: u64, happening: Happening) {
        self.serial += 1;
        self.queue
            .insert((self.now_ms + pause_ms, self.serial), happening);
    }

    fn some_time(&mut self, happening: Happening) {
        let pause_ms = self.random.below(TROUBLE_MS);
        self.after(pause_ms, happening);
    }

    fn soon(&mut self, most_ms: u64, happening: Happening) {
        let pause_ms = 1 + self.random.below(most_ms);
        self.after(pause_ms, happening);
    }

    fn trouble(&mut self, percent: u64) -> bool {
        self.random.percent(percent) && !self.healed
    }

    /// Plays until the time of healing is over, and holds the end against what was written.
    pub(crate) fn play(mut self) -> Told {
        let end_ms = START_MS + TROUBLE_MS + HEALING_MS;
        while let Some(((time, _), happening)) = self.queue.pop_first() {
            if time > end_ms {
                break;
            }
            self.now_ms = time;
            self.happen(happening);
        }
        self.check();
        self.told
    }

    fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Tell(to, event) => self.tell(to, event),
            Happening::Timer(to, timer) => {
                if self.tab_timer(to) == Some(timer) {
                    self.tell(to, Event::Woke(Wake::Timer));
                }
            }
            Happening::Perform(to, effect) => self.perform(to, effect),
            Happening::Request {
                to,
                exchange,
                sent_ms,
                token,
                bytes,
            } => self.serve(to, exchange, sent_ms, token, &bytes),
            Happening::Act(device) => self.act(device),
            Happening::Import => {
                let run = self.serial;
                people::import(
                    &mut self.server,
                    run,
                    self.now_ms,
                    &mut self.random,
                    &mut self.ledger,
                );
            }
            Happening::Trouble(device) => self.trouble_with(device),
            Happening::Heal => self.heal(),
        }
    }

    fn is_alive(&self, to: To) -> bool {
        self.devices[to.device].life == to.life
    }

    fn tab_timer(&self, to: To) -> Option<u64> {
        self.is_alive(to)
            .then(|| self.devices[to.device].tabs[to.tab].timer)
    }

    fn tell(&mut self, to: To, event: Event) {
        if !self.is_alive(to) {
            return;
        }
        let random = self.random.bits() as u32;
        let device = &mut self.devices[to.device];
        let phone_ms = device.phone_ms(self.now_ms);
        let effects = device.tabs[to.tab].engine.handle(event, phone_ms, random);
        for effect in effects {
            self.soon(30, Happening::Perform(to, effect));
        }
    }

    fn lead(&mut self, device: usize, leader: usize) {
        let life = self.devices[device].life;
        for (tab, event) in self.devices[device].lead(leader) {
            self.soon(2_000, Happening::Tell(To { device, tab, life }, event));
        }
    }

    fn tell_all(&mut self, device: usize, event: &Event) {
        let life = self.devices[device].life;
        for tab in 0..TABS {
            self.soon(50, Happening::Tell(To { device, tab, life }, event.clone()));
        }
    }

    fn perform(&mut self, to: To, effect: Effect) {
        // The tab is gone before it came to this.
        if !self.is_alive(to) {
            return;
        }
        match effect {
            Effect::Read {
                exchange,
                max_changes,
            } => {
                let outgoing = if self.trouble(3) {
                    Err(SaveFailure::Other)
                } else {
                    Ok(self.devices[to.device].store.read(max_changes))
                };
                self.soon(30, Happening::Tell(to, Event::Read { exchange, outgoing }));
            }
            Effect::Send { exchange, request } => self.send(to, exchange, &request),
            Effect::Save { exchange, plan } => {
                let result = if self.trouble(5) {
                    self.told.count("save failed");
                    Err(SaveFailure::Full)
                } else {
                    self.devices[to.device].store.save(plan);
                    Ok(())
                };
                self.soon(30, Happening::Tell(to, Event::Saved { exchange, result }));
            }
            // This server sends everything page by page and compares nothing.
            Effect::Fetch { .. } => unreachable!("nobody told of chunks"),
            Effect::Sum { exchange } => {
                let sums = Vec::new();
                self.soon(30, Happening::Tell(to, Event::Summed { exchange, sums }));
            }
            Effect::WakeAfter { pause_ms } => {
                let tab = &mut self.devices[to.device].tabs[to.tab];
                tab.timer += 1;
                let timer = tab.timer;
                self.after(u64::from(pause_ms), Happening::Timer(to, timer));
            }
            Effect::Report(_) => {}
        }
    }

    fn act(&mut self, number: usize) {
        let device = &mut self.devices[number];
        let organises = self.server.roles.get(&device.owner) == Some(&Role::Organiser);
        let programme = self.server.programme;
        people::act(
            device,
            programme,
            organises,
            self.now_ms,
            &mut self.random,
            &mut self.ledger,
        );
        self.tell_all(number, &Event::Woke(Wake::Commit));
    }

    fn trouble_with(&mut self, number: usize) {
        match self.random.below(6) {
            0 => {
                self.told.count("crashed");
                self.devices[number].crash();
                self.lead(number, 0);
            }
            1 => {
                self.told.count("led by another");
                let leader = self.random.index(TABS);
                self.lead(number, leader);
            }
            2 => {
                self.told.count("out of reach");
                let pause_ms = self.random.below(TROUBLE_MS / 2);
                self.devices[number].out_of_reach_until_ms = self.now_ms + pause_ms;
            }
            3 => {
                self.told.count("clock jumped");
                let skew_ms = self.random.below(1_000_000_000) as i64 - 500_000_000;
                self.devices[number].skew_ms = skew_ms;
            }
            4 => self.join(number),
            _ => {
                // The server forgets the token; the device learns of it when it is refused.
                let id = self.devices[number].id;
                self.server.owners.remove(&id);
            }
        }
    }

    fn join(&mut self, number: usize) {
        self.told.count("joined");
        let device = &mut self.devices[number];
        device.has_token = true;
        self.server.owners.insert(device.id, device.owner);
        self.tell_all(number, &Event::HasToken(true));
    }

    fn heal(&mut self) {
        self.healed = true;
        for number in 0..self.devices.len() {
            self.join(number);
            self.tell_all(number, &Event::Woke(Wake::Online));
        }
    }
}
