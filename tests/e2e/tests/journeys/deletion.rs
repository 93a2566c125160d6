//! What was deleted can be taken back, and is gone everywhere.

use anyhow::Result;

use crate::steps;

#[tokio::test]
async fn a_deleted_note_comes_back_by_undo_and_goes_from_both_devices_without_it() -> Result<()> {
    let server = steps::server().await?;
    let mut phone = steps::visitor(&server.organiser_url("/")).await?;
    let note = steps::write_note(&phone, "To be deleted").await?;
    steps::mark(&phone, "sent").await?;
    let mut tablet = steps::visitor(&server.organiser_url("/notes")).await?;
    tablet.find("link", "To be deleted").await?;

    phone.click("button", "Delete").await?;
    phone.sees("The note was deleted.").await?;
    phone.sees_no("To be deleted").await?;
    phone.is_well_made().await?;
    phone.click("button", "Undo").await?;
    phone.click("link", "To be deleted").await?;
    steps::note_reads(&phone, "To be deleted").await?;

    phone.click("button", "Delete").await?;
    phone.sees("The note was deleted.").await?;
    steps::sync_now(&phone).await?;
    steps::sync_now(&tablet).await?;
    tablet.sees_no("To be deleted").await?;
    tablet.open(&server.url(&note)).await?;
    tablet.find("heading", "This note was deleted").await?;

    // It lies among the deleted notes of both until somebody deletes it for good.
    tablet.click("button", "Bring back").await?;
    steps::note_reads(&tablet, "To be deleted").await?;
    tablet.click("button", "Delete").await?;
    tablet.sees("The note was deleted.").await?;
    steps::sync_now(&tablet).await?;
    steps::sync_now(&phone).await?;
    steps::unfold(&phone, "1 deleted note").await?;
    phone.is_well_made().await?;
    phone.click("button", "Delete for good").await?;
    phone
        .click("button", "Delete for good? Nothing brings it back.")
        .await?;
    phone.sees_no("deleted note").await?;
    steps::sync_now(&phone).await?;
    steps::sync_now(&tablet).await?;
    tablet.sees_no("deleted note").await?;
    steps::finish([&mut phone, &mut tablet]).await
}

#[tokio::test]
async fn what_has_waited_in_the_bin_for_a_month_goes_and_nothing_else() -> Result<()> {
    let server = steps::server().await?;
    let mut phone = steps::visitor(&server.organiser_url("/")).await?;
    for text in ["Old", "New"] {
        steps::write_note(&phone, text).await?;
        steps::mark(&phone, "sent").await?;
        phone.click("button", "Delete").await?;
        phone.sees("The note was deleted.").await?;
        steps::go_to(&phone, "Today").await?;
        steps::go_to(&phone, "Notes").await?;
    }
    phone.sees("2 deleted notes").await?;
    // As if the first had been seen there thirty days ago.
    phone
        .until("localStorage.getItem('keruen.bin')?.split('\\n').length === 2")
        .await?;
    phone
        .run(
            "const [late, early] = localStorage.getItem('keruen.bin').split('\\n').toSorted().toReversed();
             const [id, since] = early.split(' ');
             const before = since - 30 * 24 * 60 * 60 * 1000;
             localStorage.setItem('keruen.bin', `${late}\\n${id} ${before}`)",
        )
        .await?;
    phone.reload().await?;
    phone.sees("1 deleted note").await?;
    steps::unfold(&phone, "1 deleted note").await?;
    phone.sees("New").await?;
    phone.sees_no("Old").await?;
    steps::finish([&mut phone]).await
}
