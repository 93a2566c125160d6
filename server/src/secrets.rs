//! Secrets that the server gives away: made of the machine's random bits, told once, kept as hashes.
//!
//! A secret is looked up by its hash, so that how long that takes says nothing about the secret.

use std::fmt;

use sha2::{Digest as _, Sha256};

use crate::machine::{self, NoRandomBits};

/// Random bytes of a secret in a link: 144 bits, and 24 characters without a rest.
const LINK_BYTES: usize = 18;
/// Symbols of a recovery code, of 5 bits each: 130 bits.
const CODE_SYMBOLS: usize = 26;
/// Symbols that stand together on paper.
const CODE_GROUP: usize = 4;

const BASE64URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Digits and letters without those that are taken for others (Crockford's base 32).
const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The SHA-256 of a secret: all that is kept of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SecretHash(pub [u8; 32]);

impl SecretHash {
    /// The hash of this secret.
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// The hash of a recovery code as somebody typed it; `None` if it cannot be one.
    pub fn of_typed_code(typed: &str) -> Option<Self> {
        let code: String = typed.chars().filter_map(symbol).collect();
        let is_code =
            code.len() == CODE_SYMBOLS && code.bytes().all(|symbol| CROCKFORD.contains(&symbol));
        is_code.then(|| Self::of(&code))
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretHash(…)")
    }
}

/// A new secret for a link.
pub fn for_link() -> Result<String, NoRandomBits> {
    let bytes: [u8; LINK_BYTES] = machine::random_bytes()?;
    Ok(base64url(&bytes))
}

/// A new recovery code, in groups for reading, with its hash.
pub fn recovery_code() -> Result<(String, SecretHash), NoRandomBits> {
    let bytes: [u8; CODE_SYMBOLS] = machine::random_bytes()?;
    let symbols = bytes.map(|byte| char::from(CROCKFORD[usize::from(byte % 32)]));
    let groups: Vec<String> = symbols
        .chunks(CODE_GROUP)
        .map(|group| group.iter().collect())
        .collect();
    Ok((groups.join("-"), SecretHash::of(&groups.concat())))
}

/// Bytes as text (RFC 4648, section 5), without padding.
fn base64url(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group
            .iter()
            .zip([16, 8, 0])
            .fold(0, |bits, (byte, shift)| bits | u32::from(*byte) << shift);
        for shift in [18, 12, 6, 0].into_iter().take(group.len() + 1) {
            text.push(char::from(BASE64URL[(bits >> shift & 63) as usize]));
        }
    }
    text
}

/// The symbol that was meant; `None` for what only separates. Letters that look like others are taken for
/// these, in Cyrillic script too: the keyboard may be set to it.
fn symbol(typed: char) -> Option<char> {
    let upper = typed.to_uppercase().next().unwrap_or(typed);
    let symbol = match upper {
        'O' | 'О' => '0',
        'I' | 'L' | 'І' => '1',
        'А' => 'A',
        'В' => 'B',
        'С' => 'C',
        'Е' => 'E',
        'Н' => 'H',
        'К' => 'K',
        'М' => 'M',
        'Р' => 'P',
        'Т' => 'T',
        'Х' => 'X',
        other => other,
    };
    let separates = symbol.is_whitespace() || matches!(symbol, '-' | '‐' | '‑' | '–' | '—');
    (!separates).then_some(symbol)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn bytes_are_told_as_the_standard_says() {
        for (bytes, text) in [
            (&b""[..], ""),
            (b"f", "Zg"),
            (b"fo", "Zm8"),
            (b"foo", "Zm9v"),
            (&[0xfb, 0xff, 0xbf], "-_-_"),
        ] {
            assert_eq!(base64url(bytes), text);
        }
    }

    #[test]
    fn secrets_are_long_and_unlike() {
        let secrets: BTreeSet<String> = (0..1_000).map(|_| for_link().unwrap()).collect();
        assert_eq!(secrets.len(), 1_000);
        assert!(secrets.iter().all(|secret| secret.len() == 24));
    }

    #[test]
    fn a_code_is_known_however_it_is_typed() {
        let (code, hash) = recovery_code().unwrap();
        assert_eq!(code.len(), 26 + 6);
        let loosely = code.to_lowercase().replace('-', " ").replace('0', "o");
        for typed in [&code, &code.replace('-', ""), &loosely] {
            assert_eq!(SecretHash::of_typed_code(typed), Some(hash), "{typed}");
        }
        let cyrillic = code.replace('A', "А").replace('E', "е").replace('1', "i");
        assert_eq!(SecretHash::of_typed_code(&cyrillic), Some(hash));
        assert_eq!(SecretHash::of_typed_code(&code[1..]), None);
        assert_eq!(
            SecretHash::of_typed_code(&code.replace(&code[..1], "U")),
            None
        );
        assert!(!format!("{hash:?}").contains(&code[..4]));
    }
}
