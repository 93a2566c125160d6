//! Counts tests while their output goes by.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, ExitCode, Stdio};
use std::thread;

use anyhow::{Context, Result};

use crate::process;

/// What has passed and failed so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    passed: usize,
    failed: usize,
    /// Where something failed, to be named at the end.
    failures: Vec<String>,
}

/// What one program reported.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Counts {
    passed: usize,
    failed: usize,
}

impl Tally {
    /// Counts something that is one thing.
    pub(super) fn record(&mut self, name: &str, result: Result<()>) {
        match result {
            Ok(()) => self.passed += 1,
            Err(error) => {
                eprintln!("xtask: {error:#}");
                self.failed += 1;
                self.failures.push(name.to_owned());
            }
        }
    }

    /// Runs a test program, shows what it says, and counts what it reports.
    pub(super) fn run(&mut self, name: &str, command: &mut Command) {
        println!("Testing {name}.");
        match watch(command) {
            Ok((counts, has_succeeded)) => {
                self.passed += counts.passed;
                self.failed += counts.failed;
                if !has_succeeded && counts.failed == 0 {
                    // It ended before it could count, for example because it did not compile.
                    eprintln!("xtask: `{}` failed", process::shown(command));
                    self.failed += 1;
                }
                if !has_succeeded || counts.failed > 0 {
                    self.failures.push(name.to_owned());
                }
            }
            Err(error) => self.record(name, Err(error)),
        }
    }

    /// Prints the sum as the last line.
    pub(super) fn finish(self) -> ExitCode {
        if !self.failures.is_empty() {
            println!("Failed: {}.", self.failures.join(", "));
        }
        println!("{} passed, {} failed", self.passed, self.failed);
        if self.failed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

/// Passes the program's output on while counting.
fn watch(command: &mut Command) -> Result<(Counts, bool)> {
    let shown = process::shown(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{shown}`"))?;
    let errors = child.stderr.take();
    let beside = thread::spawn(move || {
        errors.map_or_else(Counts::default, |pipe| pass_on(pipe, std::io::stderr()))
    });
    let mut counts = child
        .stdout
        .take()
        .map_or_else(Counts::default, |pipe| pass_on(pipe, std::io::stdout()));
    if let Ok(more) = beside.join() {
        counts.passed += more.passed;
        counts.failed += more.failed;
    }
    let status = child.wait()?;
    Ok((counts, status.success()))
}

fn pass_on(from: impl Read, mut to: impl Write) -> Counts {
    let mut counts = Counts::default();
    for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
        let text = String::from_utf8_lossy(&line);
        if let Some(found) = counts_in(&text) {
            counts.passed += found.passed;
            counts.failed += found.failed;
        }
        // When nobody reads on, there is nobody to tell.
        let _ = writeln!(to, "{text}");
    }
    counts
}

/// Reads the summary line of cargo's own tests, of nextest, or of tests in a browser.
fn counts_in(line: &str) -> Option<Counts> {
    let summary = line.trim_start();
    let items = match summary.strip_prefix("test result: ") {
        Some(rest) => rest.split_once(". ")?.1,
        None => summary.strip_prefix("Summary [")?.split_once("run: ")?.1,
    };
    let mut counts = Counts::default();
    for item in items.split([',', ';']) {
        let mut words = item.split_whitespace();
        let Some(number) = words.next().and_then(|word| word.parse::<usize>().ok()) else {
            continue;
        };
        match words.collect::<Vec<_>>().as_slice() {
            ["passed", ..] => counts.passed += number,
            ["failed", ..] | ["timed", "out", ..] | ["exec", "failed", ..] => {
                counts.failed += number;
            }
            _ => {}
        }
    }
    Some(counts)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{Counts, Tally, counts_in};

    #[test]
    fn every_kind_of_summary_is_read() {
        let of = |passed, failed| Some(Counts { passed, failed });
        for (line, counts) in [
            (
                "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out",
                of(3, 0),
            ),
            (
                "test result: FAILED. 3 passed; 2 failed; 0 ignored",
                of(3, 2),
            ),
            (
                "     Summary [   0.005s] 2 tests run: 2 passed, 0 skipped",
                of(2, 0),
            ),
            (
                "     Summary [   9.1s] 5 tests run: 2 passed (1 slow), 1 failed, 2 timed out, 0 skipped",
                of(2, 3),
            ),
            ("Summary of the day", None),
            ("", None),
        ] {
            assert_eq!(counts_in(line), counts, "{line}");
        }
    }

    #[test]
    fn a_program_that_fails_without_counting_is_one_failure() {
        let mut tally = Tally::default();
        tally.run("broken", Command::new("false").arg("--flag"));
        tally.run("fine", &mut Command::new("true"));
        assert_eq!((tally.passed, tally.failed), (0, 1));
        assert_eq!(tally.failures, ["broken"]);
    }
}
