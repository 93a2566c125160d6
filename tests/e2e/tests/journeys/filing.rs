//! Notes are begun anywhere, and found again by what they are about, their tags and pins.

use anyhow::Result;
use keruen_e2e::Browser;

use crate::steps;
use crate::steps::EVENT;

/// The titles of the notes in the list.
async fn listed(phone: &Browser, titles: &str) -> Result<()> {
    phone
        .until(&format!(
            "[...document.querySelectorAll('main .rows .row-title')].map(one => one.innerText).join() === '{titles}'"
        ))
        .await
}

/// Chooses in a list that is called so.
async fn choose(phone: &Browser, label: &str, word: &str) -> Result<()> {
    phone.find("combobox", label).await?;
    phone
        .until(&format!(
            "[...document.querySelectorAll('main label')]
                .filter(label => label.innerText.startsWith('{label}') && label.checkVisibility())
                .map(label => {{
                    const field = label.querySelector('select');
                    field.value = '{word}';
                    field.dispatchEvent(new Event('change', {{ bubbles: true }}));
                }}).length === 1"
        ))
        .await
}

/// Waits until the open note shows these chips.
async fn chips(phone: &Browser, chips: &str) -> Result<()> {
    phone
        .until(&format!(
            "[...document.querySelectorAll('main .chip > :first-child')].map(one => one.innerText).join() === '{chips}'"
        ))
        .await
}

#[tokio::test]
async fn a_note_is_one_tap_away_and_is_found_again_by_what_it_bears() -> Result<()> {
    let server = steps::server().await?;
    let phone = steps::visitor(&server.url("/")).await?;
    steps::open_session(&phone).await?;
    phone.click("link", "New note").await?;
    phone
        .until("document.activeElement?.tagName === 'TEXTAREA'")
        .await?;
    chips(&phone, steps::SESSION).await?;
    phone
        .type_into("Text of the note", "Who runs the hub")
        .await?;
    steps::mark(&phone, "on this phone").await?;
    phone.click("button", "Box to tick").await?;
    steps::note_reads(&phone, "- [ ] Who runs the hub").await?;
    let field = phone.find("combobox", "Add a tag").await?;
    field.send_keys("#Road").await?;
    phone
        .run("document.querySelector('.add-tag').requestSubmit()")
        .await?;
    chips(&phone, &format!("{},#road", steps::SESSION)).await?;
    // About an event, too: typed, and the only one of that name.
    let field = phone.find("combobox", "Attach to something else").await?;
    field.send_keys(&format!("{EVENT}\u{e007}")).await?;
    phone
        .until(&format!(
            "[...document.querySelectorAll('main .chip a')].some(one => one.innerText === '{EVENT}')"
        ))
        .await?;
    phone.is_well_made().await?;
    phone.click("button", &format!("Remove: {EVENT}")).await?;
    chips(&phone, &format!("{},#road", steps::SESSION)).await?;

    // Begun where nothing is going on: about nothing.
    steps::go_to(&phone, "More").await?;
    phone.click("link", "New note").await?;
    phone
        .type_into("Text of the note", "A list for the way")
        .await?;
    steps::mark(&phone, "on this phone").await?;
    chips(&phone, "").await?;
    steps::go_to(&phone, "Notes").await?;
    listed(&phone, "A list for the way,Who runs the hub").await?;
    phone.click("button", "#road").await?;
    listed(&phone, "Who runs the hub").await?;
    phone
        .run("document.querySelector('main .rows .row-link').click()")
        .await?;
    phone.click("button", "Pin").await?;
    phone.find("button", "Pinned").await?;
    steps::go_to(&phone, "Notes").await?;
    phone.click("button", "All notes").await?;
    listed(&phone, "Who runs the hub,A list for the way").await?;

    // By what it is about, by its colour, by its name.
    phone
        .run("document.querySelector('main .rows .row-link').click()")
        .await?;
    choose(&phone, "Colour", "gold").await?;
    steps::go_to(&phone, "Notes").await?;
    steps::unfold(&phone, "Filter and sort").await?;
    choose(&phone, "Colour", "gold").await?;
    listed(&phone, "Who runs the hub").await?;
    phone.sees("1 of 2 notes").await?;
    phone.is_well_made().await?;
    phone.click("button", "Show all").await?;
    choose(&phone, "Sort", "title").await?;
    listed(&phone, "Who runs the hub,A list for the way").await?;
    phone
        .until(
            "[...document.querySelectorAll('main .rows > div')].map(row => row.style.borderInlineStart)
                .join() === '0.375rem solid var(--gold),'",
        )
        .await?;
    let session = "document.querySelector('main details option[value^=\"session/\"]').value";
    let session = phone.run(&format!("return {session}")).await?;
    choose(&phone, "About", session.as_str().unwrap_or_default()).await?;
    listed(&phone, "Who runs the hub").await?;
    phone.click("button", "Show all").await?;
    choose(&phone, "Written", "7").await?;
    listed(&phone, "Who runs the hub,A list for the way").await?;

    // What it bears is taken off again.
    phone
        .run("document.querySelector('main .rows .row-link').click()")
        .await?;
    phone.click("button", "Remove: #road").await?;
    phone
        .click("button", &format!("Remove: {}", steps::SESSION))
        .await?;
    chips(&phone, "").await?;
    assert_eq!(phone.complaints().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn sentences_that_are_marked_as_evidence_stand_together() -> Result<()> {
    let server = steps::server().await?;
    let phone = steps::visitor(&server.url("/")).await?;
    steps::write_note(&phone, "The hall is cold.").await?;
    steps::mark(&phone, "on this phone").await?;
    phone.find("combobox", "Mark as evidence").await?;
    phone
        .run(
            "const choice = document.querySelector('.evidence-choice');
             choice.value = 'obstacle';
             choice.dispatchEvent(new Event('change', { bubbles: true }))",
        )
        .await?;
    steps::note_reads(&phone, "[The hall is cold.](evidence:obstacle)").await?;
    steps::mark(&phone, "on this phone").await?;
    phone.click("button", "Read").await?;
    phone
        .until("document.querySelector('main mark')?.innerText === 'The hall is cold. Obstacle'")
        .await?;
    phone.is_well_made().await?;
    steps::go_to(&phone, "Notes").await?;
    phone.click("link", "Evidence").await?;
    phone.find("heading", "Obstacle (1)").await?;
    phone.is_well_made().await?;
    phone.click("link", "The hall is cold.").await?;
    steps::note_reads(&phone, "[The hall is cold.](evidence:obstacle)").await?;
    assert_eq!(phone.complaints().await?, Vec::<String>::new());
    Ok(())
}
