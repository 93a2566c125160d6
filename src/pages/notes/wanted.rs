//! What is asked of the list of notes, and what can be.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use keruen_domain::GroupId;
use keruen_domain::model::{Note, NoteColour, Subject};

use crate::state::{Time, group_of};

/// Whose notes are listed.
#[derive(Clone, Copy, Default, PartialEq)]
pub(super) enum Whose {
    #[default]
    All,
    Mine,
    Group(GroupId),
}

impl Whose {
    pub(super) fn of(word: &str) -> Self {
        match word {
            "mine" => Self::Mine,
            word => word.parse().map_or(Self::All, Self::Group),
        }
    }

    pub(super) fn word(self) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::Mine => "mine".to_owned(),
            Self::Group(group) => group.to_string(),
        }
    }

    fn is_of(self, note: &Note) -> bool {
        match self {
            Self::All => true,
            Self::Mine => group_of(note).is_none(),
            Self::Group(group) => group_of(note) == Some(group),
        }
    }
}

/// In which order notes are listed, below those that are pinned.
#[derive(Clone, Copy, Default, PartialEq)]
pub(super) enum Order {
    #[default]
    Edited,
    New,
    Title,
}

impl Order {
    pub(super) fn of(word: &str) -> Self {
        match word {
            "new" => Self::New,
            "title" => Self::Title,
            _ => Self::Edited,
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Edited => "edited",
            Self::New => "new",
            Self::Title => "title",
        }
    }

    fn sort(self, notes: &mut [Note]) {
        match self {
            // They come so.
            Self::Edited => {}
            Self::New => notes.sort_by_key(|note| (!note.is_pinned(), Reverse(note.created_ms()))),
            Self::Title => {
                notes.sort_by_cached_key(|note| (!note.is_pinned(), note.heading().to_lowercase()));
            }
        }
    }
}

/// When a listed note was last written to.
#[derive(Clone, Copy, Default, PartialEq)]
pub(super) enum Since {
    #[default]
    Ever,
    Days(u64),
}

impl Since {
    pub(super) fn of(word: &str) -> Self {
        word.parse().map_or(Self::Ever, Self::Days)
    }

    fn is_of(self, note: &Note, now_ms: u64) -> bool {
        const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
        let Self::Days(days) = self else {
            return true;
        };
        let edited_ms = note.edited_ms().unwrap_or(0);
        now_ms.saturating_sub(edited_ms) < days * DAY_MS
    }
}

/// What is asked of the list.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Wanted {
    pub(super) tag: Option<String>,
    pub(super) whose: Whose,
    pub(super) about: Option<Subject>,
    pub(super) since: Since,
    pub(super) colour: Option<NoteColour>,
    pub(super) order: Order,
}

impl Wanted {
    /// Takes away what is not asked for, and puts the others in order.
    pub(super) fn choose(&self, notes: &mut Vec<Note>) {
        let now_ms = Time::phone_now_ms();
        notes.retain(|note| {
            let bears = |tag: &String| note.tags().any(|of| of == tag);
            self.tag.as_ref().is_none_or(bears)
                && self.whose.is_of(note)
                && self
                    .about
                    .is_none_or(|about| note.subjects().contains(&about))
                && self.since.is_of(note, now_ms)
                && self.colour.is_none_or(|colour| note.colour() == colour)
        });
        self.order.sort(notes);
    }

    /// Asks for all notes, in the same order.
    pub(super) fn take_all(&mut self) {
        *self = Self {
            order: self.order,
            ..Self::default()
        };
    }
}

/// What can be asked for: what some note has.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Offered {
    pub(super) count: usize,
    pub(super) tags: BTreeSet<String>,
    pub(super) groups: BTreeSet<GroupId>,
    pub(super) subjects: Vec<Subject>,
    pub(super) colours: BTreeSet<NoteColour>,
}

impl Offered {
    /// In one pass: this is done at each change of any note.
    pub(super) fn of(notes: &[Note]) -> Self {
        let mut offered = Self {
            count: notes.len(),
            ..Self::default()
        };
        for note in notes {
            offered.tags.extend(note.tags().map(str::to_owned));
            offered.groups.extend(group_of(note));
            for subject in note.subjects() {
                if !offered.subjects.contains(&subject) {
                    offered.subjects.push(subject);
                }
            }
            if note.colour() != NoteColour::None {
                offered.colours.insert(note.colour());
            }
        }
        offered
    }

    /// Takes out of what is asked for what no note has any more: it would show nothing.
    pub(super) fn prune(&self, wanted: &Wanted) -> Wanted {
        let mut pruned = wanted.clone();
        pruned.tag.take_if(|tag| !self.tags.contains(tag));
        pruned.about.take_if(|about| !self.subjects.contains(about));
        pruned
            .colour
            .take_if(|colour| !self.colours.contains(colour));
        let is_there = match pruned.whose {
            Whose::Group(group) => self.groups.contains(&group),
            Whose::Mine => !self.groups.is_empty(),
            Whose::All => true,
        };
        if !is_there {
            pruned.whose = Whose::All;
        }
        pruned
    }
}
