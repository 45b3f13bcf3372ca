//! Channel codes: what turns a received code block into a transfer frame.

mod derandomize;

use core::fmt;

use ccsds_core::quality::CodingQuality;

pub use self::derandomize::DerandomizeAfter;

/// A hard-decision block code that corrects in place.
///
/// Implementors hold no state, so one value serves every thread. A host that reads its configuration from a file uses
/// `Box<dyn FrameCodec + Sync>`; firmware names the code it needs and links nothing else.
pub trait FrameCodec {
    /// Octets of a code block: what lies between two markers.
    fn block_len(&self) -> usize;

    /// Octets of the transfer frame that begins a decoded block.
    fn frame_len(&self) -> usize;

    /// How many blocks it takes side by side: a batch of a multiple of them wastes nothing.
    fn blocks_at_once(&self) -> usize {
        1
    }

    /// Correct one block in place. Bit errors are an answer, not an error.
    ///
    /// # Errors
    /// When the block has not [`Self::block_len`] octets.
    fn decode(&self, block: &mut [u8]) -> Result<BlockReport, BlockLength>;

    /// Correct blocks that lie back to back, as [`Self::decode`] does each: a codec may be faster with many.
    ///
    /// # Errors
    /// When the blocks have not [`Self::block_len`] octets for each report; then none is touched.
    fn decode_batch(&self, blocks: &mut [u8], reports: &mut [BlockReport]) -> Result<(), BlockLength> {
        let block_len = self.block_len();
        BlockLength::check(blocks, block_len.saturating_mul(reports.len()))?;
        let mut rest = blocks;
        for report in reports {
            let (block, behind) = rest.split_at_mut_checked(block_len).unwrap_or_default();
            *report = self.decode(block)?;
            rest = behind;
        }
        Ok(())
    }
}

impl<C: FrameCodec + ?Sized> FrameCodec for &C {
    fn block_len(&self) -> usize {
        (**self).block_len()
    }

    fn frame_len(&self) -> usize {
        (**self).frame_len()
    }

    fn blocks_at_once(&self) -> usize {
        (**self).blocks_at_once()
    }

    fn decode(&self, block: &mut [u8]) -> Result<BlockReport, BlockLength> {
        (**self).decode(block)
    }

    fn decode_batch(&self, blocks: &mut [u8], reports: &mut [BlockReport]) -> Result<(), BlockLength> {
        (**self).decode_batch(blocks, reports)
    }
}

#[cfg(feature = "alloc")]
impl<C: FrameCodec + ?Sized> FrameCodec for alloc::boxed::Box<C> {
    fn block_len(&self) -> usize {
        (**self).block_len()
    }

    fn frame_len(&self) -> usize {
        (**self).frame_len()
    }

    fn blocks_at_once(&self) -> usize {
        (**self).blocks_at_once()
    }

    fn decode(&self, block: &mut [u8]) -> Result<BlockReport, BlockLength> {
        (**self).decode(block)
    }

    fn decode_batch(&self, blocks: &mut [u8], reports: &mut [BlockReport]) -> Result<(), BlockLength> {
        (**self).decode_batch(blocks, reports)
    }
}

/// No code: the block is the frame.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Uncoded {
    /// Octets of a frame.
    pub frame_len: usize,
}

impl FrameCodec for Uncoded {
    fn block_len(&self) -> usize {
        self.frame_len
    }

    fn frame_len(&self) -> usize {
        self.frame_len
    }

    fn decode(&self, block: &mut [u8]) -> Result<BlockReport, BlockLength> {
        BlockLength::check(block, self.frame_len)?;
        Ok(BlockReport::UNCHECKED)
    }
}

/// What decoding one block found, codeword by codeword.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BlockReport {
    /// Symbols corrected in each codeword, or [`UNCORRECTABLE`].
    symbols: [u8; BlockReport::MAX_CODEWORDS],
    codewords: u8,
}

impl BlockReport {
    /// The deepest interleaving that 131.0-B defines.
    pub const MAX_CODEWORDS: usize = 8;

    /// The report of a link without a code.
    pub const UNCHECKED: Self = Self { symbols: [0; Self::MAX_CODEWORDS], codewords: 0 };

    /// Enter the next codeword; more than [`Self::MAX_CODEWORDS`] are ignored.
    pub fn push(&mut self, codeword: Codeword) {
        if let Some(symbols) = self.symbols.get_mut(usize::from(self.codewords)) {
            *symbols = match codeword {
                Codeword::Corrected { symbols } => symbols,
                Codeword::Uncorrectable => UNCORRECTABLE,
            };
            self.codewords += 1;
        }
    }

    /// The codewords in order.
    pub fn codewords(&self) -> impl Iterator<Item = Codeword> {
        self.symbols.into_iter().take(self.codewords.into()).map(|symbols| match symbols {
            UNCORRECTABLE => Codeword::Uncorrectable,
            symbols => Codeword::Corrected { symbols },
        })
    }

    /// The block as a whole: as bad as its worst codeword.
    #[must_use]
    pub fn quality(&self) -> CodingQuality {
        let (mut corrected, mut uncorrectable) = (0, 0);
        for codeword in self.codewords() {
            match codeword {
                Codeword::Corrected { symbols } => corrected += u16::from(symbols),
                Codeword::Uncorrectable => uncorrectable += 1,
            }
        }
        match (self.codewords, uncorrectable, corrected) {
            (0, ..) => CodingQuality::Unchecked,
            (_, 0, 0) => CodingQuality::Clean,
            (_, 0, symbols) => CodingQuality::Corrected { symbols },
            (_, codewords, _) => CodingQuality::Uncorrectable { codewords },
        }
    }
}

/// Marks a codeword beyond correction; no code corrects so many symbols.
const UNCORRECTABLE: u8 = u8::MAX;

/// What became of one codeword.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Codeword {
    /// It is free of errors now.
    Corrected {
        /// Symbols that had to be changed; 0 when it arrived clean.
        symbols: u8,
    },
    /// It holds more errors than the code can correct, and was left as received.
    Uncorrectable,
}

/// The caller passed a block of the wrong length.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BlockLength {
    /// Octets that the codec takes.
    pub expected: usize,
    /// Octets given.
    pub actual: usize,
}

impl BlockLength {
    /// Refuse a block that has not `expected` octets.
    pub(crate) const fn check(block: &[u8], expected: usize) -> Result<(), Self> {
        if block.len() == expected { Ok(()) } else { Err(Self { expected, actual: block.len() }) }
    }
}

impl fmt::Display for BlockLength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "code block is {} octets, the codec takes {}", self.actual, self.expected)
    }
}

impl core::error::Error for BlockLength {}

const _: () = {
    const fn object_safe(_: Option<&dyn FrameCodec>) {}
    object_safe(None);
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_as_bad_as_its_worst_codeword() {
        let mut report = BlockReport::default();
        assert_eq!(report.quality(), CodingQuality::Unchecked);
        report.push(Codeword::Corrected { symbols: 0 });
        assert_eq!(report.quality(), CodingQuality::Clean);
        report.push(Codeword::Corrected { symbols: 16 });
        assert_eq!(report.quality(), CodingQuality::Corrected { symbols: 16 });
        report.push(Codeword::Uncorrectable);
        assert_eq!(report.quality(), CodingQuality::Uncorrectable { codewords: 1 });
        assert_eq!(report.codewords().count(), 3);
    }

    #[test]
    fn a_block_of_the_wrong_length_is_the_callers_mistake() {
        let error = Uncoded { frame_len: 4 }.decode(&mut [0; 3]).unwrap_err();
        assert_eq!(error, BlockLength { expected: 4, actual: 3 });
    }

    /// Every answer differs from that of every other method, and from what the trait provides.
    #[derive(Clone, Copy)]
    pub(super) struct Odd;

    impl FrameCodec for Odd {
        fn block_len(&self) -> usize {
            9
        }

        fn frame_len(&self) -> usize {
            7
        }

        fn blocks_at_once(&self) -> usize {
            5
        }

        fn decode(&self, block: &mut [u8]) -> Result<BlockReport, BlockLength> {
            block.fill(0xDE);
            Err(BlockLength { expected: 1, actual: 2 })
        }

        fn decode_batch(&self, blocks: &mut [u8], _reports: &mut [BlockReport]) -> Result<(), BlockLength> {
            blocks.fill(0xBA);
            Err(BlockLength { expected: 3, actual: 4 })
        }
    }

    #[test]
    fn a_codec_is_the_same_in_a_box_and_behind_a_reference() {
        fn check<C: FrameCodec>(codec: C) {
            assert_eq!((codec.block_len(), codec.frame_len(), codec.blocks_at_once()), (9, 7, 5));
            let mut block = [0; 9];
            assert_eq!(codec.decode(&mut block), Err(BlockLength { expected: 1, actual: 2 }));
            assert_eq!(block, [0xDE; 9]);
            assert_eq!(codec.decode_batch(&mut block, &mut []), Err(BlockLength { expected: 3, actual: 4 }));
            assert_eq!(block, [0xBA; 9]);
        }
        check::<&dyn FrameCodec>(&Odd);
        #[cfg(feature = "alloc")]
        check(alloc::boxed::Box::<dyn FrameCodec>::from(alloc::boxed::Box::new(Odd)));
    }

    #[test]
    fn a_codec_without_a_batch_of_its_own_takes_blocks_one_after_the_other() {
        let (codec, mut reports) = (Uncoded { frame_len: 4 }, [BlockReport::default(); 3]);
        assert_eq!(codec.decode_batch(&mut [0; 12], &mut reports), Ok(()));
        assert_eq!(reports, [BlockReport::UNCHECKED; 3]);
        let error = codec.decode_batch(&mut [0; 11], &mut reports).unwrap_err();
        assert_eq!(error, BlockLength { expected: 12, actual: 11 });
    }
}
