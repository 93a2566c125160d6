//! Search over everything that is on this phone: opened when it is first asked for, made exact before each answer.
//!
//! - [`found`]: what can be found, and its words.
//! - [`live`]: the index in memory, and what has changed since it was compared with the phone.
//! - [`kept`]: the index from one start of the app to the next.

mod found;
mod kept;
mod live;

use std::cell::RefCell;

use keruen_domain::Collection;
use keruen_search::Options;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use self::kept::Keeping;
use self::live::Live;
use super::AppState;
use crate::platform::{Area, read_value, sleep_ms, write_value};
pub use found::Found;

/// So many records are read in a row before the page may do something else.
const AT_ONCE: usize = 200;
/// The index is kept when nothing was searched or changed for so long.
const QUIET_MS: u32 = 2_000;
/// Where the last searches are kept, a line each.
const RECENT: &str = "keruen.searches";
const MOST_RECENT: usize = 6;
/// What is found of each kind at most.
const MOST_FOUND: usize = 60;

/// The collections that are searched, in the order in which what is found is shown.
const SEARCHED: [Collection; 6] = [
    Collection::SESSION,
    Collection::MATERIAL,
    Collection::NOTE,
    Collection::PERSON,
    Collection::EVENT,
    Collection::PROGRAMME,
];

/// What was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// The best first.
    pub found: Vec<Found>,
    /// How many of each kind there are, whatever kinds were asked for; none of which there is none.
    pub totals: Vec<(Collection, usize)>,
    /// Nothing has all words: these have some.
    pub is_partial: bool,
}

thread_local! {
    /// That of the page: the state cannot hold it, which is made by the first part of the program.
    static OF_PAGE: RefCell<Search> = RefCell::default();
}

/// How far the search of this page is.
#[derive(Default)]
struct Search {
    stage: Stage,
    live: Live,
    keeping: Keeping,
    /// Grows with each search.
    searches: u32,
    /// Whether somebody waits for quiet, to keep the index.
    is_to_be_kept: bool,
}

#[derive(Default)]
enum Stage {
    /// Nobody has searched.
    #[default]
    Unasked,
    /// The index is being opened, or made; these are told when it is there.
    Opening(Vec<RwSignal<bool>>),
    /// It is there.
    Open,
}

impl AppState {
    /// Opens the index, or makes it, a little at a time; `is_ready` becomes true then.
    pub async fn prepare_search(self, is_ready: RwSignal<bool>) {
        let is_first = OF_PAGE.with_borrow_mut(|search| match &mut search.stage {
            Stage::Unasked => {
                search.stage = Stage::Opening(vec![is_ready]);
                true
            }
            Stage::Opening(waiting) => {
                waiting.push(is_ready);
                false
            }
            Stage::Open => {
                is_ready.try_set(true);
                false
            }
        });
        if !is_first {
            return;
        }
        let store = self.store();
        let (keeping, live) = Keeping::open(&store).await;
        OF_PAGE.with_borrow_mut(|search| {
            search.keeping = keeping;
            search.live = live;
        });
        // What was committed until now is compared like all the rest.
        store.subscribe(|committed| {
            OF_PAGE.with_borrow_mut(|search| search.live.hear(committed));
        });
        while !self.catch_up(AT_ONCE) {
            sleep_ms(0).await;
        }
        let opened = |search: &mut Search| std::mem::replace(&mut search.stage, Stage::Open);
        if let Stage::Opening(waiting) = OF_PAGE.with_borrow_mut(opened) {
            for is_ready in waiting {
                is_ready.try_set(true);
            }
        }
        self.keep_when_quiet();
    }

    /// Brings the index up to what is on the phone now, of which no more than so many records are read; whether it is
    /// up to that.
    fn catch_up(self, most_read: usize) -> bool {
        let store = self.store();
        let replica = store.replica();
        OF_PAGE.with_borrow_mut(|search| search.live.catch_up(&replica, most_read))
    }

    /// Keeps the index as soon as nothing was searched or changed for a while, if it is to be kept otherwise than it is.
    fn keep_when_quiet(self) {
        let is_due = |search: &mut Search| {
            let is_due = search.live.is_changed && !search.is_to_be_kept;
            search.is_to_be_kept |= is_due;
            is_due
        };
        if OF_PAGE.with_borrow_mut(is_due) {
            spawn_local(async move {
                let searches = || OF_PAGE.with_borrow(|search| search.searches);
                let mut before = searches();
                loop {
                    sleep_ms(QUIET_MS).await;
                    let now = searches();
                    if std::mem::replace(&mut before, now) == now {
                        break;
                    }
                }
                self.keep().await;
            });
        }
    }

    async fn keep(self) {
        let due = OF_PAGE.with_borrow_mut(|search| {
            search.is_to_be_kept = false;
            search.keeping.due(&mut search.live)
        });
        if let Some(due) = due {
            let is_written = Keeping::write(&self.store(), &due).await;
            OF_PAGE.with_borrow_mut(|search| search.keeping.note(&due, is_written));
        }
    }

    /// Finds what answers the query, of one collection or of all. Whoever follows this searches again when something
    /// of it changes.
    pub fn search(&self, query: &str, only: Option<Collection>) -> Findings {
        self.track(&SEARCHED);
        self.catch_up(usize::MAX);
        let only = only.map(|collection| [kind_of(collection)]);
        let text_of = |key: &[u8]| {
            self.found(key)
                .map(|found| found.text(&self.store().replica()))
        };
        let options = Options {
            kinds: only.as_ref().map(<[u8; 1]>::as_slice),
            limit: MOST_FOUND,
            text_of: Some(&text_of),
        };
        let results = OF_PAGE.with_borrow(|search| search.live.index.search(query, &options));
        OF_PAGE.with_borrow_mut(|search| search.searches = search.searches.wrapping_add(1));
        self.keep_when_quiet();
        let found = results.hits.iter().filter_map(|hit| self.found(&hit.key));
        let totals = SEARCHED.into_iter().filter_map(|collection| {
            let total = results.totals.get(&kind_of(collection)).copied();
            Some((collection, total.filter(|total| *total > 0)?))
        });
        Findings {
            found: found.collect(),
            totals: totals.collect(),
            is_partial: results.is_partial,
        }
    }

    fn found(&self, key: &[u8]) -> Option<Found> {
        let (kind, id) = live::read(key)?;
        let collection = *SEARCHED.get(usize::from(kind))?;
        Found::at(&self.store().replica(), collection, id)
    }

    /// What was searched for lately, the last first.
    pub fn recent_searches(&self) -> Vec<String> {
        let kept = read_value(Area::Lasting, RECENT).unwrap_or_default();
        kept.lines().map(str::to_owned).collect()
    }

    /// Remembers a search that led somewhere.
    pub fn remember_search(&self, query: &str) {
        let query = query.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut recent = self.recent_searches();
        recent.retain(|known| *known != query);
        recent.insert(0, query);
        recent.truncate(MOST_RECENT);
        write_value(Area::Lasting, RECENT, &recent.join("\n"));
    }
}

fn kind_of(collection: Collection) -> u8 {
    let place = SEARCHED.iter().position(|of| *of == collection);
    place.map_or(u8::MAX, |place| place as u8)
}
