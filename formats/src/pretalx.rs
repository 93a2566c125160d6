//! What the API of pretalx answers: talks or submissions with their slots, rooms and people, each as the
//! list or the pages that it comes in, alone or put together in one object.
//!
//! ```text
//!  JSON ──► Lists: what is there, by identifier ──mapping──► Draft
//! ```

mod mapping;
mod words;

use std::collections::HashMap;

use serde_json::Value;

use crate::Options;
use crate::draft::Draft;
use crate::json::Node;
use crate::limits::MAX_ENTRIES;
use crate::problem::{Notices, ReadError, ReadErrorKind};

/// The names under which talks are found, in whatever version of the API.
const TALKS: [&str; 2] = ["submissions", "talks"];

/// Whether this JSON looks like an answer of pretalx.
pub(crate) fn looks_like_one(value: &Value) -> bool {
    let is_talk = |value: &Value| {
        let has = |name| value.get(name).is_some();
        has("code") && has("title") || has("submission") && has("start")
    };
    let in_list = |list: &Value| list.as_array().is_some_and(|list| list.iter().any(is_talk));
    let in_page = |page: &Value| page.get("results").is_some_and(in_list);
    let in_pages = |list: &Value| list.as_array().is_some_and(|list| list.iter().any(in_page));
    let named = TALKS.iter().chain(&["slots"]);
    let mut named = named.filter_map(|name| value.get(name));
    in_list(value)
        || in_page(value)
        || in_pages(value)
        || named.any(|list| list.is_array() || list.get("results").is_some_and(Value::is_array))
}

pub(crate) fn read(value: &Value, options: &Options<'_>) -> Result<Draft, ReadError> {
    let mut notices = Notices::default();
    let lists = Lists::of(Node::root(value), &mut notices);
    let longest = lists.talks.len().max(lists.slots.len());
    if longest > MAX_ENTRIES {
        return Err(ReadError::of_file(ReadErrorKind::TooManyEntries));
    }
    mapping::draft(&lists, notices, options)
}

/// What an answer holds.
struct Lists<'a> {
    root: Node<'a>,
    talks: Vec<Node<'a>>,
    slots: Vec<Node<'a>>,
    slots_by_id: HashMap<String, Node<'a>>,
    rooms: HashMap<String, Node<'a>>,
    speakers: HashMap<String, Node<'a>>,
    tracks: HashMap<String, Node<'a>>,
    types: HashMap<String, Node<'a>>,
    /// A page is there whose next one is not.
    is_partial: bool,
}

impl<'a> Lists<'a> {
    fn of(root: Node<'a>, notices: &mut Notices) -> Self {
        let mut is_partial = false;
        let mut list = |name: &str| {
            let node = root.get(name);
            node.map_or_else(Vec::new, |node| all_pages(&node, &mut is_partial, notices))
        };
        let [mut talks, others] = TALKS.map(&mut list);
        talks.extend(others);
        let mut slots = list("slots");
        let by_id = |items: Vec<Node<'a>>| -> HashMap<String, Node<'a>> {
            let items = items.into_iter();
            items
                .filter_map(|item| Some((id_of(&item)?, item)))
                .collect()
        };
        let rooms = by_id(list("rooms"));
        let speakers = by_id(list("speakers"));
        let tracks = by_id(list("tracks"));
        let mut types = by_id(list("submission_types"));
        types.extend(by_id(list("submission-types")));
        // An answer as it came: of talks, or of slots with their talks inside.
        for item in all_pages(&root, &mut is_partial, notices) {
            if item.get("submission").is_some() {
                slots.push(item);
            } else {
                talks.push(item);
            }
        }
        Self {
            root,
            talks,
            slots_by_id: by_id(slots.clone()),
            slots,
            rooms,
            speakers,
            tracks,
            types,
            is_partial,
        }
    }
}

/// By what others refer to it.
fn id_of(item: &Node<'_>) -> Option<String> {
    let code = ["code", "id"]
        .into_iter()
        .find_map(|name| item.get(name)?.text());
    code.map(|code| code.trim().to_owned())
        .filter(|code| !code.is_empty())
}

/// The items of a list, of a page, or of several pages.
fn all_pages<'a>(node: &Node<'a>, is_partial: &mut bool, notices: &mut Notices) -> Vec<Node<'a>> {
    let pages: Vec<Node<'a>> = match node.get("results") {
        Some(_) => vec![node.clone()],
        None => node.items().take(MAX_ENTRIES + 1).collect(),
    };
    let mut items = Vec::new();
    let count = pages.len();
    for (index, page) in pages.into_iter().enumerate() {
        let Some(results) = page.get("results") else {
            items.push(page);
            continue;
        };
        // Between the first and the last, others follow anyway.
        let lacks_others = (index == 0 && page.get("previous").is_some())
            || (index + 1 == count && page.get("next").is_some());
        if lacks_others {
            *is_partial = true;
            let reason = crate::problem::Reason::FurtherPages;
            notices.warn(&page.place(), "", reason);
        }
        // One more than allowed is enough to refuse the file.
        let room = (MAX_ENTRIES + 1).saturating_sub(items.len());
        items.extend(results.items().take(room));
    }
    items
}
