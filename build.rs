//! Compiles `locales/` into the typed messages of `src/i18n/`.
//!
//! Every fault of a locale file ends the build with the file and the key.

#[path = "build/emit.rs"]
mod emit;
#[path = "build/locales.rs"]
mod locales;

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use locales::{LANGUAGES, Source};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=locales");
    println!("cargo::rerun-if-changed=build");
    // What is cut in two must say which bytes mean which function.
    if env::var_os("CARGO_FEATURE_SPLIT").is_some() {
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }

    let sources = read_sources(Path::new("locales"))?;
    match locales::compile(&sources) {
        Ok(messages) => {
            let folder = env::var_os("OUT_DIR")
                .map(PathBuf::from)
                .unwrap_or_default();
            fs::write(folder.join("messages.rs"), emit::rust(&messages))
        }
        Err(problems) => {
            for problem in problems {
                println!("cargo::error={problem}");
            }
            Ok(())
        }
    }
}

/// All locale files, in a fixed order: by language, then by name.
fn read_sources(folder: &Path) -> io::Result<Vec<Source>> {
    let mut sources = Vec::new();
    for language in &LANGUAGES {
        let mut paths = fs::read_dir(folder.join(language.code))?
            .map(|entry| Ok(entry?.path()))
            .collect::<io::Result<Vec<PathBuf>>>()?;
        paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
        paths.sort();
        for path in paths {
            let area = path.file_stem().and_then(|stem| stem.to_str());
            sources.push(Source {
                language: language.code,
                area: area.unwrap_or_default().to_owned(),
                text: fs::read_to_string(&path)?,
            });
        }
    }
    Ok(sources)
}
