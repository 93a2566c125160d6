//! Members and their roles.

use keruen_domain::protocol::v1::ScopeCursor;

use super::*;
use crate::live::Listener;

async fn change(
    server: &TestServer,
    device: &Device,
    person: keruen_domain::PersonId,
    role: Option<Role>,
) -> Result<(), (u16, String)> {
    let question = ChangeRole {
        programme: programme_id(1),
        person,
        role,
    };
    ask(server, device, paths::CHANGE_ROLE, &question).await
}

async fn leave(server: &TestServer, device: &Device) -> Result<(), (u16, String)> {
    let question = OfProgramme {
        programme: programme_id(1),
    };
    ask(server, device, paths::LEAVE_PROGRAMME, &question).await
}

#[tokio::test]
async fn roles_change_and_the_next_exchange_says_so() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    let organisers = invited(&server, 1, Role::Organiser, 1).await;
    let participants = invited(&server, 1, Role::Participant, 1).await;
    let (organiser, _) = joined(&server, &organisers, 1).await;
    let (mut other, joined) = joined(&server, &participants, 2).await;
    other.pull(&server).await;

    let refused = change(&server, &other, joined.person, Some(Role::Organiser)).await;
    assert_eq!(refused, Err((403, "not-allowed".to_owned())));
    let promoted = change(&server, &organiser, joined.person, Some(Role::Trainer)).await;
    assert_eq!(promoted, Ok(()));
    let response = other.exchange(&server, &[]).await;
    assert_eq!(response.roles[0].role, Role::Trainer);

    assert_eq!(
        change(&server, &organiser, joined.person, None).await,
        Ok(())
    );
    let response = other.exchange(&server, &[]).await;
    assert!(response.roles.is_empty());
    assert_eq!(response.revoked, [programme(1)]);
    assert_eq!(
        change(&server, &organiser, joined.person, None).await,
        nothing()
    );
    assert_eq!(leave(&server, &other).await, nothing());
}

#[tokio::test]
async fn whose_role_changes_hears_at_once_that_there_is_news() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    let organisers = invited(&server, 1, Role::Organiser, 1).await;
    let participants = invited(&server, 1, Role::Participant, 1).await;
    let (organiser, _) = joined(&server, &organisers, 1).await;
    let (mut other, other_joined) = joined(&server, &participants, 2).await;
    for (role, roles) in [(Some(Role::Trainer), 1), (None, 0)] {
        let mut listener = Listener::of(&server, &other).await;
        other.pull(&server).await;
        let read = other.cursors[&programme(1)].sequence;
        let changed = change(&server, &organiser, other_joined.person, role).await;
        assert_eq!(changed, Ok(()));
        let is_news = |hints: Vec<ScopeCursor>| {
            assert!(!hints.is_empty(), "the stream has ended");
            let mut hints = hints.into_iter();
            hints.any(|hint| hint.scope == programme(1) && hint.cursor.sequence > read)
        };
        while !is_news(listener.next().await) {}
        assert_eq!(other.exchange(&server, &[]).await.roles.len(), roles);
    }
    // Somebody who takes no part any more hears of it no further.
    let mut listener = Listener::of(&server, &other).await;
    let session = key(programme(1), Collection::SESSION, 1_000);
    let mut organiser = organiser;
    organiser.pull(&server).await;
    let written = organiser.edit(session, "room", "Hall 2");
    organiser.exchange(&server, &[written]).await;
    let note = other.edit(note(1), "body", "tea");
    other.exchange(&server, &[note]).await;
    let heard = listener.next().await;
    assert!(
        heard.iter().all(|hint| hint.scope == ScopeId::OWN),
        "{heard:?}"
    );
}

#[tokio::test]
async fn the_last_organiser_stays_one() {
    let folder = std::sync::Arc::new(tempfile::tempdir().unwrap());
    let server = TestServer::start_in(folder.clone(), 1, Some(TOKEN), &[]).await;
    private_programme(&server, 1).await;
    let organisers = invited(&server, 1, Role::Organiser, 2).await;
    let (first, joined_first) = joined(&server, &organisers, 1).await;
    let (second, _) = joined(&server, &organisers, 2).await;
    drop(server);

    // Nobody organises everything here.
    let server = TestServer::start_in(folder, 1, None, &[]).await;
    let last = Err((409, "last-organiser".to_owned()));
    assert_eq!(leave(&server, &second).await, Ok(()));
    assert_eq!(leave(&server, &first).await, last);
    let demoted = change(
        &server,
        &first,
        joined_first.person,
        Some(Role::Participant),
    );
    assert_eq!(demoted.await, last);
    assert_eq!(me(&server, &first).await.roles[0].role, Role::Organiser);
}

#[tokio::test]
async fn participants_and_strangers_see_no_members() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    private_programme(&server, 2).await;
    let participants = invited(&server, 1, Role::Participant, 1).await;
    let (participant, _) = joined(&server, &participants, 1).await;
    let trainers = invited(&server, 1, Role::Trainer, 1).await;
    let (trainer, _) = joined(&server, &trainers, 2).await;
    let strangers = invited(&server, 2, Role::Organiser, 1).await;
    let (stranger, _) = joined(&server, &strangers, 3).await;
    let question = OfProgramme {
        programme: programme_id(1),
    };
    let seen: Result<Vec<Member>, _> = ask(&server, &trainer, paths::MEMBERS, &question).await;
    assert_eq!(seen.unwrap().len(), 2);
    for device in [&participant, &stranger] {
        let refused: Result<Vec<Member>, _> = ask(&server, device, paths::MEMBERS, &question).await;
        assert_eq!(refused, Err((403, "not-allowed".to_owned())));
    }
    let visitor = Device::visitor(4);
    let refused: Result<Vec<Member>, _> = ask(&server, &visitor, paths::MEMBERS, &question).await;
    assert_eq!(refused, Err((401, "not-authorised".to_owned())));
}

#[tokio::test]
async fn an_open_connection_is_told_to_ask_when_a_role_changes() {
    use keruen_domain::protocol::live::{Hints, PATH};
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    let participants = invited(&server, 1, Role::Participant, 1).await;
    let (mut device, joined) = joined(&server, &participants, 1).await;
    device.pull(&server).await;
    let read = device.cursors[&programme(1)];
    let mut stream = http_client()
        .get(server.url(PATH))
        .header(DEVICE_HEADER, device.id.to_string())
        .bearer_auth(device.token.unwrap())
        .send()
        .await
        .unwrap();
    let mut hints = Hints::default();
    let mut heard = hints.take(&stream.chunk().await.unwrap().unwrap());
    let is_ahead = |heard: &[keruen_domain::protocol::v1::ScopeCursor]| {
        heard
            .iter()
            .any(|hint| hint.scope == programme(1) && hint.cursor > read)
    };
    assert!(!is_ahead(&heard));
    let operator = Device::of_organiser(2);
    let promoted = change(&server, &operator, joined.person, Some(Role::Trainer)).await;
    assert_eq!(promoted, Ok(()));
    while !is_ahead(&heard) {
        heard = hints.take(&stream.chunk().await.unwrap().unwrap());
    }
    let response = device.exchange(&server, &[]).await;
    assert_eq!(response.roles[0].role, Role::Trainer);
}

#[tokio::test]
async fn an_open_connection_hears_of_a_programme_that_was_joined() {
    use keruen_domain::protocol::live::{Hints, PATH};
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    private_programme(&server, 2).await;
    let first = invited(&server, 1, Role::Participant, 1).await;
    let (device, _) = joined(&server, &first, 1).await;
    let mut stream = http_client()
        .get(server.url(PATH))
        .header(DEVICE_HEADER, device.id.to_string())
        .bearer_auth(device.token.unwrap())
        .send()
        .await
        .unwrap();
    let mut hints = Hints::default();
    let mut heard = hints.take(&stream.chunk().await.unwrap().unwrap());
    assert!(heard.iter().all(|hint| hint.scope != programme(2)));
    let second = invited(&server, 2, Role::Participant, 1).await;
    let question = joining(&second, 1);
    let _: Joined = ask(&server, &device, paths::JOIN, &question).await.unwrap();
    while heard.iter().all(|hint| hint.scope != programme(2)) {
        heard = hints.take(&stream.chunk().await.unwrap().unwrap());
    }
}
