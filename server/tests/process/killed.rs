//! The process is killed at random moments while devices write.
//!
//! `KERUEN_KILLS=300` kills it more often.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use keruen_domain::protocol::v2::SyncRequest;
use tempfile::TempDir;

use crate::client::{Client, is_accepted, stands};
use crate::disk;
use crate::program::Program;

const KILLS: u64 = 8;
const WRITERS: u64 = 3;
/// Records that several devices write.
const SHARED_RECORDS: u64 = 40;

/// Chance comes from the number of the kill (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// A device that writes until the server is gone, and what it was told.
struct Writer {
    client: Client,
    acknowledged: Vec<SyncRequest>,
    /// What it does not know the fate of.
    open: Option<SyncRequest>,
}

impl Writer {
    fn next_request(&mut self, random: &mut Random) -> SyncRequest {
        if let Some(open) = self.open.take() {
            return open;
        }
        let count = 1 + random.below(5);
        let changes = (0..count).map(|_| {
            let record = random.below(SHARED_RECORDS);
            let text = "чай ".repeat(1 + random.below(200) as usize);
            self.client.change(record, &text)
        });
        let changes = changes.collect();
        self.client.request(changes)
    }

    async fn write(&mut self, base: &str, stop: &AtomicBool, random: &mut Random) {
        while !stop.load(Ordering::Relaxed) {
            let request = self.next_request(random);
            match self.client.send(base, &request).await {
                Ok(response) => {
                    assert!(is_accepted(&response, request.changes.len()));
                    self.acknowledged.push(request);
                }
                Err(_) => {
                    self.open = Some(request);
                    return;
                }
            }
        }
    }
}

fn kills() -> u64 {
    match std::env::var("KERUEN_KILLS") {
        Ok(text) => text.parse().expect("KERUEN_KILLS is a number"),
        Err(_) => KILLS,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_survives_every_kill() {
    let folder = TempDir::new().expect("a folder");
    let data = folder.path().join("data");
    let new_writer = |number| Writer {
        client: Client::new(number),
        acknowledged: Vec::new(),
        open: None,
    };
    let mut writers: Vec<Writer> = (1..=WRITERS).map(new_writer).collect();
    let mut reader = Client::reading_slowly(1_000);
    let mut in_doubt = 0;
    for kill in 0..kills() {
        let program = Program::start(&data, &[]).expect("it starts after every kill");
        let base = program.base.clone();
        check(&base, &mut writers, &mut reader, kill).await;
        in_doubt += write_and_kill(program, &mut writers, kill).await;
        disk::check(&data);
    }
    let program = Program::start(&data, &[]).expect("it starts");
    let base = program.base.clone();
    check(&base, &mut writers, &mut reader, kills()).await;
    let (ended_well, _) = program.stop();
    assert!(ended_well);
    let acknowledged: usize = writers.iter().map(|writer| writer.acknowledged.len()).sum();
    println!(
        "{} kills, {acknowledged} requests acknowledged, {in_doubt} under way when it died",
        kills()
    );
    assert!(
        acknowledged > 0 && in_doubt > 0,
        "it died while somebody wrote"
    );
}

/// Lets all write and kills the server after a while. Returns how many were not answered.
async fn write_and_kill(program: Program, writers: &mut Vec<Writer>, kill: u64) -> usize {
    let base = program.base.clone();
    let stop = Arc::new(AtomicBool::new(false));
    let tasks = writers.drain(..).enumerate().map(|(number, mut writer)| {
        let (base, stop) = (base.clone(), stop.clone());
        tokio::spawn(async move {
            let mut random = Random(kill << 8 | number as u64);
            writer.write(&base, &stop, &mut random).await;
            writer
        })
    });
    let tasks: Vec<_> = tasks.collect();
    // The moment of the kill is the point of this wait: nothing is waited for.
    let moment_ms = Random(kill ^ 0xdead).below(120);
    tokio::time::sleep(Duration::from_millis(moment_ms)).await;
    program.kill();
    stop.store(true, Ordering::Relaxed);
    for task in tasks {
        writers.push(task.await.expect("no writer fails"));
    }
    writers
        .iter()
        .filter(|writer| writer.open.is_some())
        .count()
}

async fn check(base: &str, writers: &mut [Writer], reader: &mut Client, kill: u64) {
    // By cursor, a few at a time, across all kills; and from the start.
    reader.read_all(base).await;
    let mut newcomer = Client::new(2_000 + kill);
    newcomer.read_all(base).await;
    assert_eq!(reader.rows, newcomer.rows, "no cursor skips a row");
    assert_eq!(reader.cursors, newcomer.cursors, "there is one order");
    for writer in writers {
        for request in &writer.acknowledged {
            let standing = request.changes.iter().all(|c| stands(&newcomer.rows, c));
            assert!(standing, "what was acknowledged is there");
        }
        let Some(last) = writer.acknowledged.last() else {
            continue;
        };
        let before: BTreeMap<_, _> = newcomer.cursors.clone();
        let again = newcomer.send(base, last).await.expect("an answer");
        assert!(is_accepted(&again, last.changes.len()), "the same answer");
        newcomer.read_all(base).await;
        assert_eq!(
            newcomer.cursors, before,
            "a repeated request changes nothing"
        );
    }
}
