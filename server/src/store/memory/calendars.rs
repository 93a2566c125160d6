//! Addresses of people's own agendas in memory.

use keruen_domain::PersonId;

use super::View;
use crate::secrets::SecretHash;
use crate::store::StoreError;
use crate::store::calendars::{ReadCalendars, WriteCalendars};

impl ReadCalendars for View<'_> {
    fn calendar(&self, hash: &SecretHash) -> Result<Option<PersonId>, StoreError> {
        let mut calendars = self.data.people.calendars.iter();
        let found = calendars.find(|(_, (known, _))| known == hash);
        Ok(found.map(|(person, _)| *person))
    }

    fn calendar_of(&self, person: PersonId) -> Result<Option<u64>, StoreError> {
        let found = self.data.people.calendars.get(&person);
        Ok(found.map(|(_, made_ms)| *made_ms))
    }
}

impl WriteCalendars for View<'_> {
    fn put_calendar(
        &mut self,
        person: PersonId,
        hash: &SecretHash,
        made_ms: u64,
    ) -> Result<(), StoreError> {
        self.people().calendars.insert(person, (*hash, made_ms));
        Ok(())
    }

    fn remove_calendar(&mut self, person: PersonId) -> Result<(), StoreError> {
        self.people().calendars.remove(&person);
        Ok(())
    }
}
