//! The tree between a Markdown text and the page.

use pulldown_cmark::{Alignment, Event, HeadingLevel, Options, Parser, Tag};

use crate::evidence::Evidence;
use crate::link::{Destination, destination};

/// How deep elements may lie in each other. What lies deeper is shown without its elements, so that
/// no text can exhaust the stack of those who walk the tree.
const DEEPEST: usize = 24;

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// Words.
    Text(String),
    /// An element and what it holds.
    Element(Element, Vec<Node>),
}

/// All that a text can become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Element {
    /// A paragraph.
    Paragraph,
    /// A heading, with the level on the page.
    Heading(u8),
    /// A quotation.
    Quotation,
    /// Lines of code.
    CodeBlock,
    /// Code within a line.
    Code,
    /// A list.
    List,
    /// A numbered list, with the first number.
    NumberedList(u64),
    /// An item of a list.
    Item,
    /// A table.
    Table,
    /// Its row of heads.
    TableHead,
    /// Another row.
    TableRow,
    /// The head of a column.
    HeadCell,
    /// Another cell.
    Cell {
        /// Whether it stands in a column that is aligned as numbers are.
        is_number: bool,
    },
    /// Emphasised words.
    Emphasis,
    /// Strongly emphasised words.
    Strong,
    /// Words that were struck out.
    Struck,
    /// A link.
    Link(Destination),
    /// Words that somebody marked as evidence.
    Evidence(Evidence),
    /// A picture among the materials, by the address of its page. Where it cannot be shown, its words lead there.
    Picture(String),
    /// A line across.
    Rule,
    /// The end of a line.
    LineBreak,
    /// A box to tick, ticked or not.
    Box(bool),
}

impl Element {
    /// What it is called in HTML.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Paragraph => "p",
            Self::Heading(level) => match level {
                0 | 1 => "h1",
                2 => "h2",
                3 => "h3",
                4 => "h4",
                5 => "h5",
                _ => "h6",
            },
            Self::Quotation => "blockquote",
            Self::CodeBlock => "pre",
            Self::Code => "code",
            Self::List => "ul",
            Self::NumberedList(_) => "ol",
            Self::Item => "li",
            Self::Table => "table",
            Self::TableHead | Self::TableRow => "tr",
            Self::HeadCell => "th",
            Self::Cell { .. } => "td",
            Self::Emphasis => "em",
            Self::Strong => "strong",
            Self::Struck => "del",
            Self::Link(_) | Self::Picture(_) => "a",
            Self::Evidence(_) => "mark",
            Self::Rule => "hr",
            Self::LineBreak => "br",
            Self::Box(_) => "input",
        }
    }
}

/// Reads a text. Its first-level headings become headings of the level `first_heading`.
pub fn parse(text: &str, first_heading: u8) -> Vec<Node> {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut builder = Builder::new(first_heading);
    for event in Parser::new_ext(text, options) {
        builder.take(event);
    }
    builder.finish()
}

/// Whether an address is that of a material's page: its identifier and nothing else.
fn is_material(address: &str) -> bool {
    const MATERIALS: &str = "/materials/";
    let id = address.strip_prefix(MATERIALS);
    id.is_some_and(|id| {
        let is_of_id = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
        !id.is_empty() && id.bytes().all(is_of_id)
    })
}

/// What an opening tag has led to, to be undone by its end.
enum Opened {
    Element(Element),
    /// Nothing: a kind of no use here, or too deep.
    Nothing,
}

struct Builder {
    first_heading: u8,
    /// What has been opened, with the nodes that stood before it.
    open: Vec<(Opened, Vec<Node>)>,
    nodes: Vec<Node>,
    depth: usize,
    alignments: Vec<Alignment>,
    column: usize,
    is_in_head: bool,
}

impl Builder {
    const fn new(first_heading: u8) -> Self {
        Self {
            first_heading,
            open: Vec::new(),
            nodes: Vec::new(),
            depth: 0,
            alignments: Vec::new(),
            column: 0,
            is_in_head: false,
        }
    }

    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(_) => self.end(),
            // HTML is not interpreted: it is shown as it was written.
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::Code(text) => self.leaf(Element::Code, vec![Node::Text(text.into_string())]),
            Event::SoftBreak => self.text(" "),
            Event::HardBreak => self.leaf(Element::LineBreak, Vec::new()),
            Event::Rule => self.leaf(Element::Rule, Vec::new()),
            Event::TaskListMarker(is_done) => self.leaf(Element::Box(is_done), Vec::new()),
            // Extensions that are not switched on.
            Event::FootnoteReference(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.text(&text)
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        let opened = if self.depth < DEEPEST {
            self.opened(tag)
        } else {
            Opened::Nothing
        };
        if let Opened::Element(_) = opened {
            self.depth += 1;
            self.open.push((opened, std::mem::take(&mut self.nodes)));
        } else {
            self.open.push((Opened::Nothing, Vec::new()));
        }
    }

    fn opened(&mut self, tag: Tag<'_>) -> Opened {
        Opened::Element(match tag {
            Tag::Paragraph | Tag::HtmlBlock => Element::Paragraph,
            Tag::Heading { level, .. } => Element::Heading(self.heading(level)),
            Tag::BlockQuote(_) => Element::Quotation,
            Tag::CodeBlock(_) => Element::CodeBlock,
            Tag::List(None) => Element::List,
            Tag::List(Some(first)) => Element::NumberedList(first),
            Tag::Item => Element::Item,
            Tag::Table(alignments) => {
                self.alignments = alignments;
                Element::Table
            }
            Tag::TableHead => {
                (self.column, self.is_in_head) = (0, true);
                Element::TableHead
            }
            Tag::TableRow => {
                (self.column, self.is_in_head) = (0, false);
                Element::TableRow
            }
            Tag::TableCell => {
                let is_number = self.alignments.get(self.column) == Some(&Alignment::Right);
                self.column += 1;
                if self.is_in_head {
                    Element::HeadCell
                } else {
                    Element::Cell { is_number }
                }
            }
            Tag::Emphasis => Element::Emphasis,
            Tag::Strong => Element::Strong,
            Tag::Strikethrough => Element::Struck,
            Tag::Image { dest_url, .. } if is_material(&dest_url) => {
                Element::Picture(dest_url.into_string())
            }
            // Pictures from elsewhere are not loaded: the words for them lead there.
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                if let Some(kind) = Evidence::of_address(&dest_url) {
                    return Opened::Element(Element::Evidence(kind));
                }
                match destination(&dest_url) {
                    Some(destination) => Element::Link(destination),
                    None => return Opened::Nothing,
                }
            }
            _ => return Opened::Nothing,
        })
    }

    fn heading(&self, level: HeadingLevel) -> u8 {
        (self.first_heading + level as u8 - 1).min(6)
    }

    fn end(&mut self) {
        if let Some((Opened::Element(element), before)) = self.open.pop() {
            self.depth -= 1;
            let inside = std::mem::replace(&mut self.nodes, before);
            self.nodes.push(Node::Element(element, inside));
        }
    }

    fn text(&mut self, text: &str) {
        match self.nodes.last_mut() {
            Some(Node::Text(last)) => last.push_str(text),
            _ => self.nodes.push(Node::Text(text.to_owned())),
        }
    }

    fn leaf(&mut self, element: Element, inside: Vec<Node>) {
        self.nodes.push(Node::Element(element, inside));
    }

    fn finish(mut self) -> Vec<Node> {
        while !self.open.is_empty() {
            self.end();
        }
        self.nodes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(element: Element, inside: &[Node]) -> Node {
        Node::Element(element, inside.to_vec())
    }

    fn words(text: &str) -> Node {
        Node::Text(text.to_owned())
    }

    fn paragraph(inside: &[Node]) -> Vec<Node> {
        vec![element(Element::Paragraph, inside)]
    }

    fn depth(nodes: &[Node]) -> usize {
        let below = |node: &Node| match node {
            Node::Text(_) => 0,
            Node::Element(_, inside) => 1 + depth(inside),
        };
        nodes.iter().map(below).max().unwrap_or_default()
    }

    fn all_text(nodes: &[Node]) -> String {
        nodes
            .iter()
            .map(|node| match node {
                Node::Text(text) => text.clone(),
                Node::Element(_, inside) => all_text(inside),
            })
            .collect()
    }

    #[test]
    fn headings_are_shifted_to_fit_the_page_and_stop_at_six() {
        let levels: Vec<_> = parse("# a\n\n## b\n\n###### c", 3)
            .into_iter()
            .filter_map(|node| match node {
                Node::Element(Element::Heading(level), _) => Some(level),
                _ => None,
            })
            .collect();
        assert_eq!(levels, [3, 4, 6]);
    }

    #[test]
    fn pictures_are_those_of_materials_only() {
        let picture = Element::Picture("/materials/018f-ab".to_owned());
        assert_eq!(
            parse("![Felt](/materials/018f-ab)", 2),
            paragraph(&[element(picture, &[words("Felt")])])
        );
        for elsewhere in [
            "https://example.org/a.png",
            "/materials/../x",
            "/materials/a?b",
            "/materials/",
            "//materials/a",
        ] {
            let tree = parse(&format!("![x]({elsewhere})"), 2);
            let is_picture = format!("{tree:?}").contains("Picture");
            assert!(!is_picture, "{elsewhere}");
        }
    }

    #[test]
    fn html_is_shown_as_text() {
        assert_eq!(
            all_text(&parse("<script>alert(1)</script>", 2)),
            "<script>alert(1)</script>"
        );
        assert_eq!(
            parse("a <img src=x onerror=alert(1)> b", 2),
            paragraph(&[words("a <img src=x onerror=alert(1)> b")])
        );
    }

    #[test]
    fn a_dangerous_link_keeps_its_words_and_loses_its_address() {
        for text in [
            "[press](javascript:alert(1))",
            "[press](data:text/html;base64,AAAA)",
            "[press](<java\tscript:x>)",
        ] {
            assert_eq!(parse(text, 2), paragraph(&[words("press")]), "{text}");
        }
        // An entity in an address is decoded before it is looked at.
        assert_eq!(
            parse("[press](&#106;avascript:alert(1))", 2),
            paragraph(&[words("press")])
        );
        assert_eq!(
            all_text(&parse("<javascript:alert(1)>", 2)),
            "javascript:alert(1)"
        );
    }

    #[test]
    fn a_good_link_keeps_both() {
        let outside = Element::Link(Destination::Outside("https://example.org".to_owned()));
        assert_eq!(
            parse("[there](https://example.org)", 2),
            paragraph(&[element(outside, &[words("there")])])
        );
    }

    #[test]
    fn a_picture_is_a_link_with_its_words() {
        let inside = Element::Link(Destination::Inside("/files/x.png".to_owned()));
        assert_eq!(
            parse("![map](/files/x.png)", 2),
            paragraph(&[element(inside, &[words("map")])])
        );
        assert_eq!(parse("![map](javascript:x)", 2), paragraph(&[words("map")]));
    }

    #[test]
    fn a_table_has_a_head_and_knows_its_numbers() {
        let table = parse("| a | b |\n|---|--:|\n| x | 1 |\n", 2);
        let cell = |is_number, text: &str| element(Element::Cell { is_number }, &[words(text)]);
        let head = |text: &str| element(Element::HeadCell, &[words(text)]);
        assert_eq!(
            table,
            [element(
                Element::Table,
                &[
                    element(Element::TableHead, &[head("a"), head("b")]),
                    element(Element::TableRow, &[cell(false, "x"), cell(true, "1")]),
                ],
            )]
        );
    }

    #[test]
    fn lists_boxes_and_breaks() {
        assert_eq!(
            parse("3. a\n4. b", 2),
            [element(
                Element::NumberedList(3),
                &[
                    element(Element::Item, &[words("a")]),
                    element(Element::Item, &[words("b")])
                ],
            )]
        );
        let ticked = element(Element::Box(true), &[]);
        assert_eq!(
            parse("- [x] done", 2),
            [element(
                Element::List,
                &[element(Element::Item, &[ticked, words("done")])]
            )]
        );
        assert_eq!(
            parse("a  \nb\nc", 2),
            paragraph(&[words("a"), element(Element::LineBreak, &[]), words("b c")])
        );
    }

    #[test]
    fn endless_nesting_is_cut_and_no_word_is_lost() {
        let quotes = ">".repeat(5_000) + " deep";
        let lists = "- ".repeat(2_000) + "deep";
        let stars = "*a ".repeat(2_000) + "deep" + &" a*".repeat(2_000);
        for text in [quotes, lists, stars] {
            let tree = parse(&text, 2);
            assert!(depth(&tree) <= DEEPEST + 1);
            assert!(all_text(&tree).contains("deep"));
        }
    }

    #[test]
    fn unfinished_markup_is_text() {
        assert_eq!(all_text(&parse("[a](https://", 2)), "[a](https://");
        assert_eq!(all_text(&parse("**a", 2)), "**a");
        assert!(parse("", 2).is_empty());
    }
}
