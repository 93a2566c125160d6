//! Mistakes that can be made on purpose, to see that the simulation catches each of them.
//!
//! Without the feature `mutations` none is ever made, and nothing of this is in a program: `is` is
//! then known to be false when the program is built. Only the simulation has the feature.

macro_rules! mutations {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {
        /// A mistake.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Mutation {
            $($(#[$meta])* $name,)+
        }

        impl Mutation {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];
        }
    };
}

mutations! {
    /// The outbox forgets what was read for sending.
    DropWhenRead,
    /// The outbox forgets a change before the list of refused ones has it.
    RefusedInTwoSteps,
    /// The cursors move before the records are saved.
    CursorsFirst,
    /// Of an answer's records only the first half is saved.
    HalfAPage,
    /// All pages of a scope have one key.
    OnePageKey,
    /// A change that was read for sending may still grow.
    NotFrozen,
    /// An edit joins a change that was sent.
    JoinsSentChange,
    /// Changes share an identifier.
    ReusedChangeId,
    /// A change gets another identifier each time it is sent.
    NewIdWhenSent,
    /// A refused change counts as arrived.
    RefusedIsForgotten,
    /// A change that was not understood counts as arrived.
    NotUnderstoodIsForgotten,
    /// A refused change is still shown as if it stood.
    RefusedStaysShown,
    /// The device forgets what the server has acknowledged.
    AcknowledgedIsForgotten,
    /// The token is not written down.
    TokenNotKept,
    /// A page that lost the lead goes on.
    LeadKept,
    /// An edit and its place in the outbox are written in two steps.
    EditInTwoSteps,
    /// An edit may be lost with the power.
    EditNotOnDisk,
    /// An edit does not hold what another page wrote meanwhile.
    NotBeside,
    /// An edit does not look at what another page wrote meanwhile.
    BlindToOtherPages,
    /// Rows of a scope that may not be read any more stay.
    RevokedStays,
    /// What arrives last counts.
    LastArrivalCounts,
    /// Of versions that were made at the same time only one is kept.
    OnlyOneVersionKept,
    /// What was replaced is not remembered.
    ReplacedIsForgotten,
    /// The server forgets that a record was deleted when it is edited.
    DeletionIsForgotten,
    /// The server skips a row where a page ends.
    SkipsAtPageEnd,
    /// The server shows scopes to those who may not read them.
    ShowsEverything,
    /// The server takes what its sender may not write.
    TakesEverything,
    /// The server merges only the first change of a request.
    OnlyFirstChange,
    /// The server refuses what it has accepted before.
    RefusesRepeated,
    /// The server takes every row that a request wrote for known to its sender.
    EverythingIsEcho,
    /// The server does not look at the sums of what devices hold.
    SumsIgnored,
    /// The server does not say that deletions were forgotten which a device may have missed, nor does
    /// it look at sums, which would find them.
    TooOldNotSaid,
    /// The server takes cursors of another history for its own.
    OtherHistoryNotSaid,
    /// What a server that was put back does not know is not offered to it.
    LostNotOffered,
    /// A piece of a text is gone on in although another version of it exists.
    GoesOnInAnyPiece,
}

#[cfg(feature = "mutations")]
thread_local! {
    static MADE: std::cell::Cell<Option<Mutation>> = const { std::cell::Cell::new(None) };
}

/// From now on this mistake, or none, is made on this thread.
#[cfg(feature = "mutations")]
pub fn make(mutation: Option<Mutation>) {
    MADE.set(mutation);
}

/// Whether this mistake is to be made.
#[cfg(feature = "mutations")]
#[inline]
pub fn is(mutation: Mutation) -> bool {
    MADE.get() == Some(mutation)
}

/// Whether this mistake is to be made: never.
#[cfg(not(feature = "mutations"))]
#[inline(always)]
pub const fn is(_mutation: Mutation) -> bool {
    false
}
