//! Pages that are left give back what they took.

use anyhow::{Context, Result, ensure};
use keruen_e2e::Browser;

use crate::steps::{self, DAY, EVENT, SESSION};

/// Rounds through five pages each.
const ROUNDS: usize = 12;
/// How much the app's memory may grow over all rounds, in bytes: four pages of it; it was none.
const MOST_GROWTH_BYTES: u64 = 4 * 64 * 1024;

#[tokio::test]
async fn sixty_visits_leave_nothing_behind() -> Result<()> {
    let server = steps::server().await?;
    let mut phone = steps::visitor(&server.url("/")).await?;
    // The first rounds may take memory for good: caches, tables, the allocator's reserves.
    round(&phone).await?;
    round(&phone).await?;
    let before = memory_bytes(&phone).await?;
    for _ in 0..ROUNDS {
        round(&phone).await?;
    }
    let growth = memory_bytes(&phone).await?.saturating_sub(before);
    ensure!(
        growth <= MOST_GROWTH_BYTES,
        "{growth} bytes more after {} pages",
        ROUNDS * 5
    );
    steps::finish([&mut phone]).await
}

async fn round(phone: &Browser) -> Result<()> {
    steps::go_to(phone, "Agenda").await?;
    tap(phone, EVENT).await?;
    tap(phone, DAY).await?;
    tap(phone, SESSION).await?;
    phone.find("heading", SESSION).await?;
    steps::go_to(phone, "Materials").await?;
    tap(phone, "How to write a recommendation").await?;
    steps::go_to(phone, "Notes").await
}

async fn tap(phone: &Browser, name: &str) -> Result<()> {
    phone.click("link", name).await
}

/// The size of the app's memory: starting it a second time gives what runs already.
async fn memory_bytes(phone: &Browser) -> Result<u64> {
    let size = "
        const script = document.querySelector('link[rel=modulepreload]').href;
        const { default: start } = await import(script);
        return (await start()).memory.buffer.byteLength";
    let bytes = phone.run_async(size).await?;
    bytes.as_u64().context("the app has no memory")
}
