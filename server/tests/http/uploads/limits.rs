//! What people may not send, and how much.

use keruen_domain::DeviceId;
use keruen_server::people::erase;

use super::*;

const HOUR_MS: u64 = 60 * 60 * 1_000;

async fn scene(arguments: &[&str]) -> (TestServer, Device) {
    let server = TestServer::start_with(arguments).await;
    private_programme(&server, 1).await;
    let trainer = member(&server, 1, Role::Trainer, 1).await;
    (server, trainer)
}

#[tokio::test]
async fn files_may_be_so_large_and_so_many() {
    let arguments = [
        "--file-bytes",
        "1000",
        "--uploads",
        "2",
        "--unfinished-bytes",
        "2500",
    ];
    let (server, trainer) = scene(&arguments).await;
    let other = member(&server, 1, Role::Trainer, 2).await;
    let files: Vec<Vec<u8>> = (996..=1_001).map(picture).collect();
    let answer = announce(&server, &trainer, 1, &files[5], "a.png").await;
    assert_eq!(told(&answer), (413, "too-large", None));
    let first = place(&announce(&server, &trainer, 1, &files[4], "a.png").await);
    place(&announce(&server, &trainer, 1, &files[3], "a.png").await);
    let answer = announce(&server, &trainer, 1, &files[2], "a.png").await;
    assert_eq!(told(&answer), (409, "too-many-uploads", None));
    // The same again is the same.
    let again = announce(&server, &trainer, 1, &files[4], "a.png").await;
    assert_eq!(place(&again), first);
    // Nobody's fault, and no room all the same.
    let answer = announce(&server, &other, 1, &files[1], "a.png").await;
    assert_eq!(told(&answer), (507, "no-room", None));
    let ended = tus(&server, &trainer, Method::DELETE, &first);
    assert_eq!(told(&ended.send().await.unwrap()), (204, "", None));
    assert_eq!(ask_standing(&server, &trainer, &first).await.status(), 404);
    place(&announce(&server, &other, 1, &files[1], "a.png").await);
    assert_eq!(on_their_way(&server), 4);
}

#[tokio::test]
async fn what_nobody_continues_is_forgotten() {
    let (server, trainer) = scene(&["--upload-hours", "5"]).await;
    let bytes = picture(1_000);
    let old = place(&announce(&server, &trainer, 1, &bytes, "a.png").await);
    let young = place(&announce(&server, &trainer, 1, &bytes, "b.png").await);
    server.pass(4 * HOUR_MS);
    let piece = send(&server, &trainer, &young, 0, &bytes[..10]).await;
    assert_eq!(told(&piece), (204, "", Some(10)));
    server.pass(2 * HOUR_MS);
    assert_eq!(ask_standing(&server, &trainer, &old).await.status(), 404);
    assert_eq!(server.sweep_uploads().await, 2);
    let standing = ask_standing(&server, &trainer, &young).await;
    assert_eq!(told(&standing), (200, "", Some(10)));
    assert_eq!(on_their_way(&server), 2);
}

#[tokio::test]
async fn what_somebody_sent_who_is_erased_goes_with_them() {
    let (server, trainer) = scene(&[]).await;
    let other = member(&server, 1, Role::Trainer, 2).await;
    let operator = Device::of_organiser(3);
    let bytes = picture(1_000);
    let own = place(&announce(&server, &trainer, 1, &bytes, "Own name.png").await);
    assert_eq!(
        send(&server, &trainer, &own, 0, &bytes[..10])
            .await
            .status(),
        204
    );
    for device in [&other, &operator] {
        place(&announce(&server, device, 1, &bytes, "a.png").await);
    }
    let person = crate::people::me(&server, &trainer).await.person;
    server
        .write(move |write| erase(write, person, DeviceId(99), NOW_MS))
        .await;
    assert_eq!(server.sweep_uploads().await, 2);
    assert_eq!(on_their_way(&server), 4);
}

#[tokio::test]
async fn who_announces_without_end_waits() {
    let (server, trainer) = scene(&["--device-rate", "0", "--address-rate", "0"]).await;
    let bytes = picture(100);
    for _ in 0..200 {
        let answer = announce(&server, &trainer, 1, &bytes, "a.png").await;
        assert_eq!(answer.status(), 201);
    }
    let answer = announce(&server, &trainer, 1, &bytes, "a.png").await;
    assert_eq!(told(&answer), (429, "too-many", None));
    assert!(answer.headers().contains_key("retry-after"));
    assert_eq!(on_their_way(&server), 2);
}

#[tokio::test]
async fn what_is_not_spoken_here_changes_nothing() {
    let (server, trainer) = scene(&[]).await;
    let bytes = picture(100);
    let hash = ContentHash::of(&bytes);
    let post = |length: &str, metadata: &str| {
        tus(&server, &trainer, Method::POST, upload::ADDRESS)
            .header(upload::LENGTH_HEADER, length)
            .header(upload::METADATA_HEADER, metadata)
    };
    let good = metadata(1, &hash, "a.png");
    for (length, metadata) in [
        ("0", good.clone()),
        ("-5", good.clone()),
        ("1e3", good.clone()),
        ("100", String::new()),
        ("100", good.replace("sha256", "sha1")),
        ("100", metadata(1, &hash, "../a.png")),
        ("100", metadata(1, &hash, "a\nb.png")),
        ("100", metadata(1, &hash, &"a".repeat(300))),
        ("100", metadata(1, &hash, " ")),
    ] {
        let answer = post(length, &metadata).send().await.unwrap();
        assert_eq!(told(&answer), (400, "malformed", None), "{metadata}");
    }
    let of_other = http_client()
        .post(server.url(upload::ADDRESS))
        .bearer_auth(trainer.token.unwrap())
        .header(upload::TUS_HEADER, "0.2.2");
    let answer = of_other.send().await.unwrap();
    assert_eq!(told(&answer), (412, "version-not-supported", None));
    assert_eq!(answer.headers()["tus-version"], "1.0.0");
    assert_eq!(on_their_way(&server), 0);

    let place = place(&announce(&server, &trainer, 1, &bytes, "a.png").await);
    let piece = |kind: &str| {
        tus(&server, &trainer, Method::PATCH, &place)
            .header("content-type", kind)
            .body(bytes.clone())
    };
    let answer = piece("application/octet-stream");
    let answer = answer
        .header(upload::OFFSET_HEADER, 0)
        .send()
        .await
        .unwrap();
    assert_eq!(told(&answer), (415, "unsupported-media-type", None));
    let answer = piece(upload::PIECE_MEDIA_TYPE).send().await.unwrap();
    assert_eq!(told(&answer), (400, "malformed", None));
    for name in ["x", "..%2fkeruen", &"0".repeat(32), &"A".repeat(32)] {
        let path = format!("{}/{name}", upload::ADDRESS);
        let answer = ask_standing(&server, &trainer, &path).await;
        assert_eq!(answer.status(), 404, "{name}");
    }
    let standing = ask_standing(&server, &trainer, &place).await;
    assert_eq!(told(&standing), (200, "", Some(0)));

    let abilities = server.url(upload::ADDRESS);
    let abilities = http_client().request(Method::OPTIONS, abilities);
    let abilities = abilities.send().await.unwrap();
    assert_eq!(abilities.status(), 204);
    let headers = abilities.headers();
    assert_eq!(headers["tus-version"], "1.0.0");
    assert_eq!(headers["tus-extension"], "creation,expiration,termination");
    assert_eq!(headers["tus-max-size"], "1073741824");
}
