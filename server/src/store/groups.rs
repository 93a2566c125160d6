//! What is kept of groups: which there are, and who belongs to them.

use keruen_domain::{GroupId, PersonId, ProgrammeId};

use super::StoreError;

/// Some people of a programme who write together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptGroup {
    /// Which.
    pub id: GroupId,
    /// In which programme.
    pub programme: ProgrammeId,
    /// What it is called.
    pub name: String,
    /// When it was made, in milliseconds since 1970 (UTC).
    pub made_ms: u64,
}

/// What is known of groups at one moment.
pub trait ReadGroups {
    /// A group.
    fn group(&self, group: GroupId) -> Result<Option<KeptGroup>, StoreError>;

    /// All groups of a programme, the oldest first.
    fn groups(&self, programme: ProgrammeId) -> Result<Vec<KeptGroup>, StoreError>;

    /// The groups that somebody belongs to.
    fn groups_with(&self, person: PersonId) -> Result<Vec<GroupId>, StoreError>;

    /// Who belongs to a group.
    fn group_people(&self, group: GroupId) -> Result<Vec<PersonId>, StoreError>;
}

/// Changes of groups. Each changes [`people_version`](super::ReadPeople::people_version).
pub trait WriteGroups: ReadGroups {
    /// Adds a group.
    fn add_group(&mut self, group: &KeptGroup) -> Result<(), StoreError>;

    /// Makes somebody, who is there, belong to a group; nothing changes if they do already.
    fn put_into_group(&mut self, group: GroupId, person: PersonId) -> Result<(), StoreError>;

    /// Takes somebody out of a group.
    fn take_out_of_group(&mut self, group: GroupId, person: PersonId) -> Result<(), StoreError>;
}
