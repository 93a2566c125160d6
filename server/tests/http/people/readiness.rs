//! How many phones are ready.

use keruen_domain::Role;
use keruen_domain::protocol::people::{OfProgramme, paths};
use keruen_domain::protocol::readiness::{PhonesReady, TellReady, paths as told};

use super::{ask, invited, joined, me, private_programme};
use crate::harness::*;

const HOUR_MS: u64 = 3_600_000;

async fn member(server: &TestServer, role: Role, number: u64) -> Device {
    let secret = invited(server, 1, role, 1).await;
    joined(server, &secret, number).await.0
}

async fn tell(server: &TestServer, device: &Device, is_ready: bool, until_ms: u64) {
    let told = TellReady {
        programme: programme_id(1),
        is_ready,
        until_ms,
    };
    let noted: Result<(), _> = ask(server, device, told::TELL, &told).await;
    noted.unwrap();
}

async fn count(server: &TestServer, device: &Device) -> (u32, Option<u32>) {
    let question = OfProgramme {
        programme: programme_id(1),
    };
    let counted = ask(server, device, told::COUNT, &question).await;
    let counted: PhonesReady = counted.unwrap();
    (counted.phones, counted.ready)
}

#[tokio::test]
async fn each_phone_counts_once_and_few_are_not_told_apart() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    let trainer = member(&server, Role::Trainer, 1).await;
    assert_eq!(count(&server, &trainer).await, (0, None));
    let mut phones = Vec::new();
    for number in 2..5 {
        phones.push(member(&server, Role::Participant, number).await);
    }
    for phone in &phones[..2] {
        tell(&server, phone, true, NOW_MS + HOUR_MS).await;
    }
    assert_eq!(count(&server, &trainer).await, (2, None), "too few");
    tell(&server, &phones[2], false, NOW_MS + HOUR_MS).await;
    tell(&server, &phones[2], false, NOW_MS + HOUR_MS).await;
    assert_eq!(count(&server, &trainer).await, (3, Some(2)));
    tell(&server, &phones[2], true, NOW_MS + HOUR_MS).await;
    assert_eq!(count(&server, &trainer).await, (3, Some(3)));
    tell(&server, &trainer, false, NOW_MS + HOUR_MS).await;
    assert_eq!(count(&server, &trainer).await, (4, Some(3)));
}

#[tokio::test]
async fn who_left_and_what_was_taken_back_does_not_count() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    let trainer = member(&server, Role::Trainer, 1).await;
    let mut phones = Vec::new();
    for number in 2..7 {
        let phone = member(&server, Role::Participant, number).await;
        tell(&server, &phone, true, NOW_MS + HOUR_MS).await;
        phones.push(phone);
    }
    assert_eq!(count(&server, &trainer).await, (5, Some(5)));
    let question = OfProgramme {
        programme: programme_id(1),
    };
    let left: Result<(), _> = ask(&server, &phones[0], paths::LEAVE_PROGRAMME, &question).await;
    left.unwrap();
    assert_eq!(count(&server, &trainer).await, (4, Some(4)));
    let token = me(&server, &phones[1]).await.devices[0].token;
    let revoked: Result<(), _> = ask(&server, &phones[1], paths::REVOKE_DEVICE, &token).await;
    revoked.unwrap();
    assert_eq!(count(&server, &trainer).await, (3, Some(3)));
    // What is over is told with a time that has passed.
    tell(&server, &phones[2], true, NOW_MS).await;
    assert_eq!(count(&server, &trainer).await, (2, None));
}
