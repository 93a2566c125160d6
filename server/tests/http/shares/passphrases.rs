//! Links with a passphrase.

use super::*;

const PASSPHRASE: &str = "ақ боз ат";

async fn with_passphrase(server: &TestServer) -> String {
    let question = NewShare {
        passphrase: PASSPHRASE.to_owned(),
        ..new_share(Shared::Materials)
    };
    made(server, &question).await.secret
}

async fn typed(server: &TestServer, path: &str, passphrase: &str) -> reqwest::Response {
    let client = http_client_that_stays();
    let form: String = form_urlencoded::Serializer::new(String::new())
        .append_pair("passphrase", passphrase)
        .finish();
    let request = client
        .post(server.url(path))
        .header(ACCEPT_LANGUAGE, "kk")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    request.send().await.unwrap()
}

#[tokio::test]
async fn the_page_asks_and_opens_for_who_knows() {
    let server = TestServer::start().await;
    programme_with_everything(&server).await;
    let hash = give_file(&server, MATERIAL, b"bytes", "image/png", "a.png").await;
    let secret = with_passphrase(&server).await;
    let path = page_path(&secret);
    let question = look(&server, &path).await;
    assert_eq!(question.status(), StatusCode::OK);
    let policy = question.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(policy.contains("form-action 'self'"));
    let question = question.text().await.unwrap();
    assert!(question.contains("<form") && !question.contains("Методичка"));
    assert!(!question.contains("Керуен жолы") && !question.contains(&secret));

    let wrong = typed(&server, &path, "ақ боз").await;
    assert_eq!(wrong.status(), StatusCode::FORBIDDEN);
    assert!(wrong.text().await.unwrap().contains("role=\"alert\""));

    let right = typed(
        &server,
        &[&path, "?lang=ru"].concat(),
        &format!(" {PASSPHRASE} "),
    )
    .await;
    assert_eq!(right.status(), StatusCode::SEE_OTHER);
    let address = right.headers()["location"].to_str().unwrap().to_owned();
    assert!(
        address.starts_with(&[&path, "?lang=ru&ticket="].concat()),
        "{address}"
    );
    let ticket = address.split_once("ticket=").unwrap().1;
    let page = html(&server, &address).await;
    assert!(page.contains("Методичка") && page.contains("lang=\"ru\""));

    // Whatever belongs to it opens by the addresses on the page, and by no others.
    let below = [
        [&*path, "/materials/", &material().to_string()].concat(),
        [&*path, paths::FILES, &hash].concat(),
    ];
    for path in &below {
        assert!(page.contains(&**path));
        let opened = look(&server, &[path, "?ticket=", ticket].concat()).await;
        assert_eq!(opened.status(), StatusCode::OK);
        let without = look(&server, path).await;
        assert_ne!(without.status(), StatusCode::OK, "{path}");
        let other = look(&server, &[path, "?ticket=", &"0".repeat(48)].concat()).await;
        assert_ne!(other.status(), StatusCode::OK);
    }
    // A ticket opens one share and not for ever.
    let other_share = with_passphrase(&server).await;
    let other = html(
        &server,
        &[&*page_path(&other_share), "?ticket=", ticket].concat(),
    )
    .await;
    assert!(other.contains("<form"));
    server.pass(4 * 60 * 60 * 1_000);
    assert!(html(&server, &address).await.contains("<form"));
}

#[tokio::test]
async fn the_app_asks_and_gets_a_ticket_for_files() {
    let server = TestServer::start().await;
    programme_with_everything(&server).await;
    let hash = give_file(&server, MATERIAL, b"bytes", "image/png", "a.png").await;
    let secret = with_passphrase(&server).await;
    for wrong in ["", "   ", "wrong"] {
        let answer = opened(&server, &secret, wrong).await;
        assert_eq!(answer, Ok(Opened::NeedsPassphrase));
    }
    let Ok(Opened::Records { records, ticket }) = opened(&server, &secret, PASSPHRASE).await else {
        panic!("it is the passphrase");
    };
    assert_eq!(records.len(), 3);
    let file = [
        &*page_path(&secret),
        paths::FILES,
        &hash,
        paths::TICKET,
        &ticket,
    ]
    .concat();
    assert_eq!(look(&server, &file).await.status(), StatusCode::OK);
    assert_eq!(shares(&server, &operator()).await[0].openings, 1);
}

#[tokio::test]
async fn wrong_passphrases_are_limited_and_right_ones_are_not() {
    let server = TestServer::start().await;
    programme_with_everything(&server).await;
    let secret = with_passphrase(&server).await;
    let path = page_path(&secret);
    for _ in 0..8 {
        let right = typed(&server, &path, PASSPHRASE).await;
        assert_eq!(right.status(), StatusCode::SEE_OTHER);
    }
    for _ in 0..5 {
        let wrong = typed(&server, &path, "wrong").await;
        assert_eq!(wrong.status(), StatusCode::FORBIDDEN);
    }
    let kept_back = typed(&server, &path, PASSPHRASE).await;
    assert_eq!(kept_back.status(), StatusCode::TOO_MANY_REQUESTS);
    let kept_back = opened(&server, &secret, PASSPHRASE).await;
    assert_eq!(kept_back, Err((429, "too-many".to_owned())));
    // Another share is not affected.
    let other = with_passphrase(&server).await;
    let right = typed(&server, &page_path(&other), PASSPHRASE).await;
    assert_eq!(right.status(), StatusCode::SEE_OTHER);
    server.pass(12_000);
    let right = typed(&server, &path, PASSPHRASE).await;
    assert_eq!(right.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn forms_that_are_none_open_nothing() {
    let server = TestServer::start().await;
    programme_with_everything(&server).await;
    let secret = with_passphrase(&server).await;
    let post = async |body: Vec<u8>| {
        let request = http_client()
            .post(server.url(&page_path(&secret)))
            .body(body);
        request.send().await.unwrap().status()
    };
    assert_eq!(post(Vec::new()).await, StatusCode::FORBIDDEN);
    assert_eq!(
        post(b"passphrase=%ff%fe&passphrase".to_vec()).await,
        StatusCode::FORBIDDEN
    );
    assert_eq!(
        post(vec![b'a'; 100_000]).await,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    let long = ["passphrase=", &"a".repeat(5_000)].concat();
    assert_eq!(post(long.into_bytes()).await, StatusCode::FORBIDDEN);
    let gone = typed(&server, "/s/unknown", PASSPHRASE).await;
    assert_eq!(gone.status(), StatusCode::NOT_FOUND);
}
