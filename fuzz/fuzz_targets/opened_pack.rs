//! The directory, the headers and the manifest of a pack.
#![no_main]

use keruen_formats::pack::MANIFEST;
use keruen_formats::pack::Manifest;
use keruen_formats::pack::zip::{END_BYTES, directory, directory_place};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // What a file says that is no archive at all is read, too.
    let _ = Manifest::read(bytes, &[]);
    let Some(end) = bytes.len().checked_sub(END_BYTES as usize) else {
        return;
    };
    let Ok((place, count)) = directory_place(&bytes[end..], bytes.len() as u64) else {
        return;
    };
    let part = |range: std::ops::Range<u64>| &bytes[range.start as usize..range.end as usize];
    let Ok(entries) = directory(part(place.clone()), place.start, count) else {
        return;
    };
    for entry in &entries {
        assert!(entry.content().end <= place.start, "within the archive");
        if part(entry.header()) != entry.header_bytes() {
            return;
        }
    }
    if let Some(manifest) = entries.iter().find(|entry| entry.name == MANIFEST)
        && let Ok(manifest) = Manifest::read(part(manifest.content()), &entries)
    {
        assert_eq!(Manifest::read(manifest.to_json().as_bytes(), &entries), Ok(manifest));
    }
});
