//! The 26 digits of a ULID are the 128 bits of an identifier in base 32.

use uuid::Uuid;

const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 26;
const BITS_PER_DIGIT: usize = 5;

/// The bits; `None` unless these are 26 digits of at most 128 bits.
pub(super) fn parse(text: &str) -> Option<Uuid> {
    let digits = text.as_bytes();
    if digits.len() != LENGTH || digits[0] > b'7' {
        return None;
    }
    let mut bits = 0;
    for digit in digits {
        let value = DIGITS.iter().position(|known| known == digit)?;
        bits = bits << BITS_PER_DIGIT | value as u128;
    }
    Some(Uuid::from_u128(bits))
}

/// The digits.
pub(super) fn text(id: Uuid) -> String {
    let bits = id.as_u128();
    let digit = |place: usize| DIGITS[(bits >> (place * BITS_PER_DIGIT)) as usize % DIGITS.len()];
    (0..LENGTH)
        .rev()
        .map(|place| char::from(digit(place)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_bits_and_back() {
        for id in [
            "01ARZ3NDEKTSV4RRFFQ69G5FAV",
            "7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
            "00000000000000000000000000",
        ] {
            assert_eq!(parse(id).map(text).as_deref(), Some(id));
        }
        for other in [
            "01ARZ3",
            "8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
            "01ARZ3NDEKTSV4RRFFQ69G5FAU",
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
