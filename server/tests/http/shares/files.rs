//! Files of shared materials.

use reqwest::header::RANGE;

use super::*;

const BYTES: &[u8] = b"a handout of some length";

#[tokio::test]
async fn a_share_gives_the_files_that_it_names() {
    let server = TestServer::start().await;
    programme_with_everything(&server).await;
    let hash = give_file(&server, MATERIAL, BYTES, "application/pdf", "Құрал.pdf").await;
    let other = give_file(&server, OTHER_MATERIAL, b"other", "image/png", "o.png").await;
    let unnamed = server
        .put_file(programme(1), b"unnamed", "image/png", "u.png")
        .await;
    for (thing, has_first, has_other) in [
        (Shared::Material(material()), true, false),
        (Shared::Session(session()), true, false),
        (Shared::Materials, true, true),
        (Shared::Agenda, false, false),
    ] {
        let secret = shared(&server, thing).await;
        let file = |hash: &str| [&*page_path(&secret), paths::FILES, hash].concat();
        for (hash, is_there) in [(&hash, has_first), (&other, has_other), (&unnamed, false)] {
            let answer = look(&server, &file(hash)).await;
            assert_eq!(answer.status() == StatusCode::OK, is_there, "{thing:?}");
            assert_eq!(answer.headers()["cache-control"], "no-store");
            assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
            assert!(answer.headers().contains_key("x-robots-tag"));
        }
    }
    let secret = shared(&server, Shared::Materials).await;
    let file = |hash: &str| [&*page_path(&secret), paths::FILES, hash].concat();
    let answer = look(&server, &file(&hash)).await;
    let headers = answer.headers();
    assert_eq!(headers["content-type"], "application/pdf");
    assert_eq!(
        headers["content-security-policy"],
        "default-src 'none'; frame-ancestors 'none'; sandbox"
    );
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(
        headers["content-disposition"],
        "attachment; filename*=UTF-8''%D2%9A%D2%B1%D1%80%D0%B0%D0%BB.pdf"
    );
    assert_eq!(answer.bytes().await.unwrap(), BYTES);
    let part = http_client()
        .get(server.url(&file(&hash)))
        .header(RANGE, "bytes=2-8");
    let part = part.send().await.unwrap();
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.bytes().await.unwrap(), BYTES[2..9]);
    for wrong in ["abc", "..%2f..%2fkeruen.db", &"F".repeat(64)] {
        let answer = look(&server, &file(wrong)).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{wrong}");
    }
}

#[tokio::test]
async fn a_file_of_another_programme_is_not_given() {
    let server = TestServer::start().await;
    programme_with_everything(&server).await;
    // The record names it, but the programme does not hold it.
    server.put(vec![programme_record(2, false)]).await;
    let hash = server
        .put_file(programme(2), BYTES, "image/png", "x.png")
        .await;
    let at = key(programme(1), Collection::MATERIAL, MATERIAL);
    let named = [
        imported(at, fields::FILE_SHA256, &*hash),
        imported(at, fields::FILE_SIZE_BYTES, BYTES.len() as i64),
    ];
    server.put(named.into()).await;
    let secret = shared(&server, Shared::Material(material())).await;
    let path = [&*page_path(&secret), paths::FILES, &hash].concat();
    assert_eq!(look(&server, &path).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn names_of_files_stay_within_their_header_and_their_page() {
    let server = TestServer::start().await;
    programme_with_everything(&server).await;
    let name = "a\r\nset-cookie: b=c\r\n\r\n<script>\"'.html";
    let hash = give_file(&server, MATERIAL, b"<script>1</script>", "text/html", name).await;
    let secret = shared(&server, Shared::Material(material())).await;
    let answer = look(
        &server,
        &[&*page_path(&secret), paths::FILES, &hash].concat(),
    )
    .await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(!answer.headers().contains_key("set-cookie"));
    assert_eq!(answer.headers()["content-type"], "application/octet-stream");
    let disposition = answer.headers()["content-disposition"].to_str().unwrap();
    assert!(disposition.starts_with("attachment; filename*=UTF-8''a%0D%0Aset-cookie"));
    let page = html(&server, &page_path(&secret)).await;
    assert!(!page.contains("<script"));
    assert!(page.contains("&lt;script&gt;&quot;&#39;.html"));
}
