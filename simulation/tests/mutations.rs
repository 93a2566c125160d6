//! The simulation is worth what it catches: each known mistake, made on purpose, must be caught.

use keruen_domain::Mutation;
use keruen_simulation::campaign;

const MOST_HISTORIES: u64 = 10_000;

#[test]
fn every_mistake_is_caught() {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut missed = Vec::new();
    for mutation in Mutation::ALL {
        match campaign::caught(*mutation, 0..MOST_HISTORIES, threads) {
            Some((histories, how)) => {
                let line = how.lines().next().unwrap_or_default();
                println!("{mutation:?}: caught in history {histories}: {line}");
            }
            None => missed.push(mutation),
        }
    }
    assert!(missed.is_empty(), "not caught: {missed:?}");
    assert!(Mutation::ALL.len() >= 25);
}
