//! Refuses a build whose scripts could turn text into markup.
//!
//! The server's security policy makes browsers refuse that (Trusted Types), so such a build would
//! fail on a phone, and perhaps only on one page. The glue script of the wasm names every function
//! of the browser that the program calls: what is not in it is not called.

use std::path::Path;

use anyhow::{Result, bail};

use super::{extension, files_below, read_text};

/// What makes elements, documents or code from text.
const SINKS: [&str; 7] = [
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "createContextualFragment",
    "parseFromString",
    "setHTMLUnsafe",
    "srcdoc",
];

/// How leptos makes elements from text: it fills a template and takes its content out.
///
/// `innerHTML` itself says nothing: leptos also names it to empty an attribute that we never use
/// (`cargo xtask check` sees to that).
const TEMPLATE_CONTENT: &str = ".content";

/// Fails when a script of the build holds one of them.
pub(super) fn refuse(folder: &Path) -> Result<()> {
    for path in files_below(folder)? {
        if extension(&path) != "js" {
            continue;
        }
        let script = read_text(&folder.join(&path))?;
        if let Some(sink) = SINKS.iter().find(|sink| script.contains(**sink)) {
            bail!("{path} uses `{sink}`, which the security policy forbids");
        }
        if script.contains("innerHTML") && uses_templates(&script) {
            bail!(
                "{path} makes elements from an HTML string, which the security policy forbids. \
                 leptos does so where everything in an element of a view is literal. Make one of \
                 its attributes an expression, such as `class=CLASS` with a constant"
            );
        }
    }
    Ok(())
}

fn uses_templates(script: &str) -> bool {
    script.match_indices(TEMPLATE_CONTENT).any(|(at, found)| {
        let next = script[at + found.len()..].chars().next();
        !next.is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{SINKS, refuse};

    fn refusal(script: &str) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("snippets")).unwrap();
        fs::write(folder.path().join("index.html"), "<p>outerHTML").unwrap();
        fs::write(folder.path().join("snippets/app.js"), script).unwrap();
        refuse(folder.path()).err().map(|error| error.to_string())
    }

    #[test]
    fn every_sink_is_refused_with_its_file() {
        for sink in SINKS {
            let message = refusal(&format!("f: function(a, b) {{ a.{sink} = b; }}")).unwrap();
            assert!(message.contains(sink), "{message}");
            assert!(message.starts_with("snippets/app.js"), "{message}");
        }
    }

    #[test]
    fn a_literal_element_is_refused_with_the_cure() {
        let message = refusal("a.innerHTML = b; const ret = a.content;").unwrap();
        assert!(message.contains("class=CLASS"), "{message}");
    }

    #[test]
    fn text_that_stays_text_passes() {
        let script = "a.textContent = b; a.innerText = b; a.contentType; a.innerHTML = '';";
        assert_eq!(refusal(script), None);
    }
}
