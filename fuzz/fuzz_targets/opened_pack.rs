//! A pack, opened as devices and the server do.
#![no_main]

use keruen_formats::pack::{Manifest, Opening};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // What a file says that is no archive at all is read, too.
    let _ = Manifest::read(bytes, &[]);
    let Ok(mut opening) = Opening::new(bytes.len() as u64) else {
        return;
    };
    while let Some(range) = opening.wanted() {
        assert!(range.end <= bytes.len() as u64, "within the archive");
        if opening.take(&bytes[range.start as usize..range.end as usize]).is_err() {
            return;
        }
    }
    let mut contents = opening.finish().expect("all was compared");
    for file in contents.named_files() {
        assert!(file.content.end <= bytes.len() as u64, "within the archive");
    }
    let _ = contents.leave_out_the_future(1_700_000_000_000);
});
