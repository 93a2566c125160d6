//! Files of notes that no note bears any more: after a day they are the person's or the group's no longer, and take none
//! of their room. A file comes before or after its record, so that one that is not named may be about to be.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use keruen_domain::model::fields;
use keruen_domain::{Collection, ContentHash, ScopeId};

use crate::state::AppState;
use crate::store::{ReadTransaction, StoreError};

/// So long a file may be without a record.
const SPARED_MS: u64 = 24 * 60 * 60 * 1_000;
/// The fields of a material that name files.
const NAMING: [&str; 3] = [
    fields::FILE_SHA256,
    fields::LIGHT_SHA256,
    fields::MEDIUM_SHA256,
];

/// Remembers since when files are named by nothing, by the clock of this server; a restart begins anew.
#[derive(Debug, Default)]
pub struct Unnamed {
    since_ms: BTreeMap<(ScopeId, ContentHash), u64>,
}

impl Unnamed {
    /// Takes from persons and groups what nothing has named for a day, and returns how many files that were. Their bytes
    /// stay in the folder, where other scopes may have them.
    pub async fn sweep(&mut self, state: &AppState) -> Result<usize, StoreError> {
        let now_ms = (state.now_ms)();
        let unnamed = state.store.read(|transaction| find(transaction)).await?;
        self.since_ms.retain(|file, _| unnamed.contains(file));
        let mut old = Vec::new();
        for file in unnamed {
            let since_ms = *self.since_ms.entry(file).or_insert(now_ms);
            if now_ms.saturating_sub(since_ms) >= SPARED_MS {
                old.push(file);
            }
        }
        if old.is_empty() {
            return Ok(0);
        }
        let forgotten = state.store.write(move |write| {
            // Somebody may have named one meanwhile.
            let still = find(&*write)?;
            old.retain(|file| still.contains(file));
            for (scope, sha256) in &old {
                write.forget_file(*scope, sha256)?;
            }
            Ok(old.len())
        });
        forgotten.await
    }
}

fn find(transaction: &dyn ReadTransaction) -> Result<BTreeSet<(ScopeId, ContentHash)>, StoreError> {
    let mut unnamed = BTreeSet::new();
    for (scope, _) in transaction.scopes()? {
        if matches!(scope, ScopeId::Programme(_)) {
            continue;
        }
        let files = transaction.files_in(scope)?;
        if files.is_empty() {
            continue;
        }
        let mut named: BTreeSet<ContentHash> = BTreeSet::new();
        transaction.rows_after(scope, 0, &mut |row| {
            if row.record.key.collection == Collection::MATERIAL {
                let texts = NAMING.map(|name| row.record.value(name).as_text());
                let hashes = texts.into_iter().flatten().map(str::parse::<ContentHash>);
                named.extend(hashes.filter_map(Result::ok));
            }
            ControlFlow::Continue(())
        })?;
        let files = files.into_iter().map(|(sha256, _)| sha256);
        let lost = files.filter(|sha256| !named.contains(sha256));
        unnamed.extend(lost.map(|sha256| (scope, sha256)));
    }
    Ok(unnamed)
}
