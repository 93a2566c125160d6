/// The checksum of ZIP entries: CRC-32 (ISO 3309, polynomial 0xEDB88320 reflected), of bytes that come piece by piece.
///
/// A table of one kilobyte, since every phone downloads it; nothing depends on this sum but that other programs open the
/// archive: what a file is, its SHA-256 says.
#[derive(Clone, Copy, Debug)]
pub struct Crc32(u32);

const TABLE: [u32; 256] = table();

const fn table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let mut sum = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum & 1 == 1 {
                0xedb8_8320 ^ (sum >> 1)
            } else {
                sum >> 1
            };
            bit += 1;
        }
        table[byte] = sum;
        byte += 1;
    }
    table
}

impl Default for Crc32 {
    fn default() -> Self {
        Self(!0)
    }
}

impl Crc32 {
    /// The sum of these bytes.
    pub fn of(bytes: &[u8]) -> u32 {
        let mut sum = Self::default();
        sum.take(bytes);
        sum.finish()
    }

    /// Takes in the next bytes.
    pub fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let [low, ..] = self.0.to_le_bytes();
            self.0 = TABLE[usize::from(low ^ byte)] ^ (self.0 >> 8);
        }
    }

    /// The sum.
    pub const fn finish(self) -> u32 {
        !self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_sum_that_everybody_knows() {
        assert_eq!(Crc32::of(b""), 0);
        assert_eq!(Crc32::of(b"123456789"), 0xcbf4_3926);
        let mut in_pieces = Crc32::default();
        in_pieces.take(b"1234");
        in_pieces.take(b"56789");
        assert_eq!(in_pieces.finish(), 0xcbf4_3926);
    }
}
