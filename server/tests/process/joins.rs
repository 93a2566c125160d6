//! A hall full of people who open the invitation on the wall in the same minute.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use keruen_domain::protocol::people::{
    Card, InvitationFace, Invite, Join, Joined, Me, NewSecret, Secret, paths,
};
use keruen_domain::{ProgrammeId, Role, ScopeId};

use crate::client::Client;
use crate::program::{Program, TOKEN};

const PEOPLE: u64 = 50;

/// The programme of a sample, imported as operators do it.
fn imported(data: &Path) -> ProgrammeId {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../samples/creative-kazakhstan-2025/programme.json");
    let output = Command::new(env!("CARGO_BIN_EXE_keruen"))
        .args(["import", "--json"])
        .arg(sample)
        .env("KERUEN_DATA", data)
        .output()
        .expect("the program is there");
    let results: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let programme = results[0]["report"]["programme"].as_str();
    programme.and_then(|id| id.parse().ok()).expect("imported")
}

/// Opens the invitation, joins, and reads all there is; gives how long that took.
async fn comes_in(base: String, secret: String, number: u64) -> (Client, Duration) {
    let began = Instant::now();
    let mut client = Client::new(number);
    client.token = format!("{number:0>43}");
    let question = Secret {
        secret: secret.clone(),
    };
    let face = client.ask(&base, paths::INVITATION, None, &question).await;
    let face: InvitationFace = face.expect("the invitation is open");
    let question = Join {
        secret,
        token: client.token.clone(),
        label: "Chrome, Android".to_owned(),
        card: Card {
            name: format!("Participant {number}"),
            organisation: "Akimat".to_owned(),
            region: face.regions[0].code.clone(),
            language: "kk".to_owned(),
            is_listed: true,
        },
    };
    let joined = client.ask(&base, paths::JOIN, None, &question).await;
    let _: Joined = joined.expect("there is room for all");
    client.read_all(&base).await;
    (client, began.elapsed())
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_people_join_at_once_and_have_the_programme() {
    let folder = tempfile::tempdir().expect("a folder");
    let programme = imported(folder.path());
    // The limits of a server as it comes: all of the hall have one address.
    let limits = [("KERUEN_DEVICE_RATE", "10"), ("KERUEN_ADDRESS_RATE", "200")];
    let program = Program::start(folder.path(), &limits).expect("it starts");
    let base = program.base.clone();
    let question = Invite {
        programme,
        role: Role::Participant,
        valid_ms: 60 * 60 * 1_000,
        max_uses: PEOPLE as u32,
        note: "the wall".to_owned(),
    };
    let operator = Client::new(1_000);
    let made = operator.ask(&base, paths::INVITE, Some(TOKEN), &question);
    let made: NewSecret = made.await.expect("the operator may");

    let began = Instant::now();
    let hall: Vec<_> = (1..=PEOPLE)
        .map(|number| tokio::spawn(comes_in(base.clone(), made.secret.clone(), number)))
        .collect();
    let mut times = Vec::new();
    let mut clients = Vec::new();
    for person in hall {
        let (client, took) = person.await.expect("everybody comes in");
        times.push(took);
        clients.push(client);
    }
    let all = began.elapsed();
    times.sort_unstable();
    println!(
        "{PEOPLE} people joined and read the programme within {} ms; half of them within {} ms",
        all.as_millis(),
        times[times.len() / 2].as_millis()
    );

    // Once all are in, everybody has the same, with everybody's card.
    let scope = ScopeId::Programme(programme);
    let mut rows = None;
    for client in &mut clients {
        client.read_all(&base).await;
        let mine: Vec<_> = client
            .rows
            .values()
            .filter(|record| record.key.scope == scope)
            .cloned()
            .collect();
        let cards = mine.iter().filter(|record| {
            let name = record.value("name").as_text().unwrap_or_default();
            name.starts_with("Participant ")
        });
        assert_eq!(cards.count() as u64, PEOPLE);
        assert_eq!(*rows.get_or_insert_with(|| mine.clone()), mine);
        let me = client.ask(&base, paths::ME, Some(&client.token), &()).await;
        let me: Me = me.expect("known");
        assert_eq!(me.roles[0].role, Role::Participant);
    }
    assert!(program.stop().0);
}
