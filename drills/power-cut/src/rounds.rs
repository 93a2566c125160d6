//! Writes, cuts the power, starts again, looks: round after round.

use std::fs;
use std::process::{Command, ExitCode};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use crate::counts;
use crate::machine::{HOST, Machine, Size};

/// After each so many cuts the power goes once more while the machine starts and what was cut is
/// taken in.
const AGAIN_EVERY: u64 = 3;
/// So much later than the cut itself came, because a kernel starts first.
const AGAIN_LATER: Duration = Duration::from_secs(1);

/// What is under the power cuts.
pub(crate) struct Subject {
    pub(crate) size: Size,
    /// How many writers write and are counted.
    pub(crate) writers: usize,
    /// The shell command that writes until it ends with the machine.
    pub(crate) write: String,
    /// The shell command that says what is there.
    pub(crate) check: String,
    /// What the names of files end with that the disk forgets in a control: those that make each write
    /// last.
    pub(crate) forgotten: &'static str,
    /// The cut comes after the first acknowledgement of its round, within these times.
    pub(crate) moments: [Duration; 2],
    /// How many cuts one disk lives through.
    pub(crate) cuts_for_each_disk: u64,
    /// Within this time a machine has started and done the first of its work.
    pub(crate) patience: Duration,
}

/// How a drill is run.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Rounds {
    /// How often the power is cut
    #[arg(long, default_value_t = 10)]
    cuts: u64,
    /// Let the disk forget to write: then something must be lost, or the drill shows nothing
    #[arg(long)]
    pub(crate) control: bool,
    /// Decides the moments
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Debug, Default)]
struct Sum {
    acknowledged: u64,
    lost: u64,
    cuts_that_lost: u64,
    broken: u64,
}

/// Runs a drill and prints each cut. It fails if something was lost; a control fails if nothing was.
pub(crate) fn run(subject: &Subject, rounds: Rounds) -> Result<ExitCode> {
    let mut machine = Machine::new(subject.size)?;
    let mut dice = rounds.seed;
    let mut sum = Sum::default();
    if rounds.control {
        build_lazy_disk(&machine)?;
    }
    for cut in 0..rounds.cuts {
        if cut.is_multiple_of(subject.cuts_for_each_disk) {
            machine.renew_disk()?;
            counts::forget(&machine.file(""), subject.writers);
        }
        let moment = moment(subject, &mut dice);
        one_cut(&mut machine, subject, rounds, moment, cut, &mut sum)
            .with_context(|| format!("cut {}", cut + 1))?;
    }
    println!(
        "{} cuts: {} writes acknowledged, {} lost in {} cuts, {} times broken",
        rounds.cuts, sum.acknowledged, sum.lost, sum.cuts_that_lost, sum.broken
    );
    ensure!(sum.acknowledged > 0, "nothing was written");
    let is_whole = sum.lost == 0 && sum.broken == 0;
    if rounds.control && is_whole {
        bail!("the disk forgot to write and nothing was lost: this drill shows nothing");
    }
    Ok(if is_whole || rounds.control {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn one_cut(
    machine: &mut Machine,
    subject: &Subject,
    rounds: Rounds,
    moment: Duration,
    cut: u64,
    sum: &mut Sum,
) -> Result<()> {
    let host = machine.file("");
    let total = || -> u64 {
        let of = |writer| counts::acknowledged(&host, writer);
        (0..subject.writers).map(of).sum()
    };
    let before = total();
    let preload = if rounds.control {
        format!(
            "export LAZY_DISK={} LD_PRELOAD={HOST}/lazy_disk.so\n",
            subject.forgotten
        )
    } else {
        String::new()
    };
    machine.boot(&format!("{preload}{}", subject.write))?;
    if !machine.wait_until(subject.patience, || total() > before)? {
        bail!("no write was acknowledged; {}", machine.last_words());
    }
    // The moment of the cut is the point of this wait: nothing is waited for.
    sleep(moment);
    machine.cut_power()?;
    let acknowledged: Vec<u64> = (0..subject.writers)
        .map(|writer| counts::acknowledged(&host, writer))
        .collect();
    let written = total() - before;
    if cut.is_multiple_of(AGAIN_EVERY) {
        machine.boot(&subject.check)?;
        sleep(moment + AGAIN_LATER);
        machine.cut_power()?;
    }
    machine.boot(&subject.check)?;
    machine.wait_until(subject.patience, || host.join("result").exists())?;
    let found = counts::found(&host, subject.writers);
    if found.is_err() && !host.join("result").exists() {
        bail!("the check said nothing; {}", machine.last_words());
    }
    sum.acknowledged += written;
    let lost = match &found {
        Ok(found) => {
            let pairs = acknowledged.iter().zip(found);
            pairs.map(|(said, there)| said.saturating_sub(*there)).sum()
        }
        Err(_) => 0,
    };
    sum.lost += lost;
    sum.cuts_that_lost += u64::from(lost > 0);
    match found {
        Ok(found) => println!(
            "cut {} after {} ms: {written} acknowledged, {acknowledged:?} in all, found {found:?}, lost {lost}",
            cut + 1,
            moment.as_millis()
        ),
        Err(error) => {
            sum.broken += 1;
            println!("cut {} after {} ms: {error:#}", cut + 1, moment.as_millis());
        }
    }
    // It may still be writing what it took in.
    machine.wait_until(Duration::from_secs(10), || false)?;
    machine.cut_power()?;
    if rounds.control && (lost > 0 || sum.broken > 0) {
        // What is gone cannot be written on.
        machine.renew_disk()?;
        counts::forget(&host, subject.writers);
    }
    Ok(())
}

/// A library that forgets orders to bring files to the disk. The control is outside of the programs:
/// there is nothing in them that could be switched on by mistake.
fn build_lazy_disk(machine: &Machine) -> Result<()> {
    let source = machine.file("lazy_disk.c");
    fs::write(&source, include_str!("lazy_disk.c"))?;
    let compiler = std::env::var("CC").unwrap_or("cc".to_owned());
    let status = Command::new(compiler)
        .args(["-shared", "-fPIC", "-O1", "-o"])
        .args([&machine.file("lazy_disk.so"), &source])
        .arg("-ldl")
        .status()
        .context("a C compiler cannot be started")?;
    ensure!(status.success(), "the library does not compile");
    Ok(())
}

fn moment(subject: &Subject, dice: &mut u64) -> Duration {
    let [from, to] = subject.moments;
    let span_us = u64::try_from((to - from).as_micros()).unwrap_or(u64::MAX);
    from + Duration::from_micros(next(dice) % span_us)
}

/// SplitMix64.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut bits = *state;
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}
