//! Reed-Solomon: clean, damaged and hopeless code blocks, against crates and libfec.

use std::hint::black_box;
use std::rc::Rc;

use ccsds_core::arch::Level;
use frame_sync::codec::{BlockReport, Codeword, FrameCodec};
use frame_sync::rs::{Interleave, RsConfig, RsConfigError, RsDecoder, RsE};

use super::Scope;
use super::contest::Contest;
use super::material::{Blocks, Tally, dual};
use super::peers;
use super::row::Unit;

/// Every work of this module.
///
/// # Errors
/// Never: the codes exist.
pub fn contests(scope: &Scope) -> Result<Vec<Contest>, RsConfigError> {
    let mut contests = Vec::new();
    for interleave in [Interleave::I8, Interleave::I5, Interleave::I4, Interleave::I1] {
        let work = format!("RS(255,223) clean, I={}", interleave.depth());
        contests.push(decode(scope, work, dual(RsE::E16, interleave)?, 0));
    }
    contests.push(decode(scope, "RS(255,239) clean, I=5".to_owned(), dual(RsE::E8, Interleave::I5)?, 0));
    for errors in [1, 8, 16, BEYOND] {
        let work = match errors {
            1 => "RS(255,223) 1 error, I=5".to_owned(),
            BEYOND => "RS(255,223) uncorrectable, I=5".to_owned(),
            errors => format!("RS(255,223) {errors} errors, I=5"),
        };
        contests.push(decode(scope, work, dual(RsE::E16, Interleave::I5)?, errors));
    }
    Ok(contests)
}

/// Correct the blocks in place; `reports` is room for the answers.
pub fn decode_blocks(codec: &RsDecoder, blocks: &mut [u8], reports: &mut [BlockReport]) -> Tally {
    let mut tally = Tally::default();
    if codec.decode_batch(blocks, reports).is_err() {
        // Blocks of another length leave the tally wrong, which is noticed.
        return Tally { symbols: u64::MAX, uncorrectable: u64::MAX };
    }
    for codeword in reports.iter().flat_map(BlockReport::codewords) {
        match codeword {
            Codeword::Corrected { symbols } => tally.symbols += u64::from(symbols),
            Codeword::Uncorrectable => tally.uncorrectable += 1,
        }
    }
    tally
}

/// The decoder of a level; of the best there is where the machine does not have it.
#[must_use]
pub fn decoder(code: RsConfig, level: Level) -> RsDecoder {
    RsDecoder::with_level(code, level).unwrap_or(RsDecoder::new(code))
}

/// Ours takes whole blocks and corrects them in place. Peers know nothing of interleaving: they are given codewords that
/// somebody else took apart, for free.
fn decode(scope: &Scope, work: String, code: RsConfig, errors: usize) -> Contest {
    let mut contest = Contest::new(work, Unit::CODEWORD);
    let blocks = Rc::new(Blocks::new(code, errors));
    let octets = blocks.octets.len();
    for &level in &scope.levels {
        let (blocks, codec) = (blocks.clone(), decoder(code, level));
        let mut reports = vec![BlockReport::default(); octets / code.block_len()];
        let mut work = blocks.octets.clone();
        contest.ours(level, 1, octets, move || {
            // What was corrected must be damaged again; the copy is part of what is timed.
            if errors > 0 {
                work.copy_from_slice(&blocks.octets);
            }
            assert_eq!(decode_blocks(&codec, black_box(&mut work), &mut reports), blocks.tally);
        });
    }
    peers::rs::enter(&mut contest, &blocks, errors);
    contest
}

/// Errors in a codeword that is beyond correction.
const BEYOND: usize = 24;
