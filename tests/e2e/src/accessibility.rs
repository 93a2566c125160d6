//! Whether a page is made so that everybody can use it: what the browser tells assistive
//! technology about it.

use std::collections::HashMap;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use crate::browser::Browser;

/// Roles that a person acts on or finds their way by, and that say nothing without a name.
const NAMED: [&str; 12] = [
    "button",
    "link",
    "textbox",
    "searchbox",
    "checkbox",
    "radio",
    "combobox",
    "dialog",
    "image",
    "navigation",
    "DisclosureTriangle",
    "heading",
];

/// Roles of which a page has exactly one.
const ONCE: [&str; 2] = ["main", "banner"];

impl Browser {
    /// Fails unless the page has one first heading, headings that skip no level, its landmarks, a
    /// title and a language, and a name for everything that a person can act on.
    pub async fn is_well_made(&self) -> Result<()> {
        let mut faults = Vec::new();
        let tree = self
            .devtools("Accessibility.getFullAXTree", json!({}))
            .await?;
        let seen = in_reading_order(&tree["nodes"]);
        // Behind an open sheet nothing can be reached, and so nothing is told of it.
        let is_sheet_open = seen.iter().any(|node| node.role == "dialog");
        if !is_sheet_open {
            for role in ONCE {
                let count = seen.iter().filter(|node| node.role == role).count();
                if count != 1 {
                    faults.push(format!("{count} elements are the page's {role}"));
                }
            }
        }
        for node in &seen {
            if NAMED.contains(&node.role.as_str()) && node.name.is_empty() {
                faults.push(format!("a {} has no name", node.role));
            }
        }
        let headings: Vec<&Node> = seen.iter().filter(|node| node.level > 0).collect();
        let firsts = headings.iter().filter(|node| node.level == 1).count();
        if firsts != 1 && !is_sheet_open {
            faults.push(format!("{firsts} headings are the first"));
        }
        for pair in headings.windows(2) {
            if let [above, below] = pair
                && below.level > above.level + 1
            {
                faults.push(format!(
                    "the heading \"{}\" of level {} follows \"{}\" of level {}",
                    below.name, below.level, above.name, above.level
                ));
            }
        }
        let page = "return [document.title, document.documentElement.lang]";
        for (value, what) in self
            .run(page)
            .await?
            .as_array()
            .into_iter()
            .flatten()
            .zip(["title", "language"])
        {
            if value.as_str().unwrap_or_default().is_empty() {
                faults.push(format!("the page has no {what}"));
            }
        }
        // A page that is wider than the phone is drawn small, and its bars are out of sight.
        let width =
            "return document.scrollingElement.scrollWidth - document.documentElement.clientWidth";
        let too_wide = self.run(width).await?.as_i64().unwrap_or_default();
        if too_wide > 0 {
            faults.push(format!(
                "the page is {too_wide} pixels wider than the window"
            ));
        }
        if !faults.is_empty() {
            let place = self.client()?.current_url().await?;
            bail!("at {place}: {}", faults.join("; "));
        }
        Ok(())
    }
}

/// The elements as they are read aloud; the browser gives them level by level.
fn in_reading_order(nodes: &Value) -> Vec<Node> {
    let nodes = nodes.as_array().map(Vec::as_slice).unwrap_or_default();
    let by_id: HashMap<&str, &Value> = nodes
        .iter()
        .filter_map(|node| Some((node["nodeId"].as_str()?, node)))
        .collect();
    let mut seen = Vec::new();
    let mut next: Vec<&Value> = nodes.iter().take(1).collect();
    while let Some(node) = next.pop() {
        seen.extend(Node::read(node));
        let children = node["childIds"].as_array().into_iter().flatten().rev();
        next.extend(children.filter_map(|id| by_id.get(id.as_str()?)));
    }
    seen
}

/// An element as assistive technology is told of it.
struct Node {
    role: String,
    name: String,
    /// Of a heading; otherwise 0.
    level: i64,
}

impl Node {
    fn read(node: &Value) -> Option<Self> {
        if node["ignored"] == json!(true) {
            return None;
        }
        let role = node["role"]["value"].as_str()?.to_owned();
        let properties = node["properties"].as_array();
        let level = properties
            .into_iter()
            .flatten()
            .find(|property| property["name"] == "level")
            .and_then(|property| property["value"]["value"].as_i64())
            .filter(|_| role == "heading")
            .unwrap_or(0);
        let name = node["name"]["value"].as_str().unwrap_or_default();
        Some(Self {
            role,
            name: name.trim().to_owned(),
            level,
        })
    }
}
