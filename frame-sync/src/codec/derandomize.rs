//! Links that randomize their frames before the code: the sequence comes off after the correction.

use super::{BlockLength, BlockReport, FrameCodec};
use crate::randomizer::Randomizer;

/// A codec that takes the pseudo-random sequence off the frames it has corrected.
///
/// The book randomizes code blocks (131.0-B-6 §10), check symbols and all, and the copy out of the stream takes the sequence off. Some
/// spacecraft randomize frames instead, and code them then: give this codec the sequence, and none to the receiver.
#[derive(Clone, Copy, Debug)]
pub struct DerandomizeAfter<C> {
    codec: C,
    randomizer: Randomizer,
}

impl<C: FrameCodec> DerandomizeAfter<C> {
    /// Decode with `codec`, then take off `randomizer`, which starts with each frame.
    #[must_use]
    pub const fn new(codec: C, randomizer: Randomizer) -> Self {
        Self { codec, randomizer }
    }

    fn derandomize(&self, block: &mut [u8]) {
        if let Some((frame, _)) = block.split_at_mut_checked(self.codec.frame_len()) {
            self.randomizer.apply(frame);
        }
    }
}

impl<C: FrameCodec> FrameCodec for DerandomizeAfter<C> {
    fn block_len(&self) -> usize {
        self.codec.block_len()
    }

    fn frame_len(&self) -> usize {
        self.codec.frame_len()
    }

    fn blocks_at_once(&self) -> usize {
        self.codec.blocks_at_once()
    }

    fn decode(&self, block: &mut [u8]) -> Result<BlockReport, BlockLength> {
        let report = self.codec.decode(block)?;
        self.derandomize(block);
        Ok(report)
    }

    fn decode_batch(&self, blocks: &mut [u8], reports: &mut [BlockReport]) -> Result<(), BlockLength> {
        self.codec.decode_batch(blocks, reports)?;
        for block in blocks.chunks_exact_mut(self.codec.block_len().max(1)) {
            self.derandomize(block);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::tests::Odd;
    use crate::rs::{Basis, Interleave, RsConfig, RsDecoder, RsE, RsEncoder};
    use ccsds_core::quality::CodingQuality;
    use std::vec::Vec;

    const CODE: RsConfig = match RsConfig::new(RsE::E8, Interleave::I2, 3, Basis::Dual) {
        Ok(config) => config,
        Err(_) => panic!("illegal code"),
    };

    /// A frame, and the block of a spacecraft that randomizes it before it codes it.
    fn block(seed: u8) -> (Vec<u8>, Vec<u8>) {
        let frame: Vec<u8> = (0..CODE.frame_len()).map(|i| (i as u8).wrapping_mul(seed)).collect();
        let mut block = frame.clone();
        Randomizer::CCSDS_131071.apply(&mut block);
        block.resize(CODE.block_len(), 0);
        RsEncoder::new(CODE).encode(&mut block).unwrap();
        (frame, block)
    }

    #[test]
    fn a_frame_randomized_before_the_code_comes_out_clear_after_the_correction() {
        let codec = DerandomizeAfter::new(RsDecoder::new(CODE), Randomizer::CCSDS_131071);
        let (frame, mut received) = block(7);
        for place in [0, 5, 100, 400] {
            received[place] ^= 0xA5;
        }
        assert_eq!(codec.decode(&mut received).unwrap().quality(), CodingQuality::Corrected { symbols: 4 });
        assert_eq!(received[..CODE.frame_len()], frame);
        // The same sequence is no help where it was added after the code.
        let (_, mut clear) = block(7);
        Randomizer::CCSDS_131071.apply(&mut clear);
        let uncorrectable = CodingQuality::Uncorrectable { codewords: 2 };
        assert_eq!(codec.decode(&mut clear).unwrap().quality(), uncorrectable);
    }

    #[test]
    fn a_batch_comes_out_as_its_blocks_do() {
        let codec = DerandomizeAfter::new(RsDecoder::new(CODE), Randomizer::CCSDS_131071);
        let (frames, blocks): (Vec<_>, Vec<_>) = (1..40).map(block).unzip();
        let mut received = blocks.concat();
        let mut reports = std::vec![BlockReport::default(); blocks.len()];
        codec.decode_batch(&mut received, &mut reports).unwrap();
        for ((frame, block), report) in frames.iter().zip(received.chunks(CODE.block_len())).zip(&reports) {
            assert_eq!((&block[..frame.len()], report.quality()), (&frame[..], CodingQuality::Clean));
        }
        assert!(codec.decode_batch(&mut received[1..], &mut reports).is_err());
    }
    #[test]
    fn a_block_has_the_sizes_and_the_errors_of_the_code() {
        let codec = DerandomizeAfter::new(Odd, Randomizer::CCSDS_255);
        assert_eq!((codec.block_len(), codec.frame_len(), codec.blocks_at_once()), (9, 7, 5));
        let mut block = [0; 9];
        assert_eq!(codec.decode(&mut block), Odd.decode(&mut [0; 9]));
        assert_eq!(codec.decode_batch(&mut block, &mut []), Odd.decode_batch(&mut [0; 9], &mut []));
    }
}
