//! Ending processes with all that they have started, and seeing that they are gone.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use anyhow::Result;
use rustix::process::{Pid, Signal, kill_process};

use crate::wait::eventually;

/// The processes of a browser: the driver's descendants, and those that name the profile.
///
/// The second kind is needed because a process may have lost its parent.
pub(crate) fn of_browser(driver: u32, profile: &Path) -> Vec<u32> {
    let mut found: HashSet<u32> = HashSet::from([driver]);
    let all: Vec<Process> = running().collect();
    let profile = profile.as_os_str().as_encoded_bytes();
    for process in &all {
        if contains(&process.command_line, profile) {
            found.insert(process.id);
        }
    }
    loop {
        let children: Vec<u32> = all
            .iter()
            .filter(|process| found.contains(&process.parent) && !found.contains(&process.id))
            .map(|process| process.id)
            .collect();
        if children.is_empty() {
            return found.into_iter().collect();
        }
        found.extend(children);
    }
}

/// How much memory of their own those of these processes hold that draw pages and run their programs, in bytes:
/// what of it lies on the disk as well does not count.
pub(crate) fn page_memory_bytes(ids: &[u32]) -> u64 {
    let of_pages = running().filter(|process| {
        ids.contains(&process.id) && contains(&process.command_line, b"--type=renderer")
    });
    of_pages
        .filter_map(|process| own_memory_bytes(process.id))
        .sum()
}

fn own_memory_bytes(id: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("RssAnon:"))?;
    let kilobytes: u64 = line.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// Kills them all, as the system does when memory runs out, and waits until none is left.
pub(crate) async fn kill_all(ids: &[u32]) -> Result<()> {
    for id in ids {
        send(*id, Signal::KILL);
    }
    eventually("the killed processes are gone", || async {
        Ok(ids.iter().all(|id| !is_running(*id)).then_some(()))
    })
    .await
}

/// Kills without waiting, for use while a test is being torn down.
pub(crate) fn kill_now(ids: &[u32]) {
    for id in ids {
        send(*id, Signal::KILL);
    }
}

/// Sends a signal; a process that has ended in the meantime needs none.
pub(crate) fn send(id: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

/// One line of the system's list of processes.
struct Process {
    id: u32,
    parent: u32,
    command_line: Vec<u8>,
}

fn running() -> impl Iterator<Item = Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| {
        let id = entry.file_name().to_str()?.parse().ok()?;
        let (_, parent) = state_and_parent(id)?;
        let command_line = fs::read(format!("/proc/{id}/cmdline")).ok()?;
        Some(Process {
            id,
            parent,
            command_line,
        })
    })
}

/// A process that has ended but is still listed does not run.
fn is_running(id: u32) -> bool {
    state_and_parent(id).is_some_and(|(state, _)| state != 'Z' && state != 'X')
}

/// `ID (NAME) STATE PARENT …`, where the name may hold anything, parentheses included.
fn state_and_parent(id: u32) -> Option<(char, u32)> {
    let line = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, rest) = line.rsplit_once(") ")?;
    let mut words = rest.split(' ');
    let state = words.next()?.chars().next()?;
    Some((state, words.next()?.parse().ok()?))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
