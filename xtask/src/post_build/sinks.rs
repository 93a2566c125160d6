//! Refuses a build whose scripts could turn text into markup.
//!
//! The server's security policy makes browsers refuse that (Trusted Types), so such a build would
//! fail on a phone, and perhaps only on one page. The glue script of the wasm names every function
//! of the browser that the program calls: what is not in it is not called.

use std::path::Path;

use anyhow::{Result, bail};

use super::{extension, files_below, read_text};

/// What makes elements, documents or code from text.
const SINKS: [&str; 8] = [
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "createContextualFragment",
    "parseFromString",
    "setHTMLUnsafe",
    "srcdoc",
];

/// Fails when a script of the build holds one of them.
pub(super) fn refuse(folder: &Path) -> Result<()> {
    for path in files_below(folder)? {
        if extension(&path) != "js" {
            continue;
        }
        let script = read_text(&folder.join(&path))?;
        if let Some(sink) = SINKS.iter().find(|sink| script.contains(**sink)) {
            bail!(
                "{path} uses `{sink}`, which the security policy forbids. The usual cause is an \
                 element of a view in which everything is literal: leptos makes it from an HTML \
                 string. Make one of its attributes an expression, such as `class=CLASS` with a \
                 constant"
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{SINKS, refuse};

    fn refusal(script: &str) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("snippets")).unwrap();
        fs::write(folder.path().join("index.html"), "<p>innerHTML").unwrap();
        fs::write(folder.path().join("snippets/app.js"), script).unwrap();
        refuse(folder.path()).err().map(|error| error.to_string())
    }

    #[test]
    fn every_sink_is_refused_with_the_file_and_the_cure() {
        for sink in SINKS {
            let message = refusal(&format!("f: function(a, b) {{ a.{sink} = b; }}")).unwrap();
            assert!(message.contains(sink), "{message}");
            assert!(message.starts_with("snippets/app.js"), "{message}");
            assert!(message.contains("class=CLASS"), "{message}");
        }
    }

    #[test]
    fn text_that_stays_text_passes() {
        assert_eq!(refusal("a.textContent = b; a.innerText = b;"), None);
    }
}
