//! Which phones have what the next days of their programme need, as they tell.
//!
//! It is kept in memory only, is in no backup, and goes with the last of those days: phones tell it again twice a
//! day while they are online, so that a restart is made good.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use keruen_domain::protocol::people::TokenId;
use keruen_domain::protocol::readiness::{PhonesReady, TellReady, limits};
use keruen_domain::{PersonId, ProgrammeId, Role};

use crate::exchange::Asker;
use crate::people::{Failed, with_role};
use crate::store::{ReadTransaction, StoreError};

/// What a phone told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    person: PersonId,
    is_ready: bool,
    until_ms: u64,
}

/// What all told, by programme and token.
#[derive(Default)]
pub struct Readiness {
    told: Mutex<BTreeMap<(ProgrammeId, u64), Told>>,
}

impl Readiness {
    /// Notes what a phone of this person tells, in the place of what it told before.
    pub fn note(&self, token: TokenId, person: PersonId, told: &TellReady, now_ms: u64) {
        let mut all = self.told();
        all.retain(|_, told| told.until_ms > now_ms);
        let place = (told.programme, token.0);
        let until_ms = told.until_ms.min(now_ms + limits::MOST_AHEAD_MS);
        if until_ms > now_ms {
            let told = Told {
                person,
                is_ready: told.is_ready,
                until_ms,
            };
            all.insert(place, told);
        } else {
            all.remove(&place);
        }
    }

    /// What matters still of what was told for a programme.
    pub fn told_for(&self, programme: ProgrammeId, now_ms: u64) -> Vec<(TokenId, Told)> {
        let all = self.told();
        let of_it = all.range((programme, 0)..=(programme, u64::MAX));
        of_it
            .filter(|(_, told)| told.until_ms > now_ms)
            .map(|((_, token), told)| (TokenId(*token), *told))
            .collect()
    }

    fn told(&self) -> MutexGuard<'_, BTreeMap<(ProgrammeId, u64), Told>> {
        // The list is whole whatever a panicking thread did elsewhere.
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Fails unless the asker may tell of their phone: they belong to the programme.
pub fn may_tell(
    transaction: &dyn ReadTransaction,
    asker: &Asker,
    programme: ProgrammeId,
) -> Result<PersonId, Failed> {
    with_role(transaction, asker, programme, Role::Participant)
}

/// Counts the phones of a programme, for its trainers and organisers. What was told by who has left, or with a
/// token that was taken back, does not count.
pub fn count(
    transaction: &dyn ReadTransaction,
    asker: &Asker,
    programme: ProgrammeId,
    told: &[(TokenId, Told)],
) -> Result<PhonesReady, Failed> {
    with_role(transaction, asker, programme, Role::Trainer)?;
    let members = transaction.members(programme)?;
    let counts = |token: TokenId, told: &Told| -> Result<bool, StoreError> {
        let tokens = transaction.tokens(told.person)?;
        let is_known = tokens.iter().any(|of| of.id == token && !of.is_revoked);
        Ok(is_known && members.iter().any(|member| member.person == told.person))
    };
    let (mut phones, mut ready) = (0, 0);
    for (token, told) in told {
        if counts(*token, told)? {
            phones += 1;
            ready += u32::from(told.is_ready);
        }
    }
    Ok(PhonesReady {
        phones,
        ready: (phones >= limits::LEAST_PHONES).then_some(ready),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: u64 = 1_747_000_000_000;

    fn programme(number: u64) -> ProgrammeId {
        ProgrammeId::new(number, [1; 10])
    }

    fn note(all: &Readiness, token: u64, number: u64, is_ready: bool, until_ms: u64, now_ms: u64) {
        let told = TellReady {
            programme: programme(number),
            is_ready,
            until_ms,
        };
        let person = PersonId::new(token, [2; 10]);
        all.note(TokenId(token), person, &told, now_ms);
    }

    #[test]
    fn what_was_told_last_counts_until_its_days_are_over() {
        let all = Readiness::default();
        let told = |number, now_ms| -> Vec<(u64, bool)> {
            let told = all.told_for(programme(number), now_ms);
            told.iter()
                .map(|(token, told)| (token.0, told.is_ready))
                .collect()
        };
        note(&all, 1, 1, false, NOW_MS + 10, NOW_MS);
        note(&all, 1, 1, true, NOW_MS + 10, NOW_MS);
        note(&all, 2, 1, false, NOW_MS + 20, NOW_MS);
        note(&all, 1, 2, true, u64::MAX, NOW_MS);
        note(&all, 3, 1, true, NOW_MS, NOW_MS);
        assert_eq!(told(1, NOW_MS), [(1, true), (2, false)]);
        assert_eq!(told(1, NOW_MS + 10), [(2, false)]);
        assert_eq!(told(2, NOW_MS + 10), [(1, true)]);
        assert_eq!(told(2, NOW_MS + limits::MOST_AHEAD_MS), []);
        // That it does not matter any more can be told, too.
        note(&all, 2, 1, true, 0, NOW_MS);
        assert_eq!(told(1, NOW_MS), [(1, true)]);
        // And what is over takes no memory.
        note(&all, 4, 4, true, NOW_MS + 50, NOW_MS + 30);
        assert_eq!(all.told().len(), 2);
    }
}
