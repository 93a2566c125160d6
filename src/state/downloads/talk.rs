//! What tabs tell each other about downloads.

use keruen_domain::downloads::Speed;
use keruen_domain::encoding;
use serde::{Deserialize, Serialize};

use super::{Coming, QueueStand};
use crate::platform::Channel;

/// A word from one tab to the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Word {
    /// The queue on the disk is another one, or what was chosen: look again.
    Changed,
    /// The leader's downloads stand so.
    Stands {
        stand: QueueStand,
        coming: Option<Coming>,
        bytes_per_second: u64,
    },
    /// A tab has just been opened: how do they stand?
    Hello,
}

impl Word {
    pub(super) fn stands(stand: QueueStand, coming: Option<Coming>, speed: Speed) -> Self {
        Self::Stands {
            stand,
            coming,
            bytes_per_second: speed.bytes_per_second().unwrap_or_default(),
        }
    }
}

/// The tabs' channel.
pub(super) struct Talk(Channel);

impl Talk {
    pub(super) fn join(heard: impl Fn(Word) + 'static) -> Self {
        Self(Channel::join("keruen.downloads", move |bytes| {
            // A tab of another version may say what this one does not know.
            if let Ok(word) = encoding::decode(&bytes) {
                heard(word);
            }
        }))
    }

    pub(super) fn say(&self, word: Word) {
        self.0.send(&encoding::encode(&word));
    }
}
