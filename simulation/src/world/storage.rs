//! What pages do with their storage, and what goes wrong inside of it.

use keruen_app::store::{Fate, Kept, Moment, Store, StoreError};
use keruen_domain::protocol::v2::RereadReason;
use keruen_domain::sync::{ChunkName, Event, FetchFailure, SaveFailure, SavePlan};
use keruen_domain::{ContentHash, ScopeId};

use super::{Happening, Spot, World};
use crate::device::Tab;
use crate::hardship::Trouble;
use crate::now::now;
use crate::people;

/// What came of something that was asked of a store.
pub(crate) enum Came<T> {
    /// It was done, or it failed and the page knows.
    Back(Result<T, StoreError>),
    /// The page died; whether what it committed is there.
    Died { is_done: bool },
}

impl World {
    /// Does something with the store of a page, which may go wrong when times are bad.
    pub(crate) fn with_store<T>(
        &mut self,
        spot: Spot,
        may_die: bool,
        work: impl AsyncFnOnce(&Store) -> Result<T, StoreError>,
    ) -> Option<Came<T>> {
        let fate = self.choose_fate(may_die);
        let store = self.tab(spot)?.store.clone();
        let memory = &self.devices[spot.device].memory;
        if let Some(fate) = &fate {
            let moments = self.hardship.random.below(24) as u32;
            memory.trial().arm(moments, fate.clone());
        }
        let result = now(work(&store));
        let met = self.devices[spot.device].memory.trial().disarm();
        let (Some(moment), Some(fate)) = (met, fate) else {
            return Some(Came::Back(result));
        };
        if matches!(fate, Fate::Fails(_)) {
            return Some(Came::Back(result));
        }
        self.told.count("died in a transaction");
        let is_done = moment == Moment::Commit && fate == Fate::DiesAfter;
        if is_done {
            for other in self.spots(spot.device) {
                if let Some(tab) = self.tab(other) {
                    tab.missed = true;
                }
            }
        }
        // It told of each commit as soon as that was done.
        self.tell_others(spot);
        self.kill(spot, "tab died");
        Some(Came::Died { is_done })
    }

    fn choose_fate(&mut self, may_die: bool) -> Option<Fate> {
        if !self.hardship.strikes(Trouble::Storage, 25) {
            return None;
        }
        let kinds = if may_die { 5 } else { 3 };
        Some(match self.hardship.random.below(kinds) {
            0 => Fate::Fails(StoreError::Full),
            1 => Fate::Fails(StoreError::Closed),
            2 => Fate::Fails(StoreError::Failed("AbortError".to_owned())),
            3 => Fate::DiesBefore,
            _ => Fate::DiesAfter,
        })
    }

    /// Opens a page where none is.
    pub(crate) fn open(&mut self, device: usize, tab: usize) {
        if self.devices[device].tabs[tab].is_some() {
            return;
        }
        self.serial += 1;
        let life = self.serial;
        let fate = self.choose_fate(true);
        let phone = &self.devices[device];
        if let Some(fate) = fate {
            let moments = self.hardship.random.below(20) as u32;
            phone.memory.trial().arm(moments, fate);
        }
        let opened = Tab::open(&phone.memory, life, phone.random());
        let met = phone.memory.trial().disarm();
        match (opened, met) {
            (Ok(opened), None) => {
                self.devices[device].tabs[tab] = Some(opened);
                let leader = self.leader(device).unwrap_or(tab);
                self.lead(device, leader);
            }
            (opened, met) => {
                assert!(met.is_some(), "a healthy store opens: {:?}", opened.err());
                self.told.count("reading failed");
                self.soon(3_000, Happening::Open { device, tab });
            }
        }
    }

    pub(super) fn read(&mut self, spot: Spot, exchange: u64, max_changes: usize, knows_time: bool) {
        let came = self.with_store(spot, true, async |store| {
            store.outgoing(max_changes, knows_time).await
        });
        if let Some(Came::Back(result)) = came {
            if result.is_err() {
                self.told.count("reading failed");
            }
            let outgoing = result.map_err(SaveFailure::from);
            self.soon(
                10,
                Happening::Tell(spot, Event::Read { exchange, outgoing }),
            );
        }
    }

    /// A page moves single records into sealed pages, however few.
    pub(crate) fn compact(&mut self, spot: Spot) {
        for scope in people::scopes() {
            let came = self.with_store(spot, true, async |store| store.compact_a_step(scope).await);
            if let Some(Came::Back(Ok(_))) = came {
                self.told.count("rows moved into pages");
                self.publish(spot);
            }
        }
    }

    /// A device sums up what it holds.
    pub(super) fn sum_up(&mut self, spot: Spot, exchange: u64) {
        let came = self.with_store(spot, true, async |store| store.sum_up(async || {}).await);
        if let Some(Came::Back(result)) = came {
            let sums = result.unwrap_or_default();
            self.told.add_times("scope summed up", sums.len() as u64);
            self.soon(10, Happening::Tell(spot, Event::Summed { exchange, sums }));
        }
    }

    /// A chunk of a snapshot is fetched and kept.
    pub(super) fn fetch(&mut self, spot: Spot, exchange: u64, chunk: ChunkName) {
        let result = self.fetch_chunk(spot, chunk);
        if let Some(result) = result {
            self.publish(spot);
            let event = Event::Fetched {
                exchange,
                chunk,
                result,
            };
            self.soon(200, Happening::Tell(spot, event));
        }
    }

    fn fetch_chunk(&mut self, spot: Spot, chunk: ChunkName) -> Option<Result<(), FetchFailure>> {
        let lost = [
            Trouble::RequestsLost,
            Trouble::AnswersLost,
            Trouble::ServerBusy,
        ];
        if lost
            .into_iter()
            .any(|trouble| self.hardship.strikes(trouble, 25))
        {
            self.told.count("chunk lost");
            return Some(Err(FetchFailure::Unreachable));
        }
        let token = self.tab(spot)?.store.token();
        let Some(mut bytes) = self.server.chunk(token.as_deref(), chunk) else {
            return self.chunk_is_not_there(spot, chunk);
        };
        if self.hardship.strikes(Trouble::Spoilt, 15) {
            self.told.count("chunk cut");
            bytes.truncate(bytes.len() / 2);
        }
        if ContentHash::of(&bytes) != chunk.sha256 {
            return self.chunk_is_not_there(spot, chunk);
        }
        match self.with_store(spot, true, async |store| {
            store.keep_chunks(vec![(chunk, bytes)]).await
        })? {
            Came::Back(Ok(kept)) if kept == [Kept::Kept] => {
                self.told.count("chunk kept");
                Some(Ok(()))
            }
            Came::Back(Ok(_)) => self.chunk_is_not_there(spot, chunk),
            Came::Back(Err(_)) => Some(Err(FetchFailure::CannotSave)),
            Came::Died { .. } => None,
        }
    }

    fn chunk_is_not_there(
        &mut self,
        spot: Spot,
        chunk: ChunkName,
    ) -> Option<Result<(), FetchFailure>> {
        self.told.count("chunk not there");
        match self.with_store(spot, true, async |store| store.forget_snapshot(chunk).await)? {
            Came::Back(Ok(())) => Some(Err(FetchFailure::NotThere)),
            Came::Back(Err(_)) => Some(Err(FetchFailure::CannotSave)),
            Came::Died { .. } => None,
        }
    }

    pub(super) fn save(&mut self, spot: Spot, exchange: u64, plan: SavePlan) {
        let plan = now(plan.with_chunks(async |bytes| Some(ContentHash::of(bytes))));
        for reread in &plan.reread {
            self.told.count(match reread.reason {
                RereadReason::OtherHistory => "read anew: other history",
                RereadReason::TooOld => "read anew: too old",
                RereadReason::Diverged => "read anew: diverged",
            });
            assert!(
                reread.reason != RereadReason::Diverged || self.may_have_diverged(),
                "sums differ only where something was lost"
            );
        }
        let phone_ms = self.devices[spot.device].phone_ms(self.now_ms);
        if !plan.revoked.is_empty() {
            self.told.count("scope revoked");
        }
        for snapshot in &plan.snapshots {
            let place = (spot.device, snapshot.scope);
            self.begun_with.insert(place, snapshot.cursor);
        }
        let gone = plan.reread.iter().map(|reread| reread.scope);
        let gone: Vec<ScopeId> = gone.chain(plan.revoked.iter().copied()).collect();
        let came = self.with_store(spot, true, async |store| store.save(plan, phone_ms).await);
        if let Some(Came::Back(result)) = came {
            match &result {
                Ok(()) => {
                    for scope in gone {
                        self.begun_with.remove(&(spot.device, scope));
                    }
                }
                Err(StoreError::Outdated) => self.told.count("answer about another place"),
                Err(_) => self.told.count("saving failed"),
            }
            let result = result.map_err(SaveFailure::from);
            self.publish(spot);
            self.soon(10, Happening::Tell(spot, Event::Saved { exchange, result }));
        }
    }
}
