//! Who is sending a file at the moment. Whoever comes later is the one who counts: the connection before
//! may be dead without anybody knowing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedMutexGuard, watch};

use crate::store::UploadId;

#[derive(Default)]
pub(super) struct Seats(Arc<Mutex<HashMap<UploadId, Arc<OneSeat>>>>);

struct OneSeat {
    taken: Arc<tokio::sync::Mutex<()>>,
    /// How many have come for it.
    comers: watch::Sender<u64>,
}

/// The right to work on a file on its way, until this is dropped.
pub(super) struct Seat {
    id: UploadId,
    own_number: u64,
    comers: watch::Receiver<u64>,
    seats: Arc<Mutex<HashMap<UploadId, Arc<OneSeat>>>>,
    taken: Option<OwnedMutexGuard<()>>,
}

impl Seats {
    /// Asks whoever has it to leave, and waits until they have.
    pub(super) async fn take(&self, id: UploadId) -> Seat {
        let (mut seat, lock) = {
            // The list is whole whatever a panicking thread did elsewhere.
            let mut seats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let one = seats.entry(id).or_insert_with(|| {
                Arc::new(OneSeat {
                    taken: Arc::default(),
                    comers: watch::Sender::new(0),
                })
            });
            one.comers.send_modify(|comers| *comers += 1);
            let seat = Seat {
                id,
                own_number: *one.comers.borrow(),
                comers: one.comers.subscribe(),
                seats: self.0.clone(),
                taken: None,
            };
            (seat, one.taken.clone())
        };
        seat.taken = Some(lock.lock_owned().await);
        seat
    }
}

impl Seat {
    /// Ends when somebody else has come for it.
    pub(super) async fn wanted(&mut self) {
        let own_number = self.own_number;
        // It ends too when there is nobody to come any more, which does not happen while this lives.
        let _ = self.comers.wait_for(|last| *last > own_number).await;
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        self.taken = None;
        let is_last = seats
            .get(&self.id)
            .is_some_and(|one| one.comers.receiver_count() == 1);
        if is_last {
            seats.remove(&self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_last_comer_gets_it_and_nothing_is_left_behind() {
        let seats = Seats::default();
        let id = UploadId([1; 16]);
        let mut first = seats.take(id).await;
        let (_second, third) = tokio::join!(
            async {
                first.wanted().await;
                drop(first);
            },
            seats.take(id)
        );
        drop(third);
        // Whoever came before the seat was free leaves at once for who came after them.
        let held = seats.take(id).await;
        let (early, late) = (seats.take(id), seats.take(id));
        let ((), ()) = tokio::join!(
            async {
                let mut early = early.await;
                early.wanted().await;
            },
            async {
                let late = async {
                    drop(late.await);
                };
                tokio::join!(late, async { drop(held) });
            }
        );
        assert!(seats.0.lock().unwrap().is_empty());
    }
}
