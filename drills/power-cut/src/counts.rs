//! What was acknowledged and what is there: a number for each writer, which has written 1, 2, 3….

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// The number of the last write that was acknowledged to this writer.
pub(crate) fn acknowledged(host: &Path, writer: usize) -> u64 {
    let text = fs::read_to_string(file(host, writer)).unwrap_or_default();
    text.trim().parse().unwrap_or(0)
}

/// Notes it where it survives.
pub(crate) struct Acknowledgements(File);

impl Acknowledgements {
    /// Goes on where the last run of this writer ended.
    pub(crate) fn open(host: &Path, writer: usize) -> Result<Self> {
        let path = file(host, writer);
        let mut options = File::options();
        let file = options.write(true).create(true).truncate(false).open(&path);
        let file = file.with_context(|| format!("cannot open {}", path.display()))?;
        Ok(Self(file))
    }

    /// This write was acknowledged.
    pub(crate) fn note(&self, number: u64) -> Result<()> {
        // Always as wide, so that no reader sees half of a number.
        Ok(self.0.write_all_at(format!("{number:10}").as_bytes(), 0)?)
    }
}

/// Forgets all of them.
pub(crate) fn forget(host: &Path, writers: usize) {
    for writer in 0..writers {
        // What is not there is not in the way.
        let _ = fs::remove_file(file(host, writer));
    }
}

fn file(host: &Path, writer: usize) -> std::path::PathBuf {
    host.join(format!("acknowledged-{writer}"))
}

/// Says what a check has found, all of it at once.
pub(crate) fn report(host: &Path, found: &Result<Vec<u64>>) -> Result<()> {
    let text = match found {
        Ok(counts) => {
            let counts: Vec<String> = counts.iter().map(u64::to_string).collect();
            format!("found {}", counts.join(" "))
        }
        Err(error) => format!("broken {error:#}"),
    };
    fs::write(host.join("half"), text)?;
    Ok(fs::rename(host.join("half"), host.join("result"))?)
}

/// What a check has found.
pub(crate) fn found(host: &Path, writers: usize) -> Result<Vec<u64>> {
    let text = fs::read_to_string(host.join("result")).context("the check said nothing")?;
    let Some(counts) = text.trim().strip_prefix("found ") else {
        bail!("{}", text.trim());
    };
    let counts: Result<Vec<u64>, _> = counts.split(' ').map(str::parse).collect();
    let counts = counts.context("the check said something else")?;
    if counts.len() != writers {
        bail!("the check knows of {} writers", counts.len());
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn what_is_noted_is_read_and_forgotten() -> Result<()> {
        let host = tempfile::tempdir()?;
        assert_eq!(acknowledged(host.path(), 1), 0);
        let notes = Acknowledgements::open(host.path(), 1)?;
        notes.note(9)?;
        notes.note(10)?;
        assert_eq!(acknowledged(host.path(), 1), 10);
        let again = Acknowledgements::open(host.path(), 1)?;
        assert_eq!(acknowledged(host.path(), 1), 10, "it goes on");
        again.note(11)?;
        assert_eq!(acknowledged(host.path(), 1), 11);
        forget(host.path(), 2);
        assert_eq!(acknowledged(host.path(), 1), 0);
        Ok(())
    }

    #[test]
    fn what_is_broken_or_missing_is_never_a_count() -> Result<()> {
        let host = tempfile::tempdir()?;
        assert!(found(host.path(), 2).is_err());
        report(host.path(), &Ok(vec![3, 4]))?;
        assert_eq!(found(host.path(), 2)?, [3, 4]);
        assert!(found(host.path(), 3).is_err());
        report(host.path(), &Err(anyhow!("one fault")))?;
        let why = found(host.path(), 2).expect_err("it is broken");
        assert_eq!(why.to_string(), "broken one fault");
        Ok(())
    }
}
