/// Random bytes, fit for secrets.
///
/// # Panics
/// Where the browser has no source of randomness; none that runs WebAssembly lacks it, and
/// identifiers that repeat would lose people's words.
pub fn random_bytes<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    let filled = gloo_utils::window()
        .crypto()
        .and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes));
    assert!(filled.is_ok(), "no source of randomness");
    bytes
}

/// 32 random bits.
pub fn random_u32() -> u32 {
    u32::from_le_bytes(random_bytes())
}
