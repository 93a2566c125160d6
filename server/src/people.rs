//! Who belongs to a programme and with which devices: what is decided beside the exchange.
//!
//! ```text
//!  invitation ──join──► person + membership + token, their card among the programme's records
//!  link, code ──add───► another token of the same person
//! ```
//!
//! Each function works within one transaction and refuses before it writes anything.

mod cards;
mod devices;
mod groups;
mod invitations;
mod joining;
mod members;
mod persons;

use keruen_domain::{Collection, PersonId, ProgrammeId, Record, RecordKey, Role, ScopeId};

pub use cards::{valid_card, valid_text};
pub use devices::{
    Devices, add_device, make_link, make_recovery_code, me, revoke_device, take_back,
};
pub use groups::{add_to_group, groups, leave_group, new_group, writers};
pub use invitations::{face, invitations, invite, invite_to, revoke_invitation, shown};
pub use joining::{Newcomer, is_token, join};
pub use members::{change_role, leave, members};
pub use persons::{cards, erase, rename};

use crate::exchange::Asker;
use crate::store::{ReadTransaction, StoreError, WriteTransaction};

/// Why something was not done. Nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// There is no such thing, or its secret cannot be used (any more).
    NotFound,
    /// It takes a token, or this one is not believed any more.
    NotAuthorised,
    /// The asker's role does not allow it.
    NotAllowed,
    /// They were taken out of the programme after this invitation was made.
    TakenOut,
    /// The question contradicts itself or a limit.
    Malformed,
    /// The programme would be without an organiser.
    LastOrganiser,
    /// The person has as many devices as they may.
    TooManyDevices,
    /// The programme has as many invitations as it may.
    TooManyInvitations,
    /// The person has as many shares as they may.
    TooManyShares,
    /// The programme has as many groups as it may.
    TooManyGroups,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Failed {
    /// It was not to be.
    Denied(Denial),
    /// The store.
    Store(StoreError),
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Denial> for Failed {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

/// For work within a transaction, which a denial does not undo: nothing was written.
pub fn settled<T>(result: Result<T, Failed>) -> Result<Result<T, Denial>, StoreError> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(Failed::Denied(denial)) => {
            tracing::info!(?denial, "a question of people was denied");
            Ok(Err(denial))
        }
        Err(Failed::Store(error)) => Err(error),
    }
}

/// Whether what this role may do includes what the other may.
const fn includes(role: Role, other: Role) -> bool {
    rank(role) >= rank(other)
}

const fn rank(role: Role) -> u8 {
    match role {
        Role::Organiser => 2,
        Role::Trainer => 1,
        Role::Participant => 0,
    }
}

/// Somebody with at least this role in the programme.
pub(crate) fn with_role(
    transaction: &dyn ReadTransaction,
    asker: &Asker,
    programme: ProgrammeId,
    least: Role,
) -> Result<PersonId, Failed> {
    let person = asker.person.ok_or(Denial::NotAuthorised)?;
    let role = asker.actor(transaction)?.role_in(programme);
    match role {
        Some(role) if includes(role, least) => Ok(person),
        _ => Err(Denial::NotAllowed.into()),
    }
}

/// The programme's own record, if the programme is there.
pub fn programme_record(
    transaction: &dyn ReadTransaction,
    programme: ProgrammeId,
) -> Result<Option<Record>, StoreError> {
    let key = RecordKey {
        scope: ScopeId::Programme(programme),
        collection: Collection::PROGRAMME,
        id: programme.into(),
    };
    let row = transaction.row(&key)?;
    Ok(row
        .map(|row| row.record)
        .filter(|record| !record.is_deleted()))
}

/// Work that changes something.
type Writing<'a> = &'a mut dyn WriteTransaction;
