//! Peers that decode Reed-Solomon codewords.

use std::hint::black_box;
use std::rc::Rc;

use frame_sync::rs::RsE;

use crate::report::contest::Contest;
use crate::report::material::{Blocks, Tally};

/// Enter all peers that know the code.
pub fn enter(contest: &mut Contest, blocks: &Rc<Blocks>, errors: usize) {
    enter_fec(contest, blocks.clone(), errors);
    if blocks.code.e() == RsE::E16 {
        enter_rs2(contest, blocks.clone(), errors);
        #[cfg(feature = "libfec")]
        super::libfec::enter(contest, blocks.clone(), errors);
    }
}

/// A few codewords serve a slow peer.
pub(super) fn few(blocks: &Blocks) -> &[[u8; 255]] {
    blocks.words.get(..FEW).unwrap_or(&blocks.words)
}

/// What is to be found in [`few`] codewords.
pub(super) fn expected(blocks: &Blocks, errors: usize) -> Tally {
    let count = few(blocks).len() as u64;
    if blocks.tally.uncorrectable > 0 {
        Tally { symbols: 0, uncorrectable: count }
    } else {
        Tally { symbols: errors as u64 * count, uncorrectable: 0 }
    }
}

/// `fec`, a translation of libcorrect by its author.
fn enter_fec(contest: &mut Contest, blocks: Rc<Blocks>, errors: usize) {
    let e = blocks.code.e();
    let first_root = 128 - e.errors() as u8;
    let mut decoder = fec::RsDecoder::new(0x187, first_root, 11, e.parity_symbols());
    let mut message = vec![0; 255 - e.parity_symbols()];
    let expected = expected(&blocks, errors);
    contest.peer("fec", few(&blocks).len() * 255, move || {
        let mut tally = Tally::default();
        for word in black_box(few(&blocks)) {
            match decoder.decode_ccsds_dual(word, &mut message) {
                Ok(symbols) => tally.symbols += symbols as u64,
                Err(_) => tally.uncorrectable += 1,
            }
            black_box(&message);
        }
        assert_eq!(tally, expected);
    });
}

/// `rs2`, on which the `ccsds` crate is built.
fn enter_rs2(contest: &mut Contest, blocks: Rc<Blocks>, errors: usize) {
    let expected = expected(&blocks, errors);
    contest.peer("rs2", few(&blocks).len() * 255, move || {
        let mut tally = Tally::default();
        for word in black_box(few(&blocks)) {
            let corrected = rs2::correct_message(word);
            match corrected.state {
                rs2::RSState::Ok => {}
                rs2::RSState::Corrected(symbols) => tally.symbols += u64::from(symbols.unsigned_abs()),
                _ => tally.uncorrectable += 1,
            }
            black_box(corrected.message);
        }
        assert_eq!(tally, expected);
    });
}

const FEW: usize = 32;
