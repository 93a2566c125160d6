//! Whole histories: devices with several tabs that crash, a network that loses, doubles and delays,
//! a server that is busy, wrong clocks, full storage, refused and lost tokens. One seed is one
//! history.
//!
//! `KERUEN_SEED=17 cargo test -p keruen-domain --test simulation` plays one history alone,
//! `KERUEN_HISTORIES=10000` more of them.

mod device;
mod people;
mod random;
mod server;
mod store;
mod told;
mod world;

use std::env;

use told::Told;
use world::World;

const HISTORIES: u64 = 300;

fn number(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    Some(text.parse().expect("the variable holds a number"))
}

#[test]
fn nothing_is_lost_and_all_become_equal() {
    let seeds = match number("KERUEN_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("KERUEN_HISTORIES").unwrap_or(HISTORIES),
    };
    let many = seeds.end - seeds.start >= HISTORIES;
    let mut all = Told::default();
    for seed in seeds {
        let played = std::panic::catch_unwind(|| World::new(seed).play());
        match played {
            Ok(told) => all.add(told),
            Err(panic) => {
                eprintln!("the history of KERUEN_SEED={seed} failed");
                std::panic::resume_unwind(panic);
            }
        }
    }
    // The histories would prove little if nothing of all this happened in them.
    if many {
        all.must_have_everything();
    }
}

#[test]
fn a_seed_is_one_history() {
    assert_eq!(World::new(5).play(), World::new(5).play());
    assert_ne!(World::new(5).play(), World::new(6).play());
}
