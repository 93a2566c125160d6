//! What was typed survives.

use anyhow::{Result, ensure};

use crate::steps;

#[tokio::test]
async fn a_note_survives_the_death_of_the_browser_right_after_it_was_typed() -> Result<()> {
    let mut server = steps::server().await?;
    let mut phone = steps::visitor(&server.organiser_url("/")).await?;
    steps::open_session(&phone).await?;
    let session = phone.path().await?;
    server.kill().await?;
    phone.click("link", "Write a note").await?;
    phone
        .type_into("Text of the note", "Хабтарға кім жауапты?")
        .await?;
    steps::mark(&phone, "on this phone").await?;
    phone.kill().await?;

    phone.start_again().await?;
    phone.open(&server.url("/notes")).await?;
    phone.click("link", "Хабтарға кім жауапты?").await?;
    steps::note_reads(&phone, "Хабтарға кім жауапты?").await?;
    phone.find("link", steps::SESSION).await?;
    phone.open(&server.url(&session)).await?;
    phone.find("link", "Хабтарға кім жауапты?").await?;
    steps::chip(&phone, "offline").await?;

    server.start_again().await?;
    steps::sync_now(&phone).await?;
    phone.click("link", "Хабтарға кім жауапты?").await?;
    steps::mark(&phone, "sent").await?;
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn the_phone_stays_connected_when_the_browser_dies_at_once_after_the_first_visit()
-> Result<()> {
    let server = steps::server().await?;
    let mut phone = steps::visitor(&server.organiser_url("/")).await?;
    ensure!(
        !phone
            .client()?
            .current_url()
            .await?
            .as_str()
            .contains("token"),
        "the key is taken out of the address"
    );
    phone.kill().await?;
    phone.start_again().await?;
    phone.open(&server.url("/more")).await?;
    phone.sees("This device is connected.").await?;
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn leaving_a_note_in_the_middle_of_a_word_keeps_the_word() -> Result<()> {
    let server = steps::server().await?;
    let mut phone = steps::visitor(&server.organiser_url("/")).await?;
    steps::write_note(&phone, "Half a wo").await?;
    phone.click("link", "Back").await?;
    phone.find("link", "Half a wo").await?;
    // As the phone's own Back does it: the field still has the focus.
    steps::write_note(&phone, "Half another wo").await?;
    phone.client()?.back().await?;
    phone.find("link", "Half another wo").await?;
    // To another address of the same site, which throws the page away.
    let address = steps::write_note(&phone, "Half a third wo").await?;
    phone.open(&server.url("/licences.txt")).await?;
    phone.open(&server.url(&address)).await?;
    steps::note_reads(&phone, "Half a third wo").await?;
    phone.click("link", "Back").await?;
    for note in ["Half a wo", "Half another wo", "Half a third wo"] {
        phone.find("link", note).await?;
    }
    steps::finish([&mut phone]).await
}
