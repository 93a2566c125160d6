//! A phone: its storage, its tabs with a store and an engine each, its clock and its owner.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use keruen_app::store::{Backend, Committed, Memory, RandomBits, Store, StoreError};
use keruen_domain::sync::Engine;
use keruen_domain::{ChangeId, PersonId, Record, RecordKey};

use crate::now::now;
use crate::random::Random;

pub(crate) const TABS: usize = 2;

/// A page that is open.
pub(crate) struct Tab {
    /// Which of all pages that were ever open.
    pub(crate) life: u64,
    pub(crate) store: Rc<Store>,
    pub(crate) engine: Engine,
    pub(crate) leads: bool,
    /// Whether the server tells it by itself how far scopes go.
    pub(crate) is_live: bool,
    /// Whether it is about to hear how far.
    pub(crate) is_hint_due: bool,
    /// Counts wishes to be woken: only the last one counts.
    pub(crate) timer: u64,
    /// The same for waiting until somebody stops typing.
    pub(crate) gathering: u64,
    /// What its store has committed and nobody has been told yet.
    pub(crate) commits: Rc<RefCell<Vec<Committed>>>,
    is_hearing: Rc<Cell<bool>>,
    /// Messages of other tabs that are under way to it.
    pub(crate) unheard: usize,
    /// When the last of them arrives: they keep their order.
    pub(crate) last_arrival_ms: u64,
    /// When it last hears, so far, whether it leads.
    pub(crate) last_lead_ms: u64,
    /// Whether a tab died before it could tell this one what it had committed.
    pub(crate) missed: bool,
    /// A record that somebody is writing in, as they had it before them.
    pub(crate) editor: Option<(RecordKey, Option<Arc<Record>>)>,
    /// The same for a text.
    pub(crate) text_editor: Option<(RecordKey, Option<Arc<Record>>)>,
}

impl Tab {
    pub(crate) fn open(memory: &Memory, life: u64, random: RandomBits) -> Result<Self, StoreError> {
        let backend = Backend::Memory(memory.clone());
        let opened = now(Store::open(backend, random))?;
        assert_eq!(opened.set_aside, 0, "nothing is damaged");
        let store = opened.store;
        let commits = Rc::new(RefCell::new(Vec::new()));
        let is_hearing = Rc::new(Cell::new(false));
        let (noted, hearing) = (commits.clone(), is_hearing.clone());
        store.subscribe(move |committed| {
            if !hearing.get() {
                noted.borrow_mut().push(committed.clone());
            }
        });
        Ok(Self {
            life,
            engine: Engine::new(store.token().is_some()),
            store,
            leads: false,
            is_live: false,
            is_hint_due: false,
            timer: 0,
            gathering: 0,
            commits,
            is_hearing,
            unheard: 0,
            last_arrival_ms: 0,
            last_lead_ms: 0,
            missed: false,
            editor: None,
            text_editor: None,
        })
    }

    /// Takes in what another tab has committed.
    pub(crate) fn hear(&self, committed: &Committed) {
        self.is_hearing.set(true);
        now(self.store.hear(committed)).expect("a store in memory works");
        self.is_hearing.set(false);
    }

    /// A record as it is shown here.
    pub(crate) fn shown(&self, key: &RecordKey) -> Option<Arc<Record>> {
        self.store.replica().get(key)
    }
}

/// A phone.
pub(crate) struct Device {
    pub(crate) owner: PersonId,
    /// Whether its owner never joins anything.
    pub(crate) is_visitor: bool,
    /// Whether its app is an old one.
    pub(crate) speaks_version_1: bool,
    /// Whether it listens to what the server says by itself.
    pub(crate) listens: bool,
    pub(crate) memory: Memory,
    pub(crate) tabs: [Option<Tab>; TABS],
    /// What to add to the true time to get the phone's.
    pub(crate) skew_ms: i64,
    pub(crate) out_of_reach_until_ms: u64,
    /// The change that each record's last edit travels with.
    pub(crate) last_change: BTreeMap<RecordKey, ChangeId>,
    /// Refused changes whose writer has taken note.
    pub(crate) dismissed: Vec<ChangeId>,
    bits: Rc<RefCell<Random>>,
    /// The random bits that were drawn since somebody looked.
    drawn: Rc<RefCell<Vec<[u8; 10]>>>,
}

impl Device {
    pub(crate) fn new(number: usize, owner: PersonId) -> Self {
        Self {
            owner,
            is_visitor: false,
            speaks_version_1: false,
            listens: false,
            memory: Memory::default(),
            tabs: [None, None],
            skew_ms: 0,
            out_of_reach_until_ms: 0,
            last_change: BTreeMap::new(),
            dismissed: Vec::new(),
            bits: Rc::new(RefCell::new(Random::new(1 + number as u64))),
            drawn: Rc::default(),
        }
    }

    pub(crate) fn phone_ms(&self, now_ms: u64) -> u64 {
        now_ms.saturating_add_signed(self.skew_ms)
    }

    /// The source of random bits that stores of this phone are given.
    pub(crate) fn random(&self) -> RandomBits {
        let (bits, drawn) = (self.bits.clone(), self.drawn.clone());
        Box::new(move || {
            let mut bits = bits.borrow_mut();
            let (high, low) = (bits.bits().to_be_bytes(), bits.bits().to_be_bytes());
            let ten = std::array::from_fn(|place| {
                if place < 8 {
                    high[place]
                } else {
                    low[place - 8]
                }
            });
            drawn.borrow_mut().push(ten);
            ten
        })
    }

    /// The bits drawn since the last call.
    pub(crate) fn take_drawn(&self) -> Vec<[u8; 10]> {
        self.drawn.take()
    }

    /// What somebody would find who opened a tab now. Leaves everything as it is.
    pub(crate) fn on_disk(&self) -> Tab {
        let copy = self.memory.copy();
        let random: RandomBits = Box::new(|| [0; 10]);
        Tab::open(&copy, 0, random).expect("what was committed can be opened")
    }
}
