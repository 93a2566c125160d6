//! The browser is killed at any moment, and what the app called safe is there.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use keruen_e2e::Browser;
use serde_json::Value;
use tokio::time::sleep;

use crate::steps;

/// How often the browser is killed, unless `KERUEN_KILLS` says otherwise.
const KILLS: u64 = 3;
/// The kill comes within this time after the writing began, in milliseconds: commits, answers and
/// starts of exchanges fall into it many times over.
const WITHIN_MS: u64 = 3_000;

/// What the app said of a note: its address and the longest text that it called safe.
struct Said {
    address: String,
    text: String,
}

#[tokio::test]
async fn whenever_the_browser_is_killed_everything_called_safe_is_there() -> Result<()> {
    let kills = number("KERUEN_KILLS").unwrap_or(KILLS);
    let mut dice = number("KERUEN_SEED").unwrap_or(1);
    let server = steps::server().await?;
    let mut phone = steps::visitor(&server.organiser_url("/notes")).await?;
    let mut all: Vec<Said> = Vec::new();
    for kill in 0..kills {
        let seed = dice;
        let address = steps::write_note(&phone, "Begun.").await?;
        let mut said = Said {
            address,
            text: String::new(),
        };
        let moment = Duration::from_millis(next(&mut dice) % WITHIN_MS);
        tokio::select! {
            // Only an error ends it before the kill; a page that is just being killed answers no more.
            ended = write_on(&phone, &mut said) => ended?,
            // Not a wait for anything: the moment of the kill.
            () = sleep(moment) => {}
        }
        phone.kill().await?;
        phone.start_again().await?;
        all.push(said);
        for said in &all {
            phone.open(&server.url(&said.address)).await?;
            ensure!(
                said.text.is_empty() || phone_has(&phone, &said.text).await?,
                "kill {kill} (KERUEN_SEED={seed}): \"{}\" was called safe, and there is \"{}\"",
                said.text,
                steps::text_of_note(&phone).await?
            );
        }
    }
    steps::sync_now(&phone).await?;
    let tablet = steps::visitor(&server.organiser_url("/notes")).await?;
    for said in all.iter().filter(|said| !said.text.is_empty()) {
        tablet.open(&server.url(&said.address)).await?;
        ensure!(
            phone_has(&tablet, &said.text).await?,
            "\"{}\" arrives at another device",
            said.text
        );
    }
    steps::finish([&mut phone]).await
}

/// Types for ever, a word at a time, and notes what the app calls safe.
async fn write_on(phone: &Browser, said: &mut Said) -> Result<()> {
    let mut word = 0;
    loop {
        word += 1;
        // In one step: what stands in the field, and what the mark beside it says of that.
        let script = format!(
            "const field = document.querySelector('textarea');
            const mark = document.querySelector('.note-state')?.innerText.trim();
            const before = field.value;
            if (mark !== 'saving…') {{
                field.value += ' word {word}';
                field.dispatchEvent(new Event('input', {{ bubbles: true }}));
            }}
            return [mark, before]"
        );
        let seen = phone.run(&script).await?;
        let text = |position: usize| seen[position].as_str().map(str::to_owned);
        let (mark, before) = (text(0).context("a mark")?, text(1).context("a text")?);
        if mark == "on this phone" || mark == "sent" {
            said.text = before;
        }
    }
}

/// Waits until the editor is there, and says whether it holds all of a text.
async fn phone_has(phone: &Browser, text: &str) -> Result<bool> {
    phone.find("textbox", "Text of the note").await?;
    let script = format!(
        "return document.querySelector('textarea').value.startsWith({})",
        Value::from(text)
    );
    keruen_e2e::eventually("the note is shown", || async {
        let filled = "return document.querySelector('textarea')?.value !== ''";
        Ok((phone.run(filled).await? == Value::Bool(true)).then_some(()))
    })
    .await?;
    Ok(phone.run(&script).await? == Value::Bool(true))
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// SplitMix64.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut bits = *state;
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
