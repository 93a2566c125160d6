//! Storage that is not there, goes away, or cannot be read.

use anyhow::{Result, ensure};
use keruen_e2e::{Browser, BrowserOptions};

use crate::steps;

/// Bytes of no form, where the app keeps this.
fn garbage(table: &str, key: &str) -> String {
    format!(
        "await new Promise((resolve, reject) => {{
            const opening = indexedDB.open('keruen');
            opening.onerror = () => reject(opening.error);
            opening.onsuccess = () => {{
                const writing = opening.result.transaction('{table}', 'readwrite');
                const table = writing.objectStore('{table}');
                const keys = table.getAllKeys();
                keys.onsuccess = () => table.put(
                    new Uint8Array([255, 255, 255]),
                    keys.result.find(key => key.startsWith('{key}')));
                writing.oncomplete = () => {{ opening.result.close(); resolve(); }};
                writing.onabort = () => reject(writing.error);
            }};
        }})"
    )
}

#[tokio::test]
async fn a_database_that_is_deleted_under_the_open_app_comes_back_with_all_that_waits() -> Result<()>
{
    let mut server = steps::server().await?;
    let mut phone = steps::visitor(&server.organiser_url("/")).await?;
    steps::write_note(&phone, "Sent long ago").await?;
    steps::mark(&phone, "sent").await?;
    server.stop().await?;
    let note = steps::write_note(&phone, "Waiting").await?;
    steps::mark(&phone, "on this phone").await?;
    phone
        .run_async(
            "await new Promise((resolve, reject) => {
                const deleting = indexedDB.deleteDatabase('keruen');
                deleting.onsuccess = resolve;
                deleting.onerror = reject;
            })",
        )
        .await?;
    phone.type_into("Text of the note", " and more").await?;
    steps::mark(&phone, "on this phone").await?;
    phone.reload().await?;
    steps::note_reads(&phone, "Waiting and more").await?;
    phone.sees_no("deleted").await?;
    server.start_again().await?;
    phone.open(&server.url("/notes")).await?;
    phone.find("link", "Waiting and more").await?;
    steps::sync_now(&phone).await?;
    phone.find("link", "Sent long ago").await?;
    phone.open(&server.url(&note)).await?;
    steps::note_reads(&phone, "Waiting and more").await?;
    phone.sees_no("Two versions").await?;
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn a_store_that_came_back_empty_is_noticed_and_filled_again() -> Result<()> {
    let server = steps::server().await?;
    let mut phone = steps::visitor(&server.organiser_url("/")).await?;
    steps::write_note(&phone, "The server has it").await?;
    steps::mark(&phone, "sent").await?;
    phone.open("about:blank").await?;
    steps::delete_data(&phone, &server, "indexeddb").await?;
    phone.open(&server.url("/notes")).await?;
    phone
        .sees("The browser has deleted the app’s data on this phone.")
        .await?;
    phone.find("heading", "No notes yet").await?;
    phone.is_well_made().await?;
    phone.click("button", "Close").await?;
    phone.sees_no("The browser has deleted").await?;
    steps::open(&phone, &server.organiser_url("/notes")).await?;
    phone.find("link", "The server has it").await?;
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn without_a_database_the_app_works_as_long_as_the_page_and_says_so() -> Result<()> {
    let absent = "Object.defineProperty(window, 'indexedDB', { value: undefined })";
    let denied = "IDBFactory.prototype.open = () => {
        throw new DOMException('The operation is insecure.', 'SecurityError'); }";
    let server = steps::server().await?;
    for script in [absent, denied] {
        let mut phone = Browser::start(BrowserOptions::default()).await?;
        phone.prepare_pages(script).await?;
        steps::open(&phone, &server.organiser_url("/")).await?;
        phone
            .sees("The browser does not let the app save anything.")
            .await?;
        steps::chip(&phone, "up to date").await?;
        steps::write_note(&phone, "Sent at once").await?;
        steps::mark(&phone, "sent").await?;
        phone.is_well_made().await?;
        steps::finish([&mut phone]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_set_aside_and_comes_again() -> Result<()> {
    let server = steps::server().await?;
    let mut phone = steps::visitor(&server.organiser_url("/")).await?;
    let note = steps::write_note(&phone, "On the server too").await?;
    steps::mark(&phone, "sent").await?;
    phone.run_async(&garbage("rows", "own/note/")).await?;
    phone.reload().await?;
    phone
        .sees("1 record on this phone could not be read and was set aside.")
        .await?;
    phone.is_well_made().await?;
    phone.open(&server.url(&note)).await?;
    steps::note_reads(&phone, "On the server too").await?;
    phone.sees_no("could not be read").await?;
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn when_a_newer_version_was_here_nothing_is_lost_and_the_words_say_so() -> Result<()> {
    const NEWER: &str = "A newer version of Keruen has been used on this phone.";
    let folder = tempfile::tempdir()?;
    let mut server = steps::server().await?;
    let mut phone = steps::visitor(&server.organiser_url("/")).await?;
    phone.keep_downloads_in(folder.path()).await?;
    server.stop().await?;
    steps::write_note(&phone, "Saved.").await?;
    steps::mark(&phone, "on this phone").await?;
    phone
        .run_async(
            "await new Promise((resolve, reject) => {
                const opening = indexedDB.open('keruen', 1000);
                opening.onsuccess = () => { opening.result.close(); resolve(); };
                opening.onerror = () => reject(opening.error);
            })",
        )
        .await?;
    phone
        .type_into("Text of the note", " Typed afterwards.")
        .await?;
    phone.sees(NEWER).await?;
    steps::note_reads(&phone, "Saved. Typed afterwards.").await?;
    phone.is_well_made().await?;
    phone.reload().await?;
    phone.sees(NEWER).await?;
    phone.is_well_made().await?;
    phone.click("button", "Save a backup file").await?;
    let file = steps::backup_file(folder.path()).await?;
    ensure!(steps::holds(&file, "Saved.")?, "what waits is in the file");
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn a_device_entry_that_cannot_be_read_loses_nothing() -> Result<()> {
    let mut server = steps::server().await?;
    let mut phone = steps::visitor(&server.organiser_url("/")).await?;
    server.stop().await?;
    steps::write_note(&phone, "Waits").await?;
    steps::mark(&phone, "on this phone").await?;
    phone.run_async(&garbage("meta", "device")).await?;
    phone.reload().await?;
    phone
        .sees("1 record on this phone could not be read and was set aside.")
        .await?;
    steps::note_reads(&phone, "Waits").await?;
    server.start_again().await?;
    steps::sync_now(&phone).await?;
    steps::mark(&phone, "sent").await?;
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn a_tab_that_holds_the_database_up_is_named_and_then_all_goes_on() -> Result<()> {
    let server = steps::server().await?;
    let mut phone = steps::visitor(&server.organiser_url("/")).await?;
    steps::write_note(&phone, "Waits for nobody").await?;
    steps::mark(&phone, "sent").await?;
    // Holds the database and does not mind that another wants to delete it.
    phone.open(&server.url("/licences.txt")).await?;
    phone
        .run_async(
            "await new Promise((resolve, reject) => {
                const opening = indexedDB.open('keruen');
                opening.onerror = () => reject(opening.error);
                opening.onsuccess = () => { window.held = opening.result; resolve(); };
            });
            indexedDB.deleteDatabase('keruen')",
        )
        .await?;
    let holder = phone.new_tab().await?;
    phone.open(&server.url("/notes")).await?;
    phone
        .sees("Another tab holds the data of an older version.")
        .await?;
    phone.is_well_made().await?;
    let waiting = phone.client()?.window().await?;
    phone.switch_to(holder).await?;
    phone.client()?.close_window().await?;
    phone.switch_to(waiting).await?;
    phone.click("link", "Reload the page").await?;
    phone.sees("The browser has deleted the app’s data").await?;
    steps::finish([&mut phone]).await
}
