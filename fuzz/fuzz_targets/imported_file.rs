//! A file of any format that is imported.
#![no_main]

use keruen_domain::{Clock, DeviceId, Hlc};
use keruen_formats::{NoCompanions, Options, plan, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let options = Options {
        name: Some("a programme"),
        ..Options::default()
    };
    if let Ok(draft) = read(bytes, &options, &mut NoCompanions) {
        let now_ms = 1_750_000_000_000;
        let mut clock = Clock::new(DeviceId(1), Hlc::default(), 0);
        let _ = plan(&draft, &[], &mut clock, now_ms);
    }
});
