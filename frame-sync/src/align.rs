//! The one copy of the receive chain: strip the marker, shift to octets, undo inversion and randomization.

use ccsds_core::arch::Level;

use crate::arch::copy::{CopyKernel, Source};
use crate::randomizer::Randomizer;
use crate::sync::{CaduLoc, SyncConfig};

/// Copy one code block out of `window`.
///
/// `sync` tells how long the marker is, and how many bits lie between two of them. Where the block has more octets than that,
/// or than the window holds, zeros follow.
pub fn extract(window: &[u8], cadu: &CaduLoc, sync: &SyncConfig, randomizer: Randomizer, block: &mut [u8]) {
    extract_by(CopyKernel::best(), window, cadu, sync, randomizer, block);
}

/// The same at one kernel level, or with portable code where the machine does not have the level.
pub fn extract_with_level(
    level: Level,
    window: &[u8],
    cadu: &CaduLoc,
    sync: &SyncConfig,
    randomizer: Randomizer,
    block: &mut [u8],
) {
    extract_by(CopyKernel::of(level), window, cadu, sync, randomizer, block);
}

fn extract_by(
    kernel: CopyKernel,
    window: &[u8],
    cadu: &CaduLoc,
    sync: &SyncConfig,
    randomizer: Randomizer,
    block: &mut [u8],
) {
    let first_bit = usize::from(cadu.bit) + sync.asm().len_bits();
    let source =
        cadu.offset.checked_add(first_bit / 8).and_then(|start| window.get(start..)).unwrap_or_default();
    let shift = (first_bit % 8) as u32;
    let flip = if cadu.inverted { 0xFF } else { 0 };

    let completed = source.len().saturating_sub(usize::from(shift > 0)).min(block.len());
    let (octets, rest) = block.split_at_mut_checked(completed).unwrap_or_default();
    let mut position = 0;
    for to in octets.chunks_mut(randomizer.run_len()) {
        let from = Source { octets: source.get(position..).unwrap_or_default(), shift, flip };
        let sequence = randomizer.run(position);
        kernel.copy(from, sequence, to);
        if sequence.is_none() {
            randomizer.apply_from(position, to);
        }
        position += to.len();
    }
    // The last bits of the window begin an octet that the window does not complete.
    if let (Some(to), Some(last)) = (rest.first_mut(), source.last()) {
        *to = (last ^ flip) << shift ^ randomizer.octet(completed);
    }
    let bits = (source.len() * 8).saturating_sub(first_bit % 8);
    clear_from(block, bits.min(sync.block_bits()));
}

/// Zero every bit from `bit` on.
fn clear_from(block: &mut [u8], bit: usize) {
    let Some(beyond) = block.get_mut(bit / 8..) else { return };
    if let Some((first, rest)) = beyond.split_first_mut() {
        *first &= !(0xFF >> (bit % 8));
        rest.fill(0);
    }
}

#[cfg(test)]
mod tests {
    use std::vec;
    use std::vec::Vec;

    use super::*;
    use crate::asm::Asm;
    use crate::sync::SyncParameters;
    use ccsds_core::bits::read_unsigned;
    use ccsds_core::quality::SyncQuality;

    fn cadu_at(bit: usize, inverted: bool) -> CaduLoc {
        CaduLoc {
            offset: bit / 8,
            bit: (bit % 8) as u8,
            inverted,
            asm_errors: 0,
            sync: SyncQuality::Locked,
            stream_bit: 0,
        }
    }

    fn config(asm_octets: usize, block_bits: usize) -> SyncConfig {
        let asm = Asm::new(&[0x1A, 0xCF, 0xFC, 0x1D][..asm_octets]).unwrap();
        let parameters = SyncParameters::new(asm, asm.len_bits() + block_bits);
        SyncConfig::new(parameters).unwrap()
    }

    #[test]
    fn every_shift_and_polarity_equals_reading_bit_by_bit() {
        let window: [u8; 40] = core::array::from_fn(|i| (i * 73 + 11) as u8);
        for asm_octets in 1..=4 {
            for start in 0..24 {
                for inverted in [false, true] {
                    let mut block = [0; 20];
                    let config = config(asm_octets, 160);
                    extract(&window, &cadu_at(start, inverted), &config, Randomizer::NONE, &mut block);
                    for (i, octet) in block.iter().enumerate() {
                        let expected = read_unsigned(&window, start + 8 * (asm_octets + i), 8).unwrap() as u8;
                        assert_eq!(*octet, if inverted { !expected } else { expected });
                    }
                }
            }
        }
    }

    #[test]
    fn every_length_and_misalignment_equals_reading_bit_by_bit() {
        let window: Vec<u8> = (0..650u32).map(|i| (i.wrapping_mul(0x9E37_79B1) >> 24) as u8).collect();
        let randomizers = [Randomizer::NONE, Randomizer::CCSDS_255, Randomizer::CCSDS_131071];
        let sequences = randomizers.map(|randomizer| {
            (0..600)
                .map(|i| if randomizer == Randomizer::NONE { 0 } else { randomizer.octet(i) })
                .collect::<Vec<_>>()
        });
        for start in 0..64 {
            let octets: Vec<u8> =
                (1..=600).map(|i| read_unsigned(&window, start + i * 8, 8).unwrap() as u8).collect();
            for len in 0..=600 {
                let (config, inverted) = (config(1, len * 8 + 100), len % 2 == 1);
                for (randomizer, sequence) in randomizers.iter().zip(&sequences) {
                    let flip = if inverted { 0xFF } else { 0 };
                    let expected = octets.iter().zip(sequence).map(|(octet, random)| octet ^ random ^ flip);
                    for level in levels() {
                        let (mut block, cadu) = (vec![0; len], cadu_at(start, inverted));
                        extract_with_level(level, &window, &cadu, &config, *randomizer, &mut block);
                        let block = block.iter().copied();
                        assert!(block.eq(expected.clone().take(len)), "{level:?}, {len} octets from {start}");
                    }
                }
            }
        }
    }

    fn levels() -> impl Iterator<Item = Level> {
        Level::ALL.into_iter().filter(|level| level.is_available())
    }

    #[test]
    fn a_block_longer_than_the_sequence_goes_on_with_it() {
        let window: Vec<u8> = (0..40_100u32).map(|i| (i.wrapping_mul(0x9E37_79B1) >> 24) as u8).collect();
        for randomizer in [Randomizer::CCSDS_255, Randomizer::CCSDS_131071] {
            for (len, start) in [(40_000, 0), (16_383, 5), (16_385, 1), (2041, 3), (4080, 8)] {
                for level in levels() {
                    let (mut block, cadu) = (vec![0; len], cadu_at(start, false));
                    extract_with_level(level, &window, &cadu, &config(1, len * 8), randomizer, &mut block);
                    for (i, octet) in block.iter().enumerate() {
                        let expected = read_unsigned(&window, start + 8 + i * 8, 8).unwrap() as u8;
                        assert_eq!(*octet, expected ^ randomizer.octet(i), "{level:?}, octet {i} of {len}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_window_that_ends_early_leaves_zeros() {
        let mut block = [0xAA; 4];
        extract(&[0xFF; 3], &cadu_at(3, false), &config(1, 32), Randomizer::CCSDS_255, &mut block);
        assert_eq!(block, [0x00, 0xB0, 0, 0], "the last three bits are not those of the sequence");
        extract(&[0xFF; 3], &cadu_at(3, false), &config(1, 32), Randomizer::NONE, &mut block);
        assert_eq!(block, [0xFF, 0xF8, 0, 0]);
        extract(&[], &cadu_at(3, false), &config(1, 32), Randomizer::CCSDS_255, &mut block);
        assert_eq!(block, [0; 4]);
    }

    #[test]
    fn a_block_of_incomplete_octets_ends_in_zeros_and_not_in_the_next_marker() {
        let mut block = [0; 4];
        extract(&[0xFF; 9], &cadu_at(0, false), &config(4, 27), Randomizer::NONE, &mut block);
        assert_eq!(block, [0xFF, 0xFF, 0xFF, 0xE0]);
    }
}
