//! No kernel level reads or writes beyond the octets it is given: they lie flush against pages that nobody may touch.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests, where a panic is the failure"
)]

#[path = "../../ccsds-core/tests/guard/mod.rs"]
mod guard;

use ccsds_core::arch::Level;
use ccsds_core::quality::SyncQuality;
use frame_sync::align;
use frame_sync::asm::Asm;
use frame_sync::codec::{BlockReport, FrameCodec};
use frame_sync::randomizer::Randomizer;
use frame_sync::rs::{Basis, Interleave, RsConfig, RsDecoder, RsE, RsEncoder};
use frame_sync::sync::{Alignment, CaduLoc, SyncConfig, SyncEvent, SyncParameters, Synchronizer};

use self::guard::{Flush, Guarded};

/// xorshift64: the tests need no good randomness, only the same each time.
struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn octets(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| (self.next() >> 24) as u8).collect()
    }
}

fn levels(config: RsConfig) -> impl Iterator<Item = RsDecoder> {
    Level::ALL.into_iter().filter_map(move |level| RsDecoder::with_level(config, level))
}

/// Code blocks; every third one is clean, the others hold words with few errors, as many as can be corrected, and more.
fn received(config: RsConfig, blocks: usize, rng: &mut Rng) -> Vec<u8> {
    let (depth, most) = (config.interleave().depth(), config.e().errors());
    let mut octets = rng.octets(config.block_len() * blocks);
    for (n, block) in octets.chunks_exact_mut(config.block_len()).enumerate() {
        RsEncoder::new(config).encode(block).unwrap();
        let index = n % depth;
        for _ in 0..[0, 1 + n % 2, most + n % 5][n % 3] {
            let symbol = rng.below(block.len() / depth);
            block[symbol * depth + index] ^= 1 + rng.below(255) as u8;
        }
    }
    octets
}

const BLOCKS: usize = 33;

#[test]
fn no_level_of_reed_solomon_leaves_its_blocks() {
    let mut rng = Rng(1);
    for interleave in
        [Interleave::I1, Interleave::I2, Interleave::I3, Interleave::I4, Interleave::I5, Interleave::I8]
    {
        for (e, fill, basis) in [
            (RsE::E16, 0, Basis::Dual),
            (RsE::E16, 222, Basis::Conventional),
            (RsE::E16, 33, Basis::Dual),
            (RsE::E8, 0, Basis::Conventional),
            (RsE::E8, 238, Basis::Dual),
            (RsE::E8, 1, Basis::Dual),
        ] {
            let config = RsConfig::new(e, interleave, fill, basis).unwrap();
            let received = received(config, BLOCKS, &mut rng);
            let mut corrected = received.clone();
            let scalar = RsDecoder::with_level(config, Level::Scalar).unwrap();
            let expected: Vec<BlockReport> = corrected
                .chunks_exact_mut(config.block_len())
                .map(|block| scalar.decode(block).unwrap())
                .collect();
            let mut guarded = Guarded::new(received.len());
            for blocks in 1..=BLOCKS {
                let len = blocks * config.block_len();
                for (flush, decoder) in both_with(levels(config)) {
                    let octets = guarded.put(&received[..len], flush);
                    let mut reports = vec![BlockReport::UNCHECKED; blocks];
                    decoder.decode_batch(octets, &mut reports).unwrap();
                    let what = format!("{config:?}, {:?}, {blocks} blocks, {flush:?}", decoder.level());
                    assert!(*octets == corrected[..len] && reports == expected[..blocks], "{what}");
                    assert!(guarded.is_untouched_beside(len, flush), "{what}");
                }
            }
            for (n, block) in received.chunks_exact(config.block_len()).enumerate() {
                let clean = *block == corrected[n * block.len()..][..block.len()] && n % 3 == 0;
                for (flush, decoder) in both_with(levels(config)) {
                    let octets = guarded.put(block, flush);
                    assert_eq!(decoder.check(octets), Ok(clean));
                    assert_eq!(decoder.decode(octets), Ok(expected[n]));
                    assert!(*octets == corrected[n * block.len()..][..block.len()]);
                    assert!(guarded.is_untouched_beside(block.len(), flush));
                }
            }
        }
    }
}

fn both_with<T: Copy>(items: impl Iterator<Item = T>) -> impl Iterator<Item = (Flush, T)> {
    items.flat_map(|item| Flush::BOTH.map(|flush| (flush, item)))
}

/// Noise in which three CADUs of 240 bits begin somewhere.
fn stream(marker: &[u8], start: usize, inverted: bool, wrong: usize, len: usize) -> Vec<u8> {
    let mut octets = Rng(7 + start as u64).octets(len);
    for at in [start, start + CADU_BITS, start + 2 * CADU_BITS] {
        for i in (0..marker.len() * 8).filter(|i| at + i < len * 8) {
            let value = marker[i / 8] >> (7 - i % 8) & 1 == 1;
            let (octet, mask) = (&mut octets[(at + i) / 8], 0x80 >> ((at + i) % 8));
            let one = value ^ inverted ^ (i % 9 == 4 && i / 9 < wrong);
            *octet = if one { *octet | mask } else { *octet & !mask };
        }
    }
    octets
}

const CADU_BITS: usize = 240;

fn events(mut sync: Synchronizer, window: &[u8]) -> (Vec<SyncEvent>, usize) {
    let (mut events, mut spent) = (Vec::new(), 0);
    loop {
        let step = sync.finish(&window[spent..]);
        spent += step.advance;
        match step.event {
            Some(event) => events.push(event),
            None => return (events, spent),
        }
    }
}

#[test]
fn no_level_of_the_marker_search_leaves_its_window() {
    let markers: [&[u8]; 3] =
        [&[0x1A, 0xCF, 0xFC, 0x1D], &[0xFA, 0xF3, 0x20], &[0x03, 0x47, 0x76, 0xC7, 0x27, 0x28, 0x95, 0xB0]];
    let mut guarded = Guarded::new(600);
    let mut found = 0;
    for marker in markers {
        let asm = Asm::new(marker).unwrap();
        for len in 0..=600_usize {
            for (errors, alignment) in
                [(0, Alignment::Bit), (3, Alignment::Bit), (0, Alignment::Octet), (1, Alignment::Bit)]
            {
                // Early, late, or cut off by the end of the window.
                let before_end = [CADU_BITS + 40, 17, 3 * CADU_BITS, 4000][len % 4];
                let start = (8 * len).saturating_sub(before_end);
                let octets = stream(marker, start, len % 2 == 1, usize::from(errors), len);
                let parameters = SyncParameters {
                    search_errors: errors,
                    alignment,
                    slip: 1,
                    ..SyncParameters::new(asm, CADU_BITS)
                };
                let config = SyncConfig::new(parameters).unwrap();
                let expected = events(Synchronizer::with_level(config, Level::Scalar).unwrap(), &octets);
                found += expected.0.len();
                for flush in Flush::BOTH {
                    let window = guarded.put(&octets, flush);
                    for level in Level::ALL {
                        let Some(sync) = Synchronizer::with_level(config, level) else { continue };
                        let what = format!("{level:?}, {len} octets, {errors} errors, {flush:?}");
                        assert_eq!(events(sync, window), expected, "{what}");
                    }
                }
            }
        }
    }
    assert!(found > 1000, "markers were there to be found: {found}");
}

#[test]
fn no_extraction_leaves_its_window_or_its_block() {
    let octets = Rng(3).octets(700);
    let (mut window_guard, mut block_guard) = (Guarded::new(700), Guarded::new(600));
    for first_bit in 0..64 {
        // Octet by octet, each from two others.
        let expected: Vec<u8> = (first_bit / 8..)
            .zip(&octets[first_bit / 8 + 1..])
            .map(|(i, next)| (u16::from_be_bytes([octets[i], *next]) << (first_bit % 8) >> 8) as u8)
            .collect();
        for len in 0..=600 {
            let asm = Asm::new(&[0xEB]).unwrap();
            let config = SyncConfig::new(SyncParameters::new(asm, 8 + len * 8 + 100)).unwrap();
            let cadu = CaduLoc {
                offset: first_bit / 8,
                bit: (first_bit % 8) as u8,
                inverted: len % 2 == 1,
                asm_errors: 0,
                sync: SyncQuality::Locked,
                stream_bit: 0,
            };
            let randomizer = [Randomizer::NONE, Randomizer::CCSDS_255, Randomizer::CCSDS_131071][len % 3];
            // Behind the marker so many octets, to the last bit.
            let window_len = (first_bit + 8 + len * 8).div_ceil(8);
            let levels = Level::ALL.into_iter().filter(|level| level.is_available());
            for (flush, level) in both_with(levels) {
                let window = window_guard.put(&octets[..window_len], flush);
                let block = block_guard.put(&vec![0xA5; len], flush);
                align::extract_with_level(level, window, &cadu, &config, randomizer, block);
                for (i, (octet, expected)) in block.iter().zip(&expected[1..]).enumerate() {
                    let random = if len % 3 == 0 { 0 } else { randomizer.octet(i) };
                    let flip = if cadu.inverted { 0xFF } else { 0 };
                    let what = format_args!("{level:?}, octet {i} of {len} from bit {first_bit}");
                    assert_eq!(*octet, expected ^ random ^ flip, "{what}");
                }
                assert!(block_guard.is_untouched_beside(len, flush));
            }
        }
    }
}
