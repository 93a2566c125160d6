//! Everything on the phone is found by its words.

use anyhow::Result;
use keruen_e2e::{Browser, BrowserOptions, Server, eventually};

use crate::steps;

const FIELD: &str = "Search everything on this phone";

/// Searches for this, from anywhere.
pub(crate) async fn search(phone: &Browser, query: &str) -> Result<()> {
    phone.click("link", "Search").await?;
    phone
        .until("document.activeElement?.type === 'search'")
        .await?;
    ask(phone, query).await
}

/// Puts these words into the field as if they were typed.
async fn ask(phone: &Browser, query: &str) -> Result<()> {
    phone.find("searchbox", FIELD).await?;
    phone
        .run(&format!(
            "const field = document.querySelector('input[type=search]');
             field.value = '{query}';
             field.dispatchEvent(new Event('input', {{ bubbles: true }}))"
        ))
        .await?;
    Ok(())
}

/// Waits until the first result has this title.
async fn finds(phone: &Browser, title: &str) -> Result<()> {
    let first = "document.querySelector('main .row-title')?.innerText";
    phone.until(&format!("{first}.includes('{title}')")).await
}

/// What is kept of the index, as text that differs when a byte does; `null` where there is nothing.
const KEPT: &str = "
    const open = indexedDB.open('keruen');
    const database = await new Promise((resolve, reject) => {
        open.onsuccess = () => resolve(open.result);
        open.onerror = () => reject(open.error);
    });
    const kept = await new Promise(resolve => {
        const request = database.transaction('search').objectStore('search').get(key);
        request.onsuccess = () => resolve(request.result);
    });
    database.close();
    return kept ? String(kept) : null";

/// What is kept of the index under this name.
async fn kept(phone: &Browser, key: &str) -> Result<Option<String>> {
    let script = format!("const key = '{key}'; {KEPT}");
    let kept = phone.run_async(&script).await?;
    Ok(kept.as_str().map(str::to_owned))
}

/// Waits until something is kept of the index under this name, and returns it.
pub(crate) async fn until_kept(phone: &Browser, key: &str) -> Result<String> {
    eventually(&format!("the index is kept: {key}"), || kept(phone, key)).await
}

/// Puts something else where the index is kept; `value` is a script that may use what was there, `kept`.
async fn replace_kept(phone: &Browser, key: &str, value: &str) -> Result<()> {
    let script = format!(
        "await new Promise((resolve, reject) => {{
            const open = indexedDB.open('keruen');
            open.onerror = () => reject(open.error);
            open.onsuccess = () => {{
                const writing = open.result.transaction('search', 'readwrite');
                const table = writing.objectStore('search');
                const reading = table.get('{key}');
                reading.onsuccess = () => {{
                    const kept = reading.result;
                    table.put({value}, '{key}');
                }};
                writing.oncomplete = () => {{ open.result.close(); resolve(); }};
                writing.onabort = () => reject(writing.error);
            }};
        }})"
    );
    phone.run_async(&script).await?;
    Ok(())
}

/// Kills the browser and opens the app again.
async fn restart(phone: &mut Browser, server: &Server, path: &str) -> Result<()> {
    phone.kill().await?;
    phone.start_again().await?;
    phone.open(&server.url(path)).await
}

#[tokio::test]
async fn everything_on_the_phone_is_found_without_the_server_too() -> Result<()> {
    let mut server = steps::server().await?;
    let phone = Browser::start(BrowserOptions::default()).await?;
    steps::open(&phone, &server.organiser_url("/")).await?;
    steps::settle(&phone).await?;
    server.stop().await?;

    // Without the letters of Kazakh, in another language than the app's, only begun.
    search(&phone, "кызылорда").await?;
    phone
        .until("[...document.querySelectorAll('main h2')].some(one => one.innerText === 'Events')")
        .await?;
    phone.sees("Kyzylorda").await?;
    ask(&phone, "creative hu").await?;
    finds(&phone, "Creative hubs").await?;
    let marked = phone
        .run("return document.querySelector('main .row-title mark').innerText")
        .await?;
    assert_eq!(marked, "Creative");
    // Only some, then of one kind only.
    ask(&phone, "creative zzzzqq").await?;
    phone.sees("Nothing has all of these words").await?;
    ask(&phone, "zzzzqq").await?;
    phone.sees("Nothing on this phone has these words.").await?;
    ask(&phone, "creative").await?;
    phone.until("[...document.querySelectorAll('main button')].some(one => one.innerText.startsWith('Materials '))").await?;
    phone.run("[...document.querySelectorAll('main button')].find(one => one.innerText.startsWith('Materials ')).click()").await?;
    phone.until("[...document.querySelectorAll('main h2')].map(one => one.innerText).join() === 'Materials'").await?;
    phone
        .run("document.querySelector('main .row-link').click()")
        .await?;
    phone
        .until("location.pathname.startsWith('/materials/')")
        .await?;

    // A note is found as soon as it is written, as it is now, and no more once it is deleted.
    steps::write_note(&phone, "Felt workshops need a road in winter").await?;
    steps::mark(&phone, "on this phone").await?;
    search(&phone, "workshop winter").await?;
    finds(&phone, "Felt workshops").await?;
    phone
        .run("document.querySelector('main .row-link').click()")
        .await?;
    phone
        .until("location.pathname.startsWith('/notes/')")
        .await?;
    phone
        .until("document.querySelector('.add-tag input')")
        .await?;
    phone
        .run(
            "document.querySelector('.add-tag input').value = '#Shepherds';
             document.querySelector('.add-tag').requestSubmit()",
        )
        .await?;
    phone.sees("#shepherds").await?;
    steps::remove(&phone, "in winter").await?;
    steps::mark(&phone, "on this phone").await?;
    search(&phone, "#shepherd").await?;
    finds(&phone, "Felt workshops").await?;
    ask(&phone, "\"in winter\" felt").await?;
    phone.sees("Nothing has all of these words").await?;
    ask(&phone, "").await?;
    phone.sees("Recent searches").await?;
    phone.click("button", "workshop winter").await?;
    phone
        .until("document.querySelector('input[type=search]').value === 'workshop winter'")
        .await?;
    assert_eq!(phone.complaints().await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn what_changed_since_the_index_was_kept_is_found_as_it_is_now() -> Result<()> {
    let mut server = steps::server().await?;
    let mut phone = steps::visitor(&server.organiser_url("/")).await?;
    let felt = steps::write_note(&phone, "Felt workshops need a road in winter").await?;
    steps::mark(&phone, "sent").await?;
    search(&phone, "workshop winter").await?;
    finds(&phone, "Felt workshops").await?;
    let whole = until_kept(&phone, "sealed").await?;

    // After a start, before anybody searches: one note is another, one is new.
    server.stop().await?;
    restart(&mut phone, &server, &felt).await?;
    steps::remove(&phone, " in winter").await?;
    steps::mark(&phone, "on this phone").await?;
    let kymyz = steps::write_note(&phone, "Kymyz is tasted at noon").await?;
    steps::mark(&phone, "on this phone").await?;
    search(&phone, "tasted kymyz").await?;
    finds(&phone, "Kymyz is tasted").await?;
    ask(&phone, "\"in winter\" felt").await?;
    phone.sees("Nothing has all of these words").await?;
    ask(&phone, "felt workshop road").await?;
    finds(&phone, "Felt workshops").await?;
    // Only what was kept before can have changes of its own: it was not made anew.
    until_kept(&phone, "changes").await?;
    assert_eq!(until_kept(&phone, "sealed").await?, whole);

    // In another tab, while this one shows what was found.
    ask(&phone, "saddles").await?;
    phone.sees("Nothing on this phone has these words.").await?;
    let here = phone.new_tab().await?;
    phone.open(&server.url(&kymyz)).await?;
    steps::type_before(&phone, "noon", "the saddles, after ").await?;
    steps::mark(&phone, "on this phone").await?;
    phone.switch_to(here).await?;
    finds(&phone, "Kymyz is tasted").await?;

    // That the other tab was last may or may not be in what is kept: it is found.
    restart(&mut phone, &server, "/search").await?;
    ask(&phone, "saddles noon").await?;
    finds(&phone, "Kymyz is tasted").await?;
    ask(&phone, "winter").await?;
    phone
        .until("!document.querySelector('main').innerText.includes('Felt workshops')")
        .await?;
    // What another device wrote, and what the server had of it.
    server.start_again().await?;
    steps::sync_now(&phone).await?;
    let tablet = steps::visitor(&server.organiser_url("/")).await?;
    steps::write_note(&tablet, "Yurts stand at the lake").await?;
    steps::mark(&tablet, "sent").await?;
    ask(&phone, "yurts").await?;
    steps::sync_now(&phone).await?;
    finds(&phone, "Yurts stand at the lake").await?;
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn an_index_that_cannot_be_used_is_made_anew() -> Result<()> {
    let mut server = steps::server().await?;
    let mut phone = steps::visitor(&server.organiser_url("/")).await?;
    server.stop().await?;
    search(&phone, "creative hu").await?;
    finds(&phone, "Creative hubs").await?;
    let whole = until_kept(&phone, "sealed").await?;
    for (key, damage) in [
        ("sealed", "new Uint8Array([255, 255, 255])"),
        ("sealed", "new Uint8Array()"),
        ("sealed", "kept.slice(0, -1)"),
        (
            "sealed",
            "kept.map((byte, at) => at === kept.length >> 1 ? byte ^ 1 : byte)",
        ),
        // Words made of records in another way, by an earlier version of the app or a later one.
        (
            "sealed",
            "kept.map((byte, at) => at === 0 ? byte ^ 1 : byte)",
        ),
        ("sealed", "'no bytes'"),
    ] {
        replace_kept(&phone, key, damage).await?;
        restart(&mut phone, &server, "/search").await?;
        ask(&phone, "creative hu").await?;
        finds(&phone, "Creative hubs").await?;
        let what = format!("the index is as it was, after {damage}");
        eventually(&what, || async {
            let kept = kept(&phone, "sealed").await?;
            Ok((kept.as_ref() == Some(&whole)).then_some(()))
        })
        .await?;
    }
    // Changes that cannot be read, or are of another index, are worth nothing.
    replace_kept(&phone, "changes", "new Uint8Array([255, 255, 255])").await?;
    restart(&mut phone, &server, "/search").await?;
    ask(&phone, "creative hu").await?;
    finds(&phone, "Creative hubs").await?;
    eventually("the changes are none", || async {
        let kept = kept(&phone, "changes").await?;
        Ok((kept.as_deref() != Some("255,255,255")).then_some(()))
    })
    .await?;
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn on_a_full_phone_everything_is_found_and_nobody_hears_of_the_index() -> Result<()> {
    let server = steps::server().await?;
    let mut phone = steps::visitor(&server.organiser_url("/")).await?;
    phone
        .prepare_pages(
            "const put = IDBObjectStore.prototype.put;
             IDBObjectStore.prototype.put = function (...parts) {
                if (this.name === 'search') {
                    this.transaction.addEventListener('abort', () => { window.isRefused = true; });
                }
                return put.apply(this, parts);
             }",
        )
        .await?;
    phone.reload().await?;
    steps::fill_storage(&phone, &server).await?;
    search(&phone, "creative hu").await?;
    finds(&phone, "Creative hubs").await?;
    phone.until("window.isRefused").await?;
    phone
        .sees_no("There is no space left on this phone.")
        .await?;
    assert_eq!(kept(&phone, "sealed").await?, None);
    ask(&phone, "kyzylorda").await?;
    phone.sees("Kyzylorda").await?;
    // There is room again: what was changed last brings the whole index along.
    steps::free_storage(&phone, &server).await?;
    steps::write_note(&phone, "Felt and wool").await?;
    steps::mark(&phone, "sent").await?;
    search(&phone, "felt wool").await?;
    finds(&phone, "Felt and wool").await?;
    until_kept(&phone, "sealed").await?;
    steps::finish([&mut phone]).await
}
