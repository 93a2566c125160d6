//! Groups in memory.

use keruen_domain::{GroupId, PersonId, ProgrammeId};

use super::View;
use crate::store::StoreError;
use crate::store::groups::{KeptGroup, ReadGroups, WriteGroups};

impl ReadGroups for View<'_> {
    fn group(&self, group: GroupId) -> Result<Option<KeptGroup>, StoreError> {
        Ok(self.data.people.groups.get(&group).cloned())
    }

    fn groups(&self, programme: ProgrammeId) -> Result<Vec<KeptGroup>, StoreError> {
        let groups = self.data.people.groups.values();
        let mut groups: Vec<KeptGroup> = groups
            .filter(|group| group.programme == programme)
            .cloned()
            .collect();
        groups.sort_by_key(|group| group.made_ms);
        Ok(groups)
    }

    fn groups_with(&self, person: PersonId) -> Result<Vec<GroupId>, StoreError> {
        let members = self.data.people.group_members.iter();
        let groups = members.filter(|(member, _)| *member == person);
        Ok(groups.map(|(_, group)| *group).collect())
    }

    fn group_people(&self, group: GroupId) -> Result<Vec<PersonId>, StoreError> {
        let members = self.data.people.group_members.iter();
        let people = members.filter(|(_, of)| *of == group);
        Ok(people.map(|(person, _)| *person).collect())
    }
}

impl WriteGroups for View<'_> {
    fn add_group(&mut self, group: &KeptGroup) -> Result<(), StoreError> {
        self.people_anew().groups.insert(group.id, group.clone());
        Ok(())
    }

    fn put_into_group(&mut self, group: GroupId, person: PersonId) -> Result<(), StoreError> {
        self.people_anew().group_members.insert((person, group));
        Ok(())
    }

    fn take_out_of_group(&mut self, group: GroupId, person: PersonId) -> Result<(), StoreError> {
        self.people_anew().group_members.remove(&(person, group));
        Ok(())
    }
}
