//! The pages themselves.

use super::*;

#[tokio::test]
async fn a_page_is_whole_without_script_and_protects_its_reader() {
    let server = TestServer::start().await;
    programme_with_everything(&server).await;
    give_file(
        &server,
        MATERIAL,
        &[7; 48_213],
        "application/pdf",
        "Құрал.pdf",
    )
    .await;
    let secret = shared(&server, Shared::Material(material())).await;
    let answer = look(&server, &page_path(&secret)).await;
    let headers = answer.headers().clone();
    let policy = headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'self';"));
    assert!(policy.contains("form-action 'none'") && policy.contains("frame-ancestors 'none'"));
    assert!(!policy.contains("script-src") && !policy.contains("unsafe"));
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
        ("x-robots-tag", "noindex, nofollow, noarchive"),
        ("content-language", "kk"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(headers[name], value);
    }
    let page = answer.text().await.unwrap();
    assert!(page.starts_with("<!doctype html>\n<html lang=\"kk\" dir=\"ltr\">"));
    for part in [
        "<meta property=\"og:title\" content=\"Әдістемелік құрал\">",
        "<meta property=\"og:description\" content=\"О показателях\">",
        "<meta property=\"og:locale\" content=\"kk_KZ\">",
        "<meta name=\"robots\" content=\"noindex, nofollow\">",
        "<span lang=\"ru\">О показателях</span> <span class=\"fallback-label\">орыс тілінде</span>",
        "<h2>Часть</h2><p><em>Важное</em></p>",
        "Жүктеп алу: 48\u{a0}КБ",
        "Құрал.pdf",
        "Керуенде ашу",
        &format!("href=\"/#share={secret}\""),
        &format!("href=\"/s/{secret}?lang=ru\""),
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert!(!page.contains("<script") && !page.contains("style=") && !page.contains("<style"));

    // Its style sheet is there, for ever.
    let style = page.split("href=\"/share-").nth(1).unwrap();
    let style = ["/share-", style.split('"').next().unwrap()].concat();
    let style = look(&server, &style).await;
    assert_eq!(style.status(), StatusCode::OK);
    assert_eq!(style.headers()["content-type"], "text/css; charset=utf-8");
    assert_eq!(
        style.headers()["cache-control"],
        "public, max-age=31536000, immutable"
    );
    assert!(
        style
            .text()
            .await
            .unwrap()
            .contains("prefers-color-scheme: dark")
    );
}

#[tokio::test]
async fn the_address_chooses_the_language_and_links_keep_it() {
    let server = TestServer::start().await;
    programme_with_everything(&server).await;
    let secret = shared(&server, Shared::Materials).await;
    for (language, words) in [
        ("kk", "Материалдар"),
        ("ru", "Материалы"),
        ("en", "Materials"),
    ] {
        let page = html(&server, &format!("/s/{secret}?lang={language}")).await;
        assert!(page.contains(&format!("<html lang=\"{language}\"")));
        assert!(page.contains(words));
        let below = format!("/s/{secret}/materials/{}?lang={language}", material());
        assert!(page.contains(&below));
        let below = html(&server, &below).await;
        assert!(below.contains(&format!("<html lang=\"{language}\"")));
        assert!(below.contains(&format!("href=\"/s/{secret}?lang={language}\"")));
    }
    let unknown = html(&server, &format!("/s/{secret}?lang=\"><script>")).await;
    assert!(unknown.contains("<html lang=\"kk\"") && !unknown.contains("<script"));
    // Previews of messengers ask without a language.
    let preview = http_client()
        .get(server.url(&page_path(&secret)))
        .send()
        .await
        .unwrap();
    assert_eq!(preview.headers()["content-language"], "ru");
}

#[tokio::test]
async fn an_agenda_is_read_by_day_and_time_of_the_venue() {
    let server = TestServer::start().await;
    programme_with_everything(&server).await;
    let early = key(programme(1), Collection::SESSION, 21);
    server
        .put(vec![
            imported(early, &text(fields::TITLE, Language::Kazakh), "Тіркеу"),
            imported(early, fields::EVENT, RecordId::new(EVENT, RANDOM)),
            imported(early, fields::START, 1_747_018_800_000),
            imported(early, fields::OFFSET_MINUTES, 300),
            imported(
                early,
                FieldKey::member(fields::SAMPLE, fields::START).as_str(),
                true,
            ),
        ])
        .await;
    let secret = shared(&server, Shared::Agenda).await;
    let page = html(&server, &page_path(&secret)).await;
    let places = [
        "Семинар",
        "2025\u{a0}ж. 12 мамыр, дүйсенбі",
        "08:00",
        "Тіркеу",
        "09:00–10:00",
        "Ашылу салтанаты",
        "Зал 1",
        "Айгерім Сейіт",
    ]
    .map(|part| {
        page.find(&format!(">{part}"))
            .unwrap_or_else(|| panic!("{part}\n{page}"))
    });
    assert!(places.is_sorted(), "{places:?}");
    assert!(page.contains("Жергілікті уақыт: Ақтау"));
    assert_eq!(page.matches("class=\"share-sample\"").count(), 1);
}

#[tokio::test]
async fn a_session_shows_when_and_where_and_its_materials() {
    let server = TestServer::start().await;
    programme_with_everything(&server).await;
    let secret = shared(&server, Shared::Session(session())).await;
    let page = html(&server, &page_path(&secret)).await;
    for part in [
        "content=\"2025 ж. 12 мамыр, дүйсенбі, 09:00–10:00\"",
        "12 мамыр, дүйсенбі, <span class=\"share-times\">09:00–10:00</span>",
        "Зал 1",
        "Айгерім Сейіт",
        &format!("/s/{secret}/materials/{}", material()),
    ] {
        assert!(page.contains(part), "{part}");
    }
    let below = format!("/s/{secret}/materials/{}", material());
    assert!(html(&server, &below).await.contains("Әдістемелік құрал"));
    let not_of_it = MaterialId::new(OTHER_MATERIAL, RANDOM);
    let other = look(&server, &format!("/s/{secret}/materials/{not_of_it}")).await;
    assert_eq!(other.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_page_that_is_only_asked_about_counts_as_no_opening() {
    let server = TestServer::start().await;
    programme_with_everything(&server).await;
    let secret = shared(&server, Shared::Agenda).await;
    let head = http_client().head(server.url(&page_path(&secret)));
    assert_eq!(head.send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(shares(&server, &operator()).await[0].openings, 0);
}
