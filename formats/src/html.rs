//! HTML fragments to Markdown, for abstracts that conference software stores as HTML.
//!
//! Not a browser: it knows the few tags that people use in abstracts, drops the others and keeps
//! their text, and never lets a script's or style's content through. What it makes is text that
//! the client renders without any HTML.

/// Tags by which a text is taken for HTML. Texts about HTML rarely close these around prose.
const TELLING: [&str; 12] = [
    "<p>",
    "<p ",
    "<br>",
    "<br/>",
    "<br />",
    "</a>",
    "</p>",
    "</li>",
    "</strong>",
    "</em>",
    "</div>",
    "</i>",
];

/// Whether the text is HTML rather than plain text or Markdown.
pub(crate) fn is_likely(text: &str) -> bool {
    if !text.contains('<') {
        return false;
    }
    let lower = text.to_ascii_lowercase();
    // Inline code may quote tags in a Markdown text.
    TELLING.iter().any(|tag| lower.contains(tag)) && !lower.contains('`')
}

/// The text of the HTML with its emphasis, links, lists and paragraphs as Markdown.
pub(crate) fn to_markdown(html: &str) -> String {
    let mut writer = Writer::default();
    let mut rest = html;
    while let Some(position) = rest.find('<') {
        writer.text(&rest[..position]);
        let from_tag = &rest[position..];
        match Tag::parse(from_tag) {
            Some((tag, length)) => {
                rest = &from_tag[length..];
                if tag.hides_content() {
                    rest = after_closing(rest, &tag.name);
                } else {
                    writer.tag(tag);
                }
            }
            None => {
                writer.text("<");
                rest = &from_tag[1..];
            }
        }
    }
    writer.text(rest);
    writer.finish()
}

struct Tag {
    name: String,
    closes: bool,
    href: Option<String>,
}

impl Tag {
    /// The tag at the beginning of `text` and its length; `None` if it is only a `<`.
    fn parse(text: &str) -> Option<(Self, usize)> {
        if text.starts_with("<!--") {
            let length = text.find("-->").map_or(text.len(), |end| end + 3);
            let comment = Self {
                name: String::new(),
                closes: false,
                href: None,
            };
            return Some((comment, length));
        }
        let inner = text.strip_prefix('<')?;
        let (closes, inner) = match inner.strip_prefix('/') {
            Some(inner) => (true, inner),
            None => (false, inner),
        };
        let name_length = inner
            .find(|character: char| !character.is_ascii_alphanumeric())
            .unwrap_or(inner.len());
        let name = inner[..name_length].to_ascii_lowercase();
        if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
            return None;
        }
        // Another `<` before the end means that this was none; and so a text of nothing but `<a` is
        // not searched over and over.
        let end = 1 + text[1..].find(['<', '>'])?;
        if text.as_bytes().get(end) != Some(&b'>') {
            return None;
        }
        let attributes = text.get(text.len() - inner.len() + name_length..end)?;
        let href = Some(attributes)
            .filter(|_| name == "a" && !closes)
            .and_then(href_of);
        Some((Self { name, closes, href }, end + 1))
    }

    fn hides_content(&self) -> bool {
        !self.closes && matches!(self.name.as_str(), "script" | "style" | "iframe" | "object")
    }
}

fn href_of(attributes: &str) -> Option<String> {
    let lower = attributes.to_ascii_lowercase();
    let value = attributes[lower.find("href")? + 4..]
        .trim_start()
        .strip_prefix('=')?
        .trim_start();
    let quote = value.chars().next()?;
    let value = match quote {
        '"' | '\'' => value[1..].split(quote).next()?,
        _ => value.split_whitespace().next()?,
    };
    let value = decode_entities(value);
    let fits = crate::text::is_web_address(&value) && !value.contains([')', '(', '<', '>']);
    fits.then_some(value)
}

fn after_closing<'a>(text: &'a str, name: &str) -> &'a str {
    let mut rest = text;
    while let Some(position) = rest.find("</") {
        rest = &rest[position + 2..];
        let is_it = rest
            .get(..name.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(name));
        if is_it {
            return rest.find('>').map_or("", |end| &rest[end + 1..]);
        }
    }
    ""
}

#[derive(Default)]
struct Writer {
    out: String,
    links: Vec<Option<String>>,
    preformatted: bool,
}

impl Writer {
    fn text(&mut self, text: &str) {
        let decoded = decode_entities(text);
        if self.preformatted {
            self.out.push_str(&decoded);
            return;
        }
        for character in decoded.chars() {
            if character.is_whitespace() {
                if !self.out.ends_with([' ', '\n']) && !self.out.is_empty() {
                    self.out.push(' ');
                }
            } else {
                self.out.push(character);
            }
        }
    }

    fn tag(&mut self, tag: Tag) {
        match (tag.name.as_str(), tag.closes) {
            ("br", _) => self.line(),
            ("p" | "div" | "ul" | "ol" | "table" | "section" | "blockquote", _) => self.paragraph(),
            ("h1" | "h2" | "h3" | "h4" | "h5" | "h6", closes) => {
                self.paragraph();
                if !closes {
                    self.out.push_str("### ");
                }
            }
            ("tr", _) => self.line(),
            ("td" | "th", true) => self.out.push(' '),
            ("hr", _) => {
                self.paragraph();
                self.out.push_str("---");
                self.paragraph();
            }
            ("li", false) => {
                self.line();
                self.out.push_str("- ");
            }
            ("strong" | "b", _) => self.out.push_str("**"),
            ("em" | "i", _) => self.out.push('*'),
            ("code", _) if !self.preformatted => self.out.push('`'),
            ("pre", closes) => {
                self.paragraph();
                self.out.push_str("```");
                self.out.push('\n');
                self.preformatted = !closes;
            }
            ("a", false) => {
                if tag.href.is_some() {
                    self.out.push('[');
                }
                self.links.push(tag.href);
            }
            ("a", true) => {
                if let Some(Some(href)) = self.links.pop() {
                    self.out.push_str("](");
                    self.out.push_str(&href);
                    self.out.push(')');
                }
            }
            _ => {}
        }
    }

    fn line(&mut self) {
        let length = self.out.trim_end_matches(' ').len();
        self.out.truncate(length);
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    fn paragraph(&mut self) {
        self.line();
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    fn finish(mut self) -> String {
        while let Some(link) = self.links.pop() {
            if let Some(href) = link {
                self.out.push_str("](");
                self.out.push_str(&href);
                self.out.push(')');
            }
        }
        if self.preformatted {
            self.out.push_str("\n```");
        }
        self.out
    }
}

/// Replaces the character references that occur in prose; others stay as they stand.
pub(crate) fn decode_entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(position) = rest.find('&') {
        out.push_str(&rest[..position]);
        let reference = &rest[position + 1..];
        // The longest name known here has six letters.
        let end = reference.bytes().take(10).position(|byte| byte == b';');
        match end.and_then(|end| Some((entity(&reference[..end])?, end))) {
            Some((character, end)) => {
                out.push(character);
                rest = &reference[end + 1..];
            }
            None => {
                out.push('&');
                rest = reference;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The character of a reference without its `&` and `;`.
pub(crate) fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code)
            .filter(|character| !character.is_control() || *character == '\n');
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "shy" => '\u{ad}',
        "ndash" => '–',
        "mdash" => '—',
        "hellip" => '…',
        "laquo" => '«',
        "raquo" => '»',
        "ldquo" => '“',
        "rdquo" => '”',
        "bdquo" => '„',
        "lsquo" => '‘',
        "rsquo" => '’',
        "bull" => '•',
        "middot" => '·',
        "deg" => '°',
        "times" => '×',
        "euro" => '€',
        "copy" => '©',
        "reg" => '®',
        "trade" => '™',
        "auml" => 'ä',
        "ouml" => 'ö',
        "uuml" => 'ü',
        "Auml" => 'Ä',
        "Ouml" => 'Ö',
        "Uuml" => 'Ü',
        "szlig" => 'ß',
        "eacute" => 'é',
        "egrave" => 'è',
        "agrave" => 'à',
        "ccedil" => 'ç',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_keeps_its_emphasis_links_and_lists() {
        let html = "<p>One <b>bold</b> &amp; <a href=\"https://e.org/x\">link</a></p>\n\
                    <ul><li>first</li><li>second</li></ul>";
        assert_eq!(
            to_markdown(html).trim(),
            "One **bold** & [link](https://e.org/x)\n\n- first\n- second"
        );
    }

    #[test]
    fn scripts_and_dangerous_links_leave_nothing_behind() {
        let html =
            "<p>a<script>alert('x')</script>b<a href='javascript:alert(1)'>c</a></p><style>p{}";
        assert_eq!(to_markdown(html).trim(), "abc");
    }

    #[test]
    fn markdown_and_mathematics_are_no_html() {
        assert!(!is_likely("if a < b and c > d"));
        assert!(!is_likely("use `<p>` for a paragraph"));
        assert!(!is_likely("Vec<String>"));
        assert!(is_likely("see <a href=\"x\">y</a>"));
    }

    #[test]
    fn a_lone_angle_stays() {
        assert_eq!(to_markdown("<p>1 < 2").trim(), "1 < 2");
    }
}
