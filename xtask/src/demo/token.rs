//! The demo's organiser token: made once, readable by its owner alone.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// 256 random bits: not to be guessed.
const RANDOM_BYTES: usize = 32;

/// Returns the token in the file, made at the first call.
pub(super) fn read_or_create(file: &Path) -> Result<String> {
    if file.is_file() {
        let token =
            fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        return Ok(token.trim().to_owned());
    }
    let mut random = [0; RANDOM_BYTES];
    getrandom::fill(&mut random)
        .map_err(|error| anyhow!("the system gives no random numbers: {error}"))?;
    let token = URL_SAFE_NO_PAD.encode(random);
    create_private(file)
        .and_then(|mut created| created.write_all(token.as_bytes()))
        .with_context(|| format!("cannot write {}", file.display()))?;
    Ok(token)
}

#[cfg(unix)]
fn create_private(file: &Path) -> std::io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
}

#[cfg(not(unix))]
fn create_private(file: &Path) -> std::io::Result<fs::File> {
    OpenOptions::new().write(true).create_new(true).open(file)
}

#[cfg(test)]
mod tests {
    use super::read_or_create;

    #[test]
    fn the_token_is_kept_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        let token = read_or_create(&file).unwrap();
        assert_eq!(token.len(), 43, "32 bytes in base64url");
        assert_eq!(read_or_create(&file).unwrap(), token);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = file.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
