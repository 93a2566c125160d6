//! Keeps functions that make markup from text out of the client's source.
//!
//! The build looks at the finished scripts as well (`post_build::sinks`); this finds the place.

use std::path::Path;

use anyhow::Result;

use crate::sources;

/// Parts of the names under which leptos and web-sys have them.
const NAMES: [&str; 6] = [
    "inner_html",
    "outer_html",
    "adjacent_html",
    "contextual_fragment",
    "html_unsafe",
    "srcdoc",
];

/// Reads all of the client and returns one sentence for each such name.
pub(crate) fn violations(source: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for file in sources::below(source)? {
        found.extend(violations_in(&file.path, &file.code));
    }
    Ok(found)
}

fn violations_in<'code>(
    path: &'code str,
    code: &'code str,
) -> impl Iterator<Item = String> + 'code {
    NAMES
        .iter()
        .filter(move |name| code.contains(**name))
        .map(move |name| {
            format!("src/{path}: `{name}` makes markup from text; create the elements instead")
        })
}

#[cfg(test)]
mod tests {
    use super::violations_in;

    #[test]
    fn each_way_to_make_markup_is_found() {
        for code in [
            "view! { <p inner_html=text></p> }",
            "element.set_outer_html(text)",
            "element.insert_adjacent_html(\"beforeend\", text)",
        ] {
            assert_eq!(violations_in("pages/note.rs", code).count(), 1, "{code}");
        }
        assert_eq!(
            violations_in("pages/note.rs", "element.set_text_content(text)").count(),
            0
        );
    }
}
