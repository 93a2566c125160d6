//! A number that tells one content from another.

/// Odd, and its bits are spread: the golden ratio.
const ODD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Another number for every other content, as good as always: it notices accidents, not malice. It is kept on
/// devices beside what was made of the content, so it never changes.
#[must_use]
pub fn fingerprint(content: &[u8]) -> u64 {
    let (words, rest) = content.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let last = (!rest.is_empty()).then_some(&last);
    let mut sum = ODD ^ content.len() as u64;
    for word in words.iter().chain(last) {
        sum = (sum ^ u64::from_le_bytes(*word)).wrapping_mul(ODD);
        // What is in the highest bits gets back to the lowest.
        sum ^= sum >> 29;
    }
    sum
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::fingerprint;

    #[test]
    fn it_is_what_it_was() {
        assert_eq!(fingerprint(b""), 0x9e37_79b9_7f4a_7c15);
        assert_eq!(fingerprint("Керуен".as_bytes()), 15_788_019_810_360_184_908);
        assert_eq!(fingerprint(&[7; 64]), 3_092_958_166_601_038_359);
    }

    proptest! {
        #[test]
        fn a_changed_byte_is_noticed(
            content in prop::collection::vec(any::<u8>(), 1..200),
            at in any::<prop::sample::Index>(),
            flip in 1_u8..,
        ) {
            let mut other = content.clone();
            other[at.index(content.len())] ^= flip;
            prop_assert_ne!(fingerprint(&content), fingerprint(&other));
            let cut = &content[..content.len() - 1];
            prop_assert_ne!(fingerprint(&content), fingerprint(cut));
        }
    }
}
