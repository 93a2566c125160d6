//! The one style sheet of the pages: the client's basic sheets and some rules of their own.

use std::sync::LazyLock;

use keruen_domain::ContentHash;

/// All rules.
pub const STYLE: &str = concat!(
    include_str!("../../../style/tokens.css"),
    include_str!("../../../style/base.css"),
    include_str!("../../../style/markdown.css"),
    include_str!("share.css"),
);

/// Hexadecimal digits of the hash in the name.
const HASH_DIGITS: usize = 16;

/// Where the style sheet is: another address for other rules.
pub fn style_path() -> &'static str {
    static PATH: LazyLock<String> = LazyLock::new(|| {
        let hash = ContentHash::of(STYLE.as_bytes()).to_string();
        format!("/share-{}.css", &hash[..HASH_DIGITS])
    });
    &PATH
}
