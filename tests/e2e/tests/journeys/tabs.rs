//! Two tabs of one browser.

use anyhow::{Result, ensure};
use keruen_e2e::{Browser, Proxy, eventually};

use crate::steps;

#[tokio::test]
async fn what_one_tab_writes_the_other_shows_and_only_one_talks_to_the_server() -> Result<()> {
    let server = steps::server().await?;
    let mut phone = steps::visitor(&server.organiser_url("/")).await?;
    let first = phone.new_tab().await?;
    phone.open(&server.url("/notes")).await?;
    phone.find("heading", "No notes yet").await?;
    steps::chip(&phone, "up to date").await?;
    let second = phone.client()?.window().await?;

    phone.switch_to(first.clone()).await?;
    steps::write_note(&phone, "From one tab").await?;
    steps::mark(&phone, "sent").await?;
    phone.switch_to(second).await?;
    phone.find("link", "From one tab").await?;
    steps::mark(&phone, "sent").await?;
    one_leads(&phone).await?;

    // The tab that leads is closed; the other takes over, and what it writes arrives.
    phone.switch_to(first).await?;
    phone.client()?.close_window().await?;
    let left = phone.client()?.windows().await?;
    ensure!(left.len() == 1, "one tab is left");
    phone.switch_to(left[0].clone()).await?;
    steps::write_note(&phone, "From the tab that is left").await?;
    steps::mark(&phone, "sent").await?;
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn a_second_tab_asks_the_server_for_nothing() -> Result<()> {
    let server = steps::server().await?;
    let proxy = Proxy::start(&server).await?;
    let mut phone = steps::visitor(&proxy.url("/")).await?;
    let _ = proxy.take_asked();
    phone.new_tab().await?;
    phone.open(&proxy.url("/more/sync")).await?;
    // It has that from the first tab.
    steps::chip(&phone, "up to date").await?;
    one_leads(&phone).await?;
    let exchanges =
        |asked: Vec<String>| asked.iter().filter(|path| path.ends_with("/sync")).count();
    let _ = proxy.take_asked();
    phone.click("button", "Sync now").await?;
    eventually("the first tab asks for both", || async {
        Ok((exchanges(proxy.take_asked()) > 0).then_some(()))
    })
    .await?;
    // The first tab may ask by itself at any time; what this one asks, its page knows.
    let own = "return performance.getEntriesByType('resource')
        .filter(({ name }) => name.endsWith('/sync')).length";
    ensure!(phone.run(own).await? == 0, "this tab has asked too");
    steps::close_sheet(&phone).await?;
    steps::finish([&mut phone]).await
}

#[tokio::test]
async fn a_frozen_leader_is_replaced_and_follows_when_it_thaws() -> Result<()> {
    let server = steps::server().await?;
    let mut phone = steps::visitor(&server.organiser_url("/notes")).await?;
    let first = phone.new_tab().await?;
    phone.open(&server.url("/notes")).await?;
    steps::chip(&phone, "up to date").await?;
    let second = phone.client()?.window().await?;
    one_leads(&phone).await?;

    phone.switch_to(first.clone()).await?;
    lifecycle(&phone, "frozen").await?;
    phone.switch_to(second.clone()).await?;
    steps::write_note(&phone, "While the other is frozen").await?;
    steps::mark(&phone, "on this phone").await?;
    steps::mark(&phone, "sent").await?;

    phone.switch_to(first).await?;
    lifecycle(&phone, "active").await?;
    phone.find("link", "While the other is frozen").await?;
    one_leads(&phone).await?;
    // The one that took the lead goes, and the first has it again.
    phone.switch_to(second).await?;
    phone.client()?.close_window().await?;
    let left = phone.client()?.windows().await?;
    phone.switch_to(left[0].clone()).await?;
    steps::write_note(&phone, "Leads again").await?;
    steps::mark(&phone, "sent").await?;
    steps::finish([&mut phone]).await
}

/// Freezes a tab, as browsers do to save memory, or thaws it.
async fn lifecycle(phone: &Browser, state: &str) -> Result<()> {
    let parameters = serde_json::json!({ "state": state });
    phone
        .devtools("Page.setWebLifecycleState", parameters)
        .await?;
    Ok(())
}

/// Fails unless one of two tabs leads and the other waits to take over.
async fn one_leads(phone: &Browser) -> Result<()> {
    let script = "
        const locks = await navigator.locks.query();
        const named = list => list.filter(lock => lock.name === 'keruen.sync').length;
        return [named(locks.held), named(locks.pending)]";
    ensure!(
        phone.run_async(script).await? == serde_json::json!([1, 1]),
        "one tab leads and one waits"
    );
    Ok(())
}
