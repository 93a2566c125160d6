//! Sentences that somebody marked as evidence: `[The hall is cold.](evidence:obstacle)`.
//!
//! A link to an address that nobody opens: other programs show the words, and two people's edits of a text merge as
//! those of any other words do.

use crate::tree::{Element, Node, parse};

/// What an address begins with that marks evidence.
const SCHEME: &str = "evidence:";

/// What a sentence is evidence of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// Something found out.
    Finding,
    /// Something lacking.
    Need,
    /// Something in the way.
    Obstacle,
    /// Something that might be tried.
    Idea,
    /// Something to be decided on.
    Proposal,
}

impl Evidence {
    /// All kinds, in the order in which people are offered them.
    pub const ALL: [Self; 5] = [
        Self::Finding,
        Self::Need,
        Self::Obstacle,
        Self::Idea,
        Self::Proposal,
    ];

    /// The word for it in texts.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Finding => "finding",
            Self::Need => "need",
            Self::Obstacle => "obstacle",
            Self::Idea => "idea",
            Self::Proposal => "proposal",
        }
    }

    /// The kind of this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    pub(crate) fn of_address(address: &str) -> Option<Self> {
        Self::of_word(address.strip_prefix(SCHEME)?)
    }
}

/// The evidence in a text, in its order, each with its words.
pub fn evidence(text: &str) -> Vec<(Evidence, String)> {
    let mut found = Vec::new();
    // Most texts have none, and need not be read.
    if text.contains(SCHEME) {
        collect(&parse(text, 1), &mut found);
    }
    found
}

fn collect(nodes: &[Node], found: &mut Vec<(Evidence, String)>) {
    for node in nodes {
        match node {
            Node::Element(Element::Evidence(kind), inside) => {
                let words = words(inside);
                if !words.trim().is_empty() {
                    found.push((*kind, words));
                }
            }
            Node::Element(_, inside) => collect(inside, found),
            Node::Text(_) => {}
        }
    }
}

fn words(nodes: &[Node]) -> String {
    let words = nodes.iter().map(|node| match node {
        Node::Text(text) => text.clone(),
        Node::Element(Element::LineBreak, _) => " ".to_owned(),
        Node::Element(_, inside) => words(inside),
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marked_sentences_are_found_wherever_they_stand() {
        let text = "# Hubs\n\n- [The hall is **cold**.](evidence:obstacle)\n- not this one\n\n\
                    > [Ask the akimat](evidence:idea) soon [twice](https://example.org)";
        let expected = [
            (Evidence::Obstacle, "The hall is cold.".to_owned()),
            (Evidence::Idea, "Ask the akimat".to_owned()),
        ];
        assert_eq!(evidence(text), expected);
    }

    #[test]
    fn other_words_and_empty_ones_are_none() {
        assert_eq!(
            evidence("[ ](evidence:idea) [x](evidence:dream) `[y](evidence:idea)`"),
            []
        );
        for kind in Evidence::ALL {
            assert_eq!(Evidence::of_word(kind.word()), Some(kind));
        }
    }
}
