//! Reading JSON by name, with the path of everything that is said about it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::problem::{Notices, Place, Reason};

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node<'a> {
    pub(crate) value: &'a Value,
    path: String,
}

impl<'a> Node<'a> {
    pub(crate) fn root(value: &'a Value) -> Self {
        Self {
            value,
            path: String::new(),
        }
    }

    pub(crate) fn place(&self) -> Place {
        Place::Path(self.path.clone())
    }

    /// The member of this name; absent and `null` are the same.
    pub(crate) fn get(&self, name: &str) -> Option<Node<'a>> {
        let value = self.value.get(name).filter(|value| !value.is_null())?;
        Some(self.child(name, value))
    }

    fn child(&self, name: &str, value: &'a Value) -> Node<'a> {
        let dot = if self.path.is_empty() { "" } else { "." };
        Node {
            value,
            path: [&self.path, dot, name].concat(),
        }
    }

    /// The elements, if it is an array.
    pub(crate) fn items(&self) -> impl Iterator<Item = Node<'a>> + use<'a> {
        let path = self.path.clone();
        let elements = self.value.as_array().map_or(&[][..], Vec::as_slice);
        elements.iter().enumerate().map(move |(index, value)| Node {
            value,
            path: format!("{path}[{index}]"),
        })
    }

    /// The members, if it is an object.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&'a str, Node<'a>)> {
        let members = self.value.as_object().into_iter().flat_map(Map::iter);
        members.map(|(name, value)| (name.as_str(), self.child(name, value)))
    }

    /// Text; numbers count as text, because programs write identifiers either way.
    pub(crate) fn text(&self) -> Option<String> {
        match self.value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// The text of a member; empty when there is none.
    pub(crate) fn text_of(&self, name: &str) -> String {
        self.get(name)
            .and_then(|node| node.text())
            .unwrap_or_default()
    }
}

/// An object whose unknown members are to be reported.
pub(crate) struct Object<'a> {
    node: Node<'a>,
    known: BTreeSet<&'static str>,
}

impl<'a> Object<'a> {
    /// The object; a notice if it is something else.
    pub(crate) fn open(node: Node<'a>, notices: &mut Notices) -> Option<Self> {
        if !node.value.is_object() {
            let reason = Reason::WrongKind {
                wanted: "an object",
            };
            notices.skip(&node.place(), "", reason);
            return None;
        }
        Some(Self {
            node,
            known: BTreeSet::new(),
        })
    }

    pub(crate) fn place(&self) -> Place {
        self.node.place()
    }

    pub(crate) fn get(&mut self, name: &'static str) -> Option<Node<'a>> {
        self.known.insert(name);
        self.node.get(name)
    }

    /// The text of a member; a notice if it is something else.
    pub(crate) fn text(&mut self, name: &'static str, notices: &mut Notices) -> Option<String> {
        let node = self.get(name)?;
        let text = node.text();
        if text.is_none() {
            let reason = Reason::WrongKind { wanted: "a text" };
            notices.warn(&node.place(), "", reason);
        }
        text
    }

    /// The elements of a member; a notice if it is no array.
    pub(crate) fn items(&mut self, name: &'static str, notices: &mut Notices) -> Vec<Node<'a>> {
        let Some(node) = self.get(name) else {
            return Vec::new();
        };
        if !node.value.is_array() {
            let reason = Reason::WrongKind { wanted: "a list" };
            notices.warn(&node.place(), "", reason);
        }
        node.items().collect()
    }

    /// Reports the members that nobody asked for.
    pub(crate) fn finish(self, notices: &mut Notices) {
        for (name, node) in self.node.members() {
            // A leading `$` or `_` marks a remark, such as `$schema`.
            if !self.known.contains(name) && !name.starts_with(['$', '_']) {
                let name = crate::text::line(name);
                notices.warn(&node.place(), "", Reason::UnknownField(name));
            }
        }
    }
}
