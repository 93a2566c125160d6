//! Invitations: made, listed, taken back.

use super::*;

async fn listed(server: &TestServer, device: &Device) -> Result<Vec<Invitation>, (u16, String)> {
    let question = OfProgramme {
        programme: programme_id(1),
    };
    ask(server, device, paths::INVITATIONS, &question).await
}

#[tokio::test]
async fn organisers_make_list_and_take_back_invitations() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    let organisers = invited(&server, 1, Role::Organiser, 1).await;
    let (organiser, _) = joined(&server, &organisers, 1).await;
    let participants = invited(&server, 1, Role::Participant, 50).await;
    let (participant, _) = joined(&server, &participants, 2).await;

    let all = listed(&server, &organiser).await.unwrap();
    assert_eq!(all.len(), 2);
    let wall = all.iter().find(|made| made.max_uses == 50).unwrap();
    assert_eq!((wall.uses, &*wall.note), (1, "the wall"));
    assert_eq!(
        listed(&server, &participant).await,
        Err((403, "not-allowed".to_owned()))
    );
    let refused: Result<(), _> =
        ask(&server, &participant, paths::REVOKE_INVITATION, &wall.id).await;
    assert_eq!(refused, nothing());
    let done: Result<(), _> = ask(&server, &organiser, paths::REVOKE_INVITATION, &wall.id).await;
    assert_eq!(done, Ok(()));
    let late: Result<Joined, _> = ask(
        &server,
        &Device::visitor(3),
        paths::JOIN,
        &joining(&participants, 3),
    )
    .await;
    assert_eq!(late, nothing());
    assert_eq!(members(&server, 1).await.len(), 2, "who is in stays in");
    let shown = listed(&server, &organiser).await.unwrap();
    assert!(shown.iter().any(|made| made.is_revoked));
}

#[tokio::test]
async fn invitations_have_limits_and_are_for_organisers_to_make() {
    let server = TestServer::start_with(&["--device-rate", "0", "--address-rate", "0"]).await;
    private_programme(&server, 1).await;
    private_programme(&server, 2).await;
    let trainers = invited(&server, 1, Role::Trainer, 1).await;
    let (trainer, _) = joined(&server, &trainers, 1).await;
    let good = Invite {
        programme: programme_id(1),
        role: Role::Participant,
        valid_ms: HOUR_MS,
        max_uses: 1,
        note: String::new(),
    };
    let operator = Device::of_organiser(2);
    let made = async |device: &Device, question: &Invite| {
        ask::<_, NewSecret>(&server, device, paths::INVITE, question)
            .await
            .map(drop)
    };
    assert_eq!(
        made(&trainer, &good).await,
        Err((403, "not-allowed".to_owned()))
    );
    let elsewhere = Invite {
        programme: programme_id(3),
        ..good.clone()
    };
    assert_eq!(made(&operator, &elsewhere).await, nothing());
    for wrong in [
        Invite {
            max_uses: 0,
            ..good.clone()
        },
        Invite {
            max_uses: 10_001,
            ..good.clone()
        },
        Invite {
            valid_ms: 0,
            ..good.clone()
        },
        Invite {
            valid_ms: u64::MAX,
            ..good.clone()
        },
        Invite {
            note: "x".repeat(201),
            ..good.clone()
        },
    ] {
        assert_eq!(
            made(&operator, &wrong).await,
            Err((400, "malformed".to_owned()))
        );
    }
    for _ in 1..limits::MAX_INVITATIONS {
        assert_eq!(made(&operator, &good).await, Ok(()));
    }
    // The trainers' one is used up.
    assert_eq!(made(&operator, &good).await, Ok(()));
    let full = Err((409, "too-many-invitations".to_owned()));
    assert_eq!(made(&operator, &good).await, full);
    server.pass(HOUR_MS);
    assert_eq!(
        made(&operator, &good).await,
        Ok(()),
        "expired ones do not count"
    );
}
