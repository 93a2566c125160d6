//! Notes go out of the app as files that other programs read, and come into it.

use anyhow::{Result, ensure};

use crate::steps;

#[tokio::test]
async fn notes_go_out_as_files_and_come_into_another_phone_once() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let server = steps::server().await?;
    let phone = steps::visitor(&server.url("/")).await?;
    phone.keep_downloads_in(folder.path()).await?;
    steps::write_note(&phone, "Кім *жауапты*?").await?;
    steps::mark(&phone, "on this phone").await?;
    let field = phone.find("combobox", "Add a tag").await?;
    field.send_keys("Road").await?;
    phone
        .run("document.querySelector('.add-tag').requestSubmit()")
        .await?;
    phone.sees("#road").await?;
    phone.click("button", "Save as Markdown").await?;
    let note = steps::saved_file(folder.path(), "md").await?;
    ensure!(steps::holds(&note, "tags: [\"road\"]")?);
    ensure!(steps::holds(&note, "Кім *жауапты*?")?);
    phone.click("button", "Copy the text").await?;
    phone.is_well_made().await?;

    steps::go_to(&phone, "Notes").await?;
    phone.click("link", "Export and import").await?;
    phone.click("button", "All as Markdown files").await?;
    let archive = steps::saved_file(folder.path(), "zip").await?;
    ensure!(steps::holds(&archive, "Кім *жауапты*?")?);
    phone.click("button", "All as a page to print").await?;
    let page = steps::saved_file(folder.path(), "html").await?;
    ensure!(steps::holds(&page, "<em>жауапты</em>")?);
    phone.is_well_made().await?;

    let other = steps::visitor(&server.url("/notes/files")).await?;
    let odd = folder.path().join("odd.txt");
    std::fs::write(&odd, [0xff, 0xfe])?;
    other
        .choose_files_at("Choose files", &[&note, &odd])
        .await?;
    other.sees("1 new note").await?;
    other.sees("odd.txt: is not a text").await?;
    other.is_well_made().await?;
    other.click("button", "Take them").await?;
    other.sees("1 note is here now.").await?;
    other.choose_files_at("Choose files", &[&note]).await?;
    other.sees("0 new notes").await?;
    other.sees("1 is here already").await?;
    // The archive of all holds the same, and one of another program is none.
    other.choose_files_at("Choose files", &[&archive]).await?;
    other.sees("1 is here already").await?;
    let foreign = folder.path().join("foreign.ZIP");
    let mut bytes = std::fs::read(&archive)?;
    bytes.truncate(bytes.len() - 1);
    std::fs::write(&foreign, bytes)?;
    other.choose_files_at("Choose files", &[&foreign]).await?;
    other
        .sees("foreign.ZIP: is an archive of another program")
        .await?;
    steps::go_to(&other, "Notes").await?;
    other.find("button", "#road").await?;
    other
        .until("document.querySelectorAll('main .rows .row-title').length === 1")
        .await?;
    assert_eq!(phone.complaints().await?, Vec::<String>::new());
    assert_eq!(other.complaints().await?, Vec::<String>::new());
    Ok(())
}
