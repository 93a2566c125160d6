//! A machine under User-Mode Linux: a kernel in a process, whose power is cut by killing it.
//!
//! The guest sees this machine's files, which it cannot change, a disk of its own at `/mnt/data`, and
//! one folder of this machine at `/mnt/host`. What it writes to `/mnt/host` is here at once and
//! survives; what it writes to the disk survives as far as its kernel had sent it there. It has no
//! network but loopback.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// How often it is looked whether something has come.
const GLANCE: Duration = Duration::from_millis(20);
/// No killed process stays longer than this.
const BURIAL: Duration = Duration::from_secs(20);
/// Where the guest finds the folder that survives.
pub(crate) const HOST: &str = "/mnt/host";
/// Where the guest's disk is.
pub(crate) const DATA: &str = "/mnt/data";

/// The guest's first process.
const INIT: &str = r#"#!/bin/sh
export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /mnt
mkdir /mnt/data /mnt/host /mnt/passing
mount -t hostfs -o "@FOLDER@" none /mnt/host
ip link set lo up
export HOME=/mnt/data TMPDIR=/mnt/passing
if mount -t ext4 /dev/ubda /mnt/data
then cd /mnt/data && . /mnt/host/task
else echo "broken the disk cannot be mounted" > /mnt/host/result
fi
sync
mount -o remount,ro /mnt/data
halt -f
"#;

/// How large a machine is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) disk_mib: u64,
    pub(crate) memory_mib: u64,
}

/// A machine that runs or does not. Its files go when this is dropped.
pub(crate) struct Machine {
    size: Size,
    folder: TempDir,
    running: Option<Child>,
}

impl Machine {
    /// A machine with an empty disk, not running.
    pub(crate) fn new(size: Size) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("power-cut-").tempdir()?;
        let machine = Self {
            size,
            folder,
            running: None,
        };
        let init = machine.file("init");
        let shown = machine.folder.path().to_str();
        let shown = shown.context("the temporary folder's name is no text")?;
        fs::write(&init, INIT.replace("@FOLDER@", shown))?;
        let made = Command::new("chmod").arg("755").arg(&init).status()?;
        ensure!(
            made.success(),
            "the guest's first program cannot be made one"
        );
        Ok(machine)
    }

    /// A file of the folder that the guest sees as [`HOST`].
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts an empty disk in the place of what was there.
    pub(crate) fn renew_disk(&self) -> Result<()> {
        let path = self.file("disk");
        let disk = File::create(&path)?;
        disk.set_len(self.size.disk_mib << 20)?;
        let made = Command::new("mkfs.ext4")
            .args(["-q", "-F"])
            .arg(&path)
            .env("PATH", with_system_folders())
            .status()
            .context("mkfs.ext4 cannot be started")?;
        ensure!(made.success(), "the disk has no file system");
        Ok(())
    }

    /// Switches it on. It runs a piece of shell script and then switches itself off.
    pub(crate) fn boot(&mut self, task: &str) -> Result<()> {
        self.cut_power()?;
        // What is not there is not in the way.
        let _ = fs::remove_file(self.file("result"));
        fs::write(self.file("task"), format!("{task}\n"))?;
        let console = File::create(self.file("console"))?;
        let machine = Command::new("linux.uml")
            .arg(format!("mem={}M", self.size.memory_mib))
            .args(["root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro"])
            .arg(format!("ubd0={}", self.file("disk").display()))
            .arg(format!("init={}", self.file("init").display()))
            .args(["con=null", "con0=null,fd:1", "quiet"])
            .stdin(Stdio::null())
            .stdout(console.try_clone()?)
            .stderr(console)
            .spawn()
            .context("linux.uml cannot be started")?;
        self.running = Some(machine);
        Ok(())
    }

    /// Kills it with everything in it.
    pub(crate) fn cut_power(&mut self) -> Result<()> {
        let Some(mut machine) = self.running.take() else {
            return Ok(());
        };
        // Stopped it starts nothing more and writes nothing more: this is the moment.
        send(machine.id(), Signal::STOP);
        let begun = Instant::now();
        loop {
            let left = descendants(machine.id());
            if left.is_empty() || begun.elapsed() > BURIAL {
                break;
            }
            for process in left {
                send(process, Signal::KILL);
            }
            sleep(GLANCE);
        }
        machine.kill()?;
        machine.wait()?;
        Ok(())
    }

    /// Waits while it runs until something holds; whether it does.
    pub(crate) fn wait_until(
        &mut self,
        within: Duration,
        mut holds: impl FnMut() -> bool,
    ) -> Result<bool> {
        let begun = Instant::now();
        while begun.elapsed() < within {
            if holds() {
                return Ok(true);
            }
            let Some(machine) = &mut self.running else {
                return Ok(false);
            };
            if machine.try_wait()?.is_some() {
                return Ok(holds());
            }
            sleep(GLANCE);
        }
        Ok(false)
    }

    /// The end of what the guest and its programs said.
    pub(crate) fn last_words(&self) -> String {
        let end = |name: &str| {
            let bytes = fs::read(self.file(name)).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            let lines: Vec<&str> = text.lines().collect();
            let from = lines.len().saturating_sub(20);
            format!("{name}:\n{}\n", lines[from..].join("\n"))
        };
        end("console") + &end("log")
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // The folder goes in any case.
        let _ = self.cut_power();
    }
}

/// `PATH`, and where programs for administrators are.
fn with_system_folders() -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    format!("{path}:/usr/sbin:/sbin")
}

/// Sends a signal; a process that has ended in the meantime needs none.
fn send(process: u32, signal: Signal) {
    if let Some(process) = i32::try_from(process).ok().and_then(Pid::from_raw) {
        let _ = kill_process(process, signal);
    }
}

/// The processes below one that have not ended.
fn descendants(of: u32) -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let all: Vec<(u32, u32, bool)> = entries
        .filter_map(|entry| {
            let id = entry.file_name().to_str()?.parse().ok()?;
            let (parent, has_ended) = parent_of(&entry.path())?;
            Some((id, parent, has_ended))
        })
        .collect();
    let (mut found, mut next) = (Vec::new(), vec![of]);
    while let Some(parent) = next.pop() {
        for (id, ..) in all.iter().filter(|(_, its, _)| *its == parent) {
            next.push(*id);
            found.push(*id);
        }
    }
    let has_ended = |id: &u32| all.iter().any(|(its, _, ended)| its == id && *ended);
    found.retain(|id| !has_ended(id));
    found
}

/// `ID (NAME) STATE PARENT …`, where the name may hold anything, parentheses included.
fn parent_of(process: &Path) -> Option<(u32, bool)> {
    let line = fs::read_to_string(process.join("stat")).ok()?;
    let (_, rest) = line.rsplit_once(") ")?;
    let mut words = rest.split(' ');
    let has_ended = matches!(words.next()?, "Z" | "X");
    Some((words.next()?.parse().ok()?, has_ended))
}
