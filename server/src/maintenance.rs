//! `keruen check`, `backup` and `restore`: what operators do with the data folder from the command line.

use std::error::Error;
use std::path::PathBuf;

use crate::bucket::{BlockingBucket, BucketOptions};
use crate::config::DataFolder;
use crate::machine;
use crate::store::{self, Elsewhere, Findings};

/// Faults that are printed; a damaged disk may have made thousands.
const SHOWN_FAULTS: usize = 50;

/// What `keruen backup` needs to know.
#[derive(Clone, Debug, clap::Args)]
pub struct BackupArguments {
    /// Folder to be made, with the copy in it
    #[arg(value_name = "COPY")]
    pub to: PathBuf,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub data: DataFolder,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub bucket: BucketOptions,
}

/// What `keruen check` needs to know.
#[derive(Clone, Debug, clap::Args)]
pub struct CheckArguments {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub data: DataFolder,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub bucket: BucketOptions,
}

/// What `keruen restore` needs to know.
#[derive(Clone, Debug, clap::Args)]
pub struct RestoreArguments {
    /// Folder that `keruen backup` made
    #[arg(value_name = "COPY")]
    pub from: PathBuf,

    /// Where to move what lies in the data folder now; without it the folder must be empty
    #[arg(long, value_name = "FOLDER")]
    pub aside: Option<PathBuf>,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub data: DataFolder,
}

/// Looks at everything in the data folder and prints what is wrong. Whether nothing is.
pub fn check(arguments: &CheckArguments) -> Result<bool, Box<dyn Error>> {
    let bucket = BlockingBucket::open(&arguments.bucket)?;
    let elsewhere = bucket.as_ref().map(|bucket| bucket as &dyn Elsewhere);
    let findings = store::check(&arguments.data.path, elsewhere)?;
    for fault in findings.faults.iter().take(SHOWN_FAULTS) {
        println!("{fault}");
    }
    if findings.faults.len() > SHOWN_FAULTS {
        println!("… and {} more", findings.faults.len() - SHOWN_FAULTS);
    }
    println!("{}", summary(&findings));
    Ok(findings.faults.is_empty())
}

/// Copies the data folder and prints what is in the copy.
pub fn back_up(arguments: &BackupArguments) -> Result<(), Box<dyn Error>> {
    let bucket = BlockingBucket::open(&arguments.bucket)?;
    let elsewhere = bucket.as_ref().map(|bucket| bucket as &dyn Elsewhere);
    let findings = store::back_up(&arguments.data.path, &arguments.to, elsewhere)?;
    println!("{}: {}", arguments.to.display(), summary(&findings));
    Ok(())
}

/// Puts a copy back and prints what is in it.
pub fn restore(arguments: &RestoreArguments) -> Result<(), Box<dyn Error>> {
    let fresh = machine::fresh_identity()?;
    let to = &arguments.data.path;
    let findings = store::restore(&arguments.from, to, arguments.aside.as_deref(), fresh)?;
    println!("{}: {}", to.display(), summary(&findings));
    println!("The next exchange of every device starts from the beginning.");
    Ok(())
}

fn summary(findings: &Findings) -> String {
    let Findings {
        scopes,
        records,
        files,
        chunks,
        faults,
    } = findings;
    let faults = faults.len();
    format!("{scopes} scopes, {records} records, {files} files, {chunks} chunks; {faults} faults")
}
