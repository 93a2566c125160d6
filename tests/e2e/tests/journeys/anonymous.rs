//! Somebody without a key: reads what is public, writes for themselves.

use anyhow::Result;

use crate::steps;

#[tokio::test]
async fn a_note_stays_on_the_phone_until_the_person_connects() -> Result<()> {
    let server = steps::server().await?;
    let mut phone = steps::visitor(&server.url("/")).await?;
    let note = steps::write_note(&phone, "Mine alone").await?;
    steps::mark(&phone, "on this phone").await?;
    steps::chip(&phone, "on this phone").await?;
    phone.reload().await?;
    steps::note_reads(&phone, "Mine alone").await?;
    steps::chip(&phone, "on this phone").await?;
    steps::open_sheet(&phone).await?;
    phone.sees("1 change is waiting to be sent").await?;
    steps::close_sheet(&phone).await?;

    steps::go_to(&phone, "More").await?;
    phone
        .sees("This device is not connected. What you write stays on this phone only.")
        .await?;
    phone.is_well_made().await?;
    steps::paste_key(&phone, "no key at all").await?;
    phone
        .sees("This is no link, key or code of Keruen.")
        .await?;
    steps::paste_key(&phone, &server.organiser_url("/")).await?;
    phone.sees("This device is connected.").await?;
    steps::chip(&phone, "up to date").await?;
    phone.open(&server.url(&note)).await?;
    steps::mark(&phone, "sent").await?;

    let mut tablet = steps::visitor(&server.organiser_url("/notes")).await?;
    tablet.find("link", "Mine alone").await?;
    steps::finish([&mut phone, &mut tablet]).await
}

#[tokio::test]
async fn a_wrong_key_is_named_and_nothing_is_lost() -> Result<()> {
    let server = steps::server().await?;
    let mut phone = steps::visitor(&server.url("/")).await?;
    let note = steps::write_note(&phone, "Kept").await?;
    steps::mark(&phone, "on this phone").await?;
    steps::go_to(&phone, "More").await?;
    steps::paste_key(&phone, "a-well-formed-key-of-nobody-0123456789").await?;
    phone
        .sees("The server no longer accepts this device.")
        .await?;
    steps::chip(&phone, "needs attention").await?;
    phone.is_well_made().await?;

    steps::paste_key(&phone, server.organiser_token()).await?;
    phone
        .sees_no("The server no longer accepts this device.")
        .await?;
    phone.open(&server.url(&note)).await?;
    steps::note_reads(&phone, "Kept").await?;
    steps::mark(&phone, "sent").await?;
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn a_link_with_a_key_asks_before_this_phone_becomes_somebodys() -> Result<()> {
    const OPERATORS: &str =
        "This key is the operator’s of this server: with it everything can be read and changed.";
    let server = steps::server().await?;
    let mut phone = steps::visitor(&server.url("/")).await?;
    let note = steps::write_note(&phone, "Nobody else’s business").await?;
    steps::mark(&phone, "on this phone").await?;

    phone.open(&server.organiser_url("/")).await?;
    phone.sees(OPERATORS).await?;
    phone.is_well_made().await?;
    phone.click("button", "Put the link away").await?;
    phone.until("location.pathname === '/'").await?;
    phone.reload().await?;
    phone.open(&server.url(&note)).await?;
    steps::mark(&phone, "on this phone").await?;

    phone
        .open(&server.url("/#token=a-well-formed-key-of-nobody-0123456789"))
        .await?;
    phone.sees("This link cannot be used").await?;
    phone.click("button", "Put the link away").await?;
    steps::chip(&phone, "on this phone").await?;

    phone.open(&server.organiser_url("/")).await?;
    phone.sees(OPERATORS).await?;
    phone.click("button", "Use this key").await?;
    phone.until("location.pathname === '/'").await?;
    phone.open(&server.url(&note)).await?;
    steps::mark(&phone, "sent").await?;
    phone
        .open(&server.url("/#token=a-well-formed-key-of-nobody-0123456789"))
        .await?;
    phone
        .sees("This phone belongs to somebody already.")
        .await?;
    phone.is_well_made().await?;
    steps::finish([&mut phone]).await
}
