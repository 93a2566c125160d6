//! What Keruen exports, as others read it: calendars, schedules and tables of the samples and of real schedules,
//! in each language.
//!
//! `icalendar` (by its own tables of zones), `ical.js` (by the rules that stand in the file), `lxml` with the
//! schema of frab schedules, `jsonschema` and Python's `csv` must find the same sessions at the same instants.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::demo;
use crate::process;
use crate::tools;
use crate::workspace::Workspace;

/// What reads them.
const FOLDER: &str = "xtask/exports";
/// The formats and the ends of their names.
const FORMATS: [(&str, &str); 4] = [
    ("ical", "ics"),
    ("frab-xml", "xml"),
    ("frab-json", "json"),
    ("csv", "csv"),
];
const LANGUAGES: [&str; 3] = ["kk", "ru", "en"];

/// Exports everything, and says whether all was read.
pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode> {
    read_all(workspace)?;
    println!("Everything that is exported is read by others.");
    Ok(ExitCode::SUCCESS)
}

/// Fails if anything was not read, or not as what it is.
pub(crate) fn read_all(workspace: &Workspace) -> Result<()> {
    let programs = tools::ensure_readers(workspace)?;
    let keruen = build_server(workspace)?;
    let folder = workspace.target.join("exports").join("run");
    if folder.exists() {
        fs::remove_dir_all(&folder)
            .with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    for sample in demo::sample_files(&workspace.path("samples"))? {
        export(&keruen, &sample, &folder)?;
    }
    let schedules = corpus(workspace);
    match &schedules {
        Some(schedules) => {
            for file in files_of(schedules)? {
                export(&keruen, &file, &folder)?;
            }
        }
        None => println!("No real schedules and schemas: KERUEN_CORPUS names no folder with them."),
    }
    process::run(
        Command::new(programs.join("python"))
            .arg(workspace.path(FOLDER).join("read.py"))
            .arg(&folder)
            .args(&schedules),
    )?;
    match modules(workspace)? {
        Some(modules) => process::run(
            Command::new("node")
                .arg(workspace.path(FOLDER).join("calendars.mjs"))
                .args([&folder, &modules]),
        ),
        None => {
            println!("Warning: ical.js was not asked, because node and npm are missing.");
            Ok(())
        }
    }
}

/// Imports a file and writes each of its events in each format and language. A file that is no schedule, such as
/// a schema, is passed over.
fn export(keruen: &Path, file: &Path, folder: &Path) -> Result<()> {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let parent = file.parent().and_then(Path::file_name).unwrap_or_default();
    let name = format!("{}-{name}", parent.to_string_lossy());
    let data = folder.join(format!("{name}.data"));
    let imported = Command::new(keruen)
        .args(["import", "--yes"])
        .arg(file)
        .arg("--data")
        .arg(&data)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .context("cannot start keruen")?;
    if !imported.success() {
        return Ok(());
    }
    for (index, event) in events(file)?.iter().enumerate() {
        for language in LANGUAGES {
            for (format, end) in FORMATS {
                let output = folder.join(format!("{name}-{index}-{language}.{end}"));
                let mut command = Command::new(keruen);
                command
                    .args(["export", event, "--format", format])
                    .args(["--language", language, "--output"])
                    .arg(output)
                    .arg("--data")
                    .arg(&data)
                    .stderr(Stdio::null());
                process::run(&mut command)?;
            }
        }
    }
    Ok(())
}

/// What a file's events are called. One of another format than Keruen's has one only, which needs no name.
fn events(file: &Path) -> Result<Vec<String>> {
    let bytes = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let content: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let events = content["events"].as_array().into_iter().flatten();
    let titles: Vec<String> = events
        .filter_map(|event| event["title"]["en"].as_str())
        .map(str::to_owned)
        .collect();
    if titles.is_empty() {
        return Ok(vec![String::new()]);
    }
    Ok(titles)
}

/// The folder with real schedules and with the schemas of theirs.
fn corpus(workspace: &Workspace) -> Option<PathBuf> {
    let folder = std::env::var_os("KERUEN_CORPUS")?;
    let schedules = workspace.root.join(folder).join("schedules");
    schedules
        .join("schedule.xml.xsd")
        .exists()
        .then_some(schedules)
}

fn files_of(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        files.push(entry?.path());
    }
    files.sort();
    Ok(files)
}

/// The folder in which `ical.js` is, in the version that the lock file names; `None` without node and npm.
fn modules(workspace: &Workspace) -> Result<Option<PathBuf>> {
    let (Some(_), Some(npm)) = (process::find_on_path("node"), process::find_on_path("npm")) else {
        return Ok(None);
    };
    let folder = workspace.target.join("exports").join("node");
    let wanted = workspace.path(FOLDER).join("package-lock.json");
    let installed = folder.join("installed");
    let lock =
        fs::read_to_string(&wanted).with_context(|| format!("cannot read {}", wanted.display()))?;
    if fs::read_to_string(&installed).is_ok_and(|last| last == lock) {
        return Ok(Some(folder));
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    for name in ["package.json", "package-lock.json"] {
        let from = workspace.path(FOLDER).join(name);
        fs::copy(&from, folder.join(name))
            .with_context(|| format!("cannot copy {}", from.display()))?;
    }
    println!("Installing ical.js, which reads calendars (seconds, by npm).");
    process::run(
        Command::new(npm)
            .args([
                "ci",
                "--silent",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
            ])
            .current_dir(&folder),
    )?;
    fs::write(&installed, lock)
        .with_context(|| format!("cannot write into {}", folder.display()))?;
    Ok(Some(folder))
}

fn build_server(workspace: &Workspace) -> Result<PathBuf> {
    process::run(
        process::cargo()
            .args(["build", "--quiet", "--package", "keruen-server"])
            .current_dir(&workspace.root),
    )?;
    let name = format!("keruen{}", std::env::consts::EXE_SUFFIX);
    let program = workspace.target.join("debug").join(name);
    if !program.exists() {
        bail!("{} was not built", program.display());
    }
    Ok(program)
}
