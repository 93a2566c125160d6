//! Packs: giving a programme from phone to phone, and taking one. No server is needed for either.
//!
//! What is made and read here goes piece by piece: a pack may hold hundreds of megabytes, and the page never does.

mod making;
mod opening;

use keruen_domain::ScopeId;
use keruen_domain::model::View;
use keruen_formats::pack::Damage;

pub use self::making::MadePack;
pub use self::opening::OpenedPack;
use super::AppState;
use super::archive::NotArchived;
use crate::platform::now_ms;
use crate::store::{ReceivedPack, StoreError};

/// Why a pack was not made or not taken. Nothing was changed by one that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PackTrouble {
    /// It is not what it should be.
    Damaged(Damage),
    /// The browser cannot read the file, or it changed while it was read.
    Unreadable,
    /// More than a pack may hold is to go into it.
    TooLarge,
    /// There is no room for its files: so many bytes are left to files.
    NoRoom(u64),
    /// This device could not read or keep something.
    Store(StoreError),
}

impl From<Damage> for PackTrouble {
    fn from(damage: Damage) -> Self {
        Self::Damaged(damage)
    }
}

impl From<NotArchived> for PackTrouble {
    fn from(trouble: NotArchived) -> Self {
        match trouble {
            NotArchived::Unreadable => Self::Unreadable,
            NotArchived::TooLarge => Self::TooLarge,
            NotArchived::Store(error) => Self::Store(error),
        }
    }
}

impl From<StoreError> for PackTrouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl AppState {
    /// What came by packs and was not said by the server.
    pub async fn received_packs(&self) -> Vec<ReceivedPack> {
        let store = self.store();
        // What the server has said by now needs no mention.
        let _ = store.tidy_received(now_ms()).await;
        store.received_packs().await.unwrap_or_default()
    }

    /// Removes what packs said of a programme.
    pub async fn remove_received(&self, scope: ScopeId) {
        if let Err(error) = self.store().remove_received(scope).await {
            self.not_saved(&error);
        }
    }

    /// Whether what is shown of a record came by a pack, at least in part.
    pub fn is_received<V: View>(&self, of: &V) -> bool {
        self.store().replica().received(&of.record().key).is_some()
    }
}
