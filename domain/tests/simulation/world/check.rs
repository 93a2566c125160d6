//! What must hold in the end.

use std::collections::BTreeSet;

use keruen_domain::protocol::v1::Outcome;

use super::World;

impl World {
    pub(super) fn check(&mut self) {
        let refused: BTreeSet<_> = self
            .devices
            .iter()
            .flat_map(|device| {
                device
                    .store
                    .needs_attention
                    .iter()
                    .map(|(change, _)| change.id)
            })
            .collect();
        let changes: BTreeSet<_> = self.ledger.changes().collect();
        for change in &changes {
            match self.server.outcome(*change) {
                Some(Outcome::Accepted) => {
                    self.told.count("accepted");
                    assert!(
                        !refused.contains(change),
                        "{change:?} was accepted and is complained of"
                    );
                }
                _ => {
                    self.told.count("refused");
                    assert!(refused.contains(change), "{change:?} is nowhere");
                }
            }
        }
        self.ledger
            .check(&self.server, |change| refused.contains(&change));
        for device in &self.devices {
            assert_eq!(device.store.outbox_length(), 0, "all has arrived");
            let readable = self.server.readable(device.owner);
            assert_eq!(
                device.store.rows, readable,
                "{:?} has what the server has",
                device.id
            );
        }
        for row in self.server.rows() {
            if row.is_deleted() {
                self.told.count("deleted");
            }
            if row.contested().next().is_some() {
                self.told.count("disputed");
            }
        }
        // Each request moved something, but for a few at the beginning, rests and lead changes.
        let rows = self.server.rows().count() as u64;
        let most = self.devices.len() as u64 * (12 + rows) + changes.len() as u64;
        assert!(
            self.requests_after_healing <= most,
            "{} requests, at most {most} expected",
            self.requests_after_healing
        );
    }
}
