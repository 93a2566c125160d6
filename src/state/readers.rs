//! Who reads a note: its writer alone, or a group that writes it together.

use keruen_domain::model::{Note, View as _};
use keruen_domain::protocol::people::Group;
use keruen_domain::{Collection, FieldKey, GroupId, NoteId, ProgrammeId, RecordKey, Role, ScopeId};
use leptos::prelude::*;

use super::link::own_person;
use super::{Answer, AppState, follow, touch};
use crate::platform::{Area, read_value, write_value};
use crate::store::Write;

/// Where what the server said of groups is kept, a line each.
const GROUPS: &str = "keruen.groups";
/// What stands between the parts of a line; nobody types it.
const BETWEEN: char = '\t';

/// A group, as the server last told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownGroup {
    /// Which.
    pub group: GroupId,
    /// Of which programme. Its trainers and organisers read what the group writes.
    pub programme: ProgrammeId,
    /// What it is called.
    pub name: String,
    /// The names of its people, as far as they show one.
    pub people: Vec<String>,
    /// Whether the owner of this device may write in it.
    pub may_write: bool,
}

impl KnownGroup {
    fn line(&self) -> String {
        let Self {
            group,
            programme,
            name,
            people,
            may_write,
        } = self;
        let mark = if *may_write { "w" } else { "r" };
        let mut parts = vec![
            group.to_string(),
            programme.to_string(),
            mark.to_owned(),
            name.clone(),
        ];
        parts.extend(people.iter().cloned());
        let clean = |part: &String| part.replace(['\t', '\n', '\r'], " ");
        let parts: Vec<String> = parts.iter().map(clean).collect();
        parts.join(&BETWEEN.to_string())
    }

    fn read(line: &str) -> Option<Self> {
        let mut parts = line.split(BETWEEN);
        Some(Self {
            group: parts.next()?.parse().ok()?,
            programme: parts.next()?.parse().ok()?,
            may_write: parts.next()? == "w",
            name: parts.next()?.to_owned(),
            people: parts.map(str::to_owned).collect(),
        })
    }
}

impl AppState {
    /// The groups that this device knows of.
    pub fn known_groups(&self) -> Vec<KnownGroup> {
        follow(self.groups_changed);
        let kept = read_value(Area::Lasting, GROUPS).unwrap_or_default();
        kept.lines().filter_map(KnownGroup::read).collect()
    }

    /// Asks the server for the groups of all programmes that the owner of this device belongs to.
    pub async fn ask_for_groups(&self) -> Answer<()> {
        let me = match own_person() {
            Some(person) => person,
            None => self.me().await?.person,
        };
        let mut lines = Vec::new();
        for (programme, role) in untrack(|| self.joined_programmes()) {
            let groups = self.groups(programme).await?.into_iter();
            let known = |group: Group| KnownGroup {
                group: group.group,
                programme,
                may_write: role == Role::Trainer
                    || group.people.iter().any(|person| person.person == me),
                name: group.name,
                people: {
                    let names = group.people.into_iter().map(|person| person.name);
                    names.filter(|name| !name.is_empty()).collect()
                },
            };
            lines.extend(groups.map(known).map(|group| group.line()));
        }
        write_value(Area::Lasting, GROUPS, &lines.join("\n"));
        touch(self.groups_changed);
        Ok(())
    }

    /// From now on, groups may be lost: what the owner of this device wrote there is kept.
    pub fn rescue_before_loss(&self) {
        self.store().rescue_before_loss();
    }

    /// The group that writes this note; `None` if only its writer does.
    pub fn group_of_note(&self, id: NoteId) -> Option<GroupId> {
        group_of(&self.note(id)?)
    }

    /// Gives a note to a group, or takes it out of one: a note with the same content begins there. One's own goes to the bin,
    /// where it can be brought back; of that of the group nothing stays but what others wrote meanwhile. Gives the
    /// new one; `None` if it could not be saved.
    pub async fn move_note(&self, id: NoteId, group: Option<GroupId>) -> Option<NoteId> {
        let note = untrack(|| self.note(id))?;
        let new = Self::new_note_id();
        let key = RecordKey {
            scope: group.map_or(ScopeId::OWN, ScopeId::Group),
            collection: Collection::NOTE,
            id: new.into(),
        };
        let left = note.record().key;
        let (body, mut writes, moved) = self.files_moved(&note, (key.scope, new), group.is_some());
        let begun = Write::new(key, move |edit| {
            note.copy_into(edit, &body);
        });
        let ended = Write::new(left, move |edit| match group {
            Some(_) => {
                edit.set(FieldKey::deleted(), true);
            }
            // In the group's bin the others would read it still.
            None => {
                edit.delete();
            }
        });
        writes.extend([begun, ended]);
        if !self.commit_all(writes).await {
            return None;
        }
        self.send_moved(moved, key.scope).await;
        Some(new)
    }
}

/// The group that writes this note; `None` if only its writer does.
pub fn group_of(note: &Note) -> Option<GroupId> {
    match note.record().key.scope {
        ScopeId::Group(group) => Some(group),
        ScopeId::Programme(_) | ScopeId::Person(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_a_group_is_kept_in_a_line() {
        let group = KnownGroup {
            group: GroupId::new(1, [1; 10]),
            programme: ProgrammeId::new(1, [2; 10]),
            name: "Hubs\tof the\nsouth".to_owned(),
            people: vec!["Әлия".to_owned(), "Bek".to_owned()],
            may_write: true,
        };
        let line = group.line();
        let read = KnownGroup::read(&line).expect("a line");
        assert_eq!(read.name, "Hubs of the south");
        assert_eq!((read.group, &read.people), (group.group, &group.people));
        assert_eq!(KnownGroup::read(""), None);
    }
}
