//! The one order of a text's characters, by Fugue (Weidner and Kleppmann, "The Art of the Fugue",
//! 2023): what two people type at one place at the same time stands one after the other, never
//! mixed.
//!
//! Characters make a tree. Each hangs left or right of another, and the text is read as left
//! children, the character, right children, those of one side by their identifiers.
//!
//! ```text
//!        B ─ u ─ d ─ g ─ e ─ t          a run: each letter right of the one before
//!        ╰─ "The " left of B       ╰─ " 2026" and " жылы" right of t, one whole after the other
//! ```
//!
//! A run is walked as a whole and cut only where something hangs, without recursion: a chain of a
//! million insertions is as deep as it is long.

use super::piece::{CharId, Origin, Run, Side};

/// A run that hangs on a character of another one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Hang {
    /// The position of the run that it hangs on.
    parent: usize,
    /// The number of the character in its piece.
    offset: u32,
    side: Side,
    /// The hanging run's first character: decides among siblings.
    child_id: CharId,
    /// The position of the hanging run.
    child: usize,
}

/// A part of a run: the characters from one number in the piece to before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The position of the run.
    pub(super) run: usize,
    pub(super) from: u32,
    pub(super) to: u32,
}

/// Runs and how they hang together.
#[derive(Debug, Default)]
pub(super) struct Tree<'a> {
    /// By their first characters.
    pub(super) runs: Vec<Run<'a>>,
    hangs: Vec<Hang>,
    /// Positions of the runs that begin the text, by their first characters.
    starts: Vec<usize>,
    /// Positions of the runs whose parent is not known here.
    strays: Vec<usize>,
}

impl std::fmt::Debug for Hang {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} on {}", self.child, self.parent)
    }
}

enum Task {
    /// A run that hangs on what was walked.
    Child(usize),
    /// The rest of a run, and where in the list of hangs what hangs on it begins.
    Rest { part: Part, hang: usize },
    /// A character with nothing left of it any more.
    Done(Part),
}

impl<'a> Tree<'a> {
    /// The tree of these runs. Of several with one first character, the first is the one that
    /// others can hang on; all are part of the text.
    pub(super) fn new(mut runs: Vec<Run<'a>>) -> Self {
        runs.sort_by_key(|run| run.first);
        let mut tree = Self {
            runs,
            ..Self::default()
        };
        for (child, run) in tree.runs.iter().enumerate() {
            match run.origin {
                Origin::Start => tree.starts.push(child),
                Origin::Beside(id, side) => match tree.run_with(id) {
                    Some(parent) => tree.hangs.push(Hang {
                        parent,
                        offset: id.offset,
                        side,
                        child_id: run.first,
                        child,
                    }),
                    None => tree.strays.push(child),
                },
            }
        }
        tree.hangs.sort_unstable();
        tree
    }

    /// The position of the run with this character.
    fn run_with(&self, id: CharId) -> Option<usize> {
        let after = self.runs.partition_point(|run| run.first <= id);
        let last = self.runs.get(after.checked_sub(1)?)?;
        // Back to the first of those that begin alike.
        let position = self.runs[..after].partition_point(|run| run.first < last.first);
        let run = self.runs.get(position)?;
        let holds = run.first.piece == id.piece && id.offset < run.end();
        holds.then_some(position)
    }

    /// Whether anything hangs right of this character, the next of its own run included. Without a
    /// character: whether the text has a beginning.
    pub(super) fn has_right_child(&self, id: Option<CharId>) -> bool {
        let Some(id) = id else {
            return !self.starts.is_empty();
        };
        let Some(parent) = self.run_with(id) else {
            return false;
        };
        let from = self.hangs.partition_point(|hang| {
            (hang.parent, hang.offset, hang.side) < (parent, id.offset, Side::Right)
        });
        let hangs = self
            .hangs
            .get(from)
            .is_some_and(|hang| hang.parent == parent && hang.offset == id.offset);
        hangs || id.offset + 1 < self.runs[parent].end()
    }

    /// All characters in their order. Those whose parent is not known come last, and then those
    /// that hang on each other in a ring, as no honest device writes them: nothing is left out.
    pub(super) fn walk(&self) -> Vec<Part> {
        let mut walked = vec![false; self.runs.len()];
        let mut parts = Vec::new();
        let mut tasks = Vec::new();
        let anything_else = 0..self.runs.len();
        let roots = self.starts.iter().chain(&self.strays).copied();
        for root in roots.chain(anything_else) {
            tasks.push(Task::Child(root));
            while let Some(task) = tasks.pop() {
                match task {
                    Task::Child(run) if !walked[run] => {
                        walked[run] = true;
                        let part = Part {
                            run,
                            from: self.runs[run].first.offset,
                            to: self.runs[run].end(),
                        };
                        let hang = self.hangs.partition_point(|hang| hang.parent < run);
                        tasks.push(Task::Rest { part, hang });
                    }
                    Task::Child(_) => {}
                    Task::Rest { part, hang } => self.walk_rest(part, hang, &mut tasks, &mut parts),
                    Task::Done(part) => push(&mut parts, part),
                }
            }
        }
        parts
    }

    /// Walks a run up to the next character that something hangs on, and leaves that one, what
    /// hangs on it and what comes after it to be done.
    fn walk_rest(&self, part: Part, hang: usize, tasks: &mut Vec<Task>, parts: &mut Vec<Part>) {
        let next = self.hangs.get(hang);
        let Some(next) = next.filter(|next| next.parent == part.run) else {
            push(parts, part);
            return;
        };
        let at = next.offset;
        push(parts, Part { to: at, ..part });
        let here = self.hangs[hang..]
            .iter()
            .take_while(|hang| hang.parent == part.run && hang.offset == at);
        let end = hang + here.count();
        let (left, right): (Vec<&Hang>, Vec<&Hang>) = self.hangs[hang..end]
            .iter()
            .partition(|hang| hang.side == Side::Left);
        // The run's next character is a right child like the others, by its identifier.
        let next_id = CharId {
            piece: self.runs[part.run].first.piece,
            offset: at + 1,
        };
        let continues = at + 1 < part.to;
        let (before, after) =
            right.split_at(right.partition_point(|hang| continues && hang.child_id < next_id));
        let child = |hang: &&Hang| Task::Child(hang.child);
        // The last one pushed is done first.
        tasks.extend(after.iter().rev().map(child));
        if continues {
            let part = Part {
                from: at + 1,
                ..part
            };
            tasks.push(Task::Rest { part, hang: end });
        }
        tasks.extend(before.iter().rev().map(child));
        let part = Part {
            from: at,
            to: at + 1,
            ..part
        };
        tasks.push(Task::Done(part));
        tasks.extend(left.iter().rev().map(child));
    }
}

fn push(parts: &mut Vec<Part>, part: Part) {
    match parts.last_mut() {
        Some(last) if last.run == part.run && last.to == part.from => last.to = part.to,
        _ if part.from < part.to => parts.push(part),
        _ => {}
    }
}
