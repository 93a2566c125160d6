//! The tree as HTML, for pages that are read without the app.

use crate::link::Destination;
use crate::tree::{Element, Node};

/// Writes the tree. `opens_outside` is said after links that leave the site.
///
/// The result consists of known elements only, all of them closed; whatever a text holds is escaped.
pub fn write(page: &mut String, tree: &[Node], opens_outside: &str) {
    for node in tree {
        match node {
            Node::Text(text) => escape(page, text),
            Node::Element(element, inside) => {
                open(page, element);
                write(page, inside, opens_outside);
                if let Element::Link(Destination::Outside(_)) = element {
                    page.push_str("<span class=\"visually-hidden\"> (");
                    escape(page, opens_outside);
                    page.push_str(")</span>");
                }
                close(page, element);
            }
        }
    }
}

/// Writes a text so that it is text, also within an attribute's quotes.
pub fn escape(page: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '&' => page.push_str("&amp;"),
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '"' => page.push_str("&quot;"),
            '\'' => page.push_str("&#39;"),
            _ => page.push(letter),
        }
    }
}

fn open(page: &mut String, element: &Element) {
    // A wide table scrolls in a box of its own, and the keyboard must be able to reach that box.
    if *element == Element::Table {
        page.push_str("<div class=\"markdown-table\" tabindex=\"0\">");
    }
    page.push('<');
    page.push_str(element.name());
    match element {
        Element::NumberedList(first) if *first != 1 => {
            attribute(page, "start", &first.to_string());
        }
        Element::Link(Destination::Inside(address)) | Element::Picture(address) => {
            attribute(page, "href", address);
        }
        Element::Link(Destination::Outside(address)) => {
            attribute(page, "href", address);
            attribute(page, "rel", "noopener noreferrer");
        }
        Element::HeadCell => attribute(page, "scope", "col"),
        Element::Cell { is_number: true } => attribute(page, "class", "is-number"),
        Element::Box(is_done) => {
            attribute(page, "type", "checkbox");
            attribute(page, "disabled", "");
            if *is_done {
                attribute(page, "checked", "");
            }
        }
        Element::CodeBlock => attribute(page, "tabindex", "0"),
        _ => {}
    }
    page.push('>');
    if *element == Element::CodeBlock {
        page.push_str("<code>");
    }
}

fn close(page: &mut String, element: &Element) {
    if let Element::Rule | Element::LineBreak | Element::Box(_) = element {
        return;
    }
    if *element == Element::CodeBlock {
        page.push_str("</code>");
    }
    page.push_str("</");
    page.push_str(element.name());
    page.push('>');
    if *element == Element::Table {
        page.push_str("</div>");
    }
}

fn attribute(page: &mut String, name: &str, value: &str) {
    page.push(' ');
    page.push_str(name);
    page.push_str("=\"");
    escape(page, value);
    page.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;

    fn html(text: &str) -> String {
        let mut page = String::new();
        write(&mut page, &parse(text, 2), "outside");
        page
    }

    #[test]
    fn what_is_written_is_what_was_meant() {
        assert_eq!(
            html("# A & B\n\n> *x* **y**\n\n---\na  \nb"),
            "<h2>A &amp; B</h2><blockquote><p><em>x</em> <strong>y</strong></p></blockquote>\
             <hr><p>a<br>b</p>"
        );
        assert_eq!(
            html("3. [x] a"),
            "<ol start=\"3\"><li><input type=\"checkbox\" disabled=\"\" checked=\"\">a</li></ol>"
        );
        assert_eq!(
            html("[t](https://e.org/?a=1&b=\"2\")"),
            "<p><a href=\"https://e.org/?a=1&amp;b=&quot;2&quot;\" rel=\"noopener noreferrer\">t\
             <span class=\"visually-hidden\"> (outside)</span></a></p>"
        );
        assert_eq!(
            html("```\n<b>\n```"),
            "<pre tabindex=\"0\"><code>&lt;b&gt;\n</code></pre>"
        );
        assert_eq!(
            html("| a | b |\n|---|--:|\n| x | 1 |"),
            "<div class=\"markdown-table\" tabindex=\"0\"><table><tr><th scope=\"col\">a</th>\
             <th scope=\"col\">b</th></tr><tr><td>x</td><td class=\"is-number\">1</td></tr></table></div>"
        );
    }
}
