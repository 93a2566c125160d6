//! Makes a failing history shorter and simpler, as long as it fails in the same way.

use crate::campaign::failure;
use crate::tape::{Step, Tape};

/// The simplest tape found that fails as this one does, and how it fails.
pub fn shrink(tape: &Tape, how: &str) -> (Tape, String) {
    let mut best = tape.clone();
    let mut said = how.to_owned();
    loop {
        let before = best.clone();
        drop_steps(&mut best, &mut said);
        simplify_bytes(&mut best, &mut said);
        if best == before {
            return (best, said);
        }
    }
}

/// What two failures of one kind have in common: the words before the first detail.
fn kind(said: &str) -> &str {
    let end = said.find([':', '{', '[', '(']).unwrap_or(said.len());
    said[..end].trim_end_matches(|letter: char| !letter.is_alphabetic())
}

fn try_tape(candidate: Tape, best: &mut Tape, said: &mut String) -> bool {
    match failure(&candidate) {
        Some(how) if kind(&how) == kind(said) => {
            *best = candidate;
            *said = how;
            true
        }
        _ => false,
    }
}

fn drop_steps(best: &mut Tape, said: &mut String) {
    let mut span = best.steps.len().next_power_of_two();
    while span > 0 {
        let mut start = 0;
        while start < best.steps.len() {
            let mut candidate = best.clone();
            let end = (start + span).min(candidate.steps.len());
            candidate.steps.drain(start..end);
            if !try_tape(candidate, best, said) {
                start += span;
            }
        }
        span /= 2;
    }
}

fn simplify_bytes(best: &mut Tape, said: &mut String) {
    for number in 0..=best.steps.len() {
        for place in 0..Step::BYTES {
            let byte = step(best, number).bytes()[place];
            // Without each of its bits, for a byte that is a set; else smaller.
            let simpler = (0..8).map(|bit| byte & !(1 << bit)).rev();
            for value in std::iter::once(0).chain([byte / 2]).chain(simpler) {
                let mut candidate = best.clone();
                let mut bytes = step(&candidate, number).bytes();
                if value >= bytes[place] {
                    continue;
                }
                bytes[place] = value;
                *step_mut(&mut candidate, number) = Step::from_bytes(bytes);
                try_tape(candidate, best, said);
            }
        }
    }
}

fn step(tape: &Tape, number: usize) -> Step {
    match number.checked_sub(1) {
        None => tape.world,
        Some(position) => tape.steps[position],
    }
}

fn step_mut(tape: &mut Tape, number: usize) -> &mut Step {
    match number.checked_sub(1) {
        None => &mut tape.world,
        Some(position) => &mut tape.steps[position],
    }
}
