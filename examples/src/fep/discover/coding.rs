//! Which code and which pseudo-random sequence the blocks have.
//!
//! A Reed-Solomon code is tried with every depth, capability, basis and virtual fill. That it fits says nothing about
//! randomizing by the 255-bit sequence, which is a codeword itself: all combinations that fit are handed on, and what the
//! frames then look like decides.

use ccsds_core::fecf::Fecf;
use ccsds_core::quality::CodingQuality;
use frame_sync::codec::FrameCodec;
use frame_sync::randomizer::Randomizer;
use frame_sync::rs::{Basis, Interleave, RsConfig, RsDecoder, RsE};

/// A way to read the blocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coding {
    /// The sequence to be taken off.
    pub(super) randomizer: Randomizer,
    /// The code; `None` where no code fits.
    pub(super) code: Option<RsConfig>,
    /// Octets of a frame.
    pub(super) frame_len: usize,
    /// Blocks that were tried.
    pub(super) tried: usize,
    /// Blocks that are codewords, after correction.
    pub(super) passed: usize,
}

impl Coding {
    /// The frames that the blocks hold; those beyond correction are left out.
    pub(super) fn frames(&self, blocks: &[Vec<u8>]) -> Vec<Vec<u8>> {
        blocks
            .iter()
            .filter_map(|block| {
                let mut block = block.clone();
                self.randomizer.apply(&mut block);
                match self.code {
                    Some(code) => {
                        block.truncate(code.block_len());
                        corrected(&mut block, code).then_some(())?;
                        block.truncate(code.frame_len());
                    }
                    None => block.truncate(self.frame_len),
                }
                Some(block)
            })
            .collect()
    }
}

/// Every way to read `blocks` that cannot be told from the best one by its code alone. With `any_length` the code block may
/// end before the next marker begins.
pub(super) fn find(blocks: &[Vec<u8>], any_length: bool) -> Vec<Coding> {
    let samples = samples(blocks);
    let max_len = samples.first().map_or(0, Vec::len);
    let mut fitting = fitting(&samples, |len| len == max_len);
    if fitting.is_empty() && any_length {
        fitting = self::fitting(&samples, |len| len < max_len);
    }
    if fitting.is_empty() { uncoded(&samples, max_len) } else { fitting }
}

/// Reed-Solomon codes that fit the samples: for each randomizer that cannot be told from the best one, the best code.
fn fitting(samples: &[Vec<u8>], allowed: impl Fn(usize) -> bool) -> Vec<Coding> {
    let codes: Vec<RsConfig> = every_code().filter(|code| allowed(code.block_len())).collect();
    // Clean blocks are found fast; where every one of them is damaged, a few are corrected: with the usual codes, for that
    // takes long, and blocks of almost nothing but zeros can be corrected to zeros.
    let mut fitting =
        with_codes(samples, &codes, |block, code| RsDecoder::new(code).check(block).is_ok_and(|clean| clean));
    if fitting.is_empty() {
        let few = samples.get(..FEW).unwrap_or(samples);
        let whole = |code: &RsConfig| samples.iter().all(|sample| sample.len() == code.block_len());
        let usual: Vec<RsConfig> =
            codes.into_iter().filter(|code| code.virtual_fill() == 0 || whole(code)).collect();
        fitting = with_codes(few, &usual, |block, code| corrected(block, code) && !is_plain(block, code));
    }
    for coding in &mut fitting {
        // How many there are in the end, correction included.
        if let Some(code) = coding.code {
            coding.passed = passing(samples, coding.randomizer, code, corrected);
            coding.tried = samples.len();
        }
    }
    let best = fitting.iter().map(|coding| coding.passed).max().unwrap_or(0);
    // A false decode now and then is no code.
    fitting.retain(|coding| coding.passed == best && 3 * coding.passed >= coding.tried);
    let mut chosen: Vec<Coding> = Vec::new();
    for coding in fitting {
        // Codes come in the order of preference.
        if chosen.iter().all(|other| other.randomizer != coding.randomizer) {
            chosen.push(coding);
        }
    }
    chosen
}

/// The codes that at least one sample passes.
fn with_codes(
    samples: &[Vec<u8>],
    codes: &[RsConfig],
    passes: impl Fn(&mut [u8], RsConfig) -> bool,
) -> Vec<Coding> {
    let mut fitting = Vec::new();
    for &code in codes {
        for randomizer in RANDOMIZERS {
            let passed = passing(samples, randomizer, code, |block, code| {
                !is_plain(block, code) && passes(block, code)
            });
            if passed > 0 {
                let (frame_len, tried) = (code.frame_len(), samples.len());
                fitting.push(Coding { randomizer, code: Some(code), frame_len, tried, passed });
            }
        }
    }
    fitting
}

/// Samples that pass. Those that become the same count once: nearly empty blocks may all be corrected to one codeword.
fn passing(
    samples: &[Vec<u8>],
    randomizer: Randomizer,
    code: RsConfig,
    passes: impl Fn(&mut [u8], RsConfig) -> bool,
) -> usize {
    let blocks = samples.iter().filter_map(|sample| {
        let mut block = prepared(sample, randomizer, code);
        passes(&mut block, code).then_some(block)
    });
    let mut blocks: Vec<Vec<u8>> = blocks.collect();
    blocks.sort_unstable();
    blocks.dedup();
    blocks.len()
}

fn prepared(sample: &[u8], randomizer: Randomizer, code: RsConfig) -> Vec<u8> {
    let mut block = sample.get(..code.block_len()).unwrap_or(sample).to_vec();
    randomizer.apply(&mut block);
    block
}

/// Whether every codeword of the block repeats one symbol: that passes any code.
fn is_plain(block: &[u8], code: RsConfig) -> bool {
    let depth = code.interleave().depth();
    block.iter().zip(block.iter().skip(depth)).all(|(a, b)| a == b)
}

fn corrected(block: &mut [u8], code: RsConfig) -> bool {
    let report = RsDecoder::new(code).decode(block);
    report.is_ok_and(|report| {
        matches!(report.quality(), CodingQuality::Clean | CodingQuality::Corrected { .. })
    })
}

/// Every code of the book. A codeword of E = 16 is one of E = 8 too, so that comes first; then the least virtual fill.
fn every_code() -> impl Iterator<Item = RsConfig> {
    [RsE::E16, RsE::E8].into_iter().flat_map(|e| {
        (0..=u8::MAX).flat_map(move |fill| {
            [Basis::Dual, Basis::Conventional].into_iter().flat_map(move |basis| {
                DEPTHS.into_iter().filter_map(move |depth| {
                    let code = RsConfig::new(e, Interleave::from_depth(depth)?, fill, basis).ok()?;
                    // A block of a few octets fits by chance.
                    (code.frame_len() >= MIN_FRAME_LEN).then_some(code)
                })
            })
        })
    })
}

/// Without a code: the frame ends where its error control field says, or where the block does.
fn uncoded(samples: &[Vec<u8>], max_len: usize) -> Vec<Coding> {
    RANDOMIZERS
        .into_iter()
        .map(|randomizer| {
            let frames: Vec<Vec<u8>> = samples
                .iter()
                .map(|sample| {
                    let mut frame = sample.clone();
                    randomizer.apply(&mut frame);
                    frame
                })
                .collect();
            let frame_len = checked_len(&frames).unwrap_or(max_len);
            Coding { randomizer, code: None, frame_len, tried: samples.len(), passed: 0 }
        })
        .collect()
}

/// The shortest length at which most frames end in a valid error control field. Zeros behind one leave it valid.
fn checked_len(frames: &[Vec<u8>]) -> Option<usize> {
    let max_len = frames.first()?.len();
    let mut closing = vec![0usize; max_len + 1];
    for frame in frames {
        let (mut short, mut long) = (u16::MAX, 0u32);
        for (len, &octet) in (1..).zip(frame) {
            short = step_16(short, octet);
            long = step_32(long, octet);
            let closes = len >= MIN_FRAME_LEN && (short == 0 || long == 0);
            if let Some(count) = closing.get_mut(len).filter(|_| closes) {
                *count += 1;
            }
        }
    }
    let most = closing.iter().copied().max()?;
    let enough = most >= 2 && 2 * most >= frames.len();
    closing.iter().position(|&count| count == most).filter(|_| enough)
}

/// Over a frame and its check the register of either error control field comes to zero.
fn step_16(register: u16, octet: u8) -> u16 {
    (0..8).fold(register ^ u16::from(octet) << 8, |register, _| {
        if register >> 15 == 1 { register << 1 ^ 0x1021 } else { register << 1 }
    })
}

fn step_32(register: u32, octet: u8) -> u32 {
    (0..8).fold(register ^ u32::from(octet) << 24, |register, _| {
        if register >> 31 == 1 { register << 1 ^ 0x00A0_0805 } else { register << 1 }
    })
}

/// How many frames end in a valid error control field of either kind.
pub(super) fn valid_fecf<'a>(frames: impl Iterator<Item = &'a [u8]>, fecf: Fecf) -> usize {
    frames
        .filter(|frame| match fecf {
            Fecf::Crc16 => frame.iter().fold(u16::MAX, |register, &octet| step_16(register, octet)) == 0,
            Fecf::Crc32 => frame.iter().fold(0, |register, &octet| step_32(register, octet)) == 0,
            Fecf::Absent => false,
        })
        .count()
}

/// A few blocks that differ from each other, from everywhere.
fn samples(blocks: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let step = (blocks.len() / SAMPLES).max(1);
    let mut samples: Vec<Vec<u8>> = Vec::new();
    for block in blocks.iter().step_by(step).chain(blocks) {
        if samples.len() < SAMPLES && !samples.contains(block) {
            samples.push(block.clone());
        }
    }
    samples
}

pub(super) const RANDOMIZERS: [Randomizer; 3] =
    [Randomizer::CCSDS_255, Randomizer::CCSDS_131071, Randomizer::NONE];
const DEPTHS: [u8; 6] = [1, 2, 3, 4, 5, 8];
/// Blocks that codes are tried on.
const SAMPLES: usize = 12;
/// Those of them that are corrected where none is clean.
const FEW: usize = 3;
const MIN_FRAME_LEN: usize = 10;
