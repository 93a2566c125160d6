//! Joining by a link, further devices, revoking, leaving a phone to somebody else.

use anyhow::{Result, ensure};
use keruen_e2e::{Answers, Browser, BrowserOptions, Proxy, Server};

use crate::{search, steps};

pub(crate) const PROGRAMME: &str =
    "Creative Kazakhstan: Developing Creative Industries in the Regions";
const REFUSED: &str = "The server no longer accepts this device.";

/// An organiser makes an invitation; the link as it stands on their screen.
pub(crate) async fn invitation(server: &Server) -> Result<(Browser, String)> {
    let organiser = steps::visitor(&server.organiser_url("/")).await?;
    open(&organiser, "People and invitations").await?;
    steps::unfold(&organiser, "Make an invitation").await?;
    let link = invite(&organiser).await?;
    Ok((organiser, link))
}

/// Makes an invitation to the programme that is chosen, with what is unfolded.
pub(crate) async fn invite(organiser: &Browser) -> Result<String> {
    organiser.is_well_made().await?;
    organiser.click("button", "Make an invitation").await?;
    let link = shown_link(organiser).await?;
    organiser.is_well_made().await?;
    Ok(link)
}

/// Goes to a page below "More".
pub(crate) async fn open(phone: &Browser, page: &str) -> Result<()> {
    steps::go_to(phone, "More").await?;
    phone.click("link", page).await?;
    phone.find("heading", page).await?;
    Ok(())
}

/// The link with a secret that is on the page.
pub(crate) async fn shown_link(phone: &Browser) -> Result<String> {
    phone
        .until("document.querySelector('.secret-link .address') !== null")
        .await?;
    phone.find("image", "QR code of the link").await?;
    let link = phone
        .run("return document.querySelector('.secret-link .address').innerText.trim()")
        .await?;
    Ok(link.as_str().unwrap_or_default().to_owned())
}

/// Opens an invitation and says who one is.
async fn join(phone: &Browser, link: &str, name: &str) -> Result<()> {
    phone.open(link).await?;
    phone.find("heading", PROGRAMME).await?;
    phone.sees("You are invited as participant.").await?;
    phone.type_into("Your name", name).await?;
    phone.click("button", "Join").await
}

/// A phone that has joined.
pub(crate) async fn joined(link: &str, name: &str) -> Result<Browser> {
    let phone = Browser::start(BrowserOptions::default()).await?;
    join(&phone, link, name).await?;
    phone.find("heading", "Today").await?;
    steps::settle(&phone).await?;
    Ok(phone)
}

/// Reads this device's token out of the database.
const TOKEN: &str = "
    const database = await new Promise((resolve, reject) => {
        const open = indexedDB.open('keruen');
        open.onsuccess = () => resolve(open.result);
        open.onerror = () => reject(open.error);
    });
    const values = await new Promise(resolve => {
        const all = database.transaction('meta').objectStore('meta').getAll();
        all.onsuccess = () => resolve(all.result);
    });
    database.close();
    const texts = values.map(value => new TextDecoder('latin1').decode(value));
    return texts.map(text => text.match(/[A-Za-z0-9_-]{43}/)?.[0]).find(Boolean) ?? ''";

/// Looks for secrets where none may be: in what the server keeps and logs; in the browser's caches, small
/// values, cookies and the addresses that it asked for.
async fn secrets_are_nowhere(server: &Server, phone: &Browser, secrets: &[&str]) -> Result<()> {
    let mut folders = vec![server.data_folder()];
    let mut kept = server.log().into_bytes();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                kept.extend(std::fs::read(path)?);
            }
        }
    }
    ensure!(kept.len() > 10_000, "there is something to look through");
    let in_browser = phone
        .run_async(
            "const found = [document.cookie, location.href, JSON.stringify(history.state)];
             found.push(...Object.values(localStorage), ...Object.values(sessionStorage));
             found.push(...performance.getEntriesByType('resource').map(entry => entry.name));
             for (const name of await caches.keys()) {
                const cache = await caches.open(name);
                for (const request of await cache.keys()) {
                    found.push(request.url, await (await cache.match(request)).text());
                }
             }
             return found.join('\\n')",
        )
        .await?;
    let in_browser = in_browser.as_str().unwrap_or_default();
    ensure!(
        in_browser.len() > 10_000,
        "there is something to look through"
    );
    for secret in secrets {
        let secret = secret.as_bytes();
        let is_in = |bytes: &[u8]| bytes.windows(secret.len()).any(|window| window == secret);
        ensure!(!is_in(&kept), "the server keeps or logs a secret");
        ensure!(!is_in(in_browser.as_bytes()), "the browser keeps a secret");
    }
    Ok(())
}

#[tokio::test]
async fn somebody_joins_by_a_link_and_what_they_wrote_before_comes_along() -> Result<()> {
    let server = steps::server().await?;
    let (mut organiser, link) = invitation(&server).await?;
    let mut phone = steps::visitor(&server.url("/")).await?;
    let note = steps::write_note(&phone, "Before I joined").await?;
    steps::mark(&phone, "on this phone").await?;

    phone.open(&link).await?;
    phone.find("heading", PROGRAMME).await?;
    let address = phone.run("return location.href").await?;
    ensure!(
        address.as_str() == Some(&*server.url("/join")),
        "the secret has left the address: {address}"
    );
    phone.is_well_made().await?;
    phone.click("button", "Join").await?;
    // The browser itself keeps an empty name back; the page is still there.
    phone.type_into("Your name", "Айгүл Серікова").await?;
    phone
        .type_into(
            "Organisation (may be empty)",
            "Маңғыстау мәдениет басқармасы",
        )
        .await?;
    phone.click("button", "Join").await?;
    phone.find("heading", "Today").await?;
    phone.open(&server.url(&note)).await?;
    steps::note_reads(&phone, "Before I joined").await?;
    steps::mark(&phone, "sent").await?;

    let secret = link.rsplit('=').next().unwrap_or_default().to_owned();
    let token = phone.run_async(TOKEN).await?;
    let token = token.as_str().unwrap_or_default().to_owned();
    ensure!(token.len() == 43, "the token of a device: {token}");
    // The token is in the database, beside what it opens, and nowhere else.
    secrets_are_nowhere(&server, &phone, &[&secret, &token]).await?;

    organiser.reload().await?;
    organiser.sees("Айгүл Серікова").await?;
    organiser.sees("Маңғыстау мәдениет басқармасы").await?;
    organiser.sees("1 of 50 have joined").await?;
    organiser.is_well_made().await?;
    steps::finish([&mut organiser, &mut phone]).await
}

#[tokio::test]
async fn who_belongs_to_one_programme_joins_another_with_a_tap() -> Result<()> {
    const OTHER: &str = "Culture for Development Indicators (CDIS): training seminar in Aktau";
    let server = steps::server().await?;
    let (mut organiser, link) = invitation(&server).await?;
    let mut phone = joined(&link, "Aliya").await?;
    let programmes = organiser.find("combobox", "Programme").await?;
    programmes.select_by_label(OTHER).await?;
    organiser.sees_no("of 50 have joined").await?;
    let link = invite(&organiser).await?;
    phone.open(&link).await?;
    phone.find("heading", OTHER).await?;
    phone.sees("This phone belongs to you already.").await?;
    phone.is_well_made().await?;
    phone.click("button", "Join").await?;
    phone.find("heading", "Today").await?;
    organiser.reload().await?;
    let programmes = organiser.find("combobox", "Programme").await?;
    programmes.select_by_label(OTHER).await?;
    organiser.find("heading", "Aliya").await?;
    steps::finish([&mut organiser, &mut phone]).await
}

#[tokio::test]
async fn joining_goes_on_after_a_broken_connection_and_counts_once() -> Result<()> {
    let server = steps::server().await?;
    let proxy = Proxy::start(&server).await?;
    let (mut organiser, link) = invitation(&server).await?;
    let secret = link.split_once('#').map(|(_, secret)| secret);
    let link = proxy.url(&format!("/#{}", secret.unwrap_or_default()));
    let mut phone = steps::visitor(&proxy.url("/")).await?;
    proxy.answer(Answers::Never);
    phone.open(&link).await?;
    phone
        .find("heading", "The server cannot be reached")
        .await?;
    phone.is_well_made().await?;
    // The link stays, though the app is closed meanwhile.
    phone.open(&proxy.url("/join")).await?;
    phone
        .find("heading", "The server cannot be reached")
        .await?;
    proxy.answer(Answers::Whole);
    phone.click("button", "Try again").await?;
    phone.type_into("Your name", "Berik").await?;
    // The server has let them in, and they do not know it.
    proxy.answer(Answers::Halved);
    phone.click("button", "Join").await?;
    phone.sees("This needs a connection to the server.").await?;
    proxy.answer(Answers::Whole);
    phone.click("button", "Join").await?;
    phone.find("heading", "Today").await?;

    organiser.reload().await?;
    organiser.sees("1 of 50 have joined").await?;
    organiser
        .until("[...document.querySelectorAll('main h3')].filter(name => name.innerText === 'Berik').length === 1")
        .await?;
    steps::finish([&mut organiser, &mut phone]).await
}

#[tokio::test]
async fn a_second_phone_is_added_by_a_link_and_revoked() -> Result<()> {
    let server = steps::server().await?;
    let (mut organiser, link) = invitation(&server).await?;
    let mut first = joined(&link, "Dana").await?;
    steps::write_note(&first, "On both of them").await?;
    steps::mark(&first, "sent").await?;
    open(&first, "My devices").await?;
    first.sees("You are Dana.").await?;
    first.is_well_made().await?;
    first.click("button", "Add another phone").await?;
    let device_link = shown_link(&first).await?;
    let secret = device_link
        .rsplit('=')
        .next()
        .unwrap_or_default()
        .to_owned();

    let mut second = Browser::start(BrowserOptions::default()).await?;
    second.open(&device_link).await?;
    second.click("button", "Add this phone").await?;
    second.find("heading", "Today").await?;
    steps::go_to(&second, "Notes").await?;
    second.find("link", "On both of them").await?;

    secrets_are_nowhere(&server, &second, &[&secret]).await?;

    // It works once.
    let mut third = steps::visitor(&device_link).await?;
    third.click("button", "Add this phone").await?;
    third.find("heading", "This link cannot be used").await?;

    first.reload().await?;
    first.click("button", "Revoke").await?;
    first.click("button", "Yes, revoke").await?;
    first.sees_no("Revoke").await?;
    second.reload().await?;
    second.sees(REFUSED).await?;
    // What is on it stays, and its owner may come back.
    second.find("link", "On both of them").await?;
    second.open(&link).await?;
    second.find("heading", PROGRAMME).await?;
    steps::chip(&second, "needs attention").await?;
    second.type_into("Your name", "Dana again").await?;
    second.click("button", "Join").await?;
    second.find("heading", "Today").await?;
    second.sees_no(REFUSED).await?;
    steps::finish([&mut organiser, &mut first, &mut second, &mut third]).await
}

#[tokio::test]
async fn a_code_on_paper_brings_somebody_back_whose_phone_is_gone() -> Result<()> {
    let server = steps::server().await?;
    let (mut organiser, link) = invitation(&server).await?;
    let mut lost = joined(&link, "Marat").await?;
    steps::write_note(&lost, "Not lost").await?;
    steps::mark(&lost, "sent").await?;
    open(&lost, "My devices").await?;
    lost.click("button", "Make a recovery code").await?;
    lost.until("document.querySelector('.recovery-code') !== null")
        .await?;
    let code = lost
        .run("return document.querySelector('.recovery-code').innerText.trim().toLowerCase()")
        .await?;
    let mut new = steps::visitor(&server.url("/more")).await?;
    steps::paste_key(&new, code.as_str().unwrap_or_default()).await?;
    new.click("button", "Add this phone").await?;
    new.find("heading", "Today").await?;
    steps::go_to(&new, "Notes").await?;
    new.find("link", "Not lost").await?;
    steps::finish([&mut organiser, &mut lost, &mut new]).await
}

#[tokio::test]
async fn who_leaves_a_phone_leaves_nothing_on_it_for_the_next() -> Result<()> {
    let server = steps::server().await?;
    let (mut organiser, link) = invitation(&server).await?;
    let mut phone = joined(&link, "Saule").await?;
    steps::write_note(&phone, "Seen by me alone").await?;
    steps::mark(&phone, "sent").await?;
    let here = phone.client()?.window().await?;
    let other_tab = phone.new_tab().await?;
    phone.open(&server.url("/notes")).await?;
    phone.find("link", "Seen by me alone").await?;
    phone.switch_to(here).await?;
    search::search(&phone, "seen by me alone").await?;
    search::until_kept(&phone, "sealed").await?;

    open(&phone, "Leave this phone").await?;
    phone
        .sees("The server has everything that you wrote.")
        .await?;
    phone.is_well_made().await?;
    phone
        .click("button", "Remove everything from this phone")
        .await?;
    phone.click("button", "Yes, remove everything").await?;
    phone.find("heading", "Today").await?;
    steps::settle(&phone).await?;
    steps::go_to(&phone, "Notes").await?;
    phone.find("heading", "No notes yet").await?;
    phone.switch_to(other_tab).await?;
    phone.sees_no("Seen by me alone").await?;
    let left = phone
        .run_async(
            "const names = (await indexedDB.databases()).map(database => database.name);
             const found = [];
             for (const name of names) {
                const database = await new Promise((resolve, reject) => {
                    const open = indexedDB.open(name);
                    open.onsuccess = () => resolve(open.result);
                    open.onerror = () => reject(open.error);
                });
                for (const table of database.objectStoreNames) {
                    const values = await new Promise(resolve => {
                        const all = database.transaction(table).objectStore(table).getAll();
                        all.onsuccess = () => resolve(all.result);
                    });
                    const text = value => new TextDecoder().decode(value);
                    // The index of what is here now holds other words; nobody has searched yet.
                    if (table === 'search') found.push(...values.map(() => table));
                    found.push(...values.filter(value => value instanceof Uint8Array && text(value).includes('Seen by me alone')).map(() => table));
                }
                database.close();
             }
             for (const name of await caches.keys()) {
                const cache = await caches.open(name);
                for (const request of await cache.keys()) {
                    const answer = await (await cache.match(request)).text();
                    if (answer.includes('Seen by me alone') || answer.includes('Saule')) found.push(request.url);
                }
             }
             found.push(...Object.values(localStorage).filter(value => value.includes('Seen by me alone')));
             return found",
        )
        .await?;
    ensure!(
        left.as_array().is_some_and(Vec::is_empty),
        "left behind: {left}"
    );

    // The next person on the same phone.
    join(&phone, &link, "Timur").await?;
    phone.find("heading", "Today").await?;
    steps::go_to(&phone, "Notes").await?;
    phone.find("heading", "No notes yet").await?;
    steps::finish([&mut organiser, &mut phone]).await
}
