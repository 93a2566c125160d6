//! Plays histories from the command line; `cargo xtask simulate` calls it.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use keruen_domain::Mutation;
use keruen_simulation::campaign::{self, Failed};
use keruen_simulation::{Tape, play};

/// Plays histories of devices and a server, in which everything goes wrong that can.
#[derive(Parser)]
struct Arguments {
    /// How many histories
    #[arg(long, default_value_t = 10_000)]
    histories: u64,
    /// The number of the first one
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// On how many threads
    #[arg(long)]
    jobs: Option<usize>,
    /// Play this tape alone
    #[arg(long)]
    tape: Option<Tape>,
    /// Tell what happens in it, step by step
    #[arg(long, requires = "tape")]
    trace: bool,
    /// Make each known mistake on purpose, and say after how many histories it is caught
    #[arg(long)]
    mutations: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(tape) = arguments.tape {
        if arguments.trace {
            keruen_simulation::trace::turn_on();
        }
        // Here a failure is a panic, with its place.
        print!("{}", play(&tape));
        return ExitCode::SUCCESS;
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let jobs = arguments.jobs.unwrap_or(cores);
    if arguments.mutations {
        return catch_mistakes(arguments.histories, jobs);
    }
    let begun = Instant::now();
    let seeds = arguments.seed..arguments.seed.saturating_add(arguments.histories);
    let outcome = campaign::run(seeds, jobs, &|played| {
        let rate = played as f64 / begun.elapsed().as_secs_f64();
        eprint!("\r{played} histories, {rate:.0} in a second ");
        let _ = std::io::stderr().flush();
    });
    eprintln!();
    print!("{}", outcome.told);
    let seconds = begun.elapsed().as_secs_f64();
    let rate = outcome.histories as f64 / seconds;
    println!(
        "{} histories in {seconds:.1} s, {rate:.0} in a second on {jobs} threads",
        outcome.histories
    );
    match outcome.failed {
        None => {
            println!("Everything held in all of them.");
            ExitCode::SUCCESS
        }
        Some(failed) => {
            report(&failed);
            ExitCode::FAILURE
        }
    }
}

fn catch_mistakes(histories: u64, jobs: usize) -> ExitCode {
    let mut missed = 0;
    for mutation in Mutation::ALL {
        match campaign::caught(*mutation, 0..histories, jobs) {
            Some((played, how)) => {
                let line = how.lines().next().unwrap_or_default();
                let line: String = line.chars().take(90).collect();
                println!("{:28} {played:>6}  {line}", format!("{mutation:?}"));
            }
            None => {
                missed += 1;
                println!("{:28} not caught in {histories}", format!("{mutation:?}"));
            }
        }
    }
    if missed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn report(failed: &Failed) {
    println!("History {} fails: {}", failed.seed, failed.how);
    println!(
        "It has {} steps, {} of them matter. To play it again:",
        failed.steps_before,
        failed.tape.len()
    );
    println!("  cargo xtask simulate --tape {}", failed.tape);
}
