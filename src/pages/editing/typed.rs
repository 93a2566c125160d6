//! A text as one person types it while others write into it, with the way back and forth through what was typed.
//!
//! Every character that ever stood in the text while it is open stays here, with the fact whether it stands there now. So
//! what somebody did is a list of characters that came and went, and taking it back never touches what others
//! wrote, wherever in between that stands.

use std::collections::BTreeMap;
use std::ops::Range;

use keruen_domain::text::Splice;

/// Typing is taken back in one go as long as there are no longer pauses in it than this.
const PAUSE_MS: u64 = 1_000;

/// One character.
#[derive(Clone, Copy, Debug)]
struct Cell {
    id: u32,
    character: char,
    is_there: bool,
    /// Whether it stood there when the text was last given away to be saved.
    was_saved: bool,
}

/// A character came or went.
#[derive(Clone, Copy, Debug)]
struct Flip {
    id: u32,
    came: bool,
}

/// What is taken back in one go.
#[derive(Clone, Debug, Default)]
struct Step {
    flips: Vec<Flip>,
    ended_ms: u64,
}

/// The text. Places in it are numbers of characters (Unicode scalar values).
#[derive(Clone, Debug, Default)]
pub(in crate::pages) struct Typed {
    cells: Vec<Cell>,
    next_id: u32,
    done: Vec<Step>,
    undone: Vec<Step>,
}

impl Typed {
    /// A text that is saved and in which nothing can be taken back.
    pub(in crate::pages) fn new(text: &str) -> Self {
        let mut typed = Self::default();
        typed.insert(0, text, true);
        typed
    }

    /// What stands there.
    pub(in crate::pages) fn text(&self) -> String {
        let there = self.cells.iter().filter(|cell| cell.is_there);
        there.map(|cell| cell.character).collect()
    }

    /// The person made another text of it.
    pub(in crate::pages) fn write(&mut self, text: &str, now_ms: u64) {
        let Some(splice) = self.splice_to(text) else {
            return;
        };
        let step = Step {
            flips: self.put(&splice, false),
            ended_ms: now_ms,
        };
        self.undone.clear();
        match self.done.last_mut() {
            Some(last) if last.is_continued_by(&step, &self.cells) => {
                last.flips.extend(step.flips);
                last.ended_ms = now_ms;
            }
            _ => self.done.push(step),
        }
    }

    /// Others made another text of it. Gives where these places are then: behind the same characters, or where those were.
    pub(in crate::pages) fn take<const COUNT: usize>(
        &mut self,
        splices: &[Splice],
        places: [usize; COUNT],
    ) -> [usize; COUNT] {
        let before = places.map(|place| self.before(place));
        // From the end, so that the places of those before stay true.
        for splice in splices.iter().rev() {
            self.put(splice, true);
        }
        before.map(|id| self.place_behind(id))
    }

    /// Whether something can be taken back.
    pub(in crate::pages) fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    /// Whether something that was taken back can be done again.
    pub(in crate::pages) fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Takes back what was done last; gives the place behind it. `None` if there is nothing.
    pub(in crate::pages) fn undo(&mut self) -> Option<usize> {
        let (step, place) = self.reverse(|typed| &mut typed.done)?;
        self.undone.push(step);
        Some(place)
    }

    /// Does again what was taken back last; gives the place behind it. `None` if there is nothing.
    pub(in crate::pages) fn redo(&mut self) -> Option<usize> {
        let (step, place) = self.reverse(|typed| &mut typed.undone)?;
        self.done.push(step);
        Some(place)
    }

    /// What is to be saved, and counts as saved from now on: one text after the other, each of which differs from the one before in
    /// one place only. So who saves them in turn leaves alone what others wrote in between.
    pub(in crate::pages) fn take_unsaved(&mut self) -> Vec<String> {
        let mut texts = Vec::new();
        let mut position = 0;
        while position < self.cells.len() {
            let mut has_changed = false;
            while let Some(cell) = self.cells.get_mut(position) {
                if cell.is_there && cell.was_saved {
                    break;
                }
                has_changed |= cell.is_there != cell.was_saved;
                cell.was_saved = cell.is_there;
                position += 1;
            }
            if has_changed {
                let saved = self.cells.iter().filter(|cell| cell.was_saved);
                texts.push(saved.map(|cell| cell.character).collect());
            }
            position += 1;
        }
        texts
    }

    /// The one place where a text differs from what stands there.
    fn splice_to(&self, text: &str) -> Option<Splice> {
        let there = || self.cells.iter().filter(|cell| cell.is_there);
        let same = |(cell, character): &(&Cell, char)| cell.character == *character;
        let place = there().zip(text.chars()).take_while(same).count();
        let rest = text.char_indices().nth(place);
        let rest = &text[rest.map_or(text.len(), |(start, _)| start)..];
        let (count, length) = (there().count() - place, rest.chars().count());
        let ends = there().rev().zip(rest.chars().rev());
        let ends = ends.take(count.min(length)).take_while(same).count();
        let (removed, inserted) = (count - ends, length - ends);
        (removed > 0 || inserted > 0).then(|| Splice {
            place,
            removed,
            inserted: rest.chars().take(inserted).collect(),
        })
    }

    /// Does this to the text, which is saved already or not; gives what came and went.
    fn put(&mut self, splice: &Splice, is_saved: bool) -> Vec<Flip> {
        let mut flips = Vec::new();
        let mut position = self.position_of(splice.place);
        let inserted = self.insert(position, &splice.inserted, is_saved);
        position += inserted.len();
        flips.extend(inserted.map(|id| Flip { id, came: true }));
        let going = self.cells[position..].iter_mut();
        let going = going.filter(|cell| cell.is_there).take(splice.removed);
        flips.extend(going.map(|cell| {
            cell.is_there = false;
            cell.was_saved &= !is_saved;
            Flip {
                id: cell.id,
                came: false,
            }
        }));
        flips
    }

    fn insert(&mut self, position: usize, text: &str, is_saved: bool) -> Range<u32> {
        let first = self.next_id;
        let cells = text.chars().zip(first..).map(|(character, id)| Cell {
            id,
            character,
            is_there: true,
            was_saved: is_saved,
        });
        let length = self.cells.len();
        self.cells.splice(position..position, cells);
        self.next_id += (self.cells.len() - length) as u32;
        first..self.next_id
    }

    /// The position right behind the last character before a place.
    fn position_of(&self, place: usize) -> usize {
        let Some(before) = place.checked_sub(1) else {
            return 0;
        };
        let there = self.cells.iter().enumerate();
        let mut there = there.filter(|(_, cell)| cell.is_there);
        there
            .nth(before)
            .map_or(self.cells.len(), |(position, _)| position + 1)
    }

    /// The character before a place.
    fn before(&self, place: usize) -> Option<u32> {
        let position = self.position_of(place).checked_sub(1)?;
        Some(self.cells[position].id)
    }

    /// The place behind a character, or where it was.
    fn place_behind(&self, id: Option<u32>) -> usize {
        let Some(id) = id else {
            return 0;
        };
        let end = self.cells.iter().position(|cell| cell.id == id);
        let before = end.map_or(&self.cells[..], |end| &self.cells[..=end]);
        before.iter().filter(|cell| cell.is_there).count()
    }

    /// Turns the last step of a list back, as far as others left that to do: steps of which they left nothing are passed over.
    fn reverse(&mut self, steps: fn(&mut Self) -> &mut Vec<Step>) -> Option<(Step, usize)> {
        while let Some(step) = steps(self).pop() {
            let came: BTreeMap<u32, bool> = step.flips.iter().map(|it| (it.id, it.came)).collect();
            let mut reversed = Step::default();
            let mut last = None;
            for cell in &mut self.cells {
                if came.get(&cell.id) == Some(&cell.is_there) {
                    cell.is_there = !cell.is_there;
                    last = Some(cell.id);
                    reversed.flips.push(Flip {
                        id: cell.id,
                        came: cell.is_there,
                    });
                }
            }
            if last.is_some() {
                return Some((reversed, self.place_behind(last)));
            }
        }
        None
    }
}

impl Step {
    /// Whether somebody just goes on typing, or removing, where they were.
    fn is_continued_by(&self, next: &Self, cells: &[Cell]) -> bool {
        let (Some(last), Some(first)) = (self.flips.last(), next.flips.first()) else {
            return false;
        };
        let is_of_kind = |step: &Self, came| step.flips.iter().all(|flip| flip.came == came);
        let is_one_kind = [true, false]
            .into_iter()
            .any(|came| is_of_kind(self, came) && is_of_kind(next, came));
        if !is_one_kind || next.ended_ms.saturating_sub(self.ended_ms) > PAUSE_MS {
            return false;
        }
        let position = |id| cells.iter().position(|cell| cell.id == id);
        let (Some(last), Some(first)) = (position(last.id), position(first.id)) else {
            return false;
        };
        // A new line is a good place to come back to.
        let ends_line = cells[last].character == '\n';
        let between = &cells[last.min(first) + 1..last.max(first)];
        !ends_line && between.iter().all(|cell| !cell.is_there)
    }
}

#[cfg(test)]
#[path = "typed/tests.rs"]
mod tests;
