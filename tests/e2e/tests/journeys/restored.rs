//! A server that comes back from an older backup.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::steps;

#[tokio::test]
async fn a_restored_server_gets_back_what_it_lost() -> Result<()> {
    let mut server = steps::server().await?;
    let mut phone = steps::visitor(&server.organiser_url("/")).await?;
    steps::write_note(&phone, "Before the backup").await?;
    steps::mark(&phone, "sent").await?;
    server.stop().await?;
    let backup = tempfile::tempdir()?;
    copy(&server.data_folder(), backup.path())?;
    server.start_again().await?;

    let note = steps::write_note(&phone, "After the backup").await?;
    steps::mark(&phone, "sent").await?;
    server.kill().await?;
    fs::remove_dir_all(server.data_folder())?;
    copy(backup.path(), &server.data_folder())?;
    server.note_restored()?;
    server.start_again().await?;

    steps::sync_now(&phone).await?;
    phone.open(&server.url(&note)).await?;
    steps::note_reads(&phone, "After the backup").await?;
    steps::mark(&phone, "sent").await?;
    let mut tablet = steps::visitor(&server.organiser_url("/notes")).await?;
    for words in ["Before the backup", "After the backup"] {
        tablet.find("link", words).await?;
    }
    tablet
        .until("document.querySelectorAll('main article').length === 2")
        .await?;
    steps::finish([&mut phone, &mut tablet]).await
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let copied = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &copied)?;
        } else {
            fs::copy(entry.path(), copied)?;
        }
    }
    Ok(())
}
