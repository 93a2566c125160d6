//! Joins the style sheets of the entry page into one.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

use super::html::{attribute, tags};
use super::{read_text, write};

/// The one style sheet, before it is named by its content.
const JOINED: &str = "keruen.css";

/// Replaces all style sheets that `index.html` links by one, in their order.
pub(super) fn join(folder: &Path) -> Result<()> {
    let page = folder.join("index.html");
    let mut html = read_text(&page)?;
    let mut joined = String::new();
    let links: Vec<_> = tags(&html, "link")
        .into_iter()
        .filter(|range| attribute(&html[range.clone()], "rel") == Some("stylesheet"))
        .collect();
    let Some(first) = links.first().cloned() else {
        return Ok(());
    };
    for link in &links {
        let tag = &html[link.clone()];
        if attribute(tag, "media").is_some() {
            bail!("`{tag}` has a medium of its own; put @media into the style sheet instead");
        }
        let path = attribute(tag, "href")
            .and_then(|href| href.strip_prefix('/'))
            .with_context(|| format!("`{tag}` names no file of the build"))?;
        let file = folder.join(path);
        joined.push_str(&without_white_space(&without_comments(&read_text(&file)?)));
        fs::remove_file(&file)?;
    }
    for link in links.iter().rev() {
        html.replace_range(link.clone(), "");
    }
    html.insert_str(
        first.start,
        &format!("<link rel=\"stylesheet\" href=\"/{JOINED}\">"),
    );
    write(&folder.join(JOINED), joined)?;
    write(&page, html)
}

/// Removes the white space that separates nothing. Strings are left alone.
fn without_white_space(sheet: &str) -> String {
    let mut kept = String::with_capacity(sheet.len());
    let mut rest = sheet.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' | '\'' => token_length(rest),
            _ => first.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        if first.is_whitespace() {
            rest = rest.trim_start();
            let separates =
                !kept.ends_with(['{', '}', ';', ',']) && !rest.starts_with(['{', '}', ';', ',']);
            if separates && !rest.is_empty() {
                kept.push(' ');
            }
        } else {
            if first == '}' && kept.ends_with(';') {
                kept.pop();
            }
            kept.push_str(token);
        }
    }
    kept
}

/// Removes comments: they are for readers of the source, not for phones. Strings are left alone.
fn without_comments(sheet: &str) -> String {
    let mut kept = String::with_capacity(sheet.len());
    let mut rest = sheet;
    while let Some(at) = rest.find(['"', '\'', '/']) {
        let (before, from) = rest.split_at(at);
        kept.push_str(before);
        rest = if let Some(comment) = from.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, after)| after)
        } else {
            let length = token_length(from);
            kept.push_str(&from[..length]);
            &from[length..]
        };
    }
    kept.push_str(rest);
    kept
}

/// The length of a string with its quotes, or of a single slash.
fn token_length(text: &str) -> usize {
    let mut letters = text.char_indices();
    let Some((_, quote @ ('"' | '\''))) = letters.next() else {
        return 1;
    };
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' {
            letters.next();
        } else if letter == quote {
            return at + 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{join, without_comments, without_white_space};

    #[test]
    fn white_space_that_separates_stays() {
        let sheet = "a :hover,\n  b > c {\n  content: \" {  } \";\n  margin: 0 auto;\n}\n@media (width < 9px) and (x) { d { e: f; } }\n";
        assert_eq!(
            without_white_space(sheet),
            "a :hover,b > c{content: \" {  } \";margin: 0 auto}@media (width < 9px) and (x){d{e: f}}"
        );
    }

    #[test]
    fn comments_go_and_strings_stay() {
        assert_eq!(
            without_comments("/* a */p{content:\"/* b \\\" */\"}/**/i{width:calc(1px/2)}/* open"),
            "p{content:\"/* b \\\" */\"}i{width:calc(1px/2)}"
        );
    }

    #[test]
    fn sheets_become_one_in_the_order_of_the_page() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        fs::write(file("b.css"), "b{}\n").unwrap();
        fs::write(file("a.css"), "a{}").unwrap();
        let page = "<head><link rel=\"stylesheet\" href=\"/b.css\"/>\
                    <link rel=\"icon\" href=\"/i.svg\">\
                    <link rel=\"stylesheet\" href=\"/a.css\"/></head>";
        fs::write(file("index.html"), page).unwrap();

        join(folder.path()).unwrap();

        assert_eq!(
            fs::read_to_string(file("index.html")).unwrap(),
            "<head><link rel=\"stylesheet\" href=\"/keruen.css\">\
             <link rel=\"icon\" href=\"/i.svg\"></head>"
        );
        assert_eq!(fs::read_to_string(file("keruen.css")).unwrap(), "b{}a{}");
        assert!(!file("a.css").exists());
    }
}
