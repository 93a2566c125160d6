//! One slip of the finger: a letter too many, too few, another, or two exchanged.

/// Shorter words are not forgiven: too many others are one letter away.
pub(crate) const FEWEST_LETTERS: usize = 5;

/// Whether `meant` is `typed` with exactly one slip; with `is_beginning`, whether it begins so. If it is
/// not: how many bytes it would need to begin with for the same answer, as far as that is seen.
pub(crate) fn slip(typed: &str, meant: &str, is_beginning: bool) -> Result<(), Option<usize>> {
    let whole = meant;
    let same = shared_bytes(typed, meant);
    let (typed, meant) = (&typed[same..], &meant[same..]);
    let (one, typed_later) = split(typed);
    let (other, meant_later) = split(meant);
    let (Some(one), Some(other)) = (one, other) else {
        // One of them is the other and a letter; a longer beginning is no slip at all.
        let is_one_letter = match (one, other) {
            (Some(_), None) => typed_later.is_empty(),
            (None, Some(_)) => !is_beginning && meant_later.is_empty(),
            _ => false,
        };
        return is_one_letter.then_some(()).ok_or(None);
    };
    let mut seen = Some(0);
    let mut fits = |typed: &str, meant: &str| {
        let same = shared_bytes(typed, meant);
        let next = meant[same..].chars().next();
        let read = next.map(|next| whole.len() - meant.len() + same + next.len_utf8());
        seen = seen.zip(read).map(|(one, other)| one.max(other));
        same == typed.len() && (is_beginning || next.is_none())
    };
    // Another letter, one too many, one too few.
    if fits(typed_later, meant_later) || fits(typed_later, meant) || fits(typed, meant_later) {
        return Ok(());
    }
    let (next_typed, typed_rest) = split(typed_later);
    let (next_meant, meant_rest) = split(meant_later);
    // Two exchanged; those above have looked at the second letter, too.
    let is_exchange = next_typed == Some(other) && next_meant == Some(one);
    if is_exchange && fits(typed_rest, meant_rest) {
        return Ok(());
    }
    Err(seen)
}

/// How many bytes two words begin with alike, in whole letters.
fn shared_bytes(one: &str, other: &str) -> usize {
    let pairs = one.bytes().zip(other.bytes());
    let mut same = pairs.take_while(|(one, other)| one == other).count();
    while !one.is_char_boundary(same) || !other.is_char_boundary(same) {
        same -= 1;
    }
    same
}

fn split(word: &str) -> (Option<char>, &str) {
    let mut letters = word.chars();
    (letters.next(), letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slip_is_one() {
        for (typed, meant) in [
            ("мангстау", "мангистау"),
            ("манггистау", "мангистау"),
            ("мангестау", "мангистау"),
            ("манигстау", "мангистау"),
            ("мангиста", "мангистау"),
            ("мангистауу", "мангистау"),
        ] {
            assert!(slip(typed, meant, false).is_ok(), "{typed}");
        }
        for (typed, meant) in [
            ("мангистау", "мангистау"),
            ("мнгстау", "мангистау"),
            ("семей", "актау"),
        ] {
            assert!(slip(typed, meant, false).is_err(), "{typed}");
        }
        assert!(slip("менги", "мангистау", true).is_ok());
        assert!(slip("манги", "мангистау", true).is_err());
    }
}
