//! Everybody tries everything, over HTTP; what came of it is the table in `docs/access.md`.

use std::fmt::Write as _;
use std::path::Path;

use keruen_domain::model::fields;
use keruen_domain::protocol::people::{Joined, NewSecret, OfProgramme, paths};
use keruen_domain::protocol::readiness::{PhonesReady, TellReady, paths as told};
use keruen_domain::protocol::v1::Outcome;
use keruen_domain::{
    Change, Collection, FieldKey, GroupId, InvitationId, PersonId, RecordId, RecordKey, Role,
    ScopeId,
};
use keruen_server::people::invite_to;
use keruen_server::store::{KeptGroup, KeptInvitation};

use crate::harness::*;
use crate::people::{ask, invited, joined, private_programme};
use crate::uploads;

const BEGIN: &str = "<!-- observed -->\n";
const END: &str = "<!-- end -->";

/// Who tries.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Who {
    Visitor,
    RevokedDevice,
    MemberElsewhere,
    Participant,
    Trainer,
    Organiser,
    OrganiserOfEverything,
}

const EVERYBODY: [(Who, &str); 7] = [
    (Who::Visitor, "visitor"),
    (Who::RevokedDevice, "revoked device"),
    (Who::MemberElsewhere, "member elsewhere"),
    (Who::Participant, "participant"),
    (Who::Trainer, "trainer"),
    (Who::Organiser, "organiser"),
    (Who::OrganiserOfEverything, "organiser of everything"),
];

/// The programme that is tried, its public twin, and one that has nothing to do with the one who tries.
const HERE: u64 = 1;
const PUBLIC: u64 = 2;
const ELSEWHERE: u64 = 3;
/// Of a member elsewhere.
const THEIR_OWN: u64 = 4;
const NEW: u64 = 5;

/// Whose materials' files are tried last, and how their lines begin.
const FILES_OF: [u64; 3] = [HERE, PUBLIC, ELSEWHERE];
const NAMES_OF_FILES: [&str; 3] = [
    "file of a material",
    "file of the public programme",
    "file of another programme",
];

const READINESS: &str = "how many phones are ready";

/// On what.
#[derive(Clone, Copy)]
struct Target {
    collection: Collection,
    name: &'static str,
    scope: fn(PersonId) -> ScopeId,
    of: Whose,
}

#[derive(Clone, Copy, PartialEq)]
enum Whose {
    /// Of nobody in particular.
    Any,
    /// Of the one who tries.
    Own,
    /// The only one of its kind in its scope.
    TheOne,
}

/// Groups of the programme, one with the one who tries, if they are a member.
const OWN_GROUP: u64 = 1;
const OTHER_GROUP: u64 = 2;

fn group(number: u64) -> GroupId {
    GroupId::new(number, RANDOM)
}

const OTHER: PersonId = PersonId::from_uuid(uuid::Uuid::from_u128(99));

fn targets() -> Vec<Target> {
    let here: fn(PersonId) -> ScopeId = |_| programme(HERE);
    let public: fn(PersonId) -> ScopeId = |_| programme(PUBLIC);
    let elsewhere: fn(PersonId) -> ScopeId = |_| programme(ELSEWHERE);
    let target = |collection, name, scope, of| Target {
        collection,
        name,
        scope,
        of,
    };
    let mut targets = vec![
        target(Collection::PROGRAMME, "the programme", here, Whose::TheOne),
        target(Collection::EVENT, "event", here, Whose::Any),
        target(Collection::SESSION, "session, one's own", here, Whose::Own),
        target(Collection::SESSION, "session, another's", here, Whose::Any),
        target(Collection::MATERIAL, "material", here, Whose::Any),
        target(Collection::PERSON, "card, one's own", here, Whose::Own),
        target(Collection::PERSON, "card, another's", here, Whose::Any),
    ];
    for (scope, names) in [
        (
            public,
            [
                "public programme, not joined",
                "its event",
                "its session",
                "its material",
                "its card of another",
            ],
        ),
        (
            elsewhere,
            [
                "another programme, not joined",
                "its event",
                "its session",
                "its material",
                "its card of another",
            ],
        ),
    ] {
        let collections = [
            (Collection::PROGRAMME, Whose::TheOne),
            (Collection::EVENT, Whose::Any),
            (Collection::SESSION, Whose::Any),
            (Collection::MATERIAL, Whose::Any),
            (Collection::PERSON, Whose::Any),
        ];
        for ((collection, of), name) in collections.into_iter().zip(names) {
            targets.push(target(collection, name, scope, of));
        }
    }
    targets.push(target(
        Collection::PROGRAMME,
        "a new programme",
        |_| programme(NEW),
        Whose::TheOne,
    ));
    for (number, name) in [
        (OWN_GROUP, "note of one's own group"),
        (OTHER_GROUP, "note of another group"),
    ] {
        let scope: fn(PersonId) -> ScopeId = match number {
            OWN_GROUP => |_| ScopeId::Group(group(OWN_GROUP)),
            _ => |_| ScopeId::Group(group(OTHER_GROUP)),
        };
        targets.push(target(Collection::NOTE, name, scope, Whose::Any));
    }
    targets.push(target(
        Collection::NOTE,
        "note, one's own",
        ScopeId::Person,
        Whose::Any,
    ));
    targets.push(target(
        Collection::NOTE,
        "note, another's",
        |_| ScopeId::Person(OTHER),
        Whose::Any,
    ));
    targets
}

/// A server with all that is tried on, and the one who tries.
struct Scene {
    server: TestServer,
    device: Device,
    person: PersonId,
}

impl Scene {
    async fn of(who: Who) -> Self {
        let server = TestServer::start_with(&["--device-rate", "0", "--address-rate", "0"]).await;
        for number in [HERE, ELSEWHERE, THEIR_OWN] {
            private_programme(&server, number).await;
        }
        server.put(vec![programme_record(PUBLIC, true)]).await;
        let (device, person) = match who {
            Who::Visitor => (Device::visitor(1), PersonId::new(8, RANDOM)),
            Who::RevokedDevice => {
                let (device, joined) = member(&server, HERE, Role::Organiser).await;
                revoke(&server, &device).await;
                (device, joined.person)
            }
            Who::MemberElsewhere => {
                let (device, joined) = member(&server, THEIR_OWN, Role::Organiser).await;
                (device, joined.person)
            }
            Who::Participant | Who::Trainer | Who::Organiser => {
                let role = match who {
                    Who::Participant => Role::Participant,
                    Who::Trainer => Role::Trainer,
                    _ => Role::Organiser,
                };
                let (device, joined) = member(&server, HERE, role).await;
                (device, joined.person)
            }
            Who::OrganiserOfEverything => {
                let secret = invited_to_everything(&server).await;
                let (device, joined) = joined(&server, &secret, 1).await;
                (device, joined.person)
            }
        };
        let is_member = matches!(who, Who::Participant | Who::Trainer | Who::Organiser);
        server
            .write(move |write| {
                for number in [OWN_GROUP, OTHER_GROUP] {
                    write.add_group(&KeptGroup {
                        id: group(number),
                        programme: programme_id(HERE),
                        name: "Mapping".to_owned(),
                        made_ms: NOW_MS,
                    })?;
                }
                if is_member {
                    write.put_into_group(group(OWN_GROUP), person)?;
                }
                Ok(())
            })
            .await;
        Self {
            server,
            device,
            person,
        }
    }

    /// The place of one record of a target; those of another number are others.
    fn key(&self, target: Target, number: u64) -> RecordKey {
        let scope = (target.scope)(self.person);
        let id = match (target.of, scope) {
            (Whose::TheOne, ScopeId::Programme(id)) => id.into(),
            (Whose::Own, _) if target.collection == Collection::PERSON => self.person.into(),
            _ => RecordId::new(number, RANDOM),
        };
        RecordKey {
            scope,
            collection: target.collection,
            id,
        }
    }

    /// Puts a record there, as others wrote it.
    async fn put(&self, target: Target, key: RecordKey) {
        let speaker = if target.of == Whose::Own {
            self.person
        } else {
            OTHER
        };
        let field = match target.collection {
            Collection::SESSION => FieldKey::member(fields::SPEAKERS, &speaker.to_string()),
            _ => FieldKey::register("was-there"),
        };
        self.server
            .put(vec![imported(key, field.as_str(), true)])
            .await;
    }

    /// The place as the device calls it.
    fn told(&self, mut key: RecordKey) -> RecordKey {
        if key.scope == ScopeId::Person(self.person) {
            key.scope = ScopeId::OWN;
        }
        key
    }

    /// What the target's cell says.
    async fn try_all(&mut self, target: Target, first: u64) -> String {
        let is_one = target.of == Whose::TheOne
            || target.of == Whose::Own && target.collection == Collection::PERSON;
        // Of a kind of which there is one only: made where there is none, then read, changed, deleted.
        let [to_create, there, to_delete] =
            [0, 1, 2].map(|number| self.key(target, first + if is_one { 0 } else { number }));
        let rows = self.server.rows(to_create.scope).await;
        let is_there = rows.iter().any(|row| row.record.key == to_create);
        let mut creates = false;
        if !is_there {
            let create = self.device.edit(self.told(to_create), "title", "made");
            creates = self.writes(create).await;
        }
        for key in [there, to_delete] {
            self.put(target, key).await;
        }
        let reads = self.reads(there).await;
        let change = self.device.edit(self.told(there), "title", "changed");
        let changes = self.writes(change).await;
        let delete = self.device.delete(self.told(to_delete));
        let deletes = self.writes(delete).await;
        [(reads, 'r'), (creates, 'c'), (changes, 'w'), (deletes, 'd')]
            .into_iter()
            .map(|(may, letter)| if may { letter } else { '-' })
            .collect()
    }

    async fn reads(&self, key: RecordKey) -> bool {
        // From the beginning: what it wrote itself is no sign.
        let mut reader = Device::visitor(self.device.id.0);
        reader.token = self.device.token;
        if !self.is_answered().await {
            return false;
        }
        reader.pull(&self.server).await;
        let told = self.told(key);
        reader
            .rows
            .get(&told)
            .is_some_and(|row| row.fields().next().is_some())
    }

    async fn is_answered(&self) -> bool {
        let body = keruen_domain::encoding::encode(&self.device.request(Vec::new()));
        let answer = self
            .device
            .post(&self.server)
            .body(body)
            .send()
            .await
            .unwrap();
        match answer.status().as_u16() {
            200 => true,
            401 => false,
            other => panic!("{other}"),
        }
    }

    /// What the cell of the files of a programme's materials says: read, and sent.
    async fn try_file(&self, number: u64, nonce: u8) -> String {
        let there: &'static [u8] = vec![nonce; 100].leak();
        let scope = programme(number);
        self.server.put_file(scope, there, "text/plain", "a").await;
        let (status, bytes) = uploads::fetch(&self.server, &self.device, there).await;
        let reads = status == 200 && bytes == there;

        let sent = vec![nonce; 101];
        let announced = uploads::announce(&self.server, &self.device, number, &sent, "a").await;
        let mut creates = announced.status() == 201;
        if creates {
            let place = uploads::place(&announced);
            let sent = uploads::send(&self.server, &self.device, &place, 0, &sent).await;
            creates = sent.status() == 204;
        }
        let operator = Device::of_organiser(900);
        let (held, _) = uploads::fetch(&self.server, &operator, &sent).await;
        assert_eq!(held == 200, creates, "the answer is true");
        let letter = |may, letter| if may { letter } else { '-' };
        [letter(reads, 'r'), letter(creates, 'c'), '-', '-']
            .into_iter()
            .collect()
    }

    /// What the cell of the count of phones says: asked for, and told by one's own.
    async fn try_readiness(&self) -> String {
        let programme = programme_id(HERE);
        let told = TellReady {
            programme,
            is_ready: true,
            until_ms: NOW_MS + 60_000,
        };
        let noted: Result<(), _> = ask(&self.server, &self.device, told::TELL, &told).await;
        let question = OfProgramme { programme };
        let counted: Result<PhonesReady, _> =
            ask(&self.server, &self.device, told::COUNT, &question).await;
        for refused in [noted.as_ref().err(), counted.as_ref().err()] {
            assert!(
                refused.is_none_or(|(status, _)| matches!(status, 401 | 403)),
                "{refused:?}"
            );
        }
        let letter = |may, letter| if may { letter } else { '-' };
        [
            letter(counted.is_ok(), 'r'),
            letter(noted.is_ok(), 'c'),
            '-',
            '-',
        ]
        .into_iter()
        .collect()
    }

    /// Whether a change is taken: by the answer, and by what is in the database.
    async fn writes(&self, change: Change) -> bool {
        let mut key = change.record.key;
        if key.scope == ScopeId::OWN {
            key.scope = ScopeId::Person(self.person);
        }
        let before = self.server.rows(key.scope).await;
        let body = keruen_domain::encoding::encode(&self.device.request(vec![change]));
        let answer = self
            .device
            .post(&self.server)
            .body(body)
            .send()
            .await
            .unwrap();
        let is_accepted = if answer.status() == 401 {
            false
        } else {
            let bytes = answer.bytes().await.unwrap();
            let response = keruen_domain::encoding::decode(&bytes).unwrap();
            match outcomes(&response)[..] {
                [Outcome::Accepted] => true,
                [Outcome::Refused(_)] => false,
                ref other => panic!("{other:?}"),
            }
        };
        let after = self.server.rows(key.scope).await;
        assert_eq!(before != after, is_accepted, "{key:?}: the answer is true");
        is_accepted
    }
}

async fn member(server: &TestServer, number: u64, role: Role) -> (Device, Joined) {
    let secret = invited(server, number, role, 1).await;
    let mut question = crate::people::joining(&secret, 1);
    // Their card is theirs to make.
    question.card.is_listed = false;
    let mut device = Device::visitor(1);
    let joined = ask(server, &device, paths::JOIN, &question).await.unwrap();
    device.token = Some(question.token.leak());
    (device, joined)
}

async fn revoke(server: &TestServer, device: &Device) {
    let me = crate::people::me(server, device).await;
    let token = me.devices[0].token;
    let done: Result<(), _> = ask(server, device, paths::REVOKE_DEVICE, &token).await;
    done.unwrap();
}

/// As `keruen invite --organiser-of-everything` makes it.
async fn invited_to_everything(server: &TestServer) -> String {
    let invitation = KeptInvitation {
        id: InvitationId::new(1, RANDOM),
        programme: None,
        role: Role::Organiser,
        made_by: ORGANISER,
        made_ms: NOW_MS,
        expires_ms: NOW_MS + 60_000,
        max_uses: 1,
        uses: 0,
        note: String::new(),
        is_revoked: false,
    };
    let secret = "a-secret-of-24-characters".to_owned();
    let made: NewSecret = server
        .write(move |write| Ok(invite_to(write, invitation, secret)))
        .await
        .unwrap();
    made.secret
}

fn table(observed: &[(&'static str, Vec<String>)]) -> String {
    let mut table = String::from("| |");
    let mut line = String::from("|---|");
    for (_, name) in EVERYBODY {
        let _ = write!(table, " {name} |");
        line.push_str("---|");
    }
    let _ = write!(table, "\n{line}\n");
    for (name, cells) in observed {
        let _ = write!(table, "| {name} |");
        for cell in cells {
            let _ = write!(table, " `{cell}` |");
        }
        table.push('\n');
    }
    table
}

#[tokio::test]
async fn the_table_says_what_everybody_may_do() {
    let targets = targets();
    let mut observed: Vec<(&str, Vec<String>)> = targets
        .iter()
        .map(|target| target.name)
        .chain(NAMES_OF_FILES)
        .chain([READINESS])
        .map(|name| (name, Vec::new()))
        .collect();
    for (who, _) in EVERYBODY {
        let mut scene = Scene::of(who).await;
        // Programmes last: without its own record there is no programme.
        let mut order: Vec<usize> = (0..targets.len()).collect();
        order.sort_by_key(|index| targets[*index].collection == Collection::PROGRAMME);
        for index in order {
            let first = 50_000 + 10 * index as u64;
            let cell = scene.try_all(targets[index], first).await;
            observed[index].1.push(cell);
        }
        for (index, number) in FILES_OF.into_iter().enumerate() {
            let cell = scene.try_file(number, index as u8).await;
            observed[targets.len() + index].1.push(cell);
        }
        let cell = scene.try_readiness().await;
        observed[targets.len() + FILES_OF.len()].1.push(cell);
    }
    let table = table(&observed);
    println!("{table}");

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/access.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = document.split_once(BEGIN).expect("a mark before the table");
    let (told, after) = rest.split_once(END).expect("a mark after the table");
    if std::env::var_os("KERUEN_REWRITE").is_some() {
        std::fs::write(path, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
    } else {
        assert_eq!(
            told, table,
            "KERUEN_REWRITE=1 writes down what was observed"
        );
    }
}
