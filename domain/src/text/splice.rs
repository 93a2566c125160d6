//! One place where a text changed.

/// In place of so many characters of a text, others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Splice {
    /// Before which character of the text as it was.
    pub place: usize,
    /// How many characters go from there on.
    pub removed: usize,
    /// What comes before those.
    pub inserted: String,
}

impl Splice {
    /// The text after all of these, which are in its order.
    pub fn apply(splices: &[Self], text: &str) -> String {
        let mut after = String::with_capacity(text.len());
        let (mut characters, mut passed) = (text.chars(), 0);
        for splice in splices {
            let kept = splice.place.saturating_sub(passed);
            after.extend(characters.by_ref().take(kept));
            after.push_str(&splice.inserted);
            if let Some(last) = splice.removed.checked_sub(1) {
                characters.nth(last);
            }
            passed += kept + splice.removed;
        }
        after.push_str(characters.as_str());
        after
    }

    /// Adds that these characters go, which stand behind all that was spliced so far.
    pub(super) fn remove(splices: &mut Vec<Self>, place: usize, count: usize) {
        match splices.last_mut() {
            Some(last) if last.place + last.removed == place => last.removed += count,
            _ => splices.push(Self {
                place,
                removed: count,
                inserted: String::new(),
            }),
        }
    }

    /// Adds that this comes, behind all that was spliced so far.
    pub(super) fn insert(splices: &mut Vec<Self>, place: usize, text: &str) {
        match splices.last_mut() {
            Some(last) if last.place == place && last.removed == 0 => last.inserted.push_str(text),
            _ => splices.push(Self {
                place,
                removed: 0,
                inserted: text.to_owned(),
            }),
        }
    }
}
