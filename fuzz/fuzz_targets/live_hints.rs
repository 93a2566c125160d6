//! What a server says by itself, in pieces of any size.
#![no_main]

use keruen_domain::protocol::live::{self, Hints};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((size, stream)) = bytes.split_first() else {
        return;
    };
    let whole = Hints::default().take(stream);
    let mut hints = Hints::default();
    let pieces = stream.chunks(usize::from(*size).max(1));
    let heard: Vec<_> = pieces.flat_map(|piece| hints.take(piece)).collect();
    assert_eq!(heard, whole, "pieces make no difference");
    let again = format!("data: {}\n\n", live::data(&whole));
    assert_eq!(Hints::default().take(again.as_bytes()), whole);
});
