//! What the server refuses stays with its writer.

use anyhow::Result;
use fantoccini::Locator;

use crate::steps;

#[tokio::test]
async fn a_refused_text_is_there_whole_until_its_writer_decides() -> Result<()> {
    let server = steps::server().await?;
    let mut phone = steps::visitor(&server.organiser_url("/")).await?;
    steps::write_note(&phone, "Far too long").await?;
    steps::mark(&phone, "sent").await?;
    // More than the server takes of one record.
    phone
        .run(
            "const field = document.querySelector('textarea');
            field.value = 'Far too long\\n' + 'ұзақ '.repeat(100000) + 'last word';
            field.dispatchEvent(new Event('input', { bubbles: true }))",
        )
        .await?;
    steps::mark(&phone, "needs attention").await?;
    steps::chip(&phone, "needs attention").await?;
    steps::open_sheet(&phone).await?;
    phone
        .sees("1 change was not accepted. Its text is kept here.")
        .await?;
    phone.click("link", "Look at it").await?;
    phone.find("heading", "Not accepted by the server").await?;
    phone.find("heading", "Far too long").await?;
    phone
        .sees("Why: The text is too long for the server.")
        .await?;
    phone.is_well_made().await?;
    let whole_text = Locator::Css("main details > summary");
    phone.client()?.find(whole_text).await?.click().await?;
    phone.sees("last word").await?;
    phone.click("button", "Copy the text").await?;
    phone.sees("The text is copied.").await?;

    phone.click("button", "Remove from this list").await?;
    phone.sees("Removed from the list.").await?;
    phone.sees("Nothing needs attention").await?;
    phone.click("button", "Undo").await?;
    phone.find("heading", "Far too long").await?;
    phone.reload().await?;
    phone.find("heading", "Far too long").await?;

    // The server says the same again, and the list is what it was.
    phone.click("button", "Try again").await?;
    steps::open_sheet(&phone).await?;
    phone.click("button", "Sync now").await?;
    phone.sees("Nothing is waiting to be sent.").await?;
    steps::close_sheet(&phone).await?;
    phone.find("heading", "Far too long").await?;
    steps::finish([&mut phone]).await
}
