//! Who belongs to a programme, and with which devices: what is said beside the exchange, online only.
//!
//! Every question is a `POST` with the question as its body, in either form of the protocol, so that no
//! secret stands in an address. All answers are `no-store`. A secret that is unknown, used up, expired or
//! taken back is answered in one way, *not found*: nobody learns which of these it is.
//!
//! Who may ask what:
//!
//! | path | who |
//! |---|---|
//! | [`paths::INVITATION`], [`paths::JOIN`], [`paths::ADD_DEVICE`] | who has the secret |
//! | [`paths::ME`], [`paths::DEVICE_LINK`], [`paths::RECOVERY_CODE`], [`paths::REVOKE_DEVICE`] | everybody, of themselves |
//! | [`paths::MEMBERS`] | the programme's organisers and trainers |
//! | [`paths::CHANGE_ROLE`], [`paths::INVITATIONS`], [`paths::INVITE`], [`paths::REVOKE_INVITATION`] | the programme's organisers |
//! | [`paths::LEAVE_PROGRAMME`] | its members, of themselves |
//! | [`paths::GROUPS`], [`paths::NEW_GROUP`] | the programme's members; of all its groups, its organisers and trainers |
//! | [`paths::ADD_TO_GROUP`] | the group's members, the programme's organisers and trainers |
//! | [`paths::LEAVE_GROUP`] | its members, of themselves |
//! | [`paths::WRITERS`] | whoever reads what the group writes |

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::access::Role;
use crate::id::{DeviceId, GroupId, InvitationId, PersonId, ProgrammeId};
use crate::protocol::v1::ProgrammeRole;

/// Where each question is asked.
pub mod paths {
    /// [`super::Secret`] → [`super::InvitationFace`].
    pub const INVITATION: &str = "/api/v1/invitation";
    /// [`super::Join`] → [`super::Joined`].
    pub const JOIN: &str = "/api/v1/join";
    /// [`super::AddDevice`] → [`super::Joined`].
    pub const ADD_DEVICE: &str = "/api/v1/devices/add";
    /// `()` → [`super::Me`].
    pub const ME: &str = "/api/v1/me";
    /// `()` → [`super::NewSecret`].
    pub const DEVICE_LINK: &str = "/api/v1/devices/link";
    /// `()` → [`super::NewSecret`].
    pub const RECOVERY_CODE: &str = "/api/v1/recovery-code";
    /// [`super::TokenId`] → `()`.
    pub const REVOKE_DEVICE: &str = "/api/v1/devices/revoke";
    /// [`super::OfProgramme`] → `Vec<`[`super::Member`]`>`.
    pub const MEMBERS: &str = "/api/v1/members";
    /// [`super::ChangeRole`] → `()`.
    pub const CHANGE_ROLE: &str = "/api/v1/members/role";
    /// [`super::OfProgramme`] → `()`.
    pub const LEAVE_PROGRAMME: &str = "/api/v1/members/leave";
    /// [`super::OfProgramme`] → `Vec<`[`super::Invitation`]`>`.
    pub const INVITATIONS: &str = "/api/v1/invitations";
    /// [`super::Invite`] → [`super::NewSecret`].
    pub const INVITE: &str = "/api/v1/invitations/new";
    /// [`InvitationId`](crate::InvitationId) → `()`.
    pub const REVOKE_INVITATION: &str = "/api/v1/invitations/revoke";
    /// [`super::OfProgramme`] → `Vec<`[`super::Group`]`>`.
    pub const GROUPS: &str = "/api/v1/groups";
    /// [`super::NewGroup`] → [`GroupId`](crate::GroupId).
    pub const NEW_GROUP: &str = "/api/v1/groups/new";
    /// [`super::AddToGroup`] → `()`.
    pub const ADD_TO_GROUP: &str = "/api/v1/groups/add";
    /// [`GroupId`](crate::GroupId) → `()`.
    pub const LEAVE_GROUP: &str = "/api/v1/groups/leave";
    /// [`super::WritersOf`] → `Vec<`[`super::Writer`]`>`.
    pub const WRITERS: &str = "/api/v1/groups/writers";
}

/// Limits that both sides know.
pub mod limits {
    /// Characters of a name, an organisation, a note or a label.
    pub const MAX_CHARACTERS: usize = 200;
    /// Bytes of one of these questions.
    pub const MAX_QUESTION_BYTES: usize = 16 * 1024;
    /// Devices of one person; adding another is refused.
    pub const MAX_DEVICES: usize = 20;
    /// Invitations of one programme that can be used.
    pub const MAX_INVITATIONS: usize = 200;
    /// People whom one invitation can let in.
    pub const MAX_USES: u32 = 10_000;
    /// Characters of a device's token: 32 random bytes in base64url (RFC 4648, section 5).
    pub const TOKEN_CHARACTERS: usize = 43;
    /// Groups of one programme.
    pub const MAX_GROUPS: usize = 500;
    /// Devices that are asked about at once.
    pub const MAX_WRITERS: usize = 64;
    /// People of one group.
    pub const MAX_GROUP_PEOPLE: usize = 200;
    /// For how long a device link can be used, in milliseconds.
    pub const DEVICE_LINK_MS: u64 = 10 * 60 * 1_000;
}

/// A text in some languages, by the language's code.
pub type Texts = BTreeMap<String, String>;

/// The secret of an invitation.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Secret {
    /// As it stands in the link.
    #[cfg_attr(feature = "openapi", schema(max_length = 64))]
    pub secret: String,
}

/// What an invitation is to, before it is taken up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct InvitationFace {
    /// The programme; `None` for an organiser of all that is on the server.
    pub programme: Option<ProgrammeId>,
    /// What it is called; nothing if it has no title yet.
    pub title: Texts,
    /// As what.
    pub role: Role,
    /// The regions to choose from, by code; nothing for a country that is not known here.
    pub regions: Vec<Region>,
}

/// A region of a country.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Region {
    /// Its ISO 3166-2 code, such as `KZ-47`.
    pub code: String,
    /// What it is called.
    pub name: Texts,
}

/// What somebody says of themselves when they join.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Card {
    /// Their name; not empty.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Name))]
    pub name: String,
    /// Where they work; may be empty.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Line))]
    pub organisation: String,
    /// ISO 3166-2 code of their region; may be empty.
    #[cfg_attr(feature = "openapi", schema(pattern = "^([A-Z]{2}-[A-Z0-9]{1,3})?$"))]
    pub region: String,
    /// Code or tag of the language that they read the app in.
    #[cfg_attr(
        feature = "openapi",
        schema(
            max_length = 200,
            pattern = r"^([Kk][Kk]|[Rr][Uu]|[Ee][Nn])([-_][\s\S]*)?$"
        )
    )]
    pub language: String,
    /// Whether the other members may see this card. Organisers and trainers always see the name.
    pub is_listed: bool,
}

/// Taking up an invitation.
///
/// The device makes the token and keeps it before it asks, so that it can ask again when the answer is
/// lost: the same token with the same invitation gets the same answer, and counts once. Who asks with a
/// bearer token is known already: they keep their person, their card and their devices, and join the
/// programme; neither `token` nor `card` is looked at.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Join {
    /// The invitation's.
    #[cfg_attr(feature = "openapi", schema(max_length = 64))]
    pub secret: String,
    /// By which the device will be known: 32 random bytes in base64url.
    #[cfg_attr(feature = "openapi", schema(pattern = "^[A-Za-z0-9_-]{43}$"))]
    pub token: String,
    /// What the device calls itself, such as `Chrome, Android`.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Line))]
    pub label: String,
    /// Who joins.
    pub card: Card,
}

/// Making a browser a device of somebody, by a link that another device shows or by the code on paper.
/// Repeating it with the same token gets the same answer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddDevice {
    /// The link's secret, or the recovery code as somebody typed it: spaces and hyphens do not count, nor
    /// do capitals.
    #[cfg_attr(feature = "openapi", schema(max_length = 64))]
    pub secret: String,
    /// See [`Join::token`].
    #[cfg_attr(feature = "openapi", schema(pattern = "^[A-Za-z0-9_-]{43}$"))]
    pub token: String,
    /// See [`Join::label`].
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Line))]
    pub label: String,
}

/// The device belongs to somebody now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Joined {
    /// To whom.
    pub person: PersonId,
    /// The programme that was joined; `None` for a device that was added, or an organiser of everything.
    pub programme: Option<ProgrammeId>,
}

/// Somebody, their roles and their devices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    /// Who.
    pub person: PersonId,
    /// Their name; empty for the holder of the operator's token.
    pub name: String,
    /// Whether they organise every programme.
    pub organises_everything: bool,
    /// What they are where.
    pub roles: Vec<ProgrammeRole>,
    /// Their devices, the last heard of first.
    pub devices: Vec<KnownDevice>,
    /// Whether there is a recovery code that can be used.
    pub has_recovery_code: bool,
}

/// Names a device's token, and is none: a number that the server gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TokenId(pub u64);

/// One of somebody's devices.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KnownDevice {
    /// By which it is revoked.
    pub token: TokenId,
    /// Its name in the exchange, as it last gave it.
    pub device: DeviceId,
    /// What it calls itself.
    pub label: String,
    /// Whether it is the one that asks.
    pub is_this: bool,
    /// When it was added, in milliseconds since 1970 (UTC).
    pub added_ms: u64,
    /// When it was last heard of, in milliseconds since 1970 (UTC), to the minute.
    pub seen_ms: u64,
}

/// A secret that was made, told this once: the server keeps its hash only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewSecret {
    /// What goes into a link, or onto paper.
    pub secret: String,
    /// Until when it can be used, in milliseconds since 1970 (UTC); `None` without end.
    pub expires_ms: Option<u64>,
}

/// A question about one programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OfProgramme {
    /// Which.
    pub programme: ProgrammeId,
}

/// Somebody in a programme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Member {
    /// Who.
    pub person: PersonId,
    /// Their name.
    pub name: String,
    /// Where they work; may be empty.
    pub organisation: String,
    /// What their region is called; nothing if they did not say, or if it is not known here.
    pub region: Texts,
    /// What they are in it.
    pub role: Role,
    /// When they joined, in milliseconds since 1970 (UTC).
    pub joined_ms: u64,
}

/// Somebody gets another role, or leaves. The last organiser of a programme stays one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChangeRole {
    /// In which programme.
    pub programme: ProgrammeId,
    /// Who.
    pub person: PersonId,
    /// The role from now on; `None` removes the person from the programme.
    pub role: Option<Role>,
}

/// A new invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invite {
    /// To which programme.
    pub programme: ProgrammeId,
    /// As what.
    pub role: Role,
    /// For how long it can be used, in milliseconds: 400 days at most.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 34_560_000_000_u64))]
    pub valid_ms: u64,
    /// How many people it lets in.
    #[cfg_attr(feature = "openapi", schema(minimum = 1, maximum = 10000))]
    pub max_uses: u32,
    /// What it is for, for its maker; may be empty.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Line))]
    pub note: String,
}

/// An invitation that somebody made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Invitation {
    /// By which it is revoked.
    pub id: InvitationId,
    /// As what people join.
    pub role: Role,
    /// When it was made, in milliseconds since 1970 (UTC).
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

/// Some people of a programme who write together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Group {
    /// Which; its scope bears this identifier.
    pub group: GroupId,
    /// What it is called.
    pub name: String,
    /// Who belongs to it.
    pub people: Vec<GroupPerson>,
}

/// Somebody in a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupPerson {
    /// Who.
    pub person: PersonId,
    /// Their name; empty for a participant who asks about somebody who is not listed.
    pub name: String,
}

/// Whose devices these are that wrote something in a group's notes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WritersOf {
    /// The group.
    pub group: GroupId,
    /// The devices, as stamps name them.
    #[cfg_attr(feature = "openapi", schema(max_items = 64))]
    pub devices: Vec<DeviceId>,
}

/// Somebody who writes with a device. Of a device of which the server knows nobody, or several people, nothing is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Writer {
    /// The device.
    pub device: DeviceId,
    /// Who.
    pub person: PersonId,
    /// Their name; empty for a participant who asks about somebody who is not listed.
    pub name: String,
}

/// A new group. Its maker belongs to it, if they are a member of the programme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewGroup {
    /// In which programme.
    pub programme: ProgrammeId,
    /// What it is called; not empty.
    #[cfg_attr(feature = "openapi", schema(value_type = crate::openapi::Name))]
    pub name: String,
    /// Who else belongs to it; members of the programme.
    #[cfg_attr(feature = "openapi", schema(max_items = 200))]
    pub people: Vec<PersonId>,
}

/// More people for a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AddToGroup {
    /// Which.
    pub group: GroupId,
    /// Who is to belong to it; members of its programme.
    #[cfg_attr(feature = "openapi", schema(min_items = 1, max_items = 200))]
    pub people: Vec<PersonId>,
}

super::hidden!(Secret, Join, AddDevice, NewSecret);
