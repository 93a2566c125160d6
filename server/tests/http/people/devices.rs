//! Somebody's devices.

use super::*;

async fn add(server: &TestServer, secret: &str, number: u64) -> Result<Device, (u16, String)> {
    let mut device = Device::visitor(number);
    let question = AddDevice {
        secret: secret.to_owned(),
        token: token(number),
        label: "Safari, iPad".to_owned(),
    };
    let _: Joined = ask(server, &device, paths::ADD_DEVICE, &question).await?;
    device.token = Some(question.token.leak());
    Ok(device)
}

async fn somebody(server: &TestServer) -> (Device, Joined) {
    private_programme(server, 1).await;
    let secret = invited(server, 1, Role::Participant, 1).await;
    joined(server, &secret, 1).await
}

#[tokio::test]
async fn a_second_phone_is_added_by_a_link_once_and_within_ten_minutes() {
    let server = TestServer::start().await;
    let (mut first, joined) = somebody(&server).await;
    let note = first.edit(note(1), "body", "Ask about the budget");
    first.exchange(&server, &[note]).await;

    let link: NewSecret = ask(&server, &first, paths::DEVICE_LINK, &()).await.unwrap();
    assert_eq!(link.expires_ms, Some(NOW_MS + 10 * 60 * 1_000));
    let mut second = add(&server, &link.secret, 2).await.unwrap();
    second.pull(&server).await;
    assert_eq!(
        second.text(&super::note(1), "body"),
        Some("Ask about the budget")
    );
    // The same again is answered again; another device comes too late.
    assert!(add(&server, &link.secret, 2).await.is_ok());
    assert_eq!(
        add(&server, &link.secret, 3).await.err(),
        nothing::<()>().err()
    );

    let listed = me(&server, &second).await;
    assert_eq!((listed.person, &*listed.name), (joined.person, "Айгерім 1"));
    let devices: Vec<_> = listed
        .devices
        .iter()
        .map(|device| (device.device, &*device.label, device.is_this))
        .collect();
    assert_eq!(devices.len(), 2);
    assert!(devices.contains(&(second.id, "Safari, iPad", true)));
    assert!(devices.contains(&(first.id, "Chrome, Android", false)));

    let link: NewSecret = ask(&server, &first, paths::DEVICE_LINK, &()).await.unwrap();
    server.pass(10 * 60 * 1_000);
    assert_eq!(
        add(&server, &link.secret, 3).await.err(),
        nothing::<()>().err()
    );
}

#[tokio::test]
async fn the_code_on_paper_opens_once_however_it_is_typed() {
    let server = TestServer::start().await;
    let (first, _) = somebody(&server).await;
    assert!(!me(&server, &first).await.has_recovery_code);
    let old: NewSecret = ask(&server, &first, paths::RECOVERY_CODE, &())
        .await
        .unwrap();
    let code: NewSecret = ask(&server, &first, paths::RECOVERY_CODE, &())
        .await
        .unwrap();
    assert!(me(&server, &first).await.has_recovery_code);
    assert_eq!(code.expires_ms, None);
    assert_eq!(
        add(&server, &old.secret, 2).await.err(),
        nothing::<()>().err()
    );
    server.pass(90 * 24 * HOUR_MS);
    let typed = code.secret.to_lowercase().replace('-', " ");
    let second = add(&server, &typed, 2).await.unwrap();
    assert_eq!(
        add(&server, &code.secret, 3).await.err(),
        nothing::<()>().err()
    );
    assert!(!me(&server, &second).await.has_recovery_code);
}

#[tokio::test]
async fn a_device_that_was_taken_back_is_refused_at_once_and_its_connection_ends() {
    let server = TestServer::start().await;
    let (first, _) = somebody(&server).await;
    let link: NewSecret = ask(&server, &first, paths::DEVICE_LINK, &()).await.unwrap();
    let lost = add(&server, &link.secret, 2).await.unwrap();
    let mut stream = http_client()
        .get(server.url(keruen_domain::protocol::live::PATH))
        .header(DEVICE_HEADER, lost.id.to_string())
        .bearer_auth(lost.token.unwrap())
        .send()
        .await
        .unwrap();
    assert!(stream.chunk().await.unwrap().is_some());

    let devices = me(&server, &first).await.devices;
    let other = devices.iter().find(|device| !device.is_this).unwrap();
    let done: Result<(), _> = ask(&server, &first, paths::REVOKE_DEVICE, &other.token).await;
    assert_eq!(done, Ok(()));
    let refused = Err((401, "not-authorised".to_owned()));
    assert_eq!(
        ask::<_, Me>(&server, &lost, paths::ME, &()).await,
        refused.clone()
    );
    let exchange = lost.post(&server).body(Vec::new()).send().await.unwrap();
    assert_eq!(exchange.status(), 401);
    while stream.chunk().await.unwrap().is_some() {}

    // Its token opens nothing else either, and a device of somebody else cannot be taken back.
    let join = joining(&invited(&server, 1, Role::Participant, 1).await, 2);
    let again: Result<Joined, _> = ask(&server, &Device::visitor(2), paths::JOIN, &join).await;
    assert!(again.is_err_and(|error| error.0 == 401));
    let stranger = invited(&server, 1, Role::Participant, 1).await;
    let (stranger, _) = joined(&server, &stranger, 9).await;
    let own = me(&server, &first).await.devices[0].token;
    let done: Result<(), _> = ask(&server, &stranger, paths::REVOKE_DEVICE, &own).await;
    assert_eq!(done, nothing());
    assert_eq!(me(&server, &first).await.devices.len(), 1);
}

#[tokio::test]
async fn a_person_has_twenty_devices_at_most() {
    let server = TestServer::start().await;
    let (first, _) = somebody(&server).await;
    for number in 2..=limits::MAX_DEVICES as u64 {
        let link: NewSecret = ask(&server, &first, paths::DEVICE_LINK, &()).await.unwrap();
        add(&server, &link.secret, number).await.unwrap();
    }
    let code: NewSecret = ask(&server, &first, paths::RECOVERY_CODE, &())
        .await
        .unwrap();
    let full = Some((409, "too-many-devices".to_owned()));
    assert_eq!(add(&server, &code.secret, 99).await.err(), full);
    let link: Result<NewSecret, _> = ask(&server, &first, paths::DEVICE_LINK, &()).await;
    assert_eq!(link.err(), full);
}

#[tokio::test]
async fn when_a_device_was_here_is_told_to_the_minute_and_written_down_later() {
    let server = TestServer::start().await;
    let (mut first, _) = somebody(&server).await;
    let before = server.database_bytes();
    server.pass(3 * HOUR_MS + 1_234);
    let seen = |me: Me| me.devices[0].seen_ms;
    let minute_ms = (NOW_MS + 3 * HOUR_MS) / 60_000 * 60_000;
    assert_eq!(seen(me(&server, &first).await), minute_ms);
    assert!(server.database_bytes() == before, "asking writes nothing");
    first.id = keruen_domain::DeviceId(77);
    first.exchange(&server, &[]).await;
    server.write_seen_down().await;
    let folder = server.folder.clone();
    drop(server);
    let server = TestServer::start_in(folder, 2, Some(TOKEN), &[]).await;
    let devices = me(&server, &first).await.devices;
    assert_eq!(devices[0].device, keruen_domain::DeviceId(77));
}

#[tokio::test]
async fn the_operator_adds_devices_that_can_be_taken_back() {
    let server = TestServer::start().await;
    private_programme(&server, 1).await;
    let operator = Device::of_organiser(1);
    let link: NewSecret = ask(&server, &operator, paths::DEVICE_LINK, &())
        .await
        .unwrap();
    let mut device = add(&server, &link.secret, 2).await.unwrap();
    device.pull(&server).await;
    assert!(device.cursors.contains_key(&programme(1)));
    let me = me(&server, &device).await;
    assert_eq!((me.person, me.organises_everything), (ORGANISER, true));
    assert!(me.devices[0].is_this);
}
