//! Keeps the index from one start of the app to the next: opened when somebody first searches, written when it has been
//! quiet after it was changed.
//!
//! What is opened is as old as it may be: it is compared with the phone before anything is found by it. So nothing
//! depends on whether it could be written, by which tab, or when.

use keruen_search::Index;

use super::live::Live;
use crate::store::{KeptIndex, Store};

/// How words are made of records: one more with every change of that, so that what an earlier version of the app kept
/// is made anew. How words are folded is in the bytes of the index itself.
pub(super) const WORDS: u8 = 1;

/// What is known of the kept index.
#[derive(Default)]
pub(super) struct Keeping {
    /// Whether the changes in memory are changes of what was kept as a whole.
    is_base_kept: bool,
}

/// What is to be written.
pub(super) enum Due {
    /// All of it.
    Whole(Vec<u8>),
    /// The changes since then.
    Changes(Vec<u8>),
}

impl Keeping {
    /// The index that was kept, or an empty one.
    pub(super) async fn open(store: &Store) -> (Self, Live) {
        // What cannot be read is made anew.
        let KeptIndex { sealed, changes } = store.kept_index().await.unwrap_or_default();
        let Some(mut index) = sealed.and_then(|sealed| Index::open(unsealed(sealed)?).ok()) else {
            return (Self::default(), Live::of(Index::new()));
        };
        let changes = changes.map(|changes| {
            let changes = unsealed(changes)?;
            index.open_changes(&changes).ok()
        });
        let mut live = Live::of(index);
        // Changes that are none of this index are worth nothing.
        live.is_changed = changes == Some(None);
        (Self { is_base_kept: true }, live)
    }

    /// What is to be written so that the index is kept as it is now, if anything.
    pub(super) fn due(&self, live: &mut Live) -> Option<Due> {
        if !std::mem::take(&mut live.is_changed) {
            return None;
        }
        Some(if self.is_base_kept && !live.index.wants_sealing() {
            Due::Changes(sealed(&live.index.seal_changes()))
        } else {
            Due::Whole(sealed(live.index.seal()))
        })
    }

    /// Writes it. Where that fails, as on a full phone, what was kept before is compared at the next start.
    pub(super) async fn write(store: &Store, due: &Due) -> bool {
        let written = match due {
            Due::Whole(bytes) => store.keep_index(bytes).await,
            Due::Changes(bytes) => store.keep_index_changes(bytes).await,
        };
        written.is_ok()
    }

    /// Remembers how that went.
    pub(super) const fn note(&mut self, due: &Due, is_written: bool) {
        if matches!(due, Due::Whole(_)) {
            self.is_base_kept = is_written;
        }
    }
}

fn sealed(bytes: &[u8]) -> Vec<u8> {
    let mut all = Vec::with_capacity(bytes.len() + 1);
    all.push(WORDS);
    all.extend_from_slice(bytes);
    all
}

fn unsealed(mut bytes: Vec<u8>) -> Option<Vec<u8>> {
    if bytes.first() != Some(&WORDS) {
        return None;
    }
    bytes.remove(0);
    Some(bytes)
}
