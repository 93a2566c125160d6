//! What a first visit downloads, against its budget.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::client::{self, ClientProfile};
use crate::post_build::files_below;
use crate::tools::{self, Needs};
use crate::workspace::Workspace;

/// HTML, style, scripts and wasm until the app can be used, compressed.
const FIRST_VISIT_BUDGET_BYTES: u64 = 300_000;

/// A file of the build as it lies there and as it travels.
struct Weight {
    path: String,
    raw_bytes: u64,
    brotli_bytes: u64,
}

/// Builds the small client if need be and prints the table; fails over budget.
pub(crate) fn run(workspace: &Workspace) -> Result<ExitCode> {
    let tools = tools::set_up(workspace, Needs::CLIENT)?;
    let folder = client::build(workspace, &tools, ClientProfile::Release)?;
    let page = fs::read_to_string(folder.join("index.html"))?;
    let (first, later): (Vec<Weight>, Vec<Weight>) = weigh(&folder)?
        .into_iter()
        .partition(|weight| is_needed_at_first(&page, &weight.path));

    println!("{:>12} {:>12}  first visit", "raw", "brotli");
    let first_bytes = print(&first);
    println!(
        "\n{:>12} {:>12}  kept for later by the service worker",
        "raw", "brotli"
    );
    print(&later);
    println!("\nA first visit is {first_bytes} bytes; the budget is {FIRST_VISIT_BUDGET_BYTES}.");
    if first_bytes > FIRST_VISIT_BUDGET_BYTES {
        eprintln!(
            "xtask: over budget by {} bytes",
            first_bytes - FIRST_VISIT_BUDGET_BYTES
        );
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// The page itself and the assets that it names; icons and the manifest come later.
fn is_needed_at_first(page: &str, path: &str) -> bool {
    path == "index.html" || (path.starts_with("assets/") && page.contains(path))
}

fn weigh(folder: &Path) -> Result<Vec<Weight>> {
    let mut weights = Vec::new();
    for path in files_below(folder)? {
        if path.ends_with(".br") || path.ends_with(".gz") {
            continue;
        }
        let raw_bytes = bytes_of(&folder.join(&path))?;
        let compressed = folder.join(format!("{path}.br"));
        let brotli_bytes = if compressed.is_file() {
            bytes_of(&compressed)?
        } else {
            raw_bytes
        };
        weights.push(Weight {
            path,
            raw_bytes,
            brotli_bytes,
        });
    }
    weights.sort_by_key(|weight| std::cmp::Reverse(weight.brotli_bytes));
    Ok(weights)
}

fn bytes_of(file: &Path) -> Result<u64> {
    let metadata =
        fs::metadata(file).with_context(|| format!("cannot look at {}", file.display()))?;
    Ok(metadata.len())
}

/// Prints the files and their sum, and returns the sum as it travels.
fn print(weights: &[Weight]) -> u64 {
    for Weight {
        path,
        raw_bytes,
        brotli_bytes,
    } in weights
    {
        println!("{raw_bytes:>12} {brotli_bytes:>12}  {path}");
    }
    let raw: u64 = weights.iter().map(|weight| weight.raw_bytes).sum();
    let brotli = weights.iter().map(|weight| weight.brotli_bytes).sum();
    println!("{raw:>12} {brotli:>12}  together");
    brotli
}

#[cfg(test)]
mod tests {
    use super::is_needed_at_first;

    #[test]
    fn only_what_the_page_names_belongs_to_the_first_visit() {
        let page = "<link href=\"/assets/keruen-1.css\"><link href=\"/icons/icon.svg\">";
        assert!(is_needed_at_first(page, "index.html"));
        assert!(is_needed_at_first(page, "assets/keruen-1.css"));
        assert!(!is_needed_at_first(page, "assets/editor-1.wasm"));
        assert!(!is_needed_at_first(page, "icons/icon.svg"));
    }
}
