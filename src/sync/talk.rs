//! What tabs tell each other about the exchange. What they tell each other about data is the
//! store's.

use keruen_domain::encoding;
use keruen_domain::sync::SyncStatus;
use serde::{Deserialize, Serialize};

use crate::platform::Channel;

/// A word from one tab to the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Word {
    /// The leader's engine stands so.
    Status(SyncStatus),
    /// A tab has just been opened: how does the engine stand?
    Hello,
    /// Somebody tapped "sync now".
    SyncNow,
}

/// The tabs' channel.
pub(super) struct Talk(Channel);

impl Talk {
    /// Joins; `heard` gets what other tabs say.
    pub(super) fn join(heard: impl Fn(Word) + 'static) -> Self {
        Self(Channel::join("keruen.sync", move |bytes| {
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
