//! Sizes of turbo code blocks, and the sync markers they lie behind (131.0-B-6 §6, §9). Decoding them is left to equipment ahead.
//!
//! Such equipment must be told how long a block is and which marker it looks for; so must a synchronizer that only cuts a stream of
//! hard decisions into blocks.
//!
//! ```
//! use frame_sync::turbo::{TurboBlock, TurboRate};
//!
//! const BLOCK: TurboBlock = TurboBlock::B1784;
//! const RATE: TurboRate = TurboRate::R1_2;
//! assert_eq!(BLOCK.code_bits(RATE), 3576);
//! assert_eq!(RATE.asm().len_bits(), 64);
//! ```

use crate::asm::Asm;

/// The nominal rate of a turbo code.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum TurboRate {
    /// 1/2.
    R1_2,
    /// 1/3.
    R1_3,
    /// 1/4.
    R1_4,
    /// 1/6.
    R1_6,
}

impl TurboRate {
    /// All rates of the book.
    pub const ALL: [Self; 4] = [Self::R1_2, Self::R1_3, Self::R1_4, Self::R1_6];

    /// Symbols sent for each bit that goes into the encoder.
    #[must_use]
    pub const fn symbols_per_bit(self) -> usize {
        match self {
            Self::R1_2 => 2,
            Self::R1_3 => 3,
            Self::R1_4 => 4,
            Self::R1_6 => 6,
        }
    }

    /// The marker ahead of each code block: 32 symbols for each symbol of the rate, not encoded.
    #[must_use]
    pub const fn asm(self) -> Asm {
        match self {
            Self::R1_2 => Asm::TURBO_1_2,
            Self::R1_3 => Asm::TURBO_1_3,
            Self::R1_4 => Asm::TURBO_1_4,
            Self::R1_6 => Asm::TURBO_1_6,
        }
    }
}

/// An information block of a turbo code, which is one transfer frame: as long as the data of a Reed-Solomon code block with E = 16.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum TurboBlock {
    /// 1784 bits.
    B1784,
    /// 3568 bits.
    B3568,
    /// 7136 bits.
    B7136,
    /// 8920 bits.
    B8920,
}

impl TurboBlock {
    /// All lengths of the book.
    pub const ALL: [Self; 4] = [Self::B1784, Self::B3568, Self::B7136, Self::B8920];

    /// The block of so many information bits, if there is one.
    #[must_use]
    pub const fn of_bits(bits: usize) -> Option<Self> {
        match bits {
            1784 => Some(Self::B1784),
            3568 => Some(Self::B3568),
            7136 => Some(Self::B7136),
            8920 => Some(Self::B8920),
            _ => None,
        }
    }

    /// Information bits.
    #[must_use]
    pub const fn bits(self) -> usize {
        match self {
            Self::B1784 => 1784,
            Self::B3568 => 3568,
            Self::B7136 => 7136,
            Self::B8920 => 8920,
        }
    }

    /// Octets of the transfer frame.
    #[must_use]
    pub const fn frame_len(self) -> usize {
        self.bits() / 8
    }

    /// Symbols of the code block, without its marker: four more bits bring the encoder back to its first state.
    ///
    /// Not always a whole number of octets: at rate 1/3 half an octet is left over.
    #[must_use]
    pub const fn code_bits(self, rate: TurboRate) -> usize {
        (self.bits() + TERMINATION_BITS) * rate.symbols_per_bit()
    }

    /// Symbols from one marker to the next.
    #[must_use]
    pub const fn cadu_bits(self, rate: TurboRate) -> usize {
        rate.asm().len_bits() + self.code_bits(rate)
    }
}

const TERMINATION_BITS: usize = 4;

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::codec::FrameCodec;
    use crate::rs::{Basis, Interleave, RsConfig, RsDecoder, RsE};
    use crate::sync::{SyncConfig, SyncEvent, SyncParameters, Synchronizer};

    #[test]
    fn turbo_code_blocks_are_as_long_as_is_published() {
        let published = [
            (1784, [3576, 5364, 7152, 10728]),
            (3568, [7144, 10716, 14288, 21432]),
            (7136, [14280, 21420, 28560, 42840]),
            (8920, [17848, 26772, 35696, 53544]),
        ];
        let ours = TurboBlock::ALL.map(|block| (block.bits(), TurboRate::ALL.map(|r| block.code_bits(r))));
        assert_eq!(ours, published);
        for block in TurboBlock::ALL {
            assert_eq!(TurboBlock::of_bits(block.bits()), Some(block));
            assert_eq!(TurboBlock::of_bits(block.bits() + 1), None);
        }
    }

    /// An information block is the data of a Reed-Solomon code block, so frames need not change with the code.
    #[test]
    fn turbo_information_blocks_are_those_of_reed_solomon() {
        let interleaves = [Interleave::I1, Interleave::I2, Interleave::I4, Interleave::I5];
        for (block, interleave) in TurboBlock::ALL.into_iter().zip(interleaves) {
            let config = RsConfig::new(RsE::E16, interleave, 0, Basis::Dual).unwrap();
            assert_eq!(block.frame_len(), RsDecoder::new(config).frame_len());
        }
    }

    #[test]
    fn markers_of_turbo_codes_are_as_long_as_their_rate_says() {
        for rate in TurboRate::ALL {
            assert_eq!(rate.asm().len_bits(), 32 * rate.symbols_per_bit());
        }
        assert_eq!(TurboBlock::B8920.cadu_bits(TurboRate::R1_6), 53_544 + 192);
    }

    /// At rate 1/3 every second block begins in the middle of an octet.
    #[test]
    fn a_synchronizer_cuts_a_stream_into_turbo_code_blocks() {
        for (block, rate) in [(TurboBlock::B1784, TurboRate::R1_3), (TurboBlock::B3568, TurboRate::R1_6)] {
            let (marker, len) = rate.asm().octets();
            let bit_of = |octet: u8, i: usize| octet >> (7 - i % 8) & 1;
            let mut symbols = Vec::new();
            for number in 0..6usize {
                symbols.extend((0..8 * len).map(|i| bit_of(marker[i / 8], i)));
                symbols.extend((0..block.code_bits(rate)).map(|i| (i * (i + number) / 7 % 2) as u8));
            }
            let octets: Vec<u8> = symbols
                .chunks(8)
                .map(|bits| (0..).zip(bits).fold(0, |octet, (i, bit)| octet | bit << (7 - i)))
                .collect();
            let cadu_bits = block.cadu_bits(rate);
            let config = SyncConfig::new(SyncParameters::new(rate.asm(), cadu_bits)).unwrap();
            assert_eq!(config.block_bits(), block.code_bits(rate));
            let (mut sync, mut at, mut found) = (Synchronizer::new(config), 0, Vec::new());
            loop {
                let step = sync.finish(&octets[at..]);
                at += step.advance;
                match step.event {
                    Some(SyncEvent::Cadu(cadu)) => found.push(cadu.stream_bit),
                    Some(_) => {}
                    None => break,
                }
            }
            assert_eq!(found, (0..6).map(|n| n * cadu_bits as u64).collect::<Vec<_>>());
        }
    }
}
