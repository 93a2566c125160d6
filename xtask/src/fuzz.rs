//! Random bytes for every reader of bytes from outside, by the targets in `fuzz/`.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::process;
use crate::sources;
use crate::tools;
use crate::workspace::Workspace;

const FOLDER: &str = "fuzz";
/// What is stored and sent, in hexadecimal digits: where mutations begin.
const FIXTURES: &str = "domain/tests/fixtures";
/// The line in which a run says how many inputs it tried.
const EXECUTED: &str = "stat::number_of_executed_units:";

/// What is tried, and how often.
#[derive(Debug, clap::Args)]
pub(crate) struct FuzzOptions {
    /// Only this target; by default all, one after the other
    #[arg(long)]
    target: Option<String>,
    /// How many inputs each target gets
    #[arg(long, default_value_t = 1_000_000)]
    runs: u64,
    /// No target runs longer than this
    #[arg(long, default_value_t = 3_600)]
    seconds: u64,
    /// The longest input, in bytes
    #[arg(long, default_value_t = 2_048)]
    longest: u32,
    /// `address` also finds misuse of memory, and is several times slower
    #[arg(long, default_value = "none")]
    sanitizer: String,
}

/// Runs the targets. What fails one is left in `fuzz/artifacts/`, and is to become a test.
pub(crate) fn run(workspace: &Workspace, options: &FuzzOptions) -> Result<ExitCode> {
    let path = tools::path_with_cargo_fuzz()?;
    let fuzz = Fuzz {
        folder: workspace.path(FOLDER),
        path,
        sanitizer: &options.sanitizer,
    };
    let mut targets = fuzz.targets()?;
    if let Some(wanted) = &options.target {
        targets.retain(|target| target == wanted);
    }
    if targets.is_empty() {
        bail!("{FOLDER}/fuzz_targets has no such target");
    }
    let seeds = decoded_fixtures(workspace)?;
    println!("Building {}.", targets.join(", "));
    for target in &targets {
        process::run(&mut fuzz.cargo_fuzz("build", target))?;
    }
    let mut failed = 0;
    for target in &targets {
        let log = workspace.target.join("fuzz").join(format!("{target}.log"));
        let (executed, succeeded) = fuzz.run(target, options, &seeds, &log)?;
        let outcome = if succeeded { "nothing found" } else { "FAILED" };
        println!(
            "{target}: {executed} inputs, {outcome} ({})",
            workspace.shown(&log)
        );
        failed += usize::from(!succeeded);
    }
    Ok(if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

struct Fuzz<'a> {
    folder: PathBuf,
    path: std::ffi::OsString,
    sanitizer: &'a str,
}

impl Fuzz<'_> {
    fn targets(&self) -> Result<Vec<String>> {
        let files = sources::below(&self.folder.join("fuzz_targets"))?;
        let name = |file: &sources::Source| Some(file.path.strip_suffix(".rs")?.to_owned());
        Ok(files.iter().filter_map(name).collect())
    }

    /// `cargo fuzz CHORE`, which wants a nightly compiler and works with ours if that lets it.
    fn cargo_fuzz(&self, chore: &str, target: &str) -> Command {
        let mut command = process::cargo();
        command
            .args(["fuzz", chore, "--sanitizer", self.sanitizer, target])
            .env("PATH", &self.path)
            .env("RUSTC_BOOTSTRAP", "1")
            .env_remove("CARGO_TARGET_DIR")
            .current_dir(&self.folder);
        command
    }

    /// How many inputs were tried, and whether all passed.
    fn run(
        &self,
        target: &str,
        options: &FuzzOptions,
        seeds: &Path,
        log: &Path,
    ) -> Result<(u64, bool)> {
        let corpus = self.folder.join("corpus").join(target);
        fs::create_dir_all(&corpus)?;
        let mut command = self.cargo_fuzz("run", target);
        command.arg(&corpus);
        let own = self.folder.join("seeds").join(target);
        command
            .args(own.is_dir().then_some(own))
            .arg(seeds)
            .arg("--");
        let dictionary = self.folder.join(format!("dictionaries/{target}.dict"));
        if dictionary.is_file() {
            command.arg(format!("-dict={}", dictionary.display()));
        }
        command
            .arg(format!("-runs={}", options.runs))
            .arg(format!("-max_total_time={}", options.seconds))
            .arg(format!("-max_len={}", options.longest))
            .args(["-timeout=20", "-rss_limit_mb=2048", "-print_final_stats=1"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().context("cannot run cargo")?;
        let mut written =
            File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
        let mut executed = 0;
        let said = child.stderr.take().context("it was asked for")?;
        for line in BufReader::new(said).split(b'\n') {
            let line = line?;
            written.write_all(&line)?;
            written.write_all(b"\n")?;
            let text = String::from_utf8_lossy(&line);
            if let Some(count) = text.strip_prefix(EXECUTED) {
                executed = count.trim().parse().unwrap_or(0);
            }
        }
        Ok((executed, child.wait()?.success()))
    }
}

/// The fixtures as bytes, in a folder of their own.
fn decoded_fixtures(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target.join("fuzz").join("fixtures");
    fs::create_dir_all(&folder)?;
    for version in fs::read_dir(workspace.path(FIXTURES))? {
        let version = version?;
        for fixture in fs::read_dir(version.path())? {
            let fixture = fixture?.path();
            let name = [
                version.file_name(),
                fixture.file_name().unwrap_or_default().into(),
            ];
            let to = folder.join(
                name.map(|part| part.to_string_lossy().into_owned())
                    .join("-"),
            );
            let content = fs::read(&fixture)?;
            let is_hexadecimal = fixture.extension().is_some_and(|it| it == "hex");
            fs::write(
                to,
                if is_hexadecimal {
                    bytes(&content)
                } else {
                    content
                },
            )?;
        }
    }
    Ok(folder)
}

/// The bytes of hexadecimal digits; what is none is passed over.
fn bytes(digits: &[u8]) -> Vec<u8> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).map(|digit| digit as u8);
    let digits: Vec<u8> = digits.iter().filter_map(digit).collect();
    let (pairs, _) = digits.as_chunks::<2>();
    pairs.iter().map(|[high, low]| high << 4 | low).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn digits_on_several_lines_are_bytes() {
        assert_eq!(super::bytes(b"00ff\n1a\n"), [0, 255, 26]);
    }
}
