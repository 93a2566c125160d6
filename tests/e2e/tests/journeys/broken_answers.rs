//! Something between the phone and the server spoils what they say.

use anyhow::Result;
use keruen_e2e::{Answers, Proxy};

use crate::steps;

#[tokio::test]
async fn no_broken_answer_makes_the_app_lie_or_lose_a_note() -> Result<()> {
    let server = steps::server().await?;
    let proxy = Proxy::start(&server).await?;
    let address = proxy.url(&format!("/#token={}", server.organiser_token()));
    let mut phone = steps::visitor(&address).await?;
    // A server that answers, though with a fault, was reached.
    let broken = [
        (Answers::SignInPage, "offline"),
        (Answers::Failure, "server fault"),
        (Answers::Halved, "offline"),
        (Answers::Never, "offline"),
    ];
    for (answers, words) in broken {
        let text = format!("Written while {answers:?}");
        proxy.answer(answers);
        let note = steps::write_note(&phone, &text).await?;
        steps::chip(&phone, words).await?;
        steps::mark(&phone, "on this phone").await?;
        phone.reload().await?;
        steps::note_reads(&phone, &text).await?;
        steps::chip(&phone, words).await?;
        steps::mark(&phone, "on this phone").await?;
        phone.is_well_made().await?;

        proxy.answer(Answers::Whole);
        steps::sync_now(&phone).await?;
        phone.open(&proxy.url(&note)).await?;
        steps::mark(&phone, "sent").await?;
    }
    let mut tablet = steps::visitor(&server.organiser_url("/notes")).await?;
    for (answers, _) in broken {
        tablet
            .find("link", &format!("Written while {answers:?}"))
            .await?;
    }
    tablet
        .until("document.querySelectorAll('main article').length === 4")
        .await?;
    steps::finish([&mut phone, &mut tablet]).await
}

#[tokio::test]
async fn a_first_visit_behind_a_sign_in_page_waits_and_then_gets_everything() -> Result<()> {
    let server = steps::server().await?;
    let proxy = Proxy::start(&server).await?;
    proxy.answer(Answers::SignInPage);
    let mut phone = keruen_e2e::Browser::start(keruen_e2e::BrowserOptions::default()).await?;
    phone.open(&proxy.url("/agenda")).await?;
    steps::chip(&phone, "offline").await?;
    phone.is_well_made().await?;
    proxy.answer(Answers::Whole);
    steps::sync_now(&phone).await?;
    phone.find("link", steps::EVENT).await?;
    steps::finish([&mut phone]).await
}
