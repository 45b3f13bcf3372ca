//! The shipped code against the model.

use std::vec::Vec;

use super::reference;
use super::transform::Residue;
use super::*;

/// A small generator of pseudo-random numbers with a fixed seed.
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

    fn symbols(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next() as u8).collect()
    }

    /// Some different numbers below `bound`.
    fn distinct(&mut self, count: usize, bound: usize) -> Vec<usize> {
        let mut numbers: Vec<usize> = (0..bound).collect();
        for i in 0..count {
            let other = i + self.below(bound - i);
            numbers.swap(i, other);
        }
        numbers.truncate(count);
        numbers
    }
}

const BOTH: [RsE; 2] = [RsE::E8, RsE::E16];

fn config(e: RsE, interleave: Interleave, virtual_fill: u8, basis: Basis) -> RsConfig {
    RsConfig::new(e, interleave, virtual_fill, basis).unwrap()
}

/// The symbols of one codeword in the conventional basis, virtual fill included.
fn word(config: RsConfig, block: &[u8], index: usize) -> Vec<u8> {
    let sent = block.iter().skip(index).step_by(config.interleave().depth());
    let fill = std::iter::repeat_n(0, config.virtual_fill().into());
    fill.chain(sent.map(|&octet| config.basis().element(octet))).collect()
}

#[test]
fn syndromes_are_the_values_at_the_roots() {
    let mut rng = Rng(1);
    for e in BOTH {
        for (interleave, fill, basis) in [
            (Interleave::I1, 0, Basis::Conventional),
            (Interleave::I1, 238 - 16 * u8::from(e == RsE::E16), Basis::Dual),
            (Interleave::I5, 7, Basis::Dual),
            (Interleave::I8, 0, Basis::Dual),
        ] {
            let config = config(e, interleave, fill, basis);
            let block = rng.symbols(config.block_len());
            for index in 0..interleave.depth() {
                let syndromes = Residue::of(config, &block, index).syndromes();
                let model = reference::syndromes(e, &word(config, &block, index));
                assert_eq!(syndromes[..e.parity_symbols()], model, "{config:?}, codeword {index}");
            }
        }
    }
}

#[test]
fn every_single_bit_disturbs_the_check() {
    for e in BOTH {
        let config = config(e, Interleave::I1, 0, Basis::Dual);
        let mut block = [0; 255];
        assert!(Residue::of(config, &block, 0).is_zero());
        for bit in 0..255 * 8 {
            block[bit / 8] ^= 1 << (bit % 8);
            let residue = Residue::of(config, &block, 0);
            assert!(!residue.is_zero());
            let model = reference::syndromes(e, &word(config, &block, 0));
            assert_eq!(residue.syndromes()[..e.parity_symbols()], model, "bit {bit}");
            block[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

#[test]
fn check_symbols_are_those_of_the_long_division() {
    let mut rng = Rng(2);
    for e in BOTH {
        for (interleave, fill) in [(Interleave::I1, 0), (Interleave::I3, 100), (Interleave::I8, 1)] {
            let config = config(e, interleave, fill, Basis::Dual);
            let mut block = rng.symbols(config.block_len());
            RsEncoder::new(config).encode(&mut block).unwrap();
            for index in 0..interleave.depth() {
                let word = word(config, &block, index);
                let (message, _) = word.split_at(255 - e.parity_symbols());
                assert_eq!(word, reference::encode(e, message), "{config:?}, codeword {index}");
            }
        }
    }
}

/// Errors and erasures from none to more than the code takes: both decoders find the same codeword, or none.
#[test]
fn corrections_are_those_of_the_model() {
    let mut rng = Rng(3);
    for e in BOTH {
        let parity = e.parity_symbols();
        for trial in 0..60 {
            let fill = if trial % 3 == 0 { rng.below(200) as u8 } else { 0 };
            let config = config(e, Interleave::I1, fill, Basis::Conventional);
            let mut sent = rng.symbols(config.block_len());
            RsEncoder::new(config).encode(&mut sent).unwrap();
            let erasures = if trial % 2 == 0 { 0 } else { rng.below(parity + 2) };
            let most = parity.saturating_sub(erasures) / 2;
            let errors = [most, most + 1, rng.below(most + 1)][trial % 3];
            let touched = rng.distinct((erasures + errors).min(sent.len()), sent.len());
            let mut received = sent.clone();
            for &position in &touched {
                received[position] ^= rng.next() as u8;
            }
            let erased = &touched[..erasures];

            let expected = reference::decode(
                e,
                &word(config, &received, 0),
                &erased.iter().map(|position| position + usize::from(fill)).collect::<Vec<_>>(),
            )
            // A correction in virtual fill is none.
            .filter(|word| word.iter().take(fill.into()).all(|&symbol| symbol == 0));
            let mut block = received.clone();
            let report = RsDecoder::new(config).decode_with_erasures(&mut block, erased).unwrap();
            let codeword = report.codewords().next().unwrap();
            match expected {
                Some(word) => {
                    let changed = std::iter::zip(&block, &received).filter(|(a, b)| a != b).count();
                    assert_eq!(block, word[fill.into()..]);
                    assert_eq!(codeword, Codeword::Corrected { symbols: changed as u8 });
                }
                None => {
                    assert_eq!(block, received);
                    assert_eq!(codeword, Codeword::Uncorrectable, "{errors} errors, {erasures} erasures");
                }
            }
            if errors <= most && erasures <= parity {
                assert_eq!(block, sent, "{errors} errors, {erasures} erasures");
            }
        }
    }
}

#[test]
fn virtual_fill_leaves_a_symbol_for_the_frame() {
    for (e, max) in [(RsE::E8, 238), (RsE::E16, 222)] {
        let shortest = config(e, Interleave::I8, max, Basis::Dual);
        assert_eq!((shortest.frame_len(), shortest.parity_len()), (8, e.parity_symbols() * 8));
        let error = RsConfig::new(e, Interleave::I8, max + 1, Basis::Dual).unwrap_err();
        assert_eq!(error, RsConfigError::VirtualFill { max, symbols: max + 1 });
    }
}

#[test]
fn wrong_calls_are_refused() {
    let config = config(RsE::E16, Interleave::I2, 0, Basis::Dual);
    let (encoder, decoder) = (RsEncoder::new(config), RsDecoder::new(config));
    let wrong = BlockLength { expected: 510, actual: 509 };
    assert_eq!(encoder.encode(&mut [0; 509]), Err(wrong));
    assert_eq!(decoder.check(&[0; 509]), Err(wrong));
    assert_eq!(decoder.decode(&mut [0; 509]), Err(wrong));
    assert_eq!(decoder.decode_with_erasures(&mut [0; 509], &[]), Err(wrong.into()));
    let beyond = ErasureError::Position { block_len: 510, position: 510 };
    assert_eq!(decoder.decode_with_erasures(&mut [0; 510], &[3, 510]), Err(beyond));
}
