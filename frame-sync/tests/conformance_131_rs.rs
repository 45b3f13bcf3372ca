//! 131.0-B conformance: Reed-Solomon codes, against the book, libfec's vectors and two crates by other authors.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests, where a panic is the failure"
)]

use std::path::PathBuf;

use ccsds_core::quality::CodingQuality;
use frame_sync::codec::{BlockReport, Codeword, FrameCodec};
use frame_sync::randomizer::Randomizer;
use frame_sync::rs::{Basis, ErasureError, Interleave, RsConfig, RsConfigError, RsDecoder, RsE, RsEncoder};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const ALL_E: [RsE; 2] = [RsE::E8, RsE::E16];
const ALL_INTERLEAVES: [Interleave; 6] =
    [Interleave::I1, Interleave::I2, Interleave::I3, Interleave::I4, Interleave::I5, Interleave::I8];
const ALL_BASES: [Basis; 2] = [Basis::Conventional, Basis::Dual];

fn config(e: RsE, interleave: Interleave, virtual_fill: u8, basis: Basis) -> RsConfig {
    RsConfig::new(e, interleave, virtual_fill, basis).unwrap()
}

/// Every depth and basis, with the virtual fill seen on real links and the most there can be.
fn all_configs() -> impl Iterator<Item = RsConfig> {
    let fills = |e: RsE| [0, 3, 7, 9, 16, 128, 254 - e.parity_symbols() as u8];
    ALL_E
        .into_iter()
        .flat_map(move |e| fills(e).map(|fill| (e, fill)))
        .flat_map(|(e, fill)| ALL_INTERLEAVES.map(|interleave| (e, fill, interleave)))
        .flat_map(|(e, fill, interleave)| ALL_BASES.map(|basis| config(e, interleave, fill, basis)))
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

    fn encoded(&mut self, config: RsConfig) -> Vec<u8> {
        let mut block = self.octets(config.block_len());
        RsEncoder::new(config).encode(&mut block).unwrap();
        block
    }

    /// Change `errors` different symbols of one codeword.
    fn corrupt(&mut self, block: &mut [u8], config: RsConfig, index: usize, errors: usize) -> Vec<usize> {
        let depth = config.interleave().depth();
        let mut positions: Vec<usize> = (index..block.len()).step_by(depth).collect();
        for i in 0..errors {
            let other = i + self.below(positions.len() - i);
            positions.swap(i, other);
            block[positions[i]] ^= 1 + self.below(255) as u8;
        }
        positions.truncate(errors);
        positions
    }
}

fn codewords(report: &BlockReport) -> Vec<Codeword> {
    report.codewords().collect()
}

fn corrected(symbols: impl IntoIterator<Item = usize>) -> Vec<Codeword> {
    symbols.into_iter().map(|symbols| Codeword::Corrected { symbols: symbols as u8 }).collect()
}

/// One codeword of a block as transmitted: without virtual fill.
fn codeword(block: &[u8], config: RsConfig, index: usize) -> Vec<u8> {
    block.iter().skip(index).step_by(config.interleave().depth()).copied().collect()
}

fn fec_first_root(e: RsE) -> u8 {
    match e {
        RsE::E8 => 120,
        RsE::E16 => 112,
    }
}

/// Check symbols by the `fec` crate, a translation of libcorrect.
fn fec_parity(e: RsE, first_root: u8, basis: Basis, message: &[u8]) -> Vec<u8> {
    let mut encoder = fec::RsEncoder::new(0x187, first_root, 11, e.parity_symbols());
    match basis {
        Basis::Conventional => {
            let mut word = vec![0; 255];
            encoder.encode(message, &mut word).unwrap();
            word[message.len()..][..e.parity_symbols()].to_vec()
        }
        Basis::Dual => {
            let mut parity = vec![0; e.parity_symbols()];
            encoder.encode_ccsds_dual(message, &mut parity).unwrap();
            parity
        }
    }
}

/// §4.3.4: g(x) is what a message of a single one leaves, and it is the same read backwards.
#[test]
fn generator_polynomials_have_the_exponents_of_the_book() {
    let powers: Vec<u8> = std::iter::successors(Some(1u8), |&element| {
        Some(if element & 0x80 == 0 { element << 1 } else { element << 1 ^ 0x87 })
    })
    .take(255)
    .collect();
    let e16: &[usize] = &[0, 249, 59, 66, 4, 43, 126, 251, 97, 30, 3, 213, 50, 66, 170, 5, 24];
    let e8: &[usize] = &[0, 30, 230, 49, 235, 129, 81, 76, 173];
    for (e, exponents) in [(RsE::E16, e16), (RsE::E8, e8)] {
        let config = config(e, Interleave::I1, 0, Basis::Conventional);
        let mut block = vec![0; 255];
        block[config.frame_len() - 1] = 1;
        RsEncoder::new(config).encode(&mut block).unwrap();
        let found: Vec<usize> = block[config.frame_len() - 1..]
            .iter()
            .map(|coefficient| powers.iter().position(|power| power == coefficient).unwrap())
            .collect();
        assert_eq!(found.len(), e.parity_symbols() + 1);
        assert_eq!(found[..exponents.len()], *exponents);
        assert!(found.iter().eq(found.iter().rev()));
    }
}

/// §4.3.4: the roots run from 128 − E to 127 + E. Several decoders keep the 112 of E = 16.
#[test]
fn e8_begins_at_root_120_not_112() {
    let config = config(RsE::E8, Interleave::I1, 0, Basis::Dual);
    let block = Rng(1).encoded(config);
    let (message, parity) = block.split_at(config.frame_len());
    assert_eq!(parity, fec_parity(RsE::E8, 120, Basis::Dual, message));
    assert_ne!(parity, fec_parity(RsE::E8, 112, Basis::Dual, message));
    let mut wrong = message.to_vec();
    wrong.extend(fec_parity(RsE::E8, 112, Basis::Dual, message));
    assert_eq!(RsDecoder::new(config).check(&wrong), Ok(false));
}

/// §4.3.6: 255 I symbols, here with the four octets of the marker before them.
#[test]
fn full_cadus_have_the_lengths_of_the_book() {
    for e in ALL_E {
        let cadu_len = |interleave| 4 + config(e, interleave, 0, Basis::Dual).block_len();
        assert_eq!(ALL_INTERLEAVES.map(cadu_len), [259, 514, 769, 1024, 1279, 2044]);
    }
    assert_eq!(config(RsE::E16, Interleave::I5, 0, Basis::Dual).frame_len(), 1115);
    assert_eq!(config(RsE::E8, Interleave::I5, 0, Basis::Dual).frame_len(), 1195);
}

/// §4.3.5 knows these depths and no others.
#[test]
fn interleaving_depths_are_those_of_the_book() {
    let depths: Vec<u8> = (0..=255).filter(|&depth| Interleave::from_depth(depth).is_some()).collect();
    assert_eq!(depths, [1, 2, 3, 4, 5, 8]);
    for depth in depths {
        assert_eq!(Interleave::from_depth(depth).unwrap().depth(), usize::from(depth));
    }
}

/// §4.3.7: virtual fill is less than the information symbols.
#[test]
fn virtual_fill_without_a_frame_is_illegal() {
    for (e, max) in [(RsE::E8, 238), (RsE::E16, 222)] {
        assert_eq!(config(e, Interleave::I1, max, Basis::Dual).frame_len(), 1);
        let error = RsConfig::new(e, Interleave::I1, max + 1, Basis::Dual).unwrap_err();
        assert_eq!(error, RsConfigError::VirtualFill { max, symbols: max + 1 });
        assert!(error.to_string().contains(&max.to_string()));
    }
}

/// §4.3.7, §4.3.9: check symbols that libfec computed, in both bases, with and without virtual fill.
#[test]
fn check_symbols_are_those_of_libfec() {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/codec_vectors/expected.json");
    let Ok(json) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: no vectors at {}", path.display());
        return;
    };
    let (_, vectors) = json.split_once("\"rs\": [").unwrap();
    let (vectors, _) = vectors.split_once(']').unwrap();
    let mut seen = 0;
    for vector in vectors.split('}').filter(|vector| vector.contains("\"name\"")) {
        let field = |name: &str| {
            let (_, value) = vector.split_once(&format!("\"{name}\": \"")).unwrap();
            value.split_once('"').unwrap().0
        };
        let octets = |name| -> Vec<u8> {
            let digits = field(name);
            (0..digits.len() / 2).map(|i| u8::from_str_radix(&digits[2 * i..][..2], 16).unwrap()).collect()
        };
        let message = octets("message");
        let fill = (223 - message.len()) as u8;
        for (basis, parity) in
            [(Basis::Dual, octets("parity_dual")), (Basis::Conventional, octets("parity_conventional"))]
        {
            let config = config(RsE::E16, Interleave::I1, fill, basis);
            let mut block = message.clone();
            block.resize(config.block_len(), 0xAA);
            RsEncoder::new(config).encode(&mut block).unwrap();
            assert_eq!(block[..message.len()], message, "{}", field("name"));
            assert_eq!(block[message.len()..], parity, "{}", field("name"));
            assert_eq!(RsDecoder::new(config).check(&block), Ok(true));
        }
        seen += 1;
    }
    assert_eq!(seen, 5);
}

#[test]
fn check_symbols_are_those_of_the_fec_crate() {
    let mut rng = Rng(2);
    for config in all_configs() {
        let block = rng.encoded(config);
        for index in 0..config.interleave().depth() {
            let word = codeword(&block, config, index);
            let (message, parity) = word.split_at(word.len() - config.e().parity_symbols());
            let expected = fec_parity(config.e(), fec_first_root(config.e()), config.basis(), message);
            assert_eq!(parity, expected, "{config:?}, codeword {index}");
        }
    }
}

#[test]
fn corrections_are_those_of_the_fec_crate() {
    let mut rng = Rng(3);
    for config in all_configs() {
        let e = config.e();
        let mut fec = fec::RsDecoder::new(0x187, fec_first_root(e), 11, e.parity_symbols());
        let mut block = rng.encoded(config);
        for index in 0..config.interleave().depth() {
            let errors = rng.below(e.errors() + 1).min(codeword(&block, config, index).len());
            rng.corrupt(&mut block, config, index, errors);
        }
        let received = block.clone();
        let report = RsDecoder::new(config).decode(&mut block).unwrap();
        for (index, found) in report.codewords().enumerate() {
            let word = codeword(&received, config, index);
            let mut message = vec![0; word.len() - e.parity_symbols()];
            let symbols = match config.basis() {
                Basis::Conventional => fec.decode(&word, &mut message),
                Basis::Dual => fec.decode_ccsds_dual(&word, &mut message),
            };
            assert_eq!(found, Codeword::Corrected { symbols: symbols.unwrap() as u8 }, "{config:?}");
            assert_eq!(codeword(&block, config, index)[..message.len()], message, "{config:?}");
        }
    }
}

/// `rs2` knows E = 16 in the dual basis without virtual fill.
#[test]
fn corrections_are_those_of_the_rs2_crate() {
    let mut rng = Rng(4);
    let config = config(RsE::E16, Interleave::I1, 0, Basis::Dual);
    for errors in 0..=18 {
        let mut block = rng.encoded(config);
        rng.corrupt(&mut block, config, 0, errors);
        let rs2::Block { state, message } = rs2::correct_message(&block);
        assert_eq!(RsDecoder::new(config).check(&block), Ok(!rs2::has_errors(&block)));
        let received = block.clone();
        let report = RsDecoder::new(config).decode(&mut block).unwrap();
        match state {
            rs2::RSState::Ok => assert_eq!(report.quality(), CodingQuality::Clean),
            rs2::RSState::Corrected(symbols) => {
                assert_eq!(codewords(&report), corrected([symbols as usize]));
                assert_eq!(Some(block), message);
            }
            _ => {
                assert_eq!(codewords(&report), [Codeword::Uncorrectable], "{errors} errors");
                assert_eq!(block, received);
            }
        }
    }
}

#[test]
fn a_clean_block_is_reported_clean_in_every_code() {
    let mut rng = Rng(5);
    for config in all_configs() {
        let (decoder, sent) = (RsDecoder::new(config), rng.encoded(config));
        let mut block = sent.clone();
        assert_eq!((decoder.block_len(), decoder.frame_len()), (config.block_len(), config.frame_len()));
        assert_eq!(decoder.check(&block), Ok(true));
        let report = decoder.decode(&mut block).unwrap();
        assert_eq!(codewords(&report), corrected(vec![0; config.interleave().depth()]));
        assert_eq!(block, sent);
        let position = rng.below(block.len());
        block[position] ^= 1 << rng.below(8);
        assert_eq!(decoder.check(&block), Ok(false), "{config:?}, octet {position}");
    }
}

/// §4.3.5: octet n belongs to codeword n mod I, so a burst of E I octets takes E symbols from each.
#[test]
fn interleaving_spreads_a_burst_over_all_codewords() {
    let mut rng = Rng(6);
    for e in ALL_E {
        for interleave in ALL_INTERLEAVES {
            let config = config(e, interleave, 0, Basis::Dual);
            let sent = rng.encoded(config);
            let burst = e.errors() * interleave.depth();
            let start = rng.below(sent.len() - burst);
            let mut block = sent.clone();
            block[start..][..burst].iter_mut().for_each(|octet| *octet = !*octet);
            let report = RsDecoder::new(config).decode(&mut block).unwrap();
            assert_eq!(codewords(&report), corrected(vec![e.errors(); interleave.depth()]));
            assert_eq!(block, sent);
        }
    }
}

/// At these depths the sequence of §10 is itself made of codewords: a check cannot tell whether the randomizer is off, so
/// that is a matter of configuration. At depth 3, and at depth 5 with E = 16, it can.
#[test]
fn the_255_bit_randomizer_sequence_is_a_codeword_at_most_depths() {
    for e in ALL_E {
        for interleave in ALL_INTERLEAVES {
            for basis in ALL_BASES {
                let config = config(e, interleave, 0, basis);
                let mut block = vec![0; config.block_len()];
                Randomizer::CCSDS_255.apply(&mut block);
                let expected = match interleave {
                    Interleave::I3 => false,
                    Interleave::I5 => e == RsE::E8,
                    _ => true,
                };
                assert_eq!(RsDecoder::new(config).check(&block), Ok(expected), "{config:?}");
                let word = codeword(&block, config, 0);
                let (message, parity) = word.split_at(word.len() - e.parity_symbols());
                assert_eq!(
                    parity == fec_parity(e, fec_first_root(e), basis, message),
                    expected,
                    "{config:?}"
                );
            }
        }
    }
}

#[test]
fn a_codeword_beyond_correction_is_left_as_received_beside_corrected_ones() {
    let mut rng = Rng(7);
    for basis in ALL_BASES {
        let config = config(RsE::E16, Interleave::I5, 0, basis);
        let sent = rng.encoded(config);
        let mut block = sent.clone();
        rng.corrupt(&mut block, config, 1, 17);
        rng.corrupt(&mut block, config, 2, 100);
        rng.corrupt(&mut block, config, 4, 16);
        let received = block.clone();
        let report = RsDecoder::new(config).decode(&mut block).unwrap();
        let mut expected = corrected([0, 0, 0, 0, 16]);
        expected[1] = Codeword::Uncorrectable;
        expected[2] = Codeword::Uncorrectable;
        assert_eq!(codewords(&report), expected);
        assert_eq!(report.quality(), CodingQuality::Uncorrectable { codewords: 2 });
        for index in 0..5 {
            let source = if index == 4 { &sent } else { &received };
            assert_eq!(codeword(&block, config, index), codeword(source, config, index));
        }
    }
}

/// §4.3.7: what was never transmitted cannot have been received in error.
#[test]
fn errors_in_virtual_fill_are_uncorrectable() {
    let mut rng = Rng(8);
    for e in ALL_E {
        let full = config(e, Interleave::I1, 0, Basis::Dual);
        let short = config(e, Interleave::I1, 40, Basis::Dual);
        // A codeword of the full code whose first symbols are zero but for one, which the short code does not see.
        let mut block = rng.octets(full.block_len());
        block[..40].fill(0);
        block[17] = 0x5A;
        RsEncoder::new(full).encode(&mut block).unwrap();
        let received = block.split_off(40);
        let mut block = received.clone();
        assert_eq!(RsDecoder::new(short).check(&block), Ok(false));
        let report = RsDecoder::new(short).decode(&mut block).unwrap();
        assert_eq!(codewords(&report), [Codeword::Uncorrectable]);
        assert_eq!(block, received);
    }
}

/// With t symbols corrected of E, about one word in E! lies near some codeword by chance.
#[test]
fn words_beyond_correction_seldom_become_a_wrong_codeword() {
    let mut rng = Rng(9);
    for (e, trials, most) in [(RsE::E16, 20_000, 0), (RsE::E8, 100_000, 12)] {
        let config = config(e, Interleave::I1, 0, Basis::Dual);
        let (decoder, sent) = (RsDecoder::new(config), rng.encoded(config));
        let mut wrong = 0;
        for trial in 0..trials {
            let mut received = sent.clone();
            rng.corrupt(&mut received, config, 0, e.errors() + 1 + trial % 8);
            let mut block = received.clone();
            match codewords(&decoder.decode(&mut block).unwrap())[..] {
                [Codeword::Corrected { symbols }] => {
                    // Nobody could know better: it is a codeword, and near enough.
                    wrong += 1;
                    assert_eq!(decoder.check(&block), Ok(true));
                    let changed = block.iter().zip(&received).filter(|(a, b)| a != b).count();
                    assert_eq!(changed, usize::from(symbols));
                    assert!(changed <= e.errors());
                }
                _ => assert_eq!(block, received),
            }
        }
        assert!(wrong <= most, "{wrong} of {trials} words beyond correction");
    }
}

#[test]
fn as_many_erasures_as_check_symbols_are_restored() {
    let mut rng = Rng(10);
    for config in all_configs().filter(|config| config.virtual_fill() < 100) {
        let (e, depth) = (config.e(), config.interleave().depth());
        let sent = rng.encoded(config);
        let mut block = sent.clone();
        let mut erasures = Vec::new();
        for index in 0..depth {
            erasures.extend(rng.corrupt(&mut block, config, index, e.parity_symbols()));
        }
        // Order and repetition do not matter.
        erasures.reverse();
        erasures.extend_from_within(..10);
        let report = RsDecoder::new(config).decode_with_erasures(&mut block, &erasures).unwrap();
        assert_eq!(codewords(&report), corrected(vec![e.parity_symbols(); depth]), "{config:?}");
        assert_eq!(block, sent);
    }
}

#[test]
fn an_erasure_more_than_check_symbols_is_too_many() {
    let mut rng = Rng(11);
    for e in ALL_E {
        let config = config(e, Interleave::I2, 0, Basis::Dual);
        let sent = rng.encoded(config);
        let mut block = sent.clone();
        let erasures = rng.corrupt(&mut block, config, 1, e.parity_symbols() + 1);
        let received = block.clone();
        let report = RsDecoder::new(config).decode_with_erasures(&mut block, &erasures).unwrap();
        let expected = [Codeword::Corrected { symbols: 0 }, Codeword::Uncorrectable];
        assert_eq!(codewords(&report), expected);
        assert_eq!(block, received);
        // In a codeword that arrived clean they do no harm.
        let mut block = sent.clone();
        let report = RsDecoder::new(config).decode_with_erasures(&mut block, &erasures).unwrap();
        assert_eq!(codewords(&report), corrected([0, 0]));
        assert_eq!(block, sent);
    }
}

#[test]
fn an_erased_symbol_that_was_right_is_not_corrected() {
    let config = config(RsE::E16, Interleave::I1, 0, Basis::Dual);
    let sent = Rng(12).encoded(config);
    let mut block = sent.clone();
    block[3] ^= 1;
    block[200] ^= 1;
    let report = RsDecoder::new(config).decode_with_erasures(&mut block, &[3, 4, 5]).unwrap();
    assert_eq!(codewords(&report), corrected([2]));
    assert_eq!(block, sent);
}

#[test]
fn an_erasure_beyond_the_block_is_the_callers_mistake() {
    let config = config(RsE::E16, Interleave::I1, 9, Basis::Dual);
    let error = RsDecoder::new(config).decode_with_erasures(&mut [0; 246], &[0, 246]).unwrap_err();
    assert_eq!(error, ErasureError::Position { block_len: 246, position: 246 });
    let error = RsDecoder::new(config).decode_with_erasures(&mut [0; 245], &[]).unwrap_err();
    assert!(matches!(error, ErasureError::BlockLength(_)));
}

/// `fec` counts erasures as corrected, right or wrong; here all of them are wrong.
#[test]
fn erasures_are_restored_as_by_the_fec_crate() {
    let mut rng = Rng(13);
    for e in ALL_E {
        let mut fec = fec::RsDecoder::new(0x187, fec_first_root(e), 11, e.parity_symbols());
        for fill in [0, 9, 100] {
            let config = config(e, Interleave::I1, fill, Basis::Conventional);
            for erasures in 1..e.parity_symbols() {
                let sent = rng.encoded(config);
                let mut block = sent.clone();
                let errors = (e.parity_symbols() - erasures) / 2;
                let touched = rng.corrupt(&mut block, config, 0, erasures + errors);
                let erased = &touched[..erasures];
                let locations: Vec<u8> = erased.iter().map(|&position| position as u8).collect();
                let mut message = vec![0; config.frame_len()];
                let symbols = fec.decode_with_erasures(&block, &locations, &mut message);
                let report = RsDecoder::new(config).decode_with_erasures(&mut block, erased).unwrap();
                assert_eq!(codewords(&report), corrected([symbols.unwrap()]), "{erasures} erasures");
                assert_eq!(block, sent);
                assert_eq!(block[..message.len()], message);
            }
        }
    }
}

fn any_config() -> impl Strategy<Value = RsConfig> {
    let parts = (prop::sample::select(&ALL_E), prop::sample::select(&ALL_INTERLEAVES));
    (parts, 0..180u8, prop::sample::select(&ALL_BASES))
        .prop_map(|((e, interleave), fill, basis)| config(e, interleave, fill, basis))
}

/// Erasures and errors of a codeword that can just be corrected, or a little better.
fn any_correctable(e: RsE) -> impl Strategy<Value = (usize, usize)> {
    let parity = e.parity_symbols();
    (0..=parity).prop_flat_map(move |erasures| {
        let most = (parity - erasures) / 2;
        (Just(erasures), prop_oneof![Just(most), 0..=most])
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 256,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(131),
        ..ProptestConfig::default()
    })]

    #[test]
    fn up_to_e_errors_a_codeword_are_corrected_and_counted(
        (config, seed, errors) in any_config().prop_flat_map(|config| {
            let most = config.e().errors();
            (Just(config), 1..u64::MAX, prop::collection::vec(0..=most, config.interleave().depth()))
        })
    ) {
        let mut rng = Rng(seed);
        let sent = rng.encoded(config);
        let mut block = sent.clone();
        for (index, &errors) in errors.iter().enumerate() {
            rng.corrupt(&mut block, config, index, errors);
        }
        let report = RsDecoder::new(config).decode(&mut block).unwrap();
        prop_assert_eq!(codewords(&report), corrected(errors));
        prop_assert_eq!(block, sent);
    }

    #[test]
    fn errors_and_erasures_are_corrected_while_twice_the_errors_and_the_erasures_fit(
        (config, seed, shares) in any_config().prop_flat_map(|config| {
            let share = any_correctable(config.e());
            (Just(config), 1..u64::MAX, prop::collection::vec(share, config.interleave().depth()))
        })
    ) {
        let mut rng = Rng(seed);
        let sent = rng.encoded(config);
        let (mut block, mut erased) = (sent.clone(), Vec::new());
        for (index, &(erasures, errors)) in shares.iter().enumerate() {
            let touched = rng.corrupt(&mut block, config, index, erasures + errors);
            erased.extend_from_slice(&touched[..erasures]);
        }
        let report = RsDecoder::new(config).decode_with_erasures(&mut block, &erased).unwrap();
        let symbols = shares.into_iter().map(|(erasures, errors)| erasures + errors);
        prop_assert_eq!(codewords(&report), corrected(symbols));
        prop_assert_eq!(block, sent);
    }

    #[test]
    fn whatever_arrives_is_corrected_to_codewords_or_left_alone(config in any_config(), seed in 1..u64::MAX) {
        let mut rng = Rng(seed);
        let received = rng.octets(config.block_len());
        let erasures: Vec<usize> = (0..rng.below(200)).map(|_| rng.below(received.len())).collect();
        let decoder = RsDecoder::new(config);
        let mut block = received.clone();
        let report = decoder.decode_with_erasures(&mut block, &erasures).unwrap();
        let lone = RsConfig::new(config.e(), Interleave::I1, config.virtual_fill(), config.basis()).unwrap();
        for (index, found) in report.codewords().enumerate() {
            let word = codeword(&block, config, index);
            match found {
                Codeword::Corrected { .. } => prop_assert_eq!(RsDecoder::new(lone).check(&word), Ok(true)),
                Codeword::Uncorrectable => prop_assert_eq!(word, codeword(&received, config, index)),
            }
        }
    }
}
