//! Whatever is written in a text, the HTML made of it holds known elements and escaped words only.

use keruen_markdown::{Node, html, parse};
use proptest::prelude::*;

/// The whole vocabulary of the HTML that is made, tag by tag.
const ELEMENTS: [&str; 26] = [
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "pre",
    "code",
    "ul",
    "ol",
    "li",
    "table",
    "tr",
    "th",
    "td",
    "em",
    "strong",
    "del",
    "a",
    "hr",
    "br",
    "input",
    "span",
    "div",
];
const WITHOUT_END: [&str; 3] = ["hr", "br", "input"];
const ATTRIBUTES: [&str; 9] = [
    "start", "href", "rel", "scope", "class", "type", "disabled", "checked", "tabindex",
];
const ENTITIES: [&str; 5] = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"];

/// Reads HTML that is as strict as ours and gives its words back as they were.
///
/// # Panics
///
/// When anything is not from the vocabulary.
fn read_strictly(html: &str) -> String {
    let (mut rest, mut words, mut open) = (html, String::new(), Vec::new());
    while !rest.is_empty() {
        let (text, after) = rest.split_at(rest.find('<').unwrap_or(rest.len()));
        words.push_str(&unescaped(text));
        let Some(after) = after.strip_prefix('<') else {
            break;
        };
        // No value of an attribute holds this character as it is.
        let (tag, after) = after.split_once('>').expect("a tag ends");
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(
                open.pop(),
                Some(name),
                "elements end in their order: {html}"
            );
            continue;
        }
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        assert!(ELEMENTS.contains(&name), "<{name}> in {html}");
        read_attributes(attributes, html);
        if !WITHOUT_END.contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?} is open at the end of {html}");
    words
}

fn read_attributes(mut attributes: &str, html: &str) {
    while !attributes.is_empty() {
        let (name, after) = attributes
            .split_once("=\"")
            .expect("attributes have values");
        assert!(ATTRIBUTES.contains(&name), "{name} in {html}");
        let (value, after) = after.split_once('"').expect("a value ends");
        let value = unescaped(value);
        if name == "href" {
            let is_harmless = ["https://", "http://", "mailto:", "tel:", "/", "#"]
                .iter()
                .any(|start| value.to_ascii_lowercase().starts_with(start));
            assert!(is_harmless && !value.starts_with("//"), "{value} in {html}");
        }
        attributes = after.strip_prefix(' ').unwrap_or(after);
    }
}

fn unescaped(text: &str) -> String {
    assert!(!text.contains(['<', '>', '"', '\'']), "{text}");
    for (at, _) in text.match_indices('&') {
        let known = ENTITIES.iter().any(|entity| text[at..].starts_with(entity));
        assert!(known, "{text}");
    }
    let text = text.replace("&lt;", "<").replace("&gt;", ">");
    let text = text.replace("&quot;", "\"").replace("&#39;", "'");
    text.replace("&amp;", "&")
}

fn words_of(tree: &[Node]) -> String {
    let words = |node: &Node| match node {
        Node::Text(text) => text.clone(),
        Node::Element(_, inside) => words_of(inside),
    };
    tree.iter().map(words).collect()
}

fn written(text: &str) -> (String, String) {
    let tree = parse(text, 2);
    let mut page = String::new();
    html::write(&mut page, &tree, "");
    (page, words_of(&tree))
}

fn check(text: &str) {
    let (page, words) = written(text);
    // What is said of links that lead outside is the only word of ours.
    let read = read_strictly(&page.replace("<span class=\"visually-hidden\"> ()</span>", ""));
    assert_eq!(read, words, "{text:?}");
}

#[test]
fn texts_that_try_it_stay_texts() {
    for text in [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "</div></main><h1>",
        "[a](javascript:alert(1))",
        "[a](https://e.org/\"onmouseover=\"alert(1))",
        "[a](<https://e.org/ onclick=x>)",
        "[a](/x\"><script>)",
        "![\"><script>](https://e.org/x)",
        "`</code><script>`",
        "```html\n</code></pre><script>\n```",
        "&lt;script&gt; &amp;lt; &#60;b&#62;",
        "| <b> | `|` |\n|--|--|\n| </td> | \"' |",
        "<!-- --><![CDATA[ ]]><?php ?>",
        "[a]: https://e.org \"t'><b>\"\n\n[a]",
        "<https://e.org/'><b>",
        "\u{0}<\u{0}script>\u{202e}",
    ] {
        check(text);
    }
}

fn piece() -> impl Strategy<Value = String> {
    let pieces = [
        "<",
        ">",
        "&",
        "\"",
        "'",
        "`",
        "```\n",
        "*",
        "**",
        "~~",
        "_",
        "[",
        "]",
        "(",
        ")",
        "!",
        "#",
        "> ",
        "- ",
        "1. ",
        "- [x] ",
        "|",
        "\n",
        "\n\n",
        "|--|--:|\n",
        "\\",
        "  \n",
        "---\n",
        ":",
        "javascript:",
        "https://",
        "/",
        "<script>",
        "</p>",
        "<a href=\"",
        "onload=",
        "&lt;",
        "&#x3c;",
        "<!--",
        "-->",
        "<![CDATA[",
        "\t",
        "\u{0}",
        "\u{feff}",
        "слово",
        "қ",
        "a b",
    ];
    prop_oneof![
        8 => proptest::sample::select(pieces.to_vec()).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

proptest! {
    #[test]
    fn no_text_becomes_markup(pieces in proptest::collection::vec(piece(), 0..60)) {
        check(&pieces.concat());
    }

    #[test]
    fn escaped_words_are_words(text in any::<String>()) {
        let mut page = String::new();
        html::escape(&mut page, &text);
        prop_assert_eq!(read_strictly(&page), text);
    }
}
