//! Every kernel level of the Reed-Solomon decoder against the scalar one, and that against a crate by other authors.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests, where a panic is the failure"
)]

use ccsds_core::arch::Level;
use frame_sync::codec::{BlockLength, BlockReport, Codeword, FrameCodec};
use frame_sync::rs::{Basis, Interleave, RsConfig, RsDecoder, RsE, RsEncoder};

const ALL_E: [RsE; 2] = [RsE::E8, RsE::E16];
const ALL_INTERLEAVES: [Interleave; 6] =
    [Interleave::I1, Interleave::I2, Interleave::I3, Interleave::I4, Interleave::I5, Interleave::I8];
const ALL_BASES: [Basis; 2] = [Basis::Conventional, Basis::Dual];

fn config(e: RsE, interleave: Interleave, virtual_fill: u8, basis: Basis) -> RsConfig {
    RsConfig::new(e, interleave, virtual_fill, basis).unwrap()
}

/// Every depth and basis, with no virtual fill, some, and the most there can be.
fn all_configs() -> impl Iterator<Item = RsConfig> {
    let fills = |e: RsE| [0, 1, 14, 33, 128, 254 - e.parity_symbols() as u8];
    ALL_E
        .into_iter()
        .flat_map(move |e| fills(e).map(|fill| (e, fill)))
        .flat_map(|(e, fill)| ALL_INTERLEAVES.map(|interleave| (e, fill, interleave)))
        .flat_map(|(e, fill, interleave)| ALL_BASES.map(|basis| config(e, interleave, fill, basis)))
}

/// Decoders on the levels of this machine above scalar.
fn vector_decoders(config: RsConfig) -> impl Iterator<Item = RsDecoder> {
    Level::ALL.into_iter().skip(1).filter_map(move |level| RsDecoder::with_level(config, level))
}

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

    fn encoded(&mut self, config: RsConfig, blocks: usize) -> Vec<u8> {
        let mut octets = self.octets(config.block_len() * blocks);
        for block in octets.chunks_exact_mut(config.block_len()) {
            RsEncoder::new(config).encode(block).unwrap();
        }
        octets
    }

    /// Change so many different symbols of a codeword.
    fn corrupt(&mut self, config: RsConfig, block: &mut [u8], index: usize, errors: usize) {
        let depth = config.interleave().depth();
        let mut symbols: Vec<usize> = (0..block.len() / depth).collect();
        for _ in 0..errors.min(symbols.len()) {
            let symbol = symbols.swap_remove(self.below(symbols.len()));
            block[symbol * depth + index] ^= 1 + self.below(255) as u8;
        }
    }
}

/// What the scalar level makes of blocks, one after the other.
fn scalar(config: RsConfig, received: &[u8]) -> (Vec<u8>, Vec<BlockReport>) {
    let decoder = RsDecoder::with_level(config, Level::Scalar).unwrap();
    let mut blocks = received.to_vec();
    let reports = blocks.chunks_exact_mut(config.block_len()).map(|block| decoder.decode(block).unwrap());
    let reports = reports.collect();
    (blocks, reports)
}

/// What a level makes of them all at once. The allocation has no octet to spare.
fn batch(decoder: RsDecoder, received: &[u8]) -> (Vec<u8>, Vec<BlockReport>) {
    let mut blocks = received.to_vec().into_boxed_slice();
    let mut reports = vec![BlockReport::UNCHECKED; blocks.len() / decoder.block_len()];
    decoder.decode_batch(&mut blocks, &mut reports).unwrap();
    (blocks.into_vec(), reports)
}

#[track_caller]
fn assert_levels_agree(config: RsConfig, received: &[u8]) {
    let expected = scalar(config, received);
    for decoder in vector_decoders(config) {
        assert!(batch(decoder, received) == expected, "{config:?} on {:?}", decoder.level());
    }
    let portable = RsDecoder::with_level(config, Level::Scalar).unwrap();
    assert!(batch(portable, received) == expected, "{config:?}, scalar batch");
}

#[test]
fn all_codes_give_the_same_on_every_level() {
    let mut rng = Rng(1);
    for config in all_configs() {
        let errors = config.e().errors();
        let mut received = rng.encoded(config, 9);
        assert_levels_agree(config, &received);
        for (n, block) in received.chunks_exact_mut(config.block_len()).enumerate() {
            for index in 0..config.interleave().depth() {
                // Clean words among those with few errors, as many as can be corrected, and more.
                let count = [0, rng.below(errors + 1), errors, errors + 1, rng.below(40)][(n + index) % 5];
                rng.corrupt(config, block, index, count);
            }
        }
        assert_levels_agree(config, &received);
    }
}

#[test]
fn every_number_of_errors_gives_the_same_on_every_level() {
    let mut rng = Rng(2);
    for e in ALL_E {
        for fill in [0, 100] {
            let config = config(e, Interleave::I8, fill, Basis::Dual);
            for errors in 0..=2 * e.parity_symbols() {
                let mut received = rng.encoded(config, 5);
                for block in received.chunks_exact_mut(config.block_len()) {
                    for index in 0..8 {
                        rng.corrupt(config, block, index, errors);
                    }
                }
                assert_levels_agree(config, &received);
            }
        }
    }
}

/// Any word of 2E + 1 symbols lies within E errors of a codeword more often than a long one.
#[test]
fn garbage_gives_the_same_on_every_level() {
    let mut rng = Rng(3);
    for config in all_configs() {
        let received = rng.octets(config.block_len() * 40);
        assert_levels_agree(config, &received);
    }
    for octet in [0x00, 0x01, 0x80, 0xFF] {
        let config = config(RsE::E16, Interleave::I5, 0, Basis::Dual);
        assert_levels_agree(config, &vec![octet; config.block_len() * 7]);
    }
}

/// Words beyond the bound that do decode, to another codeword; and words whose codeword has its errors in virtual fill.
#[test]
fn words_that_lie_near_another_codeword_give_the_same_on_every_level() {
    let mut rng = Rng(4);
    for e in ALL_E {
        let full = config(e, Interleave::I1, 0, Basis::Dual);
        for fill in [0, 10, 200] {
            let short = config(e, Interleave::I1, fill, Basis::Dual);
            let mut received = Vec::new();
            for _ in 0..100 {
                // A codeword of the full code which is not one of the short code, but nearly.
                let mut word = vec![0; full.block_len()];
                let message = &mut word[..full.frame_len()];
                message[usize::from(fill)..].copy_from_slice(&rng.octets(short.frame_len()));
                for _ in 0..fill.min(2) {
                    message[rng.below(usize::from(fill))] = rng.next() as u8;
                }
                RsEncoder::new(full).encode(&mut word).unwrap();
                let mut block = word.split_off(fill.into());
                let errors = rng.below(e.errors() + 1);
                rng.corrupt(short, &mut block, 0, errors);
                received.extend(block);
            }
            assert_levels_agree(short, &received);
        }
    }
}

#[test]
fn every_single_symbol_error_is_corrected_on_every_level() {
    for e in ALL_E {
        for basis in ALL_BASES {
            let config = config(e, Interleave::I1, 0, basis);
            for value in 1..=255 {
                let mut received = vec![0; 255 * 255];
                for (n, block) in received.chunks_exact_mut(255).enumerate() {
                    block[n] = value;
                }
                for decoder in vector_decoders(config) {
                    let (blocks, reports) = batch(decoder, &received);
                    assert!(blocks.iter().all(|&octet| octet == 0), "{config:?}, {value}");
                    let corrected = Codeword::Corrected { symbols: 1 };
                    assert!(reports.iter().all(|report| report.codewords().eq([corrected])));
                }
            }
        }
    }
}

#[test]
fn any_number_of_blocks_gives_the_same_on_every_level() {
    let mut rng = Rng(5);
    for interleave in ALL_INTERLEAVES {
        let config = config(RsE::E16, interleave, 9, Basis::Dual);
        let mut received = rng.encoded(config, 70);
        for block in received.chunks_exact_mut(config.block_len()) {
            let (index, errors) = (rng.below(interleave.depth()), rng.below(19));
            rng.corrupt(config, block, index, errors);
        }
        for blocks in 0..=70 {
            assert_levels_agree(config, &received[..blocks * config.block_len()]);
        }
    }
}

#[test]
fn any_alignment_gives_the_same_on_every_level() {
    let mut rng = Rng(6);
    for interleave in ALL_INTERLEAVES {
        let config = config(RsE::E8, interleave, 2, Basis::Conventional);
        let mut received = rng.encoded(config, 35);
        for block in received.chunks_exact_mut(config.block_len()) {
            let (index, errors) = (rng.below(interleave.depth()), rng.below(10));
            rng.corrupt(config, block, index, errors);
        }
        let (expected, reports) = scalar(config, &received);
        for decoder in vector_decoders(config) {
            for offset in 0..64 {
                let mut memory = vec![0xA5; offset];
                memory.extend(&received);
                let mut found = vec![BlockReport::UNCHECKED; 35];
                decoder.decode_batch(&mut memory[offset..], &mut found).unwrap();
                assert!(memory[..offset].iter().all(|&octet| octet == 0xA5));
                assert!(memory[offset..] == expected && found == reports, "{interleave:?}, {offset}");
            }
        }
    }
}

#[test]
fn one_block_gives_what_a_batch_gives() {
    let mut rng = Rng(7);
    for config in all_configs() {
        let mut received = rng.encoded(config, 1);
        for index in 0..config.interleave().depth() {
            let errors = rng.below(config.e().errors() + 3);
            rng.corrupt(config, &mut received, index, errors);
        }
        let (expected, reports) = scalar(config, &received);
        let clean = reports[0].codewords().all(|codeword| codeword == Codeword::Corrected { symbols: 0 });
        for decoder in vector_decoders(config) {
            let mut block = received.clone();
            assert_eq!(decoder.check(&block), Ok(clean));
            assert_eq!(decoder.decode(&mut block), Ok(reports[0]));
            assert!(block == expected);
        }
    }
}

/// Where the crate finds a codeword within E errors, so do we, and the same; where it finds none, neither do we.
#[test]
fn every_level_corrects_what_fec_corrects() {
    let mut rng = Rng(8);
    for e in ALL_E {
        let config = config(e, Interleave::I1, 0, Basis::Conventional);
        // Its parameter is the first root as a power of α, ours as one of α^11.
        let first_root = (128 - e.errors()) as u8;
        let mut fec = fec::RsDecoder::new(0x187, first_root, 11, e.parity_symbols());
        let mut received = rng.encoded(config, 300);
        for block in received.chunks_exact_mut(config.block_len()) {
            let errors = rng.below(e.errors() + 4);
            rng.corrupt(config, block, 0, errors);
        }
        for decoder in vector_decoders(config) {
            let (blocks, reports) = batch(decoder, &received);
            for ((sent, block), report) in received.chunks(255).zip(blocks.chunks(255)).zip(reports) {
                let mut message = vec![0; 255];
                let codeword = report.codewords().next().unwrap();
                match fec.decode(sent, &mut message) {
                    Ok(_) => {
                        let changed = sent.iter().zip(block).filter(|(a, b)| a != b).count();
                        assert_eq!(codeword, Codeword::Corrected { symbols: changed as u8 });
                        assert_eq!(message[..config.frame_len()], block[..config.frame_len()]);
                    }
                    Err(_) => assert_eq!(codeword, Codeword::Uncorrectable),
                }
            }
        }
    }
}

#[test]
fn a_batch_of_the_wrong_length_is_refused_untouched() {
    let config = config(RsE::E16, Interleave::I2, 0, Basis::Dual);
    for level in Level::ALL {
        let Some(decoder) = RsDecoder::with_level(config, level) else { continue };
        assert_eq!(decoder.level(), level);
        let mut blocks = [1; 1019];
        let mut reports = [BlockReport::UNCHECKED; 2];
        let wrong = BlockLength { expected: 1020, actual: 1019 };
        assert_eq!(decoder.decode_batch(&mut blocks, &mut reports), Err(wrong));
        assert!(blocks == [1; 1019] && reports == [BlockReport::UNCHECKED; 2]);
    }
}

/// A decoder that firmware makes in a `static`.
#[test]
fn a_decoder_can_be_a_constant() {
    const DECODER: RsDecoder =
        RsDecoder::new(match RsConfig::new(RsE::E16, Interleave::I1, 0, Basis::Dual) {
            Ok(config) => config,
            Err(_) => panic!("illegal code"),
        });
    assert_eq!(DECODER.level(), Level::detect());
    assert_eq!(DECODER.check(&[0; 255]), Ok(true));
}
