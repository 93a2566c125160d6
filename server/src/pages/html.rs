use keruen_markdown::{Node, html};

/// A page that is being written. Markup is what stands in the source of this program; all else is
/// escaped.
#[derive(Default)]
pub(super) struct Html(String);

impl Html {
    /// Markup.
    pub(super) fn markup(&mut self, markup: &'static str) {
        self.0.push_str(markup);
    }

    /// A text, or a value between quotes.
    pub(super) fn text(&mut self, text: &str) {
        html::escape(&mut self.0, text);
    }

    /// A Markdown text.
    pub(super) fn tree(&mut self, tree: &[Node], leads_outside: &str) {
        html::write(&mut self.0, tree, leads_outside);
    }

    /// The page.
    pub(super) fn finish(self) -> String {
        self.0
    }
}
