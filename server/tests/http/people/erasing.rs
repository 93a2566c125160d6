//! Forgetting somebody, as `keruen people erase` does it.

use keruen_domain::DeviceId;
use keruen_server::people::erase;
use keruen_server::snapshot::Rules;

use super::*;

#[tokio::test]
async fn who_is_erased_is_in_no_answer_any_more_and_what_they_wrote_stays() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    let secret = invited(&server, 1, Role::Trainer, 2).await;
    let (mut gone, joined_gone) = joined(&server, &secret, 1).await;
    let (mut other, _) = joined(&server, &secret, 2).await;
    let material = key(programme(1), Collection::MATERIAL, 5);
    let changes = [
        gone.edit(material, "title", "Mapping an ecosystem"),
        gone.edit(note(1), "body", "a secret of mine"),
    ];
    gone.exchange(&server, &changes).await;
    let rules = Rules {
        least_rows: 2,
        ..Rules::default()
    };
    assert_eq!(server.renew_snapshots(&rules, NOW_MS).await, 1);
    other.pull(&server).await;
    assert!(card(&other, 1, joined_gone.person).is_some());

    let person = joined_gone.person;
    server
        .write(move |write| erase(write, person, DeviceId(99), NOW_MS))
        .await;
    other.pull(&server).await;
    assert_eq!(card(&other, 1, person), None);
    assert_eq!(other.text(&material, "title"), Some("Mapping an ecosystem"));
    assert!(server.rows(ScopeId::Person(person)).await.is_empty());
    let refused: Result<Me, _> = ask(&server, &gone, paths::ME, &()).await;
    assert_eq!(refused, Err((401, "not-authorised".to_owned())));

    // Nobody who comes later is shown a piece that was cut before.
    let mut late = Device::visitor(9);
    (late.token, late.takes_snapshots) = (other.token, true);
    let response = late.ask(&server, &[]).await;
    assert!(response.snapshots.is_empty());
    late.pull(&server).await;
    assert_eq!(card(&late, 1, person), None);
    assert_eq!(server.renew_snapshots(&rules, NOW_MS).await, 1);
    let mut anew = Device::visitor(10);
    (anew.token, anew.takes_snapshots) = (other.token, true);
    assert_eq!(anew.ask(&server, &[]).await.snapshots.len(), 1);
}
