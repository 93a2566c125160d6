//! Loading the records as `keruen import` does: one transaction, one stamp, written by a program.

use std::error::Error;
use std::path::Path;

use keruen_bench_records::{Item, programme};
use keruen_domain::{Clock, DeviceId, Hlc};
use keruen_server::machine;
use keruen_server::store::{Importer, StoreError};

/// Loads the records of this JSON file into a new store in this folder.
pub(crate) fn load(folder: &Path, json: &[u8]) -> Result<(), Box<dyn Error>> {
    let items: Vec<Item> = serde_json::from_slice(json)?;
    let device = DeviceId(u64::from_be_bytes(machine::random_bytes()?));
    let now_ms = machine::unix_ms();
    let stamp = Clock::new(device, Hlc::default(), 0).stamp(now_ms);
    let records: Option<Vec<_>> = items.iter().map(|item| item.record(stamp)).collect();
    let records = records.ok_or("an identifier in the data set is no ULID")?;
    let mut importer = Importer::open(folder, machine::fresh_identity()?)?;
    importer.import::<(), StoreError>(|transaction| {
        for record in std::iter::once(programme(stamp)).chain(records) {
            transaction.write(record, now_ms)?;
        }
        Ok(())
    })?;
    Ok(())
}
