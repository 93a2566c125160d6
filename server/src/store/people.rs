//! What is kept of people: who they are, what they are where, by which devices they are known, and what
//! was given away for others to join.

use keruen_domain::protocol::people::{Card, TokenId};
use keruen_domain::{DeviceId, InvitationId, PersonId, ProgrammeId, Role};

use super::StoreError;
use crate::secrets::SecretHash;

/// Somebody who has joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub id: PersonId,
    /// What they said of themselves when they joined last.
    pub card: Card,
    /// Whether they organise every programme.
    pub organises_everything: bool,
    /// When they joined first, in milliseconds since 1970 (UTC).
    pub joined_ms: u64,
}

/// Somebody's place in a programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Who.
    pub person: PersonId,
    /// Where.
    pub programme: ProgrammeId,
    /// As what.
    pub role: Role,
    /// Since when, in milliseconds since 1970 (UTC).
    pub joined_ms: u64,
}

/// A token by which a device is known to be somebody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceToken {
    /// What it is called where it is revoked.
    pub id: TokenId,
    /// Whose it is.
    pub person: PersonId,
    /// The device's name in the exchange, as it last gave it.
    pub device: DeviceId,
    /// What the device calls itself.
    pub label: String,
    /// When it was added, in milliseconds since 1970 (UTC).
    pub added_ms: u64,
    /// When it was last noted, in milliseconds since 1970 (UTC).
    pub seen_ms: u64,
    /// Whether it was taken back: it is not believed any more.
    pub is_revoked: bool,
}

/// An invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptInvitation {
    /// Which.
    pub id: InvitationId,
    /// To where; `None` to organise everything.
    pub programme: Option<ProgrammeId>,
    /// As what.
    pub role: Role,
    /// By whom.
    pub made_by: PersonId,
    /// When, in milliseconds since 1970 (UTC).
    pub made_ms: u64,
    /// Until when it can be used, in milliseconds since 1970 (UTC).
    pub expires_ms: u64,
    /// How many people it lets in.
    pub max_uses: u32,
    /// How many it has let in.
    pub uses: u32,
    /// What it is for.
    pub note: String,
    /// Whether it was taken back.
    pub is_revoked: bool,
}

impl KeptInvitation {
    /// Whether somebody may come in by it now.
    pub const fn is_open(&self, now_ms: u64) -> bool {
        !self.is_revoked && now_ms < self.expires_ms && self.uses < self.max_uses
    }
}

/// In which way a device can become somebody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceKeyKind {
    /// By a link that another device shows.
    Link,
    /// By the code on paper.
    Recovery,
}

/// What another device can become somebody's by, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceKey {
    /// Whose.
    pub person: PersonId,
    /// In which way.
    pub kind: DeviceKeyKind,
    /// Until when, in milliseconds since 1970 (UTC); `None` without end.
    pub expires_ms: Option<u64>,
    /// The token that was made with it.
    pub used_by: Option<TokenId>,
}

impl DeviceKey {
    /// Whether it can be used now.
    pub fn is_open(&self, now_ms: u64) -> bool {
        self.used_by.is_none() && self.expires_ms.is_none_or(|end_ms| now_ms < end_ms)
    }
}

/// What is known of people at one moment.
pub trait ReadPeople {
    /// A number that is another one after each change of who may do what.
    fn people_version(&self) -> Result<u64, StoreError>;

    /// Somebody.
    fn person(&self, person: PersonId) -> Result<Option<Person>, StoreError>;

    /// Everybody, those who joined first at the beginning.
    fn persons(&self) -> Result<Vec<Person>, StoreError>;

    /// Where somebody is a member.
    fn memberships(&self, person: PersonId) -> Result<Vec<Membership>, StoreError>;

    /// Who is a member of this programme, those who joined first at the beginning.
    fn members(&self, programme: ProgrammeId) -> Result<Vec<Membership>, StoreError>;

    /// When somebody was last taken out of a programme by somebody else, in milliseconds since 1970 (UTC).
    fn removed_ms(
        &self,
        person: PersonId,
        programme: ProgrammeId,
    ) -> Result<Option<u64>, StoreError>;

    /// Who has sent changes with a device of this name.
    fn people_of_device(&self, device: DeviceId) -> Result<Vec<PersonId>, StoreError>;

    /// The token with this hash, even if it was revoked.
    fn token(&self, hash: &SecretHash) -> Result<Option<DeviceToken>, StoreError>;

    /// Somebody's tokens that are believed, the last seen first.
    fn tokens(&self, person: PersonId) -> Result<Vec<DeviceToken>, StoreError>;

    /// The invitation with this secret, whether or not it can be used.
    fn invitation(&self, hash: &SecretHash) -> Result<Option<KeptInvitation>, StoreError>;

    /// The invitation of this name.
    fn invitation_named(&self, id: InvitationId) -> Result<Option<KeptInvitation>, StoreError>;

    /// All invitations to this programme, or to organise everything, the newest first.
    fn invitations(
        &self,
        programme: Option<ProgrammeId>,
    ) -> Result<Vec<KeptInvitation>, StoreError>;

    /// Whether somebody came in by this invitation.
    fn has_used(&self, invitation: InvitationId, person: PersonId) -> Result<bool, StoreError>;

    /// What is opened by this secret.
    fn device_key(&self, hash: &SecretHash) -> Result<Option<DeviceKey>, StoreError>;

    /// All such that somebody has, used ones too.
    fn device_keys(&self, person: PersonId) -> Result<Vec<DeviceKey>, StoreError>;
}

/// Changes of what is known of people.
pub trait WritePeople: ReadPeople {
    /// Puts somebody in their place.
    fn put_person(&mut self, person: &Person) -> Result<(), StoreError>;

    /// Forgets somebody: their place everywhere, their devices, and all that lies in their own scope.
    fn erase_person(&mut self, person: PersonId) -> Result<(), StoreError>;

    /// Makes somebody a member, or changes what they are.
    fn put_membership(&mut self, membership: &Membership) -> Result<(), StoreError>;

    /// Takes somebody out of a programme.
    fn remove_membership(
        &mut self,
        person: PersonId,
        programme: ProgrammeId,
    ) -> Result<(), StoreError>;

    /// Notes that somebody was taken out of a programme by somebody else. This alone does not change the
    /// version.
    fn note_removal(
        &mut self,
        person: PersonId,
        programme: ProgrammeId,
        removed_ms: u64,
    ) -> Result<(), StoreError>;

    /// Adds a token with this hash, which is not there yet; it gets a number of its own, whatever stands in
    /// `token`.
    fn add_token(&mut self, hash: &SecretHash, token: &DeviceToken) -> Result<TokenId, StoreError>;

    /// Notes when a device came with this token, and what it called itself in the exchange. This alone does
    /// not change the version.
    fn note_seen(
        &mut self,
        token: TokenId,
        device: DeviceId,
        seen_ms: u64,
    ) -> Result<(), StoreError>;

    /// Takes a token back. It stays known as such.
    fn revoke_token(&mut self, token: TokenId) -> Result<(), StoreError>;

    /// Adds an invitation with this secret.
    fn add_invitation(
        &mut self,
        hash: &SecretHash,
        invitation: &KeptInvitation,
    ) -> Result<(), StoreError>;

    /// Counts somebody who came in by this invitation.
    fn note_use(&mut self, invitation: InvitationId, person: PersonId) -> Result<(), StoreError>;

    /// Takes an invitation back.
    fn revoke_invitation(&mut self, invitation: InvitationId) -> Result<(), StoreError>;

    /// Adds what another device can become somebody's by.
    fn add_device_key(&mut self, hash: &SecretHash, key: &DeviceKey) -> Result<(), StoreError>;

    /// Notes that a key was used for this token.
    fn use_device_key(&mut self, hash: &SecretHash, token: TokenId) -> Result<(), StoreError>;

    /// Forgets somebody's keys of this kind that were not used.
    fn forget_device_keys(
        &mut self,
        person: PersonId,
        kind: DeviceKeyKind,
    ) -> Result<(), StoreError>;

    /// Forgets keys and invitations that could be used before this time only (milliseconds since 1970, UTC).
    fn prune_people(&mut self, before_ms: u64) -> Result<(), StoreError>;
}
