//! Shares in memory.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use keruen_domain::{Collection, PersonId, Record, ScopeId, ShareId};

use super::{Undo, View};
use crate::secrets::SecretHash;
use crate::store::{KeptShare, ReadShares, StoreError, WriteShares};

/// All shares, each with the hash of its secret.
pub(super) type Shares = BTreeMap<ShareId, (SecretHash, KeptShare)>;

impl View<'_> {
    fn shares_to_change(&mut self) -> &mut Shares {
        self.undo.push(Undo::Shares(self.data.shares.clone()));
        Arc::make_mut(&mut self.change().shares)
    }

    pub(super) fn forget_shares(&mut self, maker: PersonId) {
        let shares = self.shares_to_change();
        shares.retain(|_, (_, share)| share.made_by != maker);
    }
}

impl ReadShares for View<'_> {
    fn share(&self, hash: &SecretHash) -> Result<Option<KeptShare>, StoreError> {
        let mut shares = self.data.shares.values();
        let found = shares.find(|(known, _)| known == hash);
        Ok(found.map(|(_, share)| share.clone()))
    }

    fn share_named(&self, id: ShareId) -> Result<Option<KeptShare>, StoreError> {
        let found = self.data.shares.get(&id);
        Ok(found.map(|(_, share)| share.clone()))
    }

    fn shares(&self, maker: PersonId) -> Result<Vec<KeptShare>, StoreError> {
        let shares = self.data.shares.values().map(|(_, share)| share);
        let mut shares: Vec<KeptShare> = shares
            .filter(|share| share.made_by == maker)
            .cloned()
            .collect();
        shares.sort_by_key(|share| Reverse((share.made_ms, share.id)));
        Ok(shares)
    }

    fn collection(
        &self,
        scope: ScopeId,
        collection: Collection,
    ) -> Result<Vec<Record>, StoreError> {
        let rows = self.data.scopes.get(&scope).map(|held| held.rows.values());
        let records = rows.into_iter().flatten().map(|held| &held.row.record);
        Ok(records
            .filter(|record| record.key.collection == collection && !record.is_deleted())
            .cloned()
            .collect())
    }
}

impl WriteShares for View<'_> {
    fn add_share(&mut self, hash: &SecretHash, share: &KeptShare) -> Result<(), StoreError> {
        let shares = self.shares_to_change();
        shares.insert(share.id, (*hash, share.clone()));
        Ok(())
    }

    fn revoke_share(&mut self, id: ShareId, now_ms: u64) -> Result<(), StoreError> {
        if let Some((_, share)) = self.shares_to_change().get_mut(&id) {
            share.revoked_ms = share.revoked_ms.or(Some(now_ms));
        }
        Ok(())
    }

    fn count_openings(&mut self, id: ShareId, openings: u64) -> Result<(), StoreError> {
        if let Some((_, share)) = self.shares_to_change().get_mut(&id) {
            share.openings += openings;
        }
        Ok(())
    }

    fn prune_shares(&mut self, before_ms: u64, at_most: u32) -> Result<u32, StoreError> {
        let shares = self.data.shares.values().map(|(_, share)| share);
        let ended: Vec<ShareId> = shares
            .filter(|share| share.end_ms().is_some_and(|end_ms| end_ms < before_ms))
            .map(|share| share.id)
            .take(usize::try_from(at_most).unwrap_or(usize::MAX))
            .collect();
        let shares = self.shares_to_change();
        shares.retain(|id, _| !ended.contains(id));
        Ok(u32::try_from(ended.len()).unwrap_or(u32::MAX))
    }
}
