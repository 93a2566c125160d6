//! Joining by an invitation.

use super::*;

#[tokio::test]
async fn who_joins_reads_the_programme_and_is_seen_by_the_others() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    private_programme(&server, 2).await;
    let secret = invited(&server, 1, Role::Participant, 2).await;

    let visitor = Device::visitor(1);
    let question = Secret {
        secret: secret.clone(),
    };
    let face: InvitationFace = ask(&server, &visitor, paths::INVITATION, &question)
        .await
        .unwrap();
    assert_eq!(face.programme, Some(programme_id(1)));
    assert_eq!(face.title["kk"], "Креативті Қазақстан");
    assert_eq!((face.role, face.regions.len()), (Role::Participant, 20));

    let (mut first, joined_first) = joined(&server, &secret, 1).await;
    let (mut second, joined_second) = joined(&server, &secret, 2).await;
    assert_eq!(joined_first.programme, Some(programme_id(1)));
    assert_ne!(joined_first.person, joined_second.person);
    for device in [&mut first, &mut second] {
        device.pull(&server).await;
        assert!(
            device.cursors.contains_key(&programme(1))
                && !device.cursors.contains_key(&programme(2))
        );
        assert_eq!(card(device, 1, joined_first.person), Some("Айгерім 1"));
        assert_eq!(card(device, 1, joined_second.person), Some("Айгерім 2"));
    }
    let response = first.exchange(&server, &[]).await;
    assert!(response.joined);
    let roles: Vec<_> = response.roles.iter().map(|role| role.role).collect();
    assert_eq!(roles, [Role::Participant]);

    // Used up: answered like one that never was.
    let late: Result<Joined, _> = ask(&server, &visitor, paths::JOIN, &joining(&secret, 3)).await;
    assert_eq!(late, nothing());
    assert_eq!(members(&server, 1).await.len(), 2);
}

#[tokio::test]
async fn what_was_written_before_joining_comes_along() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    let secret = invited(&server, 1, Role::Participant, 1).await;
    let mut device = Device::visitor(1);
    let note = device.edit(note(1), "body", "written before joining");
    let refused = device.exchange(&server, std::slice::from_ref(&note)).await;
    assert!(!refused.joined);
    let (joined_device, joined) = joined(&server, &secret, 1).await;
    device.token = joined_device.token;
    let taken = device.exchange(&server, &[note]).await;
    assert_eq!(
        outcomes(&taken),
        [keruen_domain::protocol::v1::Outcome::Accepted]
    );
    assert_eq!(server.rows(ScopeId::Person(joined.person)).await.len(), 1);
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_again_and_counts_once() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    let secret = invited(&server, 1, Role::Participant, 1).await;
    let device = Device::visitor(1);
    let question = joining(&secret, 1);
    let first: Joined = ask(&server, &device, paths::JOIN, &question).await.unwrap();
    // Even when nobody else can come in by it any more.
    server.pass(2 * HOUR_MS);
    for _ in 0..2 {
        let again: Joined = ask(&server, &device, paths::JOIN, &question).await.unwrap();
        assert_eq!(again, first);
    }
    assert_eq!(members(&server, 1).await.len(), 1);
    let question = Secret { secret };
    let face: Result<InvitationFace, _> = ask(&server, &device, paths::INVITATION, &question).await;
    assert_eq!(face, nothing());
}

#[tokio::test]
async fn never_more_come_in_than_were_invited_however_many_try_at_once() {
    let server = std::sync::Arc::new(TestServer::start().await);
    private_programme(&server, 1).await;
    let secret = invited(&server, 1, Role::Participant, 7).await;
    let mut tries = Vec::new();
    for number in 0..30 {
        let (server, secret) = (server.clone(), secret.clone());
        tries.push(tokio::spawn(async move {
            let device = Device::visitor(number);
            let question = joining(&secret, number);
            ask::<_, Joined>(&server, &device, paths::JOIN, &question).await
        }));
    }
    let mut let_in = 0;
    for tried in tries {
        match tried.await.unwrap() {
            Ok(_) => let_in += 1,
            refused => assert_eq!(refused, nothing()),
        }
    }
    assert_eq!(let_in, 7);
    assert_eq!(members(&server, 1).await.len(), 7);
}

#[tokio::test]
async fn who_is_known_joins_more_and_keeps_the_higher_role() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    private_programme(&server, 2).await;
    let trainer = invited(&server, 1, Role::Trainer, 1).await;
    let (device, first) = joined(&server, &trainer, 1).await;
    let name = members(&server, 1).await.remove(0).name;
    for (number, role, expected) in [
        (1, Role::Participant, Role::Trainer),
        (2, Role::Participant, Role::Participant),
        (2, Role::Organiser, Role::Organiser),
    ] {
        let secret = invited(&server, number, role, 1).await;
        let mut question = joining(&secret, 2);
        question.token = "is not looked at".to_owned();
        question.card = Card::default();
        let again: Joined = ask(&server, &device, paths::JOIN, &question).await.unwrap();
        assert_eq!(again.person, first.person);
        let members = members(&server, number).await;
        assert_eq!((members.len(), members[0].role), (1, expected));
        assert_eq!(members[0].name, name, "who they are stays");
    }
    let me = me(&server, &device).await;
    assert_eq!((me.roles.len(), me.devices.len()), (2, 1));
}

#[tokio::test]
async fn who_does_not_want_to_be_listed_is_not_and_trainers_see_the_name() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    let secret = invited(&server, 1, Role::Participant, 2).await;
    let mut question = joining(&secret, 1);
    question.card.is_listed = false;
    let joined_unlisted: Joined = ask(&server, &Device::visitor(1), paths::JOIN, &question)
        .await
        .unwrap();
    let (mut other, _) = joined(&server, &secret, 2).await;
    other.pull(&server).await;
    assert_eq!(card(&other, 1, joined_unlisted.person), None);
    let members = members(&server, 1).await;
    let told = members
        .iter()
        .find(|member| member.person == joined_unlisted.person);
    assert_eq!(told.unwrap().name, "Айгерім 1");
}

#[tokio::test]
async fn what_no_card_says_is_refused_and_changes_nothing() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    let secret = invited(&server, 1, Role::Participant, 1).await;
    let before = server.database_bytes();
    let wrong = |change: fn(&mut Join)| {
        let mut question = joining(&secret, 1);
        change(&mut question);
        question
    };
    for question in [
        wrong(|join| join.card.name = "  ".to_owned()),
        wrong(|join| join.card.name = "ы".repeat(201)),
        wrong(|join| join.card.name = "a\u{0}b".to_owned()),
        wrong(|join| join.card.organisation = "ы".repeat(201)),
        wrong(|join| join.card.region = "../../KZ".to_owned()),
        wrong(|join| join.card.region = " KZ-47".to_owned()),
        wrong(|join| join.card.language = "klingon".to_owned()),
        wrong(|join| join.card.language = format!("kk-{}", "x".repeat(200))),
        wrong(|join| join.label = "ы".repeat(201)),
        wrong(|join| join.token = "short".to_owned()),
        wrong(|join| join.token = "é".repeat(43)),
        wrong(|join| join.token = " ".repeat(43)),
    ] {
        let refused: Result<Joined, _> =
            ask(&server, &Device::visitor(1), paths::JOIN, &question).await;
        assert_eq!(refused, Err((400, "malformed".to_owned())));
    }
    assert!(server.database_bytes() == before);
}

#[tokio::test]
async fn who_was_taken_out_comes_back_only_by_an_invitation_made_afterwards() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    let used = invited(&server, 1, Role::Participant, 9).await;
    let unused = invited(&server, 1, Role::Trainer, 9).await;
    let organisers = invited(&server, 1, Role::Organiser, 9).await;
    let (mut other, other_joined) = joined(&server, &used, 1).await;
    let (organiser, _) = joined(&server, &organisers, 2).await;
    let (leaver, leaver_joined) = joined(&server, &used, 3).await;
    let take_out = ChangeRole {
        programme: programme_id(1),
        person: other_joined.person,
        role: None,
    };
    let taken_out: Result<(), _> = ask(&server, &organiser, paths::CHANGE_ROLE, &take_out).await;
    assert_eq!(taken_out, Ok(()));

    let again = async |device: &Device, secret: &str, number: u64| -> Result<Joined, _> {
        ask(&server, device, paths::JOIN, &joining(secret, number)).await
    };
    let refused = Err((409, "taken-out".to_owned()));
    for secret in [&used, &unused, &organisers] {
        assert_eq!(again(&other, secret, 1).await, refused);
        // As if the device had not kept that it is known.
        assert_eq!(again(&Device::visitor(1), secret, 1).await, refused);
    }
    let response = other.exchange(&server, &[]).await;
    assert!(response.roles.is_empty());

    // Others are let in, and so is who left without being told to.
    assert!(again(&Device::visitor(4), &used, 4).await.is_ok());
    let programme = OfProgramme {
        programme: programme_id(1),
    };
    let left: Result<(), _> = ask(&server, &leaver, paths::LEAVE_PROGRAMME, &programme).await;
    assert_eq!(left, Ok(()));
    assert_eq!(again(&leaver, &used, 3).await, Ok(leaver_joined));

    server.pass(1);
    let operator = Device::of_organiser(1_000);
    let question = Invite {
        programme: programme_id(1),
        role: Role::Participant,
        valid_ms: HOUR_MS,
        max_uses: 1,
        note: String::new(),
    };
    let made: NewSecret = ask(&server, &operator, paths::INVITE, &question)
        .await
        .unwrap();
    assert_eq!(again(&other, &made.secret, 1).await, Ok(other_joined));
    let response = other.exchange(&server, &[]).await;
    assert_eq!(response.roles[0].role, Role::Participant);
}
