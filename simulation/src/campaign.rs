//! Many histories, on several threads, until one fails.

use std::any::Any;
use std::cell::RefCell;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use keruen_domain::mutation::{self, Mutation};

use crate::shrink::shrink;
use crate::{Tape, Told, play};

thread_local! {
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps panics from being printed while histories are played: each is reported once, shortened.
fn be_quiet() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let loud = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let is_ours = PLAYING.with(|playing| *playing.borrow());
            if is_ours {
                let place = info.location().map(ToString::to_string);
                PLACE.with(|held| *held.borrow_mut() = place.unwrap_or_default());
            } else {
                loud(info);
            }
        }));
    });
}

thread_local! {
    static PLAYING: RefCell<bool> = const { RefCell::new(false) };
}

fn attempt(tape: &Tape) -> Result<Told, String> {
    be_quiet();
    PLAYING.with(|playing| *playing.borrow_mut() = true);
    let played = catch_unwind(AssertUnwindSafe(|| play(tape)));
    PLAYING.with(|playing| *playing.borrow_mut() = false);
    played.map_err(|panic| {
        let place = PLACE.with(|place| place.borrow().clone());
        format!("{} ({place})", words(&*panic))
    })
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_default()
}

/// How a history fails; none if all holds in it.
pub fn failure(tape: &Tape) -> Option<String> {
    attempt(tape).err()
}

/// A history in which something did not hold.
#[derive(Clone, Debug)]
pub struct Failed {
    /// Its number.
    pub seed: u64,
    /// The shortest tape found that fails in the same way.
    pub tape: Tape,
    /// How it fails.
    pub how: String,
    /// How many steps the first tape had.
    pub steps_before: usize,
}

/// What came of many histories.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many were played.
    pub histories: u64,
    /// What happened in them.
    pub told: Told,
    /// The first that failed, if one did.
    pub failed: Option<Failed>,
}

/// Plays the histories of these seeds, on as many threads, and stops at the first that fails.
/// `progress` is told now and then how many were played.
pub fn run(seeds: Range<u64>, threads: usize, progress: &(dyn Fn(u64) + Sync)) -> Outcome {
    run_with(None, seeds, threads, progress)
}

/// After how many histories a mistake is caught, and how; none if all of these pass.
pub fn caught(mutation: Mutation, seeds: Range<u64>, threads: usize) -> Option<(u64, String)> {
    let outcome = run_with(Some(mutation), seeds, threads, &|_| {});
    let failed = outcome.failed?;
    Some((outcome.histories, failed.how))
}

fn run_with(
    mutation: Option<Mutation>,
    seeds: Range<u64>,
    threads: usize,
    progress: &(dyn Fn(u64) + Sync),
) -> Outcome {
    let next = AtomicU64::new(seeds.start);
    let stop = AtomicBool::new(false);
    let outcome = Mutex::new(Outcome::default());
    let add = |told: &mut Told, played: &mut u64| {
        let mut outcome = outcome.lock().expect("no thread panics while it adds");
        outcome.told.add(told);
        outcome.histories += *played;
        (*told, *played) = (Told::default(), 0);
        progress(outcome.histories);
    };
    let work = || {
        mutation::make(mutation);
        let (mut told, mut played) = (Told::default(), 0);
        while !stop.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                break;
            }
            let tape = Tape::of_seed(seed);
            match attempt(&tape) {
                Ok(happened) => told.add(&happened),
                Err(how) => {
                    stop.store(true, Ordering::Relaxed);
                    let (shorter, how) = match mutation {
                        None => shrink(&tape, &how),
                        Some(_) => (tape.clone(), how),
                    };
                    let failed = Failed {
                        seed,
                        tape: shorter,
                        how,
                        steps_before: tape.len(),
                    };
                    let mut outcome = outcome.lock().expect("no thread panics while it adds");
                    outcome.failed.get_or_insert(failed);
                }
            }
            played += 1;
            if played == 500 {
                add(&mut told, &mut played);
            }
        }
        add(&mut told, &mut played);
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(work);
        }
    });
    outcome
        .into_inner()
        .expect("no thread panics while it adds")
}
