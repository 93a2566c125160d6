//! Pages that are left give back what they took.

use anyhow::{Context, Result, ensure};
use keruen_e2e::Browser;

use crate::steps::{self, DAY, EVENT, SESSION};

/// Rounds through five pages each.
const ROUNDS: usize = 12;
/// How much the app's memory may grow over all rounds, in bytes.
const MOST_GROWTH_BYTES: u64 = 1024 * 1024;

#[tokio::test]
async fn sixty_visits_leave_nothing_behind() -> Result<()> {
    let server = steps::server().await?;
    let mut desk = steps::visitor(&server.url("/")).await?;
    // The first rounds may take memory for good: caches, tables, the allocator's reserves.
    round(&desk).await?;
    round(&desk).await?;
    let before = memory_bytes(&desk).await?;
    for _ in 0..ROUNDS {
        round(&desk).await?;
    }
    let growth = memory_bytes(&desk).await?.saturating_sub(before);
    ensure!(
        growth <= MOST_GROWTH_BYTES,
        "{growth} bytes more after {} pages",
        ROUNDS * 5
    );
    steps::finish([&mut desk]).await
}

async fn round(desk: &Browser) -> Result<()> {
    steps::go_to(desk, "Agenda").await?;
    tap(desk, EVENT).await?;
    tap(desk, DAY).await?;
    tap(desk, SESSION).await?;
    desk.find("heading", SESSION).await?;
    steps::go_to(desk, "Materials").await?;
    tap(desk, "How to write a recommendation").await?;
    steps::go_to(desk, "Notes").await
}

async fn tap(desk: &Browser, name: &str) -> Result<()> {
    desk.click("link", name).await
}

/// The size of the app's memory: starting it a second time gives what runs already.
async fn memory_bytes(desk: &Browser) -> Result<u64> {
    let size = "
        const script = document.querySelector('link[rel=modulepreload]').href;
        const { default: start } = await import(script);
        return (await start()).memory.buffer.byteLength";
    let bytes = desk.run_async(size).await?;
    bytes.as_u64().context("the app has no memory")
}
