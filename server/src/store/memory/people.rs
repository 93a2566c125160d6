//! People in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use keruen_domain::protocol::people::TokenId;
use keruen_domain::{DeviceId, GroupId, InvitationId, PersonId, ProgrammeId, ScopeId};

use super::{Undo, View};
use crate::secrets::SecretHash;
use crate::store::StoreError;
use crate::store::groups::KeptGroup;
use crate::store::people::{
    DeviceKey, DeviceKeyKind, DeviceToken, KeptInvitation, Membership, Person, ReadPeople,
    WritePeople,
};

/// All that is known of people.
#[derive(Clone, Default)]
pub(super) struct People {
    version: u64,
    persons: BTreeMap<PersonId, Person>,
    members: BTreeMap<(PersonId, ProgrammeId), Membership>,
    removals: BTreeMap<(PersonId, ProgrammeId), u64>,
    tokens: BTreeMap<TokenNumber, (SecretHash, DeviceToken)>,
    last_token: TokenNumber,
    invitations: BTreeMap<InvitationId, (SecretHash, KeptInvitation)>,
    uses: BTreeSet<(InvitationId, PersonId)>,
    device_keys: BTreeMap<SecretHash, DeviceKey>,
    pub(super) calendars: BTreeMap<PersonId, (SecretHash, u64)>,
    pub(super) groups: BTreeMap<GroupId, KeptGroup>,
    pub(super) group_members: BTreeSet<(PersonId, GroupId)>,
}

type TokenNumber = u64;

impl View<'_> {
    pub(super) fn people(&mut self) -> &mut People {
        self.undo.push(Undo::People(self.data.people.clone()));
        Arc::make_mut(&mut self.change().people)
    }

    /// The same, for what decides who may do what.
    pub(super) fn people_anew(&mut self) -> &mut People {
        let people = self.people();
        people.version += 1;
        people
    }
}

impl ReadPeople for View<'_> {
    fn people_version(&self) -> Result<u64, StoreError> {
        Ok(self.data.people.version)
    }

    fn person(&self, person: PersonId) -> Result<Option<Person>, StoreError> {
        Ok(self.data.people.persons.get(&person).cloned())
    }

    fn persons(&self) -> Result<Vec<Person>, StoreError> {
        let mut persons: Vec<Person> = self.data.people.persons.values().cloned().collect();
        persons.sort_by_key(|person| person.joined_ms);
        Ok(persons)
    }

    fn memberships(&self, person: PersonId) -> Result<Vec<Membership>, StoreError> {
        let members = self.data.people.members.values();
        Ok(members
            .filter(|member| member.person == person)
            .copied()
            .collect())
    }

    fn members(&self, programme: ProgrammeId) -> Result<Vec<Membership>, StoreError> {
        let members = self.data.people.members.values();
        let mut members: Vec<Membership> = members
            .filter(|member| member.programme == programme)
            .copied()
            .collect();
        members.sort_by_key(|member| member.joined_ms);
        Ok(members)
    }

    fn removed_ms(
        &self,
        person: PersonId,
        programme: ProgrammeId,
    ) -> Result<Option<u64>, StoreError> {
        let removals = &self.data.people.removals;
        Ok(removals.get(&(person, programme)).copied())
    }

    fn token(&self, hash: &SecretHash) -> Result<Option<DeviceToken>, StoreError> {
        let mut tokens = self.data.people.tokens.values();
        let found = tokens.find(|(known, _)| known == hash);
        Ok(found.map(|(_, token)| token.clone()))
    }

    fn tokens(&self, person: PersonId) -> Result<Vec<DeviceToken>, StoreError> {
        let tokens = self.data.people.tokens.values().map(|(_, token)| token);
        let mut tokens: Vec<DeviceToken> = tokens
            .filter(|token| token.person == person && !token.is_revoked)
            .cloned()
            .collect();
        tokens.sort_by_key(|token| std::cmp::Reverse((token.seen_ms, token.id.0)));
        Ok(tokens)
    }

    fn people_of_device(&self, device: DeviceId) -> Result<Vec<PersonId>, StoreError> {
        let writers = self.data.writers.iter();
        let of_device = writers.filter(|(of, _)| *of == device);
        Ok(of_device.map(|(_, person)| *person).collect())
    }

    fn invitation(&self, hash: &SecretHash) -> Result<Option<KeptInvitation>, StoreError> {
        let mut invitations = self.data.people.invitations.values();
        let found = invitations.find(|(known, _)| known == hash);
        Ok(found.map(|(_, invitation)| invitation.clone()))
    }

    fn invitation_named(&self, id: InvitationId) -> Result<Option<KeptInvitation>, StoreError> {
        let found = self.data.people.invitations.get(&id);
        Ok(found.map(|(_, invitation)| invitation.clone()))
    }

    fn invitations(
        &self,
        programme: Option<ProgrammeId>,
    ) -> Result<Vec<KeptInvitation>, StoreError> {
        let invitations = self.data.people.invitations.values();
        let mut invitations: Vec<KeptInvitation> = invitations
            .map(|(_, invitation)| invitation)
            .filter(|invitation| invitation.programme == programme)
            .cloned()
            .collect();
        invitations
            .sort_by_key(|invitation| std::cmp::Reverse((invitation.made_ms, invitation.id)));
        Ok(invitations)
    }

    fn has_used(&self, invitation: InvitationId, person: PersonId) -> Result<bool, StoreError> {
        Ok(self.data.people.uses.contains(&(invitation, person)))
    }

    fn device_key(&self, hash: &SecretHash) -> Result<Option<DeviceKey>, StoreError> {
        Ok(self.data.people.device_keys.get(hash).copied())
    }

    fn device_keys(&self, person: PersonId) -> Result<Vec<DeviceKey>, StoreError> {
        let keys = self.data.people.device_keys.values();
        Ok(keys.filter(|key| key.person == person).copied().collect())
    }
}

impl WritePeople for View<'_> {
    fn put_person(&mut self, person: &Person) -> Result<(), StoreError> {
        self.people_anew().persons.insert(person.id, person.clone());
        Ok(())
    }

    fn erase_person(&mut self, person: PersonId) -> Result<(), StoreError> {
        let people = self.people_anew();
        people.persons.remove(&person);
        people.members.retain(|(member, _), _| *member != person);
        people.removals.retain(|(member, _), _| *member != person);
        people.tokens.retain(|_, (_, token)| token.person != person);
        people.device_keys.retain(|_, key| key.person != person);
        people.uses.retain(|(_, user)| *user != person);
        people.calendars.remove(&person);
        people.group_members.retain(|(member, _)| *member != person);
        self.forget_devices(person);
        self.forget_shares(person);
        self.remove_scope(ScopeId::Person(person));
        Ok(())
    }

    fn put_membership(&mut self, membership: &Membership) -> Result<(), StoreError> {
        let place = (membership.person, membership.programme);
        self.people_anew().members.insert(place, *membership);
        Ok(())
    }

    fn remove_membership(
        &mut self,
        person: PersonId,
        programme: ProgrammeId,
    ) -> Result<(), StoreError> {
        self.people_anew().members.remove(&(person, programme));
        Ok(())
    }

    fn note_removal(
        &mut self,
        person: PersonId,
        programme: ProgrammeId,
        removed_ms: u64,
    ) -> Result<(), StoreError> {
        let removals = &mut self.people().removals;
        removals.insert((person, programme), removed_ms);
        Ok(())
    }

    fn add_token(&mut self, hash: &SecretHash, token: &DeviceToken) -> Result<TokenId, StoreError> {
        let people = self.people_anew();
        people.last_token += 1;
        let id = TokenId(people.last_token);
        let token = DeviceToken {
            id,
            ..token.clone()
        };
        people.tokens.insert(id.0, (*hash, token));
        Ok(id)
    }

    fn note_seen(
        &mut self,
        token: TokenId,
        device: DeviceId,
        seen_ms: u64,
    ) -> Result<(), StoreError> {
        if let Some((_, token)) = self.people().tokens.get_mut(&token.0) {
            (token.device, token.seen_ms) = (device, seen_ms);
        }
        Ok(())
    }

    fn revoke_token(&mut self, token: TokenId) -> Result<(), StoreError> {
        if let Some((_, token)) = self.people_anew().tokens.get_mut(&token.0) {
            token.is_revoked = true;
        }
        Ok(())
    }

    fn add_invitation(
        &mut self,
        hash: &SecretHash,
        invitation: &KeptInvitation,
    ) -> Result<(), StoreError> {
        let kept = (*hash, invitation.clone());
        self.people().invitations.insert(invitation.id, kept);
        Ok(())
    }

    fn note_use(&mut self, invitation: InvitationId, person: PersonId) -> Result<(), StoreError> {
        let people = self.people();
        people.uses.insert((invitation, person));
        if let Some((_, invitation)) = people.invitations.get_mut(&invitation) {
            invitation.uses += 1;
        }
        Ok(())
    }

    fn revoke_invitation(&mut self, invitation: InvitationId) -> Result<(), StoreError> {
        if let Some((_, invitation)) = self.people().invitations.get_mut(&invitation) {
            invitation.is_revoked = true;
        }
        Ok(())
    }

    fn add_device_key(&mut self, hash: &SecretHash, key: &DeviceKey) -> Result<(), StoreError> {
        self.people().device_keys.insert(*hash, *key);
        Ok(())
    }

    fn use_device_key(&mut self, hash: &SecretHash, token: TokenId) -> Result<(), StoreError> {
        if let Some(key) = self.people().device_keys.get_mut(hash) {
            key.used_by = Some(token);
        }
        Ok(())
    }

    fn forget_device_keys(
        &mut self,
        person: PersonId,
        kind: DeviceKeyKind,
    ) -> Result<(), StoreError> {
        let is_forgotten =
            |key: &DeviceKey| key.person == person && key.kind == kind && key.used_by.is_none();
        let keys = &mut self.people().device_keys;
        keys.retain(|_, key| !is_forgotten(key));
        Ok(())
    }

    fn prune_people(&mut self, before_ms: u64) -> Result<(), StoreError> {
        let people = self.people();
        let is_old = |end_ms: Option<u64>| end_ms.is_some_and(|end_ms| end_ms < before_ms);
        people.device_keys.retain(|_, key| !is_old(key.expires_ms));
        let invitations = &mut people.invitations;
        invitations.retain(|_, (_, invitation)| !is_old(Some(invitation.expires_ms)));
        people.uses.retain(|(id, _)| invitations.contains_key(id));
        Ok(())
    }
}
