//! Cutting records into chunks of even size, as they travel.

use std::io::{Read as _, Write as _};

use keruen_domain::page::{self, Part};
use keruen_domain::protocol::limits;
use keruen_domain::protocol::v2::Chunk;
use keruen_domain::{ContentHash, ScopeId};

use super::Rules;

/// Of 0 to 11: beyond it hundredths of the size cost several times the time.
const BROTLI_QUALITY: u32 = 9;
/// Larger than most chunks are uncompressed; browsers take this much memory to read one.
const BROTLI_WINDOW_BITS: u32 = 19;
/// How often a chunk is cut again when it came out far from the size that was wanted.
const TRIES: usize = 4;
/// However well it may compress: a chunk is decoded in one piece on phones with little memory.
const MOST_RAW_BYTES: usize = 1024 * 1024;
const _: () = assert!(MOST_RAW_BYTES + limits::MAX_RECORD_BYTES < limits::MAX_CHUNK_BYTES);

/// A chunk with its bytes.
#[derive(Clone, Debug)]
pub struct Cut {
    /// What is said of it.
    pub chunk: Chunk,
    /// Its content, compressed with Brotli.
    pub compressed: Vec<u8>,
}

/// Cuts these records of a scope into chunks, in their order. A chunk is within a third
/// of the wanted size, unless there is no more to put into it or a single record is larger.
pub fn cut<'a>(
    scope: ScopeId,
    records: &'a [Part],
    rules: &Rules,
) -> impl Iterator<Item = Cut> + use<'a> {
    let rules = *rules;
    let mut left = records;
    // How many times smaller the last chunk became.
    let mut ratio = 4.0;
    let mut wanted_bytes = rules.first_chunk_bytes;
    std::iter::from_fn(move || {
        if left.is_empty() {
            return None;
        }
        let (count, cut) = next(scope, left, wanted_bytes, &mut ratio);
        left = &left[count..];
        wanted_bytes = rules.chunk_bytes;
        Some(cut)
    })
}

/// The next chunk, of so many of the records.
fn next(scope: ScopeId, records: &[Part], wanted_bytes: usize, ratio: &mut f64) -> (usize, Cut) {
    let mut tried = 0;
    loop {
        tried += 1;
        let count = count_within(records, (wanted_bytes as f64 * *ratio) as usize);
        let content = page::of_parts(scope, &records[..count]);
        let compressed = compress(&content);
        *ratio = content.len() as f64 / compressed.len() as f64;
        let is_too_large = compressed.len() > wanted_bytes * 4 / 3 && count > 1;
        let could_be_larger = count < records.len() && content.len() < MOST_RAW_BYTES;
        let is_too_small = compressed.len() < wanted_bytes * 2 / 3 && could_be_larger;
        if (is_too_large || is_too_small) && tried < TRIES {
            continue;
        }
        let chunk = Chunk {
            sha256: ContentHash::of(&content),
            size_bytes: u32::try_from(compressed.len()).unwrap_or(u32::MAX),
            records: u32::try_from(count).unwrap_or(u32::MAX),
        };
        return (count, Cut { chunk, compressed });
    }
}

/// How many records have about this many bytes together: at least one.
fn count_within(records: &[Part], raw_bytes: usize) -> usize {
    let raw_bytes = raw_bytes.min(MOST_RAW_BYTES);
    let mut sum = 0;
    let fitting = records.iter().take_while(|record| {
        sum += record.size_bytes();
        sum <= raw_bytes
    });
    fitting.count().max(1)
}

fn compress(content: &[u8]) -> Vec<u8> {
    let mut writer =
        brotli::CompressorWriter::new(Vec::new(), 4096, BROTLI_QUALITY, BROTLI_WINDOW_BITS);
    writer
        .write_all(content)
        .expect("memory takes whatever is written to it");
    writer.into_inner()
}

/// The content of a chunk; `None` if these bytes are none, or hold more than a chunk may.
pub fn decompress(compressed: &[u8]) -> Option<Vec<u8>> {
    let limit = u64::try_from(limits::MAX_CHUNK_BYTES).unwrap_or(u64::MAX);
    let mut content = Vec::new();
    brotli::Decompressor::new(compressed, 4096)
        .take(limit + 1)
        .read_to_end(&mut content)
        .ok()?;
    (content.len() <= limits::MAX_CHUNK_BYTES).then_some(content)
}

/// Whether these compressed bytes are what is said of them.
pub fn is_chunk(chunk: &Chunk, compressed: &[u8]) -> bool {
    let content = decompress(compressed);
    let hash = content.map(|content| ContentHash::of(&content));
    hash == Some(chunk.sha256) && usize::try_from(chunk.size_bytes) == Ok(compressed.len())
}

#[cfg(test)]
mod tests {
    use keruen_domain::{
        Author, Clock, Collection, DeviceId, Edit, FieldKey, Hlc, Record, RecordId, RecordKey,
    };

    use super::*;

    /// Records with texts of about so many bytes that do not compress to nothing.
    fn records(count: u64, text_bytes: usize) -> Vec<Record> {
        let mut random = 0x9e37_79b9_7f4a_7c15_u64;
        let mut clock = Clock::new(DeviceId(1), Hlc::default(), 0);
        let record = |number| {
            let key = RecordKey {
                scope: SCOPE,
                collection: Collection::MATERIAL,
                id: RecordId::new(number, [1; 10]),
            };
            let mut text = String::new();
            while text.len() < text_bytes {
                random ^= random << 13;
                random ^= random >> 7;
                random ^= random << 17;
                text.push_str(["caravan ", "silk ", "tea ", "road "][(random % 4) as usize]);
                text.push_str(&(random % 10_000).to_string());
            }
            let mut edit = Edit::new(key, None, clock.stamp(1), Author::Machine);
            edit.set(FieldKey::register("body"), text);
            edit.finish().unwrap()
        };
        (0..count).map(record).collect()
    }

    const SCOPE: ScopeId = ScopeId::OWN;

    fn parts(records: &[Record]) -> Vec<Part> {
        records.iter().map(Part::of).collect()
    }

    #[test]
    fn chunks_hold_all_records_in_their_order_and_are_of_even_size() {
        let rules = Rules::default();
        let records = records(2_000, 400);
        let cuts: Vec<Cut> = cut(SCOPE, &parts(&records), &rules).collect();
        let mut read = Vec::new();
        for (place, made) in cuts.iter().enumerate() {
            let content = decompress(&made.compressed).unwrap();
            assert_eq!(ContentHash::of(&content), made.chunk.sha256);
            assert_eq!(made.chunk.size_bytes as usize, made.compressed.len());
            let held = page::decode(&content).unwrap();
            assert_eq!(made.chunk.records as usize, held.len());
            // The first chunk can be made again from its records: that is how it is recognised.
            assert_eq!(page::encode(SCOPE, &held), content);
            read.extend(held);
            let size = made.compressed.len();
            match place {
                0 => assert!((6_000..=14_000).contains(&size), "{size}"),
                _ if place + 1 < cuts.len() => {
                    assert!((32_000..=64_000).contains(&size), "{size}");
                }
                _ => {}
            }
        }
        assert!(cuts.len() > 3);
        assert_eq!(read, records);
    }

    #[test]
    fn nothing_gives_no_chunk_and_a_huge_record_gives_its_own() {
        let rules = Rules::default();
        assert_eq!(cut(SCOPE, &[], &rules).count(), 0);
        let huge = parts(&records(3, 500_000));
        let counts: Vec<u32> = cut(SCOPE, &huge, &rules)
            .map(|made| made.chunk.records)
            .collect();
        assert_eq!(counts, [1, 1, 1]);
    }

    #[test]
    fn what_compresses_to_nothing_still_ends() {
        let rules = Rules::default();
        let same = records(1, 100);
        let same = vec![Part::of(&same[0]); 100_000];
        for made in cut(SCOPE, &same, &rules) {
            assert!(decompress(&made.compressed).unwrap().len() <= MOST_RAW_BYTES + 32);
        }
    }

    #[test]
    fn a_bomb_and_other_bytes_are_no_chunk() {
        assert_eq!(decompress(b"caravan"), None);
        assert_eq!(
            decompress(&compress(&vec![0; limits::MAX_CHUNK_BYTES + 1])),
            None
        );
    }
}
