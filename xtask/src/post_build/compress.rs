//! Compressed siblings of the files, so that the server need not compress while a phone waits.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::thread;

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};

use super::{extension, files_below, write};

/// Worth compressing; pictures are already.
const KINDS: [&str; 8] = [
    "css",
    "html",
    "js",
    "json",
    "svg",
    "txt",
    "wasm",
    "webmanifest",
];

/// The largest window that browsers accept.
const BROTLI_WINDOW_BITS: u32 = 24;

/// How hard to try.
#[derive(Clone, Copy)]
struct Effort {
    brotli: u32,
    gzip: u32,
}

/// Writes `FILE.br` and `FILE.gz` beside each text and wasm file that gets smaller by it.
pub(super) fn compress(folder: &Path, is_release: bool) -> Result<()> {
    let effort = if is_release {
        Effort {
            brotli: 11,
            gzip: 9,
        }
    } else {
        Effort { brotli: 1, gzip: 1 }
    };
    let mut files = files_below(folder)?;
    files.retain(|path| KINDS.contains(&extension(path)));
    let waiting = Mutex::new(files);
    let next = || {
        // A poisoned lock means that another thread panicked, which ends the scope anyway.
        waiting.lock().ok().and_then(|mut files| files.pop())
    };
    let work = || -> Result<()> {
        while let Some(path) = next() {
            compress_file(&folder.join(&path), effort)
                .with_context(|| format!("cannot compress {path}"))?;
        }
        Ok(())
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| match worker.join() {
                Ok(result) => result,
                Err(panic) => std::panic::resume_unwind(panic),
            })
    })
}

fn compress_file(file: &Path, effort: Effort) -> Result<()> {
    let content = fs::read(file)?;
    keep_if_smaller(file, "br", &content, &brotli(&content, effort.brotli)?)?;
    keep_if_smaller(file, "gz", &content, &gzip(&content, effort.gzip)?)
}

fn keep_if_smaller(file: &Path, ending: &str, content: &[u8], compressed: &[u8]) -> Result<()> {
    if compressed.len() >= content.len() {
        return Ok(());
    }
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    write(Path::new(&name), compressed)
}

fn brotli(content: &[u8], quality: u32) -> Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let mut writer =
        brotli::CompressorWriter::new(&mut compressed, 1 << 16, quality, BROTLI_WINDOW_BITS);
    writer.write_all(content)?;
    drop(writer);
    Ok(compressed)
}

fn gzip(content: &[u8], level: u32) -> Result<Vec<u8>> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::new(level));
    writer.write_all(content)?;
    Ok(writer.finish()?)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Read as _;

    use super::compress;

    #[test]
    fn siblings_hold_the_same_bytes_and_never_more() {
        let folder = tempfile::tempdir().unwrap();
        let text = "керуен ".repeat(1000);
        fs::write(folder.path().join("a.js"), &text).unwrap();
        fs::write(folder.path().join("b.js"), "1").unwrap();
        fs::write(folder.path().join("c.png"), &text).unwrap();
        compress(folder.path(), true).unwrap();

        let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
        let mut unpacked = String::new();
        brotli::Decompressor::new(read("a.js.br").as_slice(), 4096)
            .read_to_string(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, text);
        unpacked.clear();
        flate2::read::GzDecoder::new(read("a.js.gz").as_slice())
            .read_to_string(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, text);
        assert!(
            !folder.path().join("b.js.br").exists(),
            "one byte cannot shrink"
        );
        assert!(
            !folder.path().join("c.png.br").exists(),
            "pictures are left alone"
        );
    }
}
