//! People of a programme who work together: put together, seen, left.

use anyhow::Result;
use keruen_e2e::{Answers, Browser, Proxy, Server};

use crate::joining::{invitation, joined, open};
use crate::steps;

const GROUP: &str = "Mapping the coast";

#[tokio::test]
async fn an_organiser_makes_a_group_and_a_participant_sees_it_and_leaves() -> Result<()> {
    let server = steps::server().await?;
    let (mut organiser, link) = invitation(&server).await?;
    let mut phone = joined(&link, "Aliya").await?;
    let mut other = joined(&link, "Berik").await?;
    open(&phone, "Groups").await?;
    phone.sees("You are in no group yet.").await?;
    phone.is_well_made().await?;

    open(&organiser, "Groups").await?;
    organiser.sees("There is no group yet.").await?;
    steps::unfold(&organiser, "New group").await?;
    organiser.type_into("Name of the group", GROUP).await?;
    // Nobody is ticked, and who organises everything belongs to no programme.
    organiser.click("button", "Make the group").await?;
    organiser
        .sees("A group has a name and somebody in it.")
        .await?;
    organiser.click("checkbox", "Aliya").await?;
    organiser.is_well_made().await?;
    organiser.click("button", "Make the group").await?;
    organiser.find("heading", GROUP).await?;
    organiser
        .sees(&format!("The group “{GROUP}” is made."))
        .await?;
    has_people(&organiser, &["Aliya"]).await?;
    is_empty(&organiser).await?;
    steps::unfold(&organiser, "Add people").await?;
    organiser.is_well_made().await?;
    organiser
        .until(
            "[...document.querySelectorAll('article label')]
                .filter(label => label.innerText.trim() === 'Berik')
                .map(label => label.click()).length === 1",
        )
        .await?;
    organiser.click("button", "Add who is ticked").await?;
    organiser.sees("They are in the group now.").await?;
    has_people(&organiser, &["Aliya", "Berik"]).await?;
    is_empty(&organiser).await?;

    phone.reload().await?;
    phone.find("heading", GROUP).await?;
    // Berik did not agree to be listed.
    has_people(&phone, &["Aliya (you)", "1 more who shows no name"]).await?;
    phone.is_well_made().await?;
    phone.click("button", "Leave the group").await?;
    phone.is_well_made().await?;
    phone.click("button", "Yes, leave").await?;
    phone.sees(&format!("You have left “{GROUP}”.")).await?;
    phone.sees("You are in no group yet.").await?;
    organiser.reload().await?;
    has_people(&organiser, &["Berik"]).await?;
    steps::finish([&mut organiser, &mut phone, &mut other]).await
}

#[tokio::test]
async fn without_the_server_the_page_of_the_groups_says_so_and_comes_back() -> Result<()> {
    let server = steps::server().await?;
    let proxy = Proxy::start(&server).await?;
    let (mut organiser, link) = invitation(&server).await?;
    let secret = link.split_once('#').map_or("", |(_, secret)| secret);
    let mut phone = joined(&proxy.url(&format!("/#{secret}")), "Dana").await?;
    proxy.answer(Answers::Never);
    open(&phone, "Groups").await?;
    phone.sees("This needs a connection to the server.").await?;
    phone.is_well_made().await?;
    proxy.answer(Answers::Whole);
    phone.click("button", "Try again").await?;
    phone.sees("You are in no group yet.").await?;
    steps::finish([&mut organiser, &mut phone]).await
}

#[tokio::test]
async fn a_group_writes_a_note_together_and_it_is_taken_out_again() -> Result<()> {
    let of_group = format!("The group “{GROUP}” reads and writes this note.");
    let server = steps::server().await?;
    let [mut organiser, mut phone, mut other] = group(&server).await?;

    let own = steps::write_note(&phone, "What the coast lacks").await?;
    steps::mark(&phone, "sent").await?;
    steps::unfold(&phone, "Only you can read this note.").await?;
    phone
        .click("button", &format!("Give it to “{GROUP}”"))
        .await?;
    phone.sees(&of_group).await?;
    steps::note_reads(&phone, "What the coast lacks").await?;
    steps::mark(&phone, "sent").await?;
    phone.is_well_made().await?;

    steps::go_to(&other, "Notes").await?;
    steps::sync_now(&other).await?;
    other.sees("Of a group").await?;
    other.click("link", "What the coast lacks").await?;
    steps::unfold(&other, "A group reads and writes this note.").await?;
    other.sees(&of_group).await?;
    steps::type_before(&other, "lacks", "really ").await?;
    steps::note_reads(&phone, "What the coast really lacks").await?;
    // Each sees who wrote which words; participants who did not agree to be listed are not named to each other.
    steps::unfold(&phone, "Who wrote what").await?;
    written_by(
        &phone,
        &[
            "You, on this phone",
            "Somebody who shows no name",
            "You, on this phone",
        ],
    )
    .await?;
    phone.is_well_made().await?;
    steps::unfold(&other, "Who wrote what").await?;
    let unlisted = "Somebody who shows no name";
    written_by(&other, &[unlisted, "You, on this phone", unlisted]).await?;
    // Who organises reads what groups write, and knows everybody by name.
    steps::go_to(&organiser, "Notes").await?;
    steps::sync_now(&organiser).await?;
    organiser
        .click("link", "What the coast really lacks")
        .await?;
    steps::unfold(&organiser, "Who wrote what").await?;
    written_by(&organiser, &["Aliya", "Berik", "Aliya"]).await?;
    steps::go_to(&phone, "Notes").await?;
    phone.sees(&format!("Group: {GROUP}")).await?;
    phone.sees("1 deleted note").await?;
    phone.is_well_made().await?;

    phone.click("link", "What the coast really lacks").await?;
    steps::unfold(&phone, &of_group).await?;
    phone.click("button", "Take it out of the group").await?;
    phone.is_well_made().await?;
    phone.click("button", "Only for me").await?;
    phone.sees("Only you can read this note.").await?;
    steps::note_reads(&phone, "What the coast really lacks").await?;
    steps::mark(&phone, "sent").await?;
    steps::go_to(&other, "Notes").await?;
    steps::sync_now(&other).await?;
    other.sees_no("What the coast").await?;
    assert_ne!(phone.path().await?, own);
    steps::finish([&mut organiser, &mut phone, &mut other]).await
}

#[tokio::test]
async fn who_leaves_a_group_keeps_what_they_wrote_there() -> Result<()> {
    let server = steps::server().await?;
    let [mut organiser, mut phone, mut other] = group(&server).await?;
    for text in ["Read by Berik", "What the coast lacks"] {
        steps::write_note(&phone, text).await?;
        steps::mark(&phone, "sent").await?;
        steps::unfold(&phone, "Only you can read this note.").await?;
        phone
            .click("button", &format!("Give it to “{GROUP}”"))
            .await?;
        phone
            .sees(&format!("The group “{GROUP}” reads and writes this note."))
            .await?;
        steps::mark(&phone, "sent").await?;
    }
    steps::go_to(&other, "Notes").await?;
    steps::sync_now(&other).await?;
    other.sees("Read by Berik").await?;
    other.click("link", "What the coast lacks").await?;
    steps::type_before(&other, "lacks", "really ").await?;
    steps::mark(&other, "sent").await?;
    open(&other, "Groups").await?;
    other.click("button", "Leave the group").await?;
    other.click("button", "Yes, leave").await?;
    other.sees("You are in no group yet.").await?;
    steps::go_to(&other, "Notes").await?;
    steps::sync_now(&other).await?;
    other.sees_no("Read by Berik").await?;
    other.click("link", "What the coast really lacks").await?;
    other.sees("Only you can read this note.").await?;
    steps::mark(&other, "sent").await?;
    steps::note_reads(&phone, "What the coast really lacks").await?;
    phone
        .sees(&format!("The group “{GROUP}” reads and writes this note."))
        .await?;
    steps::finish([&mut organiser, &mut phone, &mut other]).await
}

/// Who made a group of two, and the two: Aliya and Berik.
async fn group(server: &Server) -> Result<[Browser; 3]> {
    let (organiser, link) = invitation(server).await?;
    let phone = joined(&link, "Aliya").await?;
    let other = joined(&link, "Berik").await?;
    open(&organiser, "Groups").await?;
    steps::unfold(&organiser, "New group").await?;
    organiser.type_into("Name of the group", GROUP).await?;
    organiser.click("checkbox", "Aliya").await?;
    organiser.click("checkbox", "Berik").await?;
    organiser.click("button", "Make the group").await?;
    organiser.find("heading", GROUP).await?;
    Ok([organiser, phone, other])
}

/// Waits until these have written the open note, in this order.
async fn written_by(phone: &Browser, people: &[&str]) -> Result<()> {
    let people = serde_json::to_string(people)?;
    let shown = "[...document.querySelectorAll('.history li strong')].map(of => of.innerText)";
    phone
        .until(&format!(
            "JSON.stringify({shown}) === JSON.stringify({people})"
        ))
        .await
}

/// Waits until nothing is written and nobody ticked in any form of the page.
async fn is_empty(phone: &Browser) -> Result<()> {
    phone
        .until(
            "[...document.querySelectorAll('main form input')]
                .every(field => !field.checked && (field.type === 'checkbox' || !field.value))",
        )
        .await
}

/// Waits until the only group on the page has exactly these people.
async fn has_people(phone: &Browser, names: &[&str]) -> Result<()> {
    let wanted = serde_json::to_string(names)?;
    phone
        .until(&format!(
            "JSON.stringify([...document.querySelectorAll('.group-people li')]
                .map(person => person.innerText.trim())) === JSON.stringify({wanted})"
        ))
        .await
}
