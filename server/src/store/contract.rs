//! What every store must do: one function per promise, run by the tests of each implementation.
//!
//! The functions panic when a promise is broken. They open the store themselves, in a folder or a
//! database of their own, through [`Backend::open`]; opening again shows what was durable.

mod calendars;
mod content;
mod forgetting;
mod people;
mod rows;
mod shares;
mod work;

use std::ops::ControlFlow;
use std::sync::Arc;

use keruen_domain::model::fields;
use keruen_domain::protocol::v1::Cursor;
use keruen_domain::protocol::v2::Chunk;
use keruen_domain::{
    Author, ChangeId, Clock, Collection, ContentHash, DeviceId, Edit, FieldKey, Hlc, PersonId,
    ProgrammeId, Record, RecordId, RecordKey, ScopeId, Sum,
};

use super::{
    Acceptance, Identity, Merged, Row, Snapshot, Store, StoreError, WriteTransaction, merge,
};

/// An implementation of [`Store`], with some place for its data.
pub(super) trait Backend {
    /// Opens the store; the first time with this identity.
    fn open(&self, fresh: Identity) -> Arc<dyn Store>;
}

/// A test per promise, in the module that calls it; `$backend` is evaluated for each.
macro_rules! contract_tests {
    ($backend:expr) => {
        $crate::store::contract::contract_tests! {
            $backend;
            sequences_have_no_gaps_and_follow_the_changes,
            the_same_change_twice_is_one,
            sums_are_those_of_the_live_rows,
            old_tombstones_go_and_leave_their_number,
            old_changes_are_forgotten,
            snapshots_replace_each_other,
            chunks_are_kept_by_their_hash,
            a_record_that_grows_too_large_stays_as_it_was,
            failed_work_leaves_nothing,
            many_writers_at_once_lose_nothing,
            a_view_is_of_one_moment,
            all_is_there_after_opening_again,
            a_file_may_be_in_several_scopes,
            parts_of_a_file_are_what_was_put,
            shared_scopes_know_what_is_public,
            people_are_what_was_put,
            each_change_of_who_may_do_what_moves_the_version,
            who_is_erased_leaves_nothing_of_their_own,
            what_opens_is_counted_and_forgotten,
            failed_work_changes_nobody,
            shares_are_found_as_they_were_made,
            shares_are_taken_back_and_counted,
            old_shares_are_forgotten,
            who_is_erased_leaves_no_share,
            a_collection_is_what_is_live_of_it,
            groups_know_their_people,
            somebody_has_one_calendar_at_most,
        }
    };
    ($backend:expr; $($promise:ident),+ $(,)?) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $promise() {
            $crate::store::contract::$promise(&$backend).await;
        }
    )+};
}

pub(super) use calendars::*;
pub(super) use content::*;
pub(super) use contract_tests;
pub(super) use forgetting::*;
pub(super) use people::*;
pub(super) use rows::*;
pub(super) use shares::*;
pub(super) use work::*;

const RANDOM: [u8; 10] = [7; 10];
const NOW_MS: u64 = 1_750_000_000_000;

fn identity(epoch: u32) -> Identity {
    Identity {
        epoch,
        organiser: PersonId::new(1, RANDOM),
    }
}

fn programme(number: u64) -> ScopeId {
    ScopeId::Programme(ProgrammeId::new(number, RANDOM))
}

fn key(scope: ScopeId, number: u64) -> RecordKey {
    RecordKey {
        scope,
        collection: Collection::NOTE,
        id: RecordId::new(number, RANDOM),
    }
}

/// A write of one field by the device of this number, which had seen nothing.
fn delta(key: RecordKey, device: u64, field: &str, text: &str) -> Record {
    let stamp = Clock::new(DeviceId(device), Hlc::default(), 0).stamp(NOW_MS + device);
    let mut edit = Edit::new(key, None, stamp, Author::Person);
    edit.set(FieldKey::register(field), text);
    edit.finish().expect("a text is an edit")
}

async fn write(store: &Arc<dyn Store>, delta: Record) -> Merged {
    store
        .write(move |transaction| {
            let before = transaction.row(&delta.key)?;
            merge(transaction, before, delta, NOW_MS)
        })
        .await
        .expect("the store works")
}

async fn rows_after(store: &Arc<dyn Store>, scope: ScopeId, sequence: u64) -> Vec<Row> {
    store
        .read(move |transaction| {
            let mut rows = Vec::new();
            transaction.rows_after(scope, sequence, &mut |row| {
                rows.push(row);
                ControlFlow::Continue(())
            })?;
            Ok(rows)
        })
        .await
        .expect("the store works")
}

fn sequences(rows: &[Row]) -> Vec<u64> {
    rows.iter().map(|row| row.sequence).collect()
}
