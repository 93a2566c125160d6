//! People in the database's tables.

use keruen_domain::protocol::people::{Card, TokenId};
use keruen_domain::{DeviceId, InvitationId, PersonId, ProgrammeId, Role, ScopeId};
use rusqlite::types::Type;
use rusqlite::{OptionalExtension as _, Params, Row, params};
use uuid::Uuid;

use super::scopes;
use super::transaction::SqliteTransaction;
use crate::secrets::SecretHash;
use crate::store::StoreError;
use crate::store::people::{
    DeviceKey, DeviceKeyKind, DeviceToken, KeptInvitation, Membership, Person, ReadPeople,
    WritePeople,
};

const PERSON: &str =
    "id, name, organisation, region, language, listed, organises_everything, joined_ms";
const MEMBERSHIP: &str = "person, programme, role, joined_ms";
const TOKEN: &str = "number, person, device, label, added_ms, seen_ms, revoked";
const INVITATION: &str =
    "id, programme, role, made_by, made_ms, expires_ms, max_uses, uses, note, revoked";
const DEVICE_KEY: &str = "person, kind, expires_ms, used_by";

const fn role_word(role: Role) -> &'static str {
    match role {
        Role::Organiser => "organiser",
        Role::Trainer => "trainer",
        Role::Participant => "participant",
    }
}

const fn kind_word(kind: DeviceKeyKind) -> &'static str {
    match kind {
        DeviceKeyKind::Link => "link",
        DeviceKeyKind::Recovery => "recovery",
    }
}

/// What a column means by a word, of those that it may hold.
fn by_word<T: Copy>(
    row: &Row<'_>,
    column: usize,
    known: &[T],
    word: impl Fn(T) -> &'static str,
) -> rusqlite::Result<T> {
    let stored: String = row.get(column)?;
    let found = known.iter().copied().find(|known| word(*known) == stored);
    found.ok_or_else(|| rusqlite::Error::InvalidColumnType(column, "a word".to_owned(), Type::Text))
}

fn role(row: &Row<'_>, column: usize) -> rusqlite::Result<Role> {
    let known = [Role::Organiser, Role::Trainer, Role::Participant];
    by_word(row, column, &known, role_word)
}

fn uuid(row: &Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    row.get(column).map(Uuid::from_bytes)
}

fn person(row: &Row<'_>) -> rusqlite::Result<Person> {
    Ok(Person {
        id: PersonId::from_uuid(uuid(row, 0)?),
        card: Card {
            name: row.get(1)?,
            organisation: row.get(2)?,
            region: row.get(3)?,
            language: row.get(4)?,
            is_listed: row.get(5)?,
        },
        organises_everything: row.get(6)?,
        joined_ms: row.get(7)?,
    })
}

fn membership(row: &Row<'_>) -> rusqlite::Result<Membership> {
    Ok(Membership {
        person: PersonId::from_uuid(uuid(row, 0)?),
        programme: ProgrammeId::from_uuid(uuid(row, 1)?),
        role: role(row, 2)?,
        joined_ms: row.get(3)?,
    })
}

fn token(row: &Row<'_>) -> rusqlite::Result<DeviceToken> {
    Ok(DeviceToken {
        id: TokenId(row.get(0)?),
        person: PersonId::from_uuid(uuid(row, 1)?),
        device: DeviceId(u64::from_be_bytes(row.get(2)?)),
        label: row.get(3)?,
        added_ms: row.get(4)?,
        seen_ms: row.get(5)?,
        is_revoked: row.get(6)?,
    })
}

fn invitation(row: &Row<'_>) -> rusqlite::Result<KeptInvitation> {
    let programme: Option<[u8; 16]> = row.get(1)?;
    Ok(KeptInvitation {
        id: InvitationId::from_uuid(uuid(row, 0)?),
        programme: programme.map(|id| ProgrammeId::from_uuid(Uuid::from_bytes(id))),
        role: role(row, 2)?,
        made_by: PersonId::from_uuid(uuid(row, 3)?),
        made_ms: row.get(4)?,
        expires_ms: row.get(5)?,
        max_uses: row.get(6)?,
        uses: row.get(7)?,
        note: row.get(8)?,
        is_revoked: row.get(9)?,
    })
}

fn device_key(row: &Row<'_>) -> rusqlite::Result<DeviceKey> {
    let known = [DeviceKeyKind::Link, DeviceKeyKind::Recovery];
    Ok(DeviceKey {
        person: PersonId::from_uuid(uuid(row, 0)?),
        kind: by_word(row, 1, &known, kind_word)?,
        expires_ms: row.get(2)?,
        used_by: row.get::<_, Option<u64>>(3)?.map(TokenId),
    })
}

impl SqliteTransaction<'_> {
    pub(super) fn all<T>(
        &self,
        statement: &str,
        parameters: impl Params,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let mut statement = self.connection().prepare_cached(statement)?;
        let rows = statement.query_map(parameters, read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub(super) fn one<T>(
        &self,
        statement: &str,
        parameters: impl Params,
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        let mut statement = self.connection().prepare_cached(statement)?;
        Ok(statement.query_row(parameters, read).optional()?)
    }

    pub(super) fn run(&self, statement: &str, parameters: impl Params) -> Result<(), StoreError> {
        let mut statement = self.connection().prepare_cached(statement)?;
        statement.execute(parameters)?;
        Ok(())
    }

    /// The same, for what decides who may do what.
    pub(super) fn change(
        &self,
        statement: &str,
        parameters: impl Params,
    ) -> Result<(), StoreError> {
        self.run(statement, parameters)?;
        self.run(
            "UPDATE meta SET value = value + 1 WHERE name = 'people_version'",
            [],
        )
    }
}

impl ReadPeople for SqliteTransaction<'_> {
    fn people_version(&self) -> Result<u64, StoreError> {
        let version = self.one(
            "SELECT value FROM meta WHERE name = 'people_version'",
            [],
            |row| row.get(0),
        )?;
        version.ok_or(StoreError::Damaged {
            what: "the version of people",
        })
    }

    fn person(&self, id: PersonId) -> Result<Option<Person>, StoreError> {
        self.one(
            &format!("SELECT {PERSON} FROM persons WHERE id = ?1"),
            [id.uuid().as_bytes()],
            person,
        )
    }

    fn persons(&self) -> Result<Vec<Person>, StoreError> {
        self.all(
            &format!("SELECT {PERSON} FROM persons ORDER BY joined_ms, id"),
            [],
            person,
        )
    }

    fn memberships(&self, person: PersonId) -> Result<Vec<Membership>, StoreError> {
        self.all(
            &format!("SELECT {MEMBERSHIP} FROM members WHERE person = ?1 ORDER BY programme"),
            [person.uuid().as_bytes()],
            membership,
        )
    }

    fn members(&self, programme: ProgrammeId) -> Result<Vec<Membership>, StoreError> {
        self.all(
            &format!(
                "SELECT {MEMBERSHIP} FROM members WHERE programme = ?1 ORDER BY joined_ms, person"
            ),
            [programme.uuid().as_bytes()],
            membership,
        )
    }

    fn removed_ms(
        &self,
        person: PersonId,
        programme: ProgrammeId,
    ) -> Result<Option<u64>, StoreError> {
        self.one(
            "SELECT removed_ms FROM removals WHERE person = ?1 AND programme = ?2",
            [person.uuid().as_bytes(), programme.uuid().as_bytes()],
            |row| row.get(0),
        )
    }

    fn token(&self, hash: &SecretHash) -> Result<Option<DeviceToken>, StoreError> {
        self.one(
            &format!("SELECT {TOKEN} FROM device_tokens WHERE hash = ?1"),
            [hash.0],
            token,
        )
    }

    fn people_of_device(&self, device: DeviceId) -> Result<Vec<PersonId>, StoreError> {
        self.all(
            "SELECT person FROM writers WHERE device = ?1 ORDER BY person",
            [device.0.to_be_bytes()],
            |row| Ok(PersonId::from_uuid(Uuid::from_bytes(row.get(0)?))),
        )
    }

    fn tokens(&self, person: PersonId) -> Result<Vec<DeviceToken>, StoreError> {
        self.all(
            &format!(
                "SELECT {TOKEN} FROM device_tokens WHERE person = ?1 AND NOT revoked
                 ORDER BY seen_ms DESC, number DESC"
            ),
            [person.uuid().as_bytes()],
            token,
        )
    }

    fn invitation(&self, hash: &SecretHash) -> Result<Option<KeptInvitation>, StoreError> {
        self.one(
            &format!("SELECT {INVITATION} FROM invitations WHERE hash = ?1"),
            [hash.0],
            invitation,
        )
    }

    fn invitation_named(&self, id: InvitationId) -> Result<Option<KeptInvitation>, StoreError> {
        self.one(
            &format!("SELECT {INVITATION} FROM invitations WHERE id = ?1"),
            [id.uuid().as_bytes()],
            invitation,
        )
    }

    fn invitations(
        &self,
        programme: Option<ProgrammeId>,
    ) -> Result<Vec<KeptInvitation>, StoreError> {
        self.all(
            &format!(
                "SELECT {INVITATION} FROM invitations WHERE programme IS ?1
                 ORDER BY made_ms DESC, id DESC"
            ),
            [programme.map(|programme| programme.uuid().into_bytes())],
            invitation,
        )
    }

    fn has_used(&self, invitation: InvitationId, person: PersonId) -> Result<bool, StoreError> {
        let used = self.one(
            "SELECT 1 FROM invitation_uses WHERE invitation = ?1 AND person = ?2",
            [invitation.uuid().as_bytes(), person.uuid().as_bytes()],
            |_| Ok(()),
        )?;
        Ok(used.is_some())
    }

    fn device_key(&self, hash: &SecretHash) -> Result<Option<DeviceKey>, StoreError> {
        self.one(
            &format!("SELECT {DEVICE_KEY} FROM device_keys WHERE hash = ?1"),
            [hash.0],
            device_key,
        )
    }

    fn device_keys(&self, person: PersonId) -> Result<Vec<DeviceKey>, StoreError> {
        self.all(
            &format!("SELECT {DEVICE_KEY} FROM device_keys WHERE person = ?1 ORDER BY hash"),
            [person.uuid().as_bytes()],
            device_key,
        )
    }
}

impl WritePeople for SqliteTransaction<'_> {
    fn put_person(&mut self, person: &Person) -> Result<(), StoreError> {
        let card = &person.card;
        self.change(
            "INSERT INTO persons (id, name, organisation, region, language, listed, organises_everything, joined_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (id) DO UPDATE SET name = excluded.name, organisation = excluded.organisation,
                region = excluded.region, language = excluded.language, listed = excluded.listed,
                organises_everything = excluded.organises_everything, joined_ms = excluded.joined_ms",
            params![
                person.id.uuid().as_bytes(),
                card.name,
                card.organisation,
                card.region,
                card.language,
                card.is_listed,
                person.organises_everything,
                person.joined_ms,
            ],
        )
    }

    fn erase_person(&mut self, person: PersonId) -> Result<(), StoreError> {
        let id = person.uuid().into_bytes();
        self.finish()?;
        if let Some(own) = scopes::find(self.connection(), ScopeId::Person(person))? {
            for table in ["records", "files"] {
                let rows = format!("DELETE FROM {table} WHERE scope = ?1");
                self.run(&rows, [own.number])?;
            }
            self.run("DELETE FROM scopes WHERE number = ?1", [own.number])?;
        }
        self.run("DELETE FROM devices WHERE person = ?1", [id])?;
        self.run("DELETE FROM writers WHERE person = ?1", [id])?;
        self.run("DELETE FROM shares WHERE made_by = ?1", [id])?;
        self.run("DELETE FROM calendars WHERE person = ?1", [id])?;
        self.change("DELETE FROM persons WHERE id = ?1", [id])
    }

    fn put_membership(&mut self, membership: &Membership) -> Result<(), StoreError> {
        self.change(
            "INSERT INTO members (person, programme, role, joined_ms) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (person, programme) DO UPDATE SET role = excluded.role,
                joined_ms = excluded.joined_ms",
            params![
                membership.person.uuid().as_bytes(),
                membership.programme.uuid().as_bytes(),
                role_word(membership.role),
                membership.joined_ms,
            ],
        )
    }

    fn remove_membership(
        &mut self,
        person: PersonId,
        programme: ProgrammeId,
    ) -> Result<(), StoreError> {
        self.change(
            "DELETE FROM members WHERE person = ?1 AND programme = ?2",
            [person.uuid().as_bytes(), programme.uuid().as_bytes()],
        )
    }

    fn note_removal(
        &mut self,
        person: PersonId,
        programme: ProgrammeId,
        removed_ms: u64,
    ) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO removals (person, programme, removed_ms) VALUES (?1, ?2, ?3)
             ON CONFLICT (person, programme) DO UPDATE SET removed_ms = excluded.removed_ms",
            params![
                person.uuid().as_bytes(),
                programme.uuid().as_bytes(),
                removed_ms,
            ],
        )
    }

    fn add_token(&mut self, hash: &SecretHash, token: &DeviceToken) -> Result<TokenId, StoreError> {
        self.change(
            "INSERT INTO device_tokens (hash, person, device, label, added_ms, seen_ms, revoked)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                hash.0,
                token.person.uuid().as_bytes(),
                token.device.0.to_be_bytes(),
                token.label,
                token.added_ms,
                token.seen_ms,
                token.is_revoked,
            ],
        )?;
        let number = self.connection().last_insert_rowid();
        Ok(TokenId(number.cast_unsigned()))
    }

    fn note_seen(
        &mut self,
        token: TokenId,
        device: DeviceId,
        seen_ms: u64,
    ) -> Result<(), StoreError> {
        self.run(
            "UPDATE device_tokens SET device = ?2, seen_ms = ?3 WHERE number = ?1",
            params![token.0, device.0.to_be_bytes(), seen_ms],
        )
    }

    fn revoke_token(&mut self, token: TokenId) -> Result<(), StoreError> {
        self.change(
            "UPDATE device_tokens SET revoked = 1 WHERE number = ?1",
            [token.0],
        )
    }

    fn add_invitation(
        &mut self,
        hash: &SecretHash,
        invitation: &KeptInvitation,
    ) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO invitations
                (id, hash, programme, role, made_by, made_ms, expires_ms, max_uses, uses, note, revoked)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            params![
                invitation.id.uuid().as_bytes(),
                hash.0,
                invitation.programme.map(|programme| programme.uuid().into_bytes()),
                role_word(invitation.role),
                invitation.made_by.uuid().as_bytes(),
                invitation.made_ms,
                invitation.expires_ms,
                invitation.max_uses,
                invitation.uses,
                invitation.note,
                invitation.is_revoked,
            ],
        )
    }

    fn note_use(&mut self, invitation: InvitationId, person: PersonId) -> Result<(), StoreError> {
        let id = invitation.uuid().into_bytes();
        self.run(
            "INSERT INTO invitation_uses (invitation, person) VALUES (?1, ?2)
             ON CONFLICT (invitation, person) DO NOTHING",
            [id, person.uuid().into_bytes()],
        )?;
        self.run("UPDATE invitations SET uses = uses + 1 WHERE id = ?1", [id])
    }

    fn revoke_invitation(&mut self, invitation: InvitationId) -> Result<(), StoreError> {
        self.run(
            "UPDATE invitations SET revoked = 1 WHERE id = ?1",
            [invitation.uuid().as_bytes()],
        )
    }

    fn add_device_key(&mut self, hash: &SecretHash, key: &DeviceKey) -> Result<(), StoreError> {
        self.run(
            "INSERT INTO device_keys (hash, person, kind, expires_ms, used_by) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                hash.0,
                key.person.uuid().as_bytes(),
                kind_word(key.kind),
                key.expires_ms,
                key.used_by.map(|token| token.0),
            ],
        )
    }

    fn use_device_key(&mut self, hash: &SecretHash, token: TokenId) -> Result<(), StoreError> {
        self.run(
            "UPDATE device_keys SET used_by = ?2 WHERE hash = ?1",
            params![hash.0, token.0],
        )
    }

    fn forget_device_keys(
        &mut self,
        person: PersonId,
        kind: DeviceKeyKind,
    ) -> Result<(), StoreError> {
        self.run(
            "DELETE FROM device_keys WHERE person = ?1 AND kind = ?2 AND used_by IS NULL",
            params![person.uuid().as_bytes(), kind_word(kind)],
        )
    }

    fn prune_people(&mut self, before_ms: u64) -> Result<(), StoreError> {
        for table in ["device_keys", "invitations"] {
            let statement = format!("DELETE FROM {table} WHERE expires_ms < ?1");
            self.run(&statement, [before_ms])?;
        }
        Ok(())
    }
}
