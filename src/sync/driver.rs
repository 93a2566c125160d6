use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use gloo_timers::callback::Timeout;
use keruen_domain::sync::{Effect, Engine, Event, Phase, SyncStatus, Wake};
use wasm_bindgen_futures::spawn_local;

use super::perform::perform;
use super::talk::{Talk, Word};
use crate::platform::{
    Lease, Listener, is_visible, lead, now_ms, on_document, on_window, random_u32,
};
use crate::store::Store;

const LEADER_LOCK: &str = "keruen.sync";
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
}

impl Driver {
    /// Begins to exchange as soon as this tab leads. `show` is told how it goes, by whichever tab
    /// leads.
    pub fn start(store: Rc<Store>, show: impl Fn(SyncStatus) + 'static) -> Rc<Self> {
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
        });
        driver.listen();
        driver
    }

    fn listen(self: &Rc<Self>) {
        let heard = self.weakly(|driver, word| driver.hear(word));
        let talk = Talk::join(heard);
        talk.say(Word::Hello);
        *self.talk.borrow_mut() = Some(talk);

        let wake_online = self.weakly(|driver, _| driver.wake(Wake::Online));
        let visibility = self.weakly(|driver, _| driver.visibility_changed());
        *self.kept.borrow_mut() = vec![
            on_window("online", wake_online),
            on_document("visibilitychange", visibility),
        ];

        let committed = self.weakly(|driver, (by_person, token): (bool, Option<bool>)| {
            if let Some(has_token) = token {
                driver.take(Event::HasToken(has_token));
            }
            if by_person {
                driver.gather();
            }
        });
        self.store.subscribe(move |commit| {
            committed((commit.by_person, commit.token.as_ref().map(Option::is_some)));
        });

        let granted = self.weakly(|driver, ()| driver.take(Event::Leads(true)));
        *self.lease.borrow_mut() = Some(lead(LEADER_LOCK, move || granted(())));
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
        let follows = self.engine.borrow().status().phase == Phase::Following;
        match word {
            Word::Status(status) if follows => (self.show)(as_follower(status)),
            Word::Status(_) => {}
            Word::Hello if follows => {}
            Word::Hello => self.say(Word::Status(self.engine.borrow().status())),
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
        if is_visible() {
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
            if let Some(event) = perform(&driver.store, effect).await {
                driver.take(event);
            }
        });
    }
}

/// What a tab that follows shows of the leader: how it goes, and that another tab does it.
const fn as_follower(leader: SyncStatus) -> SyncStatus {
    let phase = match leader.phase {
        Phase::Following | Phase::Resting | Phase::Exchanging | Phase::Waiting => Phase::Following,
        trouble @ (Phase::NotAuthorised | Phase::VersionNotSupported | Phase::CannotSave) => {
            trouble
        }
    };
    SyncStatus { phase, ..leader }
}
