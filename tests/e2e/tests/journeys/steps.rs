//! What the journeys have in common.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use fantoccini::Locator;
use fantoccini::key::Key;
use keruen_e2e::{Browser, BrowserOptions, Server, ServerOptions, eventually};
use serde_json::json;

/// The day of the samples with sessions side by side.
pub(crate) const DAY: &str = "Tue 13 May";
/// Its event, as the list of events calls it.
pub(crate) const EVENT: &str = "Three days in Astana";
/// A session of that day, in the main hall.
pub(crate) const SESSION: &str = "Creative hubs: group 1";

/// A server with the sample programmes.
pub(crate) async fn server() -> Result<Server> {
    Server::start(&ServerOptions::with_samples()?).await
}

/// A phone that has opened an address, has everything and can do without the server.
pub(crate) async fn visitor(address: &str) -> Result<Browser> {
    let phone = Browser::start(BrowserOptions::default()).await?;
    open(&phone, address).await?;
    settle(&phone).await?;
    Ok(phone)
}

/// Opens an address. If it has a key in it, the app asks whether to use it: then on to the page.
pub(crate) async fn open(phone: &Browser, address: &str) -> Result<()> {
    phone.open(address).await?;
    let Some((page, _)) = address.split_once("#token=") else {
        return Ok(());
    };
    let use_it = "[...document.querySelectorAll('main button')]
        .find(button => ['Use this key', 'Принять ключ', 'Кілтті қолдану'].includes(button.innerText))";
    let is_through = "!location.hash && location.pathname === '/'";
    phone
        .until(&format!("!location.hash && ({is_through} || {use_it})"))
        .await?;
    phone.run(&format!("{use_it}?.click()")).await?;
    phone.until(is_through).await?;
    if phone.run("return location.href").await?.as_str() == Some(page) {
        return Ok(());
    }
    // A page that is loaded while the service worker begins would have none until the next one.
    phone.until_offline_ready().await?;
    phone.open(page).await
}

/// Waits until the phone has everything and can do without the server.
pub(crate) async fn settle(phone: &Browser) -> Result<()> {
    chip(phone, "up to date").await?;
    phone.until_offline_ready().await
}

/// Waits until the chip in the header begins with these words.
pub(crate) async fn chip(phone: &Browser, words: &str) -> Result<()> {
    let chip = "document.querySelector('header [aria-haspopup=dialog]')?.innerText.trim()";
    phone.until(&format!("{chip}.startsWith('{words}')")).await
}

/// Puts a value into a field that browsers draw in their own way, such as a date or a time.
pub(crate) async fn set_field(phone: &Browser, label: &str, value: &str) -> Result<()> {
    phone
        .until(&format!(
            "[...document.querySelectorAll('main label')]
                .filter(label => label.innerText.startsWith('{label}'))
                .map(label => label.querySelector('input'))
                .map(field => {{
                    field.value = '{value}';
                    return field.dispatchEvent(new Event('input', {{ bubbles: true }}));
                }}).length === 1"
        ))
        .await
}

/// Goes to one of the five places.
pub(crate) async fn go_to(phone: &Browser, place: &str) -> Result<()> {
    phone.click("link", place).await?;
    phone.find("heading", place).await?;
    Ok(())
}

/// Goes from anywhere to the sample session.
pub(crate) async fn open_session(phone: &Browser) -> Result<()> {
    go_to(phone, "Agenda").await?;
    phone.click("link", EVENT).await?;
    phone.click("link", DAY).await?;
    phone.click("link", SESSION).await?;
    Ok(())
}

/// Writes a new note and leaves it open. Returns its address.
pub(crate) async fn write_note(phone: &Browser, text: &str) -> Result<String> {
    go_to(phone, "Notes").await?;
    phone.click("link", "New note").await?;
    phone.type_into("Text of the note", text).await?;
    phone.path().await
}

/// Waits for the mark beside the open note.
pub(crate) async fn mark(phone: &Browser, words: &str) -> Result<()> {
    phone.sees_line("main", words).await
}

/// What stands in the editor.
pub(crate) async fn text_of_note(phone: &Browser) -> Result<String> {
    let field = phone.find("textbox", "Text of the note").await?;
    Ok(field.prop("value").await?.unwrap_or_default())
}

/// Waits until the editor holds the text.
pub(crate) async fn note_reads(phone: &Browser, text: &str) -> Result<()> {
    let waited = eventually(&format!("the note reads \"{text}\""), || async {
        Ok((text_of_note(phone).await? == text).then_some(()))
    })
    .await;
    match waited {
        Ok(()) => Ok(()),
        Err(error) => Err(error.context(format!("it reads \"{}\"", text_of_note(phone).await?))),
    }
}

/// Types into the open note, before the first place where it has these words.
pub(crate) async fn type_before(phone: &Browser, words: &str, text: &str) -> Result<()> {
    edit(phone, words, "''", &format!("insertText', false, '{text}")).await
}

/// Removes words from the open note.
pub(crate) async fn remove(phone: &Browser, words: &str) -> Result<()> {
    edit(phone, words, &format!("'{words}'"), "delete").await
}

/// Selects something in the open note and does what a keyboard would.
async fn edit(phone: &Browser, words: &str, selected: &str, command: &str) -> Result<()> {
    phone.find("textbox", "Text of the note").await?;
    let script = format!(
        "const field = document.querySelector('textarea');
         const start = field.value.indexOf('{words}');
         field.focus();
         field.setSelectionRange(start, start + {selected}.length);
         document.execCommand('{command}');
         return start"
    );
    let start = phone.run(&script).await?;
    ensure!(start.as_i64() >= Some(0), "the note has \"{words}\"");
    Ok(())
}

/// Fails unless the caret stands before these words.
pub(crate) async fn caret_is_before(phone: &Browser, words: &str) -> Result<()> {
    phone
        .until(&format!(
            "(field => field.value.slice(field.selectionStart).startsWith('{words}'))
             (document.querySelector('textarea'))"
        ))
        .await
}

/// Unfolds what is under these words.
pub(crate) async fn unfold(phone: &Browser, words: &str) -> Result<()> {
    phone.sees(words).await?;
    phone
        .until(&format!(
            "[...document.querySelectorAll('main summary')]
                .filter(summary => summary.innerText.trim() === '{words}')
                .map(summary => summary.click()).length === 1"
        ))
        .await
}

/// Opens the sheet behind the chip.
pub(crate) async fn open_sheet(phone: &Browser) -> Result<()> {
    let chip = "header [aria-haspopup=dialog]";
    phone
        .until(&format!("document.querySelector('{chip}') !== null"))
        .await?;
    let chip = phone.client()?.find(Locator::Css(chip)).await?;
    chip.click().await?;
    phone
        .until("document.querySelector('dialog[open] h2') !== null")
        .await
}

/// Closes the sheet as a keyboard does.
pub(crate) async fn close_sheet(phone: &Browser) -> Result<()> {
    let focused = phone.client()?.active_element().await?;
    focused.send_keys(&Key::Escape.to_string()).await?;
    phone
        .until("document.querySelector('dialog[open]') === null")
        .await
}

/// Taps the button that fetches the file of the open material; its name holds the size.
pub(crate) async fn tap_download(phone: &Browser) -> Result<()> {
    let name = eventually("there is a button to download", || async {
        let script = "
            // Those of several things at once say by a label of which.
            const names = [...document.querySelectorAll('main button:not([aria-label])')]
                .map(button => button.innerText.trim());
            return names.find(name => name.startsWith('Download'))";
        Ok(phone.run(script).await?.as_str().map(str::to_owned))
    })
    .await?;
    ensure!(name.ends_with('B'), "the size stands beside it: {name}");
    phone.click("button", &name).await
}

/// Asks for an exchange now, and waits until the server has everything.
pub(crate) async fn sync_now(phone: &Browser) -> Result<()> {
    open_sheet(phone).await?;
    phone.click("button", "Sync now").await?;
    phone
        .sees("The server has everything that you wrote")
        .await?;
    phone.sees("Nothing is waiting to be sent.").await?;
    close_sheet(phone).await
}

/// Deletes some of what the browser keeps for the app, as people and browsers do. The page must
/// not be open.
pub(crate) async fn delete_data(phone: &Browser, server: &Server, kinds: &str) -> Result<()> {
    let parameters = json!({ "origin": server.url(""), "storageTypes": kinds });
    phone
        .devtools("Storage.clearDataForOrigin", parameters)
        .await?;
    Ok(())
}

/// Lets the app of the open page keep nothing more, as on a full phone.
pub(crate) async fn fill_storage(phone: &Browser, server: &Server) -> Result<()> {
    fill_storage_at(phone, &server.url("")).await
}

/// The same where the page came from elsewhere.
pub(crate) async fn fill_storage_at(phone: &Browser, origin: &str) -> Result<()> {
    let parameters = json!({ "origin": origin, "quotaSize": 1 });
    phone
        .devtools("Storage.overrideQuotaForOrigin", parameters)
        .await?;
    // The browser believes for half a minute what it last knew of the room; once it has refused
    // something, it looks each time.
    let refused = "
        const open = indexedDB.open('probe');
        const database = await new Promise((resolve, reject) => {
            open.onupgradeneeded = () => open.result.createObjectStore('probe');
            open.onsuccess = () => resolve(open.result);
            open.onerror = () => reject(open.error);
        }).catch(error => error.name);
        if (typeof database === 'string') return database;
        const name = await new Promise(resolve => {
            const writing = database.transaction('probe', 'readwrite');
            writing.objectStore('probe').put('value', 'key');
            writing.oncomplete = () => resolve('written');
            writing.onabort = () => resolve(writing.error?.name);
        });
        database.close();
        return name";
    eventually("the browser refuses to keep more", || async {
        let name = phone.run_async(refused).await?;
        Ok((name == "QuotaExceededError").then_some(()))
    })
    .await
}

/// There is room again.
pub(crate) async fn free_storage(phone: &Browser, server: &Server) -> Result<()> {
    free_storage_at(phone, &server.url("")).await
}

/// The same where the page came from elsewhere.
pub(crate) async fn free_storage_at(phone: &Browser, origin: &str) -> Result<()> {
    phone
        .devtools(
            "Storage.overrideQuotaForOrigin",
            json!({ "origin": origin }),
        )
        .await?;
    Ok(())
}

/// Waits for the one backup file in a folder, and returns where it is.
pub(crate) async fn backup_file(folder: &Path) -> Result<PathBuf> {
    saved_file(folder, "keruen-backup").await
}

/// Waits for the one file in a folder whose name ends so, and returns where it is.
pub(crate) async fn saved_file(folder: &Path, ending: &str) -> Result<PathBuf> {
    eventually(
        &format!("the browser has kept a file .{ending}"),
        || async {
            let entries = std::fs::read_dir(folder)?.flatten();
            let mut files = entries.map(|entry| entry.path());
            Ok(files.find(|file| file.extension().is_some_and(|end| end == ending)))
        },
    )
    .await
}

/// Whether these words stand in a file.
pub(crate) fn holds(file: &Path, words: &str) -> Result<bool> {
    let bytes = std::fs::read(file)?;
    let words = words.as_bytes();
    Ok(bytes.windows(words.len()).any(|window| window == words))
}

/// Types into the field for the words that open a link, and opens it.
pub(crate) async fn type_passphrase(phone: &Browser, words: &str) -> Result<()> {
    // A password field has no role.
    let field = "main form input[type=password]";
    phone
        .until(&format!("document.querySelector('{field}') !== null"))
        .await?;
    let field = phone.client()?.find(Locator::Css(field)).await?;
    field.send_keys(words).await?;
    phone.click("button", "Open").await
}

/// Pastes something into the field for a link, a key or a code.
pub(crate) async fn paste_key(phone: &Browser, pasted: &str) -> Result<()> {
    // A password field has no role; its label is what a person goes by.
    phone
        .until("document.querySelector('main form input[type=password]') !== null")
        .await?;
    let field = phone
        .client()?
        .find(Locator::XPath(
            "//label[contains(., 'Link, key or recovery code')]//input",
        ))
        .await?;
    field.clear().await?;
    field.send_keys(pasted).await?;
    phone.click("button", "Connect").await
}

/// Fails if a page is not made for everybody or a browser complained about anything.
pub(crate) async fn finish(phones: impl IntoIterator<Item = &mut Browser>) -> Result<()> {
    for phone in phones {
        phone.is_well_made().await?;
        let complaints = phone.complaints().await?;
        ensure!(
            complaints.is_empty(),
            "the browser complained: {complaints:#?}"
        );
    }
    Ok(())
}
