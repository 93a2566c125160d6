//! Whole histories, and those that failed once.
//!
//! `cargo xtask simulate --histories 1000000` plays more of them.

use std::fs;
use std::path::Path;

use keruen_simulation::{Tape, campaign, play};

/// Without optimisation a history takes fifty times as long.
const HISTORIES: u64 = if cfg!(debug_assertions) { 500 } else { 20_000 };

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[test]
fn nothing_is_lost_and_all_become_equal() {
    let outcome = campaign::run(0..HISTORIES, threads(), &|_| {});
    if let Some(failed) = outcome.failed {
        panic!(
            "history {}: {}\nto play it again: cargo xtask simulate --tape {}",
            failed.seed, failed.how, failed.tape
        );
    }
    println!("{}", outcome.told);
    // The histories would prove little if something of all this did not happen in them.
    if !cfg!(debug_assertions) {
        let missing = outcome.told.missing(1);
        assert!(
            missing.is_empty(),
            "too rare: {missing:?}\n{}",
            outcome.told
        );
    }
}

#[test]
fn a_tape_is_one_history() {
    for seed in 0..20 {
        let tape = Tape::of_seed(seed);
        assert_eq!(play(&tape), play(&tape));
    }
    assert_ne!(play(&Tape::of_seed(5)), play(&Tape::of_seed(6)));
}

/// Each file of `kept/` says in its first line what once went wrong, and has the tape in its last.
#[test]
fn what_failed_once_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("kept");
    let mut kept = 0;
    for file in fs::read_dir(folder).expect("there is a folder of kept tapes") {
        let path = file.expect("the folder can be read").path();
        if path.extension().is_none_or(|ending| ending != "tape") {
            continue;
        }
        let text = fs::read_to_string(&path).expect("a tape can be read");
        let tape = text.lines().last().unwrap_or_default();
        let tape: Tape = tape.parse().expect("the last line is a tape");
        let failure = campaign::failure(&tape);
        assert_eq!(failure, None, "{}", path.display());
        kept += 1;
    }
    println!("{kept} histories are kept");
}
