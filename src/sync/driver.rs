use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use gloo_timers::callback::{Interval, Timeout};
use keruen_domain::sync::{Effect, Engine, Event, Look, Phase, SyncStatus, Takeover, Wake};
use wasm_bindgen_futures::spawn_local;

use super::chunks::Arrivals;
use super::live::Live;
use super::perform::perform;
use super::talk::{Talk, Word};
use crate::platform::{
    Area, Claim, Lease, Listener, is_visible, lead, now_ms, on_document, on_window, random_u32,
    read_value, write_value,
};
use crate::store::Store;

const LEADER_LOCK: &str = "keruen.sync";
/// When a tab last took the lead from another, for all tabs to see.
const LEAD_TAKEN: &str = "keruen.lead_taken";
/// Edits that follow each other this closely travel together: a person is typing.
const GATHER_MS: u32 = 1_000;

/// Drives the engine of one tab.
pub struct Driver {
    me: Weak<Self>,
    store: Rc<Store>,
    engine: RefCell<Engine>,
    /// Events that came while another was being handled.
    queue: RefCell<VecDeque<Event>>,
    busy: Cell<bool>,
    timer: RefCell<Option<Timeout>>,
    gathering: RefCell<Option<Timeout>>,
    show: Box<dyn Fn(SyncStatus)>,
    talk: RefCell<Option<Talk>>,
    kept: RefCell<Vec<Listener>>,
    lease: RefCell<Option<Lease>>,
    takeover: Cell<Takeover>,
    looking: RefCell<Option<Interval>>,
    live: RefCell<Option<Live>>,
    arrivals: Arrivals,
}

impl Driver {
    /// Exchanges nothing before [`Driver::begin`]. `show` is told how it goes, by whichever tab
    /// leads.
    pub fn new(store: Rc<Store>, show: impl Fn(SyncStatus) + 'static) -> Rc<Self> {
        let has_token = store.token().is_some();
        let driver = Rc::new_cyclic(|me| Self {
            me: me.clone(),
            store,
            engine: RefCell::new(Engine::new(has_token)),
            queue: RefCell::default(),
            busy: Cell::default(),
            timer: RefCell::default(),
            gathering: RefCell::default(),
            show: Box::new(show),
            talk: RefCell::default(),
            kept: RefCell::default(),
            lease: RefCell::default(),
            takeover: Cell::default(),
            looking: RefCell::default(),
            live: RefCell::default(),
            arrivals: Arrivals::default(),
        });
        driver.follow_commits();
        driver
    }

    fn follow_commits(self: &Rc<Self>) {
        let committed = self.weakly(|driver, (by_person, token): (bool, Option<bool>)| {
            if let Some(has_token) = token {
                // Somebody else asks from now on.
                if driver.live.take().is_some() {
                    driver.take(Event::Live(false));
                }
                driver.take(Event::HasToken(has_token));
            }
            if by_person {
                driver.gather();
            }
        });
        self.store.subscribe(move |commit| {
            committed((commit.by_person, commit.token.as_ref().map(Option::is_some)));
        });
    }

    /// Begins to exchange as soon as this tab leads. Called once.
    pub fn begin(self: &Rc<Self>) {
        let heard = self.weakly(|driver, word| driver.hear(word));
        let talk = Talk::join(heard);
        talk.say(Word::Hello);
        *self.talk.borrow_mut() = Some(talk);

        let wake_online = self.weakly(|driver, _| driver.wake(Wake::Online));
        let visibility = self.weakly(|driver, _| driver.visibility_changed());
        let resumed = self.weakly(|driver, _| driver.leader_lives());
        *self.kept.borrow_mut() = vec![
            on_window("online", wake_online),
            on_document("visibilitychange", visibility),
            on_document("resume", resumed),
        ];

        self.claim_lead(Claim::Wait);
        let look = self.weakly(|driver, ()| driver.look_at_leader());
        let looking = Interval::new(Takeover::LOOK_EVERY_MS, move || look(()));
        *self.looking.borrow_mut() = Some(looking);
    }

    fn claim_lead(self: &Rc<Self>, claim: Claim) {
        let granted = self.weakly(|driver, ()| driver.take(Event::Leads(true)));
        let lost = self.weakly(|driver, ()| {
            // Another tab took this one for frozen. What is under way here is dropped.
            driver.take(Event::Leads(false));
            driver.leader_lives();
            driver.claim_lead(Claim::Wait);
        });
        // The wish of before goes first, or it would stand in the queue for ever.
        self.lease.take();
        let lease = lead(LEADER_LOCK, claim, move || granted(()), move || lost(()));
        self.lease.replace(Some(lease));
    }

    fn follows(&self) -> bool {
        self.engine.borrow().status().phase == Phase::Following
    }

    fn leader_lives(&self) {
        let mut takeover = self.takeover.get();
        takeover.heard();
        self.takeover.set(takeover);
    }

    /// A leader that is frozen exchanges nothing: after a while without a sign of life from it, a
    /// tab that somebody sees takes the lead.
    fn look_at_leader(self: &Rc<Self>) {
        if !self.follows() {
            return;
        }
        let last_taken_ms = read_value(Area::Lasting, LEAD_TAKEN);
        let last_taken_ms = last_taken_ms.and_then(|text| text.parse().ok());
        let has_waiting = self.store.token().is_some() && self.store.replica().waiting() > 0;
        let mut takeover = self.takeover.get();
        let look = takeover.look(is_visible() || has_waiting, now_ms(), last_taken_ms);
        self.takeover.set(takeover);
        match look {
            Look::Rest => {}
            Look::Ask => self.say(Word::Hello),
            Look::Take => {
                write_value(Area::Lasting, LEAD_TAKEN, &now_ms().to_string());
                self.claim_lead(Claim::Take);
            }
        }
    }

    /// A callback that does nothing once the driver is gone.
    fn weakly<T>(self: &Rc<Self>, act: impl Fn(Rc<Self>, T) + 'static) -> impl Fn(T) + 'static {
        let me = self.me.clone();
        move |value| {
            if let Some(driver) = me.upgrade() {
                act(driver, value);
            }
        }
    }

    /// Exchanges now, whichever tab leads.
    pub fn sync_now(&self) {
        self.wake(Wake::Asked);
        self.say(Word::SyncNow);
    }

    fn hear(&self, word: Word) {
        let follows = self.follows();
        match word {
            Word::Status(status) if follows => {
                self.leader_lives();
                (self.show)(as_follower(status));
            }
            Word::Status(_) => {}
            Word::Hello if follows => {}
            Word::Hello => {
                // By a timer: messages reach a frozen page, and what it needs to exchange does not.
                let me = self.me.clone();
                let answer = Timeout::new(0, move || {
                    if let Some(driver) = me.upgrade() {
                        driver.say(Word::Status(driver.engine.borrow().status()));
                    }
                });
                answer.forget();
            }
            Word::SyncNow => self.wake(Wake::Asked),
        }
    }

    fn say(&self, word: Word) {
        if let Some(talk) = &*self.talk.borrow() {
            talk.say(word);
        }
    }

    fn wake(&self, wake: Wake) {
        self.take(Event::Woke(wake));
    }

    fn visibility_changed(&self) {
        self.listen_live();
        if is_visible() {
            // What the leader said meanwhile may not have come through.
            self.leader_lives();
            self.wake(Wake::Visible);
        } else if self.gathering.take().is_some() {
            // The page may be frozen any moment: what was typed goes now.
            self.wake(Wake::Commit);
        }
    }

    fn gather(&self) {
        let me = self.me.clone();
        let timeout = Timeout::new(GATHER_MS, move || {
            if let Some(driver) = me.upgrade() {
                driver.gathering.take();
                driver.wake(Wake::Commit);
            }
        });
        self.gathering.replace(Some(timeout));
    }

    /// Gives the engine an event and performs what it asks for. An effect may bring the next event
    /// at once, hence the queue.
    fn take(&self, event: Event) {
        self.queue.borrow_mut().push_back(event);
        if self.busy.replace(true) {
            return;
        }
        loop {
            let next = self.queue.borrow_mut().pop_front();
            let Some(event) = next else {
                break;
            };
            let effects = self
                .engine
                .borrow_mut()
                .handle(event, now_ms(), random_u32());
            for effect in effects {
                self.perform(effect);
            }
        }
        self.busy.set(false);
        self.listen_live();
    }

    /// Listens to the server's hints while this tab leads and is looked at, and not otherwise. The
    /// first thing that is heard is where all stands, so the first exchange goes before it.
    fn listen_live(&self) {
        let (phase, is_fetching) = {
            let engine = self.engine.borrow();
            (engine.status().phase, engine.is_fetching())
        };
        let listens = self.live.borrow().is_some();
        let is_wanted = is_visible()
            && match phase {
                Phase::Following | Phase::NotAuthorised | Phase::VersionNotSupported => false,
                // What is heard beside the chunks makes the exchange after them needless.
                Phase::Exchanging => listens || is_fetching,
                _ => true,
            };
        if is_wanted == listens {
            return;
        }
        let live = is_wanted.then(|| {
            let me = self.me.clone();
            Live::start(self.store.clone(), move |event| {
                if let Some(driver) = me.upgrade() {
                    driver.take(event);
                }
            })
        });
        let before = self.live.replace(live);
        if before.is_some() {
            self.take(Event::Live(false));
        }
    }

    fn perform(&self, effect: Effect) {
        match effect {
            Effect::Read { .. }
            | Effect::Send { .. }
            | Effect::Save { .. }
            | Effect::Fetch { .. }
            | Effect::Sum { .. } => self.later(effect),
            Effect::WakeAfter { pause_ms } => {
                let me = self.me.clone();
                let timeout = Timeout::new(pause_ms, move || {
                    if let Some(driver) = me.upgrade() {
                        driver.wake(Wake::Timer);
                    }
                });
                self.timer.replace(Some(timeout));
            }
            Effect::Report(status) => {
                (self.show)(status);
                self.say(Word::Status(status));
            }
        }
    }

    /// Does something that takes time and then tells the engine.
    fn later(&self, effect: Effect) {
        let Some(driver) = self.me.upgrade() else {
            return;
        };
        spawn_local(async move {
            let tell = |event| driver.take(event);
            perform(&driver.store, &driver.arrivals, effect, tell).await;
        });
    }
}

/// What a tab that follows shows of the leader: how it goes, and that another tab does it.
fn as_follower(leader: SyncStatus) -> SyncStatus {
    let phase = match leader.phase {
        Phase::Waiting if leader.server_is_faulty() => Phase::Waiting,
        Phase::Following | Phase::Resting | Phase::Exchanging | Phase::Waiting => Phase::Following,
        trouble => trouble,
    };
    SyncStatus { phase, ..leader }
}
