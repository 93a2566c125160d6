//! A backup file, and what stands behind a right checksum.
#![no_main]

use keruen_domain::backup::Backup;
use keruen_domain::encoding;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(backup) = Backup::decode(bytes) {
        assert_eq!(Backup::decode(&backup.encode()), Ok(backup));
    }
    if let Ok(backup) = encoding::decode::<Backup>(bytes) {
        assert!(backup.notes() <= backup.records.len() + backup.unsent());
        assert_eq!(Backup::decode(&backup.encode()), Ok(backup));
    }
});
