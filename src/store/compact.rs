//! Compaction: single records that piled up become part of sealed pages again.
//!
//! What the server has acknowledged of a record is the merge of all that lies of it in `pages` and
//! `rows`, so that a row may move into a page at any moment without anything else being told. A
//! page that is written anew gets a key of its own: the answer or the chunk that it came with may
//! come again under the old one, and must not take the place of what was moved in since.

use std::collections::BTreeSet;

use keruen_domain::page::{self, Part, Place};
use keruen_domain::{Collection, Record, RecordId, RecordKey, ScopeId};

use super::exchange::PAGE_RECORDS;
use super::schema::{
    MOVED_KEY, Table, compacted_key, page_prefix, row_key, row_prefix, scope_key, seal, unseal,
};
use super::{Committed, Durability, Store, StoreError, Transaction, device};

/// From this many single records of a scope, they are moved.
const COMPACT_FROM: usize = 250;
/// Single records that are moved at a time.
const STEP_RECORDS: usize = 250;
/// Bytes of pages that are written anew at a time, unless one alone is more.
const STEP_PAGE_BYTES: usize = 1 << 20;

impl Store {
    /// The scopes with so many single records that moving them into pages is worth it.
    pub async fn scopes_to_compact(&self) -> Result<Vec<ScopeId>, StoreError> {
        let mut found = Vec::new();
        for at in self.settled_scopes().await? {
            let transaction = self.begin(&[Table::Rows], Durability::ReadOnly).await?;
            let prefix = row_prefix(at.scope);
            let rows = transaction.keys_in(Table::Rows, &prefix).await?;
            if rows.len() >= COMPACT_FROM {
                found.push(at.scope);
            }
        }
        Ok(found)
    }

    /// Moves some single records of a scope into pages, in one transaction; `false` if there is
    /// nothing more to move. Nothing that is shown changes.
    ///
    /// What cannot be read stays where it is, with all of its scope: it is for
    /// [`Store::set_damage_aside`].
    pub async fn compact_a_step(&self, scope: ScopeId) -> Result<bool, StoreError> {
        const TABLES: [Table; 5] = [
            Table::Meta,
            Table::Cursors,
            Table::Rereads,
            Table::Pages,
            Table::Rows,
        ];
        let transaction = self.begin(&TABLES, Durability::Relaxed).await?;
        let key = scope_key(scope);
        let is_read = transaction.get(Table::Cursors, &key).await?.is_some();
        if !is_read || transaction.get(Table::Rereads, &key).await?.is_some() {
            return Ok(false);
        }
        let mut row_keys = transaction.keys_in(Table::Rows, &row_prefix(scope)).await?;
        row_keys.truncate(STEP_RECORDS);
        let rows = transaction.get_many(Table::Rows, &row_keys).await?;
        let mut moving = Vec::with_capacity(rows.len());
        for row in rows.into_iter().flatten() {
            let Ok(record) = unseal::<Record>(&row) else {
                return Ok(false);
            };
            moving.push(record);
        }
        if moving.is_empty() {
            return Ok(false);
        }
        moving.sort_unstable_by_key(name);
        let Some(mut parts) = take_out_of_pages(&transaction, scope, &mut moving).await? else {
            return Ok(false);
        };
        for record in &moving {
            transaction.delete(Table::Rows, &row_key(&record.key))?;
            parts.push(Part::of(record));
        }
        for parts in parts.chunks(PAGE_RECORDS) {
            let key = compacted_key(scope, (self.random)());
            transaction.put(Table::Pages, &key, &page::of_parts(scope, parts))?;
        }
        let moved = note_move(&transaction).await?;
        let edition = device::take_edition(&transaction).await?;
        transaction.commit().await?;
        let committed = Committed {
            edition,
            records: moving,
            moved: Some(moved),
            ..Committed::default()
        };
        // Another tab may have written some of them, and this one not have heard of it yet.
        self.replica.borrow_mut().take_in(&committed);
        self.knows_move(moved);
        self.tell_other_tabs(&committed);
        Ok(true)
    }

    /// This tab knows all that was moved there.
    pub(super) fn knows_move(&self, moved: u64) {
        if self.moved.get() + 1 == moved {
            self.moved.set(moved);
        }
    }

    /// What is in pages of these records, if another tab moved rows there and this one has not heard
    /// of it: it may not have heard either of what was in the rows.
    pub(super) async fn moved_unheard(
        &self,
        transaction: &Transaction<'_>,
        keys: &BTreeSet<RecordKey>,
    ) -> Result<Vec<Record>, StoreError> {
        let mut found = Vec::new();
        if moves(transaction).await? == self.moved.get() {
            return Ok(found);
        }
        let scopes: BTreeSet<ScopeId> = keys.iter().map(|key| key.scope).collect();
        for scope in scopes {
            let prefix = page_prefix(scope);
            let mut pages = transaction.all_in(Table::Pages, &prefix).await?;
            pages.extend(transaction.all_in(Table::Replaced, &prefix).await?);
            for page in &pages {
                let places = page::index(page).map(|directory| directory.places);
                let places = places.unwrap_or_default().into_iter();
                let places = places.filter(|place| keys.contains(&place.key_in(scope)));
                found.extend(places.flat_map(|place| place.record(scope, page)));
            }
        }
        Ok(found)
    }
}

/// Notes that rows are moved in this transaction, and returns the how-manieth time that is.
pub(super) async fn note_move(transaction: &Transaction<'_>) -> Result<u64, StoreError> {
    let moved = moves(transaction).await? + 1;
    transaction.put(Table::Meta, MOVED_KEY, &seal(&moved))?;
    Ok(moved)
}

async fn moves(transaction: &Transaction<'_>) -> Result<u64, StoreError> {
    let moved = transaction.get(Table::Meta, MOVED_KEY).await?;
    let moved = moved.and_then(|bytes| unseal(&bytes).ok());
    Ok(moved.unwrap_or_default())
}

/// A record's name within its scope.
const fn name(record: &Record) -> (Collection, RecordId) {
    (record.key.collection, record.key.id)
}

fn position_in(moving: &[Record], place: &Place) -> Option<usize> {
    let found = moving.binary_search_by_key(&(place.collection, place.id), name);
    found.ok()
}

/// Deletes the pages that hold something of what moves, and returns all else that is in them. What
/// they hold of what moves is merged into it. `None` if something cannot be read; then nothing may
/// be committed.
async fn take_out_of_pages(
    transaction: &Transaction<'_>,
    scope: ScopeId,
    moving: &mut Vec<Record>,
) -> Result<Option<Vec<Part>>, StoreError> {
    let prefix = page_prefix(scope);
    let keys = transaction.keys_in(Table::Pages, &prefix).await?;
    let pages = transaction.all_in(Table::Pages, &prefix).await?;
    let mut directories = Vec::with_capacity(pages.len());
    for page in &pages {
        // Of the form without a directory, or damaged.
        let Ok(directory) = page::index(page) else {
            return Ok(None);
        };
        directories.push(directory.places);
    }
    let taken = choose_pages(&pages, &directories, moving);
    let mut parts = Vec::new();
    let all = keys.iter().zip(&pages).zip(&directories).zip(taken);
    for (((key, page), places), _) in all.filter(|(_, taken)| *taken) {
        for place in places {
            match position_in(moving, place) {
                Some(position) => {
                    let Ok(held) = place.record(scope, page) else {
                        return Ok(None);
                    };
                    moving[position].merge(held);
                }
                None => parts.push(Part::in_page(place, page)),
            }
        }
        transaction.delete(Table::Pages, key)?;
    }
    Ok(Some(parts))
}

/// Which pages hold something of what moves. What would take too many of them does not move, but
/// for the first record, so that there is always an end.
fn choose_pages(
    pages: &[Vec<u8>],
    directories: &[Vec<Place>],
    moving: &mut Vec<Record>,
) -> Vec<bool> {
    let mut held_in = vec![Vec::new(); moving.len()];
    for (number, places) in directories.iter().enumerate() {
        for place in places {
            if let Some(position) = position_in(moving, place) {
                held_in[position].push(number);
            }
        }
    }
    let mut taken = vec![false; pages.len()];
    let mut taken_bytes = 0;
    let mut held_in = held_in.iter();
    moving.retain(|_| {
        let numbers = held_in.next().map_or(&[][..], Vec::as_slice);
        let more = numbers.iter().filter(|number| !taken[**number]);
        let more_bytes: usize = more.map(|number| pages[*number].len()).sum();
        let fits = taken_bytes == 0 || taken_bytes + more_bytes <= STEP_PAGE_BYTES;
        if fits {
            numbers.iter().for_each(|number| taken[*number] = true);
            taken_bytes += more_bytes;
        }
        fits
    });
    taken
}
