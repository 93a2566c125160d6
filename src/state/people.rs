//! Joining, devices, members, invitations, shares: asked of the server, online only. What changes is
//! seen when the answer is here, and never before.

use futures_lite::future::or;
use keruen_domain::protocol::people::{
    AddDevice, AddToGroup, Card, ChangeRole, Group, Invitation, InvitationFace, Invite, Join,
    Joined, Me, Member, NewGroup, NewSecret, OfProgramme, Secret, TokenId, paths,
};
use keruen_domain::protocol::shares::{self, NewShare, OpenShare, Opened, Share};
use keruen_domain::{GroupId, InvitationId, PersonId, ProgrammeId, Role, ShareId};

use super::link::{Link, forget_person, remember_person};
use super::{AppState, follow};
use crate::platform::{
    Area, can_hand_on, hand_on, load, origin, print, remove_value, sleep_ms, user_agent,
    value_names,
};
use crate::store::leave_at_next_start;
use crate::sync::{AskFailure, ask, ask_as_nobody, ask_with};

/// What an answer may be.
pub type Answer<T> = Result<T, AskFailure>;

impl AppState {
    /// What the owner of this device is in a programme, as the server said last.
    pub fn role_in(&self, programme: ProgrammeId) -> Option<Role> {
        self.follow_roles();
        let roles = self.store().roles();
        let of = roles.iter().find(|of| of.programme == programme);
        of.map(|of| of.role)
    }

    /// The programmes that the owner of this device belongs to, the latest first.
    pub fn joined_programmes(&self) -> Vec<(ProgrammeId, Role)> {
        self.follow_roles();
        let roles = self.store().roles();
        let joined = |id: ProgrammeId| {
            let of = roles.iter().find(|of| of.programme == id)?;
            Some((id, of.role))
        };
        self.programmes()
            .into_iter()
            .filter_map(|programme| joined(programme.id()))
            .collect()
    }

    /// Those of them in which they may do what trainers do.
    pub fn led_programmes(&self) -> Vec<(ProgrammeId, Role)> {
        let mut programmes = self.joined_programmes();
        programmes.retain(|(_, role)| *role != Role::Participant);
        programmes
    }

    fn follow_roles(&self) {
        follow(self.roles_changed);
        follow(self.token_changed);
    }

    /// What a link invites to.
    pub async fn invitation(&self, secret: String) -> Answer<InvitationFace> {
        ask_as_nobody(&self.store(), paths::INVITATION, &Secret { secret }).await
    }

    /// Takes up an invitation. This browser belongs to the person then, with all that was written on it.
    /// Where the server no longer knows this browser's owner, that is forgotten: they say who they are.
    pub async fn join(&self, secret: String, card: Card) -> Answer<Joined> {
        let (token, label) = (Link::token(), device_label());
        let question = Join {
            secret,
            token: token.clone(),
            label,
            card,
        };
        let mut joined = ask(&self.store(), paths::JOIN, &question).await;
        if joined == Err(AskFailure::NotAuthorised) {
            if let Err(error) = self.store().set_token(None).await {
                self.not_saved(&error);
            } else if !question.card.name.is_empty() {
                joined = ask_as_nobody(&self.store(), paths::JOIN, &question).await;
            }
        }
        let joined: Joined = joined?;
        let is_new = self.store().token().is_none();
        remember_person(joined.person);
        self.belongs(is_new.then_some(token)).await;
        Ok(joined)
    }

    /// Makes this browser a device of somebody who shows a link, or has the code on paper.
    pub async fn add_this_device(&self, secret: String) -> Answer<Joined> {
        let (token, label) = (Link::token(), device_label());
        let question = AddDevice {
            secret,
            token: token.clone(),
            label,
        };
        let joined: Joined = ask_as_nobody(&self.store(), paths::ADD_DEVICE, &question).await?;
        remember_person(joined.person);
        self.belongs(Some(token)).await;
        Ok(joined)
    }

    /// Whose a token is.
    pub async fn owner_of(&self, token: String) -> Answer<Me> {
        ask_with(&self.store(), &token, paths::ME, &()).await
    }

    /// Whether this browser has this token already.
    pub fn has_key(&self, token: &str) -> bool {
        follow(self.token_changed);
        self.store().token().as_deref() == Some(token)
    }

    /// Makes this browser a device of the token's owner, with all that was written on it.
    pub async fn use_key(&self, token: String) {
        forget_person();
        self.belongs(Some(token)).await;
    }

    /// The link is forgotten only when the token is on disk.
    async fn belongs(&self, token: Option<String>) {
        if let Some(token) = token
            && let Err(error) = self.store().set_token(Some(token)).await
        {
            self.not_saved(&error);
            return;
        }
        Link::forget();
        self.sync_now();
    }

    /// Who one is, where, and with which devices.
    pub async fn me(&self) -> Answer<Me> {
        ask(&self.store(), paths::ME, &()).await
    }

    /// A secret by which another browser becomes a device of the same person.
    pub async fn device_link(&self) -> Answer<NewSecret> {
        ask(&self.store(), paths::DEVICE_LINK, &()).await
    }

    /// A code for paper. The one before cannot be used any more.
    pub async fn recovery_code(&self) -> Answer<NewSecret> {
        ask(&self.store(), paths::RECOVERY_CODE, &()).await
    }

    /// From now on the server refuses that device.
    pub async fn revoke_device(&self, token: TokenId) -> Answer<()> {
        ask(&self.store(), paths::REVOKE_DEVICE, &token).await
    }

    /// Who is in a programme.
    pub async fn members(&self, programme: ProgrammeId) -> Answer<Vec<Member>> {
        ask(&self.store(), paths::MEMBERS, &OfProgramme { programme }).await
    }

    /// Gives somebody another role; with `None` they leave.
    pub async fn change_role(
        &self,
        programme: ProgrammeId,
        person: PersonId,
        role: Option<Role>,
    ) -> Answer<()> {
        let question = ChangeRole {
            programme,
            person,
            role,
        };
        ask(&self.store(), paths::CHANGE_ROLE, &question).await
    }

    /// Leaves a programme.
    pub async fn leave_programme(&self, programme: ProgrammeId) -> Answer<()> {
        let question = OfProgramme { programme };
        ask::<_, ()>(&self.store(), paths::LEAVE_PROGRAMME, &question).await?;
        self.sync_now();
        Ok(())
    }

    /// The groups of a programme that one may see.
    pub async fn groups(&self, programme: ProgrammeId) -> Answer<Vec<Group>> {
        ask(&self.store(), paths::GROUPS, &OfProgramme { programme }).await
    }

    /// Makes a group.
    pub async fn new_group(&self, group: &NewGroup) -> Answer<GroupId> {
        let made = ask(&self.store(), paths::NEW_GROUP, group).await?;
        self.sync_now();
        Ok(made)
    }

    /// Lets more people belong to a group.
    pub async fn add_to_group(&self, added: &AddToGroup) -> Answer<()> {
        ask(&self.store(), paths::ADD_TO_GROUP, added).await
    }

    /// Leaves a group.
    pub async fn leave_group(&self, group: GroupId) -> Answer<()> {
        ask::<_, ()>(&self.store(), paths::LEAVE_GROUP, &group).await?;
        self.sync_now();
        Ok(())
    }

    /// The invitations to a programme.
    pub async fn invitations(&self, programme: ProgrammeId) -> Answer<Vec<Invitation>> {
        let question = OfProgramme { programme };
        ask(&self.store(), paths::INVITATIONS, &question).await
    }

    /// Makes an invitation.
    pub async fn invite(&self, invite: &Invite) -> Answer<NewSecret> {
        ask(&self.store(), paths::INVITE, invite).await
    }

    /// Nobody joins by it any more.
    pub async fn revoke_invitation(&self, id: InvitationId) -> Answer<()> {
        ask(&self.store(), paths::REVOKE_INVITATION, &id).await
    }

    /// Makes a link that opens one thing for everybody who has it.
    pub async fn share(&self, share: &NewShare) -> Answer<NewSecret> {
        ask(&self.store(), shares::paths::NEW, share).await
    }

    /// The links that one has made.
    pub async fn shares(&self) -> Answer<Vec<Share>> {
        ask(&self.store(), shares::paths::LIST, &()).await
    }

    /// The link opens nothing any more.
    pub async fn revoke_share(&self, id: ShareId) -> Answer<()> {
        ask(&self.store(), shares::paths::REVOKE, &id).await
    }

    /// What a link opens.
    pub async fn open_share(&self, secret: String, passphrase: String) -> Answer<Opened> {
        let question = OpenShare { secret, passphrase };
        ask_as_nobody(&self.store(), shares::paths::OPEN, &question).await
    }

    /// The address of an invitation.
    pub fn invitation_link(secret: &str) -> String {
        [&origin(), "/#join=", secret].concat()
    }

    /// The address by which a browser becomes a device.
    pub fn device_address(secret: &str) -> String {
        [&origin(), "/#device=", secret].concat()
    }

    /// The address of a share.
    pub fn share_link(secret: &str) -> String {
        [&origin(), shares::paths::PAGE, secret].concat()
    }

    /// Whether the phone has a share sheet.
    pub fn can_hand_on() -> bool {
        can_hand_on()
    }

    /// Opens the browser's dialogue for printing.
    pub fn print() {
        print();
    }

    /// Opens the phone's share sheet.
    pub async fn hand_on(title: &str, url: &str) {
        hand_on(title, url).await;
    }

    /// Removes everything of this person from this phone and begins anew. What the server does not have
    /// and is in no backup file is lost: the caller has asked.
    ///
    /// The server is told, if it can be reached; else the device stays in the person's list, where it can be
    /// revoked.
    pub async fn leave_phone(&self) {
        const KEPT: [&str; 2] = ["keruen.language", "keruen.theme"];
        const PATIENCE_MS: u32 = 5_000;
        let revoked = async {
            if let Ok(me) = self.me().await
                && let Some(this) = me.devices.iter().find(|device| device.is_this)
            {
                let _ = self.revoke_device(this.token).await;
            }
        };
        // Somebody stands there and wants their hands free.
        or(revoked, sleep_ms(PATIENCE_MS)).await;
        for name in value_names(Area::Lasting, "keruen.") {
            if !KEPT.contains(&name.as_str()) {
                remove_value(Area::Lasting, &name);
            }
        }
        for name in value_names(Area::Tab, "keruen.") {
            remove_value(Area::Tab, &name);
        }
        leave_at_next_start();
        load("/");
    }
}

/// What this browser calls itself in a list of devices. Browsers tell little, and some tell untruths: it
/// only helps to tell one's own few apart.
fn device_label() -> String {
    let agent = user_agent();
    let first = |names: &[(&str, &'static str)]| {
        let known = names.iter().find(|(mark, _)| agent.contains(mark));
        known.map_or("", |(_, name)| name)
    };
    let browser = first(&[
        ("Firefox", "Firefox"),
        ("SamsungBrowser", "Samsung Internet"),
        ("YaBrowser", "Yandex"),
        ("Edg", "Edge"),
        ("OPR", "Opera"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    [browser, system].join(", ")
}
