//! A new version of the app arrives.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use keruen_e2e::{Browser, client_folder};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::steps;

#[tokio::test]
async fn an_update_is_offered_and_taken_without_losing_a_note_that_was_not_sent() -> Result<()> {
    let mut server = steps::server().await?;
    // Without a key nothing is sent, so the note exists on this phone alone.
    let mut phone = steps::visitor(&server.url("/")).await?;
    let note = steps::write_note(&phone, "Before the update").await?;
    steps::mark(&phone, "on this phone").await?;
    ensure!(build(&phone).await?.is_none(), "this is the first build");

    let second = second_build()?;
    server.stop().await?;
    server.set_client(second.path());
    server.start_again().await?;
    phone.reload().await?;
    phone.sees("A new version is ready").await?;
    phone.is_well_made().await?;
    ensure!(build(&phone).await?.is_none(), "nobody has agreed yet");
    steps::note_reads(&phone, "Before the update").await?;
    // Typed a moment before the page is thrown away.
    phone
        .type_into("Text of the note", ", and until its last moment")
        .await?;
    phone.click("button", "Update now").await?;
    phone
        .until("document.documentElement.dataset.build === 'second'")
        .await?;
    ensure!(phone.path().await? == note, "the person is where they were");
    steps::note_reads(&phone, "Before the update, and until its last moment").await?;
    phone.sees_no("A new version is ready").await?;

    server.kill().await?;
    phone.reload().await?;
    steps::note_reads(&phone, "Before the update, and until its last moment").await?;
    ensure!(
        build(&phone).await?.is_some(),
        "the second build opens without the server"
    );
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn an_update_that_was_put_off_is_offered_again_and_nothing_changes_meanwhile() -> Result<()> {
    let mut server = steps::server().await?;
    let mut phone = steps::visitor(&server.url("/")).await?;
    let second = second_build()?;
    server.stop().await?;
    server.set_client(second.path());
    server.start_again().await?;
    phone.reload().await?;
    phone.sees("A new version is ready").await?;
    phone.click("button", "Later").await?;
    phone.sees_no("A new version is ready").await?;
    steps::go_to(&phone, "Agenda").await?;
    phone.reload().await?;
    phone.sees("A new version is ready").await?;
    ensure!(build(&phone).await?.is_none(), "nobody has agreed yet");
    steps::finish([&mut phone]).await
}

/// Which build is open: only the second one says.
async fn build(phone: &Browser) -> Result<Option<String>> {
    let build = phone
        .run("return document.documentElement.dataset.build ?? null")
        .await?;
    Ok(build.as_str().map(str::to_owned))
}

/// The same build with another page, as if it had been built again.
fn second_build() -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    copy(&client_folder()?, folder.path())?;
    let page = folder.path().join("index.html");
    let old = fs::read_to_string(&page)?;
    let new = old.replacen("<html ", "<html data-build=\"second\" ", 1);
    let worker = folder.path().join("service-worker.js");
    let script = fs::read_to_string(&worker)?
        .replace(&sha256_hex(&old), &sha256_hex(&new))
        .replacen("const VERSION = \"", "const VERSION = \"second-", 1);
    ensure!(
        script.contains(&sha256_hex(&new)),
        "the worker's list names the page"
    );
    for (file, text) in [(page, new), (worker, script)] {
        fs::write(&file, text)?;
        // Compressed copies of what it was before.
        for ending in ["br", "gz"] {
            let mut name = file.clone().into_os_string();
            name.push(".");
            name.push(ending);
            fs::remove_file(&name).with_context(|| format!("{}", name.display()))?;
        }
    }
    Ok(folder)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn sha256_hex(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
