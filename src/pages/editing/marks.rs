//! What the buttons above a text in Markdown do to it.

use std::ops::Range;

use crate::components::Evidence;

/// A button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// What is selected, in bold.
    Bold,
    /// The lines as headings.
    Heading,
    /// The lines as entries of a list.
    List,
    /// The lines as boxes to tick.
    Box,
    /// The lines as quotations.
    Quote,
    /// What is selected leads to an address.
    Link,
    /// What is selected, or the line, is evidence of this kind.
    Evidence(Evidence),
}

/// What is to be done: in place of these bytes of the text write that, and then select what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) place: Range<usize>,
    pub(super) text: String,
    /// In bytes of the whole text as it is then.
    pub(super) selected: Range<usize>,
}

impl Mark {
    /// What the button does where these bytes of the text are selected; pressed twice, the text is as it was.
    pub(super) fn change(self, text: &str, selected: Range<usize>) -> Change {
        match self {
            Self::Bold => around(text, selected, "**"),
            Self::Heading => at_lines(text, selected, "## "),
            Self::List => at_lines(text, selected, "- "),
            Self::Box => at_lines(text, selected, "- [ ] "),
            Self::Quote => at_lines(text, selected, "> "),
            Self::Link => link(text, selected),
            Self::Evidence(kind) => evidence(text, selected, kind),
        }
    }
}

fn around(text: &str, selected: Range<usize>, mark: &str) -> Change {
    let within = &text[selected.clone()];
    let outer = selected.start.checked_sub(mark.len())..Some(selected.end + mark.len());
    if let (Some(start), Some(end)) = (outer.start, outer.end)
        && text.get(start..selected.start) == Some(mark)
        && text.get(selected.end..end) == Some(mark)
    {
        return Change {
            place: start..end,
            text: within.to_owned(),
            selected: start..start + within.len(),
        };
    }
    let start = selected.start + mark.len();
    Change {
        text: [mark, within, mark].concat(),
        selected: start..start + within.len(),
        place: selected,
    }
}

fn at_lines(text: &str, selected: Range<usize>, mark: &str) -> Change {
    let start = text[..selected.start]
        .rfind('\n')
        .map_or(0, |before| before + 1);
    let end = text[selected.end..]
        .find('\n')
        .map_or(text.len(), |after| selected.end + after);
    let lines = &text[start..end];
    let is_marked = |line: &str| line.starts_with(mark);
    let takes_off = lines.lines().next().is_some() && lines.lines().all(is_marked);
    let changed: Vec<String> = lines
        .split('\n')
        .map(|line| match line.strip_prefix(mark) {
            Some(bare) if takes_off => bare.to_owned(),
            Some(_) => line.to_owned(),
            None => [mark, line].concat(),
        })
        .collect();
    let changed = changed.join("\n");
    let is_one_place = selected.is_empty();
    let end_now = start + changed.len();
    Change {
        selected: if is_one_place {
            end_now..end_now
        } else {
            start..end_now
        },
        place: start..end,
        text: changed,
    }
}

fn link(text: &str, selected: Range<usize>) -> Change {
    const ADDRESS: &str = "https://";
    let within = &text[selected.clone()];
    let written = ["[", within, "](", ADDRESS, ")"].concat();
    // What is lacking is what is written next: the words, or the address.
    let next = if within.is_empty() {
        let at = selected.start + 1;
        at..at
    } else {
        let at = selected.start + written.len() - 1;
        at - ADDRESS.len()..at
    };
    Change {
        place: selected,
        text: written,
        selected: next,
    }
}

fn evidence(text: &str, selected: Range<usize>, kind: Evidence) -> Change {
    let place = if selected.is_empty() {
        line_without_marks(text, selected.start)
    } else {
        selected
    };
    // One sentence stands in one line; what is a link already does not become another one.
    let within = text[place.clone()].trim();
    let start = place.start + text[place.clone()].find(within).unwrap_or(0);
    let place = start..start + within.len();
    if within.is_empty() || within.contains(['\n', '[', ']']) {
        return Change {
            text: within.to_owned(),
            selected: place.clone(),
            place,
        };
    }
    let written = ["[", within, "](evidence:", kind.word(), ")"].concat();
    let end = start + written.len();
    Change {
        place,
        text: written,
        selected: end..end,
    }
}

/// The line around a place, without what makes it a heading, an entry or a quotation.
fn line_without_marks(text: &str, place: usize) -> Range<usize> {
    let start = text[..place].rfind('\n').map_or(0, |before| before + 1);
    let end = text[place..].find('\n');
    let end = end.map_or(text.len(), |after| place + after);
    let bare = text[start..end].trim_start_matches(['#', '>', '-', '*', ' ']);
    let bare = ["[ ] ", "[x] ", "[X] "]
        .into_iter()
        .find_map(|tick| bare.strip_prefix(tick))
        .unwrap_or(bare);
    end - bare.len()..end
}

/// Where in the text a place is that the browser counts in UTF-16 units.
pub(super) fn byte_of(text: &str, units: u32) -> usize {
    let mut passed = 0;
    for (byte, character) in text.char_indices() {
        if passed >= units as usize {
            return byte;
        }
        passed += character.len_utf16();
    }
    text.len()
}

/// The other way round.
pub(super) fn units_of(text: &str, byte: usize) -> u32 {
    let units = text.get(..byte).unwrap_or(text).encode_utf16().count();
    u32::try_from(units).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Mark; 7] = [
        Mark::Bold,
        Mark::Heading,
        Mark::List,
        Mark::Box,
        Mark::Quote,
        Mark::Link,
        Mark::Evidence(Evidence::Need),
    ];

    fn done(text: &str, change: &Change) -> String {
        let mut text = text.to_owned();
        text.replace_range(change.place.clone(), &change.text);
        text
    }

    /// Presses a button where `[` and `]` stand; shows what is selected then in the same way.
    fn press(mark: Mark, shown: &str) -> String {
        let start = shown.find('[').unwrap();
        let end = shown.find(']').unwrap() - 1;
        let text = shown.replacen('[', "", 1).replacen(']', "", 1);
        let change = mark.change(&text, start..end);
        let mut after = done(&text, &change);
        after.insert(change.selected.end, '}');
        after.insert(change.selected.start, '{');
        after
    }

    #[test]
    fn buttons_do_what_they_say() {
        for (mark, before, after) in [
            (Mark::Bold, "a [қол] b", "a **{қол}** b"),
            (Mark::Bold, "a [] b", "a **{}** b"),
            (Mark::Bold, "a **[қол]** b", "a {қол} b"),
            (Mark::Heading, "a\nb[]c\nd", "a\n## bc{}\nd"),
            (Mark::Heading, "## b[]c", "bc{}"),
            (Mark::List, "x\n[one\ntwo]\ny", "x\n{- one\n- two}\ny"),
            (Mark::List, "[- one\n- two]", "{one\ntwo}"),
            (Mark::List, "[- one\ntwo]", "{- one\n- two}"),
            (Mark::Quote, "[]", "> {}"),
            (Mark::Link, "see [this] now", "see [this]({https://}) now"),
            (Mark::Link, "see [] now", "see [{}](https://) now"),
        ] {
            assert_eq!(press(mark, before), after, "{mark:?} {before}");
        }
    }

    #[test]
    fn a_sentence_or_the_line_becomes_evidence() {
        let need = Mark::Evidence(Evidence::Need);
        for (text, selected, after) in [
            ("a Roads. b", 2..8, "a [Roads.](evidence:need) b"),
            (
                "x\n- [ ] A road \ny",
                10..10,
                "x\n- [ ] [A road](evidence:need) \ny",
            ),
            ("> road", 6..6, "> [road](evidence:need)"),
            // These stay as they are.
            ("one\ntwo", 0..7, "one\ntwo"),
            ("a [b](c)", 8..8, "a [b](c)"),
            ("", 0..0, ""),
        ] {
            assert_eq!(done(text, &need.change(text, selected)), after);
        }
    }

    #[test]
    fn places_are_counted_as_the_browser_does() {
        let text = "a🐫қb";
        for (units, byte) in [(0, 0), (1, 1), (3, 5), (4, 7), (5, 8), (9, 8)] {
            assert_eq!(byte_of(text, units), byte);
        }
        assert_eq!(
            [0, 1, 5, 7, 8].map(|byte| units_of(text, byte)),
            [0, 1, 3, 4, 5]
        );
    }

    proptest! {
        #[test]
        fn no_text_is_lost_and_every_selection_is_in_it(
            text in "[a🐫қ*\\->#\\[\n ]{0,20}",
            (one, other) in (0_u32..24, 0_u32..24),
        ) {
            let (one, other) = (byte_of(&text, one), byte_of(&text, other));
            let selected = one.min(other)..one.max(other);
            for mark in ALL {
                let change = mark.change(&text, selected.clone());
                prop_assert!(text.get(change.place.clone()).is_some());
                let after = done(&text, &change);
                prop_assert!(after.get(change.selected.clone()).is_some());
                let letters = |text: &str| text.chars().filter(|one| one.is_alphabetic()).collect::<String>();
                let after = letters(&after).replacen("https", "", 1);
                let after = after.replacen("evidenceneed", "", 1);
                prop_assert_eq!(letters(&text), after);
            }
        }
    }
}
