//! What people do with notes beside writing them: what they are about, by which words they are found again, which stand
//! above the others.

use std::collections::BTreeMap;

use keruen_domain::model::{Note, NoteColour, Subject, clean_tag, fields};
use keruen_domain::{FieldKey, NoteId, SessionId};

use super::AppState;
use crate::store::Write;

impl AppState {
    /// Puts a note above the others, or not any more.
    pub fn set_pinned(&self, id: NoteId, is_pinned: bool) {
        self.file(id, FieldKey::register(fields::PINNED), is_pinned);
    }

    /// Gives a note a colour, or none.
    pub fn set_colour(&self, id: NoteId, colour: NoteColour) {
        self.commit(Write::new(self.key_of_note(id), move |edit| {
            edit.set(FieldKey::register(fields::COLOUR), colour.word());
        }));
    }

    /// Has a note bear a word. Whether what was typed is one.
    pub fn put_tag(&self, id: NoteId, typed: &str) -> bool {
        let Some(tag) = clean_tag(typed) else {
            return false;
        };
        self.file(id, FieldKey::member(fields::TAGS, &tag), true);
        true
    }

    /// Takes a word off a note.
    pub fn take_tag(&self, id: NoteId, tag: &str) {
        self.file(id, FieldKey::member(fields::TAGS, tag), false);
    }

    /// Says that a note is about something, too.
    pub fn attach(&self, id: NoteId, subject: Subject) {
        self.file(
            id,
            FieldKey::member(fields::SUBJECTS, &subject.to_string()),
            true,
        );
    }

    /// Says that a note is not about something any more.
    pub fn detach(&self, id: NoteId, subject: Subject) {
        let is_first = self.note(id).and_then(|note| note.about()) == Some(subject);
        self.commit(Write::new(self.key_of_note(id), move |edit| {
            if is_first {
                edit.set(FieldKey::register(fields::ABOUT), "");
            }
            edit.set(
                FieldKey::member(fields::SUBJECTS, &subject.to_string()),
                false,
            );
        }));
    }

    fn file(&self, id: NoteId, key: FieldKey, is_so: bool) {
        self.commit(Write::new(self.key_of_note(id), move |edit| {
            edit.set(key, is_so);
        }));
    }

    /// The words that notes bear, by how many do.
    pub fn tags(&self) -> Vec<(String, usize)> {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for note in self.all::<Note>() {
            for tag in note.tags() {
                *counts.entry(tag.to_owned()).or_default() += 1;
            }
        }
        let mut tags: Vec<_> = counts.into_iter().collect();
        tags.sort_by(|(one, count), (other, others)| others.cmp(count).then(one.cmp(other)));
        tags
    }

    /// The session in which the person sits, as far as anybody can tell: the one that is going on, or of several the
    /// one in their own agenda.
    pub fn session_of_now(&self) -> Option<SessionId> {
        let now_ms = self.time.now_ms();
        let of_today = self.today().into_iter().flat_map(|day| day.sessions);
        let mut going_on: Vec<_> = of_today
            .filter(|session| {
                let (start, end) = (session.start(), session.end());
                let has_begun = start.is_some_and(|start| start.unix_ms() <= now_ms);
                has_begun
                    && end.is_some_and(|end| end.unix_ms() > now_ms)
                    && !session.is_cancelled()
            })
            .map(|session| session.id())
            .collect();
        if going_on.len() > 1 {
            going_on.retain(|id| self.is_mine(*id));
        }
        match going_on[..] {
            [one] => Some(one),
            _ => None,
        }
    }
}
