//! Who makes shares, sees them and takes them back.

use super::*;

const WALL: &str = "for the wall";

#[tokio::test]
async fn trainers_and_organisers_make_shares_and_others_do_not() {
    let server = TestServer::start().await;
    programme_with_everything(&server).await;
    let question = new_share(Shared::Agenda);
    for (number, role, expected) in [
        (1, Role::Trainer, None),
        (2, Role::Organiser, None),
        (3, Role::Participant, Some((403, "not-allowed"))),
    ] {
        let secret = invited(&server, 1, role, 1).await;
        let (device, _) = joined(&server, &secret, number).await;
        let made: Result<NewSecret, _> = ask(&server, &device, paths::NEW, &question).await;
        let refused = made.err();
        let refused = refused.as_ref().map(|(status, code)| (*status, &**code));
        assert_eq!(refused, expected, "{role:?}");
    }
    let visitor = Device::visitor(9);
    let refused: Result<NewSecret, _> = ask(&server, &visitor, paths::NEW, &question).await;
    assert_eq!(refused.err(), Some((401, "not-authorised".to_owned())));
    // Somebody of another programme does not learn that this one is there.
    server.put(vec![programme_record(2, false)]).await;
    let secret = invited(&server, 2, Role::Organiser, 1).await;
    let (elsewhere, _) = joined(&server, &secret, 4).await;
    let refused: Result<NewSecret, _> = ask(&server, &elsewhere, paths::NEW, &question).await;
    assert_eq!(refused.err(), nothing::<()>().err());
}

#[tokio::test]
async fn what_is_not_there_is_not_shared() {
    let server = TestServer::start().await;
    programme_with_everything(&server).await;
    let deleted = key(programme(1), Collection::MATERIAL, OTHER_MATERIAL);
    let mut device = Device::of_organiser(1);
    device.pull(&server).await;
    let deletion = device.delete(deleted);
    device.exchange(&server, &[deletion]).await;
    let of_another_programme = NewShare {
        programme: programme_id(2),
        ..new_share(Shared::Agenda)
    };
    for question in [
        new_share(Shared::Material(deleted.id.into())),
        new_share(Shared::Material(MaterialId::new(99, RANDOM))),
        new_share(Shared::Session(SessionId::new(99, RANDOM))),
        // A session's name does not open a material.
        new_share(Shared::Material(RecordId::from(session()).into())),
        of_another_programme,
    ] {
        let refused: Result<NewSecret, _> = ask(&server, &operator(), paths::NEW, &question).await;
        assert_eq!(refused.err(), nothing::<()>().err());
    }
}

#[tokio::test]
async fn questions_beyond_the_limits_are_refused() {
    let server = TestServer::start().await;
    programme_with_everything(&server).await;
    let valid = || new_share(Shared::Agenda);
    for question in [
        NewShare {
            passphrase: "five5".into(),
            ..valid()
        },
        NewShare {
            passphrase: "   five5    ".into(),
            ..valid()
        },
        NewShare {
            passphrase: "қ".repeat(201),
            ..valid()
        },
        NewShare {
            note: "қ".repeat(201),
            ..valid()
        },
        NewShare {
            valid_ms: Some(0),
            ..valid()
        },
        NewShare {
            valid_ms: Some(u64::MAX),
            ..valid()
        },
    ] {
        let refused: Result<NewSecret, _> = ask(&server, &operator(), paths::NEW, &question).await;
        assert_eq!(refused.err(), Some((400, "malformed".to_owned())));
    }
    let longest = NewShare {
        passphrase: "қ".repeat(200),
        note: "қ".repeat(200),
        ..valid()
    };
    made(&server, &longest).await;
}

#[tokio::test]
async fn somebody_has_at_most_so_many_open_shares() {
    let server = TestServer::start().await;
    programme_with_everything(&server).await;
    server
        .write(|transaction| {
            for number in 0..limits::MAX_SHARES as u64 {
                let share = keruen_server::store::KeptShare {
                    id: keruen_domain::ShareId::new(number, RANDOM),
                    programme: programme_id(1),
                    shared: Shared::Agenda,
                    made_by: ORGANISER,
                    made_ms: NOW_MS,
                    expires_ms: (number == 0).then_some(NOW_MS + 10),
                    passphrase: None,
                    note: String::new(),
                    openings: 0,
                    revoked_ms: None,
                };
                let hash = keruen_server::secrets::SecretHash::of(&number.to_string());
                transaction.add_share(&hash, &share)?;
            }
            Ok(())
        })
        .await;
    let question = new_share(Shared::Agenda);
    let refused: Result<NewSecret, _> = ask(&server, &operator(), paths::NEW, &question).await;
    assert_eq!(refused.err(), Some((409, "too-many-shares".to_owned())));
    // One that has expired leaves room.
    server.pass(10);
    made(&server, &question).await;
}

#[tokio::test]
async fn a_share_is_listed_without_its_secret_and_with_how_often_it_was_opened() {
    let server = TestServer::start().await;
    programme_with_everything(&server).await;
    let question = NewShare {
        valid_ms: Some(1_000),
        passphrase: "құпия сөз".to_owned(),
        ..new_share(Shared::Material(material()))
    };
    let first = made(&server, &question).await;
    assert_eq!(first.expires_ms, Some(NOW_MS + 1_000));
    assert!(first.secret.len() * 6 >= 128, "bits of base64url");
    server.pass(1);
    let second = made(&server, &new_share(Shared::Agenda)).await;
    assert_eq!(second.expires_ms, None);
    assert_ne!(first.secret, second.secret);
    for _ in 0..2 {
        html(&server, &page_path(&second.secret)).await;
        records(&server, &second.secret).await;
        server.write_openings_down().await;
    }
    html(&server, &page_path(&second.secret)).await;
    opened(&server, &first.secret, "").await.unwrap();

    let listed = shares(&server, &operator()).await;
    let face = |share: &Share| (share.openings, share.has_passphrase, share.expires_ms);
    assert_eq!(
        listed.iter().map(face).collect::<Vec<_>>(),
        [(5, false, None), (0, true, Some(NOW_MS + 1_000)),]
    );
    assert_eq!(listed[0].title["kk"], "Керуен жолы");
    assert_eq!(listed[1].title["ru"], "Методичка");
    assert_eq!((&*listed[0].note, listed[0].is_revoked), (WALL, false));
    assert_eq!(listed[1].shared, Shared::Material(material()));
    // Neither secrets nor passphrases are on the disk.
    let bytes = server.database_bytes().concat();
    for secret in [&*first.secret, &second.secret, "құпия"] {
        let is_there = bytes
            .windows(secret.len())
            .any(|part| part == secret.as_bytes());
        assert!(!is_there, "{secret}");
    }
}

#[tokio::test]
async fn a_share_is_taken_back_by_its_maker_and_by_organisers() {
    let server = TestServer::start().await;
    programme_with_everything(&server).await;
    let secret = invited(&server, 1, Role::Trainer, 2).await;
    let (maker, _) = joined(&server, &secret, 1).await;
    let (other, _) = joined(&server, &secret, 2).await;
    let question = new_share(Shared::Agenda);
    for (closer, works) in [(&maker, true), (&other, false), (&operator(), true)] {
        let made: NewSecret = ask(&server, &maker, paths::NEW, &question).await.unwrap();
        let id = shares(&server, &maker).await[0].id;
        let revoked: Result<(), _> = ask(&server, closer, paths::REVOKE, &id).await;
        assert_eq!(
            revoked.err(),
            if works { None } else { nothing::<()>().err() }
        );
        let page = look(&server, &page_path(&made.secret)).await;
        assert_eq!(page.status() == StatusCode::NOT_FOUND, works);
        assert_eq!(shares(&server, &maker).await[0].is_revoked, works);
        server.pass(1);
    }
    assert!(shares(&server, &other).await.is_empty());
    let unknown = keruen_domain::ShareId::new(77, RANDOM);
    let refused: Result<(), _> = ask(&server, &operator(), paths::REVOKE, &unknown).await;
    assert_eq!(refused, nothing());
}

#[tokio::test]
async fn shares_end_with_their_makers_role() {
    use keruen_domain::protocol::people::{ChangeRole, paths as people};
    let server = TestServer::start().await;
    programme_with_everything(&server).await;
    let invitation = invited(&server, 1, Role::Trainer, 1).await;
    let (maker, joined) = joined(&server, &invitation, 1).await;
    let question = new_share(Shared::Agenda);
    let made: NewSecret = ask(&server, &maker, paths::NEW, &question).await.unwrap();
    for (role, status) in [
        (Some(Role::Participant), 404),
        (Some(Role::Trainer), 200),
        (None, 404),
    ] {
        let question = ChangeRole {
            programme: programme_id(1),
            person: joined.person,
            role,
        };
        let done: Result<(), _> = ask(&server, &operator(), people::CHANGE_ROLE, &question).await;
        done.unwrap();
        let page = look(&server, &page_path(&made.secret)).await;
        assert_eq!(page.status(), status, "{role:?}");
    }
}
