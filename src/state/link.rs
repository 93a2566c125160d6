//! Links with a secret that somebody opened: kept until they are used or given up, since joining needs
//! the server and the way to it may break.

use keruen_domain::PersonId;

use crate::platform::{Area, go, read_value, remove_value, take_fragment_parameter, write_value};

/// Where the page for such links is.
pub const LINK_PAGE: &str = "/join";
const LINK: &str = "keruen.link";
/// The token that this browser will be known by, made before it is asked for.
const LINK_TOKEN: &str = "keruen.link_token";

/// Who the owner of this device is, as the server said last.
const PERSON: &str = "keruen.person";

/// The names of the secrets in the addresses' fragments.
const NAMES: [&str; 4] = ["join", "device", "share", "token"];

/// What waits to be used.
#[derive(Clone, PartialEq, Eq)]
pub enum Link {
    /// An invitation.
    Invitation(String),
    /// This browser becomes one more device of somebody.
    Device(String),
    /// Something that was shared.
    Share(String),
    /// Somebody's token: this browser becomes theirs.
    Key(String),
}

/// Takes a link's secret out of the address before anything else can see it, keeps it and goes to its
/// page. Whether there was one.
pub fn take_link() -> bool {
    let found = NAMES
        .into_iter()
        .find_map(|name| Some((name, take_fragment_parameter(name)?)));
    let Some((name, secret)) = found else {
        return false;
    };
    keep(name, &secret);
    go(LINK_PAGE, true);
    true
}

/// Who the owner of this device is, if the server has said so since it is theirs.
pub(super) fn own_person() -> Option<PersonId> {
    read_value(Area::Lasting, PERSON)?.parse().ok()
}

/// The server has said who the owner is.
pub(super) fn remember_person(person: PersonId) {
    write_value(Area::Lasting, PERSON, &person.to_string());
}

/// The device is somebody else's from now on.
pub(super) fn forget_person() {
    remove_value(Area::Lasting, PERSON);
}

/// Keeps a secret in the place of the one that waits.
fn keep(name: &str, secret: &str) {
    Link::forget();
    write_value(Area::Lasting, LINK, &[name, " ", secret].concat());
}

impl Link {
    /// The one that waits.
    pub fn waiting() -> Option<Self> {
        let kept = read_value(Area::Lasting, LINK)?;
        let (name, secret) = kept.split_once(' ')?;
        let secret = secret.to_owned();
        match name {
            "join" => Some(Self::Invitation(secret)),
            "device" => Some(Self::Device(secret)),
            "share" => Some(Self::Share(secret)),
            "token" => Some(Self::Key(secret)),
            _ => None,
        }
    }

    /// What somebody pasted or typed: a link as it was sent, or the code that stands on paper.
    pub fn read(pasted: &str) -> Option<Self> {
        /// The recovery code, however it is grouped.
        const CODE_CHARACTERS: usize = 26;
        let pasted = pasted.trim();
        let after = |mark: &str| {
            let (_, rest) = pasted.split_once(mark)?;
            // A page of a share may be in a language, or below the share's own.
            let secret = rest.split(['?', '/', '#', '&']).next()?;
            Some(secret.to_owned())
        };
        let is_code = |text: &str| {
            let mut letters = text.bytes().filter(|byte| !matches!(byte, b'-' | b' '));
            letters.clone().count() == CODE_CHARACTERS
                && letters.all(|byte| byte.is_ascii_alphanumeric())
        };
        if let Some(secret) = after("#join=") {
            Some(Self::Invitation(secret))
        } else if let Some(secret) = after("#device=") {
            Some(Self::Device(secret))
        } else if let Some(secret) = after("#share=").or_else(|| after("/s/")) {
            Some(Self::Share(secret))
        } else {
            is_code(pasted).then(|| Self::Device(pasted.to_owned()))
        }
    }

    /// Keeps it in the place of the one that waits.
    pub fn keep(&self) {
        let (name, secret) = match self {
            Self::Invitation(secret) => ("join", secret),
            Self::Device(secret) => ("device", secret),
            Self::Share(secret) => ("share", secret),
            Self::Key(token) => ("token", token),
        };
        keep(name, secret);
    }

    /// It was used, or nobody wants it.
    pub fn forget() {
        remove_value(Area::Lasting, LINK);
        remove_value(Area::Lasting, LINK_TOKEN);
    }

    /// The token to ask for with the waiting link: the same at each attempt, so that the server counts
    /// one device however often the answer is lost.
    pub(super) fn token() -> String {
        read_value(Area::Lasting, LINK_TOKEN).unwrap_or_else(|| {
            let token = base64url(&crate::platform::random_bytes::<32>());
            write_value(Area::Lasting, LINK_TOKEN, &token);
            token
        })
    }
}

/// Base64 for addresses, without padding (RFC 4648, section 5).
fn base64url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group
            .iter()
            .chain(&[0, 0])
            .take(3)
            .fold(0, |bits: usize, byte| bits << 8 | usize::from(*byte));
        for place in 0..=group.len() {
            text.push(char::from(DIGITS[bits >> (18 - 6 * place) & 63]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_the_letters_of_the_standard() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
            ("\u{7ff}\u{7ff}", "37_fvw"),
        ] {
            assert_eq!(base64url(bytes.as_bytes()), text);
        }
        assert_eq!(base64url(&[255; 32]).len(), 43);
    }

    #[test]
    fn pasted_links_and_codes_are_known() {
        let read = |text: &str| Link::read(text);
        let secret = || "abcdefghijklmnopqrstuv".to_owned();
        assert!(
            read("https://k.example/#join=abcdefghijklmnopqrstuv")
                == Some(Link::Invitation(secret()))
        );
        assert!(
            read(" https://k.example/#device=abcdefghijklmnopqrstuv ")
                == Some(Link::Device(secret()))
        );
        assert!(read("https://k.example/s/abcdefghijklmnopqrstuv") == Some(Link::Share(secret())));
        assert!(
            read("https://k.example/s/abcdefghijklmnopqrstuv?lang=kk")
                == Some(Link::Share(secret()))
        );
        assert!(
            read("ABCDEF-GHJKMN-PQRSTV WXYZ-0123")
                == Some(Link::Device("ABCDEF-GHJKMN-PQRSTV WXYZ-0123".to_owned()))
        );
        assert!(read("hello").is_none());
        assert!(read("https://example.org/").is_none());
    }
}
