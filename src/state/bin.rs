//! The bin: deleted notes wait there for a while, and go for good with their files.

use std::collections::BTreeMap;

use keruen_domain::NoteId;
use keruen_domain::model::{Material, View};
use leptos::prelude::untrack;

use super::AppState;
use crate::platform::{Area, now_ms, read_value, write_value};
use crate::store::Write;

/// Where it is kept since when this device has seen which note in the bin, a line each.
const BIN: &str = "keruen.bin";
/// What stands between the parts of a line.
const BETWEEN: char = ' ';
/// How long a note waits.
const WAIT_MS: u64 = 30 * 24 * 60 * 60 * 1_000;

/// What is in the bin now, each since when it is known to be, and what has waited long enough. Counted from when this
/// device saw it there, not from when somebody's clock says that it was deleted: that may have been years behind.
fn look(kept: &str, in_bin: &[NoteId], now_ms: u64) -> (String, Vec<NoteId>) {
    let read = |line: &str| {
        let (id, since_ms) = line.split_once(BETWEEN)?;
        Some((id.parse().ok()?, since_ms.parse().ok()?))
    };
    let known: BTreeMap<NoteId, u64> = kept.lines().filter_map(read).collect();
    let (mut lines, mut due) = (Vec::new(), Vec::new());
    for id in in_bin {
        // What seems to be seen in the future was seen with a wrong clock.
        let since_ms = known
            .get(id)
            .copied()
            .filter(|since_ms| *since_ms <= now_ms);
        let since_ms = since_ms.unwrap_or(now_ms);
        if now_ms - since_ms >= WAIT_MS {
            due.push(*id);
        }
        lines.push(format!("{id}{BETWEEN}{since_ms}"));
    }
    (lines.join("\n"), due)
}

impl AppState {
    /// Takes out what has waited for 30 days by the server's clock. Who knows no server waits: a phone's own clock may
    /// be years ahead.
    pub async fn empty_bin(&self) {
        let store = self.store();
        if store.token().is_none() {
            return;
        }
        let now_ms = now_ms().saturating_add_signed(store.clock_offset_ms());
        let in_bin = untrack(|| self.deleted_notes()).into_iter();
        let in_bin = in_bin.filter(|note| untrack(|| self.may_add_to_note(note.id())));
        let in_bin: Vec<NoteId> = in_bin.map(|note| note.id()).collect();
        let kept = read_value(Area::Lasting, BIN).unwrap_or_default();
        let (now_kept, due) = look(&kept, &in_bin, now_ms);
        if now_kept != kept {
            write_value(Area::Lasting, BIN, &now_kept);
        }
        if !due.is_empty() {
            self.delete_notes_for_good(due).await;
        }
    }

    /// Takes the texts of deleted notes out, too, everywhere, and their files: nothing brings them back.
    pub(super) async fn delete_notes_for_good(&self, notes: Vec<NoteId>) {
        let files = notes
            .iter()
            .flat_map(|id| untrack(|| self.files_of_note(*id)));
        let files: Vec<Material> = files.collect();
        let keys = notes.iter().map(|id| self.key_of_note(*id));
        let keys = keys.chain(files.iter().map(|file| file.record().key));
        let writes = keys.map(|key| {
            Write::new(key, |edit| {
                edit.delete();
            })
        });
        if !self.commit_all(writes.collect()).await {
            return;
        }
        for file in files {
            self.uploads().no_longer_of(&file).await;
            self.drop_files_of(&file).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_waits_for_thirty_days_from_when_it_was_seen() {
        const BEGIN_MS: u64 = 1_700_000_000_000;
        let [one, two] = [1, 2].map(|number| NoteId::new(number, [1; 10]));
        let (kept, due) = look("", &[one], BEGIN_MS);
        assert_eq!(due, []);
        let (kept, due) = look(&kept, &[one, two], BEGIN_MS + WAIT_MS - 1);
        assert_eq!(due, []);
        let (later, due) = look(&kept, &[one, two], BEGIN_MS + WAIT_MS);
        assert_eq!(due, [one]);
        // One that was brought back begins anew when it is deleted again.
        let (without, _) = look(&later, &[two], BEGIN_MS + WAIT_MS);
        let (_, due) = look(&without, &[one, two], BEGIN_MS + WAIT_MS);
        assert_eq!(due, []);
        // A clock that was ahead for a moment costs time, never a note.
        let (ahead, _) = look("", &[one], BEGIN_MS * 2);
        let (back, due) = look(&ahead, &[one], BEGIN_MS);
        assert_eq!((back, due), (look("", &[one], BEGIN_MS).0, vec![]));
        assert_eq!(look("broken\n x", &[one], BEGIN_MS).1, []);
    }
}
