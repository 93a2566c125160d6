//! From the tree to the page.

use keruen_markdown::{Destination, Element, Evidence, Node};
use leptos::prelude::document;
use leptos::wasm_bindgen::JsValue;
use leptos::web_sys;

/// What the tree does not know.
pub(super) struct Surroundings<'a> {
    /// Said after links that leave the app.
    pub(super) opens_outside: &'a str,
    /// What a kind of evidence is called.
    pub(super) evidence: &'a dyn Fn(Evidence) -> &'static str,
    /// Where the picture is whose page has this address; `None` if it is not on this phone.
    pub(super) picture: &'a dyn Fn(&str) -> Option<String>,
}

/// Replaces what `place` holds by the tree.
pub(super) fn show(place: &web_sys::Element, tree: &[Node], around: &Surroundings<'_>) {
    place.set_text_content(None);
    // Creating and appending fail only for names that are none, and all names are known.
    let _ = append(place, tree, around);
}

fn append(
    parent: &web_sys::Element,
    nodes: &[Node],
    around: &Surroundings<'_>,
) -> Result<(), JsValue> {
    for node in nodes {
        match node {
            Node::Text(text) => drop(parent.append_child(&document().create_text_node(text))?),
            Node::Element(element, inside) => {
                let (outer, inner) = create(element)?;
                append(&inner, inside, around)?;
                if let Element::Picture(address) = element
                    && let Some(place) = (around.picture)(address)
                {
                    let words = inner.text_content().unwrap_or_default();
                    inner.set_text_content(None);
                    let picture = document().create_element("img")?;
                    picture.set_attribute("src", &place)?;
                    picture.set_attribute("alt", &words)?;
                    inner.append_child(&picture)?;
                }
                if let Element::Evidence(kind) = element {
                    let name = document().create_element("small")?;
                    name.set_class_name("quiet");
                    name.set_text_content(Some(&[" ", (around.evidence)(*kind)].concat()));
                    inner.append_child(&name)?;
                }
                if let Element::Link(Destination::Outside(_)) = element {
                    let hint = document().create_element("span")?;
                    hint.set_class_name("visually-hidden");
                    hint.set_text_content(Some(&[" (", around.opens_outside, ")"].concat()));
                    inner.append_child(&hint)?;
                }
                parent.append_child(&outer)?;
            }
        }
    }
    Ok(())
}

/// The element to append, and the one that takes what is inside; mostly the same.
fn create(element: &Element) -> Result<(web_sys::Element, web_sys::Element), JsValue> {
    let created = document().create_element(element.name())?;
    match element {
        Element::NumberedList(first) if *first != 1 => {
            created.set_attribute("start", &first.to_string())?;
        }
        Element::Link(Destination::Inside(address)) | Element::Picture(address) => {
            created.set_attribute("href", address)?;
        }
        Element::Link(Destination::Outside(address)) => {
            created.set_attribute("href", address)?;
            created.set_attribute("target", "_blank")?;
            created.set_attribute("rel", "noopener noreferrer")?;
        }
        Element::HeadCell => created.set_attribute("scope", "col")?,
        Element::Cell { is_number: true } => created.set_class_name("is-number"),
        Element::Box(is_done) => {
            created.set_attribute("type", "checkbox")?;
            created.set_attribute("disabled", "")?;
            if *is_done {
                created.set_attribute("checked", "")?;
            }
        }
        // A wide table scrolls in a box of its own, and the keyboard must be able to reach that box.
        Element::Table => {
            let around = document().create_element("div")?;
            around.set_class_name("markdown-table");
            around.set_attribute("tabindex", "0")?;
            around.append_child(&created)?;
            return Ok((around, created));
        }
        Element::CodeBlock => {
            created.set_attribute("tabindex", "0")?;
            let code = document().create_element("code")?;
            created.append_child(&code)?;
            return Ok((created, code));
        }
        _ => {}
    }
    Ok((created.clone(), created))
}
