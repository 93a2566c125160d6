//! One slip of the finger: a letter too many, too few, another, or two exchanged.

/// Shorter words are not forgiven: too many others are one letter away.
pub(crate) const FEWEST_LETTERS: usize = 5;

/// Whether `meant` is `typed` with exactly one slip; with `is_beginning`, whether it begins so.
pub(crate) fn is_slip(typed: &str, meant: &str, is_beginning: bool) -> bool {
    let mut same = typed
        .bytes()
        .zip(meant.bytes())
        .take_while(|(one, other)| one == other)
        .count();
    while !typed.is_char_boundary(same) || !meant.is_char_boundary(same) {
        same -= 1;
    }
    let (typed, meant) = (&typed[same..], &meant[same..]);
    let fits = |typed: &str, meant: &str| match is_beginning {
        true => meant.starts_with(typed),
        false => typed == meant,
    };
    let (one, typed_later) = split(typed);
    let (other, meant_later) = split(meant);
    let (Some(one), Some(other)) = (one, other) else {
        // One of them is the other and a letter; a longer beginning is no slip at all.
        return match (one, other) {
            (Some(_), None) => typed_later.is_empty(),
            (None, Some(_)) => !is_beginning && meant_later.is_empty(),
            _ => false,
        };
    };
    if fits(typed_later, meant_later) || fits(typed_later, meant) || fits(typed, meant_later) {
        return true;
    }
    let (next_typed, typed_rest) = split(typed_later);
    let (next_meant, meant_rest) = split(meant_later);
    next_typed == Some(other) && next_meant == Some(one) && fits(typed_rest, meant_rest)
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
            assert!(is_slip(typed, meant, false), "{typed}");
        }
        for (typed, meant) in [
            ("мангистау", "мангистау"),
            ("мнгстау", "мангистау"),
            ("семей", "актау"),
        ] {
            assert!(!is_slip(typed, meant, false), "{typed}");
        }
        assert!(is_slip("менги", "мангистау", true));
        assert!(!is_slip("манги", "мангистау", true));
    }
}
