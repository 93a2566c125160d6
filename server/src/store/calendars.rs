//! What is kept of addresses by which people subscribe to their own agendas.

use keruen_domain::PersonId;

use super::StoreError;
use crate::secrets::SecretHash;

/// What is known of them at one moment.
pub trait ReadCalendars {
    /// Whose address has this secret.
    fn calendar(&self, hash: &SecretHash) -> Result<Option<PersonId>, StoreError>;

    /// When somebody's was made, in milliseconds since 1970 (UTC); `None` if they have none.
    fn calendar_of(&self, person: PersonId) -> Result<Option<u64>, StoreError>;
}

/// Changes of them.
pub trait WriteCalendars: ReadCalendars {
    /// Gives somebody an address with this secret, in the place of the one before.
    fn put_calendar(
        &mut self,
        person: PersonId,
        hash: &SecretHash,
        made_ms: u64,
    ) -> Result<(), StoreError>;

    /// Takes somebody's away, if they have one.
    fn remove_calendar(&mut self, person: PersonId) -> Result<(), StoreError>;
}
