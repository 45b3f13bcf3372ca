//! What of a recording is looked at: all of a short one, pieces from everywhere in a long one.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use crate::fep::failure::Failure;
use crate::fep::input::Input;

/// Pieces of a recording, each a stretch of octets that follow one another.
#[derive(Clone, Debug, Default)]
pub(super) struct Sample {
    /// The stretches, in the order of the recording.
    pub(super) pieces: Vec<Vec<u8>>,
    /// Octets of the recording; `None` where it went on behind the sample and cannot be measured.
    pub(super) total: Option<u64>,
}

impl Sample {
    /// Take a sample of `input`: at most [`MAX_LEN`] octets of it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn take(input: &Input) -> Result<Self, Failure> {
        let sample = match input {
            Input::File(path) => File::open(path).and_then(Self::of_file),
            Input::Octets(octets) => Self::of_stream(&mut io::Cursor::new(octets)),
            Input::Stdin => Self::of_stream(&mut io::stdin().lock()),
        };
        sample.map_err(|error| match input {
            Input::File(path) => Failure::cannot_run(format!("input {}: {error}", path.display())),
            _ => Failure::cannot_run(format!("standard input: {error}")),
        })
    }

    /// Octets in all pieces.
    pub(super) fn len(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.len() as u64).sum()
    }

    /// Look no further than the first stretch.
    pub(super) fn keep_the_first(&mut self) {
        self.pieces.truncate(1);
    }

    /// Whether nothing of the recording was left out.
    pub(super) fn is_whole(&self) -> bool {
        self.total == Some(self.len())
    }

    fn of_file(mut file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        if !metadata.is_file() || metadata.len() <= MAX_LEN {
            return Self::of_stream(&mut file);
        }
        let last = metadata.len() - PIECE_LEN;
        let pieces = (0..PIECES)
            .map(|n| {
                file.seek(SeekFrom::Start(last * n / (PIECES - 1)))?;
                let mut piece = Vec::new();
                (&mut file).take(PIECE_LEN).read_to_end(&mut piece)?;
                Ok(piece)
            })
            .collect::<io::Result<Vec<_>>>()?;
        Ok(Self { pieces, total: Some(metadata.len()) })
    }

    fn of_stream(stream: &mut impl Read) -> io::Result<Self> {
        let mut octets = Vec::new();
        stream.take(MAX_LEN).read_to_end(&mut octets)?;
        let ended = stream.read(&mut [0])? == 0;
        let total = ended.then_some(octets.len() as u64);
        Ok(Self { pieces: vec![octets], total })
    }
}

/// Bit `n` of `octets`, 0 beyond the end.
pub(super) fn bit(octets: &[u8], n: usize) -> u8 {
    octets.get(n / 8).map_or(0, |octet| octet >> (7 - n % 8) & 1)
}

/// The 32 bits from bit `n` on; `None` where there are not so many.
pub(super) fn word(octets: &[u8], n: usize) -> Option<u32> {
    let octets = octets.get(n / 8..)?;
    let (head, next) = match octets.get(..5) {
        Some(&[a, b, c, d, e]) => (u32::from_be_bytes([a, b, c, d]), e),
        _ if n.is_multiple_of(8) => (u32::from_be_bytes(*octets.first_chunk()?), 0),
        _ => return None,
    };
    let wide = u64::from(head) << 8 | u64::from(next);
    Some((wide >> (8 - n % 8)) as u32)
}

/// Octets of a recording that are looked at, at most.
pub const MAX_LEN: u64 = PIECES * PIECE_LEN;
const PIECES: u64 = 8;
const PIECE_LEN: u64 = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_long_file_is_looked_at_from_its_first_to_its_last_octet() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let octets: Vec<u8> = (0..MAX_LEN + 5).map(|n| (n % 251) as u8).collect();
        file.write_all(&octets).unwrap();
        let sample = Sample::take(&Input::File(file.path().to_owned())).unwrap();
        assert_eq!((sample.len(), sample.total), (MAX_LEN, Some(MAX_LEN + 5)));
        assert!(!sample.is_whole());
        assert_eq!(sample.pieces[0][..9], octets[..9]);
        assert!(octets.ends_with(&sample.pieces[7][1000..]));
    }

    #[test]
    fn words_begin_at_any_bit() {
        let octets = [0x12, 0x34, 0x56, 0x78, 0x9A];
        assert_eq!(word(&octets, 0), Some(0x1234_5678));
        assert_eq!(word(&octets, 4), Some(0x2345_6789));
        assert_eq!(word(&octets, 8), Some(0x3456_789A));
        assert_eq!(word(&octets, 9), None);
        assert_eq!((bit(&octets, 3), bit(&octets, 2), bit(&octets, 400)), (1, 0, 0));
    }
}
