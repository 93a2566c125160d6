//! Files in notes: of one person, or of a group.

use keruen_domain::model::fields;
use keruen_domain::protocol::people::{Me, NewGroup, paths};
use keruen_domain::{Collection, GroupId, ScopeId};
use keruen_server::files::Unnamed;

use super::*;

const OWN: &str = "own";

fn of_group(group: GroupId) -> String {
    format!("group {}", STANDARD.encode(group.to_string()))
}

async fn announce_for(
    server: &TestServer,
    device: &Device,
    scope: &str,
    bytes: &[u8],
    name: &str,
) -> Response {
    let metadata = metadata_of(scope, &ContentHash::of(bytes), name);
    tus(server, device, Method::POST, upload::ADDRESS)
        .header(upload::LENGTH_HEADER, bytes.len())
        .header(upload::METADATA_HEADER, metadata)
        .send()
        .await
        .unwrap()
}

async fn put(server: &TestServer, device: &Device, scope: &str, bytes: &[u8]) {
    let place = place(&announce_for(server, device, scope, bytes, "a.png").await);
    let sent = send(server, device, &place, 0, bytes).await;
    assert_eq!(told(&sent), (204, "", Some(bytes.len())));
}

#[tokio::test]
async fn a_file_of_ones_own_notes_is_read_by_nobody_else() {
    let server = TestServer::start_with(&[]).await;
    private_programme(&server, 1).await;
    let writer = member(&server, 1, Role::Participant, 1).await;
    let trainer = member(&server, 1, Role::Trainer, 2).await;
    let operator = Device::of_organiser(3);
    let bytes = picture(1_000);
    put(&server, &writer, OWN, &bytes).await;
    assert_eq!(fetch(&server, &writer, &bytes).await, (200, bytes.clone()));
    for other in [&trainer, &operator, &Device::visitor(4)] {
        assert_eq!(fetch(&server, other, &bytes).await.0, 404);
    }
    // To others it is like a file that is not here: they send its bytes.
    let other = announce_for(&server, &trainer, OWN, &bytes, "a.png").await;
    assert_eq!(told(&other), (201, "", Some(0)));
    // Who may read it takes it along without: into a group, say.
    let again = announce_for(&server, &writer, OWN, &bytes, "b.png").await;
    assert_eq!(told(&again), (201, "", Some(bytes.len())));
    let visitor = announce_for(&server, &Device::visitor(4), OWN, &bytes, "a.png").await;
    assert_eq!(visitor.status(), 401);
}

#[tokio::test]
async fn a_file_of_a_groups_notes_is_the_groups() {
    let server = TestServer::start_with(&[]).await;
    private_programme(&server, 1).await;
    let [first, second, outsider] =
        [1, 2, 3].map(|device| member(&server, 1, Role::Participant, device));
    let (first, second, outsider) = (first.await, second.await, outsider.await);
    let trainer = member(&server, 1, Role::Trainer, 4).await;
    let operator = Device::of_organiser(5);
    let me: Me = ask(&server, &second, paths::ME, &()).await.unwrap();
    let question = NewGroup {
        programme: programme_id(1),
        name: "Heritage".to_owned(),
        people: vec![me.person],
    };
    let made = ask(&server, &first, paths::NEW_GROUP, &question).await;
    let group: GroupId = made.unwrap();
    let bytes = picture(1_000);
    put(&server, &first, &of_group(group), &bytes).await;
    for reader in [&first, &second, &trainer, &operator] {
        assert_eq!(fetch(&server, reader, &bytes).await.0, 200);
    }
    assert_eq!(fetch(&server, &outsider, &bytes).await.0, 404);
    for (sender, status) in [
        (&second, 201),
        (&trainer, 201),
        (&operator, 403),
        (&outsider, 404),
    ] {
        let answer = announce_for(&server, sender, &of_group(group), &picture(900), "a.png").await;
        assert_eq!(answer.status(), status);
    }
}

#[tokio::test]
async fn notes_have_so_many_bytes_of_files() {
    let server = TestServer::start_with(&["--note-files-bytes", "1500"]).await;
    private_programme(&server, 1).await;
    let writer = member(&server, 1, Role::Participant, 1).await;
    let other = member(&server, 1, Role::Trainer, 2).await;
    let (small, large) = (picture(600), picture(901));
    let begun = place(&announce_for(&server, &writer, OWN, &small, "a.png").await);
    let refused = announce_for(&server, &writer, OWN, &large, "b.png").await;
    assert_eq!(
        told(&refused),
        (507, "scope-full", None),
        "what is on its way counts"
    );
    send(&server, &writer, &begun, 0, &small).await;
    let refused = announce_for(&server, &writer, OWN, &large, "b.png").await;
    assert_eq!(told(&refused), (507, "scope-full", None));
    // What is there already takes no more room; the notes of others and programmes have theirs.
    let again = announce_for(&server, &writer, OWN, &small, "c.png").await;
    assert_eq!(told(&again), (201, "", Some(600)));
    put(&server, &other, OWN, &large).await;
    place(&announce(&server, &other, 1, &picture(1_600), "a.png").await);
}

#[tokio::test]
async fn what_no_note_bears_any_more_takes_no_room_after_a_day() {
    const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
    let server = TestServer::start_with(&["--note-files-bytes", "1500"]).await;
    private_programme(&server, 1).await;
    let mut writer = member(&server, 1, Role::Participant, 1).await;
    let trainer = member(&server, 1, Role::Trainer, 2).await;
    let (kept, left) = (picture(600), picture(700));
    for bytes in [&kept, &left] {
        put(&server, &writer, OWN, bytes).await;
    }
    let of_programme = picture(800);
    let begun = place(&announce(&server, &trainer, 1, &of_programme, "a.png").await);
    send(&server, &trainer, &begun, 0, &of_programme).await;
    let material = key(ScopeId::OWN, Collection::MATERIAL, 1);
    let names = |bytes: &[u8]| ContentHash::of(bytes).to_string();
    let written = writer.edit(material, fields::FILE_SHA256, &names(&kept));
    writer.exchange(&server, &[written]).await;
    let mut unnamed = Unnamed::default();
    assert_eq!(server.forget_unnamed(&mut unnamed).await, 0);
    server.pass(DAY_MS - 1);
    assert_eq!(
        server.forget_unnamed(&mut unnamed).await,
        0,
        "it may be about to be"
    );
    server.pass(1);
    assert_eq!(server.forget_unnamed(&mut unnamed).await, 1);
    assert_eq!(fetch(&server, &writer, &left).await.0, 404);
    assert_eq!(fetch(&server, &writer, &kept).await.0, 200);
    assert_eq!(fetch(&server, &trainer, &of_programme).await.0, 200);
    put(&server, &writer, OWN, &picture(900)).await;
    // Once the note's file is deleted, its room is free, too.
    let deleted = writer.delete(material);
    writer.exchange(&server, &[deleted]).await;
    assert_eq!(server.forget_unnamed(&mut unnamed).await, 0);
    server.pass(DAY_MS);
    assert_eq!(server.forget_unnamed(&mut unnamed).await, 2);
    assert_eq!(fetch(&server, &writer, &kept).await.0, 404);
}

#[tokio::test]
async fn just_one_scope_is_said() {
    let server = TestServer::start_with(&[]).await;
    private_programme(&server, 1).await;
    let trainer = member(&server, 1, Role::Trainer, 1).await;
    let programme = format!("programme {}", STANDARD.encode(programme_id(1).to_string()));
    for scopes in [
        "person",
        "own,own",
        &format!("{programme},own"),
        &format!("{programme},{programme}"),
        "group",
    ] {
        let answer = announce_for(&server, &trainer, scopes, &picture(100), "a.png").await;
        assert_eq!(told(&answer), (400, "malformed", None), "{scopes}");
    }
}
